// productCreate, productUpdate, productDelete, productOptionUpdate: a product's own fields, its first variant, its
// options.
import {DEFAULT, MAX_OPTIONS, handleOf} from './catalogue.mjs';
import {appendMedia, checkMedia} from './product-files.mjs';
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
import {addDefault} from './product-set.mjs';
import {FieldError} from './plan.mjs';
import {Findings, Refusal} from './refusal.mjs';
import {gid} from './store.mjs';
import {onlyKnown} from './variant-input.mjs';

const SHARED = 'descriptionHtml handle metafields productType seo status tags title vendor collectionsToJoin'.split(
  ' ',
);
const CREATE_FIELDS = new Set([...SHARED, 'productOptions']);
const UPDATE_FIELDS = new Set([
  ...SHARED,
  'id',
  'collectionsToLeave',
  'redirectNewHandle',
  'deleteConflictingConstrainedMetafields',
]);

const PLACES = {title: ['title'], other: name => [name], handle: ['input', 'handle']};

/** {product, media, sources}: answers the product, unpublished, with one variant. */
export function productCreate(store, key, {product: input, media, sources = {}}) {
  onlyKnown('productCreate', input, CREATE_FIELDS);
  const findings = new Findings();
  checkProduct(store, input, null, findings, PLACES);
  checkMetafields(store, input.metafields, 'PRODUCT', null, ['metafields'], findings);
  const joined = collectionsOf(store, input.collectionsToJoin, ['collectionsToJoin'], findings);
  checkMedia(media, null, ['media'], findings);
  const options = optionsOf(input.productOptions, findings);
  findings.end();
  checkDay(store, 1);
  const product = store.catalogue.add({...productFields(input), options});
  if (input.seo) product.seo = seoOf(input.seo, product.seo);
  addDefault(store, product);
  finish(store, product, {input, joined, media, sources});
  return product;
}

function optionsOf(inputs, findings) {
  if (!inputs?.length) return [DEFAULT];
  if (inputs.length > MAX_OPTIONS)
    return findings.add(['productOptions'], `Can only specify a maximum of ${MAX_OPTIONS} options`);
  const seen = new Set();
  return [...inputs]
    .sort((a, b) => (a.position ?? 0) - (b.position ?? 0))
    .map(({name = '', values, linkedMetafield}) => {
      if (linkedMetafield) throw new FieldError('NOT_SIMULATED', 'productCreate: linked options are not simulated');
      if (name.includes(' / ')) findings.add(['options'], 'Name cannot contain the character sequence " / "');
      if (!name.trim()) findings.add(['options'], "Option name can't be blank");
      if (seen.has(name)) findings.add(['options'], 'Duplicated option name.');
      if (!values?.length) findings.add(['options'], `Option '${name}' must specify at least one option value.`);
      seen.add(name);
      return {name, values: (values ?? []).map(value => value.name)};
    });
}

function finish(store, product, {input, joined, left = [], media, sources}) {
  for (const field of input.metafields ?? []) store.metafields.set(product, field);
  for (const collection of joined) joinCollection(store, product, collection);
  for (const collection of left) leaveCollection(store, product, collection);
  appendMedia(store, product, media, sources);
}

/** {product, identifier, media, sources}: fields that are given change, media are appended. */
export function productUpdate(store, key, {product: input = {}, identifier, media, sources = {}}) {
  onlyKnown('productUpdate', input, UPDATE_FIELDS);
  const product = targetOf(store, input, identifier);
  const findings = new Findings();
  checkProduct(store, input, product, findings, PLACES);
  checkMetafields(store, input.metafields, 'PRODUCT', product, ['metafields'], findings);
  const joined = collectionsOf(store, input.collectionsToJoin, ['collectionsToJoin'], findings);
  const left = collectionsOf(store, input.collectionsToLeave, ['collectionsToLeave'], findings);
  checkMedia(media, product, ['media'], findings);
  findings.end();
  store.catalogue.change(product, {
    ...productFields(input),
    ...(input.seo ? {seo: seoOf(input.seo, product.seo)} : {}),
  });
  finish(store, product, {input, joined, left, media, sources});
  return product;
}

function targetOf(store, input, identifier) {
  if (identifier?.customId) {
    const found = store.metafields.byCustomId('PRODUCT', identifier.customId);
    if (found) return found;
  } else if (identifier?.handle) {
    const found = store.catalogue.byHandle(handleOf(identifier.handle));
    if (found) return found;
  }
  return productOf(store, identifier?.id ?? input.id, ['id']);
}

export function productOf(store, id, field, code) {
  const product = id && store.get(id);
  if (product?.__typename !== 'Product') throw new Refusal(field, 'Product does not exist', code);
  return product;
}

/** {id}: answers the global id of what is gone. Orders keep what they say of it. */
export function productDelete(store, key, {id}) {
  const product = productOf(store, id, ['id']);
  const variants = [...product.variants];
  store.catalogue.remove(product);
  for (const file of [...product.media]) file.products.delete(product);
  store.tellGone(product);
  for (const variant of variants) store.tellGone(variant);
  return id;
}

/**
 * {productId, option: {id, name, position}, optionValuesToAdd, optionValuesToUpdate, optionValuesToDelete,
 * variantStrategy}. Values that are added make variants only under the strategy MANAGE, which is not simulated.
 */
export function productOptionUpdate(store, key, args) {
  const {productId, option: input, optionValuesToAdd, optionValuesToUpdate, optionValuesToDelete} = args;
  if (args.variantStrategy === 'MANAGE')
    throw new FieldError('NOT_SIMULATED', 'productOptionUpdate: the strategy MANAGE is not simulated');
  onlyKnown('productOptionUpdate of option', input, new Set(['id', 'name', 'position']));
  const product = productOf(store, productId, ['productId'], 'PRODUCT_DOES_NOT_EXIST');
  const option = product.options.find(entry => gid('ProductOption', entry.id) === input.id);
  if (!option) throw new Refusal(['option', 'id'], 'Option does not exist', 'OPTION_DOES_NOT_EXIST');
  const findings = new Findings();
  checkName(product, option, input, findings);
  const valueOf = (id, path) =>
    option.values.find(value => gid('ProductOptionValue', value.id) === id) ??
    findings.add(path, 'Option value does not exist', 'OPTION_VALUE_DOES_NOT_EXIST');
  const renamed = (optionValuesToUpdate ?? []).map(({id, name}, i) => ({
    name,
    value: valueOf(id, ['optionValuesToUpdate', i]),
  }));
  const deleted = (optionValuesToDelete ?? []).map((id, i) => valueOf(id, ['optionValuesToDelete', i]));
  for (const value of deleted)
    if (value && product.variants.some(variant => variant.values.includes(value)))
      findings.add(['optionValuesToDelete'], 'Option value is used by a variant', 'OPTION_VALUE_HAS_VARIANTS');
  for (const {name, value} of renamed)
    if (option.values.some(entry => entry !== value && entry.name === name))
      findings.add(['optionValuesToUpdate'], 'Option value already exists', 'OPTION_VALUE_ALREADY_EXISTS');
  (optionValuesToAdd ?? []).forEach(({name}, i) => {
    if (option.values.some(entry => entry.name === name))
      findings.add(['optionValuesToAdd', i], 'Option value already exists', 'OPTION_VALUE_ALREADY_EXISTS');
  });
  findings.end();
  if (input.name) option.name = input.name;
  if (input.position) {
    product.options.splice(product.options.indexOf(option), 1);
    product.options.splice(input.position - 1, 0, option);
  }
  for (const {name, value} of renamed) value.name = name;
  for (const {name} of optionValuesToAdd ?? []) store.catalogue.addValue(option, name);
  for (const value of deleted) {
    option.values.splice(option.values.indexOf(value), 1);
    store.drop(value);
  }
  store.change(product, {});
  return product;
}

function checkName(product, option, {name, position}, findings) {
  if (name?.includes(' / '))
    findings.add(['option', 'name'], "The name contains unsupported sequence ' / '", 'INVALID_NAME');
  if (name !== undefined && name !== null && !name.trim())
    findings.add(['option', 'name'], "Option name can't be blank", 'INVALID_NAME');
  if ((name?.length ?? 0) > 255) findings.add(['option', 'name'], 'Option name is too long.', 'OPTION_NAME_TOO_LONG');
  if (product.options.some(entry => entry !== option && entry.name === name))
    findings.add(['option', 'name'], `Option '${name}' already exists.`, 'OPTION_ALREADY_EXISTS');
  if (position && (position < 1 || position > product.options.length))
    findings.add(['option', 'position'], 'Position is invalid', 'INVALID_POSITION');
}
