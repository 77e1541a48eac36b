// How products, variants, options and metafields look through the Admin API.
import {isDefault, titleOf} from './catalogue.mjs';
import {digestOf, fullNamespace, ownerTypeOf} from './metafields.mjs';
import {pageById, pageOf} from './paging.mjs';
import {FieldError} from './plan.mjs';
import {collectionsWith, fits, isShown, membersOf, placed} from './publications.mjs';
import {gid} from './store.mjs';
import {contentOf, isTranslatable, resourceOf, translationsOf} from './translations.mjs';
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
  translations: (field, {locale}) => translationsOf(field, locale),
  id: idOf,
  legacyResourceId: field => field.id,
  compareDigest: digestOf,
  definition: ({owner, namespace, key}, args, {store}) =>
    store.metafields.definition(ownerTypeOf(owner), namespace, key),
  jsonValue: ({type, value}) =>
    /^(json|list\.|number_integer|boolean|money|dimension|volume|weight|rating|link)/.test(type)
      ? JSON.parse(value)
      : value,
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

// ---- publications, translations ---------------------------------------------------------------

const translatable = {
  translations: (record, {locale, marketId}) => (marketId ? [] : translationsOf(record, locale)),
};

const places = (record, args, {store}) => {
  const rows = placed(store, record)
    .map(({publication, since}) => ({
      __typename: 'ResourcePublicationV2',
      id: publication.id,
      publication,
      publishDate: since,
      isPublished: isShown(publication, record, store.now()),
      publishable: record,
    }))
    .filter(row => row.isPublished || args.onlyPublished === false)
    .filter(() => !args.catalogType || args.catalogType === 'APP');
  return rows;
};

const publishable = {
  ...translatable,
  publishedOnPublication: (record, {publicationId}, {store}) => {
    const publication = store.get(publicationId);
    return publication?.__typename === 'Publication' && isShown(publication, record, store.now());
  },
  resourcePublicationsV2: (record, args, context) => pageById(places(record, args, context), args),
  resourcePublications: (record, args, context) => pageById(places(record, args, context), args),
  resourcePublicationsCount: (record, args, context) => exactly(places(record, args, context).length),
  availablePublicationsCount: (record, args, context) => exactly(places(record, {}, context).length),
  unpublishedPublications: (record, args, {store}) => {
    const on = new Set(placed(store, record).map(row => row.publication));
    return pageById(
      store.publications.filter(publication => !on.has(publication)),
      args,
    );
  },
};

const Publication = {
  id: idOf,
  supportsFuturePublishing: ({app}) => app.handle === 'online_store',
  operation: () => null,
  hasCollection: (publication, {id}, {store}) => publication.collections.has(store.get(id)),
  collections: (publication, args) => pageById([...publication.collections.keys()], args),
  products: (publication, args) => shelf(publication, args),
  includedProducts: (publication, args) => shelf(publication, args),
  includedProductsCount: publication => exactly(publication.products.size),
};

function shelf(publication, args) {
  if (args.query || args.savedSearchId || args.sortKey !== 'ID')
    throw new FieldError(
      'NOT_SIMULATED',
      'the products of a publication by query or in another order are not simulated',
    );
  return pageById(
    [...publication.products.keys()].sort((a, b) => a.id - b.id),
    args,
  );
}

const AppCatalog = {
  id: idOf,
  apps: ({app}, args) => pageById([app], args),
  operations: () => [],
  priceList: () => null,
};

const Collection = {
  ...withMetafields,
  ...publishable,
  id: idOf,
  legacyResourceId: collection => collection.id,
  description: ({descriptionHtml}) => descriptionHtml.replace(/<[^>]*>/g, ' ').trim(),
  hasProduct: (collection, {id}, {store}) => {
    const product = store.get(id);
    return (
      product?.__typename === 'Product' &&
      (collection.isSmart ? fits(collection, product) : collection.products.has(product))
    );
  },
  products: (collection, args, {store}) => pageById(membersOf(collection, store), args),
  productsCount: (collection, args, {store}) => exactly(membersOf(collection, store).length),
  ruleSet: ({rules}) => rules && {appliedDisjunctively: false, rules},
  seo: () => ({title: null, description: null}),
  sortOrder: ({isSmart}) => (isSmart ? 'BEST_SELLING' : 'MANUAL'),
  image: () => null,
  templateSuffix: () => null,
};

const TranslatableResource = {
  translatableContent: ({record}, {marketId}, {store}) =>
    marketId ? [] : contentOf(record, store.locales.find(entry => entry.primary).locale),
  translations: ({record}, {locale, outdated}) =>
    translationsOf(record, locale).filter(
      entry => outdated === undefined || outdated === null || entry.outdated === outdated,
    ),
  nestedTranslatableResources: ({record}, args, {store}) => {
    const rows = NESTED[record.__typename]?.(record, store) ?? [];
    return pageById(
      rows.filter(isTranslatable).map(row => ({...resourceOf(row), id: row.id})),
      args,
    );
  },
};

const NESTED = {
  Product: product => [
    ...product.options,
    ...product.options.flatMap(option => option.values),
    ...(product.metafields?.values() ?? []),
  ],
};

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
  ...publishable,
  publishedAt: (product, args, {store}) => {
    const [online] = store.publications;
    return online && isShown(online, product, store.now()) ? online.products.get(product) : null;
  },
  collections: (product, args, {store}) => {
    if (args.query) throw new FieldError('NOT_SIMULATED', 'the collections of a product by query are not simulated');
    return pageById(collectionsWith(product, store), args);
  },
  inCollection: (product, {id}, {store}) => collectionsWith(product, store).some(collection => idOf(collection) === id),
  id: idOf,
  legacyResourceId: product => product.id,
  description: (product, {truncateAt}) => {
    const text = product.descriptionHtml
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
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
  totalInventory: product =>
    product.variants.filter(variant => variant.item.tracked).reduce((sum, variant) => sum + sellable(variant), 0),
  tracksInventory: product => product.variants.some(variant => variant.item.tracked),
  hasOutOfStockVariants: product => product.variants.some(variant => variant.item.tracked && sellable(variant) <= 0),
  priceRangeV2: (product, args, context) => ({
    minVariantPrice: inMoney(
      price(product, list => list[0]),
      context,
    ),
    maxVariantPrice: inMoney(
      price(product, list => list.at(-1)),
      context,
    ),
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
  ...translatable,
  id: idOf,
  position: option => option.product.options.indexOf(option) + 1,
  optionValues: option => option.values,
  values: option => option.values.filter(isUsed).map(value => value.name),
  linkedMetafield: () => null,
};

const isUsed = value => value.option.product.variants.some(variant => variant.values.includes(value));

const ProductOptionValue = {
  ...translatable,
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

const App = {id: idOf};

export const CATALOGUE_TYPES = {
  App,
  AppCatalog,
  Collection,
  Publication,
  TranslatableResource,
  MetafieldsSetUserError: {elementIndex: entry => entry.elementIndex ?? null},
  PublishablePublishPayload: {shop: (payload, args, {store}) => store},
  PublishableUnpublishPayload: {shop: (payload, args, {store}) => store},
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
