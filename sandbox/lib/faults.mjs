// Faults on demand: by rule (POST /_sandbox/faults) or for one request (header X-Sandbox-Fault).
//
// A rule says which calls it matches and which of those it hits:
//   {"match": {"path"?, "method"?, "root"?, "operation"?}, "nth" | "every" | "probability", "times"?, "action"}
// `path` is a regular expression, the others are compared whole. No nth/every/probability: every match.
//
// Actions that this file carries out, for both peers:
//   status         answers {status, headers?, body?}; nothing happened
//   reset_before   the connection dies; nothing happened
//   hang_before    waits `ms`, then goes on if the caller is still there; nothing happens if it has gone
//   hold           waits until the rules are replaced or taken away, then as hang_before; {late: true}: then as late
//   late           waits `ms`, then the call takes effect whether or not the caller is still there
//   status_after   the call takes effect, then {status, headers?, body?} is answered instead of its answer
//   reset_after    the call takes effect, then the connection dies without an answer
//   hang_after     the call takes effect, then the answer is held back for `ms`
//   truncate       the call takes effect, the answer breaks off in its middle
//   slow_body      the call takes effect, the answer comes in ten pieces over `ms`
//   later          (on writes) the connection dies at once, the call takes effect after {looks?: 1, match?, bucket_ms?}: see delayed.mjs
// All others (throttled, internal_before, internal_after, revoke_token, …) belong to the peer.
import {randomFrom} from './random.mjs';

export class Faults {
  constructor({seed, kinds = []}) {
    this.seed = seed;
    this.kinds = new Set([...COMMON, ...kinds]);
    this.set([]);
  }

  /** Replaces all rules; throws with the place of the first mistake. */
  set(rules) {
    if (!Array.isArray(rules)) throw new Error('rules: want a list');
    this.random = randomFrom(`faults:${this.seed}`);
    this.letGo?.();
    this.replaced = new Promise(resolve => (this.letGo = resolve));
    this.rules = rules.map((rule, i) => {
      this.#check(rule.action, `rules[${i}].action`);
      const match = rule.match ?? {};
      for (const key of Object.keys(match))
        if (!['path', 'method', 'root', 'operation'].includes(key))
          throw new Error(`rules[${i}].match.${key}: not known`);
      return {...rule, match, pattern: match.path ? new RegExp(match.path) : null, seen: 0, hits: 0};
    });
  }

  #check(action, where) {
    if (!this.kinds.has(action?.kind))
      throw new Error(`${where}.kind: want one of ${[...this.kinds].sort().join(', ')}`);
  }

  toJSON() {
    return {rules: this.rules.map(({pattern, ...rule}) => rule)};
  }

  /** The action for one call, or null. `call`: {path, method, roots?: [..], operation?, header?}. */
  choose(call) {
    if (call.header) {
      const action = JSON.parse(call.header);
      this.#check(action, 'X-Sandbox-Fault');
      return this.#chosen(action);
    }
    for (const rule of this.rules) {
      if (!matches(rule, call)) continue;
      rule.seen++;
      if (rule.times !== undefined && rule.hits >= rule.times) continue;
      if (rule.nth !== undefined && rule.seen !== rule.nth) continue;
      if (rule.every !== undefined && rule.seen % rule.every !== 0) continue;
      if (rule.probability !== undefined && this.random() >= rule.probability) continue;
      rule.hits++;
      return this.#chosen(rule.action);
    }
    return null;
  }

  #chosen(action) {
    return action.kind === 'hold' ? {...action, replaced: this.replaced} : action;
  }
}

const COMMON = [
  'status',
  'reset_before',
  'hang_before',
  'hold',
  'late',
  'status_after',
  'reset_after',
  'hang_after',
  'truncate',
  'slow_body',
];

function matches(rule, call) {
  const {method, root, operation} = rule.match;
  if (rule.pattern && !rule.pattern.test(call.path)) return false;
  if (method && method !== call.method) return false;
  if (operation && operation !== call.operation) return false;
  return !root || (call.roots ?? []).includes(root);
}

const isGone = response => response.destroyed || response.socket?.destroyed === true;

/** Carries out what comes before the effect; true when the request is over. */
export async function faultBefore(action, response) {
  switch (action?.kind) {
    case 'status':
      answerText(response, action.status ?? 503, action.body ?? '', action.headers);
      return true;
    case 'reset_before':
      reset(response);
      return true;
    case 'hang_before':
      await pause(action.ms);
      return isGone(response);
    case 'hold':
      await action.replaced;
      return !action.late && isGone(response);
    case 'late':
      await pause(action.ms);
      return false;
    default:
      return false;
  }
}

/** Sends the answer of a call that took effect, or what the fault makes of it. */
export async function faultAnswer(action, response, status, text, headers = {}) {
  switch (action?.kind) {
    case 'status_after':
      return answerText(response, action.status ?? 503, action.body ?? '', action.headers);
    case 'reset_after':
      return reset(response);
    case 'hang_after':
      await pause(action.ms);
      return answerText(response, status, text, headers);
    case 'truncate': {
      const bytes = Buffer.from(text);
      response.writeHead(status, {...headers, 'content-length': bytes.length});
      response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
      return;
    }
    case 'slow_body': {
      const bytes = Buffer.from(text);
      const step = Math.ceil(bytes.length / 10);
      response.writeHead(status, {...headers, 'content-length': bytes.length});
      for (let at = 0; at < bytes.length && !response.destroyed; at += step) {
        await pause((action.ms ?? 0) / 10);
        response.write(bytes.subarray(at, at + step));
      }
      response.end();
      return;
    }
    default:
      return answerText(response, status, text, headers);
  }
}

function answerText(response, status, text, headers = {}) {
  if (response.destroyed) return;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

/** Ends the connection with a TCP reset, as a dying load balancer does. */
function reset(response) {
  const socket = response.socket;
  if (!socket || socket.destroyed) return;
  if (socket.resetAndDestroy) socket.resetAndDestroy();
  else socket.destroy();
}

const pause = ms => new Promise(resolve => setTimeout(resolve, ms ?? 0));
