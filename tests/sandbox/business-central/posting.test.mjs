// Posting: what becomes of an order, an invoice, a credit memo, and what keeps them from it.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {booksBalance} from './books.mjs';
import {NO_ID, filter, refused, startPeer} from './support.mjs';

let peer;
before(async () => (peer = await startPeer(null)));
after(() => peer.stop());

const item = more => ({lineType: 'Item', lineObjectNumber: '1896-S', quantity: 1, unitPrice: 12, ...more});
let count = 0;
/** An order (invoice, memo) of its own external number, with its lines. */
async function create(set, header = {}, lines = [item()]) {
  const children = set.replace(/s$/, 'Lines');
  const body = {customerNumber: 'WEB', externalDocumentNumber: `P-${++count}`, ...header, [children]: lines};
  const answer = await peer.at('POST', `${set}?$expand=${children}`, {body});
  assert.equal(answer.status, 201, answer.text);
  return {...answer.body, lines: answer.body[children]};
}
const order = (header, lines) => create('salesOrders', header, lines);
const act = (set, id, action, headers = {}) => peer.at('POST', `${set}(${id})/Microsoft.NAV.${action}`, {headers});
const post = (row, headers) => act('salesOrders', row.id, 'shipAndInvoice', headers);
const posted = async (row, headers) => {
  const answer = await post(row, headers);
  assert.equal(answer.status, 204, answer.text);
  assert.equal(answer.text, '');
};
const found = async (set, row, expand = '') =>
  (await peer.at('GET', `${set}?${filter(`orderNumber eq '${row.number}'`)}${expand}`)).body.value;
const linesOf = async row => (await peer.at('GET', `salesOrders(${row.id})/salesOrderLines`)).body.value;
const patchLine = (line, body) => peer.at('PATCH', `salesOrderLines(${line.id})`, {body, headers: {'if-match': '*'}});
const patched = async (line, body) => {
  const answer = await patchLine(line, body);
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
};
const stock = async () => (await peer.at('GET', `items?${filter("number eq '1896-S'")}`)).body.value[0];
const setup = body => peer.admin('POST', 'setup', body);

test('an order posted whole: gone, a shipment, an open invoice, entries, stock', async () => {
  const before = await stock();
  const made = await order({}, [
    item({quantity: 3}),
    {description: 'Thanks'},
    {lineType: 'Account', lineObjectNumber: '6610', quantity: 1, unitPrice: 6},
  ]);
  await posted(made);
  assert.equal((await peer.at('GET', `salesOrders(${made.id})`)).status, 404);
  const [shipment] = await found('salesShipments', made, '&$expand=salesShipmentLines');
  assert.deepEqual(
    shipment.salesShipmentLines.map(({sequence, quantity, lineObjectNumber}) => [sequence, quantity, lineObjectNumber]),
    [
      [10000, 3, '1896-S'],
      [20000, 0, ''],
      [30000, 1, '6610'],
    ],
  );
  const [invoice] = await found('salesInvoices', made);
  assert.deepEqual(
    [invoice.status, invoice.totalAmountIncludingTax, invoice.remainingAmount, invoice.externalDocumentNumber, invoice.orderId],
    ['Open', 42, 42, made.externalDocumentNumber, NO_ID],
  );
  assert.match(invoice.number, /^103\d{3}$/);
  assert.match(shipment.number, /^102\d{3}$/);
  const later = await stock();
  assert.equal(later.inventory, before.inventory - 3);
  assert.notEqual(later['@odata.etag'], before['@odata.etag'], 'stock moves the etag');
  assert.equal(later.lastModifiedDateTime, before.lastModifiedDateTime, 'and not the stamp');
  const entries = (await peer.at('GET', `itemLedgerEntries?${filter(`documentNumber eq '${shipment.number}'`)}`)).body.value;
  assert.deepEqual(
    entries.map(each => [each.entryType, each.documentType, each.quantity, each.salesAmountActual, each.sourceNumber]),
    [['Sale', 'Sales_x0020_Shipment', -3, 30, 'WEB']],
  );
  const {ledger} = await booksBalance(peer, 'one order');
  assert.deepEqual(
    ledger
      .filter(({documentNumber}) => documentNumber === invoice.number)
      .map(each => [each.accountNumber, each.debitAmount, each.creditAmount]),
    [
      ['6100', 0, 30],
      ['5610', 0, 7],
      ['6610', 0, 5],
      ['2310', 42, 0],
    ],
  );
});

test('in parts: ship sets invoice anew, the order stays released until all is invoiced', async () => {
  const made = await order({discountAmount: 0}, [item({quantity: 5, discountAmount: 10})]);
  const [line] = made.lines;
  assert.deepEqual([line.shipQuantity, line.invoiceQuantity], [5, 5]);
  await patched(line, {invoiceQuantity: 1});
  assert.deepEqual((await patched(line, {shipQuantity: 2})).invoiceQuantity, 2, 'ship resets invoice');
  await patched(line, {invoiceQuantity: 1});
  refused(
    assert,
    await patchLine(line, {invoiceQuantity: 3}),
    400,
    'Application_DialogException',
    /cannot invoice more than 2 units/,
  );
  refused(
    assert,
    await patchLine(line, {shipQuantity: 6}),
    400,
    'Application_DialogException',
    /cannot ship more than 5 units/,
  );
  await posted(made);
  const open = (await peer.at('GET', `salesOrders(${made.id})`)).body;
  assert.deepEqual([open.status, open.fullyShipped], ['Open', false]);
  const [rest] = await linesOf(made);
  assert.deepEqual([rest.shippedQuantity, rest.invoicedQuantity, rest.shipQuantity, rest.invoiceQuantity], [2, 1, 3, 4]);
  const [first] = await found('salesInvoices', made);
  assert.deepEqual([first.totalAmountIncludingTax, first.orderId], [10, made.id], '12 less a fifth of the discount');
  refused(assert, await patchLine(line, {quantity: 4}), 400, 'Application_DialogException', /Status must be equal to 'Open'/);
  refused(
    assert,
    await peer.at('DELETE', `salesOrders(${made.id})`),
    400,
    'Application_DialogException',
    /Shipped Not Invoiced/,
  );
  await posted(made);
  assert.equal((await peer.at('GET', `salesOrders(${made.id})`)).status, 404);
  const invoices = await found('salesInvoices', made);
  assert.deepEqual(
    invoices.map(each => each.totalAmountIncludingTax),
    [10, 40],
  );
  await booksBalance(peer, 'in parts');
});

test('ship only, then invoice only; nothing to post in between', async () => {
  const made = await order({}, [item({quantity: 2}), item({quantity: 1})]);
  for (const line of made.lines) await patched(line, {invoiceQuantity: 0});
  await posted(made);
  assert.deepEqual(await found('salesInvoices', made), []);
  assert.equal((await peer.at('GET', `salesOrders(${made.id})`)).body.fullyShipped, true);
  for (const line of await linesOf(made)) {
    assert.equal(line.invoiceQuantity, line.quantity, 'what is shipped is to be invoiced next');
    await patched(line, {invoiceQuantity: 0});
  }
  refused(assert, await post(made), 400, 'Application_DialogException', /nothing to post/);
  for (const line of made.lines) await patched(line, {invoiceQuantity: line.quantity});
  await posted(made);
  assert.equal((await found('salesShipments', made)).length, 1);
  assert.equal((await found('salesInvoices', made))[0].totalAmountIncludingTax, 36);
  await booksBalance(peer, 'ship, then invoice');
});

test('lines not shipped this time stand in the shipment with none, under their own numbers', async () => {
  const made = await order({}, [item({quantity: 2}), item({quantity: 4})]);
  await patched(made.lines[0], {shipQuantity: 0});
  await posted(made);
  const [shipment] = await found('salesShipments', made, '&$expand=salesShipmentLines');
  assert.deepEqual(
    shipment.salesShipmentLines.map(line => [line.sequence, line.quantity]),
    [
      [10000, 0],
      [20000, 4],
    ],
  );
});

test('a negative line takes goods back; a document below zero is not posted', async () => {
  const before = await stock();
  const made = await order({}, [item({quantity: 3}), item({quantity: -1})]);
  await posted(made);
  assert.equal((await stock()).inventory, before.inventory - 2);
  assert.equal((await found('salesInvoices', made))[0].totalAmountIncludingTax, 24);
  const below = await order({}, [item({quantity: -1})]);
  refused(assert, await post(below), 400, 'Application_DialogException', /Amount must be positive/);
  assert.equal((await stock()).inventory, before.inventory - 2, 'refused, it leaves nothing behind');
  assert.equal((await peer.at('GET', `salesOrders(${below.id})`)).body.status, 'Draft');
});

/** name, what is set before, undone after, the document, the refusal's code and text */
const REFUSALS = [
  ['no lines', {lines: []}, 'Application_DialogException', /nothing to post/],
  ['only a comment', {lines: [{description: 'x'}]}, 'Application_DialogException', /nothing to post/],
  ['a number without a quantity', {lines: [item(), item({quantity: 0})]}, 'Application_CallbackNotAllowed', /no quantity/],
  [
    'a date before the window',
    {
      header: {postingDate: '2026-10-31'},
      set: () => setup({allowPostingFrom: '2026-11-01'}),
      unset: () => setup({allowPostingFrom: '0001-01-01'}),
    },
    'Application_DialogException',
    /Posting Date is not within your range of allowed posting dates/,
  ],
  [
    'a date after the window',
    {
      header: {postingDate: '2026-12-01'},
      set: () => setup({allowPostingTo: '2026-11-30'}),
      unset: () => setup({allowPostingTo: '0001-01-01'}),
    },
    'Application_DialogException',
    /allowed posting dates/,
  ],
  [
    'no external number where one is wanted',
    {
      header: {externalDocumentNumber: ''},
      set: () => setup({externalDocumentNoMandatory: true}),
      unset: () => setup({externalDocumentNoMandatory: false}),
    },
    'Application_FieldValidationException',
    /External Document No\. must have a value/,
  ],
  [
    'no posting date by default',
    {early: () => setup({defaultPostingDate: 'none'}), unset: () => setup({defaultPostingDate: 'work date'})},
    'Application_FieldValidationException',
    /Posting Date must have a value/,
  ],
  [
    'quantities to ship that start at none',
    {early: () => setup({defaultQuantityToShip: 'blank'}), unset: () => setup({defaultQuantityToShip: 'remainder'})},
    'Application_DialogException',
    /nothing to post/,
  ],
  [
    'a customer blocked meanwhile',
    {
      set: () => peer.admin('POST', 'customers/WEB', {blocked: 'Invoice'}),
      unset: () => peer.admin('POST', 'customers/WEB', {blocked: ''}),
    },
    'Application_DialogException',
    /cannot post this type of document when Customer WEB is blocked with type Invoice/,
  ],
  [
    'an item blocked meanwhile',
    {
      set: () => peer.admin('POST', 'items/1896-S', {blocked: true}),
      unset: () => peer.admin('POST', 'items/1896-S', {blocked: false}),
    },
    'Application_DialogException',
    /Blocked must be equal to 'No' {2}in Item/,
  ],
  [
    'more than is in stock, where the company forbids it',
    {
      lines: [item({quantity: 1_000_000})],
      set: () => setup({preventNegativeInventory: true}),
      unset: () => setup({preventNegativeInventory: false}),
    },
    'Application_DialogException',
    /insufficient quantity of Item 1896-S/,
  ],
  [
    'stock that others reserved',
    {
      lines: [item({quantity: 1_000_000})],
      set: () => peer.admin('POST', 'items/1896-S', {reserved: '1'}),
      unset: () => peer.admin('POST', 'items/1896-S', {reserved: '0'}),
    },
    'Application_DialogException',
    /reserved for other documents/,
  ],
  [
    'an approval that is wanted',
    {set: ({number}) => peer.admin('POST', `documents/${number}`, {approval: true})},
    'Application_DialogException',
    /must be approved and released/,
  ],
  [
    'approvals wanted by the company',
    {set: () => setup({approvals: true}), unset: () => setup({approvals: false})},
    'Application_DialogException',
    /must be approved and released/,
  ],
  [
    'an approval that is pending',
    {set: ({number}) => peer.admin('POST', `documents/${number}`, {status: 'In Review'})},
    'Application_DialogException',
    /approval process is complete/,
  ],
];
for (const [name, {header, lines, early, set, unset}, code, text] of REFUSALS)
  test(`is not posted: ${name}`, async () => {
    await early?.();
    const made = await order(header, lines);
    await set?.(made);
    refused(assert, await post(made), 400, code, text);
    await unset?.();
    const still = (await peer.at('GET', `salesOrders(${made.id})`)).body;
    assert.ok(['Draft', 'In_x0020_Review'].includes(still.status), 'and stands as it stood');
    assert.deepEqual(await found('salesShipments', made), []);
  });

test('approved, it is posted; a released order takes a posting date and quantities, no address', async () => {
  const made = await order();
  await peer.admin('POST', `documents/${made.number}`, {approval: true});
  await peer.admin('POST', `documents/${made.number}`, {status: 'In Review'});
  const change = body => peer.at('PATCH', `salesOrders(${made.id})`, {body, headers: {'if-match': '*'}});
  refused(assert, await change({postingDate: '2026-11-03'}), 400, 'Application_DialogException', /Pending Approval/);
  await peer.admin('POST', `documents/${made.number}`, {status: 'Open'});
  refused(assert, await change({postingDate: '2026-11-03', shipToName: 'x'}), 400, 'Application_DialogException', /Released/);
  assert.equal((await change({postingDate: '2026-11-03'})).status, 200);
  await posted(made);
  assert.equal((await found('salesInvoices', made))[0].postingDate, '2026-11-03');
});

test('warehouse handling of a location forbids quantities to ship and the posting', async () => {
  const location = (await peer.at('GET', `locations?${filter("code eq 'EAST'")}`)).body.value[0];
  const made = await order({}, [item({locationId: location.id})]);
  await peer.admin('POST', 'locations/EAST', {warehouse: 'Shipment'});
  refused(assert, await post(made), 400, 'Application_DialogException', /Warehouse Shipment is required for Line No\. = 10000/);
  refused(assert, await patchLine(made.lines[0], {shipQuantity: 1}), 400, 'Application_DialogException', /Warehouse Shipment/);
  await peer.admin('POST', 'locations/EAST', {warehouse: ''});
  await posted(made);
});

test('shipping advice Complete ships everything or nothing', async () => {
  const made = await order({partialShipping: false}, [item({quantity: 2})]);
  await patched(made.lines[0], {shipQuantity: 1});
  refused(assert, await post(made), 400, 'Application_DialogException', /cannot be shipped completely/);
  await patched(made.lines[0], {shipQuantity: 2});
  await posted(made);
});

test('an etag given with an action counts; the second of two postings finds nothing', async () => {
  const made = await order();
  refused(assert, await post(made, {'if-match': 'W/"b2xk"'}), 409, 'Request_EntityChanged');
  const answers = await Promise.all([post(made), post(made)]);
  assert.deepEqual(answers.map(({status}) => status).sort(), [204, 404]);
  assert.equal((await found('salesInvoices', made)).length, 1);
});

test('a draft invoice keeps its id; its number, status and what may change are others', async () => {
  const made = await create('salesInvoices');
  const before = await stock();
  assert.equal((await act('salesInvoices', made.id, 'Post')).status, 204);
  const row = (await peer.at('GET', `salesInvoices(${made.id})`)).body;
  assert.deepEqual([row.status, row.totalAmountIncludingTax, row.remainingAmount], ['Open', 12, 12]);
  assert.notEqual(row.number, made.number);
  assert.equal((await stock()).inventory, before.inventory - 1);
  const change = body => peer.at('PATCH', `salesInvoices(${made.id})`, {body, headers: {'if-match': '*'}});
  refused(assert, await change({externalDocumentNumber: 'X'}), 400, 'Application_DialogException', /has been posted/);
  assert.equal((await change({dueDate: '2026-12-24'})).body.dueDate, '2026-12-24');
  refused(assert, await act('salesInvoices', made.id, 'post'), 400, 'Application_DialogException', /draft invoice only/);
  await peer.admin('POST', `documents/${row.number}`, {pay: '5.00'});
  assert.deepEqual(await peer.at('GET', `salesInvoices(${made.id})`).then(({body}) => [body.status, body.remainingAmount]), [
    'Open',
    7,
  ]);
  await peer.admin('POST', `documents/${row.number}`, {pay: true});
  assert.deepEqual(await peer.at('GET', `salesInvoices(${made.id})`).then(({body}) => [body.status, body.remainingAmount]), [
    'Paid',
    0,
  ]);
  await booksBalance(peer, 'an invoice paid');
});

test('a credit memo: created with its lines, read-only tax model, posted, goods back', async () => {
  const before = await stock();
  const made = await create('salesCreditMemos', {billToAddressLine1: 'Another street 1'}, [
    item({quantity: 2}),
    {lineType: 'Account', lineObjectNumber: '6130', quantity: 1, unitPrice: 6},
  ]);
  assert.deepEqual(
    [made.status, made.pricesIncludeTax, made.totalAmountIncludingTax, made.number],
    ['Draft', true, 30, '1001'],
  );
  assert.equal(made.billToAddressLine1, 'Another street 1', 'writable here, and here only');
  assert.equal(made.shipToName, undefined);
  const body = {customerNumber: 'WEB', pricesIncludeTax: false};
  refused(assert, await peer.at('POST', 'salesCreditMemos', {body}), 400, 'BadRequest_InvalidOperation', /pricesIncludeTax/);
  const bad = {customerNumber: 'WEB', salesCreditMemoLines: [item({discountAmount: -1})]};
  refused(assert, await peer.at('POST', 'salesCreditMemos', {body: bad}), 400, 'Application_DialogException', /negative/);
  assert.equal((await act('salesCreditMemos', made.id, 'post')).status, 204);
  const row = (await peer.at('GET', `salesCreditMemos(${made.id})?$expand=salesCreditMemoLines`)).body;
  assert.deepEqual([row.status, row.number, row.salesCreditMemoLines.length], ['Open', '104001', 2]);
  assert.equal((await stock()).inventory, before.inventory + 2);
  refused(assert, await peer.at('DELETE', `salesCreditMemos(${made.id})`), 400, 'Application_DialogException', /posted/);
  await booksBalance(peer, 'a credit memo');
});

test('a credit memo applies to an open invoice of its customer and lowers it', async () => {
  const sold = await order({}, [item({quantity: 2})]);
  await posted(sold);
  const [invoice] = await found('salesInvoices', sold);
  const memo = await create('salesCreditMemos', {invoiceNumber: invoice.number});
  assert.equal(memo.invoiceId, invoice.id);
  await act('salesCreditMemos', memo.id, 'post');
  assert.equal((await peer.at('GET', `salesCreditMemos(${memo.id})`)).body.status, 'Paid');
  assert.equal((await peer.at('GET', `salesInvoices(${invoice.id})`)).body.remainingAmount, 12);
  const much = await create('salesCreditMemos', {invoiceNumber: invoice.number}, [item({quantity: 2})]);
  refused(
    assert,
    await act('salesCreditMemos', much.id, 'post'),
    400,
    'Application_DialogException',
    /cannot be applied to invoice/,
  );
  const euro = await create('salesCreditMemos', {invoiceNumber: invoice.number, currencyCode: 'EUR'});
  refused(assert, await act('salesCreditMemos', euro.id, 'post'), 400, 'Application_DialogException', /Currency Code/);
  await peer.admin('POST', `documents/${invoice.number}`, {pay: true});
  const body = {customerNumber: 'WEB', invoiceNumber: invoice.number};
  refused(assert, await peer.at('POST', 'salesCreditMemos', {body}), 400, 'Application_DialogException', /Open must be equal/);
  refused(
    assert,
    await peer.at('POST', 'salesCreditMemos', {body: {...body, invoiceNumber: '999'}}),
    400,
    'Internal_InvalidTableRelation',
  );
  await booksBalance(peer, 'applied');
});

test('found by prefix, by time, counted, with lines; posted in a batch', async () => {
  const made = await order({externalDocumentNumber: 'SHOP-A1'});
  const start = made.lastModifiedDateTime;
  await order({externalDocumentNumber: 'SHOP-A2'});
  const mine = `startswith(externalDocumentNumber,'SHOP-A') and lastModifiedDateTime ge ${start}`;
  const list = await peer.at('GET', `salesOrders?${filter(mine)}&$count=true&$expand=salesOrderLines`);
  assert.deepEqual([list.body['@odata.count'], list.body.value.map(row => row.salesOrderLines.length)], [2, [1, 1]]);
  const requests = list.body.value.map((row, i) => ({
    id: String(i),
    method: 'POST',
    url: `companies(11111111-1111-4111-8111-111111111111)/salesOrders(${row.id})/Microsoft.NAV.shipAndInvoice`,
    headers: {'content-type': 'application/json'},
    body: {},
  }));
  const broken = {id: 'x', method: 'GET', url: 'companies(11111111-1111-4111-8111-111111111111)/nonsense', headers: {}};
  const batch = await peer.call('POST', '$batch', {
    headers: {accept: 'application/json', isolation: 'snapshot'},
    body: {requests: [...requests, broken]},
  });
  assert.deepEqual(
    batch.body.responses.map(({status}) => status),
    [204, 204, 404],
  );
  const invoices = (await peer.at('GET', `salesInvoices?${filter(mine)}`)).body.value;
  assert.equal(invoices.length, 2, 'posting commits, so the failure behind it rolls nothing back');
  assert.equal(
    (await peer.effects()).filter(({kind, external}) => kind === 'salesInvoice.posted' && /^SHOP-A/.test(external)).length,
    2,
  );
});

test('an invoice is cancelled: a corrective memo of the whole, the goods back; never a draft, a paid or a cancelled one', async () => {
  const made = await create('salesInvoices');
  refused(assert, await act('salesInvoices', made.id, 'cancel'), 400, 'Application_DialogException', /posted invoice only/);
  const before = await stock();
  await act('salesInvoices', made.id, 'post');
  assert.equal((await act('salesInvoices', made.id, 'cancel')).status, 204);
  const row = (await peer.at('GET', `salesInvoices(${made.id})`)).body;
  assert.deepEqual([row.status, row.remainingAmount], ['Canceled', 0]);
  assert.equal((await stock()).inventory, before.inventory);
  const memos = (await peer.at('GET', `salesCreditMemos?$filter=invoiceNumber eq '${row.number}'`)).body.value;
  assert.deepEqual(memos.map(memo => [memo.status, memo.totalAmountIncludingTax]), [['Corrective', row.totalAmountIncludingTax]]);
  const found = (await peer.at('GET', `salesInvoices?$filter=status eq 'Canceled' and lastModifiedDateTime ge ${row.lastModifiedDateTime}`)).body.value;
  assert.deepEqual(found.map(({id}) => id), [made.id]);
  refused(assert, await act('salesInvoices', made.id, 'cancel'), 400, 'Application_DialogException', /already been canceled/);
  const paid = await create('salesInvoices');
  await act('salesInvoices', paid.id, 'post');
  const {number} = (await peer.at('GET', `salesInvoices(${paid.id})`)).body;
  await peer.admin('POST', `documents/${number}`, {pay: '5.00'});
  refused(assert, await act('salesInvoices', paid.id, 'cancel'), 400, 'Application_DialogException', /partially paid/);
  await booksBalance(peer, 'an invoice cancelled');
});
