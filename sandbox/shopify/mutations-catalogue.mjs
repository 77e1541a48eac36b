// The writing roots of the catalogue: products, variants, inventory, metafields, files. Each is one action of
// actions.mjs; what a token needs for it stands in the schema.
import {mutation} from './mutation.mjs';
import {FieldError} from './plan.mjs';
import {sourcesIn} from './product-files.mjs';
import {Refusals} from './refusal.mjs';
import {gid} from './store.mjs';

const gidOf = record => gid(record.__typename, record.id);
const sourcesOf = (args, {storage, stores}) => {
  const sources = sourcesIn(args);
  return sources.size ? storage.contents(sources, stores) : {};
};
/** Without undefined, so that the journal repeats exactly what was done. */
const plain = args => JSON.parse(JSON.stringify(args));

// ---- products ----------------------------------------------------------------------------------

function productSet({identifier, input, synchronous = true}, context) {
  const {store, effect, inBulk} = context;
  const args = plain({identifier, input, sources: sourcesOf(input, context)});
  if (!synchronous && !inBulk) return {product: null, productSetOperation: context.operations.start(args, context)};
  const before = store.catalogue.variantCount;
  const product = store.perform('productSet', null, args);
  effect('productSet', gidOf(product), {
    title: product.title,
    variants: product.variants.length,
    new: store.catalogue.variantCount - before,
  });
  return {product, productSetOperation: null};
}

function productCreate({product, media, input}, context) {
  if (input) throw new FieldError('NOT_SIMULATED', 'productCreate with input is not simulated; give product');
  const made = context.store.perform(
    'productCreate',
    null,
    plain({product: product ?? {}, media, sources: sourcesOf(media, context)}),
  );
  context.effect('productCreate', gidOf(made), {title: made.title});
  return {product: made};
}

function productUpdate({product, identifier, media, input}, context) {
  if (input) throw new FieldError('NOT_SIMULATED', 'productUpdate with input is not simulated; give product');
  const made = context.store.perform(
    'productUpdate',
    null,
    plain({product: product ?? {}, identifier, media, sources: sourcesOf(media, context)}),
  );
  const {id, ...fields} = product ?? {};
  context.effect('productUpdate', gidOf(made), {
    title: made.title,
    fields: Object.keys(fields),
    media: media?.length ?? 0,
  });
  return made;
}

function productDelete({input, synchronous = true}, {store, effect}) {
  if (!synchronous) throw new FieldError('NOT_SIMULATED', 'productDelete in the background is not simulated');
  const id = store.perform('productDelete', null, plain(input));
  effect('productDelete', id);
  return id;
}

function productOptionUpdate(args, {store, effect}) {
  const product = store.perform('productOptionUpdate', null, plain(args));
  effect('productOptionUpdate', gidOf(product), {option: args.option.name ?? null});
  return product;
}

/** A mutation of variants that answers a payload of its own. */
const ofVariants = (name, action) => (args, context) => {
  const made = context.store.perform(action, null, plain({...args, sources: sourcesOf(args, context)}));
  const refused = new Set((made.userErrors ?? []).map(entry => entry.field[1]));
  const done = args.variants?.filter((row, i) => !refused.has(String(i))) ?? args.variantMedia;
  if (done.length)
    context.effect(name, gidOf(made.product), {
      variants: done.length,
      ids: action === 'variantsCreate' ? made.productVariants.map(gidOf) : done.map(row => row.id ?? row.variantId),
    });
  return made;
};

function productVariantsBulkDelete(args, {store, effect}) {
  const product = store.perform('variantsDelete', null, plain(args));
  if (args.variantsIds.length) effect('productVariantsBulkDelete', gidOf(product), {ids: args.variantsIds});
  return product;
}

// ---- metafields --------------------------------------------------------------------------------

function metafieldsSet(args, {store, effect}) {
  const made = store.perform('setMetafields', null, plain(args));
  for (const field of made)
    effect('metafieldsSet', gidOf(field.owner), {namespace: field.namespace, name: field.key, value: field.value});
  return made;
}

function metafieldDefinitionCreate(args, {store, effect}) {
  const made = store.perform('defineMetafield', null, plain(args));
  effect('metafieldDefinitionCreate', gidOf(made), {namespace: made.namespace, name: made.key, type: made.type});
  return made;
}

// ---- publications, translations, files --------------------------------------------------------

const publishing = (name, action) =>
  function move(args, {store, effect}) {
    const record = store.perform(action, null, plain(args));
    effect(name, gidOf(record), {publications: args.input.map(entry => entry.publicationId)});
    return record;
  };

const translating = (name, action) =>
  function translate(args, {store, effect}) {
    const made = store.perform(action, null, plain(args));
    if (made.length) effect(name, args.resourceId, {keys: made.map(entry => `${entry.locale} ${entry.key}`)});
    return made;
  };

function fileCreate(args, context) {
  for (const {contentType, duplicateResolutionMode: mode} of args.files) {
    if (contentType && contentType !== 'IMAGE')
      throw new FieldError('NOT_SIMULATED', `a file of type ${contentType} is not simulated`);
    if (mode === 'REPLACE') throw new FieldError('NOT_SIMULATED', `the mode ${mode} is not simulated`);
  }
  const made = context.store.perform('createFiles', null, plain({...args, sources: sourcesOf(args, context)}));
  for (const file of made) context.effect('fileCreate', gidOf(file), {filename: file.filename});
  return made;
}

function fileUpdate(args, context) {
  const made = context.store.perform('updateFiles', null, plain({...args, sources: sourcesOf(args, context)}));
  for (const file of made.files) {
    const {id, ...fields} = args.files.find(input => input.id === gidOf(file));
    context.effect('fileUpdate', id, {fields: Object.keys(fields)});
  }
  return made;
}

function fileDelete(args, {store, effect}) {
  const gone = store.perform('deleteFiles', null, plain(args));
  for (const id of gone) effect('fileDelete', id);
  return gone;
}

const fileAcknowledgeUpdateFailed = (args, {store}) => store.perform('acknowledgeFiles', null, plain(args));

// ---- inventory ---------------------------------------------------------------------------------

/** Each entry has to say what it expects, if only null. */
function expectationsIn(list, type) {
  if (list.some(entry => entry.changeFromQuantity === undefined))
    throw new FieldError('INVALID_FIELD_ARGUMENTS', `${type} must include the following argument: changeFromQuantity.`);
}

/** Versions from 2026-10 on have no code of its own for an item that is not stocked at the place. */
const inCodesOf = (version, act) => {
  try {
    return act();
  } catch (refusal) {
    if (version < '2026-10' || !refusal.entries) throw refusal;
    throw new Refusals(
      refusal.entries.map(entry =>
        entry.code === 'ITEM_NOT_STOCKED_AT_LOCATION' ? {...entry, code: 'INVALID_LOCATION'} : entry,
      ),
      refusal.payload,
    );
  }
};

const inventoryChange = (name, action, {list, type}) =>
  function change(args, {store, effect, version}) {
    const older =
      args.input.ignoreCompareQuantity || args.input[list].some(entry => entry.compareQuantity !== undefined);
    if (older) throw new FieldError('NOT_SIMULATED', 'compareQuantity of older versions is not simulated');
    expectationsIn(args.input[list], type);
    const group = inCodesOf(version, () => store.perform(action, null, plain(args)));
    effect(name, group ? gidOf(group) : null, {
      name: args.input.name,
      reference: args.input.referenceDocumentUri ?? null,
      changes: (group?.changes ?? [])
        .filter(change => change.name !== 'on_hand')
        .map(({item, location, name: state, delta}) => ({
          sku: item.variant.sku,
          item: gidOf(item),
          location: location.name,
          name: state,
          delta,
        })),
    });
    return group;
  };

function inventoryActivate(args, {store, effect}) {
  if (args.stockAtLegacyLocation) throw new FieldError('NOT_SIMULATED', 'stockAtLegacyLocation is not simulated');
  const level = store.perform('activateItem', null, plain(args));
  effect('inventoryActivate', gidOf(level), {sku: level.item.variant.sku, location: level.location.name});
  return level;
}

function inventoryBulkToggleActivation(args, {store, effect}) {
  const made = store.perform('toggleActivation', null, plain(args));
  effect('inventoryBulkToggleActivation', gidOf(made.inventoryItem), {updates: args.inventoryItemUpdates.length});
  return made;
}

function inventoryDeactivate(args, {store, effect}) {
  store.perform('deactivateLevel', null, plain(args));
  effect('inventoryDeactivate', args.inventoryLevelId);
  return {};
}

function inventoryItemUpdate(args, {store, effect}) {
  const item = store.perform('updateItem', null, plain(args));
  effect('inventoryItemUpdate', gidOf(item), {sku: item.variant.sku, fields: Object.keys(args.input)});
  return item;
}

export const CATALOGUE_MUTATIONS = {
  productSet: mutation('productSet', {act: productSet, refused: {product: null, productSetOperation: null}}),
  productCreate: mutation('productCreate', {act: productCreate, refused: {product: null}}),
  productUpdate: mutation('productUpdate', {payload: 'product', act: productUpdate}),
  productDelete: mutation('productDelete', {payload: 'deletedProductId', act: productDelete}),
  productOptionUpdate: mutation('productOptionUpdate', {payload: 'product', act: productOptionUpdate}),
  productVariantsBulkCreate: mutation('productVariantsBulkCreate', {
    act: ofVariants('productVariantsBulkCreate', 'variantsCreate'),
    refused: {product: null, productVariants: []},
  }),
  productVariantsBulkUpdate: mutation('productVariantsBulkUpdate', {
    act: ofVariants('productVariantsBulkUpdate', 'variantsUpdate'),
    refused: {product: null, productVariants: null},
  }),
  productVariantsBulkDelete: mutation('productVariantsBulkDelete', {
    payload: 'product',
    act: productVariantsBulkDelete,
  }),
  productVariantAppendMedia: mutation('productVariantAppendMedia', {
    act: ofVariants('productVariantAppendMedia', 'appendVariantMedia'),
    refused: {product: null, productVariants: null},
  }),
  metafieldsSet: mutation('metafieldsSet', {payload: 'metafields', act: metafieldsSet}),
  metafieldDefinitionCreate: mutation('metafieldDefinitionCreate', {
    payload: 'createdDefinition',
    act: metafieldDefinitionCreate,
  }),
  publishablePublish: mutation('publishablePublish', {
    payload: 'publishable',
    act: publishing('publishablePublish', 'publish'),
  }),
  publishableUnpublish: mutation('publishableUnpublish', {
    payload: 'publishable',
    act: publishing('publishableUnpublish', 'unpublish'),
  }),
  translationsRegister: mutation('translationsRegister', {
    payload: 'translations',
    act: translating('translationsRegister', 'registerTranslations'),
  }),
  translationsRemove: mutation('translationsRemove', {
    payload: 'translations',
    act: translating('translationsRemove', 'removeTranslations'),
  }),
  fileCreate: mutation('fileCreate', {payload: 'files', act: fileCreate}),
  fileUpdate: mutation('fileUpdate', {act: fileUpdate, refused: {files: []}}),
  fileDelete: mutation('fileDelete', {payload: 'deletedFileIds', act: fileDelete}),
  fileAcknowledgeUpdateFailed: mutation('fileAcknowledgeUpdateFailed', {
    payload: 'files',
    act: fileAcknowledgeUpdateFailed,
  }),
  inventorySetQuantities: mutation('inventorySetQuantities', {
    payload: 'inventoryAdjustmentGroup',
    act: inventoryChange('inventorySetQuantities', 'setQuantities', {
      list: 'quantities',
      type: 'InventoryQuantityInput',
    }),
    once: true,
  }),
  inventoryAdjustQuantities: mutation('inventoryAdjustQuantities', {
    payload: 'inventoryAdjustmentGroup',
    act: inventoryChange('inventoryAdjustQuantities', 'adjustQuantities', {
      list: 'changes',
      type: 'InventoryChangeInput',
    }),
    once: true,
  }),
  inventoryActivate: mutation('inventoryActivate', {payload: 'inventoryLevel', act: inventoryActivate, once: true}),
  inventoryBulkToggleActivation: mutation('inventoryBulkToggleActivation', {
    act: inventoryBulkToggleActivation,
    refused: {inventoryItem: null, inventoryLevels: null},
  }),
  inventoryDeactivate: mutation('inventoryDeactivate', {act: inventoryDeactivate}),
  inventoryItemUpdate: mutation('inventoryItemUpdate', {payload: 'inventoryItem', act: inventoryItemUpdate}),
};
