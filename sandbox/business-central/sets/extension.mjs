// The contract api/cartage/shopify/v1.0 of the app in extension/: what orders, shipments and postings need and
// API v2.0 lacks. Its pages show the same records as API v2.0, under the same ids.
import {documentLine, lineNavigation, orderText} from './sales.mjs';
import {without} from './text.mjs';

const ORIGIN = `
    shopifyOrderId T50 of=_shopifyOrderId
    shopifyOrderNumber T50 of=_shopifyOrderNumber`;

/** Read in API v2.0, under the same ids. */
const AMOUNTS = [
  'unitOfMeasureId',
  'discountAppliedBeforeTax',
  'amountExcludingTax',
  'taxPercent',
  'totalTaxAmount',
  'amountIncludingTax',
  'invoiceDiscountAllocation',
  'netAmount',
  'netTaxAmount',
  'netAmountIncludingTax',
];

const COMMON = without(orderText(''), 'currencyId', 'discountAmount', 'discountAppliedBeforeTax', 'totalTaxAmount');
const NOT_OF_ORDERS = without(COMMON, 'orderDate', 'partialShipping', 'requestedDeliveryDate', 'fullyShipped', 'status');
const SHIP_TO = NOT_OF_ORDERS.match(/\bshipTo\w+/g);
const NAMES_2 = `
    sellToName2 T50 of=_sellToName2
    billToName2 T50 of=_billToName2`;
const EXTRAS = `
    ${ORIGIN}
    ${NAMES_2}
    paymentMethodCode C10 of=_paymentMethodCode
    taxAreaCode C20 of=_vatBus
    taxLiable B of=_taxLiable`;

/** An invoice or a credit memo, which has no actions here: it is changed and posted in API v2.0. */
const imported = (type, source, text, extras) => ({
  [`${type}Imports`]: {
    root: 'extension',
    type: `${type}Import`,
    table: 'Sales Header',
    verbs: 'CR',
    keys: ['number'],
    source,
    ownId: true,
    text: `${text}${extras}`,
    navigation: {lines: {set: `${type}ImportLines`, many: 'documentId'}},
  },
  [`${type}ImportLines`]: {
    root: 'extension',
    type: `${type}ImportLine`,
    table: 'Sales Line',
    verbs: 'R',
    keys: ['documentId', 'sequence'],
    unstamped: true,
    source: `${source.slice(0, -1)}Lines`,
    documents: source,
    text: without(documentLine(''), ...AMOUNTS),
    navigation: lineNavigation(`${type}Import`, `${type}Imports`),
  },
});

export const EXTENSION = {
  orderImports: {
    root: 'extension',
    type: 'orderImport',
    table: 'Sales Header',
    verbs: 'CR',
    keys: ['number'],
    source: 'salesOrders',
    ownId: true,
    text: `
    ${COMMON}
    ${ORIGIN}
    ${NAMES_2}
    shipToName2 T50 of=_shipToName2
    yourReference T35 of=_yourReference
    paymentMethodCode C10 of=_paymentMethodCode
    shippingAgentCode C10 of=_agent
    shippingAgentServiceCode C10 of=_agentService
    locationId G of=_locationId
    shipToPhoneNumber T30 of=_shipToPhoneNumber
    taxAreaCode C20 of=_vatBus
    taxLiable B of=_taxLiable`,
    navigation: {lines: {set: 'orderImportLines', many: 'documentId'}},
    actions: ['release', 'reopen', 'ship', 'shipAndInvoice', 'post'],
  },
  orderImportLines: {
    root: 'extension',
    type: 'orderImportLine',
    table: 'Sales Line',
    verbs: 'R',
    keys: ['documentId', 'sequence'],
    unstamped: true,
    source: 'salesOrderLines',
    documents: 'salesOrders',
    text: without(documentLine('shippedQuantity N ro\ninvoicedQuantity N ro\ninvoiceQuantity N\nshipQuantity N'), ...AMOUNTS),
    navigation: lineNavigation('orderImport', 'orderImports'),
  },
  ...imported(
    'invoice',
    'salesInvoices',
    `${NOT_OF_ORDERS}
    invoiceDate D
    dueDate D
    status E:salesInvoiceStatus ro`,
    `${EXTRAS}
    shipToName2 T50 of=_shipToName2
    yourReference T35 of=customerPurchaseOrderReference
    shippingAgentCode C10 of=_agent
    shippingAgentServiceCode C10 of=_agentService`,
  ),
  ...imported(
    'creditMemo',
    'salesCreditMemos',
    `${without(NOT_OF_ORDERS, ...SHIP_TO)}
    creditMemoDate D
    status E:salesCreditMemoStatus ro`,
    `${EXTRAS}
    yourReference T35 of=_yourReference`,
  ),
  postedShipments: {
    root: 'extension',
    type: 'postedShipment',
    table: 'Sales Shipment Header',
    verbs: 'RU',
    keys: ['number'],
    source: 'salesShipments',
    text: `
    number C20 ro
    orderNumber C20 ro
    externalDocumentNumber C35 ro
    ${ORIGIN.replaceAll('of=', 'ro of=')}
    postingDate D ro
    shippingAgentCode C10 ro of=_agent
    shippingAgentServiceCode C10 ro of=_agentService
    trackingNumber T50 ro of=_trackingNumber
    trackingUrl T250 ro of=_trackingUrl
    syncState E:syncState of=_syncState`,
    navigation: {lines: {set: 'postedShipmentLines', many: 'documentId'}},
  },
  postedShipmentLines: {
    root: 'extension',
    type: 'postedShipmentLine',
    table: 'Sales Shipment Line',
    verbs: 'R',
    keys: ['documentId', 'sequence'],
    source: 'salesShipmentLines',
    text: `
    documentId G
    sequence I
    orderSequence I of=_orderSequence
    itemId G of=_itemId
    variantId G of=_variantId
    locationCode C10 of=_locationCode
    quantity N`,
  },
};
