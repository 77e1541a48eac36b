// The entity sets of API v2.0 that this peer serves: one table from which types, lengths, read-only
// refusals, verbs, navigation, references and $metadata follow.
//
// A property is a line `name KIND flags`: C20 code (trimmed, upper-cased), T100 text, G guid, N decimal,
// I integer, B boolean, D date, DT date and time, E:name enum (ENUMS); flags `ro` (refused on write) and
// `calc` (computed by the page: refused in $filter and $orderby). Every entity has `id` first and
// `lastModifiedDateTime` last unless `unstamped`.

/** Members as Business Central spells them; on the wire they are encoded (encodeMember). */
export const ENUMS = {
  itemType: ['Inventory', 'Service', 'Non-Inventory'],
  contactType: ['Company', 'Person'],
  customerBlocked: [' ', 'Ship', 'Invoice', 'All'],
  taxType: ['Sales Tax', 'VAT'],
  accountCategory: [' ', 'Assets', 'Liabilities', 'Equity', 'Income', 'Cost of Goods Sold', 'Expense'],
  accountType: ['Posting', 'Heading', 'Total', 'Begin-Total', 'End-Total'],
  addressFormat: ['Post Code+City', 'City+Post Code', 'City+County+Post Code', 'Blank Line+Post Code+City', 'Custom'],
  salesOrderStatus: ['Draft', 'In Review', 'Open'],
  salesInvoiceStatus: [' ', 'Draft', 'In Review', 'Open', 'Paid', 'Canceled', 'Corrective'],
  salesCreditMemoStatus: [' ', 'Draft', 'In Review', 'Open', 'Canceled', 'Corrective', 'Paid'],
  itemEntryType: [
    'Purchase',
    'Sale',
    'Positive Adjmt.',
    'Negative Adjmt.',
    'Transfer',
    'Consumption',
    'Output',
    ' ',
    'Assembly Consumption',
    'Assembly Output',
  ],
  itemDocumentType: [
    ' ',
    'Sales Shipment',
    'Sales Invoice',
    'Sales Return Receipt',
    'Sales Credit Memo',
    'Purchase Receipt',
    'Purchase Invoice',
    'Purchase Return Shipment',
    'Purchase Credit Memo',
  ],
  sourceType: [' ', 'Customer', 'Vendor', 'Item'],
  ledgerDocumentType: [' ', 'Payment', 'Invoice', 'Credit Memo', 'Finance Charge Memo', 'Reminder', 'Refund'],
  lineType: ['Comment', 'Account', 'Item', 'Resource', 'Fixed Asset', 'Charge', 'Allocation Account'],
  shipmentLineType: [' ', 'G/L Account', 'Item', 'Resource', 'Fixed Asset', 'Charge (Item)', 'Allocation Account'],
};

const block = (prefix, names) =>
  names.map(([name, kind]) => `${prefix ? prefix + name[0].toUpperCase() + name.slice(1) : name} ${kind}`);
const ADDRESS = [
  ['addressLine1', 'T100'],
  ['addressLine2', 'T50'],
  ['city', 'T30'],
  ['state', 'T30'],
  ['country', 'C10'],
  ['postalCode', 'C20'],
];
const DOCUMENT_ADDRESS = [
  ['addressLine1', 'T100'],
  ['addressLine2', 'T50'],
  ['city', 'T30'],
  ['country', 'C10'],
  ['state', 'T30'],
  ['postCode', 'C20'],
];
const address = () => block('', ADDRESS).join('\n');
const documentAddress = (prefix, flags = '') =>
  block(prefix, DOCUMENT_ADDRESS)
    .map(line => `${line} ${flags}`)
    .join('\n');
const numbered = (names, kind) => names.map(name => `${name} ${kind}`).join('\n');

const code10 = more => `code C10\ndisplayName T100\n${more ?? ''}`;
const code20 = more => `code C20\ndisplayName T100\n${more ?? ''}`;
const ref = (id, set, code, field = 'code') => ({id, set, code, field});

const documentLine = quantities => `
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

const lineNavigation = (parent, set) => ({
  item: {set: 'items', by: 'itemId'},
  account: {set: 'accounts', by: 'accountId'},
  unitOfMeasure: {set: 'unitsOfMeasure', by: 'unitOfMeasureId'},
  itemVariant: {set: 'itemVariants', by: 'itemVariantId'},
  location: {set: 'locations', by: 'locationId'},
  [parent]: {set, by: 'documentId'},
});

const documentNavigation = lines => ({
  [lines]: {set: lines, many: 'documentId'},
  customer: {set: 'customers', by: 'customerId'},
  currency: {set: 'currencies', by: 'currencyId'},
  paymentTerm: {set: 'paymentTerms', by: 'paymentTermsId'},
  shipmentMethod: {set: 'shipmentMethods', by: 'shipmentMethodId'},
});

// set: {type, table (Business Central's caption), verbs, keys (natural order and uniqueness), text, navigation, refs, actions, root}
const TABLE = {
  companies: {
    type: 'company',
    table: 'Company',
    verbs: 'R',
    keys: ['name'],
    unstamped: true,
    text: `
    systemVersion T80 ro
    timestamp I ro
    name T30 ro
    displayName T250 ro
    businessProfileId T250 ro
    systemCreatedAt DT ro
    systemCreatedBy G ro
    systemModifiedAt DT ro
    systemModifiedBy G ro`,
  },
  companyInformation: {
    type: 'companyInformation',
    table: 'Company Information',
    verbs: 'RU',
    keys: ['id'],
    text: `
    displayName T100
    ${address()}
    phoneNumber T30
    faxNumber T30
    email T80
    website T255
    taxRegistrationNumber T20 calc
    currencyCode C10 ro
    currentFiscalYearStartDate D ro
    industry T30`,
  },
  generalLedgerSetup: {
    type: 'generalLedgerSetup',
    table: 'General Ledger Setup',
    verbs: 'R',
    keys: ['id'],
    text: `
    allowPostingFrom D
    allowPostingTo D
    additionalReportingCurrency C10
    localCurrencyCode C10
    localCurrencySymbol T10
    ${numbered(
      [1, 2, 3, 4, 5, 6, 7, 8].map(n => `shortcutDimension${n}Code`),
      'C20',
    )}`,
  },
  currencies: {
    type: 'currency',
    table: 'Currency',
    verbs: 'CRUD',
    keys: ['code'],
    text: 'code C10\ndisplayName T30\nsymbol T10\namountDecimalPlaces T5\namountRoundingPrecision N',
  },
  currencyExchangeRates: {
    type: 'currencyExchangeRate',
    table: 'Currency Exchange Rate',
    verbs: 'R',
    keys: ['currencyCode', 'startingDate'],
    text: 'currencyCode C10\nstartingDate D\nexchangeRateAmount N\nrelationalCurrencyCode C10\nrelationalExchangeRateAmount N',
  },
  countriesRegions: {
    type: 'countryRegion',
    table: 'Country/Region',
    verbs: 'CRUD',
    keys: ['code'],
    text: 'code C10\ndisplayName T50\naddressFormat E:addressFormat',
  },
  paymentTerms: {
    type: 'paymentTerm',
    table: 'Payment Terms',
    verbs: 'CRUD',
    keys: ['code'],
    text: code10('dueDateCalculation T32\ndiscountDateCalculation T32\ndiscountPercent N\ncalculateDiscountOnCreditMemos B'),
  },
  paymentMethods: {type: 'paymentMethod', table: 'Payment Method', verbs: 'CRUD', keys: ['code'], text: code10()},
  shipmentMethods: {type: 'shipmentMethod', table: 'Shipment Method', verbs: 'CRUD', keys: ['code'], text: code10()},
  unitsOfMeasure: {
    type: 'unitOfMeasure',
    table: 'Unit of Measure',
    verbs: 'CRUD',
    keys: ['code'],
    text: 'code C10\ndisplayName T50\ninternationalStandardCode C10\nsymbol T10',
  },
  itemCategories: {type: 'itemCategory', table: 'Item Category', verbs: 'CRUD', keys: ['code'], text: code20()},
  inventoryPostingGroups: {
    type: 'inventoryPostingGroup',
    table: 'Inventory Posting Group',
    verbs: 'R',
    keys: ['code'],
    text: 'code C20\ndescription T100',
  },
  generalProductPostingGroups: {
    type: 'generalProductPostingGroup',
    table: 'Gen. Product Posting Group',
    verbs: 'R',
    keys: ['code'],
    text: 'code C20\ndescription T100\ndefaultVATProductPostingGroup C20\nautoInsertDefault B',
  },
  taxGroups: {
    type: 'taxGroup',
    table: 'VAT Product Posting Group',
    verbs: 'CRUD',
    keys: ['code'],
    text: code20('taxType E:taxType ro'),
  },
  taxAreas: {
    type: 'taxArea',
    table: 'VAT Business Posting Group',
    verbs: 'CRUD',
    keys: ['code'],
    text: code20('taxType E:taxType ro'),
  },
  locations: {
    type: 'location',
    table: 'Location',
    verbs: 'CRUD',
    keys: ['code'],
    text: code10(`contact T100\n${address()}\nphoneNumber T30\nemail T80\nwebsite T255`),
  },
  accounts: {
    type: 'account',
    table: 'G/L Account',
    verbs: 'R',
    keys: ['number'],
    text: `
    number C20
    displayName T100
    category E:accountCategory
    subCategory T80
    blocked B
    accountType E:accountType
    directPosting B
    netChange N calc`,
  },
  items: {
    type: 'item',
    table: 'Item',
    verbs: 'CRUD',
    keys: ['number'],
    series: 'items',
    text: `
    number C20
    displayName T100
    displayName2 T50
    type E:itemType
    itemCategoryId G
    itemCategoryCode C20
    blocked B
    gtin C14
    inventory N calc
    unitPrice N
    priceIncludesTax B
    unitCost N
    taxGroupId G
    taxGroupCode C20
    baseUnitOfMeasureId G
    baseUnitOfMeasureCode C10
    generalProductPostingGroupId G
    generalProductPostingGroupCode C20
    inventoryPostingGroupId G
    inventoryPostingGroupCode C20`,
    navigation: {
      itemCategory: {set: 'itemCategories', by: 'itemCategoryId'},
      inventoryPostingGroup: {set: 'inventoryPostingGroups', by: 'inventoryPostingGroupId'},
      generalProductPostingGroup: {set: 'generalProductPostingGroups', by: 'generalProductPostingGroupId'},
      baseUnitOfMeasure: {set: 'unitsOfMeasure', by: 'baseUnitOfMeasureId'},
      itemVariants: {set: 'itemVariants', many: 'itemId'},
    },
    refs: [
      ref('itemCategoryId', 'itemCategories', 'itemCategoryCode'),
      ref('taxGroupId', 'taxGroups', 'taxGroupCode'),
      ref('baseUnitOfMeasureId', 'unitsOfMeasure', 'baseUnitOfMeasureCode'),
      ref('generalProductPostingGroupId', 'generalProductPostingGroups', 'generalProductPostingGroupCode'),
      ref('inventoryPostingGroupId', 'inventoryPostingGroups', 'inventoryPostingGroupCode'),
    ],
  },
  itemVariants: {
    type: 'itemVariant',
    table: 'Item Variant',
    verbs: 'CRUD',
    keys: ['itemNumber', 'code'],
    required: ['code'],
    text: 'itemId G\nitemNumber C20\ncode C10\ndescription T100',
    navigation: {item: {set: 'items', by: 'itemId'}},
    refs: [ref('itemId', 'items', 'itemNumber', 'number')],
  },
  customers: {
    type: 'customer',
    table: 'Customer',
    verbs: 'CRUD',
    keys: ['number'],
    series: 'customers',
    required: ['displayName'],
    text: `
    number C20
    displayName T100
    type E:contactType
    ${address()}
    phoneNumber T30
    email T80
    website T255
    salespersonCode C20
    balanceDue N ro calc
    creditLimit N
    taxLiable B
    taxAreaId G
    taxAreaDisplayName T100 ro calc
    taxRegistrationNumber T20 calc
    currencyId G
    currencyCode C10 calc
    paymentTermsId G
    shipmentMethodId G
    paymentMethodId G
    blocked E:customerBlocked`,
    navigation: {
      currency: {set: 'currencies', by: 'currencyId'},
      paymentTerm: {set: 'paymentTerms', by: 'paymentTermsId'},
      shipmentMethod: {set: 'shipmentMethods', by: 'shipmentMethodId'},
      paymentMethod: {set: 'paymentMethods', by: 'paymentMethodId'},
    },
    refs: [
      ref('currencyId', 'currencies', 'currencyCode'),
      ref('paymentTermsId', 'paymentTerms'),
      ref('shipmentMethodId', 'shipmentMethods'),
      ref('paymentMethodId', 'paymentMethods'),
      ref('taxAreaId', 'taxAreas'),
    ],
  },
  salesOrders: {
    type: 'salesOrder',
    table: 'Sales Header',
    verbs: 'CRUD',
    keys: ['number'],
    series: 'orders',
    lines: 'salesOrderLines',
    text: `
    number C20 ro
    externalDocumentNumber C35
    orderDate D
    postingDate D
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
    email T80`,
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
  customerReturnReasons: {
    type: 'customerReturnReason',
    table: 'Return Reason',
    verbs: 'CRUD',
    keys: ['code'],
    text: 'code C10\ndescription T100',
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

function readProperty(line) {
  const [name, kind, ...flags] = line.trim().split(/\s+/);
  const [, letters, length, enumName] = /^(C|T|G|N|I|B|DT|D|E)(\d+)?(?::(\w+))?$/.exec(kind);
  return {
    name,
    kind: letters,
    length: length ? Number(length) : undefined,
    enum: enumName,
    readOnly: flags.includes('ro'),
    calculated: flags.includes('calc'),
  };
}

function readEntity(set, row) {
  const lines = row.text.split('\n').filter(line => line.trim() !== '');
  const properties = ['id G ro', ...lines, ...(row.unstamped ? [] : ['lastModifiedDateTime DT ro'])].map(readProperty);
  return {
    set,
    type: row.type,
    table: row.table,
    verbs: row.verbs,
    keys: row.keys,
    series: row.series,
    lines: row.lines, // the set of a document's lines
    document: row.document, // {type, date, posted}: what a document is, the property of its date, what a posted one lets change
    documents: row.documents, // the set of the documents that these lines belong to
    root: row.root ?? 'v2.0',
    required: row.required ?? [],
    stamped: !row.unstamped,
    actions: row.actions ?? [],
    refs: row.refs ?? [],
    navigation: new Map(Object.entries(row.navigation ?? {})),
    properties,
    byName: new Map(properties.map(property => [property.name, property])),
  };
}

export const ENTITIES = new Map(Object.entries(TABLE).map(([set, row]) => [set, readEntity(set, row)]));

/** The sets that one root of addresses serves. */
export const setsOf = root => [...ENTITIES.values()].filter(entity => entity.root === root);

export const NO_ID = '00000000-0000-0000-0000-000000000000';
export const NO_DATE = '0001-01-01';

/** What a property holds before anything is set. */
export function blankOf(property) {
  switch (property.kind) {
    case 'G':
      return NO_ID;
    case 'N':
      return '0';
    case 'I':
      return 0;
    case 'B':
      return false;
    case 'D':
      return NO_DATE;
    case 'DT':
      return `${NO_DATE}T00:00:00Z`;
    case 'E':
      return ENUMS[property.enum][0];
    default:
      return '';
  }
}

/** An enum member as OData spells it: `Non-Inventory` → `Non_x002D_Inventory`. */
export const encodeMember = member =>
  member.replace(/[^A-Za-z0-9]/g, character => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`);

/** The member that a client named, encoded or plain; undefined when there is none. */
export const memberNamed = (name, text) => ENUMS[name].find(member => member === text || encodeMember(member) === text);
