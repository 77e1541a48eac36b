// How rows are shown: properties in page order, computed ones filled in, the etag over all that is
// visible, $select and $expand, and collections page by page.
import {createHash} from 'node:crypto';
import {ENTITIES, NO_ID} from './entities.mjs';
import {BcError} from './errors.mjs';
import {Num} from './json.mjs';
import {compare} from './odata/filter.mjs';
import {pictureRow, showPicture} from './pictures.mjs';
import {STOCK_CALCULATED} from './stock.mjs';
import {hasId, showValue, valueOf} from './values.mjs';

const localCode = (row, books) => row.currencyCode || books.setup.currency;
const CALCULATED = {
  customers: {
    currencyCode: localCode,
    taxAreaDisplayName: (row, books) => books.get('taxAreas', row.taxAreaId)?.displayName ?? '',
  },
  salesOrders: {currencyCode: localCode},
  salesInvoices: {
    currencyCode: localCode,
    orderId: (row, books) => (books.get('salesOrders', row.orderId) ? row.orderId : NO_ID), // gone with the order
  },
  salesCreditMemos: {currencyCode: localCode},
  salesQuotes: {currencyCode: localCode},
  vendors: {currencyCode: localCode},
  items: {
    categoryName: (row, books) => books.get('itemCategories', row.itemCategoryId)?.displayName ?? '',
    vendorName: (row, books) => books.find('vendors', 'number', row._vendorNumber ?? '')?.displayName ?? '',
  },
  itemStocks: STOCK_CALCULATED,
};

const etags = new WeakMap(); // rows are frozen, so a row has one etag for life on each page that shows it

/** A weak etag: a hash of what the page shows, opaque to clients. */
export function etagOf(row, entity) {
  if (!etags.has(row)) etags.set(row, new Map());
  const known = etags.get(row);
  if (!known.has(entity)) {
    const hash = createHash('sha256');
    for (const property of entity.properties) hash.update(`${property.name}=${valueOf(row, property)}\n`);
    known.set(entity, `W/"${Buffer.from(`'44;${hash.digest('base64')};1;00;'`).toString('base64')}"`);
  }
  return known.get(entity);
}

/** One row as a JSON object. */
export function showRow(row, entity, books, options = {}) {
  const shown = {'@odata.etag': etagOf(row, entity)};
  const calculated = CALCULATED[entity.source] ?? {};
  for (const property of entity.properties) {
    const {name} = property;
    if (options.select && !options.select.has(name)) continue;
    shown[name] = showValue(property, calculated[name] ? calculated[name](row, books) : valueOf(row, property));
  }
  for (const expand of options.expand ?? []) expandInto(shown, row, books, expand, entity.set);
  return shown;
}

function expandInto(shown, row, books, {name, target, options}, parentSet) {
  const entity = ENTITIES.get(target.set);
  if (target.set === 'pictures') {
    shown[name] = showPicture(pictureRow(books, parentSet, row.id), books, options);
  } else if (target.many) {
    const rows = select(books.view.where(books.company, entity.source, target.many, [row.id]), entity, options);
    if (options.count) shown[`${name}@odata.count`] = new Num(rows.length);
    const page = rows.slice(options.skip ?? 0, options.top === undefined ? undefined : (options.skip ?? 0) + options.top);
    shown[name] = page.map(child => showRow(child, entity, books, options));
  } else {
    const child = hasId(row[target.by]) ? books.view.get(books.company, entity.source, row[target.by]) : undefined;
    if (child) shown[name] = showRow(child, entity, books, options);
  }
}

/** Filters and sorts: by $orderby, then by the natural key. */
export function select(rows, entity, options) {
  const kept = options.filter ? rows.filter(options.filter.test) : [...rows];
  return kept.sort(order(entity, options));
}

function order(entity, options) {
  const keys = [...(options.orderBy ?? []), ...entity.keys.map(name => ({property: entity.byName.get(name), sign: 1}))];
  return (a, b) => {
    for (const {property, sign} of keys) {
      const difference = compare(property, valueOf(a, property), valueOf(b, property));
      if (difference !== 0) return difference * sign;
    }
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  };
}

/**
 * One page of a collection: {rows, count, next}. `next` holds what the next link changes: the token
 * (id of the last row shown) and what is left of $top.
 */
export function page(rows, entity, options, size, lookUp) {
  const all = select(rows, entity, options);
  let from = options.skip ?? 0;
  if (options.skipToken !== undefined) from = afterToken(all, entity, options, lookUp);
  const wanted = options.top ?? Infinity;
  const shown = all.slice(from, from + Math.min(size, wanted));
  const more = from + shown.length < all.length && shown.length < wanted;
  const next = more
    ? {skipToken: shown.at(-1).id, top: options.top === undefined ? undefined : options.top - shown.length}
    : null;
  return {rows: shown, count: all.length, next};
}

/** Where a listing goes on: behind the token's row, or behind its place if it no longer matches. */
function afterToken(all, entity, options, lookUp) {
  const last = lookUp(options.skipToken);
  if (!last) throw new BcError(400, 'SkipTokenIsNoLongerValid', 'The skip token is no longer valid. Start the listing again.');
  const by = order(entity, options);
  const at = all.findIndex(row => by(row, last) > 0);
  return at < 0 ? all.length : at;
}
