// What the tests of orders' money share: an order with two lines, and all that the Admin API tells of it.
const READ = `query ($id: ID!) { order(id: $id) {
  name closed cancelledAt edited displayFinancialStatus displayFulfillmentStatus returnStatus fullyPaid unpaid paymentGatewayNames
  subtotalPriceSet { ...M } totalPriceSet { ...M } totalTaxSet { ...M } totalShippingPriceSet { ...M } totalDiscountsSet { ...M }
  currentTotalPriceSet { ...M } currentSubtotalPriceSet { ...M } currentTotalTaxSet { ...M } currentShippingPriceSet { ...M }
  currentTotalDiscountsSet { ...M } originalTotalPriceSet { ...M }
  totalRefundedSet { ...M } totalReceivedSet { ...M } totalOutstandingSet { ...M } netPaymentSet { ...M } totalCapturableSet { ...M }
  totalCashRoundingAdjustment { paymentSet { ...M } refundSet { ...M } }
  taxLines { title ratePercentage rate channelLiable priceSet { ...M } } currentTaxLines { priceSet { ...M } }
  lineItems(first: 100) { nodes { quantity currentQuantity unfulfilledQuantity originalUnitPriceSet { ...M }
    discountAllocations { allocatedAmountSet { ...M } } taxLines { title priceSet { ...M } } } }
  shippingLines(first: 50) { nodes { title isRemoved taxLines { priceSet { ...M } } } }
  transactions { id kind status gateway formattedGateway manualPaymentGateway receiptJson errorCode parentTransaction { kind }
    amountSet { ...M } amountRoundingSet { ...M } paymentDetails { ... on CardPaymentDetails { company number bin } } }
  refunds { id note totalRefundedSet { ...M } return { name }
    refundLineItems(first: 20) { nodes { quantity restockType restocked location { name } priceSet { ...M } subtotalSet { ...M } totalTaxSet { ...M } } }
    refundShippingLines(first: 5) { nodes { subtotalAmountSet { ...M } taxAmountSet { ...M } } }
    orderAdjustments(first: 5) { nodes { reason amountSet { ...M } } }
    transactions(first: 5) { nodes { kind status gateway amountSet { ...M } } } }
  returns(first: 10) { nodes { name status totalQuantity closedAt decline { reason note }
    returnLineItems(first: 10) { nodes { __typename quantity refundableQuantity refundedQuantity returnReasonNote returnReasonDefinition { handle }
      ... on ReturnLineItem { fulfillmentLineItem { lineItem { title } } withCodeDiscountedTotalPriceSet { ...M } }
      ... on UnverifiedReturnLineItem { unitPrice { amount } } } }
    exchangeLineItems(first: 10) { nodes { quantity variantId lineItems { title originalUnitPriceSet { ...M } totalDiscountSet { ...M } } } }
    reverseFulfillmentOrders(first: 5) { nodes { status lineItems(first: 5) { nodes { totalQuantity dispositions { type quantity location { name } } } } } } } }
} } fragment M on MoneyBag { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }`;

export const amount = set => set?.shopMoney.amount ?? null;
export const shown = set => set.presentmentMoney.amount;

/** Places an order; answers how to read it and to act on it. */
export async function placed(client, form) {
  const {id} = await client.admin('POST', 'orders', form);
  const key = id.split('/').at(-1);
  return {
    id,
    key,
    read: async () => (await client.ask(READ, {id})).data.order,
    act: (action, body = {}) => client.admin('POST', `orders/${key}/${action}`, body),
  };
}

export const TWO = {
  lines: [
    {sku: '1896-S', quantity: 3, price: '10.00'},
    {sku: '1900-S', quantity: 1, price: '20.00'},
  ],
  shipping: [{title: 'Standard', price: '6.00'}],
};
