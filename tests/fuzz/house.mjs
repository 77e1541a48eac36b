// house.mjs - Redis, the embedded broker and a producer on free loopback ports, and three tokens.
//
// What is secret in it begins with PLANTED, so that it is found wherever it turns up.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const PLANTED = 'planted-';
export const COMPANY = '11111111-1111-4111-8111-111111111111';

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

async function until(what, look, seconds = 60) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await look();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await pause(20); // between two looks; the wait itself is bounded by the state
  }
}

export class House {
  constructor(build) {
    this.bin = join(build, 'bin');
    this.dir = mkdtempSync(join(tmpdir(), 'cartage-fuzz-'));
    this.procs = [];
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  }

  run(name, program, args, env) {
    const out = openSync(join(this.dir, `${name}.log`), 'a');
    const proc = spawn(program, args, { stdio: ['ignore', out, out], env: { ...process.env, ...env } });
    proc.ended = new Promise((done) => proc.on('exit', (code, signal) => done(code ?? signal)));
    proc.on('error', () => {});
    this.procs.push(proc);
    return proc;
  }

  log(name) {
    return readFileSync(join(this.dir, `${name}.log`), 'utf8');
  }

  async address(name, proc) {
    const path = join(this.dir, `${name}.address`);
    return until(`${name} answers`, () => {
      if (proc.exitCode !== null) throw new Error(`${name} ended\n${this.log(name).slice(-2000)}`);
      return existsSync(path) && readFileSync(path, 'utf8').trim();
    });
  }

  secret(name, text) {
    const path = join(this.dir, name);
    writeFileSync(path, `${text}\n`, { mode: 0o600 });
    return path;
  }

  async start() {
    this.redisPort = await freePort();
    this.run('redis', 'redis-server', ['--port', String(this.redisPort), '--bind', '127.0.0.1', '--dir', this.dir, '--save', '',
      '--appendonly', 'no', '--maxmemory-policy', 'noeviction'], {});
    await until('Redis answers', () => this.log('redis').includes('Ready to accept connections'));
    const broker = this.run('broker', join(this.bin, 'cartage-broker'), ['--address-file', join(this.dir, 'broker.address')], {});
    this.tokens = { admin: `${PLANTED}file-token` };
    const env = {
      CARTAGE_ENV: 'fuzz', CARTAGE_REDIS: `127.0.0.1:${this.redisPort}`, CARTAGE_KAFKA: await this.address('broker', broker),
      CARTAGE_WITNESS: join(this.dir, 'witness'), CARTAGE_LISTEN: '127.0.0.1:0',
      CARTAGE_TOKEN_FILE: this.secret('token', this.tokens.admin), CARTAGE_SEAL_KEY_FILE: this.secret('seal', `${PLANTED}seal-key`),
    };
    const init = await this.run('init', join(this.bin, 'cartage-producer'), ['--init'], env).ended;
    if (init !== 0) throw new Error(`cartage-producer --init: ${init}\n${this.log('init')}`);
    this.producer = this.run('producer', join(this.bin, 'cartage-producer'), ['--address-file', join(this.dir, 'producer.address')], env);
    this.url = new URL(await this.address('producer', this.producer));
    this.document = (await this.ask('GET', '/openapi.json', {})).json;
    await this.furnish();
  }

  /** One record of each kind that people set up. */
  async furnish() {
    const must = async (method, path, body) => {
      const answer = await this.as('admin', method, path, body);
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer.json;
    };
    for (const role of ['view', 'operate']) this.tokens[role] = (await must('POST', '/v1/tokens', { name: `fuzz-${role}`, role })).token;
    await must('PUT', '/v1/credentials/planted', { kind: 'shopify-token', token: { value: `${PLANTED}shopify-token` } });
    await must('PUT', '/v1/credentials/erp', { kind: 'bc-oauth', client_id: 'me', client_secret: { value: `${PLANTED}client-secret` } });
    await must('PUT', `/v1/companies/${COMPANY}`, { name: 'CRONUS', bc_credential: 'erp' });
    await must('PUT', `/v1/shops/DEMO?company=${COMPANY}`, { store: 'demo.myshopify.com', credential: 'planted', enabled: true });
    this.entry = (await must('POST', '/v1/entries', { company: COMPANY, name: 'orders', operation: 'orders.sync', shop: 'DEMO', every_ms: 3600000 })).id;
    this.run1 = String((await must('POST', '/v1/sync', { company: COMPANY, operation: 'orders.process', shop: 'DEMO' })).no);
  }

  as(role, method, path, body) {
    return this.ask(method, path, { authorization: `Bearer ${this.tokens[role]}` }, body === undefined ? undefined : JSON.stringify(body));
  }

  /** One call; the answer so far after `patience` ms, for a stream and for what waits. */
  ask(method, path, headers, body, patience = 5000) {
    return new Promise((done, failed) => {
      const { hostname, port } = this.url;
      const sent = { ...headers };
      if (body !== undefined) sent['content-length'] = Buffer.byteLength(body);
      if (body !== undefined && !('content-type' in sent)) sent['content-type'] = 'application/json';
      const call = http.request({ hostname, port, method, path, headers: sent, agent: this.agent });
      let timer;
      call.on('response', (response) => {
        clearTimeout(timer);
        const chunks = [];
        const finish = (whole) => {
          clearTimeout(timer);
          const text = Buffer.concat(chunks).toString('utf8');
          let json;
          try {
            json = JSON.parse(text);
          } catch { /* a page, a stream */ }
          done({ status: response.statusCode, headers: response.headers, text, json, whole });
        };
        timer = setTimeout(() => { finish(false); call.destroy(); }, patience);
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => finish(true));
        response.on('error', () => {});
      });
      timer = setTimeout(() => { done({ status: 0, text: '', headers: {}, whole: false }); call.destroy(); }, patience);
      call.on('error', (error) => { clearTimeout(timer); failed(error); });
      if (body !== undefined) call.write(body);
      call.end();
    });
  }

  async stop() {
    this.agent.destroy();
    for (const proc of this.procs.reverse()) {
      proc.kill('SIGTERM');
      const ended = await Promise.race([proc.ended, pause(20000, 'late', { ref: false })]);
      if (ended === 'late') {
        proc.kill('SIGKILL');
        await proc.ended;
      }
      if (proc === this.producer) this.producerEnded = ended;
    }
  }

  remove() {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
