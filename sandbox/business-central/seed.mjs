// Fills the books of the companies from the demo world: set-up and code tables, accounts, items,
// customers. Ids and stamps depend on the world only, so they are the same after a restart.
import {ENTITIES, NO_ID, blankOf} from './entities.mjs';
import {articleFields, articlesOf, seedArticle, seedVendors} from './seed-catalogue.mjs';
import {uuidOf} from '../lib/random.mjs';

const ISO_COUNTRIES =
  `AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH
GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB
LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM
PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG
TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW`.split(/\s+/);

const CURRENCIES = [
  {code: 'GBP', displayName: 'Pound Sterling', symbol: '£', perPound: '1'},
  {code: 'EUR', displayName: 'Euro', symbol: '€', perPound: '1.16'},
  {code: 'USD', displayName: 'US Dollar', symbol: '$', perPound: '1.3'},
  {code: 'DKK', displayName: 'Danish Krone', symbol: 'kr', perPound: '8.65'},
  {code: 'SEK', displayName: 'Swedish Krona', symbol: 'kr', perPound: '12.9'},
  {code: 'CAD', displayName: 'Canadian Dollar', symbol: '$', perPound: '1.8'},
  {code: 'CHF', displayName: 'Swiss Franc', symbol: 'CHF', perPound: '1.07'},
  {code: 'JPY', displayName: 'Japanese Yen', symbol: '¥', perPound: '198', decimals: 0},
  {code: 'KWD', displayName: 'Kuwaiti Dinar', symbol: 'KD', perPound: '0.4', decimals: 3},
];

const CODES = {
  paymentTerms: [
    {code: '14 DAYS', displayName: 'Net 14 days', dueDateCalculation: '14D'},
    {code: '1M(8D)', displayName: '1 Month/2% 8 days', dueDateCalculation: '1M'},
    {code: 'COD', displayName: 'Cash on delivery', dueDateCalculation: '0D'},
  ],
  paymentMethods: [
    {code: 'BANK', displayName: 'Bank Transfer'},
    {code: 'CARD', displayName: 'Card payment'},
    {code: 'CASH', displayName: 'Cash payment'},
  ],
  shipmentMethods: [
    {code: 'CFR', displayName: 'Cost and Freight'},
    {code: 'DELIVERY', displayName: 'Delivery'},
    {code: 'EXW', displayName: 'Ex Warehouse'},
    {code: 'PICKUP', displayName: 'Pickup at Location'},
  ],
  unitsOfMeasure: [
    {code: 'BOX', displayName: 'Box', internationalStandardCode: 'BX'},
    {code: 'PCS', displayName: 'Piece', internationalStandardCode: 'EA'},
    {code: 'SET', displayName: 'Set', internationalStandardCode: 'SET'},
  ],
  itemCategories: [
    {code: 'FURNITURE', displayName: 'Office Furniture'},
    {code: 'MISC', displayName: 'Miscellaneous'},
  ],
  inventoryPostingGroups: [{code: 'RESALE', description: 'Resale items'}],
  customerReturnReasons: [
    {code: 'DEFECTIVE', description: 'Defective'},
    {code: 'NONEED', description: 'No longer needed'},
    {code: 'WRONG', description: 'Wrong item'},
  ],
  locations: [
    {code: 'EAST', displayName: 'East Warehouse', country: 'GB'},
    {code: 'MAIN', displayName: 'Main Warehouse', country: 'GB'},
  ],
};

/** The accounts that postings go to by set-up, whatever the world's chart has besides. */
const CHART = [
  {number: '2310', displayName: 'Customers, Domestic', category: 'Assets', directPosting: false, blocked: false},
  {number: '2920', displayName: 'Bank, LCY', category: 'Assets', directPosting: true, blocked: false},
  {number: '5610', displayName: 'Sales VAT', category: 'Liabilities', directPosting: false, blocked: false},
  {number: '6100', displayName: 'Sales, Retail', category: 'Income', directPosting: false, blocked: false},
];
const SHIPPING_AGENTS = ['DHL', 'FEDEX', 'ROYALMAIL', 'UPS'];
const AGENT_SERVICES = {DHL: ['NEXT DAY', 'STANDARD'], UPS: ['EXPRESS', 'STANDARD']};
const POSTING_ACCOUNTS = {receivables: '2310', bank: '2920', tax: '5610', sales: '6100'};

/** Puts a world's companies into an empty store; `now` stamps their rows. */
export function seedStore(store, {companies, now}) {
  const stamp = new Date(now).toISOString();
  store.addCompany('');
  for (const company of companies) {
    const vatProds = [...new Set(company.taxRates.map(rate => rate.vatProd))];
    const vatBuses = [...new Set(company.taxRates.map(rate => rate.vatBus))];
    const template = {
      vatProd: vatProds[0],
      vatBus: vatBuses[0],
      unit: 'PCS',
      productGroup: 'RETAIL',
      inventoryGroup: 'RESALE',
      customerGroup: 'DOMESTIC',
    };
    const {name, currency, taxRates} = company;
    store.addCompany(company.id, {
      name,
      currency,
      taxRates,
      template,
      accounts: POSTING_ACCOUNTS,
      shippingAgents: SHIPPING_AGENTS,
      agentServices: AGENT_SERVICES,
    });
    const add = adder(store, company.id, stamp);
    store.put('', 'companies', company.id, {
      ...blankRow('companies'),
      id: company.id,
      name: company.name,
      displayName: company.name,
      systemVersion: '29.0.52015.0',
      systemCreatedAt: stamp,
      systemModifiedAt: stamp,
    });
    seedSetup(add, company, vatProds, vatBuses);
    const accounts = [...company.accounts, ...CHART.filter(({number}) => !company.accounts.some(own => own.number === number))];
    for (const account of accounts)
      add('accounts', account.number, {
        category: 'Income',
        ...account,
        accountType: 'Posting',
        _vatProd: account.vatProd ?? template.vatProd,
      });
    seedVendors(add);
    const articles = articlesOf(company);
    for (const article of articles) add('items', article.number, itemRow(article, company.id, template));
    seedStock(store, add, articles, {company: company.id, postingDate: stamp.slice(0, 10)});
    for (const {vatBus, vatProd, percent} of taxRates)
      add('vatRates', `${vatBus}/${vatProd}`, {businessGroup: vatBus, productGroup: vatProd, percent: String(percent ?? 0)});
    for (const customer of company.customers) add('customers', customer.number, customerRow(customer, company, template));
  }
}

/** What hangs on the articles; what is in stock at the start came in by an entry. */
function seedStock(store, add, articles, {company, postingDate}) {
  let entryNumber = 0;
  const enter = ({article, variant, location, pieces}) => {
    if (Number(pieces) === 0 || article.type !== 'Inventory') return;
    const itemId = idOf(company, 'items', article.number);
    const place = {
      itemId,
      itemNumber: article.number,
      variantId: variant?.id ?? NO_ID,
      variantCode: variant?.code ?? '',
      locationId: location ? idOf(company, 'locations', location) : NO_ID,
      locationCode: location ?? '',
    };
    entryNumber++;
    add('itemLedgerEntries', `${article.number}/${entryNumber}`, {
      entryNumber,
      itemNumber: article.number,
      postingDate,
      entryType: 'Positive Adjmt.',
      documentNumber: 'START',
      description: article.displayName,
      quantity: String(pieces),
      _locationId: place.locationId,
      _variantId: place.variantId,
    });
    add('itemStocks', `${article.number}/${place.variantCode}/${place.locationCode}`, {
      ...place,
      inventory: String(pieces),
      lastEntryNumber: entryNumber,
      _supply: '0',
      _demand: '0',
    });
    const item = store.table(company, 'items').rows.get(itemId);
    store.put(company, 'items', itemId, {...item, inventory: String(Number(item.inventory) + Number(pieces))});
  };
  const room = {
    add,
    idOf: (set, key) => idOf(company, set, key),
    put: (set, row) => store.put(company, set, row.id, row),
    stock: enter,
  };
  for (const article of articles) {
    seedArticle(article, room);
    if (article.inventory !== undefined) enter({article, pieces: article.inventory});
  }
  store.companies.get(company).series.itemLedgerEntries = entryNumber + 1;
}

const blanks = new Map(); // what a row of a set holds before anything is set

function blankRow(set) {
  if (!blanks.has(set))
    blanks.set(set, Object.fromEntries(ENTITIES.get(set).properties.map(property => [property.name, blankOf(property)])));
  return {...blanks.get(set)};
}

const idOf = (company, set, key) => uuidOf(`${company}/${set}/${key}`);

function adder(store, company, stamp) {
  return (set, key, values) => {
    const row = {...blankRow(set), id: idOf(company, set, key)};
    // codes are trimmed and upper-cased on their way in, as on every other way in
    for (const [name, value] of Object.entries(values))
      if (value !== undefined && value !== null)
        row[name] = ENTITIES.get(set).byName.get(name)?.kind === 'C' ? String(value).trim().toUpperCase() : value;
    if (ENTITIES.get(set).stamped) row.lastModifiedDateTime = stamp;
    store.put(company, set, row.id, row);
    return row.id;
  };
}

function seedSetup(add, company, vatProds, vatBuses) {
  add('companyInformation', 'only', {
    displayName: company.name,
    country: company.country ?? 'GB',
    currencyCode: company.currency,
  });
  add('generalLedgerSetup', 'only', {
    localCurrencyCode: company.currency,
    localCurrencySymbol: CURRENCIES.find(row => row.code === company.currency)?.symbol,
  });
  for (const [set, rows] of Object.entries(CODES)) for (const row of rows) add(set, row.code, row);
  for (const code of vatProds) add('taxGroups', code, {code, displayName: code, taxType: 'VAT'});
  for (const code of vatBuses) add('taxAreas', code, {code, displayName: code, taxType: 'VAT'});
  add('generalProductPostingGroups', 'RETAIL', {
    code: 'RETAIL',
    description: 'Retail',
    defaultVATProductPostingGroup: vatProds[0],
    autoInsertDefault: true,
  });
  const names = new Intl.DisplayNames(['en'], {type: 'region'});
  for (const code of ISO_COUNTRIES) add('countriesRegions', code, {code, displayName: names.of(code).slice(0, 50)});
  const local = CURRENCIES.find(row => row.code === company.currency)?.perPound ?? '1';
  for (const {code, displayName, symbol, perPound, decimals = 2} of CURRENCIES) {
    const amountRoundingPrecision = decimals === 0 ? '1' : `0.${'1'.padStart(decimals, '0')}`;
    add('currencies', code, {
      code,
      displayName,
      symbol,
      amountDecimalPlaces: `${decimals}:${decimals}`,
      amountRoundingPrecision,
    });
    if (code !== company.currency)
      add('currencyExchangeRates', code, {
        currencyCode: code,
        startingDate: '2000-01-01',
        exchangeRateAmount: perPound,
        relationalCurrencyCode: '',
        relationalExchangeRateAmount: local,
      });
  }
}

function itemRow(item, company, template) {
  const vatProd = item.vatProd ?? template.vatProd;
  return {
    number: item.number,
    displayName: item.displayName,
    ...articleFields(item, (set, code) => idOf(company, set, code)),
    gtin: item.gtin ?? '',
    unitPrice: String(item.unitPrice),
    blocked: item.blocked === true,
    inventory: '0',
    priceIncludesTax: item.priceIncludesTax === true,
    _vatProd: vatProd,
    taxGroupId: idOf(company, 'taxGroups', vatProd),
    taxGroupCode: vatProd,
    baseUnitOfMeasureId: idOf(company, 'unitsOfMeasure', template.unit),
    baseUnitOfMeasureCode: template.unit,
    generalProductPostingGroupId: idOf(company, 'generalProductPostingGroups', template.productGroup),
    generalProductPostingGroupCode: template.productGroup,
    inventoryPostingGroupId: idOf(company, 'inventoryPostingGroups', template.inventoryGroup),
    inventoryPostingGroupCode: template.inventoryGroup,
  };
}

function customerRow(customer, company, template) {
  const vatBus = customer.vatBus ?? template.vatBus;
  return {
    number: customer.number,
    displayName: customer.displayName,
    type: 'Company',
    email: customer.email ?? '',
    phoneNumber: customer.phone ?? '',
    addressLine1: customer.address ?? '',
    city: customer.city ?? '',
    postalCode: customer.postalCode ?? '',
    country: customer.country ?? '',
    blocked: customer.blocked || ' ',
    taxAreaId: idOf(company.id, 'taxAreas', vatBus),
    currencyId: NO_ID,
    _vatBus: vatBus,
    _postingGroup: template.customerGroup,
    _pricesIncludeTax: customer.pricesIncludeTax === true,
  };
}
