// What is offered beside API v2.0: nothing, the contract of the extension, or published pages.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {test} from 'node:test';
import {ENTITIES} from '../../../sandbox/business-central/entities.mjs';
import {booksBalance} from './books.mjs';
import {COMPANY, filter, refused, startPeer} from './support.mjs';

const OWN_ID = '77777777-7777-4777-8777-000000001001';
const extension = peer => `${peer.url}/v2.0/sandbox/Production/api/cartage/shopify/v1.0`;
const pages = peer => `${peer.url}/v2.0/sandbox/Production/ODataV4`;
const atExtension = (peer, method, path, options) =>
  peer.call(method, `${extension(peer)}/companies(${COMPANY})/${path}`, options);
const page = (peer, path) => peer.call('GET', `${pages(peer)}/Company('CRONUS%20UK%20Ltd.')/${path}`);
const line = more => ({lineType: 'Item', lineObjectNumber: '1896-S', quantity: 2, unitPrice: 12, ...more});
const importing = (peer, header = {}, lines = [line()]) =>
  atExtension(peer, 'POST', 'orderImports?$expand=lines', {body: {customerNumber: 'WEB', ...header, lines}});
const act = (peer, id, action, body) => atExtension(peer, 'POST', `orderImports(${id})/Microsoft.NAV.${action}`, {body});
const shipmentOf = async (peer, order) =>
  (await atExtension(peer, 'GET', `postedShipments?${filter(`orderNumber eq '${order.number}'`)}&$expand=lines`)).body.value[0];

test('a level offers what it says, and its metadata says it; the rest is 404', async t => {
  const peer = await startPeer(t);
  const answers = async () => {
    const list = [`${extension(peer)}/$metadata`, `${pages(peer)}/$metadata`, `${peer.root}/$metadata`];
    return Promise.all(list.map(url => peer.call('GET', url)));
  };
  const statuses = async level => {
    await peer.admin('POST', 'settings', {level});
    return (await answers()).map(({status}) => status);
  };
  assert.equal((await peer.admin('POST', 'settings', {level: 'moon'})).status, 400);
  assert.deepEqual(await statuses('extension'), [200, 404, 200]);
  const [own, , standard] = await answers();
  assert.match(own.text, /<EntityType Name="orderImport">/);
  assert.match(own.text, /<Property Name="trackingNumber" Type="Edm.String" MaxLength="50"\/>/);
  assert.match(own.text, /<Action Name="reopen" IsBound="true">/);
  assert.doesNotMatch(standard.text, /orderImport|trackingNumber|customerLedgerEntry/);
  assert.deepEqual(await statuses('odata-page'), [404, 200, 200]);
  assert.match((await answers())[1].text, /<Key><PropertyRef Name="No"\/><\/Key>.*Package_Tracking_No/s);
  assert.deepEqual(await statuses('api'), [404, 404, 200]);
  refused(assert, await atExtension(peer, 'GET', 'postedShipments'), 404, 'BadRequest_ResourceNotFound', /cartage/);
  refused(assert, await peer.at('GET', 'postedShipments'), 404, 'BadRequest_ResourceNotFound');
  await peer.admin('POST', 'settings', {level: 'extension'});
  refused(assert, await atExtension(peer, 'GET', 'salesOrders'), 404, 'BadRequest_ResourceNotFound');
});

test("an order of the extension: the client's id and number, the fields that v2.0 lacks", async t => {
  const peer = await startPeer(t, '--level', 'extension');
  const location = (await peer.at('GET', `locations?${filter("code eq 'EAST'")}`)).body.value[0].id;
  const header = {
    id: OWN_ID,
    number: 'sh-1001',
    externalDocumentNumber: '#1001',
    shopifyOrderId: '450789469',
    shopifyOrderNumber: '#1001',
    yourReference: 'PO 7',
    paymentMethodCode: 'CARD',
    shippingAgentCode: 'dhl',
    locationId: location,
    shipToPhoneNumber: '+44 20 7946 0100',
    taxAreaCode: 'EXPORT',
    billToName: 'B. Payer',
    sellToName2: 'Second floor',
    billToName2: 'Accounts',
    shipToName2: 'Dock 3',
    billToAddressLine1: 'Bill street 1',
    billToCountry: 'DE',
  };
  const made = await importing(peer, header);
  assert.equal(made.status, 201, made.text);
  const {body} = made;
  for (const [name, value] of Object.entries({...header, number: 'SH-1001', shippingAgentCode: 'DHL'}))
    assert.equal(body[name], value, name);
  assert.deepEqual(
    body.lines.map(each => [each.sequence, each.locationId, each.netAmount]),
    [[10000, location, undefined]],
  );
  const same = (await peer.at('GET', `salesOrders(${OWN_ID})`)).body;
  assert.deepEqual(
    [same.number, same.billToName, same.totalAmountIncludingTax, same.totalTaxAmount],
    ['SH-1001', 'B. Payer', 24, 0],
  );
  refused(assert, await importing(peer, header), 400, 'Internal_EntityWithSameKeyExists', /SystemId/);
  const {id, ...others} = header;
  refused(assert, await importing(peer, others), 400, 'Internal_EntityWithSameKeyExists', /No\.='SH-1001'/);
  for (const [name, value] of Object.entries({
    paymentMethodCode: 'BARTER',
    shippingAgentCode: 'PIGEON',
    taxAreaCode: 'MOON',
    billToCountry: 'XQ',
    shippingAgentServiceCode: 'NEXT DAY', // of no agent
  }))
    refused(assert, await importing(peer, {[name]: value}), 400, 'Internal_InvalidTableRelation', new RegExp(value));
  refused(assert, await importing(peer, {totalAmountIncludingTax: 1}), 400, 'BadRequest_InvalidOperation');
  const found = await atExtension(peer, 'GET', `orderImports?${filter("shopifyOrderNumber eq '#1001'")}`);
  assert.deepEqual(
    found.body.value.map(row => row.id),
    [OWN_ID],
  );
});

test('an invoice and a credit memo of the extension: the same records as in v2.0, with what it lacks', async t => {
  const peer = await startPeer(t, '--level', 'extension');
  const rows = [
    ['invoiceImports', 'salesInvoices', {shippingAgentCode: 'DHL', shippingAgentServiceCode: 'NEXT DAY', dueDate: '2026-12-24', shipToName2: 'Dock 3'}],
    ['creditMemoImports', 'salesCreditMemos', {billToCity: 'Bonn', billToName2: 'Accounts'}],
  ];
  for (const [imports, set, more] of rows) {
    const header = {id: OWN_ID, yourReference: 'PO 7', paymentMethodCode: 'CARD', taxAreaCode: 'EXPORT', ...more};
    const body = {customerNumber: 'WEB', ...header, lines: [line()]};
    const made = await atExtension(peer, 'POST', `${imports}?$expand=lines`, {body});
    assert.equal(made.status, 201, made.text);
    for (const [name, value] of Object.entries(header)) assert.equal(made.body[name], value, name);
    const same = (await peer.at('GET', `${set}(${OWN_ID})`)).body;
    assert.deepEqual([same.status, same.totalTaxAmount, same.totalAmountIncludingTax], ['Draft', 0, 24], set);
    const again = await atExtension(peer, 'POST', imports, {body});
    refused(assert, again, 400, 'Internal_EntityWithSameKeyExists', /SystemId/);
    assert.equal((await peer.at('POST', `${set}(${OWN_ID})/Microsoft.NAV.post`)).status, 204);
  }
  const memo = {customerNumber: 'WEB', shipToCity: 'Bonn', lines: [line()]};
  refused(assert, await atExtension(peer, 'POST', 'creditMemoImports', {body: memo}), 400, 'BadRequest');
  await booksBalance(peer, 'imported invoices and memos');
});

test('release, reopen, ship, post on a date', async t => {
  const peer = await startPeer(t, '--level', 'extension');
  const order = (await importing(peer, {shopifyOrderId: '1', shippingAgentCode: 'UPS', yourReference: 'PO 8'})).body;
  const status = async () => (await peer.at('GET', `salesOrders(${order.id})`)).body.status;
  assert.equal((await act(peer, order.id, 'release')).status, 204);
  assert.equal(await status(), 'Open');
  assert.equal((await act(peer, order.id, 'reopen')).status, 204);
  assert.equal(await status(), 'Draft');
  assert.equal((await act(peer, order.id, 'ship')).status, 204);
  assert.deepEqual((await peer.at('GET', `salesInvoices?${filter(`orderNumber eq '${order.number}'`)}`)).body.value, []);
  const shipment = await shipmentOf(peer, order);
  assert.deepEqual(
    [shipment.shopifyOrderId, shipment.shippingAgentCode, shipment.trackingNumber, shipment.syncState],
    ['1', 'UPS', '', '_x0020_'],
  );
  const dates = {ship: false, invoice: true, postingDate: '2026-11-05', documentDate: '0001-01-01'};
  const {documentDate, ...missing} = dates;
  refused(assert, await act(peer, order.id, 'post', missing), 400, 'BadRequest_RequiredParamNotProvided', /documentDate/);
  refused(assert, await act(peer, order.id, 'post', {...dates, ship: 'no'}), 400, 'BadRequest', /ship/);
  assert.equal((await act(peer, order.id, 'post', dates)).status, 204);
  const [invoice] = (await peer.at('GET', `salesInvoices?${filter(`orderNumber eq '${order.number}'`)}`)).body.value;
  const {postingDate, invoiceDate, customerPurchaseOrderReference: reference} = invoice;
  assert.deepEqual([postingDate, invoiceDate, reference], ['2026-11-05', '2026-11-02', 'PO 8']);
  refused(assert, await act(peer, order.id, 'reopen'), 404, 'Internal_RecordNotFound');
  await booksBalance(peer, 'the extension');
});

test('a posted shipment shows its tracking number once a person wrote it, and keeps a state', async t => {
  const peer = await startPeer(t, '--level', 'extension');
  const order = (await importing(peer, {}, [{description: 'Gift wrap'}, line()])).body;
  await act(peer, order.id, 'shipAndInvoice');
  const before = await shipmentOf(peer, order);
  assert.deepEqual(
    before.lines.map(each => [each.sequence, each.orderSequence, each.quantity, each.locationCode]),
    [
      [10000, 10000, 0, ''],
      [20000, 20000, 2, ''],
    ],
  );
  assert.equal(before.lines[1].itemId, order.lines[1].itemId);
  await peer.admin('POST', `shipments/${before.number}`, {
    trackingNumber: 'JD0001',
    shippingAgent: 'DHL',
    trackingUrl: 'https://track.example/JD0001',
  });
  const after = await shipmentOf(peer, order);
  assert.deepEqual(
    [after.trackingNumber, after.shippingAgentCode, after.trackingUrl],
    ['JD0001', 'DHL', 'https://track.example/JD0001'],
  );
  assert.ok(after.lastModifiedDateTime > before.lastModifiedDateTime, 'found by its stamp');
  const patch = (body, match = '*') =>
    atExtension(peer, 'PATCH', `postedShipments(${after.id})`, {body, headers: {'if-match': match}});
  refused(assert, await patch({syncState: 'Done'}, before['@odata.etag']), 409, 'Request_EntityChanged');
  assert.equal((await patch({syncState: 'Done'}, after['@odata.etag'])).body.syncState, 'Done');
  refused(assert, await patch({trackingNumber: 'X'}), 400, 'BadRequest_InvalidOperation');
  refused(assert, await atExtension(peer, 'DELETE', `postedShipments(${after.id})`), 405, 'BadRequest_MethodNotAllowed');
});

test('published pages show the same by captions', async t => {
  const peer = await startPeer(t, '--level', 'odata-page');
  const order = await peer.order({externalDocumentNumber: '#1001'}, [{unitPrice: 5}]);
  await peer.at('POST', `salesOrders(${order.id})/Microsoft.NAV.shipAndInvoice`);
  const [{number}] = (await peer.at('GET', `salesShipments?${filter(`orderNumber eq '${order.number}'`)}`)).body.value;
  await peer.admin('POST', `shipments/${number}`, {trackingNumber: 'JD0002', shippingAgent: 'UPS'});
  const list = await page(peer, `PostedSalesShipments?${filter(`Order_No eq '${order.number}'`)}`);
  assert.equal(list.status, 200, list.text);
  const [row] = list.body.value;
  assert.deepEqual(
    [row.No, row.Package_Tracking_No, row.Shipping_Agent_Code, row.External_Document_No, row.id, row.lastModifiedDateTime],
    [number, 'JD0002', 'UPS', '#1001', undefined, undefined],
  );
  assert.match(list.body['@odata.context'], /\/ODataV4\/\$metadata#Company\('CRONUS UK Ltd\.'\)\/PostedSalesShipments$/);
  for (const key of [`('${number}')`, `(No='${number}')`])
    assert.equal((await page(peer, `PostedSalesShipment${key}`)).body.Package_Tracking_No, 'JD0002');
  assert.equal((await peer.call('GET', `${pages(peer)}/Company(Id=${COMPANY})/PostedSalesShipments/$count`)).text, '1');
  refused(assert, await page(peer, "PostedSalesShipment('NONE')"), 404, 'Internal_RecordNotFound');
  refused(assert, await page(peer, 'PostedSalesInvoices'), 404, 'BadRequest_ResourceNotFound');
  refused(assert, await page(peer, 'salesShipments'), 404, 'BadRequest_ResourceNotFound');
  refused(
    assert,
    await peer.call('GET', `${pages(peer)}/Company('Nobody')/PostedSalesShipments`),
    404,
    'Internal_CompanyNotFound',
  );
  refused(
    assert,
    await peer.call('PATCH', `${pages(peer)}/Company('CRONUS%20UK%20Ltd.')/PostedSalesShipments('${number}')`, {body: {}}),
    405,
    'BadRequest_MethodNotAllowed',
  );
});

test('the app and the peer offer the same sets, properties and actions', () => {
  const names = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name).sort();
  const folder = new URL('../../../extension/src/', import.meta.url);
  const files = fs.readdirSync(folder).filter(name => name.endsWith('.Page.al'));
  const sets = [...ENTITIES.values()].filter(({root}) => root === 'extension');
  assert.equal(files.length, sets.length);
  for (const file of files) {
    const text = fs.readFileSync(new URL(file, folder), 'utf8');
    const entity = ENTITIES.get(/^ {4}EntitySetName = '(\w+)';$/m.exec(text)[1]);
    assert.equal(entity.root, 'extension', file);
    assert.deepEqual(names(text, /\bfield\((\w+);/g), entity.properties.map(({name}) => name).sort(), file);
    assert.deepEqual(names(text, /\[ServiceEnabled\]\s+procedure (\w+)\(/g), [...entity.actions].sort(), file);
    const parts = [...entity.navigation].filter(([, {many}]) => many).map(([name]) => name);
    assert.deepEqual(names(text, /^ {20}EntitySetName = '(\w+)';$/gm), parts.sort(), file);
  }
});
