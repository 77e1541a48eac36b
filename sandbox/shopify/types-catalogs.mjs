// How catalogs and price lists look through the Admin API, and the mutation that fixes prices.
import {catalogsOf} from './catalogs.mjs';
import {mutation} from './mutation.mjs';
import {pageById} from './paging.mjs';
import {FieldError} from './plan.mjs';
import {planOf} from './plans.mjs';
import {gid} from './store.mjs';

const PRICES_MOST = 250;
const idOf = record => gid(record.__typename, record.id);

function priceListFixedPricesAdd(args, {store, effect}) {
  if (args.prices.length > PRICES_MOST)
    throw new FieldError('MAX_INPUT_SIZE_EXCEEDED', `The input array size of ${args.prices.length} is greater than the maximum allowed of ${PRICES_MOST}.`);
  const made = store.perform('fixPrices', null, JSON.parse(JSON.stringify(args)));
  const {fixed} = store.get(made.priceListId);
  effect('priceListFixedPricesAdd', made.priceListId, {prices: made.variants.length});
  return made.variants.map(id => fixed.get(store.get(id).id));
}

function quantityPricingByVariantUpdate(args, {store, effect}) {
  if (!planOf(store).b2b)
    throw new FieldError('ACCESS_DENIED', 'Access denied for quantityPricingByVariantUpdate field. Required access: the shop requires B2B features enabled.');
  for (const [name, rows] of Object.entries(args.input))
    if (rows.length > PRICES_MOST)
      throw new FieldError('MAX_INPUT_SIZE_EXCEEDED', `The input array size of ${rows.length} is greater than the maximum allowed of ${PRICES_MOST}: ${name}.`);
  const made = store.perform('priceQuantities', null, JSON.parse(JSON.stringify(args)));
  effect('quantityPricingByVariantUpdate', made.priceListId, {variants: made.variants.length});
  return made.variants.map(id => store.get(id));
}

// ---- how they look -----------------------------------------------------------------------------

/** "status:ACTIVE", "company_id:'1'": what the app asks by. */
function answers(catalog, query) {
  return (query ?? '').split(/\s+/).filter(Boolean).every(term => {
    const [, name, value] = /^(status|id|title):'?"?([^'"]*)/.exec(term) ?? [];
    if (!name) throw new FieldError('NOT_SIMULATED', `catalogs by ${term} are not simulated`);
    return (name === 'id' ? catalog.id : catalog[name].toUpperCase()) === value.toUpperCase();
  });
}

const TYPES = {COMPANY_LOCATION: 'CompanyLocationCatalog', MARKET: 'MarketCatalog'};

export const CATALOG_ROOTS = {
  catalogs: (source, args, {store}) => {
    if (args.type && !TYPES[args.type]) throw new FieldError('NOT_SIMULATED', `catalogs of type ${args.type} are not simulated`);
    const rows = catalogsOf(store).filter(
      catalog => (!args.type || catalog.__typename === TYPES[args.type]) && answers(catalog, args.query),
    );
    return pageById(rows, args);
  },
  catalog: (source, {id}, {store}) => {
    const found = store.get(id);
    return found && TYPES_BY_NAME.has(found.__typename) ? found : null;
  },
  priceList: (source, {id}, {store}) => {
    const found = store.get(id);
    return found?.__typename === 'PriceList' ? found : null;
  },
};
const TYPES_BY_NAME = new Set(Object.values(TYPES));

const catalogType = {id: idOf, operations: () => []};

export const CATALOG_TYPES = {
  CompanyLocationCatalog: {
    ...catalogType,
    companyLocations: ({contexts}, args) => pageById(contexts, args),
    companyLocationsCount: ({contexts}) => ({count: contexts.length, precision: 'EXACT'}),
  },
  MarketCatalog: {
    ...catalogType,
    markets: ({contexts}, args) => pageById(contexts, args),
    marketsCount: ({contexts}) => ({count: contexts.length, precision: 'EXACT'}),
  },
  Market: {id: idOf, handle: ({name}) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-')},
  PriceList: {
    id: idOf,
    fixedPricesCount: ({fixed}) => fixed.size,
    prices: (list, {originType, ...args}) =>
      pageById(originType === 'RELATIVE' ? [] : [...list.fixed.values()].map(row => ({...row, list, id: row.variant.id})), args),
  },
  PriceListPrice: {
    quantityPriceBreaks: ({variant, list}, args) =>
      pageById((list.breaks?.get(variant.id) ?? []).map(row => ({...row, id: row.minimumQuantity})), args),
  },
};

const making = name => (args, {store, effect}) => {
  const made = store.perform(name, null, JSON.parse(JSON.stringify(args)));
  effect(name, idOf(made), {title: made.title ?? made.name});
  return made;
};

export const CATALOG_MUTATIONS = {
  catalogCreate: mutation('catalogCreate', {payload: 'catalog', scopes: ['write_products'], act: making('catalogCreate')}),
  priceListCreate: mutation('priceListCreate', {payload: 'priceList', scopes: ['write_products'], act: making('priceListCreate')}),
  priceListFixedPricesAdd: mutation('priceListFixedPricesAdd', {payload: 'prices', act: priceListFixedPricesAdd}),
  quantityPricingByVariantUpdate: mutation('quantityPricingByVariantUpdate', {
    payload: 'productVariants',
    scopes: ['write_products'],
    act: quantityPricingByVariantUpdate,
  }),
};
