// What leaves an order and comes back: refunds, edits, cancelling, returns, exchanges, as the Admin API tells them.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {TWO, amount, placed} from './orders.mjs';
import {startPeer} from './peer.mjs';

test('refunds: lines, shipping, an amount alone, pending ones, and back the way the money came', async t => {
  const client = await startPeer(t);
  const {read, act} = await placed(client, {
    ...TWO,
    payments: [{amount: '16.00', giftCard: {id: '7'}}, {amount: '40.00'}],
  });
  await act('refund', {
    note: 'broken',
    lines: [
      {line: 0, quantity: 1, restock: 'NO_RESTOCK'},
      {line: 1, quantity: 1, restock: 'RETURN', location: 'High Street Shop'},
    ],
    shipping: '6.00',
  });
  let order = await read();
  let [made] = order.refunds;
  assert.deepEqual(
    [amount(made.totalRefundedSet), made.note, order.displayFinancialStatus],
    ['36.0', 'broken', 'PARTIALLY_REFUNDED'],
  );
  assert.deepEqual(
    made.refundLineItems.nodes.map(line => [
      line.restockType,
      line.restocked,
      line.location?.name ?? null,
      amount(line.subtotalSet),
      amount(line.totalTaxSet),
    ]),
    [
      ['NO_RESTOCK', false, null, '10.0', '1.67'],
      ['RETURN', true, 'High Street Shop', '20.0', '3.33'],
    ],
  );
  assert.deepEqual(
    made.refundShippingLines.nodes.map(line => [amount(line.subtotalAmountSet), amount(line.taxAmountSet)]),
    [['5.0', '1.0']],
    'told without its tax',
  );
  assert.deepEqual(
    made.transactions.nodes.map(entry => [entry.gateway, amount(entry.amountSet)]),
    [['shopify_payments', '36.0']],
  );
  assert.deepEqual(
    [order.currentTotalPriceSet, order.totalPriceSet, order.totalOutstandingSet, order.netPaymentSet].map(amount),
    ['20.0', '56.0', '0.0', '20.0'],
  );

  await act('refund', {amount: '5.00', reason: 'CUSTOMER', status: 'PENDING'});
  order = await read();
  made = order.refunds[1];
  assert.deepEqual(
    [amount(made.totalRefundedSet), amount(order.totalRefundedSet)],
    ['5.0', '36.0'],
    'pending money is not back yet',
  );
  assert.deepEqual(
    made.orderAdjustments.nodes.map(entry => [entry.reason, amount(entry.amountSet)]),
    [['CUSTOMER', '-5.0']],
  );
  assert.deepEqual(
    made.transactions.nodes.map(entry => [entry.status, entry.gateway, amount(entry.amountSet)]),
    [
      ['PENDING', 'shopify_payments', '4.0'],
      ['PENDING', 'gift_card', '1.0'],
    ],
  );
  await act('settle-refund');
  order = await read();
  assert.deepEqual([order.totalRefundedSet, order.currentTotalPriceSet, order.totalOutstandingSet].map(amount), [
    '41.0',
    '20.0',
    '0.0',
  ]);
  await assert.rejects(
    act('refund', {amount: '15.01'}),
    /Refund amount 15.01 GBP is greater than net payment received 15.0 GBP/,
  );
  await assert.rejects(
    act('refund', {lines: [{line: 0, quantity: 3}]}),
    /cannot refund more items than were purchased/,
  );
  await assert.rejects(
    act('refund', {lines: [{line: 0, quantity: 1, restock: 'BURN'}]}),
    /restock: want one of RETURN/,
  );
  await assert.rejects(act('refund', {shipping: '0.01'}), /only 0.0 GBP are left/);
  assert.equal((await read()).refunds.length, 2, 'what is refused leaves nothing behind');
  await act('refund', {lines: [{line: 0, quantity: 2, restock: 'CANCEL'}], amount: '15.00'});
  order = await read();
  assert.deepEqual(
    [order.displayFinancialStatus, amount(order.currentTotalPriceSet), amount(order.totalOutstandingSet)],
    ['REFUNDED', '0.0', '0.0'],
  );

  const cash = await placed(client, {...TWO, gateway: 'cash', taxesIncluded: false});
  await cash.act('refund', {
    lines: [{line: 0, quantity: 1, restock: 'LEGACY_RESTOCK'}],
    shipping: '3.00',
    rounding: '0.04',
  });
  order = await cash.read();
  assert.deepEqual(
    [amount(order.totalRefundedSet), amount(order.totalCashRoundingAdjustment.refundSet)],
    ['15.6', '0.04'],
  );
  assert.deepEqual(
    order.refunds[0].refundShippingLines.nodes.map(line => [amount(line.subtotalAmountSet), amount(line.taxAmountSet)]),
    [['3.0', '0.6']],
  );
});

test('an edit takes units off as a refund of nothing, adds lines, removes shipping', async t => {
  const client = await startPeer(t);
  const {key, read, act} = await placed(client, TWO);
  await client.admin('POST', 'time', {business: '2026-11-03T00:00:00Z'});
  await act('edit', {lines: [{line: 0, quantity: 1}]});
  let order = await read();
  assert.equal(order.edited, true);
  assert.deepEqual(
    order.lineItems.nodes.map(line => [line.quantity, line.currentQuantity, line.unfulfilledQuantity]),
    [
      [3, 1, 1],
      [1, 1, 1],
    ],
  );
  const [made] = order.refunds;
  assert.deepEqual(
    [
      amount(made.totalRefundedSet),
      made.transactions.nodes,
      made.refundLineItems.nodes.map(line => [line.quantity, line.restockType, amount(line.subtotalSet)]),
    ],
    ['0.0', [], [[2, 'NO_RESTOCK', '20.0']]],
  );
  assert.deepEqual(
    [order.totalPriceSet, order.currentTotalPriceSet, order.originalTotalPriceSet, order.totalOutstandingSet].map(
      amount,
    ),
    ['56.0', '36.0', '56.0', '-20.0'],
    'the customer is owed what the edit took off',
  );
  await act('edit', {add: [{sku: '1906-S', quantity: 2, price: '15.00'}], removeShipping: [0]});
  order = await read();
  assert.deepEqual(
    [
      order.totalPriceSet,
      order.currentTotalPriceSet,
      order.originalTotalPriceSet,
      order.totalShippingPriceSet,
      order.totalOutstandingSet,
    ].map(amount),
    ['80.0', '60.0', '56.0', '0.0', '4.0'],
  );
  assert.deepEqual(
    [order.displayFinancialStatus, order.refunds.length, order.shippingLines.nodes],
    ['PARTIALLY_PAID', 1, []],
  );
  const {fulfillmentOrders} = await client.admin('GET', `orders/${key}`);
  assert.deepEqual(
    fulfillmentOrders.map(fo => fo.lines.map(line => [line.total, line.remaining])),
    [
      [
        [1, 1],
        [1, 1],
      ],
      [[2, 2]],
    ],
    'what is added waits apart',
  );
  await act('fulfil', {lines: [{line: 0}]});
  await assert.rejects(act('edit', {lines: [{line: 0, quantity: 0}]}), /only 0 are not fulfilled/);
  await assert.rejects(act('edit', {lines: [{line: 1, quantity: 2}]}), /an edit leaves fewer/);
  await act('edit', {lines: [{line: 1, quantity: 0}], restock: true});
  assert.equal((await read()).refunds[1].refundLineItems.nodes[0].restockType, 'CANCEL');
});

test('cancelling: unpaid, paid with and without money back, authorized; not what is shipped', async t => {
  const client = await startPeer(t);
  const CANCEL = `mutation ($id: ID!, $refund: Boolean, $restock: Boolean!, $note: String) { orderCancel(orderId: $id, reason: CUSTOMER, refund: $refund, restock: $restock, staffNote: $note) {
    job { id done } orderCancelUserErrors { field message code } } }`;
  const rows = [
    ['unpaid', {financialStatus: 'PENDING'}, {restock: true}, 'VOIDED', [[0, 0], '0.0', '0.0', 1]],
    ['paid, money back', {}, {restock: true, refund: true}, 'REFUNDED', [[0, 0], '56.0', '0.0', 1]],
    ['paid, money kept', {}, {restock: false}, 'PAID', [[0, 0], '0.0', '0.0', 0]],
    ['authorized', {financialStatus: 'AUTHORIZED'}, {restock: false}, 'VOIDED', [[0, 0], '0.0', '0.0', 1]],
  ];
  for (const [name, more, variables, status, wanted] of rows)
    await t.test(name, async () => {
      const {id, read} = await placed(client, {...TWO, ...more});
      const {data} = await client.ask(CANCEL, {id, note: 'because', ...variables});
      assert.deepEqual(data.orderCancel.orderCancelUserErrors, []);
      const order = await read();
      assert.deepEqual(
        [order.displayFinancialStatus, order.closed, order.displayFulfillmentStatus],
        [status, true, 'UNFULFILLED'],
      );
      assert.deepEqual(
        [
          order.lineItems.nodes.map(line => line.currentQuantity),
          amount(order.totalRefundedSet),
          amount(order.currentTotalPriceSet),
          order.refunds.length,
        ],
        wanted,
      );
      const again = (await client.ask(CANCEL, {id, restock: false})).data.orderCancel;
      assert.deepEqual(again, {
        job: null,
        orderCancelUserErrors: [
          {field: ['orderId'], message: 'Cannot cancel an order that has already been canceled', code: 'INVALID'},
        ],
      });
    });
  const shipped = await placed(client, TWO);
  await shipped.act('fulfil', {lines: [{line: 1}]});
  const refused = (await client.ask(CANCEL, {id: shipped.id, restock: true})).data.orderCancel.orderCancelUserErrors;
  assert.equal(refused[0].message, 'Cannot cancel an order that has outstanding fulfillments');
  const long = (await client.ask(CANCEL, {id: shipped.id, restock: true, note: 'x'.repeat(256)})).data.orderCancel
    .orderCancelUserErrors;
  assert.deepEqual(long, [
    {field: ['staffNote'], message: 'Staff note is too long. Maximum length is 255 characters.', code: 'INVALID'},
  ]);
});

test('returns: requested, declined, approved, received, refunded, closed', async t => {
  const client = await startPeer(t);
  const {read, act} = await placed(client, {...TWO, fulfillmentStatus: 'FULFILLED'});
  await act('return', {requested: true, lines: [{line: 0, quantity: 1, reason: 'WRONG_ITEM', note: 'red, not blue'}]});
  assert.equal((await read()).returnStatus, 'RETURN_REQUESTED');
  await act('decline-return', {reason: 'FINAL_SALE', note: 'it was on sale'});
  let order = await read();
  assert.deepEqual(
    [order.returnStatus, order.returns.nodes[0].status, order.returns.nodes[0].decline],
    ['NO_RETURN', 'DECLINED', {reason: 'FINAL_SALE', note: 'it was on sale'}],
  );
  await assert.rejects(act('decline-return'), /already declined/);

  await act('return', {
    requested: true,
    lines: [
      {line: 0, quantity: 2, reason: 'OTHER', note: 'too heavy'},
      {line: 1, quantity: 1},
    ],
  });
  await act('approve-return');
  await assert.rejects(act('approve-return'), /Only returns with status REQUESTED can be approved/);
  await assert.rejects(
    act('return', {lines: [{line: 0, quantity: 2}]}),
    /invalid quantity/,
    'one unit is left to return',
  );
  await act('dispose', {
    lines: [
      {line: 0, quantity: 2, type: 'RESTOCKED', location: 'High Street Shop'},
      {line: 1, quantity: 1, type: 'NOT_RESTOCKED'},
    ],
  });
  order = await read();
  assert.equal(order.returnStatus, 'IN_PROGRESS');
  const entry = order.returns.nodes[1];
  assert.deepEqual([entry.name, entry.status, entry.totalQuantity], [`${order.name}-R2`, 'OPEN', 3]);
  assert.deepEqual(
    entry.returnLineItems.nodes.map(line => [
      line.quantity,
      line.refundableQuantity,
      line.returnReasonNote,
      line.returnReasonDefinition.handle,
      amount(line.withCodeDiscountedTotalPriceSet),
    ]),
    [
      [2, 2, 'too heavy', 'other', '20.0'],
      [1, 1, '', 'unwanted', '20.0'],
    ],
  );
  assert.deepEqual(
    entry.reverseFulfillmentOrders.nodes.map(reverse => [
      reverse.status,
      reverse.lineItems.nodes.map(line =>
        line.dispositions.map(part => [part.type, part.quantity, part.location.name]),
      ),
    ]),
    [['OPEN', [[['RESTOCKED', 2, 'High Street Shop']], [['NOT_RESTOCKED', 1, 'Main Warehouse']]]]],
  );
  await act('refund-return', {lines: [{line: 0, quantity: 1}], shipping: '6.00'});
  await act('refund-return');
  await act('close-return');
  await assert.rejects(act('close-return'), /Return status is invalid/);
  order = await read();
  assert.deepEqual(
    [order.returnStatus, order.refunds.map(made => [made.return.name, amount(made.totalRefundedSet)])],
    [
      'RETURNED',
      [
        [`${order.name}-R2`, '16.0'],
        [`${order.name}-R2`, '30.0'],
      ],
    ],
  );
  assert.deepEqual(
    order.returns.nodes[1].returnLineItems.nodes.map(line => [line.refundableQuantity, line.refundedQuantity]),
    [
      [0, 2],
      [0, 1],
    ],
  );
  assert.equal(order.displayFulfillmentStatus, 'FULFILLED');

  await act('return', {lines: [{line: 0, quantity: 1}]});
  await act('cancel-return');
  await act('return', {unverified: [{unitPrice: '4.00', quantity: 1}]});
  order = await read();
  assert.deepEqual(
    order.returns.nodes.slice(2).map(made => [made.status, made.returnLineItems.nodes[0].unitPrice?.amount]),
    [
      ['CANCELED', undefined],
      ['OPEN', '4.0'],
    ],
  );
});

test('an exchange sells the new goods on the order and nets the money', async t => {
  const client = await startPeer(t);
  const {read, act, key} = await placed(client, {...TWO, fulfillmentStatus: 'FULFILLED'});
  await act('return', {
    lines: [{line: 1, quantity: 1}],
    exchange: [{sku: '1906-S', quantity: 1, price: '15.00', discount: '1.00'}],
  });
  let order = await read();
  assert.deepEqual([order.totalPriceSet, order.currentTotalPriceSet, order.totalOutstandingSet].map(amount), [
    '70.0',
    '70.0',
    '14.0',
  ]);
  const [line] = order.returns.nodes[0].exchangeLineItems.nodes;
  assert.deepEqual(
    [line.quantity, line.lineItems.map(entry => [amount(entry.originalUnitPriceSet), amount(entry.totalDiscountSet)])],
    [1, [['15.0', '1.0']]],
  );
  assert.equal(order.displayFulfillmentStatus, 'PARTIALLY_FULFILLED', 'it has to be shipped');
  await act('refund-return');
  order = await read();
  assert.deepEqual(
    [order.refunds[0].totalRefundedSet, order.currentTotalPriceSet, order.totalOutstandingSet, order.netPaymentSet].map(
      amount,
    ),
    ['6.0', '50.0', '0.0', '50.0'],
  );
  assert.deepEqual(order.refunds[0].orderAdjustments.nodes, []);
  const {totals} = await client.admin('GET', `orders/${key}`);
  assert.deepEqual([totals.kept, totals.refunded], [5600, 600], 'the exchange is the business of the refund');
});

test('what a customer brings back is a return when it had been shipped, and just a refund when not', async t => {
  const client = await startPeer(t);
  const {read, act} = await placed(client, TWO);
  await act('fulfil', {lines: [{line: 0}]});
  await act('give-back', {lines: [{line: 0, quantity: 2}], shipping: '6.00'});
  await act('give-back', {
    lines: [
      {line: 0, quantity: 1},
      {line: 1, quantity: 1},
    ],
  });
  const order = await read();
  assert.deepEqual(
    order.refunds.map(made => [made.return?.name ?? null, amount(made.totalRefundedSet)]),
    [
      [`${order.name}-R1`, '26.0'],
      [null, '30.0'],
    ],
  );
  const [entry] = order.returns.nodes;
  assert.deepEqual(
    [entry.status, entry.returnLineItems.nodes.map(line => [line.quantity, line.refundedQuantity])],
    ['CLOSED', [[2, 2]]],
  );
  assert.deepEqual(
    entry.reverseFulfillmentOrders.nodes[0].lineItems.nodes[0].dispositions.map(part => [part.type, part.quantity]),
    [['RESTOCKED', 2]],
  );
  assert.deepEqual(
    [order.returnStatus, order.displayFinancialStatus, order.displayFulfillmentStatus],
    ['RETURNED', 'REFUNDED', 'FULFILLED'],
  );
});
