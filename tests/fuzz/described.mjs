// described.mjs - what the document says of roles and bodies, route by route.
import { spawnSync } from 'node:child_process';

import { fault } from './answers.mjs';
import { COMPANY, PLANTED } from './house.mjs';
import { example, mismatch, resolve } from './schema.mjs';
import { seeded } from './random.mjs';

const HOOK_KIB = 1025;

/** Records that exist, by the name of a parameter or a field. */
export function known(house) {
  return {
    company: [COMPANY, 'CRONUS'], shop: ['DEMO'], entry: [house.entry, 'orders'], run: [house.run1, '1'], name: ['spare', 'orders'], kind: ['products', 'customers'],
    category: ['SHPFY', 'POST', '-'], order: ['5100000000001'], id: ['8100000000010'], time: ['orders', 'shipments'], shipment: ['102031'],
    operation: ['orders.sync', 'orders.process', 'sales-orders.post'], credential: ['planted'], cue: ['unmapped_products', 'unprocessed_orders'],
    token: ['spare'], number: ['1896-S'], reason: ['gift-card'], record: ['#1001'], priority: ['high'],
  };
}

export function pathOf(route, values) {
  return route.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values(name)));
}

// Bodies that are taken as they are, where the least that the schema asks for would be refused for another reason.
const BASES = {
  'PUT /v1/companies/{company}': { name: 'CRONUS', bc_credential: 'erp' },
  'PUT /v1/credentials/{name}': { kind: 'shopify-token', token: { env: 'NAME' } },
  'POST /v1/entries': { operation: 'orders.sync', arguments: { shop: 'DEMO' }, company: COMPANY },
  'POST /v1/sync': { operation: 'orders.sync', shop: 'DEMO', company: COMPANY },
  'POST /v1/triggers': { operation: 'orders.sync', shop: 'DEMO', company: COMPANY },
};

function bodySchema(route) {
  return route.operation.requestBody?.content['application/json']?.schema;
}

/** A path whose records exist, and a body that fits; the least of it where `least`. */
function plain(house, route) {
  const names = known(house), random = seeded(7);
  const path = pathOf(route, (name) => names[name]?.[0] ?? 'x');
  const schema = bodySchema(route);
  const full = BASES[`${route.method} ${route.path}`] ?? (schema && example(house.document, schema, { ...random, chance: () => false }, names));
  const sent = route.parameters.filter((one) => one.in === 'query' && one.required);
  const query = sent.map((one) => `${one.name}=${encodeURIComponent(names[one.name]?.[0] ?? 'x')}`).join('&');
  return { path: query ? `${path}?${query}` : path, body: full };
}

export async function checkRoles(house, routes, faults) {
  for (const route of routes) {
    const { path, body } = plain(house, route);
    for (const as of ['nobody', 'view', 'operate', 'admin']) {
      // An admin's delete or withdrawal would take away what the next test needs.
      const changes = route.method === 'DELETE' && as === 'admin';
      const headers = as === 'nobody' ? {} : { authorization: `Bearer ${house.tokens[as]}` };
      const answer = await house.ask(route.method, changes ? path.replace(/[^/?]+(?=\?|$)/, 'nothing') : path, headers,
        body === undefined ? undefined : JSON.stringify(body), 1500);
      const problem = fault(house, route, as, answer);
      if (problem) faults.push(`${route.method} ${path} as ${as}: ${problem}`);
    }
  }
}

/** Bodies that the schema refuses, each with the field that is wrong. */
function* wrongBodies(document, given, body) {
  const schema = resolve(document, given);
  for (const [text, what] of [['{', 'half'], ['[]', 'array'], ['"x"', 'text'], ['\ufffe', 'no JSON'], ['{"a":1}}', 'too much']]) yield [text, what, null];
  for (const name of schema.required ?? []) yield [JSON.stringify({ ...body, [name]: undefined }), `without ${name}`, name];
  if (schema.additionalProperties === false) yield [JSON.stringify({ ...body, surplus: 1 }), 'with surplus', 'surplus'];
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    for (const value of [17.5, 'no such word', true, [1], { a: 1 }]) {
      if (mismatch(document, child, value) === null) continue;
      yield [JSON.stringify({ ...body, [name]: value }), `${name} ${JSON.stringify(value)}`, name];
    }
  }
}

export async function checkBodies(house, routes, faults) {
  for (const route of routes) {
    const schema = bodySchema(route);
    if (!schema) continue;
    const { path, body } = plain(house, route);
    for (const [text, what, field] of wrongBodies(house.document, schema, body)) {
      const answer = await house.ask(route.method, path, { authorization: `Bearer ${house.tokens.admin}` }, text, 1500);
      const problem = fault(house, route, 'admin', answer);
      if (problem) faults.push(`${route.method} ${path}, ${what}: ${problem}`);
      else if (answer.status < 400) faults.push(`${route.method} ${path} takes a body that its schema refuses: ${what}`);
      else if (field && !answer.json.detail.includes(field)) faults.push(`${route.method} ${path}, ${what}: does not name ${field}: ${answer.json.detail}`);
    }
  }
}

export async function checkLarge(house, routes, faults) {
  for (const route of routes.filter((one) => one.method !== 'GET')) {
    const { path } = plain(house, route);
    const kib = path.startsWith('/v1/hooks/') ? HOOK_KIB : 300; // a whole order or product may come there
    const text = JSON.stringify({ a: 'x'.repeat(kib * 1024) });
    const answer = await house.ask(route.method, path, { authorization: `Bearer ${house.tokens.admin}` }, text);
    const problem = answer.status === 413 ? fault(house, route, 'admin', answer) : `${answer.status}`;
    if (problem) faults.push(`${route.method} ${path} with ${kib} KiB: ${problem}`);
  }
}

/** After all of it: what was secret is in clear nowhere. */
export function checkTraces(house, faults) {
  const secrets = [PLANTED, house.tokens.view, house.tokens.operate];
  const log = house.log('producer');
  const dump = spawnSync('redis-cli', ['-p', String(house.redisPort), 'EVAL', `
    local out = {}
    for _, key in ipairs(redis.call('KEYS', '*')) do
      local kind = redis.call('TYPE', key).ok
      local value = kind == 'string' and {redis.call('GET', key)} or kind == 'hash' and redis.call('HGETALL', key)
        or kind == 'set' and redis.call('SMEMBERS', key) or kind == 'zset' and redis.call('ZRANGE', key, 0, -1)
        or kind == 'list' and redis.call('LRANGE', key, 0, -1) or redis.call('XRANGE', key, '-', '+')
      out[#out + 1] = {key, value}
    end
    return out`, '0'], { encoding: 'utf8', maxBuffer: 1 << 30 });
  if (dump.status !== 0 || dump.stdout.length < 1000) faults.push(`Redis was not read: ${dump.stderr}`);
  for (const [where, text] of [['the log', log], ['Redis', dump.stdout]]) {
    for (const secret of secrets) {
      const at = text.indexOf(secret);
      if (at >= 0) faults.push(`${where} has it: ${text.slice(Math.max(0, at - 100), at + 60)}`);
    }
  }
}
