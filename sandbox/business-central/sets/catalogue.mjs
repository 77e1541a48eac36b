// What hangs on an item beside its card: vendors and pictures as API v2.0 has them, and the sets of the contract
// api/cartage/shopify/v1.0 for what API v2.0 lacks. An item's own fields that only the app or a page shows stand in
// its row with _ in front.
import {block} from './text.mjs';

const address = block('', [
  ['addressLine1', 'T100'],
  ['addressLine2', 'T50'],
  ['city', 'T30'],
  ['state', 'T30'],
  ['country', 'C10'],
  ['postalCode', 'C20'],
]).join('\n');

export const CATALOGUE = {
  vendors: {
    type: 'vendor',
    table: 'Vendor',
    verbs: 'CRUD',
    keys: ['number'],
    series: 'vendors',
    required: ['displayName'],
    text: `
    number C20
    displayName T100
    ${address}
    phoneNumber T30
    email T80
    website T255
    taxRegistrationNumber T20 calc
    currencyId G
    currencyCode C10 calc
    blocked E:vendorBlocked
    balance N ro calc`,
  },
  // no address of its own: below an item or a variant only
  pictures: {
    type: 'picture',
    table: 'Picture Entity',
    verbs: 'RUD',
    keys: ['id'],
    hidden: true,
    unstamped: true,
    text: `
    parentType E:pictureParent ro
    width I ro
    height I ro
    contentType T100 ro`,
  },
  itemExtras: {
    root: 'extension',
    type: 'itemExtra',
    table: 'Item',
    verbs: 'RU',
    keys: ['number'],
    source: 'items',
    text: `
    number C20 ro
    displayName T100 ro
    displayName2 T50 ro
    type E:itemType ro
    categoryCode C20 ro of=itemCategoryCode
    categoryName T100 ro calc
    blocked B ro
    salesBlocked B of=_salesBlocked
    gtin C14 ro
    inventory N ro calc
    unitPrice N ro
    priceIncludesTax B ro
    unitCost N ro
    taxGroupCode C20 ro
    vatProductGroup C20 ro of=_vatProd
    baseUnitOfMeasureCode C10 ro
    salesUnitOfMeasureCode C10 of=_salesUnit
    grossWeight N of=_grossWeight
    netWeight N of=_netWeight
    tariffNumber C20 of=_tariffNumber
    countryOfOriginCode C10 of=_origin
    vendorNumber C20 of=_vendorNumber
    vendorName T100 ro calc
    vendorItemNumber T50 of=_vendorItemNumber
    itemDiscountGroup C20 of=_discountGroup`,
    navigation: {
      variants: {set: 'itemVariantExtras', many: 'itemId'},
      units: {set: 'itemUnits', many: 'itemId'},
      references: {set: 'itemReferences', many: 'itemId'},
      texts: {set: 'itemTexts', many: 'itemId'},
      translations: {set: 'itemTranslations', many: 'itemId'},
      attributes: {set: 'itemAttributes', many: 'itemId'},
      prices: {set: 'priceListLines', many: 'itemId'},
    },
  },
  itemVariantExtras: {
    root: 'extension',
    type: 'itemVariantExtra',
    table: 'Item Variant',
    verbs: 'R',
    keys: ['itemNumber', 'code'],
    source: 'itemVariants',
    text: `
    itemId G
    itemNumber C20
    code C10
    description T100
    description2 T50 of=_description2
    blocked B of=_blocked
    salesBlocked B of=_salesBlocked`,
  },
  itemUnits: {
    root: 'extension',
    type: 'itemUnit',
    table: 'Item Unit of Measure',
    verbs: 'CR',
    keys: ['itemNumber', 'code'],
    required: ['code'],
    text: 'itemId G ro\nitemNumber C20\ncode C10\nquantityPerUnit N',
    refs: [{id: 'itemId', set: 'items', code: 'itemNumber', field: 'number'}],
  },
  itemReferences: {
    root: 'extension',
    type: 'itemReference',
    table: 'Item Reference',
    verbs: 'CR',
    keys: ['itemNumber', 'variantCode', 'unitOfMeasureCode', 'referenceType', 'referenceTypeNumber', 'referenceNumber'],
    required: ['referenceNumber'],
    text: `
    itemId G ro
    itemNumber C20
    variantCode C10
    unitOfMeasureCode C10
    referenceType E:referenceType
    referenceTypeNumber C20
    referenceNumber C50
    description T100`,
    refs: [{id: 'itemId', set: 'items', code: 'itemNumber', field: 'number'}],
  },
  itemTexts: {
    root: 'extension',
    type: 'itemText',
    table: 'Extended Text Header',
    verbs: 'R',
    keys: ['itemNumber', 'kind', 'languageCode', 'textNumber'],
    text: `
    itemId G
    itemNumber C20
    kind E:itemTextKind
    languageCode C10
    textNumber I
    startingDate D
    endingDate D
    text T0`,
  },
  itemTranslations: {
    root: 'extension',
    type: 'itemTranslation',
    table: 'Item Translation',
    verbs: 'R',
    keys: ['itemNumber', 'variantCode', 'languageCode'],
    text: 'itemId G\nitemNumber C20\nvariantCode C10\nlanguageCode C10\ndescription T100\ndescription2 T50',
  },
  itemAttributes: {
    root: 'extension',
    type: 'itemAttribute',
    table: 'Item Attribute Value Mapping',
    verbs: 'R',
    keys: ['itemNumber', 'variantCode', 'attributeId', 'languageCode'],
    text: `
    itemId G
    itemNumber C20
    variantCode C10
    attributeId I
    languageCode C10
    name T250
    value T250
    unit T30
    type E:attributeType
    blocked B`,
  },
  itemStocks: {
    root: 'extension',
    type: 'itemStock',
    table: 'Item Ledger Entry',
    verbs: 'R',
    keys: ['itemNumber', 'variantCode', 'locationCode'],
    unstamped: true,
    text: `
    itemId G
    itemNumber C20
    variantId G
    variantCode C10
    locationId G
    locationCode C10
    inventory N
    quantityOnSalesOrders N calc
    reservedQuantity N calc
    reservedForShopify N calc
    available N calc
    lastEntryNumber I`,
  },
  priceListLines: {
    root: 'extension',
    type: 'priceListLine',
    table: 'Price List Line',
    verbs: 'R',
    keys: ['priceListCode', 'lineNumber'],
    text: `
    priceListCode C20
    lineNumber I
    status E:priceStatus
    assignTo E:priceSource
    assignToNumber C20
    assetType E:priceAsset
    assetNumber C20
    itemId G
    variantCode C10
    unitOfMeasureCode C10
    minimumQuantity N
    currencyCode C10
    amountType E:priceAmountType
    unitPrice N
    lineDiscountPercent N
    startingDate D
    endingDate D
    priceIncludesTax B
    vatBusinessGroup C20
    allowLineDiscount B`,
  },
  vatRates: {
    root: 'extension',
    type: 'vatRate',
    table: 'VAT Posting Setup',
    verbs: 'R',
    keys: ['businessGroup', 'productGroup'],
    text: 'businessGroup C20\nproductGroup C20\npercent N',
  },
};

const page = (type, table, source, keys, text) => ({root: 'odata', page: true, type, table, source, keys, verbs: 'R', text});

/** Pages 30 and 31 show the same fields here; 31 is the list. */
const ITEM = `
  No C20 of=number
  Description T100 of=displayName
  Type E:itemType of=type
  Blocked B of=blocked
  Sales_Blocked B of=_salesBlocked
  Item_Category_Code C20 of=itemCategoryCode
  Base_Unit_of_Measure C10 of=baseUnitOfMeasureCode
  Sales_Unit_of_Measure C10 of=_salesUnit
  GTIN C14 of=gtin
  Unit_Price N of=unitPrice
  Unit_Cost N of=unitCost
  Price_Includes_VAT B of=priceIncludesTax
  Item_Disc_Group C20 of=_discountGroup
  VAT_Prod_Posting_Group C20 of=_vatProd
  Gross_Weight N of=_grossWeight
  Net_Weight N of=_netWeight
  Tariff_No C20 of=_tariffNumber
  Country_Region_of_Origin_Code C10 of=_origin
  Vendor_No C20 of=_vendorNumber
  Vendor_Item_No T50 of=_vendorItemNumber
  Inventory N calc of=inventory`;

/** Pages that an administrator has published, by the names that the documentation of this project asks for. */
export const CATALOGUE_PAGES = {
  ItemCard: page('ItemCard', 'Item', 'items', ['No'], ITEM),
  ItemList: page('ItemList', 'Item', 'items', ['No'], ITEM),
  ItemVariants: page(
    'ItemVariants',
    'Item Variant',
    'itemVariants',
    ['Item_No', 'Code'],
    `
    Item_No C20 of=itemNumber
    Code C10 of=code
    Description T100 of=description
    Description_2 T50 of=_description2
    Blocked B of=_blocked
    Sales_Blocked B of=_salesBlocked`,
  ),
  ItemUnitsOfMeasure: page(
    'ItemUnitsOfMeasure',
    'Item Unit of Measure',
    'itemUnits',
    ['Item_No', 'Code'],
    `
    Item_No C20 of=itemNumber
    Code C10 of=code
    Qty_per_Unit_of_Measure N of=quantityPerUnit`,
  ),
  ItemReferences: page(
    'ItemReferences',
    'Item Reference',
    'itemReferences',
    ['Item_No', 'Variant_Code', 'Unit_of_Measure', 'Reference_Type', 'Reference_Type_No', 'Reference_No'],
    `
    Item_No C20 of=itemNumber
    Variant_Code C10 of=variantCode
    Unit_of_Measure C10 of=unitOfMeasureCode
    Reference_Type E:referenceType of=referenceType
    Reference_Type_No C20 of=referenceTypeNumber
    Reference_No C50 of=referenceNumber
    Description T100 of=description`,
  ),
  ItemTranslations: page(
    'ItemTranslations',
    'Item Translation',
    'itemTranslations',
    ['Item_No', 'Variant_Code', 'Language_Code'],
    `
    Item_No C20 of=itemNumber
    Variant_Code C10 of=variantCode
    Language_Code C10 of=languageCode
    Description T100 of=description
    Description_2 T50 of=description2`,
  ),
  PriceListLines: page(
    'PriceListLines',
    'Price List Line',
    'priceListLines',
    ['Price_List_Code', 'Line_No'],
    `
    Price_List_Code C20 of=priceListCode
    Line_No I of=lineNumber
    Status E:priceStatus of=status
    Source_Type E:priceSource of=assignTo
    Source_No C20 of=assignToNumber
    Asset_Type E:priceAsset of=assetType
    Asset_No C20 of=assetNumber
    Variant_Code C10 of=variantCode
    Unit_of_Measure_Code C10 of=unitOfMeasureCode
    Minimum_Quantity N of=minimumQuantity
    Currency_Code C10 of=currencyCode
    Amount_Type E:priceAmountType of=amountType
    Unit_Price N of=unitPrice
    Line_Discount_Percent N of=lineDiscountPercent
    Starting_Date D of=startingDate
    Ending_Date D of=endingDate
    Price_Includes_VAT B of=priceIncludesTax
    VAT_Bus_Posting_Gr_Price C20 of=vatBusinessGroup
    Allow_Line_Disc B of=allowLineDiscount`,
  ),
  // query 37015: split by lot and serial number there, one row of a place here
  InventoryByLocation: page(
    'InventoryByLocation',
    'Item Ledger Entry',
    'itemStocks',
    ['Item_No', 'Variant_Code', 'Location_Code'],
    `
    Item_No C20 of=itemNumber
    Variant_Code C10 of=variantCode
    Location_Code C10 of=locationCode
    Remaining_Quantity N of=inventory
    Reserved_Quantity N of=reservedQuantity`,
  ),
};
