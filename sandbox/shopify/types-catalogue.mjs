// How products, variants, options and metafields look through the Admin API.
import {isDefault, titleOf} from './catalogue.mjs';
import {digestOf, fullNamespace, ownerTypeOf} from './metafields.mjs';
import {pageById, pageOf} from './paging.mjs';
import {FieldError} from './plan.mjs';
import {gid} from './store.mjs';
import {sellable} from './stock.mjs';

const idOf = record => gid(record.__typename, record.id);
const exactly = count => ({count, precision: 'EXACT'});

/** A list in the order of a place that each row has. */
export const pageByPlace = (rows, args, placeOf) =>
  pageOf(rows, args, {keyOf: placeOf, idOf: row => Number(row.id), idText: row => row.id});

// ---- metafields --------------------------------------------------------------------------------

export const withMetafields = {
  metafield: (owner, {namespace, key}, {store}) => store.metafields.get(owner, namespace, key),
  metafields: (owner, args) => {
    const wanted = args.keys && new Set(args.keys.map(key => (key.includes('.') ? key : `${args.namespace}.${key}`)));
    const rows = [...(owner.metafields?.values() ?? [])].filter(
      field =>
        (wanted || !args.namespace || field.namespace === fullNamespace(args.namespace)) &&
        (!wanted || wanted.has(`${field.namespace}.${field.key}`)),
    );
    return pageById(rows, args);
  },
};

const Metafield = {
  id: idOf,
  legacyResourceId: field => field.id,
  compareDigest: digestOf,
  definition: ({owner, namespace, key}, args, {store}) => store.metafields.definition(ownerTypeOf(owner), namespace, key),
  jsonValue: ({type, value}) => (/^(json|list\.|number_integer|boolean|money|dimension|volume|weight|rating|link)/.test(type) ? JSON.parse(value) : value),
  ownerType: ({owner}) => ownerTypeOf(owner),
  sizeInBytes: ({value}) => Buffer.byteLength(value),
};

const MetafieldDefinition = {
  id: idOf,
  type: ({type}) => ({name: type, category: CATEGORIES[type] ?? 'TEXT'}),
  capabilities: ({type}) => ({uniqueValues: {enabled: type === 'id', eligible: type === 'id'}}),
  pinnedPosition: () => null,
  validations: () => [],
  validationStatus: () => 'ALL_VALID',
};
const CATEGORIES = {id: 'ID', number_integer: 'NUMBER', number_decimal: 'NUMBER', boolean: 'TRUE_FALSE', json: 'JSON'};

// ---- products ----------------------------------------------------------------------------------

const price = (product, pick) => {
  const amounts = product.variants.map(variant => variant.price).sort((a, b) => Number(a) - Number(b));
  return pick(amounts) ?? '0.0';
};
const inMoney = (amount, {store}) => ({amount: short(amount), currencyCode: store.currency});

/** MoneyV2 drops zeros that say nothing: "12.50" is "12.5", "12.00" is "12.0". */
const short = amount => (amount.includes('.') ? amount.replace(/0+$/, '').replace(/\.$/, '.0') : amount);

const Product = {
  ...withMetafields,
  id: idOf,
  legacyResourceId: product => product.id,
  description: (product, {truncateAt}) => {
    const text = product.descriptionHtml.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim();
    return truncateAt && text.length > truncateAt ? `${text.slice(0, truncateAt - 3)}...` : text;
  },
  hasOnlyDefaultVariant: isDefault,
  options: (product, {first}) => product.options.slice(0, first ?? undefined),
  variants: (product, args) => {
    const place = VARIANT_SORTS[args.sortKey ?? 'POSITION'];
    if (!place) throw new FieldError('NOT_SIMULATED', `variants sorted by ${args.sortKey} are not simulated`);
    const rows = args.sortKey && args.sortKey !== 'POSITION' ? sortBy(product.variants, place) : product.variants;
    return pageByPlace(rows, args, place);
  },
  variantsCount: product => exactly(product.variants.length),
  totalVariants: product => product.variants.length,
  totalInventory: product => product.variants.filter(variant => variant.item.tracked).reduce((sum, variant) => sum + sellable(variant), 0),
  tracksInventory: product => product.variants.some(variant => variant.item.tracked),
  hasOutOfStockVariants: product => product.variants.some(variant => variant.item.tracked && sellable(variant) <= 0),
  priceRangeV2: (product, args, context) => ({
    minVariantPrice: inMoney(price(product, list => list[0]), context),
    maxVariantPrice: inMoney(price(product, list => list.at(-1)), context),
  }),
  media: (product, args) => {
    if (args.query) throw new FieldError('NOT_SIMULATED', 'media by query are not simulated');
    return pageByPlace(product.media, args, file => product.media.indexOf(file));
  },
  mediaCount: product => exactly(product.media.length),
  featuredMedia: product => product.media[0] ?? null,
  category: () => null,
  requiresSellingPlan: () => false,
  templateSuffix: () => null,
  onlineStoreUrl: (product, args, {store}) =>
    product.status === 'ACTIVE' && store.publications[0]?.products.has(product)
      ? `https://${store.domain}/products/${product.handle}`
      : null,
  onlineStorePreviewUrl: (product, args, {store}) => `https://${store.domain}/products/${product.handle}`,
};

const VARIANT_SORTS = {
  POSITION: variant => variant.position,
  ID: variant => Number(variant.id),
  TITLE: titleOf,
  SKU: variant => variant.sku ?? '',
};
const sortBy = (rows, place) =>
  [...rows].sort((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : Number(a.id) - Number(b.id)));

const ProductOption = {
  id: idOf,
  position: option => option.product.options.indexOf(option) + 1,
  optionValues: option => option.values,
  values: option => option.values.filter(isUsed).map(value => value.name),
  linkedMetafield: () => null,
};

const isUsed = value => value.option.product.variants.some(variant => variant.values.includes(value));

const ProductOptionValue = {
  id: idOf,
  hasVariants: isUsed,
  linkedMetafieldValue: () => null,
  swatch: () => null,
};

const ProductVariant = {
  ...withMetafields,
  id: idOf,
  legacyResourceId: variant => variant.id,
  title: titleOf,
  displayName: variant => `${variant.product.title} - ${titleOf(variant)}`,
  selectedOptions: variant =>
    variant.values.map(value => ({name: value.option.name, value: value.name, optionValue: value})),
  inventoryItem: variant => variant.item,
  inventoryQuantity: sellable,
  sellableOnlineQuantity: sellable,
  availableForSale: variant => !variant.item.tracked || variant.inventoryPolicy === 'CONTINUE' || sellable(variant) > 0,
  media: (variant, args) => pageById(variant.media ? [variant.media] : [], args),
  requiresComponents: () => false,
  showUnitPrice: () => false,
  unitPrice: () => null,
  unitPriceMeasurement: () => null,
  taxCode: () => null,
};

const ProductSetOperation = {
  id: idOf,
  product: ({productId}, args, {store}) => productId && store.get(productId),
};

const BasicEvent = {
  id: idOf,
  subject: () => null,
};

export const CATALOGUE_TYPES = {
  BasicEvent,
  Metafield,
  MetafieldDefinition,
  Product,
  ProductOption,
  ProductOptionValue,
  ProductVariant,
  ProductSetOperation,
  ProductCreatePayload: {shop: (payload, args, {store}) => store},
  ProductDeletePayload: {shop: (payload, args, {store}) => store, productDeleteOperation: () => null},
};
