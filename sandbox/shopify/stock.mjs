// What lies where: one inventory item per variant, one level per item and location, and the quantities in it.
//
//   on_hand = available + committed + reserved + damaged + safety_stock + quality_control;  incoming stands beside it
//
// What orders hold is in stock-orders.mjs, what the Admin API may change in stock-input.mjs.
import {gid} from './store.mjs';

/** What an app or a merchant may move; `committed` follows from orders and `on_hand` from all of them. */
export const MOVABLE = ['available', 'damaged', 'incoming', 'quality_control', 'reserved', 'safety_stock'];
const ON_HAND = ['available', 'committed', 'reserved', 'damaged', 'safety_stock', 'quality_control'];
export const NAMES = [...ON_HAND, 'incoming', 'on_hand'];

const LEVEL_NUMBER = 37_000_000_000n; // a level's number says its location, its item stands behind it

export class Stock {
  #byLocation = new Map(); // location id → Map of item id → level
  #sorted = new Map(); // the same as lists by item, as long as nothing comes or goes

  constructor(store) {
    this.store = store;
  }

  /** The item of a new variant, stocked nowhere yet. */
  addItem(variant, input = {}) {
    const now = variant.createdAt;
    const item = {
      __typename: 'InventoryItem',
      id: this.store.nextId('InventoryItem'),
      variant,
      tracked: false,
      requiresShipping: true,
      cost: null,
      countryCodeOfOrigin: null,
      provinceCodeOfOrigin: null,
      harmonizedSystemCode: null,
      weight: {value: 0, unit: 'KILOGRAMS'},
      createdAt: now,
      updatedAt: now,
      ...input,
      levels: new Map(),
    };
    variant.item = item;
    this.store.put(item);
    return item;
  }

  dropItem(item) {
    for (const level of item.levels.values()) {
      this.#byLocation.get(level.location.id).delete(item.id);
      this.#sorted.delete(level.location.id);
    }
    item.levels.clear();
    item.isGone = true;
    this.store.drop(item);
  }

  /** Stocks an item at a location; one that was stocked there before comes back with nothing. */
  activate(item, location) {
    const now = this.store.now();
    let level = item.levels.get(location.id);
    if (level?.isActive) return level;
    if (level) Object.assign(level, {isActive: true, updatedAt: now});
    else {
      level = {
        __typename: 'InventoryLevel',
        id: `${BigInt(location.id) + LEVEL_NUMBER}?inventory_item_id=${item.id}`,
        item,
        location,
        isActive: true,
        createdAt: now,
        updatedAt: now,
        changed: now,
        available: 0,
        committed: 0,
        more: null, // the rarer quantities: name → number
      };
      item.levels.set(location.id, level);
      if (!this.#byLocation.has(location.id)) this.#byLocation.set(location.id, new Map());
      this.#byLocation.get(location.id).set(item.id, level);
      this.#sorted.delete(location.id);
    }
    this.store.note(level, 'created');
    return level;
  }

  deactivate(level) {
    Object.assign(level, {isActive: false, available: 0, more: null, updatedAt: this.store.now()});
    this.#moved(level);
    this.store.note(level, 'deleted');
  }

  /** By the global id of a level. */
  level(id) {
    const [, number, item] = /InventoryLevel\/(\d+)\?inventory_item_id=(\d+)$/.exec(id) ?? [];
    if (!number) return null;
    return this.#byLocation.get(String(BigInt(number) - LEVEL_NUMBER))?.get(item) ?? null;
  }

  /** By item. */
  levelsAt(location) {
    let list = this.#sorted.get(location.id);
    if (!list) {
      list = [...(this.#byLocation.get(location.id)?.values() ?? [])].sort(
        (a, b) => Number(a.item.id) - Number(b.item.id),
      );
      this.#sorted.set(location.id, list);
    }
    return list;
  }

  /** Changes a quantity by `delta`; nothing is checked here. */
  move(level, name, delta) {
    if (delta === 0) return;
    if (name === 'available' || name === 'committed') level[name] += delta;
    else level.more = {...level.more, [name]: (level.more?.[name] ?? 0) + delta};
    const now = this.store.now();
    if (name === 'available') level.changed = now;
    level.updatedAt = now > level.updatedAt ? now : level.updatedAt;
    this.#moved(level);
  }

  /** A change of what a tracked product has counts as a change of the product. */
  #moved(level) {
    const {item} = level;
    this.store.note(level, 'changed');
    if (item.tracked)
      this.touched ? this.touched.add(item.variant.product) : this.store.change(item.variant.product, {});
  }

  /** Several moves of one call: each product changes once. */
  together(act) {
    if (this.touched) return act();
    this.touched = new Set();
    try {
      return act();
    } finally {
      const products = this.touched;
      this.touched = null;
      for (const product of products) this.store.change(product, {});
    }
  }
}

export function quantityOf(level, name) {
  if (name === 'on_hand') return ON_HAND.reduce((sum, part) => sum + quantityOf(level, part), 0);
  if (name === 'available' || name === 'committed') return level[name];
  return level.more?.[name] ?? 0;
}

/** What can be sold of a variant, at all its locations together. */
export const sellable = variant =>
  [...variant.item.levels.values()].reduce((sum, level) => sum + (level.isActive ? level.available : 0), 0);

export const activeLevels = item => [...item.levels.values()].filter(level => level.isActive);

export const levelGid = level => gid('InventoryLevel', level.id);
