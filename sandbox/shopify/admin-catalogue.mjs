// The catalogue's part of the admin side: what a merchant does to products, pictures and stock by hand. Every call is
// one action of actions.mjs, so a restart repeats it. None of it is in the ledger's effects: those are what apps have
// done.
import {HttpError} from '../lib/http.mjs';
import {plainly, storeOf} from './admin-orders.mjs';
import {gid} from './store.mjs';
import {NAMES, quantityOf} from './stock.mjs';
import {contentOf} from './files.mjs';

const gidOf = record => gid(record.__typename, record.id);

/** By id, global id or handle. */
function productAt(store, key) {
  const text = decodeURIComponent(key);
  const found = store.get(text) ?? store.get(gid('Product', text)) ?? store.catalogue.byHandle(text);
  if (found?.__typename !== 'Product') throw new HttpError(404, {errors: `no product ${text}`});
  return found;
}

/** By id, global id or SKU. */
function variantAt(store, key) {
  const text = decodeURIComponent(String(key));
  const found = store.get(text) ?? store.get(gid('ProductVariant', text)) ?? store.catalogue.bySku(text);
  if (found?.__typename !== 'ProductVariant') throw new HttpError(404, {errors: `no variant ${text}`});
  return found;
}

const done = (shopify, record) => {
  shopify.state.touch();
  return {id: gidOf(record), updatedAt: record.updatedAt};
};

function addProduct(shopify, {store: domain, ...form}) {
  const product = storeOf(shopify, domain).perform('addProduct', null, form);
  shopify.state.touch();
  return {id: gidOf(product)};
}

/** The fields of ProductUpdateInput. */
function editProduct(shopify, {store: domain, ...fields}, [, key]) {
  const store = storeOf(shopify, domain);
  const product = productAt(store, key);
  store.perform('productUpdate', null, {product: {...fields, id: gidOf(product)}});
  return done(shopify, product);
}

/** The fields of ProductVariantsBulkInput. */
function editVariant(shopify, {store: domain, sku, ...fields}, [, key]) {
  const store = storeOf(shopify, domain);
  const variant = variantAt(store, key);
  const item = sku === undefined ? fields.inventoryItem : {...fields.inventoryItem, sku};
  const input = {...fields, ...(item ? {inventoryItem: item} : {}), id: gidOf(variant)};
  store.perform('variantsUpdate', null, {productId: gidOf(variant.product), variants: [input]});
  return done(shopify, variant);
}

/** {variants: [ProductVariantsBulkInput]}: the merchant adds variants. */
function addVariants(shopify, {store: domain, variants, strategy}, [, key]) {
  const store = storeOf(shopify, domain);
  const product = productAt(store, key);
  const made = store.perform('variantsCreate', null, {productId: gidOf(product), variants, strategy});
  shopify.state.touch();
  return {ids: made.productVariants.map(gidOf)};
}

function deleteProduct(shopify, body, [, key], url) {
  const store = storeOf(shopify, url.searchParams.get('store'));
  const id = store.perform('productDelete', null, {id: gidOf(productAt(store, key))});
  shopify.state.touch();
  return {id};
}

function deleteVariant(shopify, body, [, key], url) {
  const store = storeOf(shopify, url.searchParams.get('store'));
  const variant = variantAt(store, key);
  store.perform('variantsDelete', null, {productId: gidOf(variant.product), variantsIds: [gidOf(variant)]});
  shopify.state.touch();
  return {id: gidOf(variant)};
}

/** As it is stored; what hangs on it, by name. */
function showProduct(shopify, body, [, key], url) {
  const product = productAt(storeOf(shopify, url.searchParams.get('store')), key);
  return {
    ...plainly(product),
    collections: [...product.collections].map(collection => collection.title),
    metafields: [...(product.metafields?.values() ?? [])].map(({namespace, key: name, value}) => ({
      name: `${namespace}.${name}`,
      value,
    })),
    translations: [...(product.translations?.values() ?? [])].map(({locale, key: of, value}) => ({locale, key: of, value})),
  };
}

/** All products; ?sku= those with a variant whose SKU begins so: [{id, title, status, variants: [{id, sku, price}]}]. */
function listProducts(shopify, body, match, url) {
  const store = storeOf(shopify, url.searchParams.get('store'));
  const begin = url.searchParams.get('sku') ?? '';
  return store.catalogue
    .products()
    .filter(({variants}) => variants.some(({sku}) => (sku ?? '').startsWith(begin)))
    .map(product => ({
      id: gidOf(product),
      title: product.title,
      status: product.status,
      variants: product.variants.map(variant => ({id: gidOf(variant), sku: variant.sku, price: plainly(variant).price})),
    }));
}

/** {title, handle, rules}: one more collection. */
function makeCollection(shopify, {store: domain, ...form}) {
  const collection = storeOf(shopify, domain).perform('addCollection', null, form);
  shopify.state.touch();
  return {id: gidOf(collection)};
}

// ---- stock -------------------------------------------------------------------------------------

/**
 * {sku (or item), location, name: 'available', quantity | delta}, or {sku, location, stocked: true | false}: the
 * merchant counts, corrects, stocks or unstocks. Answers the level's quantities.
 */
function changeStock(
  shopify,
  {store: domain, sku, item: itemId, location: place, name = 'available', quantity, delta, stocked},
) {
  const store = storeOf(shopify, domain);
  const item = itemId ? store.get(itemId) : variantAt(store, sku).item;
  if (item?.__typename !== 'InventoryItem') throw new HttpError(404, {errors: `no inventory item ${itemId}`});
  const location = place === undefined ? store.locations[0] : store.locationBy(place);
  const ids = {inventoryItemId: gidOf(item), locationId: gidOf(location)};
  if (stocked === false)
    store.perform('toggleActivation', null, {
      inventoryItemId: ids.inventoryItemId,
      inventoryItemUpdates: [{locationId: ids.locationId, activate: false}],
    });
  else if (stocked === true || !item.levels.get(location.id)?.isActive) store.perform('activateItem', null, ids);
  const level = item.levels.get(location.id);
  const change = delta ?? (quantity === undefined ? 0 : quantity - quantityOf(level, name));
  if (stocked !== false && change !== 0) {
    const state = name === 'on_hand' ? 'available' : name;
    store.perform('adjustQuantities', null, {
      input: {
        name: state,
        reason: 'correction',
        changes: [
          {
            ...ids,
            delta: change,
            changeFromQuantity: null,
            ...(state === 'available' ? {} : {ledgerDocumentUri: 'merchant://by-hand'}),
          },
        ],
      },
    });
  }
  shopify.state.touch();
  return {item: ids.inventoryItemId, location: location.name, ...quantitiesOf(level)};
}

const quantitiesOf = level => Object.fromEntries(NAMES.map(state => [state, quantityOf(level, state)]));

/** All levels: [{sku, product, location, isActive, available, committed, …}]. */
function showStock(shopify, body, match, url) {
  const store = storeOf(shopify, url.searchParams.get('store'));
  return store.locations.flatMap(location =>
    store.stock.levelsAt(location).map(level => ({
      sku: level.item.variant.sku,
      variant: gidOf(level.item.variant),
      item: gidOf(level.item),
      location: location.name,
      tracked: level.item.tracked,
      isActive: level.isActive,
      ...quantitiesOf(level),
    })),
  );
}

/** {sku, is: true}: an item that only its parts can change (a bundle). */
function makeBundle(shopify, {store: domain, sku, is = true}) {
  const store = storeOf(shopify, domain);
  store.perform('set', gidOf(variantAt(store, sku).item), {isBundle: is});
  shopify.state.touch();
  return {ok: true};
}

// ---- pictures ----------------------------------------------------------------------------------

/** {base64, filename, alt, variant: SKU}: the merchant uploads an image, worked on at once. */
function addImage(shopify, {store: domain, base64, filename = 'upload.png', alt = '', variant}, [, key]) {
  const store = storeOf(shopify, domain);
  const product = productAt(store, key);
  const bytes = Buffer.from(base64, 'base64');
  const content = contentOf(bytes, shopify.storage.keep(bytes));
  if (content.failure) throw new Error(content.failure.message);
  const file = store.perform('uploadImage', gidOf(product), {
    content,
    filename,
    alt,
    variant: variant === undefined ? null : gidOf(variantAt(store, variant)),
  });
  shopify.state.touch();
  return {id: gidOf(file)};
}

/** {base64}: another image under the same id. */
function replaceImage(shopify, {store: domain, base64}, [, id]) {
  const store = storeOf(shopify, domain);
  const file = store.get(gid('MediaImage', id));
  if (!file) throw new HttpError(404, {errors: `no image ${id}`});
  const bytes = Buffer.from(base64, 'base64');
  store.perform('replaceImage', gidOf(file), {content: contentOf(bytes, shopify.storage.keep(bytes))});
  shopify.state.touch();
  return {id: gidOf(file)};
}

// ---- limits and faults -------------------------------------------------------------------------

/** {from, perDay}: from how many variants on a store makes only so many new ones a day. */
function setLimits(shopify, {store: domain, from, perDay}) {
  const {limits} = storeOf(shopify, domain).catalogue;
  if (from !== undefined) limits.from = from;
  if (perDay !== undefined) limits.perDay = perDay;
  return {...limits};
}

/** {fail: n, lag: ms}: the next n sources cannot be processed; how long images are worked on from now on. */
function steerMedia(shopify, {fail, lag}) {
  if (fail !== undefined) shopify.storage.failing = fail;
  if (lag !== undefined) for (const store of shopify.stores.values()) store.files.lag = lag;
  return {ok: true};
}

export const CATALOGUE_ROUTES = [
  ['POST', /^products$/, addProduct],
  ['GET', /^products$/, listProducts],
  ['GET', /^products\/([^/]+)$/, showProduct],
  ['POST', /^products\/([^/]+)$/, editProduct],
  ['DELETE', /^products\/([^/]+)$/, deleteProduct],
  ['POST', /^products\/([^/]+)\/variants$/, addVariants],
  ['POST', /^products\/([^/]+)\/image$/, addImage],
  ['POST', /^variants\/([^/]+)$/, editVariant],
  ['DELETE', /^variants\/([^/]+)$/, deleteVariant],
  ['POST', /^images\/(\d+)$/, replaceImage],
  ['POST', /^collections$/, makeCollection],
  ['GET', /^stock$/, showStock],
  ['POST', /^stock$/, changeStock],
  ['POST', /^bundle$/, makeBundle],
  ['POST', /^limits$/, setLimits],
  ['POST', /^media$/, steerMedia],
];
