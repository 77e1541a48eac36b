// The reading roots that have a handler, by id and by search; the writing ones stand in mutations.mjs. Every
// other root of the schema answers NOT_SIMULATED.
import {CATALOG_ROOTS} from './types-catalogs.mjs';
import {WEBHOOK_ROOTS} from './webhook-input.mjs';
import {fullNamespace} from './metafields.mjs';
import {pageById, pageOf} from './paging.mjs';
import {TERMS} from './payment-terms.mjs';
import {FieldError} from './plan.mjs';
import {compileSearch} from './search.mjs';
import {compare, gid} from './store.mjs';
import {SUPPORTED} from './schema.mjs';
import {maySee} from './fulfillment.mjs';
import {isTranslatable, resourceOf} from './translations.mjs';

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
      return_status: exact('return_status'),
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
      product_type: exact('product_type'),
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
  collections: {
    type: 'Collection',
    sorts: {ID: 'id', TITLE: 'title', UPDATED_AT: 'updated_at'},
    words: entry => [entry.title],
    fields: {
      updated_at: time('updated_at'),
      id: number('id'),
      title: exact('title'),
      handle: exact('handle'),
      collection_type: exact('collection_type'),
    },
  },
  files: {
    type: 'MediaImage',
    sorts: {ID: 'id', CREATED_AT: 'created_at', UPDATED_AT: 'updated_at', FILENAME: 'filename'},
    words: entry => [entry.filename],
    fields: {
      updated_at: time('updated_at'),
      created_at: time('created_at'),
      id: number('id'),
      filename: exact('filename'),
      media_type: oneOf(() => ['image']),
    },
  },
  inventoryItems: {
    type: 'InventoryItem',
    sorts: {},
    words: entry => entry.skus,
    fields: {
      updated_at: time('updated_at'),
      created_at: time('created_at'),
      id: number('id'),
      sku: tokens(entry => entry.skus),
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
  companies: {
    type: 'Company',
    sorts: {UPDATED_AT: 'updated_at', CREATED_AT: 'created_at', ID: 'id', NAME: 'name'},
    words: entry => [entry.name, entry.external_id],
    fields: {
      updated_at: time('updated_at'),
      created_at: time('created_at'),
      id: number('id'),
      name: exact('name'),
      external_id: exact('external_id'),
    },
  },
  companyLocations: {
    type: 'CompanyLocation',
    sorts: {UPDATED_AT: 'updated_at', CREATED_AT: 'created_at', ID: 'id', NAME: 'name'},
    words: entry => [entry.name, entry.external_id],
    fields: {
      updated_at: time('updated_at'),
      created_at: time('created_at'),
      id: number('id'),
      name: exact('name'),
      external_id: exact('external_id'),
      company_id: number('company_id'),
    },
  },
  fulfillmentOrders: {
    type: 'FulfillmentOrder',
    sorts: {ID: 'id', UPDATED_AT: 'updated_at', CREATED_AT: 'created_at', FULFILL_AT: 'fulfill_at'},
    words: () => [],
    fields: {
      updated_at: time('updated_at'),
      id: number('id'),
      status: exact('status'),
      assigned_location_id: number('assigned_location_id'),
    },
    isVisible: (entry, args, {token}) =>
      maySee(entry.record, token) && (args.includeClosed || entry.status !== 'CLOSED'),
  },
  locations: {
    type: 'Location',
    sorts: {ID: 'id', NAME: 'name'},
    words: entry => [entry.name],
    fields: {
      id: number('id'),
      location_id: number('id'),
      name: exact('name'),
      active: flag('active'),
      legacy: flag('legacy'),
      created_at: time('created_at'),
    },
    isVisible: (entry, args) => (args.includeInactive || entry.active) && (args.includeLegacy || !entry.legacy),
  },
};

const PAYMENTS = {
  payouts: {
    type: 'ShopifyPaymentsPayout',
    sorts: {ID: 'id', ISSUED_AT: 'issued_at', STATUS: 'status'},
    words: () => [],
    fields: {id: number('id'), issued_at: time('issued_at'), status: exact('status'), currency: exact('currency')},
    isVisible: (entry, {transactionType}) =>
      !transactionType || transactionType === (entry.record.net < 0 ? 'WITHDRAWAL' : 'DEPOSIT'),
  },
  balanceTransactions: {
    type: 'ShopifyPaymentsBalanceTransaction',
    sorts: {ID: 'id', PROCESSED_AT: 'processed_at', TRANSACTION_TYPE: 'transaction_type'},
    words: () => [],
    fields: {
      id: number('id'),
      processed_at: time('processed_at'),
      payments_transfer_id: number('payments_transfer_id'),
      payout_status: exact('payout_status'),
      transaction_type: exact('transaction_type'),
      currency: exact('currency'),
    },
    isVisible: (entry, {hideTransfers}) => !hideTransfers || entry.transaction_type !== 'TRANSFER',
  },
  disputes: {
    type: 'ShopifyPaymentsDispute',
    sorts: {ID: 'id'},
    words: () => [],
    fields: {id: number('id'), initiated_at: time('initiated_at'), status: exact('status')},
  },
};
Object.assign(SEARCHES, PAYMENTS);

const search = root => (source, args, context) => {
  const {type, sorts, words, fields, isVisible = () => true} = SEARCHES[root];
  const key = args.sortKey === undefined ? 'id' : sorts[args.sortKey];
  if (!key) throw new FieldError('NOT_SIMULATED', `${root} sorted by ${args.sortKey} is not simulated`);
  if (args.savedSearchId) throw new FieldError('NOT_SIMULATED', `${root} by savedSearchId is not simulated`);
  const filter = compileSearch(args.query, {fields, words, known: context.filters.get(root) ?? new Set()});
  if (filter.warnings.length)
    context.searches.push({path: [root], query: args.query, parsed: filter.parsed, warnings: filter.warnings});
  const index = context.store.indexes[type];
  const rows = index
    .sortedBy(key)
    .filter(entry => isInReach(entry.record, context) && isVisible(entry, args, context) && filter.matches(entry));
  const {isBehind} = index;
  const depth = context.inBulk ? Infinity : context.store.pagingDepth;
  return pageOf(rows, args, {keyOf: row => row[key], idOf: row => row.id, toNode: row => row.record, isBehind, depth});
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
  const limit = args.limit === null ? Infinity : (args.limit ?? 10_000);
  return found > limit ? {count: limit, precision: 'AT_LEAST'} : {count: found, precision: 'EXACT'};
};

const SIXTY_DAYS = 60 * 86_400_000;

/** Without read_all_orders an app sees the orders of the last 60 days, and nothing tells it so. */
function isInReach(record, {store, token}) {
  if (record.__typename === 'FulfillmentOrder') return maySee(record, token);
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

/** What stands in line at the locations of this app's own fulfilment services. */
function assignedFulfillmentOrders(source, args, context) {
  const {store, token} = context;
  const key = SEARCHES.fulfillmentOrders.sorts[args.sortKey];
  const wanted = ASSIGNMENTS[args.assignmentStatus] ?? (fo => fo.status !== 'CLOSED');
  const rows = store.indexes.FulfillmentOrder.sortedBy(key).filter(
    ({record: fo}) =>
      fo.location.service?.clientId === token.clientId &&
      wanted(fo) &&
      (!args.locationIds || args.locationIds.includes(gid('Location', fo.location.id))),
  );
  return pageOf(rows, args, {keyOf: row => row[key], idOf: row => row.id, toNode: row => row.record});
}

/** The definitions of one owner type, by namespace and key. */
function metafieldDefinitions(source, {ownerType, namespace, key, query, ...args}, {store}) {
  if (query) throw new FieldError('NOT_SIMULATED', 'metafieldDefinitions by query are not simulated');
  const rows = store.metafields
    .definitionsOf(ownerType)
    .filter(row => (!namespace || row.namespace === fullNamespace(namespace)) && (!key || row.key === key));
  return pageById(rows, args);
}

/** What became of records that are gone; read as it is now. */
function events(source, args, {store, filters, searches}) {
  const filter = compileSearch(args.query, {
    fields: EVENT_FIELDS,
    words: () => [],
    known: filters.get('events') ?? new Set(),
  });
  if (filter.warnings.length)
    searches.push({path: ['events'], query: args.query, parsed: filter.parsed, warnings: filter.warnings});
  return pageById(store.events.filter(filter.matches), args);
}

const EVENT_FIELDS = {
  id: number('id'),
  action: {kind: 'exact', of: event => event.action},
  subject_type: {kind: 'exact', of: event => event.subjectType},
  created_at: time('createdAt'),
};

/** The bulk operations of this app; they are few, and searched as they are now. */
function bulkOperations(source, args, {bulk, store, token, filters, searches}) {
  const filter = compileSearch(args.query, {
    fields: BULK_FIELDS,
    words: () => [],
    known: filters.get('bulkOperations') ?? new Set(),
  });
  if (filter.warnings.length)
    searches.push({path: ['bulkOperations'], query: args.query, parsed: filter.parsed, warnings: filter.warnings});
  const key = {CREATED_AT: 'createdAt', COMPLETED_AT: 'completedAt'}[args.sortKey] ?? 'createdAt';
  const rows = bulk
    .of(store, token)
    .filter(filter.matches)
    .sort((a, b) => compare(a[key], b[key]) || a.id - b.id);
  return pageOf(rows, args, {keyOf: row => row[key], idOf: row => Number(row.id)});
}

const BULK_FIELDS = {
  id: number('id'),
  status: {kind: 'exact', of: entry => entry.status.toLowerCase()},
  operation_type: {kind: 'exact', of: entry => entry.type.toLowerCase()},
  created_at: time('createdAt'),
};

const ASSIGNMENTS = {
  FULFILLMENT_REQUESTED: fo => fo.requestStatus === 'SUBMITTED' && fo.status !== 'CLOSED',
  FULFILLMENT_ACCEPTED: fo => fo.requestStatus === 'ACCEPTED',
  FULFILLMENT_UNSUBMITTED: fo => fo.requestStatus === 'UNSUBMITTED' && fo.status !== 'CLOSED',
  CANCELLATION_REQUESTED: fo => fo.requestStatus === 'CANCELLATION_REQUESTED',
};

const NO_ROWS = {keyOf: () => 0, idOf: () => 0};

/** The lists of the account itself. */
export const ACCOUNT_LISTS = Object.fromEntries(Object.keys(PAYMENTS).map(root => [root, search(root)]));

export const Query = {
  shop: (source, args, {store}) => store,
  currentAppInstallation: (source, args, {token}) => ({id: '900001', scopes: token.scopes}),
  publicApiVersions: () => SUPPORTED.map(handle => ({handle, displayName: handle, supported: true})),
  node: (source, {id}, context) => recordOf(id, null, context),
  nodes: (source, {ids}, context) => ids.map(id => recordOf(id, null, context)),
  order: byId('Order'),
  refund: byId('Refund'),
  return: byId('Return'),
  product: byId('Product'),
  productVariant: byId('ProductVariant'),
  customer: byId('Customer'),
  fulfillmentOrder: byId('FulfillmentOrder'),
  fulfillment: byId('Fulfillment'),
  inventoryItem: byId('InventoryItem'),
  inventoryLevel: byId('InventoryLevel'),
  inventoryItems: search('inventoryItems'),
  productOperation: byId('ProductSetOperation'),
  metafieldDefinitions,
  collection: byId('Collection'),
  collections: search('collections'),
  files: search('files'),
  publication: byId('Publication'),
  publications: (source, args, {store}) =>
    pageById(args.catalogType && args.catalogType !== 'APP' ? [] : store.publications, args),
  shopLocales: (source, {published}, {store}) => store.locales.filter(entry => !published || entry.published),
  translatableResource: (source, {resourceId}, {store}) => {
    const record = store.get(resourceId);
    return isTranslatable(record) ? resourceOf(record) : null;
  },
  translatableResourcesByIds: (source, {resourceIds, ...args}, {store}) => {
    const rows = resourceIds.map(id => store.get(id)).filter(isTranslatable);
    return pageById(
      rows.map(record => ({...resourceOf(record), id: record.id})),
      args,
    );
  },
  location: (source, {id}, context) => (id ? recordOf(id, 'Location', context) : context.store.locations[0]),
  fulfillmentOrders: search('fulfillmentOrders'),
  locations: search('locations'),
  assignedFulfillmentOrders,
  bulkOperation: byId('BulkOperation'),
  bulkOperations,
  events,
  orders: search('orders'),
  products: search('products'),
  productVariants: search('productVariants'),
  customers: search('customers'),
  shopifyPaymentsAccount: (source, args, {store}) => store.payments,
  dispute: byId('ShopifyPaymentsDispute'),
  disputes: (source, args, context) =>
    context.store.payments ? search('disputes')(source, args, context) : pageOf([], args, NO_ROWS),
  ordersCount: count('orders'),
  customerByIdentifier: (source, {identifier}, {store}) =>
    identifier.customId
      ? store.metafields.byCustomId('CUSTOMER', identifier.customId)
      : one(
          store,
          'Customer',
          {
            id: customer => gid('Customer', customer.id) === identifier.id,
            emailAddress: customer => customer.email?.toLowerCase() === identifier.emailAddress?.toLowerCase(),
            phoneNumber: customer => digits(customer.phone) === digits(identifier.phoneNumber),
          },
          identifier,
        ),
  productByIdentifier: (source, {identifier}, {store}) => {
    if (identifier.customId) return store.metafields.byCustomId('PRODUCT', identifier.customId);
    if (identifier.handle) return store.catalogue.byHandle(identifier.handle);
    const found = store.get(identifier.id);
    return found?.__typename === 'Product' ? found : null;
  },
  productVariantByIdentifier: (source, {identifier}, {store}) => {
    if (identifier.customId) return store.metafields.byCustomId('PRODUCTVARIANT', identifier.customId);
    const found = store.get(identifier.id);
    return found?.__typename === 'ProductVariant' ? found : null;
  },
  productsCount: count('products'),
  company: byId('Company'),
  companies: search('companies'),
  companiesCount: count('companies'),
  companyLocation: byId('CompanyLocation'),
  companyLocations: search('companyLocations'),
  companyContact: byId('CompanyContact'),
  companyContactRole: byId('CompanyContactRole'),
  paymentTermsTemplates: (source, {paymentTermsType}) =>
    TERMS.filter(row => !paymentTermsType || row.paymentTermsType === paymentTermsType),
  ...CATALOG_ROOTS,
  ...WEBHOOK_ROOTS,
};

const digits = text => text?.replace(/\D/g, '');

/** Reads by identifier see the present, not the search index. */
function one(store, type, tests, identifier) {
  const [key] = Object.keys(identifier);
  if (!tests[key]) throw new FieldError('NOT_SIMULATED', `look-up of a ${type} by ${key} is not simulated`);
  for (const record of store.objects.values()) if (record.__typename === type && tests[key](record)) return record;
  return null;
}
