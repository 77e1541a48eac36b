// api.mjs - asks the producer. A list that has not changed costs an empty answer (ETag).

/** The producer does not know this token. */
export class Refused extends Error {}

/** The producer said no: `code` and `values` say it in any language, `message` in English. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? body.title ?? `the producer answered ${status}`);
    this.status = status;
    this.code = body.code;
    this.values = body.values ?? {};
  }
}

/** A browser that keeps nothing (private window) asks again after a reload. */
export const kept = {
  get: (name) => { try { return localStorage.getItem(`cartage.${name}`); } catch { return null; } },
  set: (name, text) => { try { localStorage.setItem(`cartage.${name}`, text); } catch { /* asked again next time */ } },
  drop: (name) => { try { localStorage.removeItem(`cartage.${name}`); } catch { /* nothing was kept */ } },
};

/** #token=… is taken once and leaves the address, so that it is not copied along with it. */
function tokenOfAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    history.replaceState(null, '', location.pathname);
    kept.set('token', given);
  }
  return given;
}

let token = tokenOfAddress() ?? kept.get('token');
const seen = new Map(); // path -> {etag, body}
const SEEN_MOST = 60;

export const hasToken = () => Boolean(token);
export function useToken(text) {
  token = text;
  seen.clear();
  if (text) kept.set('token', text);
  else kept.drop('token');
}

const address = (path) => (path.startsWith('/') ? path : `/v1/${path}`);

async function bodyOf(answer) {
  if (answer.status === 401) throw new Refused();
  if (!answer.ok) throw new Problem(answer.status, await answer.json().catch(() => ({})));
  const text = await answer.text(); // one that breaks off is an error, and never kept for an empty answer
  return text ? JSON.parse(text) : {};
}

const ahead = new Map(); // path -> what was asked for before the page's module was there
export function askAhead(path) {
  const answer = get(path);
  answer.catch(() => {});
  ahead.set(path, answer);
}

/** The answer as a value; the same object again as long as nothing has changed. */
export async function get(path, signal) {
  const asked = ahead.get(path);
  if (asked && ahead.delete(path)) return asked;
  const before = seen.get(path);
  const answer = await fetch(address(path), {
    cache: 'no-store',
    headers: { authorization: `Bearer ${token}`, ...(before ? { 'if-none-match': before.etag } : {}) },
    signal: AbortSignal.any([AbortSignal.timeout(10_000), ...(signal ? [signal] : [])]),
  });
  if (answer.status === 304 && before) return before.body;
  const body = await bodyOf(answer);
  const etag = answer.headers.get('etag');
  seen.delete(path);
  if (etag) seen.set(path, { etag, body });
  if (seen.size > SEEN_MOST) seen.delete(seen.keys().next().value);
  return body;
}

/** A list that this producer, or this role, may not have yet: `otherwise`. */
export const getOr = (otherwise, path, signal) => get(path, signal).catch((problem) => {
  if (problem instanceof Problem && [403, 404].includes(problem.status)) return otherwise;
  throw problem;
});

/** The ETag that a change of this record has to name (If-Match). */
export const etagOf = (path) => seen.get(path)?.etag;

/** The answer itself, for whoever reads a stream. `key`: the same wish sent twice is one. */
export function open(method, path, body, { etag, key = crypto.randomUUID?.() ?? String(Math.random()), signal, keepalive, headers } = {}) {
  return fetch(address(path), {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(etag ? { 'if-match': etag } : {}),
      ...(method === 'POST' ? { 'idempotency-key': key } : {}),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal,
    keepalive,
  });
}

export const send = async (method, path, body, options) => bodyOf(await open(method, path, body, options));
