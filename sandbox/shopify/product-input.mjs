// What the inputs of products have in common, whichever mutation they come with.
import {handleOf} from './catalogue.mjs';

const TEXT_LIMIT = 255;
const TAG_LIMIT = 250;

/** Tags as they are kept: trimmed, each once whatever its case, in order. */
function tagsOf(list) {
  const seen = new Map();
  for (const tag of list.flatMap(text => text.split(',')).map(text => text.trim()))
    if (tag && !seen.has(tag.toLowerCase())) seen.set(tag.toLowerCase(), tag);
  return [...seen.values()].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
}

/** The plain fields of a product's record that an input sets. */
export function productFields(input) {
  const fields = {};
  for (const name of ['title', 'status'])
    if (input[name] !== undefined && input[name] !== null) fields[name] = input[name];
  for (const name of ['descriptionHtml', 'productType', 'vendor'])
    if (input[name] !== undefined) fields[name] = input[name] ?? '';
  if (input.tags !== undefined) fields.tags = tagsOf(input.tags ?? []);
  if (input.handle) fields.handle = handleOf(input.handle.trim());
  return fields;
}

/** An input's seo is set field by field. */
export const seoOf = (input, seo) => ({
  title: input.title !== undefined ? input.title || null : seo.title,
  description: input.description !== undefined ? input.description || null : seo.description,
});

/**
 * Looks through the plain fields. `product` is the one that is changed, null for a new one; `places` says where a
 * refusal of title, of the handle and of any other field points.
 */
export function checkProduct(store, input, product, findings, {title, other, handle, handleCode = null, longTitle}) {
  if (input.title === undefined || input.title === null ? !product : !input.title.trim())
    findings.add(title, "Title can't be blank");
  else if ((input.title?.length ?? 0) > TEXT_LIMIT)
    findings.add(title, longTitle ?? `Title is too long (maximum is ${TEXT_LIMIT} characters)`);
  for (const [name, label] of [
    ['vendor', 'Vendor'],
    ['productType', 'Product type'],
    ['handle', 'Handle'],
  ])
    if ((input[name]?.length ?? 0) > TEXT_LIMIT)
      findings.add(other(name), `${label} is too long (maximum is ${TEXT_LIMIT} characters)`);
  if (input.tags && tagsOf(input.tags).length > TAG_LIMIT) findings.add(other('tags'), 'Product tags is invalid');
  if (!input.handle) return;
  const holder = store.catalogue.byHandle(handleOf(input.handle.trim()));
  if (holder && holder !== product)
    findings.add(handle, `Handle '${input.handle}' already in use. Please provide a new handle.`, handleCode);
}

/** Metafields of an input, checked for their owner; `path` is where the list stands. */
export function checkMetafields(store, list, ownerType, owner, path, findings, code) {
  list?.forEach((input, i) => {
    const found = store.metafields.problemOf(input, ownerType, owner);
    if (found) findings.add([...path, i, found.name], found.message, code ?? found.code);
  });
}

/** The collections of an input's ids; smart ones take no members by hand. */
export function collectionsOf(store, ids, path, findings) {
  return (ids ?? []).map((id, i) => {
    const collection = store.get(id);
    if (collection?.__typename !== 'Collection') findings.add([...path, i], 'Collection does not exist');
    else if (collection.isSmart) findings.add([...path, i], "Can't manually add products to a smart collection");
    return collection;
  });
}

export function joinCollection(store, product, collection) {
  product.collections.add(collection);
  collection.products.add(product);
}

export function leaveCollection(store, product, collection) {
  product.collections.delete(collection);
  collection.products.delete(product);
}

/** What the new variants of a call would come to with those of today; more than the shop may have ends the call. */
export function checkDay(store, count) {
  if (count > store.catalogue.newVariantsLeft) throw store.tooManyVariants();
}
