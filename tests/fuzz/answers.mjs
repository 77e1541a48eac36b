// answers.mjs - what every answer of the API has to be, whatever was asked.
import { mismatch, resolve } from './schema.mjs';
import { PLANTED } from './house.mjs';

// Calls that last as long as the run they wait for; nobody runs it here.
const WAITS = new Set(['POST /v1/checks', 'POST /v1/sync']);
export const waits = (route) => WAITS.has(`${route.method} ${route.path}`);

const RANK = { anybody: 0, view: 1, operate: 2, admin: 3 };

export function roleOf(document, operation) {
  const security = operation.security ?? document.security;
  return security.length ? security[0].token[0] : 'anybody';
}

/** All operations of the document: {method, path, operation, parameters, role}. */
export function operationsOf(document) {
  return Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item)
    .filter(([method]) => method !== 'parameters')
    .map(([method, operation]) => ({
      method: method.toUpperCase(), path, operation, role: roleOf(document, operation),
      parameters: [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((one) => resolve(document, one)),
    })));
}

function problemOf(document, operation, answer) {
  const { json, headers } = answer;
  const own = resolve(document, operation.responses[answer.status])?.content?.['application/json'];
  if (own && headers['content-type']?.startsWith('application/json')) return mismatch(document, own.schema, json, 'answer');
  if (!headers['content-type']?.startsWith('application/problem+json')) return `refused with ${headers['content-type']}`;
  for (const name of ['type', 'title', 'detail']) if (typeof json?.[name] !== 'string' || !json[name]) return `a problem without ${name}: ${answer.text.slice(0, 200)}`;
  if (json.status !== answer.status) return `the problem says ${json.status}`;
  if (/unknown error|\(null\)/i.test(json.detail)) return `unclear: ${json.detail}`;
  return null;
}

function describedOf(document, operation, answer) {
  const described = resolve(document, operation.responses[answer.status] ?? (answer.status >= 400 ? operation.responses.default : undefined));
  if (!described) return `${answer.status} is not described`;
  if (!answer.whole || answer.status >= 400) return null;
  const type = answer.headers['content-type']?.split(';')[0];
  const content = described.content?.[type];
  if (!content) return `${type} is not described`;
  return type === 'application/json' ? mismatch(document, content.schema, answer.json, 'answer') : null;
}

/** What is wrong with an answer to an operation asked for with this role; null = nothing. */
export function fault(house, route, as, answer) {
  const { document } = house;
  const { operation, role } = route;
  if (answer.status === 0) return waits(route) ? null : 'no answer';
  if (answer.status >= 500) return `${answer.status}: ${answer.text.slice(0, 300)}`;
  if (answer.text.includes(PLANTED)) return `leaks a secret: ${answer.text.slice(Math.max(0, answer.text.indexOf(PLANTED) - 80)).slice(0, 200)}`;
  for (const token of Object.values(house.tokens)) if (answer.text.includes(token)) return 'leaks a token';
  if (answer.status >= 400) {
    const problem = problemOf(document, operation, answer);
    if (problem) return problem;
  }
  const stranger = as === 'nobody' && role !== 'anybody';
  if ((answer.status === 401) !== stranger) return `${answer.status} for ${as}, and it is for ${role}`;
  const weak = !stranger && RANK[as] < RANK[role];
  if (weak && answer.status !== 403) return `${answer.status} for ${as}, and it is for ${role}`;
  if (weak && answer.json.role !== role) return `403 names the role ${answer.json.role}`;
  // What a request asks for may take more than its route does; the answer says so.
  if (answer.status === 403 && !(RANK[answer.json.role] > RANK[as])) return `403 for ${as}, and it names the role ${answer.json.role}`;
  return describedOf(document, operation, answer);
}
