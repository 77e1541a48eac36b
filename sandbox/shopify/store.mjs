// One store: what it holds, read by id as it is now; what its search index knows, some seconds late; and
// what has been changed since it was made, to be kept across restarts.
import {isoSeconds} from '../lib/clock.mjs';
import {applyRefund, cancelLines, orderFrom} from './orders.mjs';

const FIRST_NUMBER = 1001;
const FIRST_OWN_ID = 5_900_000_000_000; // orders placed on the admin side

export class Store {
  #variants = new Map();
  #skus = new Map();
  #placed = []; // orders placed on the admin side, in their simple form
  #patches = new Map(); // gid → fields changed since
  #refunds = []; // [order id, refund form]
  #cancelled = [];
  #added = []; // [type, form] of products and customers

  constructor(identity, {clock, indexLag}) {
    Object.assign(this, identity);
    this.fresh = () => new Store(identity, {clock, indexLag});
    this.clock = clock;
    this.objects = new Map(); // gid → record
    this.indexes = Object.fromEntries(
      ['Order', 'Product', 'ProductVariant', 'Customer'].map(type => [type, new Index({clock, lag: indexLag})]),
    );
    this.nextNumber = FIRST_NUMBER;
    this.startedAt = isoSeconds(clock.business());
    for (const product of identity.products) this.addProduct(product);
    for (const customer of identity.customers) this.addCustomer(customer);
    for (const form of identity.orders) this.addOrder(form);
    this.flushIndexes();
  }

  find = {variant: id => this.#variants.get(bareId(id)) ?? null, sku: sku => this.#skus.get(sku) ?? null};

  addProduct(form) {
    const {variants, ...rest} = form;
    const product = {__typename: 'Product', tags: [], ...rest, variants: []};
    variants.forEach((row, i) => {
      const variant = {
        __typename: 'ProductVariant',
        position: i + 1,
        createdAt: form.createdAt,
        updatedAt: form.updatedAt,
        ...row,
        product,
      };
      product.variants.push(variant);
      this.#variants.set(variant.id, {variant, product});
      if (variant.sku) this.#skus.set(variant.sku, {variant, product});
      this.#put(variant);
    });
    this.#put(product);
  }

  addCustomer(form) {
    const addresses = form.addresses.map((address, i) => ({
      __typename: 'MailingAddress',
      id: `${form.id}${i + 1}`,
      ...address,
    }));
    this.#put({__typename: 'Customer', tags: [], note: null, ...form, addresses});
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
      now: isoSeconds(this.clock.business()),
      find: this.find,
      currency: this.currency,
    });
    this.nextNumber++;
    for (const refund of order.refunds) this.#put(refund);
    this.#put(order);
    return order;
  }

  /** An order placed by a person: kept across restarts. */
  placeOrder(form) {
    const now = isoSeconds(this.clock.business()); // however old the order says it is, the store learns of it now
    const order = this.addOrder({updatedAt: now, ...form});
    this.#placed.push({
      ...form,
      id: order.id,
      name: order.name,
      createdAt: order.createdAt,
      updatedAt: order.updatedAt,
    });
    return order;
  }

  /** Goods and people that a person adds: kept across restarts. */
  placeProduct(form) {
    this.addProduct(checked(form, ['id', 'title', 'variants']));
    this.#added.push(['Product', form]);
  }

  placeCustomer(form) {
    this.addCustomer(checked(form, ['id', 'addresses']));
    this.#added.push(['Customer', form]);
  }

  ordersByName(name) {
    return [...this.objects.values()].filter(record => record.__typename === 'Order' && record.name === name);
  }

  get(id) {
    return this.objects.get(bareGid(id)) ?? null;
  }

  /** Changes fields of a record; `updatedAt` moves to now and never backwards. */
  change(record, fields) {
    const updatedAt = laterOf(record.updatedAt, isoSeconds(this.clock.business()));
    Object.assign(record, fields, {updatedAt});
    const key = gid(record.__typename, record.id);
    this.#patches.set(key, {...this.#patches.get(key), ...fields, updatedAt});
    this.#index(record);
  }

  refund(order, form) {
    const kept = {createdAt: isoSeconds(this.clock.business()), ...form};
    const refund = this.#refund(order, kept);
    this.#refunds.push([order.id, kept]);
    return refund;
  }

  #refund(order, form) {
    const refund = applyRefund(order, form);
    this.#put(refund);
    this.change(order, {});
    return refund;
  }

  /** A refund of the replayed file, at its own time. */
  addRefund(orderId, form) {
    const order = this.get(gid('Order', orderId));
    this.#put(applyRefund(order, form));
    this.#index(order);
  }

  cancel(order, {reason = 'CUSTOMER'} = {}) {
    const now = isoSeconds(this.clock.business());
    cancelLines(order);
    this.#cancelled.push(order.id);
    this.change(order, {
      cancelledAt: now,
      cancelReason: reason,
      financialStatus: order.financialStatus === 'PAID' ? 'REFUNDED' : 'VOIDED',
    });
  }

  #put(record) {
    this.objects.set(gid(record.__typename, record.id), record);
    this.#index(record);
  }

  #index(record) {
    this.indexes[record.__typename]?.put(INDEXED[record.__typename](record));
  }

  /** Lets searches see everything that happened (a jump of business time leaves the lag behind). */
  flushIndexes() {
    for (const index of Object.values(this.indexes)) index.flush();
  }

  save() {
    return {
      added: this.#added,
      placed: this.#placed,
      patches: Object.fromEntries(this.#patches),
      refunds: this.#refunds,
      cancelled: this.#cancelled,
      plan: this.plan,
    };
  }

  /** Repeats the changes of an earlier life on the same seed. */
  load(saved) {
    for (const [type, form] of saved.added) type === 'Product' ? this.placeProduct(form) : this.placeCustomer(form);
    for (const form of saved.placed) this.placeOrder(form);
    for (const [id, form] of saved.refunds) this.refund(this.get(gid('Order', id)), form);
    for (const id of saved.cancelled) {
      this.#cancelled.push(id);
      cancelLines(this.get(gid('Order', id)));
    }
    for (const [key, fields] of Object.entries(saved.patches)) {
      const record = this.objects.get(key);
      if (!record) continue; // a replayed order that comes later
      Object.assign(record, fields);
      this.#patches.set(key, fields);
      this.#index(record);
    }
    this.plan = saved.plan;
    this.flushIndexes();
  }
}

function checked(form, wanted) {
  const missing = wanted.find(name => form[name] === undefined);
  if (missing) throw new Error(`${missing}: wanted`);
  return form;
}

export const gid = (type, id) => `gid://shopify/${type}/${id}`;
const bareId = text => String(text).split('?')[0].split('/').at(-1);
const bareGid = text => String(text).split('?')[0];
const laterOf = (a, b) => (a > b ? a : b);

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
    total: order.totals.total,
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
    handle: product.handle,
    tags: product.tags,
  }),
  ProductVariant: variant => ({
    record: variant,
    id: Number(variant.id),
    updated_at: variant.updatedAt,
    title: variant.title,
    skus: [variant.sku],
    barcode: variant.barcode,
    product_id: variant.product.id,
    tags: variant.product.tags,
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
