// Sales orders: what a create sets, defaults, resets and refuses.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {NO_ID, filter, refused, startPeer} from './support.mjs';

let peer;
before(async () => (peer = await startPeer(null)));
after(() => peer.stop());

const create = (body, query = '') => peer.at('POST', `salesOrders${query}`, {body});
const line = more => ({lineType: 'Item', lineObjectNumber: '1896-S', quantity: 1, ...more});
const orderWith = (...lines) => create({customerNumber: 'WEB', salesOrderLines: lines}, '?$expand=salesOrderLines');
const first = async set => (await peer.at('GET', `${set}?$top=1`)).body.value[0];

test('an order with its lines in one request', async () => {
  const answer = await create({
    externalDocumentNumber: ' #1001a ',
    orderDate: '2026-10-30',
    customerNumber: 'web',
    shipToName: 'A. Example',
    shipToCountry: 'GB',
    salesOrderLines: [
      line({quantity: 2, unitPrice: 19.9}),
      {description: 'Gift wrap'},
      {lineType: 'Account', lineObjectNumber: '6610', quantity: 1, unitPrice: 4.5},
    ],
  });
  assert.equal(answer.status, 201, answer.text);
  const {body} = answer;
  assert.equal(body.salesOrderLines, undefined, 'lines come with $expand only');
  assert.equal(body.externalDocumentNumber, '#1001A', 'codes are trimmed and upper-cased');
  assert.match(body.number, /^S-ORD1010\d\d$/);
  assert.equal(
    answer.headers.get('location'),
    `${peer.root}/companies(11111111-1111-4111-8111-111111111111)/salesOrders(${body.id})`,
  );
  assert.deepEqual(
    [body.status, body.orderDate, body.currencyCode, body.pricesIncludeTax, body.totalAmountIncludingTax],
    ['Draft', '2026-10-30', 'GBP', true, 44.3],
  );
  assert.deepEqual(
    [body.shipToName, body.customerName, body.billToCustomerNumber],
    ['A. Example', 'Web Shop Customers', 'WEB'],
  );
  const lines = (await peer.at('GET', `salesOrders(${body.id})/salesOrderLines`)).body.value;
  assert.deepEqual(
    lines.map(each => [each.sequence, each.lineType, each.quantity, each.unitPrice]),
    [
      [10000, 'Item', 2, 19.9],
      [20000, 'Comment', 0, 0],
      [30000, 'Account', 1, 4.5],
    ],
  );
  assert.equal(lines[0].description, 'ATHENS Desk');
  assert.equal(lines[0].taxPercent, 20);
});

test('number and id of a customer may come together when they agree', async () => {
  const [web, other] = ['WEB', '10000'].map(number => filter(`number eq '${number}'`));
  const id = (await peer.at('GET', `customers?${web}`)).body.value[0].id;
  assert.equal((await create({customerNumber: 'WEB', customerId: id.toUpperCase()})).status, 201);
  const [{number}] = (await peer.at('GET', `customers?${other}`)).body.value;
  refused(assert, await create({customerNumber: number, customerId: id}), 400, 'Application_DialogException', /do not match/);
});

test('the external number may repeat: nobody enforces it', async () => {
  for (const unused of [1, 2])
    assert.equal(
      (await create({customerNumber: 'WEB', externalDocumentNumber: 'TWICE', salesOrderLines: []})).status,
      201,
      unused,
    );
  assert.equal((await peer.at('GET', `salesOrders?${filter("externalDocumentNumber eq 'TWICE'")}`)).body.value.length, 2);
});

test('all or nothing: a bad line leaves no order behind, only a gap in the numbers', async () => {
  const number = async () => Number((await create({customerNumber: 'WEB'})).body.number.slice(5));
  const before = await number();
  refused(
    assert,
    await create({
      customerNumber: 'WEB',
      externalDocumentNumber: 'HALF',
      salesOrderLines: [line(), line({lineObjectNumber: 'NO-SUCH'})],
    }),
    400,
    'Internal_InvalidTableRelation',
    /NO-SUCH/,
  );
  assert.deepEqual((await peer.at('GET', `salesOrders?${filter("externalDocumentNumber eq 'HALF'")}`)).body.value, []);
  assert.equal(await number(), before + 2);
});

const REFUSALS = [
  ['no customer', {}, 'Application_DialogException', /customerNumber/],
  ['customer that is not there', {customerNumber: 'NOBODY'}, 'Application_DialogException', /cannot be found/],
  [
    'customer and id that disagree',
    {customerNumber: 'WEB', customerId: '22222222-2222-4222-8222-222222222222'},
    'Application_DialogException',
    /cannot be found/,
  ],
  [
    'unknown property',
    {customerNumber: 'WEB', foo: 1},
    'BadRequest',
    /'foo' does not exist on type 'Microsoft.NAV.salesOrder'/,
  ],
  ['read-only property', {customerNumber: 'WEB', number: 'X1'}, 'BadRequest_InvalidOperation', /Control 'number' is read-only/],
  ['totals are read-only', {customerNumber: 'WEB', totalAmountIncludingTax: 5}, 'BadRequest_InvalidOperation', /read-only/],
  [
    'text too long',
    {customerNumber: 'WEB', externalDocumentNumber: 'X'.repeat(36)},
    'Application_StringExceededLength',
    /36, but it must be less than or equal to 35/,
  ],
  ['number as text', {customerNumber: 'WEB', discountAmount: '5'}, 'BadRequest', /discountAmount/],
  ['bad guid', {customerNumber: 'WEB', paymentTermsId: 'nonsense'}, 'Application_InvalidGUID', /paymentTermsId/],
  [
    'guid of nothing',
    {customerNumber: 'WEB', paymentTermsId: '22222222-2222-4222-8222-222222222222'},
    'Application_DialogException',
    /payment terms/,
  ],
  ['bad date', {customerNumber: 'WEB', orderDate: '2026-02-30'}, 'Application_EvaluateException', /2026-02-30/],
  ['unknown currency', {customerNumber: 'WEB', currencyCode: 'XXX'}, 'Internal_InvalidTableRelation', /XXX/],
  ['unknown country', {customerNumber: 'WEB', shipToCountry: 'XQ'}, 'Internal_InvalidTableRelation', /XQ/],
  ['bad e-mail', {customerNumber: 'WEB', email: 'nobody'}, 'Application_DialogException', /not valid/],
  [
    'invoice discount before there are lines',
    {customerNumber: 'WEB', discountAmount: 1, salesOrderLines: [line()]},
    'Application_DialogException',
    /invoice discount/,
  ],
  ['lines that are no list', {customerNumber: 'WEB', salesOrderLines: {}}, 'BadRequest', /array/],
  ['a navigation property', {customerNumber: 'WEB', customer: {}}, 'BadRequest', /navigation/],
];
for (const [name, body, code, text] of REFUSALS)
  test(`refuses an order: ${name}`, async () => refused(assert, await create(body), 400, code, text));

const LINE_REFUSALS = [
  ['unknown item', line({lineObjectNumber: 'NONE'}), 'Internal_InvalidTableRelation', /NONE/],
  ['unknown item id', {itemId: '22222222-2222-4222-8222-222222222222'}, 'Application_DialogException', /item/],
  [
    'item and account',
    {itemId: '22222222-2222-4222-8222-222222222222', accountId: '22222222-2222-4222-8222-222222222222'},
    'Application_DialogException',
    /Both/,
  ],
  ['number before type', {lineObjectNumber: '1896-S', lineType: 'Item'}, 'Internal_InvalidTableRelation', /Standard Text/],
  [
    'account without direct posting',
    {lineType: 'Account', lineObjectNumber: '6100'},
    'Application_DialogException',
    /Direct Posting must be equal to 'Yes'/,
  ],
  [
    'blocked account',
    {lineType: 'Account', lineObjectNumber: '8640'},
    'Application_DialogException',
    /Blocked must be equal to 'No'/,
  ],
  ['quantity on a comment', {description: 'x', quantity: 1}, 'Application_FieldValidationException', /Type must have a value/],
  [
    'quantity without a number',
    {lineType: 'Item', quantity: 1},
    'Application_FieldValidationException',
    /No\. must have a value/,
  ],
  [
    'discount before the quantity',
    {lineType: 'Item', lineObjectNumber: '1896-S', discountAmount: 1, quantity: 1},
    'Application_FieldValidationException',
    /Quantity must have a value/,
  ],
  ['discount over 100 %', line({discountPercent: 100.5}), 'Application_DialogException', /between 0 and 100/],
  ['negative discount', line({discountAmount: -1}), 'Application_DialogException', /negative/],
  ['discount above the amount', line({unitPrice: 1, discountAmount: 2}), 'Application_DialogException', /more than/],
  ['a unit that the item has not', line({unitOfMeasureCode: 'BOX'}), 'Internal_InvalidTableRelation', /Item Unit of Measure/],
  ['unknown line type', {lineType: 'Thing'}, 'Application_EvaluateException', /Thing/],
  ['unknown location', line({locationId: '22222222-2222-4222-8222-222222222222'}), 'Application_DialogException', /location/],
  ['header property on a line', line({customerNumber: 'WEB'}), 'BadRequest', /salesOrderLine/],
  ['children of a line', line({salesOrder: {}}), 'BadRequest', /navigation/],
];
for (const [name, body, code, text] of LINE_REFUSALS)
  test(`refuses a line: ${name}`, async () => refused(assert, await orderWith(body), 400, code, text));

test("a line number of one's own breaks the insert", async () =>
  refused(assert, await orderWith(line({sequence: 10000})), 500, 'Internal_ServerError', /SystemId/));

test('blocked customers and items', async () => {
  await peer.admin('POST', 'customers/WEB', {blocked: 'Ship'});
  refused(
    assert,
    await create({customerNumber: 'WEB'}),
    400,
    'Application_DialogException',
    /You cannot create this type of document when Customer WEB is blocked with type Ship/,
  );
  assert.equal(
    (await peer.at('POST', 'salesInvoices', {body: {customerNumber: 'WEB'}})).status,
    201,
    'an invoice ships nothing',
  );
  await peer.admin('POST', 'customers/WEB', {blocked: ''});
  await peer.admin('POST', 'items/1896-S', {blocked: true});
  refused(
    assert,
    await orderWith(line()),
    400,
    'Application_DialogException',
    /Blocked must be equal to 'No' {2}in Item: No\.=1896-S/,
  );
  await peer.admin('POST', 'items/1896-S', {blocked: false});
  assert.equal((await orderWith(line())).status, 201);
});

test('a customer without posting group cannot be ordered for', async () => {
  await peer.admin('POST', 'customers/WEB', {customerPostingGroup: ''});
  refused(
    assert,
    await create({customerNumber: 'WEB'}),
    400,
    'Application_FieldValidationException',
    /Customer Posting Group must have a value in Customer: No\.=WEB/,
  );
  await peer.admin('POST', 'customers/WEB', {customerPostingGroup: 'DOMESTIC'});
});

test("fields are validated in the order of the body: a quantity after the price brings the card's price back", async () => {
  const card = (await peer.at('GET', `items?${filter("number eq '1896-S'")}`)).body.value[0].unitPrice;
  const [wellOrdered] = (await orderWith({lineType: 'Item', lineObjectNumber: '1896-S', quantity: 1, unitPrice: 1})).body
    .salesOrderLines;
  const [badlyOrdered] = (await orderWith({lineType: 'Item', lineObjectNumber: '1896-S', unitPrice: 1, quantity: 1})).body
    .salesOrderLines;
  assert.equal(wellOrdered.unitPrice, 1);
  assert.equal(badlyOrdered.unitPrice, Math.round(card * 1.2 * 100000) / 100000, 'the card holds a price without tax');
});

test('in page order a variant comes after the price and drops it', async () => {
  const item = (await peer.at('GET', `items?${filter("number eq '1896-S'")}`)).body.value[0];
  const variant = (await peer.at('POST', `items(${item.id})/itemVariants`, {body: {code: 'red', description: 'Red desk'}}))
    .body;
  assert.deepEqual([variant.code, variant.itemNumber], ['RED', '1896-S']);
  const body = {lineType: 'Item', lineObjectNumber: '1896-S', itemVariantId: variant.id, quantity: 1, unitPrice: 1};
  const price = async () => (await orderWith(body)).body.salesOrderLines[0].unitPrice;
  assert.equal(await price(), 1);
  await peer.admin('POST', 'settings', {pageOrder: true});
  assert.notEqual(await price(), 1);
  await peer.admin('POST', 'settings', {pageOrder: false});
  const other =
    (await peer.at('GET', `items?${filter("number eq '1900-S'")}`)).body.value[0] ??
    (await peer.at('GET', 'items?$top=2')).body.value[1];
  refused(
    assert,
    await orderWith({lineType: 'Item', lineObjectNumber: other.number, itemVariantId: variant.id}),
    400,
    'Application_DialogException',
    /variant/,
  );
});

test('a foreign currency is kept with its id, the local one is none', async () => {
  const euro = (await create({customerNumber: 'WEB', currencyCode: 'EUR'})).body;
  assert.equal(euro.currencyCode, 'EUR');
  assert.notEqual(euro.currencyId, NO_ID);
  const pound = (await create({customerNumber: 'WEB', currencyCode: 'GBP'})).body;
  assert.deepEqual([pound.currencyCode, pound.currencyId], ['GBP', NO_ID]);
});

test('lines are added, changed and removed; the header follows', async () => {
  const order = (await orderWith(line({unitPrice: 10}))).body;
  const added = await peer.at('POST', `salesOrders(${order.id})/salesOrderLines`, {body: line({unitPrice: 5})});
  assert.deepEqual([added.status, added.body.sequence, added.body.documentId], [201, 20000, order.id]);
  const flat = await peer.at('POST', 'salesOrderLines', {body: line({documentId: order.id, unitPrice: 1})});
  assert.equal(flat.body.sequence, 30000, flat.text);
  const header = async () => (await peer.at('GET', `salesOrders(${order.id})`)).body;
  assert.equal((await header()).totalAmountIncludingTax, 16);
  const before = await header();
  await peer.at('DELETE', `salesOrderLines(${flat.body.id})`);
  const later = await header();
  assert.equal(later.totalAmountIncludingTax, 15);
  assert.notEqual(later['@odata.etag'], before['@odata.etag']);
  assert.ok(later.lastModifiedDateTime > before.lastModifiedDateTime);
  refused(assert, await peer.at('GET', 'salesOrderLines'), 400, 'BadRequest', /Document Id/);
  assert.equal((await peer.at('GET', `salesOrderLines?${filter(`documentId eq ${order.id}`)}`)).body.value.length, 2);
});

test("a line's item is settled once it is named", async () => {
  const order = (await orderWith(line())).body;
  const change = body =>
    peer.at('PATCH', `salesOrderLines(${order.salesOrderLines[0].id})`, {body, headers: {'if-match': '*'}});
  refused(assert, await change({lineObjectNumber: '6610'}), 400, 'Application_DialogException', /cannot be modified/);
  refused(assert, await change({sequence: 5}), 400, 'Application_DialogException', /cannot be modified/);
  assert.equal((await change({lineObjectNumber: '1896-S'})).status, 200);
});

test('the customer of an order with lines is not changed without a question, which nobody can answer', async () => {
  const order = (await orderWith(line())).body;
  const other = (await peer.at('GET', `customers?${filter("blocked eq '_x0020_' and number ne 'WEB'")}&$top=1`)).body.value[0];
  refused(
    assert,
    await peer.at('PATCH', `salesOrders(${order.id})`, {body: {customerNumber: other.number}, headers: {'if-match': '*'}}),
    400,
    'Application_CallbackNotAllowed',
  );
});

test('a released order takes no changes', async () => {
  const order = (await orderWith(line())).body;
  await peer.admin('POST', `documents/${order.number}`, {status: 'Open'});
  refused(
    assert,
    await peer.at('PATCH', `salesOrders(${order.id})`, {body: {shipToName: 'x'}, headers: {'if-match': '*'}}),
    400,
    'Application_DialogException',
    /Status must be equal to 'Open'/,
  );
  refused(
    assert,
    await peer.at('POST', `salesOrders(${order.id})/salesOrderLines`, {body: line()}),
    400,
    'Application_DialogException',
    /Status/,
  );
});

test('an order that a person posted is gone and lives on in a shipment and an invoice', async () => {
  const order = (
    await create({
      customerNumber: 'WEB',
      externalDocumentNumber: 'POSTED',
      salesOrderLines: [line({unitPrice: 12}), {description: 'Thanks'}],
    })
  ).body;
  assert.equal((await peer.admin('POST', `documents/${order.number}`, {post: true})).status, 200);
  const found = async (set, expand = '') =>
    (await peer.at('GET', `${set}?${filter("externalDocumentNumber eq 'POSTED'")}${expand}`)).body.value;
  assert.deepEqual(await found('salesOrders'), []);
  assert.equal((await peer.at('GET', `salesOrders(${order.id})`)).status, 404);
  const [invoice] = await found('salesInvoices', '&$expand=salesInvoiceLines');
  const [shipment] = await found('salesShipments', '&$expand=salesShipmentLines');
  assert.deepEqual(
    [
      invoice.status,
      invoice.orderNumber,
      invoice.totalAmountIncludingTax,
      invoice.remainingAmount,
      invoice.salesInvoiceLines.length,
    ],
    ['Open', order.number, 12, 12, 2],
  );
  assert.notEqual(invoice.id, order.id);
  assert.deepEqual(
    [shipment.orderNumber, shipment.salesShipmentLines.map(each => [each.sequence, each.lineType])],
    [
      order.number,
      [
        [10000, 'Item'],
        [20000, '_x0020_'],
      ],
    ],
  );
  refused(
    assert,
    await peer.at('PATCH', `salesInvoices(${invoice.id})`, {body: {shipToName: 'x'}, headers: {'if-match': '*'}}),
    400,
    'Application_DialogException',
    /posted/,
  );
  refused(assert, await peer.at('DELETE', `salesInvoices(${invoice.id})`), 400, 'Application_DialogException', /posted/);
  refused(
    assert,
    await peer.at('DELETE', `salesInvoiceLines(${invoice.salesInvoiceLines[0].id})`),
    400,
    'Application_DialogException',
    /posted/,
  );
});

test('what is not carried out is refused in so many words, by whatever case its name has', async () => {
  const invoice = (await peer.at('POST', 'salesInvoices', {body: {customerNumber: 'WEB'}})).body;
  refused(
    assert,
    await peer.at('POST', `salesInvoices(${invoice.id})/Microsoft.NAV.POSTANDSEND`),
    501,
    'BadRequest_MethodNotImplemented',
    /postAndSend/,
  );
  refused(assert, await peer.at('POST', `salesInvoices(${invoice.id})/Microsoft.NAV.fly`), 404, 'BadRequest_ResourceNotFound');
});

test('an order is deleted with its lines, and every change is an effect in the ledger', async () => {
  await peer.admin('DELETE', 'ledger');
  const order = (await create({customerNumber: 'WEB', externalDocumentNumber: '#77', salesOrderLines: [line()]})).body;
  await peer.at('PATCH', `salesOrders(${order.id})`, {body: {shipToName: 'New'}, headers: {'if-match': '*'}});
  await peer.at('PATCH', `salesOrders(${order.id})`, {body: {shipToName: 'New'}, headers: {'if-match': '*'}});
  assert.equal((await peer.at('DELETE', `salesOrders(${order.id})`)).status, 204);
  assert.equal((await peer.at('GET', `salesOrders(${order.id})`)).status, 404);
  assert.deepEqual(
    (await peer.effects()).map(({kind, key, external}) => [kind, key, external]),
    ['created', 'changed', 'deleted'].map(what => [`salesOrder.${what}`, order.number, '#77']),
  );
});

test('master data: numbers, duplicates, used records', async () => {
  const made = await peer.at('POST', 'customers', {body: {displayName: 'New One', email: 'new@example.com', country: 'gb'}});
  assert.deepEqual([made.status, made.body.number, made.body.country, made.body.type], [201, 'C00010', 'GB', 'Company']);
  refused(
    assert,
    await peer.at('POST', 'customers', {body: {email: 'x@example.com'}}),
    400,
    'Application_DialogException',
    /displayName/,
  );
  refused(
    assert,
    await peer.at('POST', 'items', {body: {number: '1896-S', displayName: 'Twin'}}),
    400,
    'Internal_EntityWithSameKeyExists',
    /No\.='1896-S'/,
  );
  refused(
    assert,
    await peer.at('POST', 'items', {body: {displayName: 'Stocked', inventory: 3}}),
    400,
    'Application_DialogException',
    /inventory/,
  );
  await create({customerNumber: made.body.number});
  refused(assert, await peer.at('DELETE', `customers(${made.body.id})`), 400, 'Application_DialogException', /cannot delete/);
  refused(
    assert,
    await peer.at('POST', 'customers', {body: {displayName: 'x', phoneNumber: 'call me'}}),
    400,
    'Application_DialogException',
    /letters/,
  );
  refused(
    assert,
    await peer.at('PATCH', `accounts(${(await first('accounts')).id})`, {body: {displayName: 'x'}, headers: {'if-match': '*'}}),
    405,
    'BadRequest_MethodNotAllowed',
  );
});

test('draft invoices take their tax model from the customer', async () => {
  refused(
    assert,
    await peer.at('POST', 'salesInvoices', {body: {customerNumber: 'WEB', pricesIncludeTax: true}}),
    400,
    'BadRequest_InvalidOperation',
  );
  const answer = await peer.at('POST', 'salesInvoices?$expand=salesInvoiceLines', {
    body: {customerNumber: 'WEB', customerPurchaseOrderReference: 'po 1', salesInvoiceLines: [line({unitPrice: 12})]},
  });
  assert.equal(answer.status, 201, answer.text);
  assert.match(answer.body.number, /^S-INV1020\d\d$/);
  assert.deepEqual(
    [answer.body.pricesIncludeTax, answer.body.totalAmountExcludingTax, answer.body.customerPurchaseOrderReference],
    [true, 10, 'po 1'],
  );
  assert.equal(answer.body.salesInvoiceLines[0].shippedQuantity, undefined);
});
