// Set-up and master data of API v2.0; entities.mjs says how a row is read.
import {block} from './text.mjs';

const ADDRESS = [
  ['addressLine1', 'T100'],
  ['addressLine2', 'T50'],
  ['city', 'T30'],
  ['state', 'T30'],
  ['country', 'C10'],
  ['postalCode', 'C20'],
];
const address = () => block('', ADDRESS).join('\n');
const numbered = (names, kind) => names.map(name => `${name} ${kind}`).join('\n');

const code10 = more => `code C10\ndisplayName T100\n${more ?? ''}`;
const code20 = more => `code C20\ndisplayName T100\n${more ?? ''}`;
const ref = (id, set, code, field = 'code') => ({id, set, code, field});

export const MASTER = {
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
      picture: {set: 'pictures', by: 'id'},
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
    navigation: {item: {set: 'items', by: 'itemId'}, picture: {set: 'pictures', by: 'id'}},
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
  customerReturnReasons: {
    type: 'customerReturnReason',
    table: 'Return Reason',
    verbs: 'CRUD',
    keys: ['code'],
    text: 'code C10\ndescription T100',
  },
};
