// What people do at the ERP beside a client: documents made by hand, goods shipped in parts, shipments undone.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {booksBalance} from './books.mjs';
import {filter, refused, startPeer} from './support.mjs';

let peer;
before(async () => (peer = await startPeer(null)));
after(() => peer.stop());

const orders = async text => (await peer.at('GET', `salesOrders?${filter(text)}&$count=true`)).body;
const by = (set, order) => peer.at('GET', `${set}?${filter(`orderNumber eq '${order.number}'`)}`).then(({body}) => body.value);
const made = async (lines = [{quantity: 5}, {quantity: 3}]) => {
  const full = lines.map(line => ({lineType: 'Item', lineObjectNumber: '1896-S', ...line, unitPrice: 10}));
  const body = {customerNumber: 'WEB', salesOrderLines: full};
  return (await peer.at('POST', 'salesOrders?$expand=salesOrderLines', {body})).body;
};
const byHand = (order, body) => peer.admin('POST', `documents/${order.number}`, body);
const quantities = async order =>
  (await peer.at('GET', `salesOrders(${order.id})/salesOrderLines`)).body.value.map(line => [
    line.shippedQuantity,
    line.invoicedQuantity,
    line.shipQuantity,
  ]);

test('fifty orders made by hand: of no shop, priced, postable, no effects of a client', async () => {
  const {status, body} = await peer.admin('POST', 'documents', {count: 50});
  assert.deepEqual([status, body.documents.length], [200, 50]);
  const found = await orders("externalDocumentNumber eq ''");
  assert.equal(found['@odata.count'], 50);
  assert.ok(found.value.every(order => order.status === 'Draft' && order.totalAmountIncludingTax > 0));
  assert.ok(new Set(found.value.map(order => order.customerNumber)).size > 5);
  assert.equal((await peer.at('POST', `salesOrders(${found.value[7].id})/Microsoft.NAV.shipAndInvoice`)).status, 204);
  const [own] = (
    await peer.admin('POST', 'documents', {kind: 'invoice', customerNumber: 'WEB', externalDocumentNumber: 'HAND-1'})
  ).body.documents;
  assert.deepEqual([own.kind, own.externalDocumentNumber, own.customerNumber], ['invoice', 'HAND-1', 'WEB']);
  for (const bad of [{kind: 'poem'}, {count: 0}, {nonsense: 1}])
    assert.equal((await peer.admin('POST', 'documents', bad)).status, 400);
});

test('a person ships a part, then the rest; posting invoices what was shipped', async () => {
  const order = await made();
  assert.equal((await byHand(order, {ship: {99999: 1}})).status, 400);
  const shipment = (await byHand(order, {ship: {10000: 2}})).body;
  assert.equal(shipment.orderNumber, order.number);
  assert.deepEqual(await quantities(order), [
    [2, 0, 3],
    [0, 0, 3],
  ]);
  await byHand(order, {ship: true});
  assert.equal((await by('salesShipments', order)).length, 2);
  assert.equal((await peer.at('GET', `salesOrders(${order.id})`)).body.fullyShipped, true);
  assert.equal((await byHand(order, {ship: true})).status, 400, 'nothing is left');
  assert.equal((await byHand(order, {post: true})).body.totalAmountIncludingTax, 80);
  await booksBalance(peer, 'shipped by hand');
});

test('a shipment undone: negative lines below the originals, stock and order as before', async () => {
  const stock = async () => (await peer.at('GET', `items?${filter("number eq '1896-S'")}`)).body.value[0].inventory;
  const order = await made();
  const before = await stock();
  const {number, id} = (await byHand(order, {ship: {10000: 4, 20000: 1}})).body;
  assert.equal(await stock(), before - 5);
  const stamp = (await peer.at('GET', `salesShipments(${id})`)).body.lastModifiedDateTime;
  assert.equal((await peer.admin('POST', `shipments/${number}`, {undo: true})).status, 200);
  const lines = (await peer.at('GET', `salesShipments(${id})/salesShipmentLines`)).body.value;
  assert.deepEqual(
    lines.map(line => [line.sequence, line.quantity]),
    [
      [10000, 4],
      [15000, -4],
      [20000, 1],
      [30000, -1],
    ],
  );
  const listed = (await peer.admin('GET', 'shipments')).body.shipments.find(shipment => shipment.number === number);
  assert.deepEqual(
    listed.lines.map(line => line.quantity).sort(),
    lines.map(line => line.quantity).sort(),
    'the list of shipments has the same lines',
  );
  assert.equal((await peer.at('GET', `salesShipments(${id})`)).body.lastModifiedDateTime, stamp, 'only the lines show it');
  const changed = await peer.at(
    'GET',
    `salesShipmentLines?${filter(`documentId eq ${id} and lastModifiedDateTime gt ${stamp}`)}`,
  );
  assert.equal(changed.body.value.length, 4);
  assert.equal(await stock(), before);
  assert.deepEqual(await quantities(order), [
    [0, 0, 5],
    [0, 0, 3],
  ]);
  assert.equal((await peer.admin('POST', `shipments/${number}`, {undo: true})).status, 400, 'once');
  await byHand(order, {post: true});
  const [, later] = await by('salesShipments', order);
  const late = await peer.admin('POST', `shipments/${later.number}`, {undo: true});
  assert.deepEqual([late.status, /already been invoiced/.test(late.body.errors)], [400, true]);
  await booksBalance(peer, 'undone');
});

test('what was invoiced of a shipment cannot be undone, even while the order lives', async () => {
  const order = await made();
  await peer.at('PATCH', `salesOrderLines(${order.salesOrderLines[1].id})`, {
    body: {shipQuantity: 0},
    headers: {'if-match': '*'},
  });
  await byHand(order, {post: true});
  const [{number}] = await by('salesShipments', order);
  assert.match((await peer.admin('POST', `shipments/${number}`, {undo: true})).body.errors, /already been invoiced/);
  assert.equal((await peer.admin('POST', 'shipments/999', {undo: true})).status, 404);
  assert.equal((await peer.admin('POST', `shipments/${number}`, {trackingNr: 'x'})).status, 400);
});

test('a document deleted by a person is gone for the client', async () => {
  const order = await made();
  assert.equal((await peer.admin('DELETE', `documents/${order.number}`)).status, 200);
  assert.equal((await peer.at('GET', `salesOrders(${order.id})`)).status, 404);
  refused(
    assert,
    await peer.at('POST', `salesOrders(${order.id})/Microsoft.NAV.shipAndInvoice`),
    404,
    'Internal_RecordNotFound',
  );
});

test('what a set-up cannot be is refused and changes nothing', async () => {
  for (const bad of [{approvals: 'yes'}, {allowPostingFrom: 'soon'}, {defaultQuantityToShip: 'all'}, {colour: 1}])
    assert.equal((await peer.admin('POST', 'setup', bad)).status, 400, JSON.stringify(bad));
  assert.equal((await peer.admin('POST', 'locations/NOWHERE', {warehouse: 'Pick'})).status, 404);
  assert.equal((await peer.admin('POST', 'locations/EAST', {warehouse: 'Drone'})).status, 400);
  const {body} = await peer.admin('POST', 'setup', {allowPostingTo: '2027-01-31'});
  assert.equal(body.allowPostingTo, '2027-01-31');
  const [row] = (await peer.at('GET', 'generalLedgerSetup')).body.value;
  assert.equal(row.allowPostingTo, '2027-01-31', 'the API shows it');
});
