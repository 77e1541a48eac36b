// api.mjs - the two HTTP sides that the demo looks at: cartage's API and the simulated peers' admin side.
import { readFileSync } from 'node:fs';

async function call(method, url, { body, token, seconds = 60 } = {}) {
  const headers = { ...(body ? { 'content-type': 'application/json' } : {}), ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(seconds * 1000) })
    .catch((error) => { throw new Error(`${method} ${url}: no answer: ${error.cause?.message || error.cause?.code || error.message}`); });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname}: ${answer.status} ${reason(text)}`);
  return text ? JSON.parse(text) : null;
}

function reason(text) {
  try {
    const { detail, errors } = JSON.parse(text);
    return detail ?? JSON.stringify(errors) ?? text;
  } catch {
    return text.slice(0, 200);
  }
}

export function cartage(environment = process.env) {
  const token = readFileSync(environment.CARTAGE_TOKEN_FILE, 'utf8').trim();
  const at = (path) => `${environment.CARTAGE_URL}/v1/${path}`;
  return {
    url: environment.CARTAGE_URL,
    get: (path) => call('GET', at(path), { token }),
    post: (path, body) => call('POST', at(path), { token, body }),
  };
}

export function peer(address) {
  return {
    get: (path) => call('GET', `${address}/_sandbox/${path}`, { seconds: 300 }),
    post: (path, body) => call('POST', `${address}/_sandbox/${path}`, { body, seconds: 300 }),
  };
}
