// The program itself: flags, the address file, the Host header, the end at SIGTERM.
import assert from 'node:assert/strict';
import {spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import {test} from 'node:test';
import {atEnd, folderOf} from '../end.mjs';
import {ROOT} from './peer.mjs';

const PROGRAM = path.join(ROOT, 'sandbox/shopify/main.mjs');

/** Waits until the address file is there, or the program has ended. */
async function addressOf(file, child) {
  while (!fs.existsSync(file)) {
    assert.equal(child.exitCode, null, 'the program ended before it answered');
    await Promise.race([once(child, 'exit'), new Promise(resolve => setTimeout(resolve, 20))]);
  }
  return fs.readFileSync(file, 'utf8');
}

/** A request with a Host header of its own, which fetch does not allow. */
function ask(address, {host, token}) {
  const {hostname, port} = new URL(address);
  return new Promise((resolve, reject) => {
    const request = http.request(
      {
        hostname,
        port,
        method: 'POST',
        path: '/admin/api/2026-10/graphql.json',
        headers: {host: host, 'x-shopify-access-token': token, 'content-type': 'application/json'},
      },
      async response => {
        let text = '';
        for await (const chunk of response) text += chunk;
        resolve({status: response.statusCode, body: JSON.parse(text)});
      },
    );
    request.on('error', reject);
    request.end('{"query":"{ shop { name myshopifyDomain } }"}');
  });
}

test('it starts on a free port, finds stores by Host, and ends within a second', async t => {
  const folder = folderOf(t);
  const file = path.join(folder, 'address');
  const state = path.join(folder, 'state.json');
  const child = spawn(process.execPath, [PROGRAM, `--address-file=${file}`, '--state', state, '--quiet'], {
    env: {...process.env, SANDBOX_STORES: '2'},
    stdio: 'inherit',
  });
  atEnd(t, () => child.kill('SIGKILL'));
  const address = await addressOf(file, child);
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual(await (await fetch(`${address}/_sandbox/health`)).json(), {ok: true, peer: 'shopify'});
  const token = 'shpat_sandbox';
  assert.equal((await ask(address, {host: 'demo.myshopify.com', token})).body.data.shop.name, 'Demo Shop');
  assert.equal(
    (await ask(address, {host: 'demo-2.myshopify.com', token})).body.data.shop.myshopifyDomain,
    'demo-2.myshopify.com',
  );
  assert.deepEqual(await ask(address, {host: 'other.myshopify.com', token}), {
    status: 404,
    body: {errors: 'Not Found'},
  });
  const start = performance.now();
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
  assert.ok(performance.now() - start < 5000);
  assert.equal(JSON.parse(fs.readFileSync(state, 'utf8')).kind, 'shopify synthetic 1');
});

test('mistakes on the command line are named', () => {
  const run = (...flags) => spawnSync(process.execPath, [PROGRAM, ...flags], {encoding: 'utf8'});
  for (const [flags, message] of [
    [['--nonsense'], /--nonsense: not a flag/],
    [['--plan', 'gold'], /--plan: want one of starter, basic, grow, advanced, plus/],
    [['--days', 'many'], /--days: want a number/],
    [['--data', 'retail'], /--orders FILE is wanted/],
    [['--seed'], /--seed: a value is wanted/],
  ]) {
    const {status, stderr} = run(...flags);
    assert.equal(status, 2);
    assert.match(stderr, message);
  }
  assert.equal(run('--help').status, 0);
  const missing = run('--schema-dir', '/nowhere');
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /no Admin schema in \/nowhere; run tests\/support\/shopify-schema/);
});
