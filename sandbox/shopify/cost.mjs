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
const VARIANT = 0.2;
const VARIANT_FILE = 0.6;
const METAFIELD = 0.4;
const PRODUCT_FILE = 1.9;

const metafieldsIn = list => list.reduce((sum, row) => sum + (row?.metafields?.length ?? 0), 0);
const length = list => list?.length ?? 0;

/** What some mutations pay for each element of their input. */
const BY_INPUT = {
  productSet: ({input}) => ofProduct(input, {variants: input?.variants, files: input?.files}),
  productCreate: ({product, media}) => ofProduct(product, {files: media}),
  productUpdate: ({product, media}) => ofProduct(product, {files: media}),
  productVariantsBulkCreate: ({variants, media}) => ofProduct(null, {variants, files: media}),
  productVariantsBulkUpdate: ({variants, media}) => ofProduct(null, {variants, files: media}),
};

function ofProduct(product, {variants, files}) {
  const rows = variants ?? [];
  return (
    VARIANT * rows.length +
    VARIANT_FILE * rows.filter(row => row?.file || row?.mediaSrc?.length || row?.mediaId).length +
    METAFIELD * (metafieldsIn(rows) + length(product?.metafields)) +
    PRODUCT_FILE * length(files)
  );
}

export const MUTATION = {
  /** A mutation's own price: 10 for most; some pay for the elements of their input, rounded together. */
  own: (name, args) => (MUTATION_PRICES[name] ?? 10) + Math.round(BY_INPUT[name]?.(args) ?? 0),
};
