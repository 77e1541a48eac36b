// Products of a store as records: options, variants, handles, and what finds them. What the Admin API may do to them
// stands in product-set.mjs, products.mjs and variants.mjs; all of it goes through the functions here.
import {minorUnits, digitsOf} from '../lib/money.mjs';

export const MAX_VARIANTS = 2048;
export const MAX_OPTIONS = 3;
const DEFAULT_OPTION = 'Title';
const DEFAULT_VALUE = 'Default Title';

export class Catalogue {
  #variants = new Map(); // variant id → variant
  #skus = new Map(); // SKU → the latest variant that has it
  #handles = new Map(); // handle → product
  #newOnDay = new Map(); // day → how many variants came into being
  /** A store of `from` variants makes no more than `perDay` new ones a day, unless it is on Plus. */
  limits = {from: 50_000, perDay: 1000};

  constructor(store) {
    this.store = store;
  }

  get variantCount() {
    return this.#variants.size;
  }

  // ---- finding -----------------------------------------------------------------------------------

  products() {
    return [...this.#handles.values()];
  }

  variant(id) {
    return this.#variants.get(id) ?? null;
  }

  bySku(sku) {
    return this.#skus.get(sku) ?? null;
  }

  byHandle(handle) {
    return this.#handles.get(handle.toLowerCase()) ?? null;
  }

  // ---- products ----------------------------------------------------------------------------------

  /**
   * A product as data/world.mjs and POST /_sandbox/products write it: {id, title, handle, vendor, status, …, options:
   * [name], variants: [{id, sku, barcode, price, compareAtPrice, options: [value], tracked, cost, stock: {location:
   * quantity}}]}. What it has no ids for gets them here.
   */
  addForm(form) {
    const {variants, options = [DEFAULT_OPTION], published = true, ...rest} = form;
    const product = this.add({...rest, options: options.map(name => ({name, values: []}))});
    this.store.during(product.updatedAt, () => variants.forEach((row, i) => this.#addRow(product, row, i + 1)));
    if (published)
      for (const publication of this.store.publications) publication.products.set(product, product.createdAt);
    this.store.change(product, {updatedAt: rest.updatedAt ?? product.updatedAt});
    return product;
  }

  #addRow(product, row, position) {
    const {id, options, stock, tracked = !product.isGiftCard, cost = null, title, ...fields} = row;
    const names = options ?? [product.options.length === 1 ? (title ?? DEFAULT_VALUE) : null];
    const {store} = this;
    const variant = this.addVariant(
      product,
      {...fields, ...(id ? {id} : {}), position, createdAt: product.createdAt, updatedAt: product.updatedAt},
      product.options.map((option, i) => this.valueOf(option, names[i])),
      {tracked, requiresShipping: !product.isGiftCard, cost: cost === null ? null : this.money(cost)},
    );
    const places = Object.entries(stock ?? (tracked ? this.store.usualStock : {}));
    for (const [key, quantity] of places) {
      const level = store.stock.activate(variant.item, store.locationBy(key));
      store.stock.move(level, 'available', quantity);
    }
    if (!places.length && store.locations.length) store.stock.activate(variant.item, store.locations[0]);
  }

  /** A product without variants; `fields.options` are [{name, values: [name]}]. */
  add(fields) {
    const now = this.store.now();
    const product = {
      __typename: 'Product',
      descriptionHtml: '',
      vendor: this.store.name,
      productType: '',
      status: 'ACTIVE',
      tags: [],
      isGiftCard: false,
      seo: {title: null, description: null},
      createdAt: now,
      updatedAt: now,
      ...fields,
      id: fields.id ?? this.store.nextId('Product'),
      options: [],
      variants: [],
      media: [],
      collections: new Set(),
    };
    product.handle = fields.handle ?? this.freeHandle(product.title);
    for (const {name, values} of fields.options) this.addOption(product, name, values);
    this.#handles.set(product.handle.toLowerCase(), product);
    this.store.put(product);
    return product;
  }

  /** Changes fields; a new handle is found under its new name from now on. */
  change(product, fields) {
    if (fields.handle && fields.handle !== product.handle) {
      this.#handles.delete(product.handle.toLowerCase());
      this.#handles.set(fields.handle.toLowerCase(), product);
    }
    this.store.change(product, fields);
  }

  remove(product) {
    for (const variant of [...product.variants]) this.removeVariant(variant);
    this.#handles.delete(product.handle.toLowerCase());
    for (const collection of product.collections) collection.products.delete(product);
    for (const publication of this.store.publications) publication.products.delete(product);
    this.store.metafields.dropOwner(product);
    product.isGone = true;
    this.store.drop(product);
  }

  /** From a title, with a number behind it as long as it is taken. */
  freeHandle(title) {
    const base = handleOf(title) || 'product';
    if (!this.byHandle(base)) return base;
    const [, stem, number] = /^(.*?)(?:-?(\d+))?$/.exec(base);
    for (let n = Number(number ?? 0) + 1; ; n++) {
      const handle = number === undefined ? `${base}-${n}` : `${stem}-${n}`;
      if (!this.byHandle(handle)) return handle;
    }
  }

  // ---- options -----------------------------------------------------------------------------------

  addOption(product, name, values = []) {
    const option = {__typename: 'ProductOption', id: this.store.nextId('ProductOption'), product, name, values: []};
    product.options.push(option);
    this.store.put(option);
    for (const value of values) this.valueOf(option, value);
    return option;
  }

  /** The value of that name, which comes into being when the option lacks it. */
  valueOf(option, name) {
    return option.values.find(value => value.name === name) ?? this.addValue(option, name);
  }

  addValue(option, name) {
    const value = {__typename: 'ProductOptionValue', id: this.store.nextId('ProductOptionValue'), option, name};
    option.values.push(value);
    this.store.put(value);
    return value;
  }

  dropOption(option) {
    for (const value of option.values) this.store.drop(value);
    this.store.drop(option);
  }

  // ---- variants ----------------------------------------------------------------------------------

  /** A new variant at its values, with an inventory item that is stocked nowhere yet. */
  addVariant(product, fields, values, itemInput = {}) {
    const now = this.store.now();
    const variant = {
      __typename: 'ProductVariant',
      id: fields.id ?? this.store.nextId('ProductVariant'),
      product,
      sku: null,
      barcode: null,
      price: '0.00',
      compareAtPrice: null,
      taxable: !product.isGiftCard,
      inventoryPolicy: 'DENY',
      position: product.variants.length + 1,
      createdAt: now,
      updatedAt: now,
      ...fields,
      values,
      media: null,
    };
    variant.price = this.money(variant.price);
    if (variant.compareAtPrice !== null) variant.compareAtPrice = this.money(variant.compareAtPrice);
    product.variants.push(variant);
    this.#variants.set(variant.id, variant);
    if (variant.sku) this.#skus.set(variant.sku, variant);
    this.store.stock.addItem(variant, itemInput);
    this.store.put(variant);
    return variant;
  }

  changeVariant(variant, fields) {
    if (fields.sku !== undefined && fields.sku !== variant.sku) {
      if (this.#skus.get(variant.sku) === variant) this.#skus.delete(variant.sku);
      if (fields.sku) this.#skus.set(fields.sku, variant);
    }
    this.store.change(variant, fields);
  }

  removeVariant(variant) {
    const {product} = variant;
    product.variants.splice(product.variants.indexOf(variant), 1);
    this.#variants.delete(variant.id);
    if (this.#skus.get(variant.sku) === variant) this.#skus.delete(variant.sku);
    variant.isGone = true;
    this.store.stock.dropItem(variant.item);
    this.store.metafields.dropOwner(variant);
    this.store.drop(variant);
  }

  /** Positions run from 1 in the order of the list. */
  renumber(product) {
    product.variants.sort((a, b) => a.position - b.position);
    product.variants.forEach((variant, i) => (variant.position = i + 1));
  }

  // ---- limits ------------------------------------------------------------------------------------

  /** How many new variants the shop may still have today. */
  get newVariantsLeft() {
    if (this.store.isLoading || this.store.plan === 'plus' || this.variantCount < this.limits.from) return Infinity;
    return Math.max(0, this.limits.perDay - (this.#newOnDay.get(this.store.now().slice(0, 10)) ?? 0));
  }

  countNew(count) {
    if (this.variantCount < this.limits.from) return;
    const day = this.store.now().slice(0, 10);
    this.#newOnDay.set(day, (this.#newOnDay.get(day) ?? 0) + count);
  }

  /** An amount in the shop's currency, with all its decimals: "12.5" → "12.50". */
  money(amount) {
    const digits = digitsOf(this.store.currency);
    const units = minorUnits(String(amount), digits);
    const text = String(Math.abs(units)).padStart(digits + 1, '0');
    const whole = digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
    return units < 0 ? `-${whole}` : whole;
  }
}

export const handleOf = text =>
  text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 255);

export const titleOf = variant => variant.values.map(value => value.name).join(' / ');

/** The one variant of a product nobody gave options. */
export const isDefault = product =>
  product.options.length === 1 &&
  product.options[0].name === DEFAULT_OPTION &&
  product.variants.length === 1 &&
  product.variants[0].values[0].name === DEFAULT_VALUE;

export const DEFAULT = {name: DEFAULT_OPTION, values: [DEFAULT_VALUE]};
