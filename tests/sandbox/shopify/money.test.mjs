// The money of orders: taxes, currencies, payments, what else an order may have, as the Admin API tells it.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {TWO, amount, placed, shown} from './orders.mjs';
import {codeOf, startPeer} from './peer.mjs';

test('taxes: several rates, inside and on top, of a line of its own, exempt', async t => {
  const client = await startPeer(t);
  const taxes = [
    {title: 'State', rate: '8.875', channelLiable: true},
    {title: 'City', rate: '4.5'},
  ];
  const rows = [
    ['on top', {taxesIncluded: false, taxes}, ['2.66', '1.35', '1.78', '0.9', '0.53', '0.27'], '63.49', '7.49'],
    ['inside', {taxesIncluded: true, taxes}, ['2.35', '1.19', '1.57', '0.79', '0.47', '0.24'], '56.0', '6.61'],
    ['none', {taxExempt: true, taxes}, [], '56.0', '0.0'],
  ];
  for (const [name, more, parts, all, tax] of rows)
    await t.test(name, async () => {
      const order = await (await placed(client, {...TWO, ...more})).read();
      const found = [...order.lineItems.nodes, ...order.shippingLines.nodes].flatMap(line =>
        line.taxLines.map(entry => amount(entry.priceSet)),
      );
      assert.deepEqual(found, parts);
      assert.deepEqual([amount(order.totalPriceSet), amount(order.totalTaxSet)], [all, tax]);
      assert.deepEqual(
        order.taxLines.map(entry => [entry.title, entry.ratePercentage, entry.rate, entry.channelLiable]),
        parts.length
          ? [
              ['State', 8.875, 0.08875, true],
              ['City', 4.5, 0.045, false],
            ]
          : [],
      );
    });
  const mixed = await placed(client, {
    lines: [
      {sku: '1896-S', quantity: 1, price: '10.00', taxRate: 5},
      {sku: '1900-S', quantity: 1, price: '10.00'},
      {title: 'Book', quantity: 1, price: '10.00', taxable: false},
    ],
  });
  assert.deepEqual(
    (await mixed.read()).lineItems.nodes.map(line => line.taxLines.map(entry => amount(entry.priceSet))),
    [['0.48'], ['1.67'], []],
  );
});

test('both columns of the money add up, whatever their decimals', async t => {
  for (const [currency, presentment, prices] of [
    ['GBP', {currency: 'JPY', rate: '189.4'}, ['10.01', '4.99']],
    ['JPY', {currency: 'EUR', rate: '0.0061'}, ['1001', '499']],
    ['KWD', {currency: 'USD', rate: '3.257'}, ['10.001', '4.999']],
  ])
    await t.test(`${currency} shown as ${presentment.currency}`, async t2 => {
      const client = await startPeer(t2, {}, made => Object.assign(made.stores[0], {currency, orders: []}));
      const {read, act} = await placed(client, {
        presentment,
        lines: prices.map((price, i) => ({sku: ['1896-S', '1900-S'][i], quantity: 3, price})),
        shipping: [{title: 'Standard', price: prices[1]}],
        discount: prices[1],
      });
      await act('refund', {lines: [{line: 0, quantity: 1}]});
      await act('refund', {
        lines: [
          {line: 0, quantity: 2},
          {line: 1, quantity: 3},
        ],
        shipping: prices[1],
      });
      const order = await read();
      assert.deepEqual(
        [order.totalPriceSet.shopMoney.currencyCode, order.totalPriceSet.presentmentMoney.currencyCode],
        [currency, presentment.currency],
      );
      for (const of of [amount, shown]) {
        const sum = list => list.reduce((result, set) => result + Math.round(Number(of(set)) * 1000), 0);
        const lines = sum(
          order.lineItems.nodes.flatMap(line => [...Array(line.quantity).fill(line.originalUnitPriceSet)]),
        );
        const discounts = sum(
          order.lineItems.nodes.flatMap(line => line.discountAllocations.map(entry => entry.allocatedAmountSet)),
        );
        assert.equal(sum([order.totalPriceSet]), lines - discounts + sum([order.totalShippingPriceSet]));
        assert.equal(sum([order.currentTotalPriceSet]), 0);
        assert.equal(sum([order.totalRefundedSet]), sum([order.totalPriceSet]), 'all of it went back');
        assert.equal(sum([order.currentTotalTaxSet]), 0);
      }
      assert.equal(order.displayFinancialStatus, 'REFUNDED');
    });
});

test('payments: what was paid, how, and what the order is called for it', async t => {
  const client = await startPeer(t);
  const card = {company: 'Visa', number: '•••• •••• •••• 4242', bin: '424242'};
  const rows = [
    ['paid', {}, 'PAID', ['56.0', '0.0', '0.0', true, false]],
    ['pending', {financialStatus: 'PENDING'}, 'PENDING', ['0.0', '56.0', '0.0', false, true]],
    ['authorized', {financialStatus: 'AUTHORIZED'}, 'AUTHORIZED', ['0.0', '56.0', '56.0', false, true]],
    ['half', {financialStatus: 'PARTIALLY_PAID'}, 'PARTIALLY_PAID', ['28.0', '28.0', '0.0', false, false]],
    ['expired', {financialStatus: 'EXPIRED'}, 'EXPIRED', ['0.0', '56.0', '56.0', false, true]],
    ['void', {financialStatus: 'VOIDED'}, 'VOIDED', ['0.0', '56.0', '0.0', false, true]],
    [
      'failed, then gift card and card',
      {
        payments: [
          {kind: 'SALE', status: 'FAILURE', amount: '56.00', errorCode: 'CARD_DECLINED', card},
          {kind: 'SALE', amount: '16.00', giftCard: {id: '99', last: 'ab12'}},
          {kind: 'SALE', amount: '40.00', card},
        ],
      },
      'PAID',
      ['56.0', '0.0', '0.0', true, false],
    ],
    [
      'authorized and captured in two steps',
      {
        payments: [
          {kind: 'AUTHORIZATION', amount: '56.00'},
          {kind: 'CAPTURE', amount: '20.00', parent: 0},
          {kind: 'CAPTURE', amount: '36.00', parent: 0},
        ],
      },
      'PAID',
      ['56.0', '0.0', '0.0', true, false],
    ],
  ];
  for (const [name, more, status, wanted] of rows)
    await t.test(name, async () => {
      const order = await (await placed(client, {...TWO, ...more})).read();
      assert.equal(order.displayFinancialStatus, status);
      const found = [order.totalReceivedSet, order.totalOutstandingSet, order.totalCapturableSet].map(amount);
      assert.deepEqual([...found, order.fullyPaid, order.unpaid], wanted);
    });
  const two = await (await placed(client, {...TWO, ...rows[6][1]})).read();
  assert.deepEqual(
    two.transactions.map(entry => [
      entry.kind,
      entry.status,
      entry.gateway,
      entry.errorCode,
      entry.paymentDetails?.company ?? null,
      JSON.parse(entry.receiptJson)?.gift_card_id ?? null,
    ]),
    [
      ['SALE', 'FAILURE', 'shopify_payments', 'CARD_DECLINED', 'Visa', null],
      ['SALE', 'SUCCESS', 'gift_card', null, null, 99],
      ['SALE', 'SUCCESS', 'shopify_payments', null, 'Visa', null],
    ],
  );
  const cash = await (
    await placed(client, {...TWO, payments: [{kind: 'SALE', amount: '56.00', gateway: 'cash', rounding: '-0.02'}]})
  ).read();
  assert.deepEqual(
    [
      amount(cash.totalCashRoundingAdjustment.paymentSet),
      amount(cash.transactions[0].amountRoundingSet),
      cash.transactions[0].manualPaymentGateway,
    ],
    ['-0.02', '-0.02', true],
  );
  await assert.rejects(placed(client, {...TWO, financialStatus: 'GONE'}), /financialStatus: want one of PAID/);
});

test('paid later: the provider says so, or a person does', async t => {
  const client = await startPeer(t);
  const MARK =
    'mutation ($id: ID!) { orderMarkAsPaid(input: {id: $id}) { order { displayFinancialStatus } userErrors { field message } } }';
  const pending = await placed(client, {...TWO, financialStatus: 'PENDING'});
  await pending.act('pay', {amount: '6.00', gateway: 'Bank Deposit'});
  assert.equal((await pending.read()).displayFinancialStatus, 'PARTIALLY_PAID');
  const marked = (await client.ask(MARK, {id: pending.id})).data.orderMarkAsPaid;
  assert.deepEqual([marked.order.displayFinancialStatus, marked.userErrors], ['PAID', []]);
  assert.deepEqual(
    (await pending.read()).transactions.map(entry => [entry.status, entry.gateway, amount(entry.amountSet)]),
    [
      ['PENDING', 'shopify_payments', '56.0'],
      ['SUCCESS', 'Bank Deposit', '6.0'],
      ['SUCCESS', 'manual', '50.0'],
    ],
  );
  const again = (await client.ask(MARK, {id: pending.id})).data.orderMarkAsPaid;
  assert.deepEqual(again.userErrors, [{field: ['id'], message: 'Order cannot be marked as paid.'}]);
  const held = await placed(client, {...TWO, financialStatus: 'AUTHORIZED'});
  await held.act('capture', {amount: '16.00'});
  await client.ask(MARK, {id: held.id});
  assert.deepEqual(
    (await held.read()).transactions.map(entry => [
      entry.kind,
      amount(entry.amountSet),
      entry.parentTransaction?.kind ?? null,
    ]),
    [
      ['AUTHORIZATION', '56.0', null],
      ['CAPTURE', '16.0', 'AUTHORIZATION'],
      ['CAPTURE', '40.0', 'AUTHORIZATION'],
    ],
  );
  const failed = await placed(client, {...TWO, financialStatus: 'PENDING'});
  await failed.act('pay', {status: 'FAILURE'});
  assert.deepEqual([(await failed.read()).displayFinancialStatus, (await failed.read()).unpaid], ['PENDING', true]);
});

test('gift cards, tips, duties, fees, more shipping lines and lines than a page', async t => {
  const client = await startPeer(t);
  const {id} = await client.admin('POST', 'orders', {
    lines: [
      ...Array.from({length: 60}, (_, i) => ({sku: i % 2 ? '1896-S' : '1900-S', quantity: 1, price: `${i + 1}.00`})),
      {title: 'Gift Card', quantity: 1, price: '25.00', giftCard: true},
      {title: 'Tip', quantity: 1, price: '3.00', tip: true},
    ],
    shipping: Array.from({length: 12}, (_, i) => ({title: `Parcel ${i}`, price: '1.00'})),
    duties: '5.00',
    additionalFees: [
      {name: 'Bags', price: '0.10'},
      {name: 'Import', price: '2.00'},
    ],
  });
  const text = `query ($id: ID!, $lines: String, $shipping: String) { order(id: $id) { totalPriceSet { shopMoney { amount } } additionalFees { name price { shopMoney { amount } } }
    subtotalLineItemsQuantity originalTotalDutiesSet { shopMoney { amount } } totalTipReceivedSet { shopMoney { amount } }
    lineItems(first: 50, after: $lines) { nodes { id isGiftCard taxLines { title } } pageInfo { hasNextPage endCursor } }
    shippingLines(first: 10, after: $shipping) { nodes { id } pageInfo { hasNextPage endCursor } } } }`;
  const {order} = (await client.ask(text, {id})).data;
  assert.deepEqual(
    [
      order.lineItems.nodes.length,
      order.shippingLines.nodes.length,
      order.lineItems.pageInfo.hasNextPage,
      order.shippingLines.pageInfo.hasNextPage,
    ],
    [50, 10, true, true],
  );
  const rest = (
    await client.ask(text, {
      id,
      lines: order.lineItems.pageInfo.endCursor,
      shipping: order.shippingLines.pageInfo.endCursor,
    })
  ).data.order;
  assert.deepEqual([rest.lineItems.nodes.length, rest.shippingLines.nodes.length], [12, 2]);
  assert.deepEqual(
    rest.lineItems.nodes.slice(-2).map(line => [line.isGiftCard, line.taxLines]),
    [
      [true, []],
      [false, []],
    ],
  );
  assert.deepEqual([order.totalPriceSet, order.originalTotalDutiesSet, order.totalTipReceivedSet].map(amount), [
    '1877.1',
    '5.0',
    '3.0',
  ]);
  assert.deepEqual(
    order.additionalFees.map(fee => [fee.name, amount(fee.price)]),
    [
      ['Bags', '0.1'],
      ['Import', '2.0'],
    ],
  );
  assert.equal(order.subtotalLineItemsQuantity, 61);
});

test('who sold, who bought, on which terms, at which risk', async t => {
  const client = await startPeer(t);
  const {id} = await client.admin('POST', 'orders', {
    ...TWO,
    createdAt: '2026-11-02T09:00:00Z',
    poNumber: 'PO-77',
    staff: {id: '11', firstName: 'Mary', lastName: 'Major', email: 'mary@example.com'},
    company: {id: '1', name: 'Northwind', locationId: '2', locationName: 'Leeds', contactId: '3'},
    paymentTerms: {name: 'Net 30', type: 'NET', dueInDays: 30},
    financialStatus: 'PENDING',
    risk: {
      assessments: [
        {level: 'MEDIUM', provider: 'Fraud Watch', facts: [{description: 'two cards tried', sentiment: 'NEGATIVE'}]},
      ],
    },
  });
  const text = `query ($id: ID!) { order(id: $id) { poNumber staffMember { id name email }
    purchasingEntity { ... on PurchasingCompany { company { id name } location { id name } contact { id } } }
    paymentTerms { paymentTermsName paymentTermsType dueInDays paymentSchedules(first: 2) { nodes { dueAt balanceDue { amount } } } }
    risk { recommendation assessments { riskLevel provider { title } facts { description sentiment } } } } }`;
  const {order} = (await client.ask(text, {id})).data;
  assert.deepEqual(order, {
    poNumber: 'PO-77',
    staffMember: {id: 'gid://shopify/StaffMember/11', name: 'Mary Major', email: 'mary@example.com'},
    purchasingEntity: {
      company: {id: 'gid://shopify/Company/1', name: 'Northwind'},
      location: {id: 'gid://shopify/CompanyLocation/2', name: 'Leeds'},
      contact: {id: 'gid://shopify/CompanyContact/3'},
    },
    paymentTerms: {
      paymentTermsName: 'Net 30',
      paymentTermsType: 'NET',
      dueInDays: 30,
      paymentSchedules: {nodes: [{dueAt: '2026-12-02T09:00:00Z', balanceDue: {amount: '56.0'}}]},
    },
    risk: {
      recommendation: 'INVESTIGATE',
      assessments: [
        {
          riskLevel: 'MEDIUM',
          provider: {title: 'Fraud Watch'},
          facts: [{description: 'two cards tried', sentiment: 'NEGATIVE'}],
        },
      ],
    },
  });
  await client.admin('POST', 'plan', {plan: 'basic'});
  const {body} = await client.send('query ($id: ID!) { order(id: $id) { name staffMember { id } } }', {id});
  assert.deepEqual(
    [codeOf({body}), body.data.order.staffMember],
    ['ACCESS_DENIED', null],
    'staff is for the dearer plans',
  );
  const lost = {...TWO, name: '#LOST', history: [{do: 'edit', lines: [{line: 0, quantity: 9}]}]};
  await assert.rejects(client.admin('POST', 'orders', lost), /an edit leaves fewer/);
  await assert.rejects(
    client.admin('GET', 'orders/%23LOST'),
    /404/,
    'whose history does not hold together was never placed',
  );
  await assert.rejects(
    client.admin('POST', 'orders', {...TWO, returnStatus: 'RETURNED'}),
    /returnStatus: not a field of an order's form/,
  );
});
