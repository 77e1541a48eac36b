// productSet: the product as it shall be. Plain fields change where they are given; a list that is given (variants,
// options, metafields, collections, files) replaces what is there, and what it leaves out is deleted.
//
// A variant of the input is the one of its id, or else the one with the same option values, or else a new one.
import {MAX_OPTIONS, MAX_VARIANTS} from './catalogue.mjs';
import {attachFiles, checkFiles} from './product-files.mjs';
import {
  checkDay,
  checkMetafields,
  checkProduct,
  collectionsOf,
  joinCollection,
  leaveCollection,
  productFields,
  seoOf,
} from './product-input.mjs';
import {isCustomId} from './metafields.mjs';
import {FieldError} from './plan.mjs';
import {Findings, Refusal} from './refusal.mjs';
import {gid} from './store.mjs';
import {quantityOf} from './stock.mjs';
import {checkAmount, checkItem, itemFields, onlyKnown, valuesOf, variantFields} from './variant-input.mjs';

const FIELDS = new Set(
  `collections descriptionHtml files handle id metafields productOptions productType redirectNewHandle seo status tags title
  variants vendor`.split(/\s+/),
);
const VARIANT_FIELDS = new Set(
  `barcode compareAtPrice file id inventoryItem inventoryPolicy inventoryQuantities metafields optionValues position price sku
  taxable`.split(/\s+/),
);
const QUANTITY_LIMIT = 50_000;

/** The action behind the mutation: {identifier, input, sources: what the files' sources are}. Answers the product. */
export function productSet(store, key, {identifier, input, sources = {}}) {
  onlyKnown('productSet', input, FIELDS);
  const product = targetOf(store, identifier ?? null, input);
  const findings = new Findings();
  checkProduct(store, input, product, findings, {
    title: ['input', 'title'],
    other: () => ['input'],
    handle: ['input', 'handle'],
    handleCode: 'HANDLE_NOT_UNIQUE',
    longTitle: 'is too long (maximum is 255 characters)',
  });
  checkMetafields(store, input.metafields, 'PRODUCT', product, ['input', 'metafields'], findings, 'INVALID_METAFIELD');
  const collections = input.collections && collectionsOf(store, input.collections, ['input', 'collections'], findings);
  checkFiles(store, input.files, product, ['input', 'files'], findings);
  const plan = variantsOf(store, input, product, findings);
  findings.end();
  if (plan) checkDay(store, plan.rows.filter(row => !row.variant).length);
  return apply(store, product, input, {plan, collections, sources});
}

// ---- which product -----------------------------------------------------------------------------

function targetOf(store, identifier, input) {
  if (!identifier) {
    if (!input.id) return null;
    const found = store.get(input.id);
    if (found?.__typename === 'Product') return found;
    throw new Refusal(['input', 'id'], 'Product does not exist', 'PRODUCT_DOES_NOT_EXIST');
  }
  if (input.id)
    throw new Refusal(['input'], 'The id field is not allowed if identifier is provided.', 'ID_NOT_ALLOWED');
  const given = Object.keys(identifier).filter(name => identifier[name] !== null && identifier[name] !== undefined);
  if (given.length !== 1)
    throw new Refusal(['identifier'], 'Exactly one field of the identifier has to be given.', 'INVALID_INPUT');
  return BY[given[0]](store, identifier[given[0]], input);
}

const missing = () =>
  new Refusal(['input'], 'The input field corresponding to the identifier is required.', 'MISSING_FIELD_REQUIRED');

const BY = {
  id(store, id) {
    const found = store.get(id);
    if (found?.__typename === 'Product') return found;
    throw new Refusal(['input'], 'Resource matching the identifier was not found.', 'NOT_FOUND');
  },
  handle(store, handle, input) {
    if (!input.handle) throw missing();
    if (input.handle !== handle)
      throw new Refusal(
        ['input'],
        'The identifier value does not match the value of the corresponding field in the input.',
        'INPUT_MISMATCH',
      );
    return store.catalogue.byHandle(handle);
  },
  customId(store, customId, input) {
    const product = store.metafields.byCustomId('PRODUCT', customId);
    if (!input.metafields && !product) throw missing();
    if (input.metafields && !input.metafields.some(field => isCustomId(field, customId)))
      throw new Refusal(
        ['input'],
        'The input argument `metafields` (if present) must contain the `customId` value.',
        'METAFIELD_MISMATCH',
      );
    return product;
  },
};

// ---- options and variants of the input ---------------------------------------------------------

/** {options: [{name, values}], rows: [{input, values, variant}]} or null when the input says nothing of them. */
function variantsOf(store, input, product, findings) {
  const {productOptions, variants} = input;
  if (!productOptions && !variants) return null;
  if (!variants)
    return findings.add(
      ['input', 'variants'],
      'Variants input is required when updating product options',
      'VARIANTS_INPUT_MISSING',
    );
  if (!productOptions)
    return findings.add(
      ['input', 'productOptions'],
      'Product options input is required when updating variants',
      'PRODUCT_OPTIONS_INPUT_MISSING',
    );
  if (variants.length > MAX_VARIANTS)
    return findings.add(['input', 'variants'], `The number of variants exceeds ${MAX_VARIANTS}`, 'VARIANTS_OVER_LIMIT');
  const options = optionsOf(productOptions, product, findings);
  if (!options) return null;
  const rows = variants.map((row, i) => rowOf(store, row, ['input', 'variants', i], {options, product, findings}));
  checkTuples(rows, findings);
  const quantities = variants.reduce((sum, row) => sum + (row.inventoryQuantities?.length ?? 0), 0);
  if (quantities > QUANTITY_LIMIT)
    findings.add(
      ['input', 'variants'],
      `Inventory quantity input exceeds the limit of ${QUANTITY_LIMIT}. Consider using separate \`inventorySetQuantities\` mutations.`,
      'INVENTORY_QUANTITIES_LIMIT_EXCEEDED',
    );
  return {options, rows};
}

/** The options as they shall be: {name, gid of the one that stays, old, values: [{name, old}]}. */
function optionsOf(inputs, product, findings) {
  const path = ['input', 'productOptions'];
  if (inputs.length > MAX_OPTIONS)
    return findings.add(path, `Can only specify a maximum of ${MAX_OPTIONS} options`, 'OPTIONS_OVER_LIMIT');
  const before = findings.entries.length;
  const options = inputs.map((input, i) => {
    if (input.linkedMetafield) throw new FieldError('NOT_SIMULATED', 'productSet: linked options are not simulated');
    const old = product?.options.find(option =>
      input.id ? gid('ProductOption', option.id) === input.id : option.name === input.name,
    );
    if (input.id && !old) findings.add([...path, i, 'id'], 'Option does not exist', 'OPTION_DOES_NOT_EXIST');
    const name = input.name ?? old?.name ?? '';
    if (!name.trim()) findings.add([...path, i, 'name'], "Option name can't be blank", 'INVALID_INPUT');
    if (name.includes(' / '))
      findings.add([...path, i, 'name'], "The name contains unsupported sequence ' / '", 'INVALID_INPUT');
    if (!input.values?.length)
      findings.add([...path, i], 'Each option must have at least one option value specified.', 'OPTION_VALUES_MISSING');
    const values = (input.values ?? []).map((value, k) => {
      const known = old?.values.find(entry =>
        value.id ? gid('ProductOptionValue', entry.id) === value.id : entry.name === value.name,
      );
      if (value.id && !known)
        findings.add([...path, i, 'values', k], 'Option value does not exist', 'OPTION_VALUE_DOES_NOT_EXIST');
      return {name: value.name ?? known?.name ?? '', old: known ?? null};
    });
    if (new Set(values.map(value => value.name)).size < values.length)
      findings.add([...path, i, 'values'], 'Duplicated option value.', 'DUPLICATED_OPTION_VALUE');
    return {
      name,
      gid: old && gid('ProductOption', old.id),
      old: old ?? null,
      values,
      position: input.position ?? i + 1,
    };
  });
  if (new Set(options.map(option => option.name)).size < options.length)
    findings.add(path, 'Duplicated option name.', 'DUPLICATED_OPTION_NAME');
  if (findings.entries.length > before) return null;
  return options.sort((a, b) => a.position - b.position);
}

function rowOf(store, input, path, {options, product, findings}) {
  onlyKnown('productSet of a variant', input, VARIANT_FIELDS);
  const report = (where, message, code) => findings.add(where, message, code);
  const values = valuesOf(options, input.optionValues, path, report, {
    find: (option, entry, here) =>
      option.values.find(value =>
        entry.id ? value.old && gid('ProductOptionValue', value.old.id) === entry.id : value.name === entry.name,
      ) ?? report(here, 'Option value does not exist', 'OPTION_VALUE_DOES_NOT_EXIST'),
    unknown: 'OPTION_DOES_NOT_EXIST',
    missing: 'INVALID_VARIANT',
  });
  const variant = input.id
    ? product?.variants.find(entry => gid('ProductVariant', entry.id) === input.id)
    : product && values && standing(product, options, values);
  if (input.id && !variant) report([...path, 'id'], 'Product variant does not exist', 'PRODUCT_VARIANT_DOES_NOT_EXIST');
  for (const [name, label] of [
    ['price', 'Price'],
    ['compareAtPrice', 'Compare at price'],
  ])
    checkAmount(input[name], [...path, name], report, {label, below: 'INVALID_VARIANT', above: 'INVALID_VARIANT'});
  checkItem('productSet', input.inventoryItem, [...path, 'inventoryItem'], report, {
    below: 'INVALID_VARIANT',
    above: 'INVALID_VARIANT',
  });
  checkMetafields(
    store,
    input.metafields,
    'PRODUCTVARIANT',
    variant ?? null,
    [...path, 'metafields'],
    findings,
    'INVALID_METAFIELD',
  );
  checkQuantities(store, input.inventoryQuantities, variant ?? null, [...path, 'inventoryQuantities'], report);
  return {input, values, variant: variant ?? null};
}

/** The variant that has these values now, under options that stay. */
const standing = (product, options, values) =>
  values.every(value => value.old)
    ? product.variants.find(
        variant =>
          variant.values.length === options.length && values.every(value => variant.values.includes(value.old)),
      )
    : null;

function checkTuples(rows, findings) {
  const seen = new Set();
  rows.forEach(({values}, i) => {
    if (!values) return;
    const tuple = values.map(value => value.name).join(' / ');
    if (seen.has(tuple))
      findings.add(
        ['input', 'variants', i],
        `The variant '${tuple}' already exists. Please change at least one option value.`,
        'INVALID_VARIANT',
      );
    seen.add(tuple);
  });
}

const MOST = 1_000_000_000;

function checkQuantities(store, list, variant, path, report) {
  list?.forEach(({locationId, name, quantity}, i) => {
    const location = store.get(locationId);
    if (name !== 'available' && name !== 'on_hand')
      report([...path, i, 'name'], "The quantity name must be either 'available' or 'on_hand'.", 'INVALID_INPUT');
    if (location?.__typename !== 'Location' || !location.isActive)
      return report([...path, i, 'locationId'], 'The specified location could not be found.', 'INVALID_INPUT');
    if (Math.abs(quantity) > MOST)
      report([...path, i, 'quantity'], "The quantity can't be higher than 1,000,000,000.", 'INVALID_INPUT');
    if (variant && !variant.item.levels.get(location.id)?.isActive)
      report(
        [...path, i, 'locationId'],
        'The variant is not stocked at the location. Inventory can only be updated where it is stocked.',
        'INVALID_VARIANT',
      );
    return null;
  });
}

// ---- carrying it out ---------------------------------------------------------------------------

function apply(store, found, input, {plan, collections, sources}) {
  const {catalogue} = store;
  const fields = productFields(input);
  const product = found ?? catalogue.add({...fields, options: plan ? [] : [{name: 'Title', values: []}]});
  if (found) catalogue.change(product, fields);
  if (input.seo) product.seo = seoOf(input.seo, product.seo);
  store.stock.together(() => {
    if (plan) setVariants(store, product, plan);
    else if (!found) addDefault(store, product);
  });
  if (input.metafields) store.metafields.replace(product, input.metafields);
  if (collections) {
    for (const old of [...product.collections])
      if (!old.isSmart && !collections.includes(old)) leaveCollection(store, product, old);
    for (const collection of collections) joinCollection(store, product, collection);
  }
  if (input.files) attachFiles(store, product, input.files, {sources, variants: plan?.rows ?? []});
  store.change(product, {});
  return product;
}

/** The one variant of a product without options: untracked, at no price, stocked at the first location. */
export function addDefault(store, product) {
  const values = product.options.map(option => option.values[0] ?? store.catalogue.addValue(option, 'Default Title'));
  const variant = store.catalogue.addVariant(product, {}, values);
  if (store.locations.length) store.stock.activate(variant.item, store.locations[0]);
  store.catalogue.countNew(1);
  return variant;
}

function setVariants(store, product, {options, rows}) {
  const {catalogue} = store;
  const kept = new Set(rows.map(row => row.variant).filter(Boolean));
  for (const variant of [...product.variants])
    if (!kept.has(variant)) {
      catalogue.removeVariant(variant);
      store.tellGone(variant);
    }
  const records = new Map(); // value of the input → record
  const stay = new Set();
  const lists = options.map(entry => {
    const option = entry.old ?? catalogue.addOption(product, entry.name);
    option.name = entry.name;
    stay.add(option);
    const values = entry.values.map(value => {
      const record = value.old ?? catalogue.addValue(option, value.name);
      record.name = value.name;
      records.set(value, record);
      return record;
    });
    for (const value of option.values) if (!values.includes(value)) store.drop(value);
    option.values = values;
    return option;
  });
  for (const option of product.options) if (!stay.has(option)) catalogue.dropOption(option);
  product.options = lists;
  rows.forEach((row, i) =>
    setVariant(
      store,
      product,
      row,
      row.values.map(value => records.get(value)),
      i + 1,
    ),
  );
  catalogue.countNew(rows.length - kept.size);
  catalogue.renumber(product);
}

function setVariant(store, product, row, values, position) {
  const {catalogue, stock} = store;
  const {input} = row;
  const fields = {...variantFields(input, catalogue), position: input.position ?? position};
  const item = itemFields(input.inventoryItem, catalogue);
  if (row.variant) {
    row.variant.values = values;
    catalogue.changeVariant(row.variant, fields);
    if (Object.keys(item).length) store.change(row.variant.item, item);
  } else {
    row.variant = catalogue.addVariant(product, fields, values, item);
    row.isNew = true;
  }
  for (const {locationId, name, quantity} of input.inventoryQuantities ?? []) {
    const level = stock.activate(row.variant.item, store.get(locationId));
    stock.move(level, 'available', quantity - quantityOf(level, name));
  }
  if (row.isNew && !input.inventoryQuantities?.length && store.locations.length)
    stock.activate(row.variant.item, store.locations[0]);
  if (input.metafields) store.metafields.replace(row.variant, input.metafields);
}
