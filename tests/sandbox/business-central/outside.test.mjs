// What surrounds the API: tokens, Basic, limits, faults, latency, the lagging replica, memory.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {folderOf} from '../end.mjs';
import {COMPANY, filter, refused, startPeer} from './support.mjs';

const create = (peer, external, headers = {}) =>
  peer.at('POST', 'salesOrders', {body: {customerNumber: 'WEB', externalDocumentNumber: external}, headers});
const present = async (peer, external) =>
  (await peer.at('GET', `salesOrders?${filter(`externalDocumentNumber eq '${external}'`)}`)).body.value.length;
const fault = (peer, action, more = {}) =>
  peer.admin('POST', 'faults', {rules: [{match: {path: '/salesOrders$', method: 'POST'}, nth: 1, ...more, action}]});

test("tokens: Entra's answers and refusals", async t => {
  const peer = await startPeer(t);
  const {status, body} = await peer.token();
  assert.deepEqual([status, body.token_type, body.expires_in, body.ext_expires_in], [200, 'Bearer', 3599, 3599]);
  const refusals = [
    [{client_secret: 'wrong'}, 'sandbox', 401, 'invalid_client', 7000215],
    [{client_id: 'nobody'}, 'sandbox', 400, 'unauthorized_client', 700016],
    [{}, 'nowhere', 400, 'invalid_request', 90002],
    [{grant_type: 'password'}, 'sandbox', 400, 'unsupported_grant_type', 70003],
    [{scope: 'https://graph.microsoft.com/.default'}, 'sandbox', 400, 'invalid_scope', 70011],
    [{scope: ''}, 'sandbox', 400, 'invalid_request', 900144],
  ];
  for (const [form, tenant, wanted, error, number] of refusals) {
    const answer = await peer.token(form, tenant);
    assert.deepEqual([answer.status, answer.body.error, answer.body.error_codes], [wanted, error, [number]]);
    assert.match(answer.body.error_description, new RegExp(`^AADSTS${number}: .*Correlation ID: ${answer.body.correlation_id}$`));
    assert.equal(JSON.stringify(answer.body).includes('sandbox-bc-secret'), false);
  }
});

test('a token ends with its life, and when it is revoked', async t => {
  const peer = await startPeer(t, '--token-life', '90');
  assert.equal((await peer.token()).body.expires_in, 90);
  assert.equal((await peer.call('GET', 'companies')).status, 200);
  refused(
    assert,
    await peer.call('GET', 'companies', {headers: {authorization: 'Bearer nonsense'}}),
    401,
    'Authentication_InvalidCredentials',
  );
  await peer.admin('POST', 'tokens');
  refused(assert, await peer.call('GET', 'companies'), 401, 'Authentication_InvalidCredentials');
  const short = await startPeer(t, '--token-life', '0.5');
  await short.bearer();
  assert.equal(
    (
      await until(
        () => short.call('GET', 'companies'),
        answer => answer.status !== 200,
      )
    ).status,
    401,
  );
});

/** Repeats `ask` until `done(answer)`, for at most five seconds. */
/** Asks for an order of this number; what it answers gives up on it, whose call must not have been answered. */
async function impatient(peer, externalDocumentNumber) {
  const given = new AbortController();
  const call = fetch(`${peer.root}/companies(${COMPANY})/salesOrders`, {
    method: 'POST',
    signal: given.signal,
    headers: {authorization: await peer.bearer(), 'content-type': 'application/json'},
    body: JSON.stringify({customerNumber: 'WEB', externalDocumentNumber}),
  });
  call.catch(() => {});
  return () => {
    given.abort();
    return assert.rejects(call);
  };
}

async function until(ask, done) {
  const end = Date.now() + 5000;
  for (;;) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (Date.now() > end) throw new Error('did not come about in five seconds');
    await new Promise(setImmediate); // the peer's turn
  }
}

test("the on-premises root takes Basic, the cloud's does not", async t => {
  const peer = await startPeer(t);
  const authorization = `Basic ${Buffer.from('cartage:sandbox-bc-key').toString('base64')}`;
  assert.equal((await peer.call('GET', `${peer.url}/BC/api/v2.0/companies`, {headers: {authorization}})).status, 200);
  refused(assert, await peer.call('GET', `${peer.url}/BC/api/v2.0/companies`), 401, 'Authentication_InvalidCredentials');
  refused(assert, await peer.call('GET', 'companies', {headers: {authorization}}), 401, 'Authentication_InvalidCredentials');
  refused(assert, await peer.call('GET', `${peer.url}/v2.0/sandbox/Test/api/v2.0/companies`), 404, 'NoEnvironment');
  assert.equal(
    (await peer.call('GET', `${peer.url}/v2.0/Production/api/v2.0/companies`)).status,
    200,
    'the tenant comes with the token',
  );
});

test('five run, ninety-five wait, the hundred and first is refused', async t => {
  const peer = await startPeer(t);
  await peer.bearer();
  const hang = {'x-sandbox-fault': JSON.stringify({kind: 'hang_before', ms: 5000})}; // outlives a busy machine's sending
  const answers = await Promise.all(
    Array.from({length: 101}, (_, n) => peer.at('GET', 'items?$top=1', {headers: n < 5 ? hang : {}})),
  );
  assert.deepEqual(
    [200, 429].map(status => answers.filter(answer => answer.status === status).length),
    [100, 1],
  );
  refused(
    assert,
    answers.find(answer => answer.status === 429),
    429,
    'Application_TooManyRequests',
    /Actual \(101\)\. Maximum \(100\)/,
  );
  assert.equal((await peer.admin('GET', 'ledger')).body.throttled, 1);
});

test('the rate of a sliding window, members of a batch counted, Retry-After when asked for', async t => {
  const peer = await startPeer(t, '--rate-limit', '4', '--rate-window', '300');
  const batch = n =>
    peer.call('POST', '$batch', {
      headers: {accept: 'application/json'},
      body: {
        requests: Array.from({length: n}, (_, id) => ({
          id: String(id),
          method: 'GET',
          url: `companies(${COMPANY})/items?$top=1`,
        })),
      },
    });
  assert.equal((await batch(3)).status, 200);
  const refusal = await batch(2);
  refused(assert, refusal, 429, 'Application_TooManyRequests', /Actual \(5\)\. Maximum \(4\)/);
  assert.equal(refusal.headers.get('retry-after'), null);
  await peer.admin('POST', 'settings', {retryAfterS: 7, batchCounts: 'one'});
  assert.equal((await batch(50)).status, 200);
  assert.equal((await batch(1)).headers.get('retry-after'), '7');
  await peer.admin('POST', 'settings', {windowMs: 1});
  assert.equal(
    (
      await until(
        () => batch(1),
        answer => answer.status === 200,
      )
    ).status,
    200,
  );
});

test('committed, and the answer never comes', async t => {
  const peer = await startPeer(t);
  for (const [kind, made] of [
    ['reset_after', 1],
    ['reset_before', 0],
  ]) {
    await fault(peer, {kind});
    await assert.rejects(create(peer, kind.toUpperCase()));
    assert.equal(await present(peer, kind.toUpperCase()), made);
  }
  await fault(peer, {kind: 'hang_after', ms: 60_000});
  const giveUp = await impatient(peer, 'HANG');
  assert.equal(
    await until(
      () => present(peer, 'HANG'),
      count => count === 1,
    ),
    1,
    'the effect is there before any answer',
  );
  await giveUp();
});

test('the server goes on after the caller has gone', async t => {
  const peer = await startPeer(t);
  await fault(peer, {kind: 'hold', late: true});
  const giveUp = await impatient(peer, 'LATE');
  await until(
    async () => (await peer.admin('GET', 'faults')).body.rules[0].hits,
    hits => hits === 1,
  );
  await giveUp();
  assert.equal(await present(peer, 'LATE'), 0);
  await peer.admin('DELETE', 'faults');
  assert.equal(
    await until(
      () => present(peer, 'LATE'),
      count => count === 1,
    ),
    1,
  );
});

test('faults by status carry the bodies of the server or of its gateways', async t => {
  const peer = await startPeer(t);
  const wanted = [
    [401, 'Authentication_InvalidCredentials'],
    [408, 'Internal_ServerError'],
    [409, 'Internal_ServerError'],
    [429, 'Application_TooManyRequests'],
    [500, 'Internal_ServerError'],
    [503, 'Internal_TenantUnavailable'],
  ];
  for (const [status, code] of wanted) {
    await fault(peer, {kind: 'status', status});
    refused(assert, await create(peer, `F${status}`), status, code);
    assert.equal((await create(peer, `F${status}`)).status, 201, 'once only');
  }
  await fault(peer, {kind: 'status', status: 503, headers: {'retry-after': '2'}});
  assert.equal((await create(peer, 'X')).headers.get('retry-after'), '2');
  for (const status of [502, 504]) {
    await fault(peer, {kind: 'status', status});
    const answer = await create(peer, 'X');
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [status, 'text/html']);
    assert.match(answer.text, /^<html>/);
  }
  await fault(peer, {kind: 'status_after', status: 504});
  assert.equal((await create(peer, 'GATEWAY')).status, 504);
  assert.equal(await present(peer, 'GATEWAY'), 1);
  await fault(peer, {kind: 'internal_after'});
  assert.equal((await create(peer, 'AFTER')).status, 500);
  assert.equal(await present(peer, 'AFTER'), 1);
  await fault(peer, {kind: 'internal_before'});
  assert.equal((await create(peer, 'BEFORE')).status, 500);
  assert.equal(await present(peer, 'BEFORE'), 0);
});

test('a truncated answer, one fault by header, a revoked token, rules that are wrong', async t => {
  const peer = await startPeer(t);
  await fault(peer, {kind: 'truncate'});
  await assert.rejects(create(peer, 'CUT'));
  assert.equal(await present(peer, 'CUT'), 1);
  refused(assert, await create(peer, 'H', {'x-sandbox-fault': '{"kind":"throttled"}'}), 429, 'Application_TooManyRequests');
  refused(
    assert,
    await create(peer, 'H', {'x-sandbox-fault': '{"kind":"revoke_token"}'}),
    401,
    'Authentication_InvalidCredentials',
  );
  refused(assert, await create(peer, 'H'), 401, 'Authentication_InvalidCredentials');
  peer.authorization = undefined;
  assert.equal((await create(peer, 'H')).status, 201);
  assert.equal((await peer.admin('POST', 'faults', {rules: [{action: {kind: 'mischief'}}]})).status, 400);
  assert.equal((await create(peer, 'H', {'x-sandbox-fault': '{"kind":"mischief"}'})).status, 400);
});

test('a reader without ReadWrite sees the past', async t => {
  const peer = await startPeer(t, '--replica-lag', '300000');
  const made = (await create(peer, 'LAG')).body;
  const look = intent =>
    peer.at('GET', `salesOrders?${filter("externalDocumentNumber eq 'LAG'")}`, {headers: {'data-access-intent': intent}});
  assert.equal((await look('ReadWrite')).body.value.length, 1);
  assert.equal((await look('ReadOnly')).body.value.length, 0);
  assert.equal((await peer.at('GET', `salesOrders(${made.id})`, {headers: {'data-access-intent': 'ReadOnly'}})).status, 404);
  await peer.admin('POST', 'settings', {replicaLagMs: 0});
  assert.equal((await look('ReadOnly')).body.value.length, 1);
});

test('the replica shows rows as they were: changed ones older, deleted ones still there', async t => {
  const peer = await startPeer(t, '--replica-lag', '0');
  const changed = await peer.order({externalDocumentNumber: 'CHANGED', shipToName: 'old'});
  const deleted = await peer.order({externalDocumentNumber: 'DELETED'});
  await peer.admin('POST', 'settings', {replicaLagMs: 300_000});
  await peer.at('PATCH', `salesOrders(${changed.id})`, {body: {shipToName: 'new'}, headers: {'if-match': '*'}});
  await peer.at('DELETE', `salesOrders(${deleted.id})`);
  const past = (await peer.at('GET', 'salesOrders?$expand=salesOrderLines', {headers: {'data-access-intent': 'ReadOnly'}})).body
    .value;
  assert.deepEqual(past.map(order => [order.externalDocumentNumber, order.shipToName, order.salesOrderLines.length]).sort(), [
    ['CHANGED', 'old', 1],
    ['DELETED', 'Web Shop Customers', 1],
  ]);
});

test('a restart finds everything again: documents, effects, numbers, time, what was deleted', async t => {
  const folder = folderOf(t);
  const flags = ['--state', path.join(folder, 'state.json')];
  const first = await startPeer(t, ...flags);
  const order = await first.order({externalDocumentNumber: 'KEPT'}, [{unitPrice: 9.99}, {unitPrice: 0.01}]);
  await first.admin('POST', 'customers/WEB', {displayName: 'Renamed'});
  const {body} = await first.at('GET', `items?${filter("number ne '1896-S'")}&$top=1`);
  await first.at('DELETE', `items(${body.value[0].id})`);
  await first.admin('POST', 'time', {business: '2027-01-05T00:00:00Z'});
  await first.stop();

  const second = await startPeer(t, ...flags);
  const kept = (await second.at('GET', `salesOrders(${order.id})?$expand=salesOrderLines`)).body;
  assert.deepEqual(
    [kept['@odata.etag'], kept.totalAmountIncludingTax, kept.salesOrderLines.length],
    [order['@odata.etag'], 10, 2],
  );
  assert.equal((await second.effects())[0].external, 'KEPT');
  assert.equal((await second.at('GET', `customers?${filter("number eq 'WEB'")}`)).body.value[0].displayName, 'Renamed');
  assert.equal((await second.at('GET', `items(${body.value[0].id})`)).status, 404);
  const next = await second.order();
  assert.deepEqual([next.number, next.orderDate], [`S-ORD${Number(order.number.slice(5)) + 1}`, '2027-01-05']);
  assert.equal((await second.admin('POST', 'time', {business: '2026-12-01T00:00:00Z'})).status, 400);
  await second.stop();
  await assert.rejects(startPeer(null, ...flags, '--seed', '2'), /delete it to start over/);
});

test('the real profile takes its time, and the ledger adds it up', async t => {
  const peer = await startPeer(t, '--latency', 'real', '--time-scale', '100');
  await peer.bearer();
  await peer.admin('DELETE', 'ledger');
  const ms = async () => (await peer.admin('GET', 'ledger')).body.latency_ms;
  const within = (value, middle) => assert.ok(value >= middle * 0.5 && value <= middle * 1.5 + 1, `${value} of ${middle}`);
  await peer.at('GET', 'items?$top=1');
  const read = await ms();
  within(read, 120);
  await peer.order(
    {},
    Array.from({length: 50}, () => ({unitPrice: 1})),
  );
  const document = await ms();
  within(document - read, 1000);
  await peer.call('POST', '$batch', {
    headers: {accept: 'application/json'},
    body: {
      requests: Array.from({length: 10}, (_, id) => ({id: String(id), method: 'GET', url: `companies(${COMPANY})/items?$top=1`})),
    },
  });
  within((await ms()) - document, 1200);
  const {body} = await peer.admin('GET', 'ledger');
  assert.deepEqual(
    [
      body.by_operation['POST salesOrders'].calls,
      body.by_operation['$batch GET items'].calls,
      body.by_operation['POST $batch'].calls,
    ],
    [1, 10, 1],
  );
});

test('writes to one document wait for each other', async t => {
  const peer = await startPeer(t, '--latency', 'real', '--time-scale', '20');
  const order = await peer.order();
  const add = n =>
    peer.at('POST', `salesOrders(${order.id})/salesOrderLines`, {
      body: {lineType: 'Account', lineObjectNumber: '6610', quantity: 1, unitPrice: n},
    });
  const answers = await Promise.all([1, 2, 3, 4].map(add));
  assert.deepEqual(
    answers.map(answer => answer.status),
    [201, 201, 201, 201],
  );
  assert.deepEqual(answers.map(answer => answer.body.sequence).sort(), [20000, 30000, 40000, 50000]);
  assert.equal((await peer.at('GET', `salesOrders(${order.id})`)).body.totalAmountIncludingTax, 20);
});

test('a ledger that was emptied stays empty, and a line that a kill cut off is forgotten', async t => {
  const folder = folderOf(t);
  const file = path.join(folder, 'state.json');
  const first = await startPeer(t, '--state', file);
  await create(first, 'BEFORE');
  await first.admin('DELETE', 'ledger');
  await create(first, 'AFTER');
  await first.stop();
  fs.appendFileSync(file, '{"key":"half a li');
  const second = await startPeer(t, '--state', file);
  assert.deepEqual(
    (await second.effects()).map(effect => effect.external),
    ['AFTER'],
  );
  assert.equal((await second.admin('GET', 'documents')).body.documents.length, 2);
  await second.admin('POST', 'reset');
  await second.stop();
  const third = await startPeer(t, '--state', file);
  assert.deepEqual((await third.admin('GET', 'documents')).body.documents, []);
});

test('a change is on disk within a second, without an orderly end', async t => {
  const folder = folderOf(t);
  const file = path.join(folder, 'state.json');
  const peer = await startPeer(t, '--state', file);
  await create(peer, 'DISK');
  const end = Date.now() + 1000;
  await until(
    async () => fs.readFileSync(file, 'utf8'),
    text => text.includes('"externalDocumentNumber":"DISK"'),
  );
  assert.ok(fs.statSync(file).mtimeMs < end);
});

test('a URL that is too long is refused at the gateway', async t => {
  const peer = await startPeer(t);
  const answer = await peer.at(
    'GET',
    `items?${filter(Array.from({length: 100}, (_, n) => `number eq 'ITEM-${n}'`).join(' or '))}`,
  );
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [414, 'text/html']);
});

test('the admin side: documents, requests, cards, reset', async t => {
  const peer = await startPeer(t);
  assert.deepEqual((await peer.admin('GET', 'health')).body, {ok: true, peer: 'business-central'});
  const order = await peer.order({externalDocumentNumber: 'DOC'}, [{unitPrice: 12}]);
  const {documents} = (await peer.admin('GET', 'documents?external=DOC')).body;
  assert.deepEqual(
    documents.map(each => [each.kind, each.number, each.totalAmountExcludingTax, each.lines.length]),
    [['order', order.number, 10, 1]],
  );
  const lost = await peer.at('GET', 'unicorns');
  const correlation = lost.headers.get('request-id');
  assert.match(lost.body.error.message, new RegExp(correlation));
  assert.equal(
    (await peer.admin('GET', `requests?correlation=${correlation}`)).body.requests[0].path.endsWith('/unicorns'),
    true,
  );
  assert.equal(
    (await peer.admin('POST', 'customers', {number: 'NEW', displayName: 'By hand', email: 'by@hand.example'})).body.number,
    'NEW',
  );
  assert.equal((await peer.order({customerNumber: 'NEW'})).customerName, 'By hand');
  assert.equal((await peer.admin('DELETE', `documents/${order.number}`)).status, 200);
  assert.equal((await peer.admin('POST', 'customers/NOBODY', {blocked: 'All'})).status, 404);
  assert.equal((await peer.admin('POST', 'reset')).status, 200);
  assert.deepEqual((await peer.admin('GET', 'documents')).body.documents, []);
  assert.deepEqual(await peer.effects(), []);
});

test('a token, and what the level does not offer, fail like any other call', async t => {
  const peer = await startPeer(t);
  const rule = (operation, action) => peer.admin('POST', 'faults', {rules: [{match: {operation}, nth: 1, action}]});
  await rule('POST token', {kind: 'reset_after'});
  await assert.rejects(peer.token());
  await rule('POST token', {kind: 'status_after', status: 500});
  assert.equal((await peer.token()).status, 500);
  assert.equal((await peer.token()).status, 200);
  const probe = `${peer.url}/v2.0/sandbox/Production/api/cartage/shopify/v1.0/companies(${COMPANY})/postedShipments`;
  await rule('GET postedShipments', {kind: 'throttled'});
  assert.equal((await peer.call('GET', probe)).status, 429);
  assert.equal((await peer.call('GET', probe)).status, 404);
  assert.equal((await peer.admin('GET', 'ledger')).body.by_operation['GET postedShipments'].calls, 2);
});
