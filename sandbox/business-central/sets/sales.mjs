// Sales documents, what is posted of them, and the ledgers; entities.mjs says how a row is read.
import {block} from './text.mjs';

const DOCUMENT_ADDRESS = [
  ['addressLine1', 'T100'],
  ['addressLine2', 'T50'],
  ['city', 'T30'],
  ['country', 'C10'],
  ['state', 'T30'],
  ['postCode', 'C20'],
];
export const documentAddress = (prefix, flags = '') =>
  block(prefix, DOCUMENT_ADDRESS)
    .map(line => `${line} ${flags}`)
    .join('\n');

export const documentLine = quantities => `
  documentId G
  sequence I
  itemId G
  accountId G
  lineType E:lineType
  lineObjectNumber C20
  description T100
  description2 T50
  unitOfMeasureId G
  unitOfMeasureCode C10
  quantity N
  unitPrice N
  discountAmount N
  discountPercent N
  discountAppliedBeforeTax B ro
  amountExcludingTax N ro
  taxCode C50
  taxPercent N ro
  totalTaxAmount N ro
  amountIncludingTax N ro
  invoiceDiscountAllocation N ro
  netAmount N ro
  netTaxAmount N ro
  netAmountIncludingTax N ro
  shipmentDate D
  ${quantities}
  itemVariantId G
  locationId G`;

/** A sales order's properties; `flags` are those of its number and bill-to address, which API v2.0 keeps from writers. */
export const orderText = (flags = 'ro') => `
  number C20 ${flags}
  externalDocumentNumber C35
  orderDate D
  postingDate D
  customerId G
  customerNumber C20
  customerName T100 ro
  billToName T100 ${flags}
  billToCustomerId G
  billToCustomerNumber C20
  shipToName T100
  shipToContact T100
  ${documentAddress('sellTo')}
  ${documentAddress('billTo', flags)}
  ${documentAddress('shipTo')}
  shortcutDimension1Code C20
  shortcutDimension2Code C20
  currencyId G
  currencyCode C10 calc
  pricesIncludeTax B
  paymentTermsId G
  shipmentMethodId G
  salesperson C20
  partialShipping B calc
  requestedDeliveryDate D
  discountAmount N
  discountAppliedBeforeTax B ro
  totalAmountExcludingTax N ro
  totalTaxAmount N ro
  totalAmountIncludingTax N ro
  fullyShipped B ro
  status E:salesOrderStatus ro
  phoneNumber T30
  email T80`;

export const lineNavigation = (parent, set) => ({
  item: {set: 'items', by: 'itemId'},
  account: {set: 'accounts', by: 'accountId'},
  unitOfMeasure: {set: 'unitsOfMeasure', by: 'unitOfMeasureId'},
  itemVariant: {set: 'itemVariants', by: 'itemVariantId'},
  location: {set: 'locations', by: 'locationId'},
  [parent]: {set, by: 'documentId'},
});

export const documentNavigation = lines => ({
  [lines]: {set: lines, many: 'documentId'},
  customer: {set: 'customers', by: 'customerId'},
  currency: {set: 'currencies', by: 'currencyId'},
  paymentTerm: {set: 'paymentTerms', by: 'paymentTermsId'},
  shipmentMethod: {set: 'shipmentMethods', by: 'shipmentMethodId'},
});

export const SALES = {
  salesOrders: {
    type: 'salesOrder',
    table: 'Sales Header',
    verbs: 'CRUD',
    keys: ['number'],
    series: 'orders',
    lines: 'salesOrderLines',
    text: orderText(),
    navigation: documentNavigation('salesOrderLines'),
    actions: ['shipAndInvoice'],
    document: {type: 'Order', date: 'orderDate'},
  },
  salesOrderLines: {
    type: 'salesOrderLine',
    table: 'Sales Line',
    verbs: 'CRUD',
    keys: ['documentId', 'sequence'],
    unstamped: true,
    documents: 'salesOrders',
    text: documentLine('shippedQuantity N ro\ninvoicedQuantity N ro\ninvoiceQuantity N\nshipQuantity N'),
    navigation: lineNavigation('salesOrder', 'salesOrders'),
  },
  salesQuotes: {
    type: 'salesQuote',
    table: 'Sales Header',
    verbs: 'CRUD',
    keys: ['number'],
    series: 'quotes',
    lines: 'salesQuoteLines',
    text: `
    number C20 ro
    externalDocumentNumber C35
    documentDate D
    postingDate D
    dueDate D
    customerId G
    customerNumber C20
    customerName T100 ro
    billToName T100 ro
    billToCustomerId G
    billToCustomerNumber C20
    shipToName T100
    shipToContact T100
    ${documentAddress('sellTo')}
    ${documentAddress('billTo', 'ro')}
    ${documentAddress('shipTo')}
    shortcutDimension1Code C20
    shortcutDimension2Code C20
    currencyId G
    currencyCode C10 calc
    paymentTermsId G
    shipmentMethodId G
    salesperson C20
    discountAmount N
    discountAppliedBeforeTax B ro
    totalAmountExcludingTax N ro
    totalTaxAmount N ro
    totalAmountIncludingTax N ro
    status E:salesQuoteStatus ro
    sentDate DT ro
    validUntilDate D
    acceptedDate D ro
    phoneNumber T30
    email T80`,
    navigation: documentNavigation('salesQuoteLines'),
    document: {type: 'Quote', date: 'documentDate', posted: []},
    actions: ['send', 'makeInvoice', 'makeOrder'],
  },
  salesQuoteLines: {
    type: 'salesQuoteLine',
    table: 'Sales Line',
    verbs: 'CRUD',
    keys: ['documentId', 'sequence'],
    unstamped: true,
    documents: 'salesQuotes',
    text: documentLine(''),
    navigation: lineNavigation('salesQuote', 'salesQuotes'),
  },
  salesInvoices: {
    type: 'salesInvoice',
    table: 'Sales Header',
    verbs: 'CRUD',
    keys: ['number'],
    series: 'invoices',
    lines: 'salesInvoiceLines',
    text: `
    number C20 ro
    externalDocumentNumber C35
    invoiceDate D
    postingDate D
    dueDate D
    promisedPayDate D
    customerPurchaseOrderReference T35
    customerId G
    customerNumber C20
    customerName T100 ro
    billToName T100 ro
    billToCustomerId G
    billToCustomerNumber C20
    shipToName T100
    shipToContact T100
    ${documentAddress('sellTo')}
    ${documentAddress('billTo', 'ro')}
    ${documentAddress('shipTo')}
    currencyId G
    shortcutDimension1Code C20
    shortcutDimension2Code C20
    currencyCode C10 calc
    orderId G ro
    orderNumber C20 ro
    paymentTermsId G
    shipmentMethodId G
    salesperson C20
    disputeStatusId G
    disputeStatus C10
    pricesIncludeTax B ro
    remainingAmount N ro calc
    discountAmount N
    discountAppliedBeforeTax B ro
    totalAmountExcludingTax N ro
    totalTaxAmount N ro
    totalAmountIncludingTax N ro
    status E:salesInvoiceStatus ro
    phoneNumber T30
    email T80`,
    navigation: documentNavigation('salesInvoiceLines'),
    document: {
      type: 'Invoice',
      date: 'invoiceDate',
      posted: ['dueDate', 'promisedPayDate', 'disputeStatus', 'disputeStatusId'],
    },
    actions: ['post', 'postAndSend', 'send', 'cancel', 'cancelAndSend', 'makeCorrectiveCreditMemo'],
  },
  salesInvoiceLines: {
    type: 'salesInvoiceLine',
    table: 'Sales Line',
    verbs: 'CRUD',
    keys: ['documentId', 'sequence'],
    unstamped: true,
    documents: 'salesInvoices',
    text: documentLine(''),
    navigation: lineNavigation('salesInvoice', 'salesInvoices'),
  },
  salesCreditMemos: {
    type: 'salesCreditMemo',
    table: 'Sales Header',
    verbs: 'CRUD',
    keys: ['number'],
    series: 'creditMemos',
    lines: 'salesCreditMemoLines',
    text: `
    number C20 ro
    externalDocumentNumber C35
    creditMemoDate D
    postingDate D
    dueDate D
    customerId G
    customerNumber C20
    customerName T100 ro
    billToName T100 ro
    billToCustomerId G
    billToCustomerNumber C20
    ${documentAddress('sellTo')}
    ${documentAddress('billTo')}
    shortcutDimension1Code C20
    shortcutDimension2Code C20
    currencyId G
    currencyCode C10 calc
    paymentTermsId G
    shipmentMethodId G
    salesperson C20
    pricesIncludeTax B ro
    discountAmount N
    discountAppliedBeforeTax B ro
    totalAmountExcludingTax N ro
    totalTaxAmount N ro
    totalAmountIncludingTax N ro
    status E:salesCreditMemoStatus ro
    invoiceId G
    invoiceNumber C20
    phoneNumber T30
    email T80
    customerReturnReasonId G`,
    navigation: documentNavigation('salesCreditMemoLines'),
    document: {type: 'Credit Memo', date: 'creditMemoDate', posted: []},
    actions: ['post', 'postAndSend', 'send', 'cancel', 'cancelAndSend'],
  },
  salesCreditMemoLines: {
    type: 'salesCreditMemoLine',
    table: 'Sales Line',
    verbs: 'CRUD',
    keys: ['documentId', 'sequence'],
    unstamped: true,
    documents: 'salesCreditMemos',
    text: documentLine(''),
    navigation: lineNavigation('salesCreditMemo', 'salesCreditMemos'),
  },
  itemLedgerEntries: {
    type: 'itemLedgerEntry',
    table: 'Item Ledger Entry',
    verbs: 'R',
    keys: ['entryNumber'],
    text: `
    entryNumber I
    itemNumber C20
    postingDate D
    entryType E:itemEntryType
    sourceNumber C20
    sourceType E:sourceType
    documentNumber C20
    documentType E:itemDocumentType
    description T100
    quantity N
    salesAmountActual N
    costAmountActual N`,
  },
  generalLedgerEntries: {
    type: 'generalLedgerEntry',
    table: 'G/L Entry',
    verbs: 'R',
    keys: ['entryNumber'],
    text: `
    entryNumber I
    postingDate D
    documentNumber C20
    documentType E:ledgerDocumentType
    accountId G
    accountNumber C20
    description T100
    debitAmount N
    creditAmount N
    additionalCurrencyDebitAmount N
    additionalCurrencyCreditAmount N`,
    navigation: {account: {set: 'accounts', by: 'accountId'}},
  },
  // not part of API v2.0: kept beside the documents, seen under /_sandbox/customer-ledger only
  customerLedgerEntries: {
    type: 'customerLedgerEntry',
    table: 'Cust. Ledger Entry',
    root: 'none',
    verbs: '',
    keys: ['entryNumber'],
    text: `
    entryNumber I
    customerNumber C20
    postingDate D
    dueDate D
    documentType E:ledgerDocumentType
    documentNumber C20
    externalDocumentNumber C35
    currencyCode C10
    amount N
    amountLocal N
    remainingAmount N
    open B`,
  },
  salesShipments: {
    type: 'salesShipment',
    table: 'Sales Shipment Header',
    verbs: 'R',
    keys: ['number'],
    text: `
    number C20
    externalDocumentNumber C35
    invoiceDate D
    postingDate D
    dueDate D
    customerPurchaseOrderReference T35
    customerId G
    customerNumber C20
    customerName T100
    billToCustomerId G
    billToName T100
    billToCustomerNumber C20
    shipToName T100
    shipToContact T100
    ${documentAddress('sellTo')}
    ${documentAddress('billTo')}
    ${documentAddress('shipTo')}
    currencyCode C10
    orderNumber C20
    paymentTermsCode C10
    shipmentMethodCode C10
    salesperson C20
    pricesIncludeTax B
    phoneNumber T30
    email T80`,
    navigation: {
      salesShipmentLines: {set: 'salesShipmentLines', many: 'documentId'},
      customer: {set: 'customers', by: 'customerId'},
    },
  },
  salesShipmentLines: {
    type: 'salesShipmentLine',
    table: 'Sales Shipment Line',
    verbs: 'R',
    keys: ['documentId', 'sequence'],
    text: `
    documentId G
    documentNo C20
    sequence I
    lineType E:shipmentLineType
    lineObjectNumber C20
    description T100
    description2 T50
    unitOfMeasureCode C10
    unitPrice N
    quantity N
    discountPercent N
    taxPercent N
    shipmentDate D`,
  },
};
