// $batch: up to 100 members in one request. The outer answer is 200 whatever happened; by default the
// members after a failure are not run and have no answer. With Isolation: snapshot all is one
// transaction, and the members before the failure still report the success that was rolled back.
import {BcError, badRequest, notImplemented} from './errors.mjs';
import {Num, parse} from './json.mjs';

const MAX_MEMBERS = 100;

/** Thrown where a fault breaks the connection in the middle of a batch. */
export class Broken extends Error {}

/** Checks the outer request and answers its members as requests of their own; `place`: {base, root} of all of them. */
export function readBatch(body, headers, place) {
  if (!/application\/json/i.test(headers.accept ?? ''))
    throw notImplemented(
      'A $batch without Accept: application/json is answered in multipart/mixed, which this peer does not write.',
    );
  const members = body?.requests;
  if (!Array.isArray(members)) throw badRequest("The $batch body must hold an array 'requests'.");
  if (members.length > MAX_MEMBERS)
    throw new BcError(
      500,
      'Unknown',
      `The current batch message contains too many parts. Maximum (${MAX_MEMBERS}). Actual (${members.length}).`,
    );
  return members.map(member => readMember(member, place));
}

/** Headers of the outer request are not handed down: a read that must see the primary says so itself. */
function readMember(member, {base, root}) {
  const text = name => {
    if (typeof member?.[name] !== 'string') throw badRequest(`A member of the $batch has no '${name}'.`);
    return member[name];
  };
  const [path, query = ''] = relative(text('url'), base).split(/\?(.*)/s);
  const own = Object.fromEntries(
    Object.entries(member.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const id = member.id instanceof Num ? member.id.text : (member.id ?? null);
  return {
    id,
    request: {method: text('method').toUpperCase(), path, query, headers: own, body: member.body, text: '', base, root},
  };
}

function relative(url, base) {
  if (url.startsWith(base)) return url.slice(base.length);
  const path = new URL(base).pathname;
  return url.startsWith(`${path}/`) ? url.slice(path.length) : url;
}

/**
 * Runs the members. `run(member)` answers {status, headers, body} and never throws a refusal;
 * `wait(member)` waits as long as the member takes and `fault(member)` gives its fault, if any.
 */
export async function runBatch(members, {headers, run, wait, fault, transaction}) {
  const snapshot = /^snapshot$/i.test(headers.isolation ?? '');
  const carryOn = !snapshot && /odata\.continue-on-error/i.test(headers.prefer ?? '');
  const responses = [];
  if (!snapshot) {
    for (const member of members) {
      await wait(member);
      const action = fault(member);
      if (action?.kind === 'late' || action?.kind === 'hang_before')
        await new Promise(resolve => setTimeout(resolve, action.ms ?? 0));
      const answer = played(member, run, action);
      responses.push(response(member, answer));
      if (answer.status >= 400 && !carryOn) break;
    }
    return {responses};
  }
  for (const member of members) await wait(member);
  try {
    transaction(() => {
      for (const member of members) {
        const answer = played(member, run, fault(member));
        responses.push(response(member, answer));
        if (answer.status >= 400) throw new RolledBack();
      }
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
  return {responses};
}

class RolledBack extends Error {}

/** One member under its fault: a status instead of its answer, or the end of the whole connection. */
function played(member, run, action) {
  const status = () => ({
    status: action.status,
    headers: action.headers ?? {},
    body: /^\s*\{/.test(action.body) ? parse(action.body) : action.body,
  });
  if (action?.kind === 'status') return status();
  if (action?.kind === 'reset_before') throw new Broken();
  const answer = run(member);
  if (action?.kind === 'status_after') return status();
  if (['reset_after', 'hang_after', 'truncate', 'slow_body'].includes(action?.kind)) throw new Broken();
  return answer;
}

function response({id}, {status, headers, body}) {
  return {
    id,
    status: new Num(status),
    headers: {'content-type': 'application/json; odata.metadata=minimal', 'odata-version': '4.0', ...headers},
    ...(body === undefined ? {} : {body}),
  };
}
