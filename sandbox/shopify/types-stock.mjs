// How inventory items, levels, quantities and locations look through the Admin API.
import {pageById, pageOf} from './paging.mjs';
import {FieldError} from './plan.mjs';
import {compileSearch} from './search.mjs';
import {gid} from './store.mjs';
import {NAMES, activeLevels, levelGid, quantityOf} from './stock.mjs';

const idOf = record => gid(record.__typename, record.id);
const short = amount => (amount.includes('.') ? amount.replace(/0+$/, '').replace(/\.$/, '.0') : amount);

const InventoryItem = {
  id: idOf,
  legacyResourceId: item => item.id,
  sku: item => item.variant.sku,
  unitCost: (item, args, {store}) =>
    item.cost === null ? null : {amount: short(item.cost), currencyCode: store.currency},
  measurement: item => ({
    __typename: 'InventoryItemMeasurement',
    id: gid('InventoryItemMeasurement', item.id),
    weight: item.weight,
  }),
  trackedEditable: () => ({locked: false, reason: null}),
  variant: item => item.variant,
  variants: (item, args) => pageById([item.variant], args),
  inventoryHistoryUrl: (item, args, {store}) =>
    `https://${store.domain}/admin/products/${item.variant.product.id}/variants/${item.variant.id}/inventory_history`,
  inventoryLevel: (item, {locationId, includeInactive}) => {
    const level = item.levels.get(locationId.split('/').at(-1));
    return level && (level.isActive || includeInactive) ? level : null;
  },
  inventoryLevels: (item, args, context) =>
    levels(byPlace([...item.levels.values()]), args, context, 'inventoryItem.inventoryLevels'),
  locationsCount: item => ({count: activeLevels(item).length, precision: 'EXACT'}),
};

const FIELDS = {
  updated_at: {kind: 'time', of: level => level.updatedAt},
  created_at: {kind: 'time', of: level => level.createdAt},
  id: {kind: 'number', of: level => level.id.split('?')[0]},
  inventory_item_id: {kind: 'number', of: level => level.item.id},
  inventory_group_id: {kind: 'number', of: level => level.location.id},
};

const byPlace = list => list.sort((a, b) => Number(a.location.id) - Number(b.location.id));

/** The levels of an item by location, or of a location by item; they are read as they are now. */
function levels(rows, args, {searches}, where) {
  const filter = compileSearch(args.query, {fields: FIELDS, words: () => [], known: new Set(Object.keys(FIELDS))});
  if (filter.warnings.length)
    searches.push({path: where.split('.'), query: args.query, parsed: filter.parsed, warnings: filter.warnings});
  const found = rows.filter(level => (level.isActive || args.includeInactive) && filter.matches(level));
  return pageOf(found, args, {
    keyOf: placeOf,
    idOf: level => Number(level.location.id),
    idText: level => level.location.id,
  });
}

const placeOf = level => Number(level.item.id);

const InventoryLevel = {
  id: levelGid,
  canDeactivate: level => level.committed === 0 && activeLevels(level.item).length > 1,
  deactivationAlert: () => null,
  quantities: (level, {names}) =>
    names.map(name => {
      if (!NAMES.includes(name))
        throw new FieldError(
          'BAD_REQUEST',
          `The quantity name "${name}" is invalid. Valid names are: ${NAMES.join(', ')}.`,
        );
      return {
        __typename: 'InventoryQuantity',
        id: `gid://shopify/InventoryQuantity/${level.id.replace('?', `?name=${name}&`)}`,
        name,
        quantity: quantityOf(level, name),
        updatedAt: name === 'on_hand' || name === 'incoming' ? null : level.changed,
      };
    }),
};

const Location = {
  hasActiveInventory: (location, args, {store}) =>
    store.stock.levelsAt(location).some(level => level.isActive && level.available !== 0),
  inventoryLevel: (location, {inventoryItemId, includeInactive}, {store}) => {
    const level = store.get(inventoryItemId)?.levels?.get(location.id);
    return level && (level.isActive || includeInactive) ? level : null;
  },
  inventoryLevels: (location, args, context) =>
    levels(context.store.stock.levelsAt(location), args, context, 'location.inventoryLevels'),
};

const InventoryAdjustmentGroup = {
  id: idOf,
  app: () => null,
  staffMember: () => null,
  changes: (group, {inventoryItemIds, locationIds, quantityNames}) =>
    group.changes
      .filter(
        change =>
          (!quantityNames || quantityNames.includes(change.name)) &&
          (!inventoryItemIds || inventoryItemIds.includes(idOf(change.item))) &&
          (!locationIds || locationIds.includes(idOf(change.location))),
      )
      .map(change => ({...change, quantityAfterChange: null, ledgerDocumentUri: null})),
};

export const STOCK_TYPES = {InventoryItem, InventoryLevel, InventoryAdjustmentGroup, Location};
