// The demo's balance: no order, document or penny may go missing without a reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balance, closes, differing } from '../../sandbox/demo/balance.mjs';
import { fulfilmentOf } from '../../sandbox/demo/peers.mjs';

const order = (name, total, more = {}) => ({ name, total, ...more });
const document = (external, total, more = { posted: true }) => ({ external, total, ...more });
const memo = (external, total) => ({ external, total, kind: 'credit_memo', posted: true });

const CASES = [
  ['equal to the penny', [order('#1', '12.30')], [document('#1', '12.3')], {}, true, {}],
  ['a skip with its reason', [order('#1', '12.30'), order('#2', '5')], [document('#1', '12.30')], { '#2': 'cancelled' }, true,
    { cancelled: { orders: 1, amount: '5.00' } }],
  ['a skip without a reason', [order('#1', '12.30')], [], {}, false, { unexplained: { orders: 1, amount: '12.30', names: ['#1'] } }],
  ['a skip of nothing without a reason', [order('#1', '0')], [], {}, false, { unexplained: { orders: 1, amount: '0.00', names: ['#1'] } }],
  ['a penny too little', [order('#1', '12.30')], [document('#1', '12.29')], {}, false, { unexplained: { orders: 1, amount: '0.01', names: ['#1'] } }],
  ['a penny too little that was reported', [order('#1', '12.30')], [document('#1', '12.29')], { '#1': 'rounding' }, true,
    { rounding: { orders: 1, amount: '0.01' } }],
  ['a document twice', [order('#1', '12.30')], [document('#1', '12.30'), document('#1', '12.30')], { '#1': 'rounding' }, false,
    { unexplained: { orders: 1, amount: '-12.30', names: ['#1'] } }],
  ['a refund and its credit memo', [order('#1', '12.30', { refunded: '2.30' })], [document('#1', '12.30'), memo('#1-R7', '2.30')], {}, true, {}],
  ['a refund without a credit memo', [order('#1', '12.30', { refunded: '2.30' })], [document('#1', '12.30')], {}, false,
    { unexplained: { orders: 1, amount: '-2.30', names: ['#1'] } }],
  ['a refund that a person books', [order('#1', '12.30', { refunded: '2.30' })], [document('#1', '12.30')], { '#1': 'refund-by-hand' }, true,
    { 'refund-by-hand': { orders: 1, amount: '-2.30' } }],
  ['a credit memo twice', [order('#1', '12.30', { refunded: '2.30' })], [document('#1', '12.30'), memo('#1-R7', '2.30'), memo('#1-R7', '2.30')],
    {}, false, { unexplained: { orders: 1, amount: '2.30', names: ['#1'] } }],
  ['a document without an order', [], [document('#9', '1.00')], {}, false, { unexplained: { orders: 1, amount: '-1.00', names: ['#9'] } }],
];

for (const [name, orders, documents, reasons, good, differences] of CASES) {
  test(name, () => {
    const sheet = balance({ orders, documents, reasons: new Map(Object.entries(reasons)) });
    assert.deepEqual(sheet.differences, differences);
    assert.equal(closes(sheet), good);
  });
}

test('totals, refunds and skips are counted', () => {
  const sheet = balance({
    orders: [order('#1', '10.10', { refunds: 1 }), order('#2', '0.05'), order('#3', '7.00')],
    documents: [document('#1', '10.10')], reasons: new Map([['#2', 'filtered'], ['#3', 'filtered']]),
  });
  assert.deepEqual([sheet.orders, sheet.documents, sheet.refunds, sheet.shop_total, sheet.erp_total, sheet.skips],
    [3, 1, 1, '17.15', '10.10', { filtered: 2 }]);
});

test('a difference has the reason that cartage gives for it, before that of a skip', () => {
  const orders = [order('#1', '12.30'), order('#2', '1.00'), order('#3', '2.00')];
  const documents = [document('#1', '12.29'), document('#2', '1.00')];
  assert.deepEqual(differing({ orders, documents }).map(({ name }) => name), ['#1']);
  const sheet = balance({ orders, documents, reasons: new Map([['#1', 'stale'], ['#3', 'cancelled']]), differing: new Map([['#1', 'tax-by-group']]) });
  assert.deepEqual(sheet.differences, { 'tax-by-group': { orders: 1, amount: '0.01' }, cancelled: { orders: 1, amount: '2.00' } });
  assert.equal(closes(sheet), true);
});

test('what was given back is told apart from what was sold', () => {
  const orders = [order('#1', '12.30', { refunds: 1, refunded: '2.30' }), order('#2', '4.00')];
  const sheet = balance({ orders, documents: [document('#1', '12.30'), memo('#1-R7', '2.30'), document('#2', '4.00')], reasons: new Map() });
  assert.deepEqual([sheet.shop_sold, sheet.erp_sold, sheet.shop_refunded, sheet.erp_credited, sheet.shop_total, sheet.erp_total],
    ['16.30', '16.30', '2.30', '2.30', '14.00', '14.00']);
});

const POSTINGS = [
  ['posted', { posted: true }, {}, {}, true, {}],
  ['not posted, for no reason', {}, {}, {}, false, { unexplained: 1 }],
  ['not posted, and its order is not paid', {}, { paid: false }, {}, true, { 'not paid yet': 1 }],
  ['not posted, and its number has a reason', { number: 'S1' }, {}, { S1: 'approval' }, true, { approval: 1 }],
];
for (const [name, more, of, reasons, good, unposted] of POSTINGS) {
  test(`a document is ${name}`, () => {
    const sheet = balance({ orders: [order('#1', '1.00', of)], documents: [document('#1', '1.00', more)], reasons: new Map(Object.entries(reasons)) });
    assert.deepEqual([sheet.posted, sheet.unposted], [more.posted ? 1 : 0, unposted]);
    assert.equal(closes(sheet), good);
  });
}

// name, the order at Shopify, units shipped, reasons → closes, told, untold, units given back first
const SHIPMENTS = [
  ['told', { fulfillments: 1, fulfilled: 5 }, 5, {}, true, 1, {}, 0],
  ['not told, for no reason', {}, 5, {}, false, 0, { unexplained: 1 }, 0],
  ['not told, and has its reason', {}, 5, { 102: 'fulfillment-held' }, true, 0, { 'fulfillment-held': 1 }, 0],
  ['told without what was given back first', { fulfillments: 1, fulfilled: 3, returned: 2 }, 5, {}, true, 1, {}, 2],
  ['told without more than was given back', { fulfillments: 1, fulfilled: 2, returned: 2 }, 5, {}, false, 1, {}, 0],
  ['told in part, with a warning', { fulfillments: 1, fulfilled: 2 }, 5, {}, true, 1, {}, 0, [['#1', "another service's"]]],
  ['told twice', { fulfillments: 2, fulfilled: 10 }, 5, {}, false, 1, {}, 0],
];
for (const [name, more, units, reasons, good, told, untold, givenBack, warned = []] of SHIPMENTS) {
  test(`a shipment is ${name}`, () => {
    const sheet = balance({
      orders: [order('#1', '1.00', more)], documents: [document('#1', '1.00')], shipments: [{ number: '102', external: '#1', units }],
      reasons: new Map(Object.entries(reasons)), warnings: new Map(warned),
    });
    assert.deepEqual([sheet.shipments_told, sheet.shipments_untold, sheet.units.given_back_first], [told, untold, givenBack]);
    assert.equal(closes(sheet), good);
  });
}

test('a gift card ships itself, a line without a product is shipped without units of goods', () => {
  const line = (id, more) => ({ id, variant: 'v', giftCard: false, ...more });
  const lines = [line('1'), line('2', { giftCard: true }), line('3', { variant: null })];
  const made = (status, ...ids) => ({ status, lines: ids.map((lineItem) => ({ lineItem, quantity: 2 })) });
  const of = (...fulfillments) => fulfilmentOf({ lines, fulfillments });
  assert.deepEqual(of(made('SUCCESS', '1', '3')), { fulfillments: 1, fulfilled: 2 });
  assert.deepEqual(of(made('SUCCESS', '3')), { fulfillments: 1, fulfilled: 0 });
  assert.deepEqual(of(made('SUCCESS', '2')), { fulfillments: 0, fulfilled: 0 });
  assert.deepEqual(of(made('CANCELLED', '1')), { fulfillments: 0, fulfilled: 0 });
});

test('a shipment of no order is unexplained', () => {
  const sheet = balance({ orders: [], documents: [], shipments: [{ number: '102', external: '#9', units: 1 }], reasons: new Map() });
  assert.deepEqual(sheet.shipments_untold, { unexplained: 1 });
  assert.equal(closes(sheet), false);
});

test('an amount of three decimals is refused', () => {
  assert.throws(() => balance({ orders: [order('#1', '1.005')], documents: [], reasons: new Map() }), /two decimals/);
});
