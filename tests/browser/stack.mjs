// stack.mjs - the local stack for the browser tests: Redis, broker, both simulated peers, producer, one worker.
//
// One stack serves all tests of the process (`await stack()`); it is started by the first that asks and ends with the
// process. Everything listens on a free loopback port and is waited for by its state, with a bound. The stores have no
// orders: a test places those that it wants (place), under numbers that are its own.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const COMPANY = '11111111-1111-4111-8111-111111111111';
const LOOK_MS = 20;
const START_MS = 60_000;
const STOP_MS = 15_000;
const SECRETS = { SHOPIFY_SECRET: 'sandbox-secret', BC_SECRET: 'sandbox-bc-secret' };
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

/** The value of look() once it is truthy; fails with `what` after the bound. An error of look() counts as not yet. */
export async function until(what, look, ms = 10_000) {
  const deadline = Date.now() + ms;
  for (let last = ''; ; await pause(LOOK_MS)) {
    try {
      const value = await look();
      if (value) return value;
    } catch (error) {
      last = `: ${error.message}`;
    }
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${what}${last}`);
  }
}

async function call(method, url, { body, headers = {} } = {}) {
  const answer = await fetch(url, {
    method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(60_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${new URL(url).pathname}: ${answer.status} ${text.slice(0, 300)}`);
  return text ? JSON.parse(text) : null;
}

const freePort = () => Number(execFileSync(process.execPath, [join(ROOT, 'scripts', 'free-ports.mjs'), '1']));

const answersPing = (port) => new Promise((done) => {
  const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
  socket.on('data', (data) => { socket.destroy(); done(String(data).startsWith('+PONG')); });
  socket.on('error', () => done(false));
});

/** The company that all tests share: two shops, entries that run when a test says so and not before. */
const FAR = '2099-01-01T06:00:00Z';
const shopYaml = (code, store) => `
      - code: ${code}
        store: ${store}
        origin: \${SHOPIFY_URL}
        credential: demo-shopify
        enabled: true
        default_customer: WEB
        sku_mapping: item-no
        shipping_account: 6610
        custom_line_account: 6110`;
const companyYaml = `
credentials:
  - { name: demo-shopify, kind: shopify-client-credentials, client_id: cartage-demo, client_secret: { env: SHOPIFY_SECRET } }
  - { name: demo-bc, kind: bc-oauth, client_id: cartage-bc, client_secret: { env: BC_SECRET } }
companies:
  - name: CRONUS UK Ltd.
    id: ${COMPANY}
    bc_tenant: sandbox
    bc_environment: Production
    bc_origin: \${BUSINESS_CENTRAL_URL}
    bc_login: \${BUSINESS_CENTRAL_URL}
    bc_credential: demo-bc
    time_zone: Europe/London
    shops:${shopYaml('DEMO', 'demo.myshopify.com')}${shopYaml('SECOND', 'demo-2.myshopify.com')}
    entries:
      - { name: read orders, operation: orders.sync, arguments: { shop: DEMO }, every: 1 day, start: "${FAR}", category: SHPFY, priority: high }
      - { name: make sales orders, operation: orders.process, arguments: { shop: DEMO }, every: 1 day, start: "${FAR}", category: SHPFY }
      - { name: tell Shopify of shipments, operation: shipments.sync, arguments: { shop: DEMO }, every: 1 day, start: "${FAR}", category: SHPFY }
`;

class LocalStack {
  #started = [];

  constructor() {
    const build = process.env.CARTAGE_BUILD ?? 'build/release';
    this.bin = join(isAbsolute(build) ? build : join(ROOT, build), 'bin');
    this.folder = mkdtempSync(join(tmpdir(), 'cartage-browser-'));
    this.env = { ...process.env, ...SECRETS, CARTAGE_ENV: 'browser' };
  }

  /** Ends by itself when we are killed: a test that is stopped leaves nothing behind. */
  run(name, command, ...args) {
    const log = join(this.folder, `${name}.log`);
    const out = openSync(log, 'a');
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], { env: this.env, stdio: ['ignore', out, out] });
    const process_ = { name, log, child, ended: new Promise((done) => { child.on('exit', (code) => done(code ?? 1)); }) };
    this.#started.push(process_);
    return process_;
  }

  async #address(process_) {
    const file = join(this.folder, `${process_.name}.address`);
    return until(`${process_.name} answers`, () => {
      if (process_.child.exitCode !== null) throw new Error(`it ended\n${readFileSync(process_.log, 'utf8').slice(-1500)}`);
      return readFileSync(file, 'utf8').trim();
    }, START_MS);
  }

  async #serve(name, command, ...args) {
    return this.#address(this.run(name, command, ...args, '--address-file', join(this.folder, `${name}.address`)));
  }

  /** Answers its port: one that another program has taken meanwhile is tried again with another. */
  async #redis() {
    const port = freePort();
    const { child } = this.run('redis', 'redis-server', '--port', String(port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', '',
      '--appendonly', 'no', '--maxmemory-policy', 'noeviction');
    await until('Redis answers', () => child.exitCode !== null || answersPing(port), START_MS);
    return child.exitCode === null ? port : this.#redis();
  }

  async start() {
    const port = await this.#redis();
    const peer = (name, ...flags) => this.#serve(name, process.execPath, join(ROOT, 'sandbox', name, 'main.mjs'),
      '--listen', '127.0.0.1:0', '--data', 'none', '--stores', '2', ...flags);
    [this.env.CARTAGE_KAFKA, this.shopifyUrl, this.bcUrl] = await Promise.all([
      this.#serve('broker', join(this.bin, 'cartage-broker')), peer('shopify', '--index-lag', '0'), peer('business-central'),
    ]);
    this.token = `browser-${randomBytes(12).toString('hex')}`;
    writeFileSync(join(this.folder, 'token'), this.token, { mode: 0o600 });
    Object.assign(this.env, {
      CARTAGE_REDIS: `127.0.0.1:${port}`, SHOPIFY_URL: this.shopifyUrl, BUSINESS_CENTRAL_URL: this.bcUrl, CARTAGE_LISTEN: '127.0.0.1:0',
      CARTAGE_TOKEN_FILE: join(this.folder, 'token'), CARTAGE_WITNESS: join(this.folder, 'witness'),
    });
    const init = this.run('init', join(this.bin, 'cartage-producer'), '--init');
    if (await init.ended) throw new Error(`the data set could not be prepared: ${readFileSync(init.log, 'utf8')}`);
    this.url = await this.#serve('producer', join(this.bin, 'cartage-producer'));
    this.env.CARTAGE_URL = this.url;
    await this.apply(companyYaml);
    this.worker = this.run('worker', join(this.bin, 'cartage-worker'));
    return this;
  }

  async stop() {
    for (const { name, child, ended } of this.#started.reverse()) {
      if (child.exitCode !== null) continue;
      child.kill('SIGTERM');
      if (await Promise.race([ended, pause(STOP_MS).then(() => 'late')]) === 'late') {
        console.error(`${name} did not end in time and was killed`);
        child.kill('SIGKILL');
      }
    }
    if (process.exitCode) console.error(`logs are in ${this.folder}`);
    else rmSync(this.folder, { recursive: true, force: true });
  }

  /** The command line with these words: {code, out, err}. */
  async cli(...words) {
    const child = spawn(join(this.bin, 'cartage'), words, { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { code: 0, out: '', err: '' };
    child.stdout.on('data', (data) => { said.out += data; });
    child.stderr.on('data', (data) => { said.err += data; });
    said.code = await new Promise((done) => { child.on('close', (code) => done(code ?? 1)); });
    return said;
  }

  /** A file in the form of `cartage apply -f`. */
  async apply(yaml) {
    const file = join(this.folder, `${randomBytes(4).toString('hex')}.yaml`);
    writeFileSync(file, yaml);
    const { code, err } = await this.cli('apply', '-f', file);
    if (code) throw new Error(`cartage apply: ${err}`);
  }

  /** api('GET', 'entries'): the producer's answer; fails on a refusal. */
  api(method, path, body, headers = {}) {
    return call(method, `${this.url}/v1/${path}`, { body, headers: { authorization: `Bearer ${this.token}`, ...headers } });
  }

  /** The admin side of a peer: shopify('POST', 'orders', {...}). */
  shopify(method, path, body) { return call(method, `${this.shopifyUrl}/_sandbox/${path}`, { body }); }

  /** Reading orders from the shop waits until `release()`, or the test's end. */
  async hold(t) {
    const release = () => this.shopify('DELETE', 'faults');
    await this.shopify('POST', 'faults', { rules: [{ match: { root: 'orders' }, action: { kind: 'hold' } }] });
    t.after(release);
    return release;
  }

  /** The worker has heard that this run is to stop: whatever it waits for may come now. */
  stopping(task) {
    return until(`the worker stops ${task}`, () => readFileSync(this.worker.log, 'utf8').includes(`event=attempt.stopping task=${task}`), 30_000);
  }

  bc(method, path, body) { return call(method, `${this.bcUrl}/_sandbox/${path}`, { body }); }

  /** A paid order of one known item at the first store, unless `form` says otherwise; answers id, name, total. */
  place(name, form = {}) {
    return this.shopify('POST', 'orders', { name, customer: '7300000000000', lines: [{ sku: '1896-S', quantity: 1, price: '12.50' }],
      financialStatus: 'PAID', ...form });
  }

  /** A product of one variant that Business Central does not have. */
  product(id, title, sku) {
    const at = '2026-01-01T00:00:00Z';
    return this.shopify('POST', 'products', { id, title, handle: sku.toLowerCase(), vendor: 'Demo', productType: 'Hats', status: 'ACTIVE', createdAt: at,
      updatedAt: at, variants: [{ id: String(Number(id) + 1e12), title: 'Default Title', sku, barcode: '', price: '9.00' }] });
  }

  async entry(description) {
    const { entries } = await this.api('GET', 'entries');
    const found = entries.find((entry) => entry.description === description || entry.id === description);
    if (!found) throw new Error(`no entry "${description}"`);
    return found;
  }

  /** Runs it as somebody who waits: no retries. Answers the run as it ended. */
  async syncWaiting(operation, shop = 'DEMO') {
    const answer = await fetch(`${this.url}/v1/sync?company=${COMPANY}`, {
      method: 'POST', headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ operation, arguments: { shop }, wait: true }), signal: AbortSignal.timeout(60_000),
    });
    return JSON.parse((await answer.text()).trim().split('\n').at(-1));
  }

  /** Runs an operation of a shop now, in background, and answers its run once it has ended. */
  async sync(operation, shop = 'DEMO', args = {}) {
    const run = await this.api('POST', `sync?company=${COMPANY}`, { operation, arguments: { shop, ...args }, detach: true });
    return until(`${operation} ends`, async () => {
      const now = await this.api('GET', `runs/${encodeURIComponent(run.task)}?company=${COMPANY}`);
      return now.state === 'finished' && now;
    }, 60_000);
  }
}

let started;
export function stack() {
  started ??= new LocalStack().start();
  return started;
}
after(async () => { if (started) await (await started.catch(() => null))?.stop(); });
