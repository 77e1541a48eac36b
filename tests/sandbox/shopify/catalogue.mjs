// What the tests of the catalogue share: documents and a product to work with.
import assert from 'node:assert/strict';
import {documentText} from './peer.mjs';

export const SET = `mutation ($identifier: ProductSetIdentifiers, $input: ProductSetInput!, $synchronous: Boolean! = true) {
  productSet(identifier: $identifier, input: $input, synchronous: $synchronous) {
    product { id } productSetOperation { id status } userErrors { field message code } } }`;
export const UPDATE = `mutation ($product: ProductUpdateInput!, $media: [CreateMediaInput!]) {
  productUpdate(product: $product, media: $media) {
    product { id status tags updatedAt seo { title description } } userErrors { field message } } }`;
export const VARIANTS_UPDATE = `mutation ($productId: ID!, $variants: [ProductVariantsBulkInput!]!, $partial: Boolean = false) {
  productVariantsBulkUpdate(productId: $productId, variants: $variants, allowPartialUpdates: $partial) {
    productVariants { id price compareAtPrice sku } userErrors { field message code } } }`;
export const VARIANTS_CREATE = `mutation ($productId: ID!, $variants: [ProductVariantsBulkInput!]!, $strategy: ProductVariantsBulkCreateStrategy = DEFAULT) {
  productVariantsBulkCreate(productId: $productId, variants: $variants, strategy: $strategy) {
    product { variants(first: 20) { nodes { title } } } productVariants { id title } userErrors { field message code } } }`;
export const DEFINE = `mutation ($namespace: String!, $key: String!, $type: String!) {
  metafieldDefinitionCreate(definition: {ownerType: PRODUCT, namespace: $namespace, key: $key, name: $key, type: $type}) {
    createdDefinition { id capabilities { uniqueValues { enabled } } } userErrors { field message code } } }`;
const READ = `query ($id: ID!) { product(id: $id) { id title handle status vendor tags updatedAt hasOnlyDefaultVariant totalInventory
  options { id name position values optionValues { id name hasVariants } }
  metafields(first: 20) { nodes { namespace key value } }
  variants(first: 100) { nodes { id title sku barcode price compareAtPrice position inventoryQuantity
    inventoryItem { id tracked unitCost { amount } inventoryLevels(first: 10) { nodes { location { id name } } } } } } } }`;

export const MAIN = 'gid://shopify/Location/70000000001';
export const HIGH_STREET = 'gid://shopify/Location/70000000002';
export const OLD_DEPOT = 'gid://shopify/Location/70000000003';

export const COLOURS = [{name: 'Colour', values: [{name: 'Blue'}, {name: 'Black'}]}];

/** The input of a product with two variants; `more` changes it, `first` its first variant. */
export const aShirt = (more = {}, first = {}) => ({
  title: 'Shirt',
  status: 'DRAFT',
  vendor: 'CRONUS',
  tags: ['new', 'Cotton'],
  productOptions: COLOURS,
  variants: [
    {
      optionValues: [{optionName: 'Colour', name: 'Blue'}],
      sku: 'SHIRT-BLUE',
      price: '19.9',
      inventoryItem: {tracked: true, cost: '7.50'},
      ...first,
    },
    {
      optionValues: [{optionName: 'Colour', name: 'Black'}],
      sku: 'SHIRT-BLACK',
      price: '20',
      inventoryItem: {tracked: true},
    },
  ],
  ...more,
});

/** Answers the id of the product that a productSet made or changed. */
export async function set(client, input, identifier) {
  const {product, userErrors} = (await client.ask(SET, {input, identifier})).data.productSet;
  assert.deepEqual(userErrors, []);
  return product.id;
}

export const productOf = async (client, id) => (await client.ask(READ, {id})).data.product;

/** A product of the world, with one variant. */
export async function goods(client, sku = '1896-S') {
  const {data} = await client.ask(
    'query ($q: String) { productVariants(first: 1, query: $q) { nodes { id product { id } inventoryItem { id } } } }',
    {
      q: `sku:'${sku}'`,
    },
  );
  const [{id, product, inventoryItem}] = data.productVariants.nodes;
  return {id: product.id, variantId: id, itemId: inventoryItem.id};
}

/** A PNG of that size, as far as anybody looks; `salt` makes its bytes its own. */
export function png(width, height, salt = '') {
  const head = Buffer.alloc(33);
  head.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  head.writeUInt32BE(13, 8);
  head.write('IHDR', 12);
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return Buffer.concat([head, Buffer.from(salt)]);
}

/** Puts bytes into the storage; answers the source that mutations take. Without bytes nothing is put there. */
export async function upload(client, bytes, {method = 'PUT', filename = 'picture.png'} = {}) {
  const {data} = await client.ask(documentText('staged-uploads-create'), {
    input: [{resource: 'IMAGE', filename, mimeType: 'image/png', httpMethod: method}],
  });
  const [target] = data.stagedUploadsCreate.stagedTargets;
  if (bytes && method === 'PUT') assert.equal((await fetch(target.url, {method, body: bytes})).status, 200);
  if (bytes && method === 'POST') {
    const form = new FormData();
    for (const {name, value} of target.parameters) form.append(name, value);
    form.append('file', new Blob([bytes]), filename);
    assert.equal((await fetch(target.url, {method, body: form})).status, 201);
  }
  return target.resourceUrl;
}
