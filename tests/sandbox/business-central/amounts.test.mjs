// Amounts: the rounding of Business Central, by the published vectors and by sums that must hold.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {Dec} from '../../../sandbox/business-central/decimal.mjs';
import {refused, startPeer} from './support.mjs';

let peer;
before(async () => (peer = await startPeer(null)));
after(() => peer.stop());

const ROUNDINGS = [
  ['2.345', '0.01', '2.35'],
  ['-2.345', '0.01', '-2.35'],
  ['2.3449', '0.01', '2.34'],
  ['0.07', '0.05', '0.05'],
  ['0.075', '0.05', '0.1'],
  ['1.5', '1', '2'],
  ['-0.5', '1', '-1'],
  ['1e2', '0.01', '100'],
];

test('halves are rounded away from zero', () => {
  for (const [value, precision, want] of ROUNDINGS)
    assert.equal(Dec.of(value).rounded(Dec.of(precision)).toString(), want, value);
});

test('a decimal keeps its digits and refuses what it cannot hold', () => {
  assert.equal(Dec.of('0.1').plus(Dec.of('0.2')).toString(), '0.3');
  assert.equal(Dec.read('123456789012345.678').toString(), '123456789012345.678');
  for (const text of ['', '1.2.3', '0x10', '1234567890123456789', 'NaN']) assert.equal(Dec.read(text), null, text);
});

const RATES = [
  ['P19', 19],
  ['P25', 25],
  ['P0', 0],
].map(([vatProd, percent]) => ({vatBus: 'DOMESTIC', vatProd, percent}));
const ask = (header, lines) => peer.order({customerNumber: 'WEB', ...header}, lines);
const column = (order, name) => order.salesOrderLines.map(line => line[name]);
const totals = order => [order.totalAmountExcludingTax, order.totalTaxAmount, order.totalAmountIncludingTax];
const read = async order => (await peer.at('GET', `salesOrders(${order.id})?$expand=salesOrderLines`)).body;
const three = line => [line, line, line];

test('vector: three lines of 10.01 at 19 %, prices without tax', async () => {
  await peer.admin('POST', 'tax-rates', {rates: RATES});
  const order = await read(await ask({pricesIncludeTax: false}, three({taxCode: 'P19', unitPrice: 10.01})));
  assert.deepEqual(column(order, 'amountIncludingTax'), [11.91, 11.91, 11.91]);
  assert.deepEqual(column(order, 'netAmountIncludingTax'), [11.91, 11.91, 11.92]);
  assert.deepEqual(totals(order), [30.03, 5.71, 35.74]);
});

test('vector: three lines of 9.99 at 25 %, tax inside', async () => {
  const order = await read(await ask({pricesIncludeTax: true}, three({taxCode: 'P25', unitPrice: 9.99})));
  assert.deepEqual(column(order, 'netAmount'), [7.99, 7.99, 8]);
  assert.deepEqual(totals(order), [23.98, 5.99, 29.97]);
});

test('groups of different rates are rounded apart, 0 % is not carried', async () => {
  const lines = [
    {taxCode: 'P25', unitPrice: 9.99},
    {taxCode: 'P0', unitPrice: 9.99},
    {taxCode: 'P25', unitPrice: 9.99},
  ];
  const order = await read(await ask({pricesIncludeTax: true}, lines));
  assert.deepEqual(column(order, 'netAmount'), [7.99, 9.99, 7.99]);
  assert.deepEqual(totals(order), [25.97, 4, 29.97]);
});

test('a line edited later absorbs the difference of its group', async () => {
  const order = await ask({pricesIncludeTax: true}, three({taxCode: 'P25', unitPrice: 9.99}));
  await peer.at('PATCH', `salesOrderLines(${order.salesOrderLines[0].id})`, {
    body: {unitPrice: 9.98},
    headers: {'if-match': '*'},
  });
  const after = await read(order);
  assert.deepEqual(column(after, 'netAmount'), [7.98, 7.99, 8]); // 29.96 / 1.25 = 23.968
  assert.deepEqual(totals(after), [23.97, 5.99, 29.96]);
});

test('line discounts: amount and percentage follow each other', async () => {
  const byAmount = await read(await ask({pricesIncludeTax: true}, [{quantity: 3, unitPrice: 3.33, discountAmount: 1}]));
  assert.deepEqual([column(byAmount, 'discountPercent'), column(byAmount, 'amountIncludingTax')], [[10.01001], [8.99]]);
  const byPercent = await read(await ask({pricesIncludeTax: true}, [{quantity: 3, unitPrice: 3.33, discountPercent: 12.5}]));
  assert.deepEqual([column(byPercent, 'discountAmount'), column(byPercent, 'amountIncludingTax')], [[1.25], [8.74]]);
});

test('the invoice discount is spread over item lines, the last takes the rest, and stays when lines change', async () => {
  const item = {lineType: 'Item', lineObjectNumber: '1896-S', taxCode: 'P25', unitPrice: 10};
  const order = await ask({pricesIncludeTax: true}, [item, item, item, {taxCode: 'P25', unitPrice: 5}]);
  const patch = body => peer.at('PATCH', `salesOrders(${order.id})`, {body, headers: {'if-match': '*'}});
  const answer = await patch({discountAmount: 1});
  assert.equal(answer.status, 200, answer.text);
  const after = await read(order);
  assert.deepEqual(column(after, 'netAmountIncludingTax'), [9.67, 9.67, 9.66, 5]);
  assert.deepEqual(totals(after), [27.2, 6.8, 34]);
  await peer.at('DELETE', `salesOrderLines(${order.salesOrderLines[2].id})`);
  const shorter = await read(order);
  assert.deepEqual(column(shorter, 'netAmountIncludingTax'), [9.5, 9.5, 5]);
  assert.equal(shorter.discountAmount, 1);
  assert.equal((await patch({discountAmount: 0})).status, 200);
  assert.deepEqual(totals(await read(order)), [20, 5, 25]);
});

test('vectors: a currency without decimals and one with three', async () => {
  await peer.admin('POST', 'tax-rates', {
    rates: [
      {vatBus: 'DOMESTIC', vatProd: 'P10', percent: 10},
      {vatBus: 'DOMESTIC', vatProd: 'P5', percent: 5},
    ],
  });
  const yen = {currencyCode: 'JPY', pricesIncludeTax: true};
  const inside = await read(await ask(yen, three({taxCode: 'P10', unitPrice: 999})));
  assert.deepEqual(column(inside, 'netAmount'), [908, 908, 909]); // 2997 / 1.1 = 2724.55
  assert.deepEqual(totals(inside), [2725, 272, 2997]);
  const dinar = {currencyCode: 'KWD', pricesIncludeTax: false};
  const ontop = await read(await ask(dinar, three({taxCode: 'P5', unitPrice: 1.005})));
  assert.deepEqual(column(ontop, 'netAmountIncludingTax'), [1.055, 1.056, 1.055]); // tax 0.05025, 0.1005, 0.15075
  assert.deepEqual(totals(ontop), [3.015, 0.151, 3.166]);
  const discounted = await read(await ask(yen, [{taxCode: 'P10', quantity: 3, unitPrice: 333, discountPercent: 12.5}]));
  assert.deepEqual([column(discounted, 'discountAmount'), discounted.totalAmountIncludingTax], [[125], 874]); // 124.875
  const found = await peer.at('GET', "currencies?$filter=code eq 'KWD'");
  assert.deepEqual([found.body.value[0].amountDecimalPlaces, found.body.value[0].amountRoundingPrecision], ['3:3', 0.001]);
});

test("a currency's amount rounding precision is what its card says", async () => {
  const [franc] = (await peer.at('GET', "currencies?$filter=code eq 'CHF'")).body.value;
  const body = {amountRoundingPrecision: 0.05};
  assert.equal((await peer.at('PATCH', `currencies(${franc.id})`, {body, headers: {'if-match': '*'}})).status, 200);
  const order = await read(await ask({currencyCode: 'CHF', pricesIncludeTax: true}, [{taxCode: 'P25', unitPrice: 9.98}]));
  assert.deepEqual(totals(order), [8, 2, 10]);
});

test('product groups of one VAT identifier are rounded together; an account and a customer have their groups', async () => {
  const rate = (vatBus, vatProd, percent, identifier) => ({vatBus, vatProd, percent, identifier});
  await peer.admin('POST', 'tax-rates', {
    rates: [
      rate('DOMESTIC', 'GOODS', 25, 'VAT25'),
      rate('DOMESTIC', 'FREIGHT', 25, 'VAT25'),
      rate('EXPORT', 'FREIGHT', 0, 'VAT0'),
    ],
  });
  await peer.admin('POST', 'accounts/6620', {vatProd: 'FREIGHT'});
  const tips = {lineObjectNumber: '6620', unitPrice: 9.99};
  const home = await read(await ask({pricesIncludeTax: true}, [{taxCode: 'GOODS', unitPrice: 9.99}, tips, tips]));
  assert.deepEqual([column(home, 'taxCode'), column(home, 'netAmount')], [Array(3).fill('VAT25'), [7.99, 7.99, 8]]);
  const far = (await peer.admin('POST', 'customers', {displayName: 'Abroad', vatBus: 'EXPORT'})).body.number;
  assert.deepEqual(column(await read(await ask({customerNumber: far}, [tips])), 'taxPercent'), [0]);
});

test('random orders: lines add up to the header, tax is inside by at most a cent a group', async () => {
  for (let n = 1; n <= 20; n++) {
    const lines = Array.from({length: 1 + (n % 7)}, (_, i) => ({
      quantity: 1 + ((n * i) % 5),
      unitPrice: ((n * 37 + i * 113) % 5000) / 100,
      taxCode: ['P19', 'P25', 'P0'][(n + i) % 3],
    }));
    const order = await read(await ask({pricesIncludeTax: n % 2 === 0}, lines));
    const cents = name => column(order, name).reduce((total, value) => total + Math.round(value * 100), 0);
    assert.equal(cents('netAmount'), Math.round(order.totalAmountExcludingTax * 100), `order ${n}`);
    assert.equal(cents('netAmountIncludingTax'), Math.round(order.totalAmountIncludingTax * 100), `order ${n}`);
    for (const [code, percent] of [
      ['P19', 19],
      ['P25', 25],
    ]) {
      const group = order.salesOrderLines.filter(line => line.taxCode === code);
      const net = group.reduce((total, line) => total + line.netAmount, 0);
      const tax = group.reduce((total, line) => total + line.netTaxAmount, 0);
      assert.ok(Math.abs(tax - (net * percent) / 100) < 0.011, `order ${n}, ${code}: ${net} ${tax}`);
    }
  }
});

test('many digits come through exactly', async () => {
  const answer = await peer.at('POST', 'items', {body: '{"displayName":"Exact","unitPrice":1234567890123.45678}'});
  assert.match(answer.text, /"unitPrice":1234567890123\.45678[,}]/);
});

test('US sales tax: jurisdictions of an area are added, prices never include it, who is not liable pays none', async t => {
  const own = await startPeer(t);
  const rates = [{vatBus: 'CHICAGO', vatProd: 'FURNITURE', jurisdictions: [6.25, 1.75, 1.25]}];
  await own.admin('POST', 'tax-rates', {model: 'sales tax', rates});
  const [area] = (await own.at('GET', "taxAreas?$filter=code eq 'CHICAGO'")).body.value;
  assert.equal(area.taxType, 'Sales_x0020_Tax');
  const customer = async taxLiable =>
    (await own.at('POST', 'customers', {body: {displayName: 'Buyer', taxAreaId: area.id, taxLiable}})).body.number;
  const [liable, exempt] = [await customer(true), await customer(false)];
  const lines = [
    {taxCode: 'FURNITURE', unitPrice: 10.01},
    {taxCode: 'FURNITURE', unitPrice: 10.01},
    {taxCode: 'STANDARD', unitPrice: 5},
  ];
  const taxed = await own.order({customerNumber: liable}, lines);
  assert.deepEqual(column(taxed, 'taxPercent'), [9.25, 9.25, 0]);
  assert.deepEqual([taxed.totalTaxAmount, taxed.pricesIncludeTax, taxed.discountAppliedBeforeTax], [1.85, false, true]);
  assert.equal((await own.order({customerNumber: exempt}, lines)).totalTaxAmount, 0);
  const body = {customerNumber: liable, pricesIncludeTax: true};
  refused(
    assert,
    await own.at('POST', 'salesOrders', {body}),
    400,
    'Application_DialogException',
    /sales tax is never included/,
  );
  const web = await own.order({customerNumber: 'WEB'}, lines);
  assert.equal(web.pricesIncludeTax, false, "whatever the customer's card says");
});
