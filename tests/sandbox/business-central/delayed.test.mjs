// Calls that take effect late: after minutes, or only when their caller has given up and looked.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {COMPANY, filter, refused, startPeer} from './support.mjs';

const rules = (peer, match, action) => peer.admin('POST', 'faults', {rules: [{match, nth: 1, action}]});
const order = external => ({
  customerNumber: 'WEB',
  externalDocumentNumber: external,
  salesOrderLines: [{lineType: 'Account', lineObjectNumber: '6610', quantity: 1, unitPrice: 5}],
});
const create = (peer, external) => peer.at('POST', 'salesOrders', {body: order(external)});
const present = async (peer, set, external) =>
  (await peer.at('GET', `${set}?${filter(`externalDocumentNumber eq '${external}'`)}`)).body.value.length;
const waiting = async peer => (await peer.admin('GET', 'faults')).body.delayed;

test('the effect comes when the caller has given up and looked once', async t => {
  const peer = await startPeer(t);
  await rules(peer, {path: '/salesOrders$', method: 'POST'}, {kind: 'later', match: 'salesOrders'});
  await assert.rejects(create(peer, 'LATER'));
  assert.equal(await waiting(peer), 1);
  assert.equal(await present(peer, 'salesInvoices', 'LATER'), 0, 'another read is no look');
  assert.equal(await present(peer, 'salesOrders', 'LATER'), 0, 'the look finds nothing');
  assert.equal(await present(peer, 'salesOrders', 'LATER'), 1, 'and there it is');
  assert.equal(await waiting(peer), 0);
});

test('so does a posting, after as many looks as asked for', async t => {
  const peer = await startPeer(t);
  const {body} = await create(peer, 'POST-LATER');
  await rules(peer, {path: 'shipAndInvoice$'}, {kind: 'later', looks: 2});
  await assert.rejects(peer.at('POST', `salesOrders(${body.id})/Microsoft.NAV.shipAndInvoice`));
  assert.equal(await present(peer, 'salesInvoices', 'POST-LATER'), 0);
  assert.equal(await present(peer, 'salesInvoices', 'POST-LATER'), 0);
  assert.equal(await present(peer, 'salesInvoices', 'POST-LATER'), 1);
});

test('and a batch whose member is hit: nothing behind it runs', async t => {
  const peer = await startPeer(t);
  await rules(peer, {path: 'salesOrders$', method: 'POST'}, {kind: 'later'});
  const requests = ['B-1', 'B-2'].map(id => ({
    id,
    method: 'POST',
    url: `companies(${COMPANY})/salesOrders`,
    headers: {'content-type': 'application/json'},
    body: order(id),
  }));
  await assert.rejects(peer.call('POST', '$batch', {headers: {accept: 'application/json'}, body: {requests}}));
  assert.equal(await present(peer, 'salesOrders', 'B-1'), 0);
  assert.deepEqual([await present(peer, 'salesOrders', 'B-1'), await present(peer, 'salesOrders', 'B-2')], [1, 0]);
});

test('eight minutes pass in bucket time, without a look; beyond them the server cancels', async t => {
  const peer = await startPeer(t, '--time-scale', '2000');
  await rules(peer, {path: '/salesOrders$'}, {kind: 'later', looks: 1000});
  await assert.rejects(create(peer, 'MINUTES'));
  const end = Date.now() + 5000;
  while ((await waiting(peer)) > 0) assert.ok(Date.now() < end, 'came about within its eight minutes');
  assert.equal(await present(peer, 'salesOrders', 'MINUTES'), 1);
  await rules(peer, {path: '/salesOrders$'}, {kind: 'late', bucket_ms: 400_000});
  assert.equal((await create(peer, 'SLOW')).status, 201);
  await rules(peer, {path: '/salesOrders$'}, {kind: 'late', bucket_ms: 500_000});
  refused(assert, await create(peer, 'TOO-SLOW'), 408, 'Internal_ServerError', /exceeded the time/);
  assert.equal(await present(peer, 'salesOrders', 'TOO-SLOW'), 0);
});

test('a second write to a document waits, or is the victim of a deadlock', async t => {
  const peer = await startPeer(t, '--latency', 'real', '--lock-conflict', 'deadlock');
  const {body} = await create(peer, 'LOCKED');
  const line = () => peer.at('POST', `salesOrders(${body.id})/salesOrderLines`, {body: {description: 'x'}});
  const answers = await Promise.all([line(), line()]);
  assert.deepEqual(answers.map(({status}) => status).sort(), [201, 409]);
  refused(
    assert,
    answers.find(({status}) => status === 409),
    409,
    'Internal_ServerError',
    /deadlocked/,
  );
  await peer.admin('POST', 'settings', {lockConflict: 'wait'});
  assert.deepEqual(
    (await Promise.all([line(), line()])).map(({status}) => status),
    [201, 201],
  );
  await peer.admin('POST', 'settings', {lockConflict: 'deadlock'});
  const other = (await create(peer, 'OTHER')).body;
  const posts = await Promise.all(
    [body, other].map(({id}) => peer.at('POST', `salesOrders(${id})/Microsoft.NAV.shipAndInvoice`)),
  );
  assert.deepEqual(posts.map(({status}) => status).sort(), [204, 409], 'postings share the ledgers');
});

test('a record locked by somebody else is a refusal in words', async t => {
  const peer = await startPeer(t);
  const {body} = await create(peer, 'WORDS');
  await rules(peer, {path: 'shipAndInvoice$'}, {kind: 'locked'});
  const posting = () => peer.at('POST', `salesOrders(${body.id})/Microsoft.NAV.shipAndInvoice`);
  refused(assert, await posting(), 400, 'Application_DialogException', /locked by another user/);
  assert.equal((await posting()).status, 204);
});
