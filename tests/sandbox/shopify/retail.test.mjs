// The replay of real sales: what becomes an order, what a refund, and what is no shop data. The small file below
// holds every case; the real one is counted where it is at hand.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import zlib from 'node:zlib';
import {folderOf} from '../end.mjs';
import {faultsOf} from '../../../sandbox/shopify/check.mjs';
import {retail} from '../../../sandbox/data/retail.mjs';
import {ROOT, documentText, startPeer} from './peer.mjs';

const SMALL = `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1001,85123A,"WHITE ""HEART"" HOLDER, LARGE",6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
1001,post,POSTAGE,2,2010-12-01 08:26:00,18.0,17850.0,United Kingdom
1002,84029G,FLASK,1,2010-12-01 09:00:00,3.39,,EIRE
1001,85123a,WHITE HEART HOLDER ,4,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
1003,M,Manual,1,2010-12-01 10:00:00,10.0,17850.0,France
1003,gift_0001_20,Gift Voucher,1,2010-12-01 10:00:00,16.67,17850.0,France
1004,22139,,5,2010-12-01 10:00:00,0.0,,United Kingdom
1005,22139,damages,-5,2010-12-01 10:01:00,0.0,,United Kingdom
C1006,85123A,WHITE HEART HOLDER,-7,2010-12-01 11:00:00,2.55,17850.0,United Kingdom
C1006,D,Discount,-1,2010-12-01 11:00:00,27.5,17850.0,United Kingdom
C1007,84029G,FLASK,-1,2010-12-01 12:00:00,3.39,14527.0,United Kingdom
1008,84029G,FLASK,1,2010-12-02 08:00:00,3.39,14527.0,United Kingdom
C1009,POST,POSTAGE,-1,2010-12-02 09:00:00,18.0,17850.0,United Kingdom
1010,84029G,FLASK,1,2010-12-03 08:00:00,3.39,14527.0,United Kingdom
`;

function smallFile(t, {packed = true} = {}) {
  const folder = folderOf(t);
  const file = path.join(folder, packed ? 'sales.csv.gz' : 'sales.csv');
  fs.writeFileSync(file, packed ? zlib.gzipSync(SMALL) : SMALL);
  return file;
}

const text = set => set.shopMoney.amount;

test('every case of the file, day by day', async t => {
  const client = await startPeer(t, {world: await retail({file: smallFile(t), days: 2})});
  const orders = async () => {
    const {data} = await client.ask(documentText('orders-delta'), {query: 'status:any'});
    return data.orders.nodes;
  };
  assert.deepEqual(await orders(), []);
  assert.deepEqual(await client.admin('POST', 'replay', {until: '2010-12-02'}), {
    until: '2010-12-02',
    orders: 4,
    orders_with_amount: 3,
    orders_of_zero: 1,
    returns_covered: 0,
    returns_partly: 1,
    refunds: 1,
    not_shop_data: {write_off: 1, return_without_order: 1},
    left: 2,
  });
  assert.deepEqual((await orders()).map(node => node.name).sort(), ['#1001', '#1002', '#1003', '#1004']);
  assert.ok((await client.admin('GET', 'time')).business >= '2010-12-02T00:00:00Z');
  const {orders: more, returns_covered: covered} = await client.admin('POST', 'replay', {until: '2010-12-04'});
  assert.deepEqual([more, covered], [1, 1], 'the third day is not served');

  const ids = (await orders()).sort((a, b) => (a.name < b.name ? -1 : 1)).map(node => node.id);
  const [first, second, third, fourth] = (await client.ask(documentText('orders-by-ids'), {ids})).data.nodes;
  assert.deepEqual(
    first.lineItems.nodes.map(line => [line.sku, line.title, line.quantity, line.currentQuantity]),
    [
      ['85123A', 'WHITE "HEART" HOLDER, LARGE', 6, 3],
      ['85123A', 'WHITE HEART HOLDER', 4, 0],
    ],
  );
  assert.deepEqual(
    first.shippingLines.nodes.map(line => [line.code, text(line.originalPriceSet)]),
    [['POST', '36.0']],
  );
  assert.deepEqual(
    [first.email, text(first.totalPriceSet), text(first.totalTaxSet)],
    ['c17850@example.com', '61.5', '10.25'],
  );
  assert.deepEqual(
    first.refunds.map(refund => text(refund.totalRefundedSet)),
    ['17.85', '18.0'],
  );
  assert.deepEqual([second.customer, second.email, second.shippingAddress, second.taxLines], [null, null, null, []]);
  assert.deepEqual(
    third.lineItems.nodes.map(line => [line.title, line.variant?.sku ?? null, line.isGiftCard]),
    [
      ['Manual', null, false],
      ['Gift Voucher', 'GIFT_0001_20', true],
    ],
  );
  assert.equal(text(fourth.totalPriceSet), '0.0');
});

test('both sides know the same goods and people', async t => {
  const {
    stores: [store],
    companies: [company],
    now,
  } = await retail({file: smallFile(t, {packed: false})});
  assert.equal(now, '2010-12-01T00:00:00Z');
  assert.deepEqual(
    company.items.map(item => [item.number, item.displayName, item.unitPrice]),
    [
      ['85123A', 'WHITE "HEART" HOLDER, LARGE', '2.55'],
      ['84029G', 'FLASK', '3.39'],
      ['22139', '22139', '0.00'],
    ],
  );
  assert.deepEqual(
    company.customers.map(customer => [customer.number, customer.email, customer.country, customer.vatBus]),
    [
      ['WEB', '', 'GB', 'DOMESTIC'],
      ['20010', 'purchasing@adatum.example', 'GB', 'DOMESTIC'],
      ['20020', 'orders@fourthcoffee.example', 'GB', 'DOMESTIC'],
      ['20030', 'buying@contoso.example', 'GB', 'DOMESTIC'],
      ['20040', 'north@contoso.example', 'GB', 'DOMESTIC'],
      ['17850', 'c17850@example.com', 'GB', 'DOMESTIC'],
      ['14527', 'c14527@example.com', 'GB', 'DOMESTIC'],
    ],
  );
  assert.deepEqual(
    store.customers.map(customer => customer.email),
    ['c17850@example.com', 'c14527@example.com'],
  );
});

test('a file that is no such file is refused by name', async t => {
  await assert.rejects(retail({file: '/nowhere/sales.csv'}), /\/nowhere\/sales.csv does not exist/);
  const file = smallFile(t, {packed: false});
  fs.writeFileSync(file, 'a,b\n1,2\n');
  await assert.rejects(retail({file}), /no column InvoiceNo; want the Online Retail format/);
});

test('a restart replays what had been replayed', async t => {
  const file = smallFile(t);
  const state = path.join(path.dirname(file), 'state.json');
  const first = await startPeer(t, {state, data: 'retail', world: await retail({file})});
  await first.admin('POST', 'replay', {until: '2010-12-02'});
  await first.ask(documentText('tags-add'), {id: 'gid://shopify/Order/5600000001001', tags: ['kept']});
  await first.peer.close();
  const second = await startPeer(t, {state, data: 'retail', world: await retail({file})});
  const {data} = await second.ask('{ orders(first: 250) { nodes { name tags refunds { id } } } }');
  assert.deepEqual(
    data.orders.nodes.map(node => [node.name, node.tags.length, node.refunds.length]),
    [
      ['#1001', 1, 1],
      ['#1002', 0, 0],
      ['#1003', 0, 0],
      ['#1004', 0, 0],
    ],
  );
  assert.equal((await second.admin('POST', 'replay', {until: '2010-12-03'})).orders, 1);
});

const COUNTS = [
  [
    3,
    {
      orders_with_amount: 337,
      orders_of_zero: 15,
      returns_covered: 5,
      returns_partly: 1,
      not_shop_data: {return_without_order: 30, write_off: 30},
    },
  ],
  [
    30,
    {
      orders_with_amount: 1559,
      orders_of_zero: 70,
      returns_covered: 131,
      returns_partly: 17,
      not_shop_data: {return_without_order: 178, write_off: 70},
    },
  ],
  [
    undefined,
    {
      orders_with_amount: 9659,
      orders_of_zero: 372,
      returns_covered: 1409,
      returns_partly: 121,
      not_shop_data: {return_without_order: 476, write_off: 758},
    },
  ],
];

test('the real file gives the published counts', async t => {
  const file = process.env.RETAIL_CSV ?? path.join(ROOT, '../shared/data/online-retail-2010-12_2011-06.csv.gz');
  if (!fs.existsSync(file)) return t.skip(`no sales file ${file} (RETAIL_CSV names another one)`);
  for (const [days, wanted] of COUNTS) {
    const world = await retail({file, days});
    const client = await startPeer(t, {world, indexLag: 0});
    const counts = await client.admin('POST', 'replay', {until: '2012-01-01'});
    assert.deepEqual(
      Object.fromEntries(Object.keys(wanted).map(key => [key, counts[key]])),
      wanted,
      `${days ?? 'all'} days`,
    );
    const [store] = client.peer.stores.values();
    for (const order of store.objects.values()) {
      if (order.__typename !== 'Order') continue;
      const lines =
        order.lines.reduce((sum, line) => sum + line.price[0] * line.quantity, 0) +
        order.shippingLines.reduce((sum, line) => sum + line.price[0], 0);
      assert.equal(order.totals.total[0], lines, order.name);
      assert.deepEqual(faultsOf(order), []);
      assert.ok(order.totals.currentTotal[0] >= 0 && order.lines.every(line => line.currentQuantity >= 0), order.name);
    }
    if (days === 3) {
      const without = [...store.objects.values()].filter(
        record => record.__typename === 'Order' && !record.customer && record.totals.total[0] > 0,
      );
      assert.equal(without.length, 22);
    }
  }
});
