// One store: what it holds, read by id as it is now; what its search index knows, some seconds late; and
// the journal of all that has been done to it since it was made, repeated after a restart.
import {isoSeconds} from '../lib/clock.mjs';
import {ACTIONS} from './actions.mjs';
import {Catalogue, titleOf} from './catalogue.mjs';
import {Files} from './files.mjs';
import {closeFulfillmentOrders, routeOrder} from './fulfillment.mjs';
import {orderFrom} from './orders.mjs';
import {Metafields} from './metafields.mjs';
import {addCatalog, catalogsOf} from './catalogs.mjs';
import {addCompany, locationNamed} from './companies.mjs';
import {archiveRefused} from './plans.mjs';
import {CHANNELS, COLLECTIONS, addCollection, addPublication} from './publications.mjs';
import {payAtFirst} from './payments.mjs';
import {FieldError} from './plan.mjs';
import {accountOf} from './payouts.mjs';
import {empty} from './refunds.mjs';
import {Stock} from './stock.mjs';
import {takeStock} from './stock-orders.mjs';
import {LOCALES} from './translations.mjs';
import {reckon, returnStatusOf} from './totals.mjs';

const FIRST_NUMBER = 1001;
const FIRST_DAY = '2026-01-05T09:00:00Z'; // when a store opened
const FIRST_OWN_ID = 5_900_000_000_000; // orders placed on the admin side

/** Where the ids of what comes into being later begin; each kind counts for itself, so that a journal repeats them. */
const FIRST_IDS = {
  FulfillmentOrder: 6_100_000_000_000,
  FulfillmentOrderLineItem: 6_200_000_000_000,
  FulfillmentHold: 6_300_000_000_000,
  Fulfillment: 6_400_000_000_000,
  FulfillmentLineItem: 6_500_000_000_000,
  Return: 6_600_000_000_000,
  ReturnLineItem: 6_700_000_000_000,
  ExchangeLineItem: 6_710_000_000_000,
  ReverseFulfillmentOrder: 6_720_000_000_000,
  ReverseFulfillmentOrderLineItem: 6_730_000_000_000,
  ReverseFulfillmentOrderDisposition: 6_740_000_000_000,
  OrderTransaction: 7_700_000_000_000,
  Location: 70_100_000_000,
  Product: 9_100_000_000_000,
  Customer: 7_310_000_000_000,
  MailingAddress: 8_810_000_000_000,
  ProductOption: 11_100_000_000_000,
  ProductOptionValue: 14_100_000_000_000,
  ProductVariant: 51_100_000_000_000,
  InventoryItem: 53_100_000_000_000,
  InventoryAdjustmentGroup: 54_600_000_000_000,
  Metafield: 35_200_000_000_000,
  MetafieldDefinition: 80_300_000_000,
  MediaImage: 43_600_000_000_000,
  ProductSetOperation: 79_400_000_000,
  BasicEvent: 164_100_000_000_000,
  WebhookSubscription: 1_400_000_000_000,
  Publication: 82_000_000_000,
  AppCatalog: 31_000_000_000,
  App: 580_000,
  CompanyLocationCatalog: 32_000_000_000,
  MarketCatalog: 33_000_000_000,
  PriceList: 34_000_000_000,
  Company: 2_100_000_000,
  CompanyLocation: 2_200_000_000,
  CompanyContact: 2_300_000_000,
  CompanyContactRole: 2_500_000_000,
  CompanyContactRoleAssignment: 2_600_000_000,
  CompanyAddress: 2_700_000_000,
  Market: 2_300_000_000,
  Collection: 270_100_000_000,
  ShopifyPaymentsPayout: 110_000_000_000,
  ShopifyPaymentsBalanceTransaction: 3_300_000_000_000,
  ShopifyPaymentsDispute: 9_700_000_000,
};

export class Store {
  #journal = []; // [time, action, key, arguments]
  #nextIds = new Map();
  #seen = null; // what the action at hand has changed: global id → {record, kind}
  #at = null; // the time of what is being repeated, or of what a world says has happened

  constructor(identity, {clock, indexLag, mediaLag = 0, pagingDepth = 25_000, replayer = null, tell = () => {}}) {
    Object.assign(this, identity);
    this.fresh = () => new Store(identity, {clock, indexLag, mediaLag, pagingDepth, replayer, tell});
    this.tell = tell; // hears of what an action has changed: webhooks
    this.pagingDepth = pagingDepth;
    this.clock = clock;
    this.replayer = replayer;
    this.objects = new Map(); // gid → record
    this.indexes = Object.fromEntries(Object.keys(INDEXED).map(type => [type, new Index({clock, lag: indexLag})]));
    this.payments = accountOf(identity.id, identity.currency, identity.payments);
    this.nextNumber = FIRST_NUMBER;
    this.startedAt = isoSeconds(clock.business());
    this.isLoading = false; // while the journal of an earlier life is repeated
    this.catalogue = new Catalogue(this);
    this.stock = new Stock(this);
    this.metafields = new Metafields(this);
    this.files = new Files(this, {clock, lag: mediaLag});
    this.publications = [];
    this.collections = [];
    this.locales = identity.locales ?? LOCALES;
    this.events = [];
    this.during(FIRST_DAY, () => {
      for (const channel of identity.channels ?? CHANNELS) addPublication(this, channel);
      for (const form of identity.collections ?? COLLECTIONS) addCollection(this, form);
      for (const form of identity.companies ?? []) addCompany(this, null, form);
      for (const form of identity.catalogs ?? []) addCatalog(this, null, form);
      archiveRefused(this, catalogsOf(this));
    });
    this.locations = (identity.locations ?? []).map(form => this.#addLocation(form));
    this.usualStock = identity.usualStock ?? usualStock(this.locations);
    for (const product of identity.products) this.addProduct(product);
    for (const customer of identity.customers) this.addCustomer(customer);
    for (const form of identity.orders) this.addOrder(form);
    this.flushIndexes();
  }

  find = {
    variant: id => goodsOf(this.catalogue.variant(bareId(id))),
    sku: sku => goodsOf(this.catalogue.bySku(sku)),
    location: key => this.locationBy(key),
  };

  /** Business time, or that of what is being repeated. */
  now() {
    return this.#at ?? isoSeconds(this.clock.business());
  }

  nextId(type) {
    const n = this.#nextIds.get(type) ?? FIRST_IDS[type] + (Number(this.id) - 61_000_000_001) * 1_000_000_000;
    this.#nextIds.set(type, n + 1);
    return String(n);
  }

  #addLocation(form) {
    const location = {
      __typename: 'Location',
      isActive: true,
      fulfillsOnlineOrders: true,
      service: null,
      createdAt: FIRST_DAY,
      updatedAt: FIRST_DAY,
      ...form,
    };
    this.put(location);
    return location;
  }

  /** A fulfilment service comes with a location of its own; `clientId` is the app that runs it. */
  addService({name, clientId}) {
    const id = this.nextId('Location');
    const service = {handle: name.toLowerCase().replace(/[^a-z0-9]+/g, '-'), name, clientId, id};
    const now = this.now();
    const location = this.#addLocation({id, name, service, createdAt: now, updatedAt: now});
    this.locations.push(location);
    return location;
  }

  /** By id, global id or name. */
  locationBy(key) {
    const found = this.locations.find(location => location.id === bareId(key) || location.name === key);
    if (!found) throw new Error(`location: this store has no location ${key}`);
    return found;
  }

  /** {name, company}: of a company by its name; what is not there is made. */
  companyLocation(form) {
    return locationNamed(this, form);
  }

  addProduct(form) {
    return this.catalogue.addForm(form);
  }

  addCustomer(form) {
    const addresses = form.addresses.map((address, i) => ({
      __typename: 'MailingAddress',
      id: `${form.id}${i + 1}`,
      ...address,
    }));
    const now = this.now();
    const times = {createdAt: now, updatedAt: now};
    this.put({__typename: 'Customer', tags: [], note: null, ...times, ...form, addresses});
  }

  /** Adds an order in its simple form; answers the record. */
  addOrder(form) {
    const number = this.nextNumber;
    const id = form.id ?? String(FIRST_OWN_ID + number);
    if (this.objects.has(gid('Order', id))) throw new Error(`id: order ${id} exists`);
    if (form.customer && !this.objects.has(gid('Customer', form.customer)))
      throw new Error(`customer: no customer ${form.customer} in this store`);
    const order = orderFrom(form, {
      id,
      number,
      name: `#${number}`,
      now: this.now(),
      store: this,
    });
    payAtFirst(this, order, form);
    order.originalTotal = order.totals.total;
    routeOrder(this, order, form);
    this.nextNumber++;
    for (const line of order.lines) this.put(line);
    this.put(order);
    if (order.cancelledAt) this.#leaveEmpty(order);
    else this.during(order.updatedAt, () => takeStock(this, order));
    try {
      this.#live(order, form);
    } catch (error) {
      this.#forget(order);
      throw error;
    }
    return order;
  }

  /** What happened to an order between its placing and now. */
  #live(order, {refunds = [], history = []}) {
    const key = gid('Order', order.id);
    for (const entry of refunds) this.during(entry.createdAt, () => ACTIONS.refund(this, key, entry));
    for (const {do: action, at, ...args} of history) {
      if (!ACTIONS[action]) throw new Error(`history: no action ${action}`);
      this.during(at ?? order.createdAt, () => ACTIONS[action](this, key, args));
    }
  }

  /** An order whose history does not hold together was never placed. */
  #forget(order) {
    for (const [key, record] of this.objects)
      if (record === order || record.order === order || record.return?.order === order) {
        this.objects.delete(key);
        this.indexes[record.__typename]?.drop(Number(record.id));
      }
  }

  /** An order that comes cancelled has nothing left and no record of how. */
  #leaveEmpty(order) {
    empty(order);
    if (order.totals.received[0] === 0) order.isVoid = true;
    closeFulfillmentOrders(this, order, order.cancelledAt);
    reckon(order);
    this.#index(order);
  }

  /** Does something as if it were another time: what a world says has happened before it begins. */
  during(at, act) {
    const before = this.#at;
    this.#at = at;
    try {
      return act();
    } finally {
      this.#at = before;
    }
  }

  /** Something that a replayed file says, at its own time. */
  replayed(action, orderId, form) {
    return this.during(form.createdAt, () => ACTIONS[action](this, gid('Order', orderId), form));
  }

  ordersByName(name) {
    return [...this.objects.values()].filter(record => record.__typename === 'Order' && record.name === name);
  }

  get(id) {
    if (String(id).startsWith(LEVELS)) return this.stock.level(id);
    return this.objects.get(bareGid(id)) ?? null;
  }

  /** Changes fields of a record; `updatedAt` moves to now and never backwards. */
  change(record, fields) {
    Object.assign(record, fields, {updatedAt: laterOf(record.updatedAt, this.now())});
    this.note(record, 'changed');
    this.#index(record);
  }

  put(record) {
    this.note(record, this.objects.has(gid(record.__typename, record.id)) ? 'changed' : 'created');
    this.objects.set(gid(record.__typename, record.id), record);
    this.#index(record);
  }

  drop(record) {
    this.note(record, 'deleted');
    this.objects.delete(gid(record.__typename, record.id));
    this.indexes[record.__typename]?.drop(Number(record.id));
  }

  /** The action at hand has changed this; what came and went within it was never there. */
  note(record, kind) {
    const key = gid(record.__typename, record.id);
    const before = this.#seen?.get(key)?.kind;
    if (before === 'created' && kind === 'deleted') this.#seen.delete(key);
    else if (before !== 'created') this.#seen?.set(key, {record, kind});
  }

  /** What was deleted leaves an event behind, and nothing else. */
  tellGone({__typename, id}) {
    this.events.push({
      __typename: 'BasicEvent',
      id: this.nextId('BasicEvent'),
      action: 'destroy',
      subjectType: __typename === 'Product' ? 'PRODUCT' : 'PRODUCT_VARIANT',
      subjectId: gid(__typename, id),
      createdAt: this.now(),
    });
  }

  /** The answer to a call that would make more new variants than the shop may have in a day. */
  tooManyVariants() {
    return new FieldError('VARIANT_THROTTLE_EXCEEDED', 'Daily variant creation limit reached. Please try again later.');
  }

  #index(record) {
    this.indexes[record.__typename]?.put(INDEXED[record.__typename](record));
  }

  /** Lets searches see everything that happened (a jump of business time leaves the lag behind). */
  flushIndexes() {
    for (const index of Object.values(this.indexes)) index.flush();
  }

  // ---- what is done to it, and repeated after a restart -----------------------------------------

  /** Does something of the table ACTIONS to the record `key` (a global id); what throws has changed nothing. */
  perform(action, key, args = {}) {
    const at = this.now();
    const [ids, number] = [new Map(this.#nextIds), this.nextNumber];
    this.#seen = new Map();
    try {
      const result = this.during(at, () => ACTIONS[action](this, key, args)); // one time for all it does, now and when repeated
      this.#journal.push([at, action, key, args]);
      this.tell({store: this, action, key, changes: [...this.#seen.values()]});
      return result;
    } catch (error) {
      // what is refused does not count: the journal repeats only what happened, with the same ids
      this.#nextIds = ids;
      this.nextNumber = number;
      throw error;
    } finally {
      this.#seen = null;
    }
  }

  save() {
    return {journal: this.#journal, plan: this.plan};
  }

  /** Repeats what an earlier life did on the same seed. */
  load(saved) {
    if (!saved.journal) throw new Error('the state file is of an older sandbox; delete it to start over');
    this.isLoading = true;
    for (const [at, action, key, args] of saved.journal) {
      this.during(at, () => ACTIONS[action](this, key, args));
      this.#journal.push([at, action, key, args]);
    }
    this.isLoading = false;
    this.plan = saved.plan;
    this.flushIndexes();
  }
}

export const gid = (type, id) => `gid://shopify/${type}/${id}`;
const bareId = text => String(text).split('?')[0].split('/').at(-1);
const bareGid = text => String(text).split('?')[0];
const LEVELS = 'gid://shopify/InventoryLevel/';
const laterOf = (a, b) => (a > b ? a : b);
const goodsOf = variant => variant && {variant, product: variant.product};

/** What lies at the merchant's own places when a world says nothing of it: plenty at the first, some at the second. */
function usualStock(locations) {
  const own = locations.filter(location => location.isActive && !location.service);
  return Object.fromEntries(own.slice(0, 2).map((location, i) => [location.id, i === 0 ? 250 : 40]));
}

/** What the search index keeps of a record. */
const INDEXED = {
  Order: order => ({
    record: order,
    id: Number(order.id),
    updated_at: order.updatedAt,
    created_at: order.createdAt,
    processed_at: order.processedAt,
    name: order.name,
    number: order.number,
    email: order.email,
    test: order.test,
    tags: order.tags,
    financial: order.financialStatus,
    fulfillment: order.fulfillmentStatus,
    cancelled: order.cancelledAt !== null,
    closed: order.closedAt !== null,
    customer: order.customer,
    po: order.poNumber,
    skus: order.lines.map(line => line.sku),
    return_status: returnStatusOf(order).toLowerCase(),
    total: order.totals.total[0],
  }),
  Product: product => ({
    record: product,
    id: Number(product.id),
    updated_at: product.updatedAt,
    created_at: product.createdAt,
    title: product.title,
    status: product.status,
    gift_card: product.isGiftCard,
    skus: product.variants.map(variant => variant.sku),
    barcodes: product.variants.map(variant => variant.barcode),
    vendor: product.vendor,
    product_type: product.productType,
    handle: product.handle,
    tags: product.tags,
  }),
  ProductVariant: variant => ({
    record: variant,
    id: Number(variant.id),
    updated_at: variant.updatedAt,
    title: titleOf(variant),
    sku: variant.sku ?? '',
    skus: [variant.sku],
    barcode: variant.barcode,
    product_id: variant.product.id,
    tags: variant.product.tags,
  }),
  InventoryItem: item => ({
    record: item,
    id: Number(item.id),
    updated_at: item.updatedAt,
    created_at: item.createdAt,
    skus: [item.variant.sku],
  }),
  Collection: collection => ({
    record: collection,
    id: Number(collection.id),
    updated_at: collection.updatedAt,
    title: collection.title,
    handle: collection.handle,
    collection_type: collection.isSmart ? 'smart' : 'custom',
  }),
  MediaImage: file => ({
    record: file,
    id: Number(file.id),
    updated_at: file.updatedAt,
    created_at: file.createdAt,
    filename: file.filename,
  }),
  Customer: customer => ({
    record: customer,
    id: Number(customer.id),
    updated_at: customer.updatedAt,
    created_at: customer.createdAt,
    email: customer.email,
    phone: customer.phone,
    first_name: customer.firstName,
    last_name: customer.lastName,
    tags: customer.tags,
  }),
  Company: company => ({
    record: company,
    id: Number(company.id),
    updated_at: company.updatedAt,
    created_at: company.createdAt,
    name: company.name,
    external_id: company.externalId,
  }),
  CompanyLocation: location => ({
    record: location,
    id: Number(location.id),
    updated_at: location.updatedAt,
    created_at: location.createdAt,
    name: location.name,
    external_id: location.externalId,
    company_id: location.company.id,
  }),
  FulfillmentOrder: fo => ({
    record: fo,
    id: Number(fo.id),
    updated_at: fo.updatedAt,
    created_at: fo.createdAt,
    status: fo.status,
    assigned_location_id: fo.location.id,
    fulfill_at: fo.fulfillAt,
  }),
  ShopifyPaymentsPayout: payout => ({
    record: payout,
    id: Number(payout.id),
    issued_at: payout.issuedAt,
    status: payout.status,
    currency: payout.currency,
  }),
  ShopifyPaymentsBalanceTransaction: line => ({
    record: line,
    id: Number(line.id),
    processed_at: line.transactionDate,
    payments_transfer_id: line.payout?.id ?? null,
    payout_status: line.payout?.status ?? 'PENDING',
    transaction_type: line.type,
    currency: line.currency,
    test: line.test,
  }),
  ShopifyPaymentsDispute: dispute => ({
    record: dispute,
    id: Number(dispute.id),
    initiated_at: dispute.initiatedAt,
    status: dispute.status,
  }),
  Location: location => ({
    record: location,
    id: Number(location.id),
    name: location.name,
    created_at: location.createdAt,
    active: location.isActive,
    legacy: location.service !== null,
  }),
};

/** The search index of one type: entries appear `lag` milliseconds of bucket time after the change. */
class Index {
  #entries = new Map();
  #pending = [];
  #sorted = new Map();

  constructor({clock, lag}) {
    this.clock = clock;
    this.lag = lag;
  }

  put(entry) {
    this.#pending.push({due: this.clock.bucketMs() + this.lag, entry});
  }

  drop(id) {
    this.#pending = this.#pending.filter(({entry}) => entry.id !== id);
    this.#entries.delete(id);
    this.#sorted.clear();
  }

  flush() {
    this.#apply(this.#pending.splice(0));
  }

  #apply(rows) {
    if (!rows.length) return;
    for (const {entry} of rows) this.#entries.set(entry.id, entry);
    this.#sorted.clear();
  }

  /** Whether changes are on their way that searches do not see yet. */
  get isBehind() {
    return this.#pending.length > 0;
  }

  /** All entries that searches may see now, ordered by `key` and then by id. */
  sortedBy(key) {
    const now = this.clock.bucketMs();
    let due = 0;
    while (due < this.#pending.length && this.#pending[due].due <= now) due++;
    this.#apply(this.#pending.splice(0, due));
    let list = this.#sorted.get(key);
    if (!list) {
      list = [...this.#entries.values()].sort((a, b) => compare(a[key], b[key]) || a.id - b.id);
      this.#sorted.set(key, list);
    }
    return list;
  }
}

export const compare = (a, b) => (a === b ? 0 : (a ?? '') < (b ?? '') ? -1 : 1);
