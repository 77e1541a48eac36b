// Starts the simulated Business Central as a process of its own and talks to it over HTTP.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {atEnd} from '../end.mjs';

const MAIN = fileURLToPath(new URL('../../../sandbox/business-central/main.mjs', import.meta.url));
export const COMPANY = '11111111-1111-4111-8111-111111111111';
export const NO_ID = '00000000-0000-0000-0000-000000000000';
const SCOPE = 'https://api.businesscentral.dynamics.com/.default';

/** A running peer; ends with the test that was given. */
export async function startPeer(t, ...flags) {
  const child = spawn(process.execPath, [MAIN, ...flags], {stdio: ['ignore', 'pipe', 'pipe']});
  let complaints = '';
  child.stderr.on('data', chunk => (complaints += chunk));
  const line = await Promise.race([once(createInterface(child.stdout), 'line'), once(child, 'exit').then(() => null)]);
  if (!line) throw new Error(`the peer did not start: ${complaints}`);
  const peer = new Peer(/http:\S+/.exec(line[0])[0], child);
  if (t) atEnd(t, () => peer.stop());
  return peer;
}

class Peer {
  constructor(url, child) {
    this.url = url;
    this.child = child;
    this.root = `${url}/v2.0/sandbox/Production/api/v2.0`;
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await gone;
  }

  async token(form = {}, tenant = 'sandbox') {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'cartage-bc',
      client_secret: 'sandbox-bc-secret',
      scope: SCOPE,
      ...form,
    });
    const response = await fetch(`${this.url}/${tenant}/oauth2/v2.0/token`, {method: 'POST', body});
    return {status: response.status, body: await response.json()};
  }

  async bearer() {
    this.authorization ??= `Bearer ${(await this.token()).body.access_token}`;
    return this.authorization;
  }

  /** One API request; `path` is below the root. Answers {status, headers, text, body}. */
  async call(method, path, {body, headers = {}} = {}) {
    const response = await fetch(path.startsWith('http') ? path : `${this.root}/${path}`, {
      method,
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
      headers: {
        authorization: await this.bearer(),
        'data-access-intent': method === 'GET' ? 'ReadWrite' : undefined,
        ...(body === undefined ? {} : {'content-type': 'application/json'}),
        ...headers,
      },
    });
    const text = await response.text();
    return {status: response.status, headers: response.headers, text, body: /^\s*[{[]/.test(text) ? JSON.parse(text) : undefined};
  }

  /** The same below the demo's company. */
  at(method, path, options) {
    return this.call(method, `companies(${COMPANY})/${path}`, options);
  }

  async admin(method, path, body) {
    const response = await fetch(`${this.url}/_sandbox/${path}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return {status: response.status, body: JSON.parse(text)};
  }

  async effects() {
    return (await this.admin('GET', 'ledger')).body.effects;
  }

  /** Creates an order of account lines, each of one piece, and answers it with its lines. */
  async order(header = {}, lines = [{unitPrice: 10}]) {
    const body = {
      customerNumber: 'WEB',
      ...header,
      salesOrderLines: lines.map(line => ({lineType: 'Account', lineObjectNumber: '6610', quantity: 1, ...line})),
    };
    return (await this.at('POST', 'salesOrders?$expand=salesOrderLines', {body})).body;
  }
}

/** Asserts a refusal: status, code, text, correlation id. */
export function refused(assert, answer, status, code, text = /./) {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.body.error.code, code, answer.text);
  assert.match(answer.body.error.message, text);
  assert.match(answer.body.error.message, / {2}CorrelationId: {2}[0-9a-f-]{36}\.$/);
}

/** A filter as a query parameter. */
export const filter = text => `$filter=${encodeURIComponent(text)}`;
