// The roots that have a handler: reads by id and by search, and the few writes our work makes. Every other
// root of the schema answers NOT_SIMULATED.
import {pageOf} from './paging.mjs';
import {FieldError} from './plan.mjs';
import {compileSearch} from './search.mjs';
import {gid} from './store.mjs';
import {SUPPORTED} from './schema.mjs';
import {isoSeconds} from '../lib/clock.mjs';

// ---- searches ----------------------------------------------------------------------------------

const time = key => ({kind: 'time', of: entry => entry[key]});
const exact = key => ({kind: 'exact', of: entry => entry[key] ?? null});
const number = key => ({kind: 'number', of: entry => entry[key] ?? null});
const flag = key => ({kind: 'flag', of: entry => entry[key]});
const oneOf = of => ({kind: 'oneOf', of});
const tokens = of => ({kind: 'tokens', of});

const SEARCHES = {
  orders: {
    type: 'Order',
    sorts: {
      UPDATED_AT: 'updated_at',
      CREATED_AT: 'created_at',
      PROCESSED_AT: 'processed_at',
      ID: 'id',
      ORDER_NUMBER: 'number',
      TOTAL_PRICE: 'total',
    },
    words: entry => [entry.name, entry.email, entry.po, ...entry.tags],
    fields: {
      updated_at: time('updated_at'),
      created_at: time('created_at'),
      processed_at: time('processed_at'),
      name: exact('name'),
      email: exact('email'),
      id: number('id'),
      customer_id: number('customer'),
      test: flag('test'),
      financial_status: exact('financial'),
      fulfillment_status: exact('fulfillment'),
      status: oneOf(entry => [
        'any',
        entry.closed ? 'closed' : 'not_closed',
        entry.cancelled ? 'cancelled' : entry.closed ? 'closed' : 'open',
      ]),
      sku: tokens(entry => entry.skus),
      po_number: exact('po'),
      tag: oneOf(entry => entry.tags),
    },
  },
  products: {
    type: 'Product',
    sorts: {UPDATED_AT: 'updated_at', CREATED_AT: 'created_at', ID: 'id', TITLE: 'title'},
    words: entry => [entry.title, entry.handle, entry.vendor],
    fields: {
      updated_at: time('updated_at'),
      created_at: time('created_at'),
      id: number('id'),
      status: exact('status'),
      gift_card: flag('gift_card'),
      sku: tokens(entry => entry.skus),
      barcode: oneOf(entry => entry.barcodes.filter(Boolean)),
      title: exact('title'),
      handle: exact('handle'),
      vendor: exact('vendor'),
      tag: oneOf(entry => entry.tags),
    },
  },
  productVariants: {
    type: 'ProductVariant',
    sorts: {ID: 'id', TITLE: 'title', SKU: 'sku'},
    words: entry => [entry.title, ...entry.skus],
    fields: {
      updated_at: time('updated_at'),
      id: number('id'),
      product_id: number('product_id'),
      sku: tokens(entry => entry.skus),
      barcode: exact('barcode'),
      title: exact('title'),
      tag: oneOf(entry => entry.tags),
    },
  },
  customers: {
    type: 'Customer',
    sorts: {UPDATED_AT: 'updated_at', CREATED_AT: 'created_at', ID: 'id', NAME: 'last_name'},
    words: entry => [entry.first_name, entry.last_name, entry.email, entry.phone],
    fields: {
      updated_at: time('updated_at'),
      customer_date: time('created_at'),
      id: number('id'),
      email: exact('email'),
      phone: exact('phone'),
      first_name: exact('first_name'),
      last_name: exact('last_name'),
      tag: oneOf(entry => entry.tags),
    },
  },
};

const search = root => (source, args, context) => {
  const {type, sorts, words, fields} = SEARCHES[root];
  const key = sorts[args.sortKey];
  if (!key) throw new FieldError('NOT_SIMULATED', `${root} sorted by ${args.sortKey} is not simulated`);
  if (args.savedSearchId) throw new FieldError('NOT_SIMULATED', `${root} by savedSearchId is not simulated`);
  const filter = compileSearch(args.query, {fields, words, known: context.filters.get(root) ?? new Set()});
  if (filter.warnings.length)
    context.searches.push({path: [root], query: args.query, parsed: filter.parsed, warnings: filter.warnings});
  const visible =
    type === 'Order' ? entry => isInReach(entry.record, context) && filter.matches(entry) : filter.matches;
  const index = context.store.indexes[type];
  const rows = index.sortedBy(key).filter(visible);
  const {isBehind} = index;
  return pageOf(rows, args, {keyOf: row => row[key], idOf: row => row.id, toNode: row => row.record, isBehind});
};

/** The count of a search stops at its limit, and says so. */
const count = root => (source, args, context) => {
  const {type, words, fields} = SEARCHES[root];
  const filter = compileSearch(args.query, {fields, words, known: context.filters.get(root) ?? new Set()});
  if (filter.warnings.length)
    context.searches.push({
      path: [`${root}Count`],
      query: args.query,
      parsed: filter.parsed,
      warnings: filter.warnings,
    });
  const found = context.store.indexes[type].sortedBy('id').filter(filter.matches).length;
  const limit = args.limit ?? 10_000;
  return found > limit ? {count: limit, precision: 'AT_LEAST'} : {count: found, precision: 'EXACT'};
};

const SIXTY_DAYS = 60 * 86_400_000;

/** Without read_all_orders an app sees the orders of the last 60 days, and nothing tells it so. */
function isInReach(record, {store, token}) {
  if (record.__typename !== 'Order' || token.scopes.includes('read_all_orders')) return true;
  return Date.parse(record.createdAt) >= store.clock.business() - SIXTY_DAYS;
}

// ---- reads by id -------------------------------------------------------------------------------

/** A global id that makes no sense is an error; one that names nothing is null. */
function recordOf(id, type, context) {
  if (!/^gid:\/\/shopify\/[A-Za-z]+\/\d+(\?.*)?$/.test(id))
    throw new FieldError('RESOURCE_NOT_FOUND', `Invalid global id '${id}'`);
  const record = context.store.get(id);
  return record && (!type || record.__typename === type) && isInReach(record, context) ? record : null;
}

const byId =
  type =>
  (source, {id}, context) =>
    recordOf(id, type, context);

export const Query = {
  shop: (source, args, {store}) => store,
  currentAppInstallation: (source, args, {token}) => ({id: '900001', scopes: token.scopes}),
  publicApiVersions: () => SUPPORTED.map(handle => ({handle, displayName: handle, supported: true})),
  node: (source, {id}, context) => recordOf(id, null, context),
  nodes: (source, {ids}, context) => ids.map(id => recordOf(id, null, context)),
  order: byId('Order'),
  refund: byId('Refund'),
  product: byId('Product'),
  productVariant: byId('ProductVariant'),
  customer: byId('Customer'),
  orders: search('orders'),
  products: search('products'),
  productVariants: search('productVariants'),
  customers: search('customers'),
  ordersCount: count('orders'),
  customerByIdentifier: (source, {identifier}, {store}) =>
    one(
      store,
      'Customer',
      {
        id: customer => gid('Customer', customer.id) === identifier.id,
        emailAddress: customer => customer.email?.toLowerCase() === identifier.emailAddress?.toLowerCase(),
        phoneNumber: customer => digits(customer.phone) === digits(identifier.phoneNumber),
      },
      identifier,
    ),
  productByIdentifier: (source, {identifier}, {store}) =>
    one(
      store,
      'Product',
      {
        id: product => gid('Product', product.id) === identifier.id,
        handle: product => product.handle === identifier.handle,
      },
      identifier,
    ),
};

const digits = text => text?.replace(/\D/g, '');

/** Reads by identifier see the present, not the search index. */
function one(store, type, tests, identifier) {
  const [key] = Object.keys(identifier);
  if (!tests[key]) throw new FieldError('NOT_SIMULATED', `look-up of a ${type} by ${key} is not simulated`);
  for (const record of store.objects.values()) if (record.__typename === type && tests[key](record)) return record;
  return null;
}

// ---- writes ------------------------------------------------------------------------------------

/** userErrors instead of an exception: an unknown id is a business error of these mutations. */
function writing(type, payloadKey, act) {
  return (source, args, context) => {
    const id = args.input?.id ?? args.id;
    const record = context.store.get(id);
    if (!record || (type && record.__typename !== type))
      return {[payloadKey]: null, userErrors: [{field: ['id'], message: `${type ?? 'Resource'} does not exist`}]};
    const errors = act(record, args, context);
    return {[payloadKey]: errors?.length ? null : record, userErrors: errors ?? []};
  };
}

/** What orderUpdate can set here; the list of attributes replaces the old one. */
const UPDATES = {
  note: note => ({note}),
  email: email => ({email}),
  phone: phone => ({phone}),
  poNumber: poNumber => ({poNumber}),
  tags: tags => ({tags: sortedTags(tags)}),
  customAttributes: list => ({attributes: list.map(({key, value}) => ({key, value}))}),
};

const sortedTags = tags =>
  [
    ...new Set(
      tags
        .flatMap(tag => tag.split(','))
        .map(tag => tag.trim())
        .filter(Boolean),
    ),
  ].sort();

export const Mutation = {
  orderUpdate: writing('Order', 'order', (order, {input}, {store, effect}) => {
    const {id, ...rest} = input;
    const unknown = Object.keys(rest).find(key => !UPDATES[key]);
    if (unknown) throw new FieldError('NOT_SIMULATED', `orderUpdate of ${unknown} is not simulated`);
    store.change(order, Object.assign({}, ...Object.entries(rest).map(([key, value]) => UPDATES[key](value))));
    effect('orderUpdate', gid('Order', order.id), {name: order.name, input: rest});
  }),
  orderClose: writing('Order', 'order', (order, args, {store, effect}) => {
    if (order.closedAt === null) store.change(order, {closedAt: isoSeconds(store.clock.business())});
    effect('orderClose', gid('Order', order.id), {name: order.name});
  }),
  tagsAdd: writing(null, 'node', (record, {tags}, {store, effect}) => {
    const merged = sortedTags([...record.tags, ...tags]);
    if (merged.length !== record.tags.length) store.change(record, {tags: merged});
    effect('tagsAdd', gid(record.__typename, record.id), {tags});
  }),
};
