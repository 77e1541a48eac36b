// Catalogs for company locations and for markets, with their price lists: who sees which products, at which prices. A
// merchant makes them on the admin side; an app reads them and fixes prices.
import {archiveRefused, checkCatalog} from './plans.mjs';
import {Findings, Refusal} from './refusal.mjs';

const gid = (type, id) => `gid://shopify/${type}/${id}`;
const TITLE_LIMIT = 255;
const idOf = record => gid(record.__typename, record.id);

export const catalogsOf = store =>
  [...store.objects.values()].filter(({__typename}) => ['CompanyLocationCatalog', 'MarketCatalog'].includes(__typename));

// ---- what a merchant does ----------------------------------------------------------------------

function addNamed(store, type, fields) {
  const record = {__typename: type, id: store.nextId(type), ...fields};
  store.put(record);
  return record;
}

/** A market by name; {name, companies: true} = one whose condition is a set of company locations. */
const marketOf = form => ({name: form.name ?? form, isOfCompanies: form.companies ?? false});

/**
 * {title, currency, status?, locations?: [{name, company}] | markets?: [name or {name, companies}], published?: [product
 * ids]}. Without `currency` there is no price list, without `published` every product is in it. Nobody asks the plan.
 */
export function addCatalog(store, key, {title, currency, status = 'ACTIVE', locations, markets, published}) {
  const contexts = (locations ?? markets ?? []).map(form =>
    locations
      ? store.companyLocation(form)
      : addNamed(store, 'Market', marketOf(form)),
  );
  const catalog = addNamed(store, locations ? 'CompanyLocationCatalog' : 'MarketCatalog', {title, status, contexts});
  catalog.priceList = currency
    ? addNamed(store, 'PriceList', {name: `${title} prices`, currency, catalog, fixed: new Map()})
    : null;
  catalog.publication = published
    ? addNamed(store, 'Publication', {
        name: title,
        app: null,
        autoPublish: false,
        catalog,
        products: new Map(published.map(id => [store.get(gid('Product', id)), null])),
        collections: new Map(),
      })
    : null;
  return catalog;
}

function createCatalog(store, key, form) {
  const made = {__typename: form.locations ? 'CompanyLocationCatalog' : 'MarketCatalog', status: form.status ?? 'ACTIVE'};
  checkCatalog(store, {...made, contexts: (form.markets ?? []).map(marketOf)}, catalogsOf(store));
  return addCatalog(store, key, form);
}

/** {title?, status?, currency?, locked?}: another currency empties the list; `locked` refuses prices for now. */
function editCatalog(store, key, {currency, locked, ...fields}) {
  const catalog = store.get(key);
  if (fields.status) checkCatalog(store, {...catalog, ...fields}, catalogsOf(store).filter(other => other !== catalog));
  Object.assign(catalog, fields);
  if (locked !== undefined) catalog.priceList.locked = locked;
  if (currency && currency !== catalog.priceList.currency) {
    catalog.priceList.currency = currency;
    catalog.priceList.fixed.clear();
    catalog.priceList.breaks?.clear();
  }
  return catalog;
}

function deleteCatalog(store, key) {
  const catalog = store.get(key);
  for (const record of [catalog, catalog.priceList, catalog.publication]) if (record) store.objects.delete(idOf(record));
}

// ---- what an app does --------------------------------------------------------------------------

/** Prices of variants on a list; a variant that is named twice takes the last price. One bad row refuses them all. */
function fixPrices(store, key, {priceListId, prices}) {
  const list = store.get(priceListId);
  if (list?.__typename !== 'PriceList')
    throw new Refusal(['priceListId'], 'Price list does not exist.', 'PRICE_LIST_NOT_FOUND');
  if (list.locked) throw new Refusal(['priceListId'], 'The price list is locked by another operation.');
  const findings = new Findings();
  const rows = prices.map(({variantId, price, compareAtPrice = null}, i) => {
    const variant = store.get(variantId);
    if (variant?.__typename !== 'ProductVariant')
      findings.add(['prices', i, 'variantId'], 'Variant does not exist.', 'VARIANT_NOT_FOUND');
    for (const [name, money] of Object.entries({price, compareAtPrice})) {
      if (money && money.currencyCode !== list.currency)
        findings.add(
          ['prices', i, name, 'currencyCode'],
          'The specified currency does not match the price list\'s currency.',
          'PRICE_LIST_CURRENCY_MISMATCH',
        );
      if (money && Number(money.amount) < 0)
        findings.add(['prices', i, name, 'amount'], 'Price must be greater than or equal to 0.', 'BLANK');
    }
    return {variant, price, compareAtPrice, originType: 'FIXED'};
  });
  findings.end();
  for (const row of rows) list.fixed.set(row.variant.id, row);
  return {priceListId, variants: rows.map(({variant}) => idOf(variant))};
}

const BREAKS_MOST = 10; // of a variant

const alike = ({currency}, money) => !money || money.currencyCode === currency;

/**
 * {input: {pricesToAdd, quantityPriceBreaksToAdd, quantityPriceBreaksToDeleteByVariantId}}: breaks go first, then prices and
 * breaks come. One bad row refuses them all. A break wants a fixed price.
 */
function priceQuantities(store, key, {priceListId, input}) {
  const {pricesToAdd: prices = [], quantityPriceBreaksToAdd: added = [], quantityPriceBreaksToDeleteByVariantId: gone = [], ...rest} = input;
  const [other] = Object.entries(rest).find(([, rows]) => rows.length) ?? [];
  if (other) throw new Error(`QuantityPricingByVariantUpdateInput.${other} is not simulated`);
  const list = store.get(priceListId);
  if (list?.__typename !== 'PriceList') throw new Refusal(['priceListId'], 'Price list does not exist.', 'PRICE_LIST_NOT_FOUND');
  if (list.locked) throw new Refusal(['priceListId'], 'Something went wrong when trying to update quantity pricing. Please try again later.', 'GENERIC_ERROR');
  const findings = new Findings();
  const variantOf = (id, path, code) => {
    const variant = store.get(id);
    if (variant?.__typename === 'ProductVariant') return variant;
    return findings.add(['input', ...path], 'Variant does not exist.', code);
  };
  const seen = new Set();
  const fixed = prices.map(({variantId, price, compareAtPrice = null}, i) => {
    const path = ['pricesToAdd', i];
    const variant = variantOf(variantId, [...path, 'variantId'], 'PRICE_ADD_VARIANT_NOT_FOUND');
    if (seen.has(variantId)) findings.add(['input', ...path], 'Prices to add inputs must be unique by variant id.', 'PRICE_ADD_DUPLICATE_INPUT_FOR_VARIANT');
    seen.add(variantId);
    if (!alike(list, price) || !alike(list, compareAtPrice))
      findings.add(['input', ...path, 'price'], 'Price list and fixed price currency mismatch.', 'PRICE_ADD_CURRENCY_MISMATCH');
    return {variant, price, compareAtPrice, originType: 'FIXED'};
  });
  const without = new Set(gone.map((id, i) => variantOf(
    id, ['quantityPriceBreaksToDeleteByVariantId', i], 'QUANTITY_PRICE_BREAK_DELETE_BY_VARIANT_ID_VARIANT_NOT_FOUND')?.id));
  const after = new Map([...(list.breaks ?? [])].filter(([id]) => !without.has(id)).map(([id, rows]) => [id, [...rows]]));
  added.forEach(({variantId, minimumQuantity, price}, i) => {
    const path = ['quantityPriceBreaksToAdd', i];
    const fail = (name, message, code) => findings.add(['input', ...path, ...(name ? [name] : [])], message, `QUANTITY_PRICE_BREAK_ADD_${code}`);
    const variant = variantOf(variantId, [...path, 'variantId'], 'QUANTITY_PRICE_BREAK_ADD_VARIANT_NOT_FOUND');
    if (!variant) return;
    const rows = after.get(variant.id) ?? [];
    if (!alike(list, price)) fail('price', 'Price list and quantity price break currency mismatch.', 'CURRENCY_MISMATCH');
    if (minimumQuantity < 1) fail('minimumQuantity', 'Quantity price break minimum is less than the quantity rule minimum.', 'MIN_LOWER_THAN_QUANTITY_RULES_MIN');
    if (rows.some(row => row.minimumQuantity === minimumQuantity))
      fail(null, 'Quantity price breaks to add inputs must be unique by variant id and minimum quantity.', 'DUPLICATE_INPUT_FOR_VARIANT_AND_MIN');
    if (rows.length >= BREAKS_MOST) fail(null, 'Exceeded the allowed number of quantity price breaks per variant.', 'LIMIT_EXCEEDED');
    if (!list.fixed.has(variant.id) && !seen.has(variantId)) fail(null, 'Quantity price break\'s fixed price not found.', 'PRICE_LIST_PRICE_NOT_FOUND');
    after.set(variant.id, [...rows, {minimumQuantity, price, variant}]);
  });
  findings.end();
  for (const row of fixed) list.fixed.set(row.variant.id, row);
  list.breaks = new Map([...after].filter(([, rows]) => rows.length));
  return {priceListId, variants: [...new Set([...fixed, ...added.map(row => ({variant: store.get(row.variantId)}))].map(({variant}) => idOf(variant)))]};
}

/** {input}: a catalog for locations of companies; it has no price list yet, and every product. */
function catalogCreate(store, key, {input}) {
  const {title, status, context, ...rest} = input;
  if (Object.keys(rest).length) throw new Error(`CatalogCreateInput.${Object.keys(rest)[0]} is not simulated`);
  const findings = new Findings();
  if (!title.trim()) findings.add(['input', 'title'], 'Title can\'t be blank', 'BLANK');
  if (title.length > TITLE_LIMIT) findings.add(['input', 'title'], `Title is too long (maximum is ${TITLE_LIMIT} characters)`, 'TOO_LONG');
  const kinds = Object.entries(context).filter(([, ids]) => ids?.length);
  if (kinds.length !== 1)
    findings.add(['input', 'context'], 'Must provide exactly one context type.', 'MUST_PROVIDE_EXACTLY_ONE_CONTEXT_TYPE');
  else if (kinds[0][0] !== 'companyLocationIds') throw new Error('catalogs for markets are not made by apps here');
  const contexts = (context.companyLocationIds ?? []).map((id, i) => {
    const found = store.get(id);
    if (found?.__typename === 'CompanyLocation') return found;
    return findings.add(['input', 'context', 'companyLocationIds', i], 'Company location could not be found.', 'COMPANY_LOCATION_NOT_FOUND');
  });
  findings.end();
  const made = {__typename: 'CompanyLocationCatalog', title, status, contexts, priceList: null, publication: null};
  checkCatalog(store, made, catalogsOf(store));
  return addNamed(store, made.__typename, made);
}

/** {input}: a price list, of a catalog that has none. Its name is unique in the store. */
function priceListCreate(store, key, {input: {name, currency, parent, catalogId}}) {
  const findings = new Findings();
  const lists = [...store.objects.values()].filter(({__typename}) => __typename === 'PriceList');
  const catalog = catalogId && store.get(catalogId);
  if (!name.trim()) findings.add(['input', 'name'], 'Name can\'t be blank', 'BLANK');
  if (name.length > TITLE_LIMIT) findings.add(['input', 'name'], `Name is too long (maximum is ${TITLE_LIMIT} characters)`, 'TOO_LONG');
  if (lists.some(list => list.name === name)) findings.add(['input', 'name'], 'Name has already been taken', 'TAKEN');
  if (parent.adjustment.value < 0 || parent.adjustment.value > 100)
    findings.add(['input', 'parent', 'adjustment', 'value'], 'The adjustment value must be from 0 to 100.', 'INVALID_ADJUSTMENT_VALUE');
  if (catalogId && !catalogsOf(store).includes(catalog))
    findings.add(['input', 'catalogId'], 'Catalog does not exist.', 'CATALOG_DOES_NOT_EXIST');
  else if (catalog?.priceList) findings.add(['input', 'catalogId'], 'Catalog has already been taken', 'CATALOG_TAKEN');
  findings.end();
  const list = addNamed(store, 'PriceList', {name, currency, parent, catalog: catalog ?? null, fixed: new Map()});
  if (catalog) catalog.priceList = list;
  return list;
}

/** What the new plan does not allow is archived, and stays so when the store comes back to the old one. */
function changePlan(store, key, {plan}) {
  store.plan = plan;
  archiveRefused(store, catalogsOf(store));
}

export const CATALOG_ACTIONS = {changePlan, addCatalog: createCatalog, editCatalog, deleteCatalog, fixPrices, priceQuantities, catalogCreate, priceListCreate};
