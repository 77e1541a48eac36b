// How orders, their lines and their shipping look through the Admin API.
import {discountOf, shippingValue, valueOf} from './orders.mjs';
import {pageById} from './paging.mjs';
import {refundable} from './payments.mjs';
import {FieldError} from './plan.mjs';
import {planOf} from './plans.mjs';
import {gid} from './store.mjs';
import {less, part, times, total} from './sums.mjs';
import {isPaidInFull, isStaying, returnStatusOf, taxLinesOf} from './totals.mjs';
import {ofLine as shippingOfLine, ofOrder as shippingOfOrder} from './types-fulfillment.mjs';
import {allocations, first, money, shownMoney, taxLines, unlessNothing} from './types-money.mjs';

const idOf = record => gid(record.__typename, record.id);
const ofTotals = key => order => money(order.totals[key], order);
const units = key => order => order.lines.filter(line => !line.tip).reduce((sum, line) => sum + line[key], 0);
const feesOf = order => total(order.fees, fee => fee.amount);
const DAY = 86_400_000;

const Order = {
  ...shippingOfOrder,
  id: idOf,
  legacyResourceId: order => order.id,
  app: order => ({
    __typename: 'OrderApp',
    id: gid('App', '1'),
    name: {web: 'Online Store', pos: 'Point of Sale'}[order.sourceName] ?? order.sourceName,
  }),
  cancellation: order => (order.cancelledAt ? {staffNote: order.staffNote} : null),
  closed: order => order.closedAt !== null,
  customAttributes: order => order.attributes,
  currencyCode: order => order.money.shop.code,
  presentmentCurrencyCode: order => order.money.shown.code,
  displayFinancialStatus: order => order.financialStatus,
  returnStatus: returnStatusOf,
  fullyPaid: isPaidInFull,
  unpaid: order => order.totals.received[0] === 0 && order.totals.total[0] > 0,
  refundable: order => refundable(order)[0] > 0,
  capturable: order => order.totals.capturable[0] > 0,
  paymentGatewayNames: order => [...new Set(order.transactions.map(payment => payment.gateway))],
  discountCode: order => order.discountCodes[0] ?? null,
  customer: (order, args, {store}) => (order.customer ? store.get(gid('Customer', order.customer)) : null),
  displayAddress: order => order.shippingAddress ?? order.billingAddress,
  purchasingEntity: (order, args, {store}) => {
    if (order.company) return {__typename: 'PurchasingCompany', ...order.company};
    return order.customer ? store.get(gid('Customer', order.customer)) : null;
  },
  retailLocation: () => null,
  paymentTerms: order => (order.paymentTerms ? {__typename: 'PaymentTerms', order, ...order.paymentTerms} : null),
  staffMember: (order, args, {store}) => {
    if (!planOf(store).staff)
      throw new FieldError(
        'ACCESS_DENIED',
        'Access denied for staffMember field. Required access: `read_users` access scope. Also: The app must be a finance embedded app or installed on a Shopify Plus or Advanced store.',
      );
    return order.staff ? {__typename: 'StaffMember', ...order.staff} : null;
  },
  risk: ({risk}) => ({
    assessments: (risk?.assessments ?? []).map(entry => ({
      riskLevel: entry.level,
      provider: entry.provider ? {__typename: 'App', id: gid('App', '2'), title: entry.provider} : null,
      facts: entry.facts ?? [],
    })),
    recommendation: risk?.recommendation ?? RECOMMENDED[risk?.assessments?.[0]?.level] ?? (risk ? 'ACCEPT' : 'NONE'),
  }),
  additionalFees: order =>
    order.fees.map((fee, i) => ({
      id: gid('AdditionalFee', `${order.id}${i || ''}`),
      name: fee.name,
      price: money(fee.amount, order),
      taxLines: [],
    })),
  originalTotalDutiesSet: order => unlessNothing(order.duties, order),
  currentTotalDutiesSet: order => unlessNothing(order.duties, order),
  originalTotalAdditionalFeesSet: order => unlessNothing(feesOf(order), order),
  currentTotalAdditionalFeesSet: order => unlessNothing(feesOf(order), order),
  subtotalLineItemsQuantity: units('quantity'),
  currentSubtotalLineItemsQuantity: units('currentQuantity'),
  subtotalPriceSet: ofTotals('subtotal'),
  totalShippingPriceSet: ofTotals('shipping'),
  totalDiscountsSet: ofTotals('discounts'),
  totalTaxSet: ofTotals('tax'),
  totalPriceSet: ofTotals('total'),
  originalTotalPriceSet: order => money(order.originalTotal, order),
  totalTipReceivedSet: ofTotals('tips'),
  totalRefundedSet: ofTotals('refunded'),
  totalRefundedShippingSet: ofTotals('refundedShipping'),
  currentTotalPriceSet: ofTotals('currentTotal'),
  currentSubtotalPriceSet: ofTotals('currentSubtotal'),
  currentTotalDiscountsSet: ofTotals('currentDiscounts'),
  currentTotalTaxSet: ofTotals('currentTax'),
  currentShippingPriceSet: ofTotals('currentShipping'),
  totalReceivedSet: ofTotals('received'),
  totalCapturableSet: ofTotals('capturable'),
  netPaymentSet: ofTotals('net'),
  totalOutstandingSet: ofTotals('outstanding'),
  refundDiscrepancySet: order =>
    money(
      total(order.refunds, refund => refund.adjustment),
      order,
    ),
  totalCashRoundingAdjustment: order => ({
    paymentSet: money(order.totals.paymentRounding, order),
    refundSet: money(order.totals.refundRounding, order),
  }),
  taxLines: order => taxLines(taxLinesOf(order, false), order),
  currentTaxLines: order => taxLines(taxLinesOf(order, true), order),
  shippingLine: order => order.shippingLines.find(isStaying) ?? null,
  shippingLines: (order, args) =>
    pageById(args.includeRemovals ? order.shippingLines : order.shippingLines.filter(isStaying), args),
  lineItems: (order, args) => pageById(order.lines, args),
  refunds: (order, args) => first(order.refunds, args),
  returns: (order, args) => pageById(order.returns, args),
  transactions: (order, args) =>
    first(args.capturable ? order.transactions.filter(isCapturable) : order.transactions, args),
  transactionsCount: order => ({count: order.transactions.length, precision: 'EXACT'}),
};

const RECOMMENDED = {HIGH: 'CANCEL', MEDIUM: 'INVESTIGATE'};
const isCapturable = payment => payment.kind === 'AUTHORIZATION' && payment.order.totals.capturable[0] > 0;

const LineItem = {
  ...shippingOfLine,
  id: idOf,
  name: line => (line.variantTitle ? `${line.title} - ${line.variantTitle}` : line.title),
  variantTitle: line => line.variantTitle ?? null,
  variant: line => (line.variant?.isGone ? null : line.variant),
  product: line => (line.product?.isGone ? null : line.product),
  refundableQuantity: line => line.currentQuantity,
  requiresShipping: line => !line.giftCard && !line.tip,
  isGiftCard: line => line.giftCard,
  customAttributes: line => line.properties,
  duties: () => [],
  merchantEditable: line => !line.order.cancelledAt,
  originalUnitPriceSet: line => money(line.price, line.order),
  originalTotalSet: line => money(times(line.price, line.quantity), line.order),
  discountedTotalSet: (line, args) =>
    money(less(times(line.price, line.quantity), ownDiscount(line, args)), line.order),
  discountedUnitPriceSet: line => money(less(line.price, part(ownDiscount(line, {}), 1, line.quantity)), line.order),
  totalDiscountSet: line => money(discountOf(line), line.order),
  discountedUnitPriceAfterAllDiscountsSet: line =>
    money(part(valueOf(line, line.quantity), 1, line.quantity), line.order),
  discountAllocations: line => allocations(line, line.order),
  taxLines: (line, args) => first(taxLines(line.taxLines, line.order), args),
};

/** The discounts of the line itself; those of the order's codes only when asked for. */
const ownDiscount = (line, {withCodeDiscounts}) =>
  total(
    line.discounts.filter(entry => withCodeDiscounts || entry.code === null),
    entry => entry.amount,
  );

const ShippingLine = {
  id: idOf,
  custom: () => false,
  carrierIdentifier: () => null,
  originalPriceSet: line => money(line.price, line.order),
  discountedPriceSet: line => money(shippingValue(line), line.order),
  currentDiscountedPriceSet: line =>
    money(line.isRemoved ? [0, 0] : less(shippingValue(line), line.refunded), line.order),
  discountAllocations: line => allocations(line, line.order),
  taxLines: line => taxLines(line.taxLines, line.order),
};

const PaymentTerms = {
  id: ({order}) => gid('PaymentTerms', order.id),
  paymentTermsName: terms => terms.name,
  translatedName: terms => terms.name,
  paymentTermsType: terms => terms.type ?? 'NET',
  dueInDays: terms => terms.dueInDays ?? null,
  due: () => false,
  overdue: () => false,
  paymentSchedules: (terms, args) =>
    pageById(
      schedulesOf(terms).map((entry, i) => ({
        __typename: 'PaymentSchedule',
        id: `${terms.order.id}${i + 1}`,
        paymentTerms: terms,
        issuedAt: entry.issuedAt ?? terms.order.createdAt,
        dueAt: entry.dueAt ?? null,
        completedAt: null,
        order: terms.order,
      })),
      args,
    ),
};

/** One schedule, due so many days after the order, unless the form names others. */
const schedulesOf = ({schedules, dueInDays, order}) =>
  schedules ?? [
    {
      dueAt:
        dueInDays === undefined || dueInDays === null
          ? null
          : new Date(Date.parse(order.createdAt) + dueInDays * DAY).toISOString().replace('.000Z', 'Z'),
    },
  ];

const PaymentSchedule = {
  id: idOf,
  due: () => false,
  balanceDue: ({order}) => shownMoney(order.totals.outstanding, order),
  totalBalance: ({order}) => shownMoney(order.totals.outstanding, order),
};

const StaffMember = {
  id: staff => gid('StaffMember', staff.id),
  name: staff => `${staff.firstName ?? ''} ${staff.lastName ?? ''}`.trim(),
  email: staff => staff.email ?? '',
  exists: () => true,
  active: () => true,
  isShopOwner: () => false,
};

const PurchasingCompany = {
  company: ({id, name}, args, {store}) =>
    store.get(gid('Company', id)) ?? {__typename: 'Company', id, name: name ?? `Company ${id}`},
  location: ({locationId: id, locationName: name}, args, {store}) =>
    store.get(gid('CompanyLocation', id)) ?? {__typename: 'CompanyLocation', id, name: name ?? 'Head office'},
  contact: company => (company.contactId ? {__typename: 'CompanyContact', id: company.contactId} : null),
};

const MailingAddress = {
  id: idOf,
  countryCodeV2: address => address.countryCode,
  provinceCode: address => address.provinceCode ?? null,
  province: address => address.province ?? null,
  name: address => [address.firstName, address.lastName].filter(Boolean).join(' ') || null,
};

const idOnly = {id: idOf};

export const ORDER_TYPES = {
  Order,
  LineItem,
  ShippingLine,
  PaymentTerms,
  PaymentSchedule,
  StaffMember,
  PurchasingCompany,
  MailingAddress,
  Company: idOnly,
  CompanyLocation: idOnly,
  CompanyContact: idOnly,
};
