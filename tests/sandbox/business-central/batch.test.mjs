// $batch: order, stopping, going on, the transaction that lies about what it rolled back.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {COMPANY, filter, refused, startPeer} from './support.mjs';

let peer;
before(async () => (peer = await startPeer(null)));
after(() => peer.stop());

const batch = (requests, headers = {}) =>
  peer.call('POST', '$batch', {body: {requests}, headers: {accept: 'application/json', ...headers}});
const post = (id, externalDocumentNumber, more = {}) => ({
  id,
  method: 'POST',
  url: `companies(${COMPANY})/salesOrders`,
  headers: {'content-type': 'application/json'},
  body: {customerNumber: 'WEB', externalDocumentNumber, ...more},
});
const bad = id => post(id, 'BAD', {nothing: 1});
const statuses = answer => answer.body.responses.map(({id, status}) => `${id}:${status}`).join(' ');
const present = async external =>
  (await peer.at('GET', `salesOrders?${filter(`externalDocumentNumber eq '${external}'`)}`)).body.value.length;

test('members run in order, each its own transaction, and the first failure ends it', async () => {
  const answer = await batch([post('1', 'S1'), bad('2'), post('3', 'S3')]);
  assert.equal(answer.status, 200);
  assert.equal(statuses(answer), '1:201 2:400');
  assert.equal(answer.body.responses[1].body.error.code, 'BadRequest');
  assert.match(answer.body.responses[0].headers.location, /salesOrders\(/);
  assert.deepEqual([await present('S1'), await present('S3')], [1, 0]);
});

test('with continue-on-error all run', async () => {
  const answer = await batch([post('1', 'C1'), bad('2'), post('3', 'C3')], {prefer: 'odata.continue-on-error'});
  assert.equal(statuses(answer), '1:201 2:400 3:201');
  assert.deepEqual([await present('C1'), await present('C3')], [1, 1]);
});

test('a snapshot is rolled back and still reports 201 for what is gone', async () => {
  await peer.admin('DELETE', 'ledger');
  const answer = await batch([post('1', 'T1'), bad('2'), post('3', 'T3')], {
    isolation: 'snapshot',
    prefer: 'odata.continue-on-error',
  });
  assert.equal(statuses(answer), '1:201 2:400');
  const {id} = answer.body.responses[0].body;
  assert.equal((await peer.at('GET', `salesOrders(${id})`)).status, 404);
  assert.deepEqual([await present('T1'), await peer.effects()], [0, []]);
  assert.equal(statuses(await batch([bad('0'), post('1', 'T1')], {isolation: 'snapshot'})), '0:400');
  assert.equal(statuses(await batch([post('1', 'T5'), post('2', 'T6')], {isolation: 'snapshot'})), '1:201 2:201');
  assert.deepEqual([await present('T5'), (await peer.effects()).length], [1, 2]);
});

test('reads, changes with their own If-Match, ids that are missing or numbers', async () => {
  const order = await peer.order({externalDocumentNumber: 'R1'});
  const url = `companies(${COMPANY})/salesOrders(${order.id})`;
  const answer = await batch(
    [
      {
        id: 7,
        method: 'GET',
        headers: {'Data-Access-Intent': 'ReadWrite'},
        url: `companies(${COMPANY})/salesOrders?${filter("externalDocumentNumber eq 'R1'")}&$select=number`,
      },
      {
        id: 'p',
        method: 'PATCH',
        url: `/${url}`,
        headers: {'If-Match': order['@odata.etag'], 'content-type': 'application/json'},
        body: {shipToName: 'x'},
      },
      {method: 'DELETE', url: `${peer.root}/${url}`},
    ],
    {'data-access-intent': 'ReadOnly'},
  ); // the outer header says nothing about members
  assert.deepEqual(
    answer.body.responses.map(({id, status}) => [id, status]),
    [
      ['7', 200],
      ['p', 200],
      [null, 204],
    ],
  );
  assert.equal(answer.body.responses[0].body.value[0].number, order.number);
  assert.equal('body' in answer.body.responses[2], false);
});

test('a hundred members and no more; other shapes are refused', async () => {
  const read = n => ({id: String(n), method: 'GET', url: `companies(${COMPANY})/items?$top=1`});
  const hundred = Array.from({length: 100}, (_, n) => read(n));
  assert.equal((await batch(hundred)).body.responses.length, 100);
  refused(assert, await batch([...hundred, read(100)]), 500, 'Unknown', /Maximum \(100\)\. Actual \(101\)/);
  refused(assert, await peer.call('POST', '$batch', {body: {}, headers: {accept: 'application/json'}}), 400, 'BadRequest');
  refused(
    assert,
    await peer.call('POST', '$batch', {body: {requests: []}, headers: {accept: '*/*'}}),
    501,
    'BadRequest_MethodNotImplemented',
  );
  refused(assert, await peer.call('GET', '$batch'), 400, 'BadRequest');
});

test('a company by header, a fault on one member', async () => {
  const read = {id: 'a', method: 'GET', url: 'items?$top=1', headers: {company: 'CRONUS UK Ltd.'}};
  assert.equal(statuses(await batch([read])), 'a:200');
  await peer.admin('POST', 'faults', {
    rules: [{match: {path: '/salesOrders$', method: 'POST'}, nth: 2, action: {kind: 'status', status: 409}}],
  });
  const answer = await batch([post('1', 'F1'), post('2', 'F2'), post('3', 'F3')], {prefer: 'odata.continue-on-error'});
  await peer.admin('DELETE', 'faults');
  assert.equal(statuses(answer), '1:201 2:409 3:201');
  assert.match(answer.body.responses[1].body.error.message, /deadlocked/);
  assert.equal(await present('F2'), 0);
});
