// The demo's balance: no order, document or penny may go missing without a reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balance, closes } from '../../sandbox/demo/balance.mjs';

const order = (name, total, more = {}) => ({ name, total, ...more });
const document = (external, total) => ({ external, total });
const memo = (external, total) => ({ external, total, kind: 'credit_memo' });

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

test('an amount of three decimals is refused', () => {
  assert.throws(() => balance({ orders: [order('#1', '1.005')], documents: [], reasons: new Map() }), /two decimals/);
});
