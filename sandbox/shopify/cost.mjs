// The price list of the Admin API: what a field costs before the query runs. Fitted to recorded prices of
// real stores (96.8 % of 3,633 exactly); the simulator's own, not shared with any client.

export const MAX_COST = 1000;
export const CONNECTION_BASE = 2;

/** How much a page of n weighs: prices grow with the logarithm of the page size. */
export const pageFactor = n => (n === 0 ? 0 : Math.floor(2 * Math.log(Math.max(2, n))));

/** Values in the shape of objects cost nothing, and neither does this one field. */
export const FREE_TYPES = new Set([
  'MoneyV2',
  'MoneyBag',
  'Weight',
  'InventoryItemMeasurement',
  'CashRoundingAdjustment',
  'PageInfo',
]);
export const FREE_FIELDS = new Set(['Customer.defaultAddress']);

/** ordersCount and its like on the query root. */
export const ROOT_COUNT = {cost: 10, applies: (field, type) => type === 'Count' && field.endsWith('Count')};

const MUTATION_PRICES = {fulfillmentTrackingInfoUpdate: 50, fileCreate: 20};
const PER_ELEMENT = {productVariantsBulkCreate: 'variants', productVariantsBulkUpdate: 'variants'};

export const MUTATION = {
  /** A mutation's own price: 10 for most; some pay 0.2 for each element of their input. */
  own(name, args) {
    const list = args[PER_ELEMENT[name]];
    return (MUTATION_PRICES[name] ?? 10) + (Array.isArray(list) ? Math.round(0.2 * list.length) : 0);
  },
};
