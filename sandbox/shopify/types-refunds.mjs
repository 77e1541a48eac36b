// How payments, refunds and returns look through the Admin API.
import {unitsText} from '../lib/money.mjs';
import {less, total} from './sums.mjs';
import {pageById} from './paging.mjs';
import {isManual} from './payments.mjs';
import {feeOf} from './payouts.mjs';
import {gid} from './store.mjs';
import {valueOf} from './orders.mjs';
import {money, shownMoney} from './types-money.mjs';

const idOf = record => gid(record.__typename, record.id);

const OrderTransaction = {
  id: idOf,
  createdAt: payment => payment.processedAt,
  formattedGateway: payment => FORMATTED[payment.gateway] ?? payment.gateway,
  manualPaymentGateway: isManual,
  paymentId: payment => `pay_${payment.id}`,
  parentTransaction: payment => payment.parent,
  amountSet: payment => money(payment.amount, payment.order),
  amountRoundingSet: payment => (payment.rounding[0] === 0 ? null : money(payment.rounding, payment.order)),
  paymentDetails: ({card, gateway}) =>
    card
      ? {
          __typename: 'CardPaymentDetails',
          company: card.company ?? null,
          number: card.number ?? null,
          bin: card.bin ?? null,
          name: card.name ?? null,
          avsResultCode: card.avs ?? null,
          cvvResultCode: card.cvv ?? null,
          expirationMonth: null,
          expirationYear: null,
          wallet: null,
          paymentMethodName: 'card',
          gateway,
        }
      : null,
  /** Only of a gift card it says which one; JSON as text. */
  receiptJson: ({giftCard}) =>
    giftCard
      ? JSON.stringify({gift_card_id: Number(giftCard.id), gift_card_last_characters: giftCard.last ?? null})
      : null,
  accountNumber: payment => payment.card?.number ?? null,
  settlementCurrency: payment => payment.order.money.shop.code,
  settlementCurrencyRate: () => null,
  multiCapturable: () => false,
  manuallyCapturable: payment => payment.kind === 'AUTHORIZATION' && payment.order.totals.capturable[0] > 0,
  totalUnsettledSet: payment =>
    payment.kind === 'AUTHORIZATION' ? money(payment.order.totals.capturable, payment.order) : null,
  fees: feesOf,
  user: () => null,
  location: () => null,
};
const FORMATTED = {shopify_payments: 'Shopify Payments', gift_card: 'Gift card', manual: 'Manual', cash: 'Cash'};

function feesOf(payment, args, {store}) {
  const fee = feeOf(store, payment);
  const nothing = {amount: '0.0', currencyCode: fee?.currency};
  return fee
    ? [
        {
          __typename: 'TransactionFee',
          id: gid('TransactionFee', payment.id),
          amount: {amount: unitsText(fee.units, fee.digits), currencyCode: fee.currency},
          rateName: null,
          taxAmount: nothing,
          type: 'processing_fee',
        },
      ]
    : [];
}

const Refund = {
  id: idOf,
  legacyResourceId: refund => refund.id,
  processedAt: refund => refund.createdAt,
  duties: () => [],
  staffMember: () => null,
  totalRefundedSet: refund =>
    money(
      total(
        refund.transactions.filter(payment => payment.status !== 'FAILURE'),
        payment => payment.amount,
      ),
      refund.order,
    ),
  refundLineItems: (refund, args) => pageById(refund.lines, args),
  refundShippingLines: (refund, args) => pageById(refund.shippingLines, args),
  orderAdjustments: (refund, args) =>
    pageById(refund.adjustment[0] === 0 ? [] : [{__typename: 'OrderAdjustment', id: `${refund.id}1`, refund}], args),
  transactions: (refund, args) => pageById(refund.transactions, args),
};

const OrderAdjustment = {
  id: idOf,
  reason: ({refund}) => refund.adjustmentReason,
  amountSet: ({refund}) => money(refund.adjustment, refund.order),
  taxAmountSet: ({refund}) => money([0, 0], refund.order),
};

const RefundLineItem = {
  id: idOf,
  restockType: line => line.restock,
  restocked: line => line.restock !== 'NO_RESTOCK',
  priceSet: line => money(line.price, line.order),
  subtotalSet: line => money(line.subtotal, line.order),
  totalTaxSet: line => money(line.tax, line.order),
};

/** Shipping given back is told without its tax, whether prices include taxes or not. */
const RefundShippingLine = {
  id: idOf,
  subtotalAmountSet: line => money(line.order.taxesIncluded ? less(line.amount, line.tax) : line.amount, line.order),
  taxAmountSet: line => money(line.tax, line.order),
};

// ---- returns -----------------------------------------------------------------------------------

const Return = {
  id: idOf,
  requestApprovedAt: entry => entry.approvedAt,
  totalQuantity: entry => entry.lines.reduce((sum, line) => sum + line.quantity, 0),
  returnLineItems: (entry, args) => pageById(entry.lines, args),
  exchangeLineItems: (entry, args) => pageById(entry.exchange, args),
  reverseFulfillmentOrders: (entry, args) => pageById(entry.reverse, args),
  refunds: (entry, args) => pageById(entry.refunds, args),
  transactions: (entry, args) =>
    pageById(
      entry.refunds.flatMap(refund => refund.transactions),
      args,
    ),
  returnShippingFees: () => [],
  staffMember: () => null,
};

const REASONS = {
  UNWANTED: 'Customer changed their mind',
  DEFECTIVE: 'Damaged or defective',
  WRONG_ITEM: 'Received the wrong item',
  NOT_AS_DESCRIBED: 'Item not as described',
};
const named = reason =>
  REASONS[reason] ??
  reason
    .toLowerCase()
    .replaceAll('_', ' ')
    .replace(/^./, letter => letter.toUpperCase());

const anyReturnLine = {
  id: idOf,
  refundedQuantity: line => line.refunded,
  refundableQuantity: line => line.quantity - line.refunded,
  processedQuantity: line => line.refunded,
  unprocessedQuantity: line => line.quantity - line.refunded,
  processableQuantity: line => line.quantity - line.refunded,
  returnReason: line => line.reason,
  returnReasonNote: line => line.note,
  returnReasonDefinition: line => ({
    __typename: 'ReturnReasonDefinition',
    id: gid('ReturnReasonDefinition', 1 + [...line.reason].reduce((sum, letter) => sum + letter.charCodeAt(0), 0)),
    handle: line.reason.toLowerCase().replaceAll('_', '-'),
    name: named(line.reason),
    deleted: false,
  }),
};

const ReturnLineItem = {
  ...anyReturnLine,
  fulfillmentLineItem: line => line.source,
  restockingFee: () => null,
  withCodeDiscountedTotalPriceSet: line => money(returnedValue(line), line.source.lineItem.order),
};

/** What the units of a return line cost after all discounts: those that leave the line last. */
const returnedValue = ({source: {lineItem}, quantity}) =>
  less(valueOf(lineItem, lineItem.quantity), valueOf(lineItem, lineItem.quantity - quantity));

const UnverifiedReturnLineItem = {
  ...anyReturnLine,
  unitPrice: line => shownMoney(line.unitPrice, line.return.order),
};

const ExchangeLineItem = {
  id: idOf,
  lineItem: entry => entry.lineItem,
  lineItems: entry => [entry.lineItem],
  variantId: entry => (entry.lineItem.variant ? gid('ProductVariant', entry.lineItem.variant.id) : null),
  productId: entry => (entry.lineItem.product ? gid('Product', entry.lineItem.product.id) : null),
  variantSku: entry => entry.lineItem.sku,
  variantTitle: () => null,
  title: entry => entry.lineItem.title,
  processedQuantity: entry => entry.quantity,
  unprocessedQuantity: () => 0,
  processableQuantity: () => 0,
};

const ReverseFulfillmentOrder = {
  id: idOf,
  lineItems: (entry, args) => pageById(entry.lines, args),
  reverseDeliveries: (entry, args) => pageById([], args),
  thirdPartyConfirmation: () => null,
};

const ReverseFulfillmentOrderLineItem = {
  id: idOf,
  totalQuantity: row => row.total,
  fulfillmentLineItem: row => row.returnLine.source,
};

const ReverseFulfillmentOrderDisposition = {id: idOf};

export const REFUND_TYPES = {
  OrderTransaction,
  Refund,
  OrderAdjustment,
  RefundLineItem,
  RefundShippingLine,
  Return,
  ReturnLineItem,
  UnverifiedReturnLineItem,
  ExchangeLineItem,
  ReverseFulfillmentOrder,
  ReverseFulfillmentOrderLineItem,
  ReverseFulfillmentOrderDisposition,
};
