// The mutations of inventory as actions: quantities set or changed, items stocked at locations or not, the item itself.
// A call is all or nothing; every change of a quantity tells what it was expected to be (`changeFromQuantity`, null for
// "whatever it is").
import {Findings, Refusal} from './refusal.mjs';
import {MOVABLE, activeLevels, quantityOf} from './stock.mjs';
import {checkItem, itemFields} from './variant-input.mjs';

const REASONS =
  `correction cycle_count_available damaged movement_canceled movement_created movement_received movement_updated other
promotion quality_control received reservation_created reservation_deleted reservation_updated restock safety_stock shrinkage`.split(
    /\s+/,
  );
const SET_MOST = 1_000_000_000;
const ADJUST_MOST = 2_000_000_000;

function checkReason({reason, referenceDocumentUri}, findings) {
  if (!REASONS.includes(reason))
    findings.add(
      ['input', 'reason'],
      `The specified reason is invalid. Valid values are: ${REASONS.join(', ')}.`,
      'INVALID_REASON',
    );
  if (referenceDocumentUri && !/^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(referenceDocumentUri))
    findings.add(
      ['input', 'referenceDocumentUri'],
      'The specified reference document is invalid.',
      'INVALID_REFERENCE_DOCUMENT',
    );
}

/** The level of an entry {inventoryItemId, locationId} at `path`, or null with what is wrong. */
function levelAt(store, entry, path, findings) {
  const item = store.get(entry.inventoryItemId);
  const location = store.get(entry.locationId);
  const isItem = item?.__typename === 'InventoryItem';
  const isLocation = location?.__typename === 'Location' && location.isActive;
  if (!isItem)
    findings.add(
      [...path, 'inventoryItemId'],
      'The specified inventory item could not be found.',
      'INVALID_INVENTORY_ITEM',
    );
  else if (item.isBundle)
    findings.add(
      [...path, 'inventoryItemId'],
      'The specified inventory item is not allowed to be adjusted via API.',
      'NON_MUTABLE_INVENTORY_ITEM',
    );
  if (!isLocation)
    findings.add([...path, 'locationId'], 'The specified location could not be found.', 'INVALID_LOCATION');
  if (!isItem || !isLocation) return null;
  const level = item.levels.get(location.id);
  if (level?.isActive) return level;
  return findings.add(
    [...path, 'locationId'],
    'The specified inventory item is not stocked at the location.',
    'ITEM_NOT_STOCKED_AT_LOCATION',
  );
}

function checkExpected(entry, level, name, path, findings) {
  const {changeFromQuantity: expected} = entry;
  if (level && expected !== null && expected !== quantityOf(level, name))
    findings.add(
      [...path, 'changeFromQuantity'],
      'The changeFromQuantity argument no longer matches the persisted quantity.',
      'CHANGE_FROM_QUANTITY_STALE',
    );
}

/** {input}: quantities become what they shall be; answers the group of changes. */
export function setQuantities(store, key, {input}) {
  const {name, quantities} = input;
  const findings = new Findings();
  if (name !== 'available' && name !== 'on_hand')
    findings.add(['input', 'name'], "The quantity name must be either 'available' or 'on_hand'.", 'INVALID_NAME');
  checkReason(input, findings);
  findings.end();
  const counts = new Map();
  const pair = entry => `${entry.inventoryItemId} ${entry.locationId}`;
  for (const entry of quantities) counts.set(pair(entry), (counts.get(pair(entry)) ?? 0) + 1);
  const rows = quantities.map((entry, i) => {
    const path = ['input', 'quantities', i];
    if (counts.get(pair(entry)) > 1)
      findings.add(
        [...path, 'locationId'],
        'The combination of inventoryItemId and locationId must be unique.',
        'NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR',
      );
    if (entry.quantity > SET_MOST)
      findings.add(
        [...path, 'quantity'],
        "The quantity can't be higher than 1,000,000,000.",
        'INVALID_QUANTITY_TOO_HIGH',
      );
    else if (entry.quantity < -SET_MOST)
      findings.add(
        [...path, 'quantity'],
        "The quantity can't be lower than -1,000,000,000.",
        'INVALID_QUANTITY_TOO_LOW',
      );
    else if (entry.quantity < 0 && name === 'on_hand')
      findings.add([...path, 'quantity'], "The quantity can't be negative.", 'INVALID_QUANTITY_NEGATIVE');
    const level = levelAt(store, entry, path, findings);
    checkExpected(entry, level, name, path, findings);
    return {level, delta: level ? entry.quantity - quantityOf(level, name) : 0};
  });
  findings.end();
  return carryOut(store, input, name === 'on_hand' ? 'available' : name, rows);
}

/** {input}: quantities change by so many units; answers the group of changes. */
export function adjustQuantities(store, key, {input}) {
  const {name, changes} = input;
  const findings = new Findings();
  if (!MOVABLE.includes(name))
    findings.add(
      ['input', 'name'],
      `The specified quantity name is invalid. Valid values are: ${MOVABLE.join(', ')}.`,
      'INVALID_QUANTITY_NAME',
    );
  checkReason(input, findings);
  findings.end();
  const documents = new Set(changes.map(change => change.ledgerDocumentUri ?? null));
  if (documents.size > 1)
    findings.add(
      ['input', 'changes'],
      'All changes must have the same ledger document URI or, in the case of adjusting available, no ledger document URI.',
      'MAX_ONE_LEDGER_DOCUMENT',
    );
  const rows = changes.map((entry, i) => {
    const path = ['input', 'changes', i];
    checkLedger(entry, name, path, findings);
    const level = levelAt(store, entry, path, findings);
    checkExpected(entry, level, name, path, findings);
    const after = level ? quantityOf(level, name) + entry.delta : 0;
    if (after > ADJUST_MOST)
      findings.add([...path, 'delta'], "The quantity can't be higher than 2,000,000,000.", 'INVALID_QUANTITY_TOO_HIGH');
    if (after < -ADJUST_MOST)
      findings.add([...path, 'delta'], "The quantity can't be lower than -2,000,000,000.", 'INVALID_QUANTITY_TOO_LOW');
    return {level, delta: entry.delta};
  });
  findings.end();
  return carryOut(store, input, name, rows);
}

function checkLedger({ledgerDocumentUri: uri}, name, path, findings) {
  const here = [...path, 'ledgerDocumentUri'];
  if (name === 'available' && uri)
    findings.add(here, 'A ledger document URI is not allowed when adjusting available.', 'INVALID_AVAILABLE_DOCUMENT');
  if (name !== 'available' && !uri)
    findings.add(
      here,
      'A ledger document URI is required except when adjusting available.',
      'INVALID_QUANTITY_DOCUMENT',
    );
  if (name !== 'available' && uri?.startsWith('gid://shopify/'))
    findings.add(
      here,
      'Internal (gid://shopify/) ledger documents are not allowed to be adjusted via API.',
      'INTERNAL_LEDGER_DOCUMENT',
    );
}

/** Moves what is checked; a call that changes nothing leaves no group. */
function carryOut(store, {reason, referenceDocumentUri = null}, name, rows) {
  const changes = [];
  store.stock.together(() => {
    for (const {level, delta} of rows) {
      if (delta === 0) continue;
      store.stock.move(level, name, delta);
      const change = {item: level.item, location: level.location, delta};
      changes.push({...change, name});
      if (name !== 'incoming') changes.push({...change, name: 'on_hand'});
    }
  });
  if (!changes.length) return null;
  const group = {
    __typename: 'InventoryAdjustmentGroup',
    id: store.nextId('InventoryAdjustmentGroup'),
    reason,
    referenceDocumentUri,
    createdAt: store.now(),
    changes,
  };
  store.put(group);
  return group;
}

// ---- stocked or not ----------------------------------------------------------------------------

/** {inventoryItemId, locationId, available, onHand}: answers the level. */
export function activateItem(store, key, {inventoryItemId, locationId, available = null, onHand = null}) {
  const item = store.get(inventoryItemId);
  const location = store.get(locationId);
  if (item?.__typename !== 'InventoryItem')
    throw new Refusal(['inventoryItemId'], "The product couldn't be stocked because the product was deleted.");
  if (location?.__typename !== 'Location' || !location.isActive)
    throw new Refusal(['locationId'], "The product couldn't be stocked because the location wasn't found.");
  const findings = new Findings();
  const level = item.levels.get(location.id);
  const given = [
    ['available', available, 'available quantity'],
    ['onHand', onHand, 'an on_hand quantity'],
  ].filter(([, value]) => value !== null);
  for (const [field, value, text] of given) {
    if (given.length > 1)
      findings.add(
        [field],
        `The product couldn't be stocked at ${location.name} because not allowed to set available and on_hand quantities at the same time.`,
      );
    else if (level?.isActive)
      findings.add([field], `Not allowed to set ${text} when the item is already active at the location.`);
    else if (Math.abs(value) > SET_MOST)
      findings.add(
        [field],
        `The product couldn't be stocked at ${location.name} because the quantity needs to be between -1 billion and 1 billion.`,
      );
  }
  findings.end();
  const made = store.stock.activate(item, location);
  if (given.length) store.stock.move(made, 'available', given[0][1] - quantityOf(made, 'available'));
  return made;
}

/** Why a level cannot be left: {message, code} or null. */
function keeps(level) {
  const {item, location} = level;
  const at = `The variant couldn't be unstocked from ${location.name} because`;
  if (activeLevels(item).length === 1)
    return {
      message: `${at} products need to be stocked at a minimum of 1 location.`,
      code: 'CANNOT_DEACTIVATE_FROM_ONLY_LOCATION',
    };
  if (level.committed > 0)
    return {message: `${at} it has committed inventory.`, code: 'COMMITTED_INVENTORY_AT_LOCATION'};
  if (quantityOf(level, 'incoming') > 0)
    return {message: `${at} it has incoming inventory.`, code: 'INCOMING_INVENTORY_AT_LOCATION'};
  if (quantityOf(level, 'reserved') > 0)
    return {message: `${at} it has reserved inventory.`, code: 'RESERVED_INVENTORY_AT_LOCATION'};
  return null;
}

/** {inventoryItemId, inventoryItemUpdates: [{locationId, activate}]}: answers {inventoryItem, inventoryLevels}. */
export function toggleActivation(store, key, {inventoryItemId, inventoryItemUpdates}) {
  const item = store.get(inventoryItemId);
  if (item?.__typename !== 'InventoryItem')
    throw new Refusal(['inventoryItemId'], 'The inventory item was not found.', 'INVENTORY_ITEM_NOT_FOUND');
  const findings = new Findings();
  const rows = inventoryItemUpdates.map(({locationId, activate}, i) => {
    const path = ['inventoryItemUpdates', i, 'locationId'];
    const location = store.get(locationId);
    if (location?.__typename !== 'Location' || !location.isActive)
      return findings.add(
        path,
        "The quantity couldn't be updated because the location was not found.",
        'LOCATION_NOT_FOUND',
      );
    const level = item.levels.get(location.id);
    const problem = !activate && level?.isActive ? keeps(level) : null;
    if (problem) findings.add(path, problem.message, problem.code);
    return {location, level, activate};
  });
  findings.end({inventoryItem: null, inventoryLevels: null});
  const levels = rows.filter(row => row.activate).map(({location}) => store.stock.activate(item, location));
  for (const {level, activate} of rows) if (!activate && level?.isActive) store.stock.deactivate(level);
  return {inventoryItem: item, inventoryLevels: levels};
}

/** {inventoryLevelId}: the item is stocked there no more. */
export function deactivateLevel(store, key, {inventoryLevelId}) {
  const level = store.get(inventoryLevelId);
  if (level?.__typename !== 'InventoryLevel')
    throw new Refusal(null, "The product couldn't be unstocked because the product was deleted.");
  const problem = level.isActive ? keeps(level) : null;
  if (problem) throw new Refusal(null, problem.message.replace('The variant', 'The product'));
  if (level.isActive) store.stock.deactivate(level);
  return null;
}

// ---- the item ----------------------------------------------------------------------------------

/** {id, input}: answers the item. */
export function updateItem(store, key, {id, input}) {
  const item = store.get(id);
  if (item?.__typename !== 'InventoryItem')
    throw new Refusal(['id'], "The product couldn't be updated because it does not exist.");
  const findings = new Findings();
  checkItem(
    'inventoryItemUpdate',
    input,
    ['input'],
    (path, message) => findings.add(path, message.replace('Cost per item', 'Cost')),
    {},
  );
  findings.end();
  store.change(item, itemFields(input, store.catalogue));
  if (input.sku !== undefined) store.catalogue.changeVariant(item.variant, {sku: input.sku || null});
  return item;
}
