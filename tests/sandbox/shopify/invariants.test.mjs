// Whatever happens to an order, its figures agree to the last unit in both currencies: random sequences of everything the
// admin side can do, drawn by seed. An action that is refused must have changed nothing.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {between, pick, randomFrom} from '../../../sandbox/lib/random.mjs';
import {faultsOf, stockFaultsOf} from '../../../sandbox/shopify/check.mjs';
import {plainly} from '../../../sandbox/shopify/admin-orders.mjs';
import {gid} from '../../../sandbox/shopify/store.mjs';
import {startPeer} from './peer.mjs';

const SKUS = ['1896-S', '1900-S', '1906-S', '1908-S', '1920-S'];
const price = random => `${between(random, 0, 60)}.${String(between(random, 0, 99)).padStart(2, '0')}`;
const line = random => ({
  sku: pick(random, SKUS),
  quantity: between(random, 1, 5),
  price: price(random),
  ...(random() < 0.2 ? {location: 'High Street Shop'} : {}),
  ...(random() < 0.2 ? {taxRate: pick(random, [0, 5, 8.875])} : {}),
});

function orderOf(random) {
  const lines = Array.from({length: between(random, 1, 6)}, () => line(random));
  if (random() < 0.2) lines.push({title: 'Tip', quantity: 1, price: '3.33', tip: true});
  if (random() < 0.2) lines.push({title: 'Gift Card', quantity: 2, price: '12.50', giftCard: true});
  const goods = lines
    .filter(entry => entry.sku)
    .reduce((sum, entry) => sum + Math.floor(Number(entry.price)) * entry.quantity, 0);
  return {
    lines,
    shipping: Array.from({length: between(random, 0, 3)}, (_, i) => ({title: `Way ${i}`, price: price(random)})),
    taxesIncluded: random() < 0.6,
    ...(random() < 0.4 ? {discount: `${Math.floor(goods / 3)}.00`, discountCode: 'CODE'} : {}),
    ...(random() < 0.4
      ? {
          presentment: pick(random, [
            {currency: 'EUR', rate: '1.1735'},
            {currency: 'JPY', rate: '190.3'},
            {currency: 'KWD', rate: '0.411'},
          ]),
        }
      : {}),
    ...(random() < 0.2 ? {duties: '4.44', additionalFees: '0.37'} : {}),
    ...(random() < 0.3
      ? {
          taxes: [
            {title: 'A', rate: 8.875},
            {title: 'B', rate: 4.5},
          ],
        }
      : {}),
    financialStatus: pick(random, ['PAID', 'PAID', 'PAID', 'PENDING', 'AUTHORIZED', 'PARTIALLY_PAID']),
    fulfillmentStatus: pick(random, ['UNFULFILLED', 'UNFULFILLED', 'PARTIALLY_FULFILLED', 'FULFILLED']),
  };
}

const some = (random, order) =>
  order.lines
    .map((entry, i) => ({line: i, quantity: between(random, 1, Math.max(1, entry.currentQuantity))}))
    .filter(() => random() < 0.5);

/** Action → its arguments for an order; many of them will be refused. */
const DRAWS = {
  refund: (random, order) => ({
    lines: some(random, order).map(entry => ({
      ...entry,
      restock: pick(random, ['RETURN', 'NO_RESTOCK', 'CANCEL', 'LEGACY_RESTOCK']),
    })),
    ...(random() < 0.3 ? {shipping: '1.00'} : {}),
    ...(random() < 0.3 ? {amount: price(random)} : {}),
    ...(random() < 0.4 ? {status: 'PENDING'} : {}),
  }),
  'settle-refund': random => ({status: pick(random, ['SUCCESS', 'SUCCESS', 'FAILURE'])}),
  edit: (random, order) => ({
    lines: some(random, order).map(({line: i}) => ({
      line: i,
      quantity: between(random, 0, order.lines[i].currentQuantity),
    })),
    ...(random() < 0.4 ? {add: [line(random)]} : {}),
    ...(random() < 0.2 ? {removeShipping: [0]} : {}),
    restock: random() < 0.5,
  }),
  cancel: random => ({reason: 'CUSTOMER', refund: random() < 0.5, restock: random() < 0.5}),
  pay: random => (random() < 0.5 ? {} : {amount: price(random)}),
  capture: random => (random() < 0.5 ? {} : {amount: price(random)}),
  fulfil: (random, order) => (random() < 0.4 ? {} : {lines: some(random, order)}),
  hold: () => ({reason: 'OTHER'}),
  release: () => ({}),
  move: () => ({location: 'High Street Shop'}),
  archive: () => ({}),
  return: (random, order) => ({
    lines: some(random, order),
    requested: random() < 0.6,
    ...(random() < 0.4 ? {exchange: [line(random)]} : {}),
  }),
  'approve-return': () => ({}),
  'decline-return': () => ({reason: 'OTHER'}),
  dispose: () => ({}),
  'refund-return': random => (random() < 0.3 ? {amount: price(random)} : {}),
  'close-return': () => ({}),
  'cancel-return': () => ({}),
  'give-back': (random, order) => ({lines: some(random, order)}),
};

test('the orders of the demo agree with themselves', async t => {
  const client = await startPeer(t);
  const [store] = client.peer.stores.values();
  const orders = [...store.objects.values()].filter(record => record.__typename === 'Order');
  assert.deepEqual(orders.flatMap(faultsOf), []);
  assert.equal(orders.length, 240);
  assert.deepEqual(stockFaultsOf(store), []);
});

test('random lives of 220 orders: everything agrees, and what is refused changes nothing', async t => {
  const client = await startPeer(t);
  const [store] = client.peer.stores.values();
  const random = randomFrom('invariants:1');
  const done = {};
  for (let n = 0; n < 220; n++) {
    const form = orderOf(random);
    let order;
    try {
      order = store.perform('placeOrder', null, form);
    } catch (error) {
      assert.match(error.message, /discount/, JSON.stringify(form));
      continue;
    }
    assert.deepEqual(faultsOf(order), [], JSON.stringify(form));
    for (let step = 0; step < 12; step++) {
      const action = pick(random, Object.keys(DRAWS));
      const args = DRAWS[action](random, order);
      const before = JSON.stringify(plainly(order));
      const what = `${order.name} step ${step} ${action} ${JSON.stringify(args)}`;
      try {
        await client.admin('POST', `orders/${order.id}/${action}`, args);
        done[action] = (done[action] ?? 0) + 1;
      } catch (error) {
        assert.match(error.message, /^400 /, what);
        assert.equal(
          JSON.stringify(plainly(store.get(gid('Order', order.id)))),
          before,
          `${what}: refused, yet changed`,
        );
        continue;
      }
      assert.deepEqual(faultsOf(order), [], what);
    }
    assert.deepEqual(stockFaultsOf(store), [], order.name);
  }
  for (const action of Object.keys(DRAWS))
    assert.ok(done[action] >= 1, `${action} succeeded ${done[action] ?? 0} times`);

  const again = store.fresh();
  again.load(JSON.parse(JSON.stringify(store.save())));
  for (const [key, record] of store.objects)
    if (record.__typename === 'Order')
      assert.deepEqual(plainly(again.get(key)), plainly(record), `${record.name} after a restart`);
  const quantities = entry =>
    entry.locations.flatMap(location =>
      entry.stock.levelsAt(location).map(level => [level.id, level.available, level.committed, level.updatedAt]),
    );
  assert.deepEqual(quantities(again), quantities(store));
});
