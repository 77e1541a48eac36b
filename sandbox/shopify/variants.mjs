// productVariantsBulkCreate, productVariantsBulkUpdate, productVariantsBulkDelete, productVariantAppendMedia: the
// variants of one product. Creating is all or nothing; updating too, unless partial updates are allowed: then what is
// right is done, and the answer shows all variants that exist, changed or not.
import {MAX_VARIANTS, isDefault} from './catalogue.mjs';
import {appendMedia, checkMedia, isOn} from './product-files.mjs';
import {checkDay, checkMetafields} from './product-input.mjs';
import {productOf} from './products.mjs';
import {Findings, Refusal, Refusals} from './refusal.mjs';
import {gid} from './store.mjs';
import {isUrl} from './files.mjs';
import {checkAmount, checkItem, itemFields, onlyKnown, valuesOf, variantFields} from './variant-input.mjs';

const FIELDS = new Set(
  `barcode compareAtPrice id inventoryItem inventoryPolicy inventoryQuantities mediaId mediaSrc metafields optionValues price
  taxable`.split(/\s+/),
);
const AMOUNTS = {below: 'GREATER_THAN_OR_EQUAL_TO', above: 'INVALID_INPUT'};
const QUANTITY_LIMIT = 50_000;
const PAIR_LIMIT = 100;

const gidOf = variant => gid('ProductVariant', variant.id);

function checkShared(store, mutation, input, path, {product, variant, sources, report, findings, code}) {
  onlyKnown(mutation, input, FIELDS);
  checkAmount(input.compareAtPrice, [...path, 'compareAtPrice'], report, {
    label: 'Compare at price',
    ...AMOUNTS,
    plainAbove: true,
  });
  checkAmount(input.price, [...path, 'price'], report, {label: 'Price', ...AMOUNTS});
  checkItem(mutation, input.inventoryItem, [...path, 'inventoryItem'], report, AMOUNTS);
  const own = new Findings();
  checkMetafields(store, input.metafields, 'PRODUCTVARIANT', variant, [...path, 'metafields'], own, code);
  for (const entry of own.entries) findings.entries.push(entry);
  if (input.mediaId && input.mediaSrc)
    report(path, 'Only one of mediaId and mediaSrc can be given', 'CANNOT_SPECIFY_BOTH');
  const file = input.mediaId && isOn(product, input.mediaId);
  if (input.mediaId && !file)
    report([...path, 'mediaId'], 'Media does not exist on the specified product.', 'INVALID_INPUT');
  if (file && store.files.stateOf(file) !== 'READY')
    report([...path, 'mediaId'], 'Non-ready media cannot be attached to variants.', 'INVALID_INPUT');
  for (const source of input.mediaSrc ?? [])
    if (!isUrl(source) || !sources[source]) report([...path, 'mediaSrc'], 'Image URL is invalid', 'INVALID_INPUT');
}

/** Options and values that an input names; a value that the option lacks comes into being when the variant does. */
const lookUp = (product, report, unknownValue) => (option, entry, here) => {
  if (!entry.id) return {option: option.record, name: entry.name};
  const value = option.record.values.find(row => gid('ProductOptionValue', row.id) === entry.id);
  return value ? {option: option.record, name: value.name} : report(here, 'Option value does not exist', unknownValue);
};

const optionsOf = product =>
  product.options.map(record => ({name: record.name, gid: gid('ProductOption', record.id), record}));
const tupleOf = values => values.map(value => value.name).join(' / ');

// ---- create ------------------------------------------------------------------------------------

/** {productId, variants, strategy, media, sources}: answers {product, productVariants}. */
export function variantsCreate(store, key, {productId, variants, strategy = 'DEFAULT', media, sources = {}}) {
  const nothing = {product: null, productVariants: []};
  const product = store.get(productId);
  if (product?.__typename !== 'Product')
    throw new Refusals(
      [{field: ['productId'], message: 'Product does not exist', code: 'PRODUCT_DOES_NOT_EXIST'}],
      nothing,
    );
  const findings = new Findings();
  const report = (path, message, code) => findings.add(path, message, code);
  checkMedia(media, product, ['media'], findings, 'INVALID_INPUT');
  const standalone = variants.length && removedBy(strategy, product) ? product.variants[0] : null;
  const taken = new Set(
    product.variants.filter(variant => variant !== standalone).map(variant => tupleOf(variant.values)),
  );
  const rows = variants.map((input, i) => {
    const path = ['variants', i];
    if (input.id) report([...path, 'id'], 'On create, this key cannot be used', 'NO_KEY_ON_CREATE');
    const values = valuesOf(optionsOf(product), input.optionValues ?? [], path, report, {
      find: lookUp(product, report, 'INVALID_INPUT'),
      unknown: 'INVALID_INPUT',
      missing: 'NEED_TO_ADD_OPTION_VALUES',
    });
    if (values && taken.has(tupleOf(values)))
      report(
        path,
        `The variant '${tupleOf(values)}' already exists. Please change at least one option value.`,
        'VARIANT_ALREADY_EXISTS',
      );
    if (values) taken.add(tupleOf(values));
    const shared = {product, variant: null, sources, report, findings, code: 'INVALID_INPUT'};
    checkShared(store, 'productVariantsBulkCreate', input, path, shared);
    for (const {locationId} of input.inventoryQuantities ?? [])
      if (!isOpen(store.get(locationId)))
        report(
          [...path, 'inventoryQuantities'],
          `Quantity for ${values ? tupleOf(values) : 'the variant'} couldn't be set because the location was deleted.`,
          'TRACKED_VARIANT_LOCATION_NOT_FOUND',
        );
    return {input, values};
  });
  const quantities = variants.reduce((sum, row) => sum + (row.inventoryQuantities?.length ?? 0), 0);
  if (quantities > QUANTITY_LIMIT)
    report(
      ['variants'],
      `Inventory quantity input exceeds the limit of ${QUANTITY_LIMIT}. Consider using separate \`inventorySetQuantities\` mutations.`,
      'INVENTORY_QUANTITIES_LIMIT_EXCEEDED',
    );
  if (product.variants.length - (standalone ? 1 : 0) + variants.length > MAX_VARIANTS)
    report(['variants'], `You can only have ${MAX_VARIANTS} variants per product`, 'SUBSCRIPTION_VIOLATION');
  findings.end(nothing);
  checkDay(store, variants.length);
  return {product, productVariants: makeVariants(store, product, {rows, standalone, media, sources})};
}

const isOpen = location => location?.__typename === 'Location' && location.isActive;

/** Whether the only variant of a product goes when others come. */
function removedBy(strategy, product) {
  if (product.variants.length !== 1 || strategy === 'PRESERVE_STANDALONE_VARIANT') return false;
  return strategy === 'REMOVE_STANDALONE_VARIANT' || isDefault(product);
}

function makeVariants(store, product, {rows, standalone, media, sources}) {
  const {catalogue, stock} = store;
  const files = appendMedia(store, product, media, sources);
  if (standalone) {
    const values = [...standalone.values];
    catalogue.removeVariant(standalone);
    product.options.forEach((option, i) => {
      option.values.splice(option.values.indexOf(values[i]), 1);
      store.drop(values[i]);
    });
  }
  const made = stock.together(() =>
    rows.map(({input, values}) => {
      const records = values.map(({option, name}) => catalogue.valueOf(option, name));
      const variant = catalogue.addVariant(
        product,
        variantFields(input, catalogue),
        records,
        itemFields(input.inventoryItem, catalogue),
      );
      for (const {locationId, availableQuantity} of input.inventoryQuantities ?? [])
        stock.move(stock.activate(variant.item, store.get(locationId)), 'available', availableQuantity);
      if (!input.inventoryQuantities?.length && store.locations.length)
        stock.activate(variant.item, store.locations[0]);
      finish(store, product, variant, {input, files, sources});
      return variant;
    }),
  );
  catalogue.countNew(made.length);
  catalogue.renumber(product);
  store.change(product, {});
  return made;
}

function finish(store, product, variant, {input, files, sources}) {
  for (const field of input.metafields ?? []) store.metafields.set(variant, field);
  if (input.mediaId) variant.media = isOn(product, input.mediaId);
  const [source] = input.mediaSrc ?? [];
  if (!source) return;
  if (!files.has(source))
    files.set(source, appendMedia(store, product, [{originalSource: source, alt: ''}], sources).get(source));
  variant.media = files.get(source);
}

// ---- update ------------------------------------------------------------------------------------

/** {productId, variants, allowPartialUpdates, media, sources}: answers {product, productVariants, userErrors}. */
export function variantsUpdate(store, key, {productId, variants, allowPartialUpdates = false, media, sources = {}}) {
  const product = store.get(productId);
  if (product?.__typename !== 'Product')
    throw new Refusals([{field: ['productId'], message: 'Product does not exist', code: 'PRODUCT_DOES_NOT_EXIST'}], {
      product: null,
      productVariants: null,
    });
  const findings = new Findings();
  checkMedia(media, product, ['media'], findings, 'INVALID_INPUT');
  const tuples = new Map(product.variants.map(variant => [tupleOf(variant.values), variant]));
  const rows = variants.map((input, i) =>
    changeOf(store, product, input, ['variants', i], {sources, tuples, findings}),
  );
  const wrong = findings.entries;
  if (wrong.length && !allowPartialUpdates) throw new Refusals(wrong, {product, productVariants: shown(rows)});
  const files = appendMedia(store, product, media, sources);
  store.stock.together(() => {
    for (const row of rows) if (row.isRight) changeVariant(store, product, row, {files, sources});
  });
  if (rows.some(row => row.isRight)) store.change(product, {});
  return {product, productVariants: rows.map(row => row.variant).filter(Boolean), userErrors: wrong};
}

/** What an update that was refused shows: variants that exist, unless one of them does not. */
const shown = rows => (rows.some(row => row.isUnknown) ? null : rows.map(row => row.variant));

function changeOf(store, product, input, path, {sources, tuples, findings}) {
  const before = findings.entries.length;
  const report = (where, message, code) => findings.add(where, message, code);
  const variant = input.id ? product.variants.find(entry => gidOf(entry) === input.id) : null;
  if (!input.id) report([...path, 'id'], 'Product variant is missing ID attribute', 'PRODUCT_VARIANT_ID_MISSING');
  else if (!variant) report([...path, 'id'], 'Product variant does not exist', 'PRODUCT_VARIANT_DOES_NOT_EXIST');
  if (input.inventoryQuantities)
    report(
      [...path, 'inventoryQuantities'],
      'Inventory quantities can only be provided during create. To update inventory for existing variants, use inventoryAdjustQuantities.',
      'NO_INVENTORY_QUANTITIES_ON_VARIANTS_UPDATE',
    );
  const isUnknown = findings.entries.length > before;
  if (isUnknown) return {input, variant, isUnknown: true, isRight: false};
  const values = input.optionValues
    ? valuesOf(optionsOf(product), input.optionValues, path, report, {
        find: lookUp(product, report, 'OPTION_VALUE_DOES_NOT_EXIST'),
        unknown: 'OPTION_DOES_NOT_EXIST',
        missing: 'NEED_TO_ADD_OPTION_VALUES',
      })
    : null;
  const holder = values && tuples.get(tupleOf(values));
  if (holder && holder !== variant)
    report(
      path,
      `The variant '${tupleOf(values)}' already exists. Please change at least one option value.`,
      'VARIANT_ALREADY_EXISTS',
    );
  else if (values) tuples.set(tupleOf(values), variant);
  checkShared(store, 'productVariantsBulkUpdate', input, path, {
    product,
    variant,
    sources,
    report,
    findings,
    code: 'INVALID_VALUE',
  });
  const isRight = findings.entries.length === before;
  return {input, variant, values, isRight, isUnknown: input.optionValues !== undefined && !isRight && !values};
}

function changeVariant(store, product, {input, variant, values}, {files, sources}) {
  const {catalogue} = store;
  if (values) variant.values = values.map(({option, name}) => catalogue.valueOf(option, name));
  catalogue.changeVariant(variant, variantFields(input, catalogue));
  const item = itemFields(input.inventoryItem, catalogue);
  if (Object.keys(item).length || input.inventoryItem?.sku !== undefined) store.change(variant.item, item);
  finish(store, product, variant, {input, files, sources});
}

// ---- delete, media -----------------------------------------------------------------------------

export function variantsDelete(store, key, {productId, variantsIds}) {
  const product = productOf(store, productId, ['productId'], 'PRODUCT_DOES_NOT_EXIST');
  const findings = new Findings();
  const variants = variantsIds.map((id, i) => {
    const found = product.variants.find(variant => gidOf(variant) === id);
    const code = 'AT_LEAST_ONE_VARIANT_DOES_NOT_BELONG_TO_THE_PRODUCT';
    return found ?? findings.add(['variantsIds', i], 'At least one variant does not belong to the product', code);
  });
  findings.end();
  if (variants.length && variants.length === product.variants.length)
    throw new Refusal(['variantsIds'], 'Cannot delete the last variant of a product', 'CANNOT_DELETE_LAST_VARIANT');
  for (const variant of variants) {
    store.catalogue.removeVariant(variant);
    store.tellGone(variant);
  }
  store.catalogue.renumber(product);
  store.change(product, {});
  return product;
}

/** {productId, variantMedia: [{variantId, mediaIds}]}: shows images that the product has on variants that have none. */
export function appendVariantMedia(store, key, {productId, variantMedia}) {
  const product = productOf(store, productId, ['productId'], 'PRODUCT_DOES_NOT_EXIST');
  if (variantMedia.length > PAIR_LIMIT)
    throw new Refusal(
      ['variantMedia'],
      `Exceeded ${PAIR_LIMIT} variant-media pairs per mutation.`,
      'MAXIMUM_VARIANT_MEDIA_PAIRS_EXCEEDED',
    );
  const findings = new Findings();
  const seen = new Set();
  const pairs = variantMedia.map(({variantId, mediaIds}, i) => {
    const at = name => ['variantMedia', i, name];
    const variant = product.variants.find(entry => gidOf(entry) === variantId);
    const file = isOn(product, mediaIds[0]);
    if (!variant)
      findings.add(
        at('variantId'),
        'Variant does not exist on the specified product.',
        'PRODUCT_VARIANT_DOES_NOT_EXIST_ON_PRODUCT',
      );
    else if (seen.has(variant))
      findings.add(
        at('variantId'),
        'Variant was specified in more than one media input.',
        'PRODUCT_VARIANT_SPECIFIED_MULTIPLE_TIMES',
      );
    else if (variant.media)
      findings.add(
        at('variantId'),
        'The given variant already has attached media.',
        'PRODUCT_VARIANT_ALREADY_HAS_MEDIA',
      );
    if (!mediaIds.length) findings.add(at('mediaIds'), 'The mediaIds list cannot be empty.', 'BLANK');
    else if (mediaIds.length > 1)
      findings.add(at('mediaIds'), 'Only one mediaId is allowed per media input.', 'TOO_MANY_MEDIA_PER_INPUT_PAIR');
    else if (!file)
      findings.add(at('mediaIds'), 'Media does not exist on the specified product.', 'MEDIA_DOES_NOT_EXIST_ON_PRODUCT');
    else if (store.files.stateOf(file) !== 'READY')
      findings.add(at('mediaIds'), 'Non-ready media cannot be attached to variants.', 'NON_READY_MEDIA');
    seen.add(variant);
    return {variant, file};
  });
  findings.end();
  for (const {variant, file} of pairs) store.change(variant, {media: file});
  store.change(product, {});
  return {product, productVariants: pairs.map(pair => pair.variant)};
}
