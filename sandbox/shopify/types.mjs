// How stored records look through the Admin API: one table of fields per type. A field that is neither
// here nor stored under its own name answers NOT_SIMULATED; nothing is made up.
import {pageById} from './paging.mjs';
import {discountOf, netOf, taxOf} from './orders.mjs';
import {gid} from './store.mjs';
import {FULFILLMENT_TYPES, ofLine, ofOrder as shippingOfOrder} from './types-fulfillment.mjs';
import {amountText, share} from '../lib/money.mjs';

/** Amounts come with as many digits as they need, at least one: "25.98", "12.5", "0.0". */
const plainText = value => amountText(value).replace(/0$/, '');

/** A MoneyBag: the same amount in the shop's currency and in the one the customer saw. */
function bag(value, {currency, presentment}) {
  const shopMoney = {amount: plainText(value), currencyCode: currency};
  if (presentment.numerator === presentment.denominator) return {shopMoney, presentmentMoney: shopMoney};
  return {
    shopMoney,
    presentmentMoney: {
      amount: plainText(share(value, presentment.numerator, presentment.denominator)),
      currencyCode: presentment.currency,
    },
  };
}

const money = (value, order) => bag(value, order);
const unlessZero = (key, order) => (order[key] ? money(order[key], order) : null);
const ofOrder = key => order => money(order.totals[key], order);
const idOf = record => gid(record.__typename, record.id);
const taxLine = (amount, order) => ({
  __typename: 'TaxLine',
  title: 'GB VAT',
  rate: order.taxRate / 100,
  ratePercentage: order.taxRate,
  channelLiable: order.channelLiable,
  source: 'Shopify',
  priceSet: money(amount, order),
});
const taxLines = (amount, order) => (order.taxRate > 0 ? [taxLine(amount, order)] : []);
const allocations = (entry, order) =>
  entry.discounts.map(discount => ({allocatedAmountSet: money(discount.amount, order)}));
const subtotalQuantity = key => order =>
  order.lines.filter(line => !line.tip && !line.giftCard).reduce((sum, line) => sum + line[key], 0);
const first = (list, args) => (args.first === undefined || args.first === null ? list : list.slice(0, args.first));

const Order = {
  ...shippingOfOrder,
  id: idOf,
  legacyResourceId: order => order.id,
  cancellation: order => (order.cancelledAt ? {staffNote: order.staffNote ?? null} : null),
  closed: order => order.closedAt !== null,
  tags: order => order.tags,
  customAttributes: order => order.attributes,
  currencyCode: order => order.currency,
  presentmentCurrencyCode: order => order.presentment.currency,
  displayFinancialStatus: order => order.financialStatus,
  fullyPaid: order => ['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'].includes(order.financialStatus),
  unpaid: order => order.financialStatus === 'PENDING',
  paymentGatewayNames: order => (order.transactions.length ? [order.gateway] : []),
  discountCode: order => order.discountCodes[0] ?? null,
  customer: (order, args, {store}) => (order.customer ? store.get(gid('Customer', order.customer)) : null),
  displayAddress: order => order.shippingAddress ?? order.billingAddress,
  purchasingEntity: (order, args, {store}) => {
    if (order.company) return {__typename: 'PurchasingCompany', ...order.company};
    return order.customer ? store.get(gid('Customer', order.customer)) : null;
  },
  app: order => ({
    __typename: 'OrderApp',
    id: gid('App', '1'),
    name: {web: 'Online Store', pos: 'Point of Sale'}[order.sourceName] ?? order.sourceName,
  }),
  retailLocation: () => null,
  paymentTerms: () => null,
  staffMember: () => null,
  risk: order => ({
    assessments: order.riskLevel ? [{riskLevel: order.riskLevel, facts: []}] : [],
    recommendation: {HIGH: 'CANCEL', MEDIUM: 'INVESTIGATE'}[order.riskLevel] ?? (order.riskLevel ? 'ACCEPT' : 'NONE'),
  }),
  dutiesIncluded: () => false,
  additionalFees: order =>
    order.additionalFees
      ? [
          {
            id: gid('AdditionalFee', order.id),
            name: 'Import fee',
            price: money(order.additionalFees, order),
            taxLines: [],
          },
        ]
      : [],
  originalTotalDutiesSet: order => unlessZero('duties', order),
  currentTotalDutiesSet: order => unlessZero('duties', order),
  originalTotalAdditionalFeesSet: order => unlessZero('additionalFees', order),
  currentTotalAdditionalFeesSet: order => unlessZero('additionalFees', order),
  subtotalLineItemsQuantity: subtotalQuantity('quantity'),
  currentSubtotalLineItemsQuantity: subtotalQuantity('currentQuantity'),
  subtotalPriceSet: ofOrder('subtotal'),
  totalShippingPriceSet: ofOrder('shipping'),
  totalDiscountsSet: ofOrder('discounts'),
  totalTaxSet: ofOrder('tax'),
  totalPriceSet: ofOrder('total'),
  originalTotalPriceSet: ofOrder('total'),
  totalTipReceivedSet: ofOrder('tips'),
  totalRefundedSet: ofOrder('refunded'),
  totalRefundedShippingSet: ofOrder('refundedShipping'),
  currentTotalPriceSet: ofOrder('currentTotal'),
  currentSubtotalPriceSet: ofOrder('currentSubtotal'),
  currentTotalDiscountsSet: ofOrder('currentDiscounts'),
  currentTotalTaxSet: ofOrder('currentTax'),
  currentShippingPriceSet: order => money(order.totals.shipping - order.totals.refundedShipping, order),
  totalReceivedSet: ofOrder('received'),
  netPaymentSet: order => money(order.totals.received - order.totals.refunded, order),
  totalOutstandingSet: order =>
    money(order.cancelledAt || order.totals.received ? 0 : order.totals.currentTotal, order),
  totalCashRoundingAdjustment: order => ({paymentSet: money(order.cashRounding, order), refundSet: money(0, order)}),
  taxLines: order => taxLines(order.totals.tax, order),
  currentTaxLines: order => taxLines(order.totals.currentTax, order),
  shippingLine: order => order.shippingLines[0] ?? null,
  shippingLines: (order, args) =>
    pageById(args.includeRemovals ? order.shippingLines : order.shippingLines.filter(line => !line.isRemoved), args),
  lineItems: (order, args) => pageById(order.lines, args),
  refunds: (order, args) => first(order.refunds, args),
  returns: (order, args) => pageById([], args),
  transactions: (order, args) => first(order.transactions, args),
  transactionsCount: order => ({count: order.transactions.length, precision: 'EXACT'}),
};

const LineItem = {
  ...ofLine,
  id: idOf,
  name: line => line.title,
  variantTitle: () => null,
  refundableQuantity: line => line.currentQuantity,
  requiresShipping: line => !line.giftCard && !line.tip,
  isGiftCard: line => line.giftCard,
  customAttributes: line => line.properties,
  duties: () => [],
  originalUnitPriceSet: line => money(line.price, line.order),
  originalTotalSet: line => money(line.price * line.quantity, line.order),
  discountedTotalSet: (line, args) =>
    money(
      line.price * line.quantity -
        line.discounts
          .filter(entry => args.withCodeDiscounts || entry.code === null)
          .reduce((sum, entry) => sum + entry.amount, 0),
      line.order,
    ),
  totalDiscountSet: line => money(discountOf(line), line.order),
  discountedUnitPriceAfterAllDiscountsSet: line =>
    money(share(netOf(line, line.quantity), 1, line.quantity), line.order),
  discountAllocations: line => allocations(line, line.order),
  taxLines: (line, args) => (line.taxable ? first(taxLines(line.tax, line.order), args) : []),
};

const ShippingLine = {
  id: idOf,
  custom: () => false,
  source: () => 'shopify',
  carrierIdentifier: () => null,
  originalPriceSet: line => money(line.price, line.order),
  discountedPriceSet: line => money(line.price - discountOf(line), line.order),
  currentDiscountedPriceSet: line => money(line.isRemoved ? 0 : line.price - discountOf(line), line.order),
  discountAllocations: line => allocations(line, line.order),
  taxLines: line => taxLines(line.tax, line.order),
};

const Refund = {
  id: idOf,
  legacyResourceId: refund => refund.id,
  processedAt: refund => refund.createdAt,
  return: () => null,
  duties: () => [],
  staffMember: () => null,
  totalRefundedSet: refund => money(refund.total, refund.order),
  refundLineItems: (refund, args) => pageById(refund.lines, args),
  refundShippingLines: (refund, args) =>
    pageById(
      refund.shipping
        ? [
            {
              __typename: 'RefundShippingLine',
              id: `${refund.id}1`,
              refund,
              shippingLine: refund.order.shippingLines[0],
            },
          ]
        : [],
      args,
    ),
  orderAdjustments: (refund, args) => pageById([], args),
  transactions: (refund, args) => pageById(refund.transaction ? [refund.transaction] : [], args),
};

const RefundLineItem = {
  id: idOf,
  restockType: line => line.restock,
  restocked: line => line.restock === 'RETURN',
  location: () => null,
  priceSet: line => money(line.price, line.order),
  subtotalSet: line => money(line.subtotal, line.order),
  totalTaxSet: line => money(line.tax, line.order),
};

const RefundShippingLine = {
  id: idOf,
  subtotalAmountSet: line => money(line.refund.shipping, line.refund.order),
  taxAmountSet: line => money(taxOf(line.refund.order, line.refund.shipping), line.refund.order),
};

const OrderTransaction = {
  id: idOf,
  createdAt: payment => payment.processedAt,
  formattedGateway: payment => (payment.gateway === 'shopify_payments' ? 'Shopify Payments' : payment.gateway),
  manualPaymentGateway: () => false,
  paymentId: payment => `pay_${payment.id}`,
  parentTransaction: payment => payment.parent ?? null,
  test: payment => payment.order.test,
  errorCode: () => null,
  paymentDetails: () => null,
  receiptJson: payment => payment.receipt ?? null,
  amountSet: payment => money(payment.amount, payment.order),
  amountRoundingSet: () => null,
  fees: () => [],
};

const MailingAddress = {
  id: idOf,
  countryCodeV2: address => address.countryCode,
  provinceCode: address => address.provinceCode ?? null,
  province: address => address.province ?? null,
  name: address => [address.firstName, address.lastName].filter(Boolean).join(' ') || null,
};

const Product = {
  id: idOf,
  legacyResourceId: product => product.id,
  hasOnlyDefaultVariant: product => product.variants.length === 1,
  variants: (product, args) => pageById(product.variants, args),
  variantsCount: product => ({count: product.variants.length, precision: 'EXACT'}),
};

const ProductVariant = {
  id: idOf,
  legacyResourceId: variant => variant.id,
  displayName: variant => `${variant.product.title} - ${variant.title}`,
  compareAtPrice: () => null,
  taxable: variant => !variant.product.isGiftCard,
};

const Customer = {
  id: idOf,
  legacyResourceId: customer => customer.id,
  displayName: customer =>
    `${customer.firstName ?? ''} ${customer.lastName ?? ''}`.trim() || customer.email || customer.phone || '',
  locale: () => 'en',
  state: () => 'DISABLED',
  taxExempt: () => false,
  taxExemptions: () => [],
  verifiedEmail: () => true,
  defaultEmailAddress: customer =>
    customer.email ? {emailAddress: customer.email, marketingState: 'NOT_SUBSCRIBED', validFormat: true} : null,
  defaultPhoneNumber: customer => (customer.phone ? {phoneNumber: customer.phone.replace(/[^+\d]/g, '')} : null),
  defaultAddress: customer => customer.addresses[0] ?? null,
  addressesV2: (customer, args) => pageById(customer.addresses, args),
  companyContactProfiles: () => [],
};

const PurchasingCompany = {
  company: company => ({__typename: 'Company', id: company.id}),
  location: company => ({__typename: 'CompanyLocation', id: company.locationId}),
  contact: company => (company.contactId ? {__typename: 'CompanyContact', id: company.contactId} : null),
};

const Shop = {
  myshopifyDomain: shop => shop.domain,
  currencyCode: shop => shop.currency,
  ianaTimezone: shop => shop.timezone,
  weightUnit: () => 'KILOGRAMS',
  plan: shop => ({
    publicDisplayName: {standard: 'Basic', advanced: 'Advanced', plus: 'Shopify Plus'}[shop.plan],
    shopifyPlus: shop.plan === 'plus',
    partnerDevelopment: false,
  }),
  id: shop => gid('Shop', shop.id),
};

const AppInstallation = {
  id: installation => gid('AppInstallation', installation.id),
  accessScopes: installation => installation.scopes.map(handle => ({handle, description: handle})),
};

const idOnly = {id: idOf};

export const TYPES = {
  ...FULFILLMENT_TYPES,
  Order,
  LineItem,
  ShippingLine,
  Refund,
  RefundLineItem,
  RefundShippingLine,
  OrderTransaction,
  MailingAddress,
  Product,
  ProductVariant,
  Customer,
  PurchasingCompany,
  Shop,
  AppInstallation,
  Company: idOnly,
  CompanyLocation: idOnly,
  CompanyContact: idOnly,
};
