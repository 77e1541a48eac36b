// Subscriptions: the handshake, three days, late and grouped notices, the ladder of repetitions, and the one wrong answer that ends them.
import assert from 'node:assert/strict';
import http from 'node:http';
import {test} from 'node:test';
import {atEnd} from '../end.mjs';
import {COMPANY, startPeer} from './support.mjs';

const resource = set => `/api/v2.0/companies(${COMPANY})/${set}`;

/** A receiver that shakes hands as it has to (or as `shake` says) and answers notices with `status`. */
async function listen(t, {status = 200, shake = token => ({status: 200, type: 'text/plain', text: token})} = {}) {
  const receiver = {status, shake, got: []};
  const server = http.createServer((request, response) => {
    const token = new URL(request.url, 'http://receiver').searchParams.get('validationToken');
    let text = '';
    request.on('data', chunk => (text += chunk));
    request.on('end', () => {
      if (token !== null) {
        const said = receiver.shake(token);
        return response.writeHead(said.status, {'content-type': said.type ?? 'text/plain'}).end(said.text);
      }
      receiver.got.push(JSON.parse(text).value);
      return response.writeHead(receiver.status).end();
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  atEnd(t, () => (server.closeAllConnections(), server.close()));
  receiver.url = `http://127.0.0.1:${server.address().port}/hook`;
  return receiver;
}

const subscribe = (peer, app, set = 'items') =>
  peer.call('POST', 'subscriptions', {body: {notificationUrl: app.url, resource: resource(set), clientState: 'ours'}});

async function admin(peer, method, path, body) {
  const response = await fetch(`${peer.url}/_sandbox/${path}`, {method, body: body === undefined ? undefined : JSON.stringify(body)});
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}
const pass = (peer, seconds) => admin(peer, 'POST', 'time', {bucket_ms: seconds * 1000 + 1});
const change = (peer, price) => admin(peer, 'POST', 'items/1896-S', {unitPrice: price});

async function until(what, look) {
  for (const end = Date.now() + 5000; ; ) {
    const value = await look();
    if (value) return value;
    assert.ok(Date.now() < end, `not within 5 s: ${what}`);
    await new Promise(setImmediate); // the receiver's turn
  }
}

test('a change is told half a minute later, once, with no more than its id', async t => {
  const peer = await startPeer(t, '--time-scale', '0.001'); // its time passes by hand
  const app = await listen(t);
  const made = await subscribe(peer, app);
  assert.equal(made.status, 201, made.text);
  assert.match(made.body.subscriptionId, /^[0-9a-f]{32}$/);
  assert.equal(Date.parse(made.body.expirationDateTime) - Date.parse(made.body.timestamp), 3 * 86_400_000);
  await change(peer, 11);
  await change(peer, 12);
  await pass(peer, 29);
  assert.equal(app.got.length, 0);
  await pass(peer, 1);
  const [[notice, ...more]] = await until('a notice', () => app.got.length && app.got);
  assert.equal(more.length, 0);
  assert.deepEqual([notice.clientState, notice.changeType, notice.subscriptionId], ['ours', 'updated', made.body.subscriptionId]);
  assert.match(notice.resource, new RegExp(`^api/v2.0/companies\\(${COMPANY}\\)/items\\([0-9a-f-]{36}\\)$`));
});

test('what no subscription can be is refused', async t => {
  const peer = await startPeer(t);
  const app = await listen(t);
  const asked = [
    ['another answer', {shake: () => ({status: 200, text: 'hello'})}, {}, 400],
    ['no success', {shake: token => ({status: 202, text: token})}, {}, 400],
    ['another type', {shake: token => ({status: 200, type: 'application/json', text: token})}, {}, 400],
    ['a page of lines', {}, {resource: resource('salesOrderLines')}, 400],
    ['another company', {}, {resource: `/api/v2.0/companies(${COMPANY.replace(/^1/, '9')})/items`}, 400],
    ['not encrypted', {}, {notificationUrl: 'http://app.example.com/hook'}, 400],
  ];
  const honest = app.shake;
  for (const [what, {shake = honest}, body, status] of asked) {
    app.shake = shake;
    const answer = await peer.call('POST', 'subscriptions', {body: {notificationUrl: app.url, resource: resource('items'), ...body}});
    assert.equal(answer.status, status, `${what}: ${answer.text}`);
  }
  app.shake = honest;
  assert.equal((await subscribe(peer, app)).status, 201);
  assert.equal((await subscribe(peer, app)).body.error.code, 'Internal_EntityWithSameKeyExists');
});

test('it is renewed with a handshake, and ends after three days without', async t => {
  const peer = await startPeer(t);
  const app = await listen(t);
  const {body: made} = await subscribe(peer, app);
  const path = `subscriptions('${made.subscriptionId}')`;
  assert.equal((await peer.call('PATCH', path, {body: {notificationUrl: app.url}})).status, 400, 'without If-Match');
  const later = ms => new Date(Date.parse(made.timestamp) + ms).toISOString();
  await admin(peer, 'POST', 'time', {business: later(2 * 86_400_000)});
  const renewed = await peer.call('PATCH', path, {body: {notificationUrl: app.url}, headers: {'if-match': '*'}});
  assert.equal(renewed.status, 200, renewed.text);
  await admin(peer, 'POST', 'time', {business: later(4 * 86_400_000)});
  assert.equal((await peer.call('GET', 'subscriptions')).body.value.length, 1);
  await admin(peer, 'POST', 'time', {business: later(6 * 86_400_000)});
  assert.equal((await peer.call('GET', 'subscriptions')).body.value.length, 0);
});

test('not now: told again later, five times; any other answer ends it at once', async t => {
  const peer = await startPeer(t);
  const app = await listen(t, {status: 503});
  await subscribe(peer, app);
  await change(peer, 21);
  for (const [n, seconds] of [30, 60, 60, 600, 6000, 60_000].entries()) {
    await pass(peer, seconds);
    // The answer has come back there: the next try is planned before its time passes.
    await until(`try ${n + 1}`, async () => (await admin(peer, 'GET', 'webhooks')).deliveries.length === n + 1);
    assert.equal(app.got.length, n + 1);
  }
  await until('the end', async () => !(await admin(peer, 'GET', 'webhooks')).subscriptions.length);
  app.status = 404;
  await subscribe(peer, app);
  await change(peer, 22);
  await pass(peer, 30);
  await until('the end at once', async () => !(await admin(peer, 'GET', 'webhooks')).subscriptions.length);
});
