// Variables for a document of the catalogue, by the types of what it asks for: so that a document that is new is tried without a word here.
import {documentText, sandboxRequire} from './peer.mjs';
import {DEFINE, HIGH_STREET, MAIN, SET, UPDATE, aShirt, goods, png, productOf, set, upload} from './catalogue.mjs';

const {parse} = sandboxRequire('graphql');

const BC_ID = {namespace: 'cartage', key: 'bc_id'};

/** What the documents are asked about: made once in a peer. */
export async function catalogueFacts(client) {
  await client.ask(DEFINE, {...BC_ID, type: 'id'});
  const product = await set(client, aShirt({status: 'ACTIVE', metafields: [{...BC_ID, type: 'id', value: '1'}]}), {
    customId: {...BC_ID, value: '1'},
  });
  const source = await upload(client, png(4, 4));
  const image = {originalSource: source, mediaContentType: 'IMAGE'};
  await client.ask(UPDATE, {product: {id: product}, media: [image, image]});
  await client.admin('POST', 'time', {bucket_ms: 60_000});
  const {data} = await client.ask(
    `query ($id: ID!) { product(id: $id) { options { id } media(first: 2) { nodes { id } } } publications(first: 1) { nodes { id } } collections(first: 1) { nodes { id } }
      translatableResource(resourceId: $id) { translatableContent { key digest } } }`,
    {id: product},
  );
  const operation = (await client.ask(SET, {input: {title: 'Later'}, synchronous: false})).data.productSet
    .productSetOperation.id;
  const [variant, other] = (await productOf(client, product)).variants.nodes;
  return {
    product,
    variant: variant.id,
    item: variant.inventoryItem.id,
    otherItem: other.inventoryItem.id,
    stocked: (await goods(client)).itemId,
    file: data.product.media.nodes[0].id,
    spare: data.product.media.nodes[1].id, // it may go
    publication: data.publications.nodes[0].id,
    collection: data.collections.nodes[0].id,
    digest: data.translatableResource.translatableContent[0].digest,
    option: data.product.options[0].id,
    operation,
    source,
  };
}

/** By the type of a variable; what stands for an id is told by the name and the root. */
const BY_TYPE = {
  ProductSetInput: () => aShirt({metafields: [{...BC_ID, type: 'id', value: '2'}]}),
  ProductSetIdentifiers: () => ({customId: {...BC_ID, value: '2'}}),
  ProductIdentifierInput: () => ({customId: {...BC_ID, value: '1'}}),
  ProductUpdateInput: ({product}) => ({id: product, vendor: 'Other'}),
  ProductCreateInput: () => ({title: 'Made'}),
  ProductDeleteInput: ({product}) => ({id: product}),
  MetafieldDefinitionInput: () => ({...BC_ID, key: 'other_id', ownerType: 'PRODUCT', name: 'Other', type: 'id'}),
  InventorySetQuantitiesInput: ({stocked}) => ({
    name: 'available',
    reason: 'correction',
    quantities: [{inventoryItemId: stocked, locationId: MAIN, quantity: 3, changeFromQuantity: null}],
  }),
  InventoryAdjustQuantitiesInput: ({stocked}) => ({
    name: 'available',
    reason: 'correction',
    changes: [{inventoryItemId: stocked, locationId: MAIN, delta: 1, changeFromQuantity: null}],
  }),
  OptionUpdateInput: ({option}) => ({id: option, position: 1}), // the name stays: later documents ask for it
  InventoryItemInput: () => ({cost: '1.00'}),
};

const LISTS = {
  ProductVariantsBulkInput: ({variant}, root) =>
    root === 'productVariantsBulkCreate'
      ? [{optionValues: [{optionName: 'Colour', name: 'Red'}], price: '1'}]
      : [{id: variant, price: '1'}],
  CreateMediaInput: ({source}) => [{originalSource: source, mediaContentType: 'IMAGE'}],
  FileUpdateInput: ({file}) => [{id: file, alt: 'Shirt'}],
  FileCreateInput: ({source}) => [{originalSource: source}],
  MetafieldsSetInput: ({product}) => [
    {ownerId: product, namespace: 'cartage', key: 'note', type: 'single_line_text_field', value: 'x'},
  ],
  PublicationInput: ({publication}) => [{publicationId: publication}],
  TranslationInput: ({digest}) => [{locale: 'de', key: 'title', value: 'Hemd', translatableContentDigest: digest}],
  ProductVariantAppendMediaInput: ({variant, file}) => [{variantId: variant, mediaIds: [file]}],
  InventoryBulkToggleActivationInput: () => [{locationId: HIGH_STREET, activate: true}],
  StagedUploadInput: () => [{resource: 'IMAGE', filename: 'a.png', mimeType: 'image/png'}],
};

const IDS = {
  locationId: () => MAIN,
  inventoryItemId: ({item}) => item,
  productId: ({product}) => product,
  resourceId: ({product}) => product,
  publicationId: ({publication}) => publication,
};
const ROOTS = {
  location: () => MAIN,
  productOperation: ({operation}) => operation,
  inventoryItem: ({item}) => item,
  inventoryItemUpdate: ({item}) => item,
  productVariant: ({variant}) => variant,
  collection: ({collection}) => collection,
  publication: ({publication}) => publication,
};
const FILES = {fileDelete: ({spare}) => spare, fileAcknowledgeUpdateFailed: ({file}) => file};
/** What `nodes` is asked about, by the type its first fragment wants. */
const NODES = {
  Product: 'product',
  ProductVariant: 'variant',
  InventoryItem: 'item',
  MediaImage: 'file',
  Location: null,
};

const CATALOGUE =
  /^(product|products|productSet|productCreate|productUpdate|productDelete|productVariant|inventory|location$|locations$|metafield|publication|publishable|translat|file|files|collection|shopLocales|events|nodes$)/;

/** Whether a document is one of the catalogue's, and its variables then; null when it is about something else. */
export function catalogueVariables(name, facts) {
  const text = documentText(name);
  const document = parse(text);
  const [operation] = document.definitions.filter(entry => entry.kind === 'OperationDefinition');
  const [field] = operation.selectionSet.selections;
  const root = field.name.value;
  const wanted = /\.\.\. on (\w+)/.exec(text)?.[1];
  if (!CATALOGUE.test(root) || (root === 'nodes' && !(wanted in NODES))) return null;
  const variables = {};
  for (const {variable, type, defaultValue} of operation.variableDefinitions ?? []) {
    const bare = type.kind === 'NonNullType' ? type.type : type;
    const key = variable.name.value;
    if (defaultValue) continue;
    if (bare.kind === 'ListType') {
      const inner = (bare.type.kind === 'NonNullType' ? bare.type.type : bare.type).name.value;
      if (inner === 'ID') variables[key] = [root === 'nodes' ? (facts[NODES[wanted]] ?? MAIN) : (FILES[root] ?? (({product}) => product))(facts)];
      else variables[key] = LISTS[inner]?.(facts, root);
    } else if (bare.name.value === 'ID') variables[key] = (IDS[key] ?? ROOTS[root] ?? (({product}) => product))(facts);
    else if (key === 'key') variables[key] = `document ${name}`;
    else if (/query$/i.test(key))
      variables[key] = root === 'events' ? 'action:destroy' : "updated_at:>='2026-01-01T00:00:00Z'";
    else if (bare.name.value === 'Boolean') variables[key] = true;
    else if (BY_TYPE[bare.name.value]) variables[key] = BY_TYPE[bare.name.value](facts);
  }
  if (root === 'inventoryActivate')
    Object.assign(variables, {locationId: HIGH_STREET, inventoryItemId: facts.otherItem});
  return variables;
}

/** Roots that pay for the elements of their input: their documents name the price of other ones. */
export const paysByElement = name =>
  /\b(productVariantsBulk\w+|productSet|productUpdate|productCreate)\(/.test(documentText(name));
