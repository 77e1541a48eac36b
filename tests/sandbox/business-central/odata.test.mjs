// Reading: addresses, query options with their refusals, paging, metadata, etags.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {pick, randomFrom} from '../../../sandbox/lib/random.mjs';
import {COMPANY, filter, refused, startPeer} from './support.mjs';

let peer;
before(async () => {
  peer = await startPeer(null, '--companies', '2');
  for (const name of ['A', 'B', 'C', 'D', 'E'])
    await peer.order({externalDocumentNumber: name, shipToName: `Ship ${name}`, email: `${name}@Example.com`});
});
after(() => peer.stop());

const orders = async query => await peer.at('GET', `salesOrders?${query}`);
const externals = async text => (await orders(filter(text))).body.value.map(order => order.externalDocumentNumber).join('');

const FILTERS = [
  ["externalDocumentNumber eq 'B'", 'B'],
  ["externalDocumentNumber eq 'b'", ''],
  ["externalDocumentNumber ne 'B'", 'ACDE'],
  ["externalDocumentNumber eq 'A' or externalDocumentNumber eq 'C' or externalDocumentNumber eq 'ZZ'", 'AC'],
  ["(externalDocumentNumber eq 'A' or externalDocumentNumber eq 'B') and shipToName eq 'Ship B'", 'B'],
  ["externalDocumentNumber gt 'B' and externalDocumentNumber le 'D'", 'CD'],
  ["startswith(shipToName,'Ship')", 'ABCDE'],
  ["endswith(shipToName,'D')", 'D'],
  ["contains(shipToName,'p C')", 'C'],
  ["contains(shipToName,'ship')", ''],
  ["tolower(email) eq 'c@example.com'", 'C'],
  ["email eq 'c@example.com'", ''],
  ["toupper(email) eq 'C@EXAMPLE.COM'", 'C'],
  ['totalAmountIncludingTax eq 10', 'ABCDE'],
  ['totalAmountIncludingTax gt 10.00', ''],
  ['pricesIncludeTax eq true', 'ABCDE'],
  ['pricesIncludeTax eq false', ''],
  ["status eq 'Draft'", 'ABCDE'],
  ["status eq 'In_x0020_Review'", ''],
  ['orderDate ge 2026-01-01 and orderDate lt 2027-01-01', 'ABCDE'],
  ['lastModifiedDateTime gt 2026-01-01T00:00:00.1234567Z', 'ABCDE'],
  ['lastModifiedDateTime lt 2026-01-01T00:00:00Z', ''],
  ['customerId eq 00000000-0000-0000-0000-000000000000', ''],
  ["salesOrderLines/any(l: l/quantity gt 5) and externalDocumentNumber eq 'A'", 'ABCDE'], // ignored as the real one ignores it
];
for (const [text, want] of FILTERS) test(`filter: ${text}`, async () => assert.equal(await externals(text), want));

test('a quote inside a text is doubled, a hash is escaped', async () => {
  await peer.order({externalDocumentNumber: "#O'NEIL"});
  assert.equal(await externals("externalDocumentNumber eq '#O''NEIL'"), "#O'NEIL");
});

test('`in` and nested functions need schema version 2.1', async () => {
  for (const text of ["externalDocumentNumber in ('A','E')", "startswith(tolower(email),'e@')"]) {
    refused(assert, await orders(filter(text)), 400, 'BadRequest', /schemaversion=2\.1/);
    assert.match(
      (await orders(`${filter(text)}&$schemaversion=2.1`)).body.value.map(order => order.externalDocumentNumber).join(''),
      /^(AE|E)$/,
    );
  }
});

const BAD_FILTERS = [
  ["externalDocumentNumber eq 'A' or shipToName eq 'x'", 'BadRequest', /'OR' operator is not supported on distinct fields/],
  ["nothing eq 'A'", 'BadRequest', /'nothing'/],
  ['externalDocumentNumber eq', 'BadRequest', /ends too early/],
  ["externalDocumentNumber eq 'A' and", 'BadRequest', /too early/],
  ["externalDocumentNumber eq 'A", 'BadRequest', /unexpected character/],
  ["(externalDocumentNumber eq 'A'", 'BadRequest', /too early/],
  ["externalDocumentNumber eq 'A')", 'BadRequest', /unexpected '\)'/],
  ['externalDocumentNumber eq 5', 'BadRequest', /incompatible/],
  ["totalAmountIncludingTax eq '5'", 'BadRequest', /incompatible/],
  ["id eq 'x'", 'BadRequest', /incompatible/],
  ['pricesIncludeTax gt true', 'BadRequest', /cannot be applied/],
  ["status eq 'Nope'", 'BadRequest', /Nope/],
  ["not (externalDocumentNumber eq 'A')", 'BadRequest', /not/],
  ['length(shipToName) eq 3', 'BadRequest', /length/],
  ['externalDocumentNumber eq null', 'BadRequest', /incompatible/],
  ["externalDocumentNumber has 'A'", 'BadRequest', /has/],
  ["currencyCode eq 'EUR'", 'BadRequest', /calculated/],
  ['orderDate eq 2026-99-99', 'BadRequest', /no date/],
  ['', 'BadRequest', /too early/],
  [`externalDocumentNumber eq '${'X'.repeat(36)}'`, 'Application_FilterErrorException', /longer than 35/],
];
for (const [text, code, message] of BAD_FILTERS)
  test(`refuses the filter: ${text.slice(0, 60)}`, async () => refused(assert, await orders(filter(text)), 400, code, message));

const BAD_OPTIONS = [
  '$search=x',
  '$apply=x',
  '$deltatoken=1',
  '$format=xml',
  '$top=-1',
  '$top=x',
  '$skip=1.5',
  '$count=yes',
  '$orderby=nothing',
  '$orderby=number up',
  '$orderby=currencyCode',
  '$select=nothing',
  '$expand=nothing',
  '$expand=salesOrderLines(',
  '$expand=salesOrderLines($search=x)',
  '$top=1&$top=2',
  '$filter=%E0%A4%A',
];
for (const option of BAD_OPTIONS)
  test(`refuses the option: ${option}`, async () => refused(assert, await orders(option), 400, 'BadRequest'));

test('$select, $expand with options, navigation', async () => {
  const {body} = await orders(
    `$select=id,number&$expand=salesOrderLines($select=sequence,quantity;$expand=account($select=number)),customer&$top=1`,
  );
  const [order] = body.value;
  assert.deepEqual(Object.keys(order), ['@odata.etag', 'id', 'number', 'salesOrderLines', 'customer']);
  assert.deepEqual(Object.keys(order.salesOrderLines[0]), ['@odata.etag', 'sequence', 'quantity', 'account']);
  assert.equal(order.salesOrderLines[0].account.number, '6610');
  assert.equal((await peer.at('GET', `salesOrders(${order.id})/customer`)).body.number, order.customer.number);
  assert.equal((await peer.at('GET', `salesOrders(${order.id})/currency`)).status, 204);
  assert.equal(
    (await peer.at('GET', `salesOrders(${order.id})?$expand=salesOrderLines($filter=quantity gt 5)`)).body.salesOrderLines.length,
    0,
  );
});

test('$orderby, $skip, $count', async () => {
  const {body} = await orders('$orderby=externalDocumentNumber desc&$skip=1&$top=2&$count=true');
  assert.deepEqual(
    body.value.map(order => order.externalDocumentNumber),
    ['D', 'C'],
  );
  assert.equal(body['@odata.count'], 6);
  assert.equal(body['@odata.nextLink'], undefined);
  const count = await peer.at('GET', `salesOrders/$count?${filter("externalDocumentNumber le 'C'")}`);
  assert.deepEqual([count.text, count.headers.get('content-type').split(';')[0]], ['4', 'text/plain']);
});

async function pages(path, headers) {
  const seen = [];
  for (let next = `companies(${COMPANY})/${path}`; next;) {
    const answer = await peer.call('GET', next, {headers});
    assert.equal(answer.status, 200, answer.text);
    seen.push(answer.body.value.map(row => row.externalDocumentNumber ?? row.number));
    next = answer.body['@odata.nextLink'];
  }
  return seen;
}

test('pages: the size that is asked for, the filter kept, nothing twice', async () => {
  const query = `salesOrders?${filter("externalDocumentNumber ge 'A'")}&$orderby=externalDocumentNumber`;
  assert.deepEqual(await pages(query, {prefer: 'odata.maxpagesize=2'}), [['A', 'B'], ['C', 'D'], ['E']]);
  const answer = await peer.at('GET', query, {headers: {prefer: 'odata.maxpagesize=2'}});
  assert.match(answer.body['@odata.nextLink'], /^http:.*\$filter=.*\$skiptoken=[0-9a-f-]{36}$/);
  assert.equal(answer.headers.get('preference-applied'), 'odata.maxpagesize=2');
  assert.equal(
    (await pages('items?$select=number', {prefer: 'odata.maxpagesize=7'})).flat().length,
    (await peer.at('GET', 'items?$count=true&$top=0')).body['@odata.count'],
  );
});

test('pages: the cap, $top above it, a page without the preference', async () => {
  await peer.admin('POST', 'settings', {pageCap: 4});
  const answer = await orders('$top=5');
  assert.equal(answer.body.value.length, 4);
  assert.match(answer.body['@odata.nextLink'], /\$top=1&/);
  assert.equal((await peer.call('GET', answer.body['@odata.nextLink'])).body.value.length, 1);
  assert.equal((await orders('$top=4')).body['@odata.nextLink'], undefined);
  assert.equal((await peer.at('GET', 'salesOrders', {headers: {prefer: 'odata.maxpagesize=50'}})).body.value.length, 4);
  await peer.admin('POST', 'settings', {pageCap: 20000});
});

test('a token whose row is gone ends the listing', async () => {
  const {id} = await peer.order({externalDocumentNumber: 'GONE'});
  await peer.at('DELETE', `salesOrders(${id})`);
  refused(assert, await orders(`$skiptoken=${id}`), 400, 'SkipTokenIsNoLongerValid');
});

test('addresses: companies by id, by query, by name; what is not there', async () => {
  assert.deepEqual(
    (await peer.call('GET', 'companies')).body.value.map(company => company.name),
    ['CRONUS 2 Ltd.', 'CRONUS UK Ltd.'],
  );
  assert.equal((await peer.call('GET', `companies(${COMPANY})`)).body.id, COMPANY);
  assert.equal((await peer.call('GET', `items?company=${COMPANY}&$top=1`)).status, 200);
  assert.equal((await peer.call('GET', `items?company=${encodeURIComponent('CRONUS 2 Ltd.')}&$top=1`)).status, 200);
  refused(assert, await peer.call('GET', 'items'), 404, 'Internal_CompanyNotFound');
  refused(
    assert,
    await peer.call('GET', 'companies(22222222-2222-4222-8222-222222222222)/items'),
    404,
    'Internal_CompanyNotFound',
  );
  refused(assert, await peer.at('GET', 'unicorns'), 404, 'BadRequest_ResourceNotFound', /'unicorns'/);
  refused(assert, await peer.at('GET', 'items(22222222-2222-4222-8222-222222222222)'), 404, 'Internal_RecordNotFound');
  refused(assert, await peer.at('GET', "items('1896-S')"), 404, 'BadRequest_NotFound');
  refused(
    assert,
    await peer.at('GET', 'items(22222222-2222-4222-8222-222222222222)/itemVariants'),
    404,
    'Internal_RecordNotFound',
  );
  refused(
    assert,
    await peer.at('PUT', 'items(22222222-2222-4222-8222-222222222222)', {body: {}}),
    405,
    'BadRequest_MethodNotAllowed',
  );
  refused(assert, await peer.at('DELETE', 'items'), 405, 'BadRequest_MethodNotAllowed');
  refused(assert, await peer.at('POST', 'accounts', {body: {}}), 405, 'BadRequest_MethodNotAllowed');
  refused(assert, await peer.at('POST', 'items', {body: '{"displayName":'}), 400, 'BadRequest', /not valid JSON/);
  refused(assert, await peer.at('POST', 'items', {body: '[]'}), 400, 'BadRequest', /object/);
});

test('a verb is refused behind an action, a count, a single navigation', async () => {
  const order = await peer.order({externalDocumentNumber: 'VERBS'});
  for (const [method, path] of [
    ['DELETE', 'Microsoft.NAV.shipAndInvoice'],
    ['GET', 'Microsoft.NAV.shipAndInvoice'],
    ['PATCH', 'customer'],
    ['DELETE', 'customer'],
    ['POST', 'customer'],
    ['DELETE', 'currency'],
  ])
    refused(
      assert,
      await peer.at(method, `salesOrders(${order.id})/${path}`, {
        body: method === 'PATCH' || method === 'POST' ? {} : undefined,
        headers: {'if-match': '*'},
      }),
      405,
      'BadRequest_MethodNotAllowed',
    );
  refused(assert, await peer.at('POST', 'salesOrders/$count', {body: {}}), 405, 'BadRequest_MethodNotAllowed');
  refused(assert, await peer.call('POST', '$metadata', {body: {}}), 405, 'BadRequest_MethodNotAllowed');
  assert.equal((await peer.at('GET', `salesOrders(${order.id})`)).status, 200);
  refused(
    assert,
    await peer.at('POST', 'salesOrders', {body: {'customer@odata.bind': 'customers(x)'}}),
    400,
    'BadRequest',
    /odata\.bind/,
  );
});

test('$metadata tells what is served', async () => {
  const {text, headers} = await peer.call('GET', '$metadata');
  assert.match(headers.get('content-type'), /application\/xml/);
  const type = name => new RegExp(`<EntityType Name="${name}">.*?</EntityType>`).exec(text)[0];
  assert.match(type('salesOrder'), /<Property Name="externalDocumentNumber" Type="Edm.String" MaxLength="35"\/>/);
  assert.match(
    type('salesOrder'),
    /<NavigationProperty Name="salesOrderLines" Type="Collection\(Microsoft.NAV.salesOrderLine\)"/,
  );
  assert.match(text, /<Action Name="shipAndInvoice" IsBound="true">/);
  const [order] = (await orders('$top=1')).body.value;
  const named = [...type('salesOrder').matchAll(/<Property Name="(\w+)"/g)].map(([, name]) => name);
  assert.deepEqual(
    Object.keys(order).filter(name => !name.startsWith('@')),
    named,
  );
  const sets = [...text.matchAll(/<EntitySet Name="(\w+)"/g)].map(([, name]) => name);
  for (const name of sets.filter(set => set !== 'companies' && !/Lines$/.test(set)))
    assert.equal((await peer.at('GET', `${name}?$top=1`)).status, 200, name);
});

test('etags: a change needs one, a stale one is refused, no change keeps the stamp', async () => {
  const order = await peer.order();
  const patch = (body, headers) => peer.at('PATCH', `salesOrders(${order.id})`, {body, headers});
  refused(assert, await patch({shipToName: 'x'}), 400, 'BadRequest_InvalidToken');
  refused(assert, await patch({shipToName: 'x'}, {'if-match': 'nonsense'}), 400, 'BadRequest_InvalidToken');
  const first = await patch({shipToName: 'x'}, {'if-match': order['@odata.etag']});
  assert.equal(first.status, 200, first.text);
  refused(assert, await patch({shipToName: 'y'}, {'if-match': order['@odata.etag']}), 409, 'Request_EntityChanged');
  const same = await patch({shipToName: 'x'}, {'if-match': first.body['@odata.etag']});
  assert.deepEqual(
    [same.body['@odata.etag'], same.body.lastModifiedDateTime],
    [first.body['@odata.etag'], first.body.lastModifiedDateTime],
  );
  refused(
    assert,
    await peer.at('DELETE', `salesOrders(${order.id})`, {headers: {'if-match': order['@odata.etag']}}),
    409,
    'Request_EntityChanged',
  );
  assert.equal((await peer.at('DELETE', `salesOrders(${order.id})`)).status, 204);
});

test("an item's etag moves with its stock, its stamp does not", async () => {
  const item = async () => (await peer.at('GET', 'items?$top=1')).body.value[0];
  const before = await item();
  await peer.admin('POST', `items/${before.number}`, {inventory: 12});
  const after = await item();
  assert.equal(after.inventory, 12);
  assert.notEqual(after['@odata.etag'], before['@odata.etag']);
  assert.equal(after.lastModifiedDateTime, before.lastModifiedDateTime);
});

test('Prefer: return-no-content answers without a body, ReadOnly refuses a write', async () => {
  const answer = await peer.at('POST', 'salesOrders', {body: {customerNumber: 'WEB'}, headers: {prefer: 'return-no-content'}});
  assert.deepEqual([answer.status, answer.text], [204, '']);
  assert.match(answer.headers.get('location'), /salesOrders\([0-9a-f-]{36}\)$/);
  refused(
    assert,
    await peer.at('POST', 'salesOrders', {body: {customerNumber: 'WEB'}, headers: {'data-access-intent': 'ReadOnly'}}),
    400,
    'BadRequest',
  );
});

test('enums are encoded, and taken both ways', async () => {
  const made = await peer.at('POST', 'items', {body: {displayName: 'Service', type: 'Non-Inventory'}});
  assert.equal(made.body.type, 'Non_x002D_Inventory');
  assert.equal((await peer.at('POST', 'items', {body: {displayName: 'Service', type: 'Non_x002D_Inventory'}})).status, 201);
  assert.equal((await peer.at('GET', 'customers?$top=1&$select=blocked')).body.value[0].blocked, '_x0020_');
});

test('nonsense is refused with 400 and never breaks the peer', async () => {
  const random = randomFrom('nonsense');
  const words = "( ) , ' and or eq gt in any/all not tolower contains( number status id 'A' 5 -1 true 2026-01-01 $ : ; = % %27 lines/any( x/any(".split(' ');
  const bodies = ['null', '5', '"x"', '[]', '{"salesOrderLines":[null]}', '{"salesOrderLines":[[]]}', '{"customerNumber":{}}', '{"customerId":[]}', '{"a":', '{"__proto__":{}}'];
  for (let n = 0; n < 300; n++) {
    const text = Array.from({length: 1 + Math.floor(random() * 7)}, () => pick(random, words)).join(' ');
    const option = pick(random, ['$filter', '$expand', '$orderby', '$select', '$top', '$skiptoken']);
    const answer = await orders(`${option}=${random() < 0.5 ? encodeURIComponent(text) : text.replaceAll('#', '')}`);
    assert.ok([200, 400].includes(answer.status), `${option}=${text}: ${answer.text}`);
  }
  for (const body of bodies) assert.equal((await peer.at('POST', 'salesOrders', {body})).status, 400, body);
});
