// Writing master data: items, variants, customers and the code tables. Field by field in the order of
// the request, as if a person typed them; pairs (id, code) must agree; keys are unique.
import {checkEmail, checkPhone} from './books.mjs';
import {Dec} from './decimal.mjs';
import {ENTITIES, NO_ID} from './entities.mjs';
import {dialog, sameKey, tableRelation} from './errors.mjs';
import {adjustStock} from './posting/entries.mjs';
import {hasId} from './values.mjs';

export function createMaster(books, entity, fields) {
  if (fields.some(([property]) => property.name === 'inventory'))
    throw dialog('The inventory of a new item cannot be set. Create the item first.');
  const row = {...books.blank(entity.set), ...templateOf(books, entity.set), id: books.store.newId()};
  applyFields(books, entity, row, fields);
  for (const name of entity.required) if (row[name] === '') throw dialog(`A "${name}" must be provided.`);
  if (entity.set === 'itemVariants' && !hasId(row.itemId)) throw dialog('An "itemNumber" or an "itemId" must be provided.');
  if (entity.series && row.number === '') row.number = books.nextNumber(entity.series);
  if (entity.set === 'itemReferences') checkReference(books, row);
  if (entity.set === 'itemUnits') checkUnit(books, row);
  checkUnique(books, entity, row);
  const written = books.write(entity.set, row);
  if (entity.set === 'items') addBaseUnit(books, written);
  books.note('created', entity.set, written);
  return written;
}

export function updateMaster(books, entity, before, fields) {
  const row = {...before};
  const inventory = fields.find(([{name}]) => name === 'inventory')?.[1];
  applyFields(
    books,
    entity,
    row,
    fields.filter(([{name}]) => name !== 'inventory'),
  );
  for (const name of entity.required) if (row[name] === '') throw dialog(`A "${name}" must be provided.`);
  checkUnique(books, entity, row);
  books.write(entity.set, row);
  if (inventory !== undefined) adjustStock(books, books.get(entity.set, row.id), inventory);
  const written = books.get(entity.set, row.id);
  if (written !== before) books.note('changed', entity.set, written);
  return written;
}

export function deleteMaster(books, entity, row) {
  const user = usedBy(books, entity.set, row);
  if (user)
    throw dialog(
      `You cannot delete ${entity.table} ${row.number ?? row.code} because there is at least one outstanding ${user} for it.`,
    );
  if (entity.set === 'items')
    for (const set of ['itemVariants', 'itemUnits', 'itemReferences', 'itemTexts', 'itemTranslations', 'itemAttributes', 'itemStocks'])
      for (const child of books.where(set, 'itemId', row.id)) books.remove(set, child.id);
  books.remove(entity.set, row.id);
  books.note('deleted', entity.set, row);
}

/** A new item has its base unit among its units. */
function addBaseUnit(books, {id, number, baseUnitOfMeasureCode}) {
  if (baseUnitOfMeasureCode === '') return;
  const unit = {itemId: id, itemNumber: number, code: baseUnitOfMeasureCode, quantityPerUnit: '1'};
  books.write('itemUnits', {...books.blank('itemUnits'), id: books.store.newId(), ...unit});
}

function checkUnit(books, row) {
  if (!hasId(row.itemId)) throw dialog('An "itemNumber" or an "itemId" must be provided.');
  if (!books.find('unitsOfMeasure', 'code', row.code)) throw tableRelation('Code', 'Item Unit of Measure', row.code, 'Unit of Measure');
  if (Dec.of(row.quantityPerUnit).compare(Dec.of('0')) <= 0)
    throw dialog('Qty. per Unit of Measure must be greater than 0.');
}

function checkReference(books, row) {
  if (!hasId(row.itemId)) throw dialog('An "itemNumber" or an "itemId" must be provided.');
  const ofItem = (set, code) => code === '' || books.where(set, 'itemId', row.itemId).some(each => each.code === code);
  if (!ofItem('itemVariants', row.variantCode)) throw tableRelation('Variant Code', 'Item Reference', row.variantCode, 'Item Variant');
  if (!ofItem('itemUnits', row.unitOfMeasureCode))
    throw tableRelation('Unit of Measure', 'Item Reference', row.unitOfMeasureCode, 'Item Unit of Measure');
  if (row.referenceType === 'Vendor' && !books.find('vendors', 'number', row.referenceTypeNumber))
    throw tableRelation('Reference Type No.', 'Item Reference', row.referenceTypeNumber, 'Vendor');
}

function usedBy(books, set, row) {
  const name = {items: 'itemId', customers: 'customerId', itemVariants: 'itemVariantId'}[set];
  if (!name) return null;
  const documents =
    set === 'customers'
      ? ['salesOrders', 'salesInvoices', 'salesCreditMemos']
      : ['salesOrderLines', 'salesInvoiceLines', 'salesCreditMemoLines'];
  const user = documents.find(documentSet => books.where(documentSet, name, row.id).length > 0);
  return user ? ENTITIES.get(user).type : null;
}

/** What Business Central's item and customer templates fill in before the request's own fields. */
function templateOf(books, set) {
  const byCode = (table, code) => books.find(table, 'code', code)?.id ?? NO_ID;
  const {template} = books.setup;
  if (set === 'items')
    return {
      type: 'Inventory',
      _vatProd: template.vatProd,
      taxGroupId: byCode('taxGroups', template.vatProd),
      taxGroupCode: template.vatProd,
      baseUnitOfMeasureId: byCode('unitsOfMeasure', template.unit),
      baseUnitOfMeasureCode: template.unit,
      generalProductPostingGroupId: byCode('generalProductPostingGroups', template.productGroup),
      generalProductPostingGroupCode: template.productGroup,
      inventoryPostingGroupId: byCode('inventoryPostingGroups', template.inventoryGroup),
      inventoryPostingGroupCode: template.inventoryGroup,
    };
  if (set === 'customers') {
    const {vatBus} = template;
    return {
      type: 'Company',
      _vatBus: vatBus,
      taxAreaId: byCode('taxAreas', vatBus),
      _postingGroup: template.customerGroup,
      _pricesIncludeTax: false,
    };
  }
  if (set === 'accounts') return {directPosting: true, _vatProd: template.vatProd};
  if (set === 'taxGroups' || set === 'taxAreas') return {taxType: books.hasSalesTax() ? 'Sales Tax' : 'VAT'};
  return {};
}

function applyFields(books, entity, row, fields) {
  const settled = new Map(); // reference → id that the first of a pair named
  for (const [property, value] of fields) {
    const {name} = property;
    const reference = entity.refs.find(ref => ref.id === name || ref.code === name);
    if (reference) {
      const id = applyReference(books, entity, row, reference, name, value);
      if (hasId(settled.get(reference)) && hasId(id) && settled.get(reference) !== id) throw mismatch(reference);
      settled.set(reference, id);
    } else {
      checkField(books, entity, name, value);
      row[name] = value;
    }
  }
}

function checkField(books, entity, name, value) {
  if (name === 'email') checkEmail(value);
  if (name === 'phoneNumber') checkPhone(value);
  if (name === 'country' && value !== '' && !books.find('countriesRegions', 'code', value))
    throw tableRelation('Country/Region Code', entity.table, value, 'Country/Region');
  if (name === 'salespersonCode' && value !== '')
    throw tableRelation('Salesperson Code', entity.table, value, 'Salesperson/Purchaser');
}

const mismatch = reference =>
  dialog(`The ${ENTITIES.get(reference.set).table} values do not match to a specific ${ENTITIES.get(reference.set).table}.`);

/** Sets both sides of a pair from one of them and answers the id. */
function applyReference(books, entity, row, reference, name, value) {
  const byId = name === reference.id;
  const none = byId ? !hasId(value) : value === '' || isLocal(books, reference, value);
  const found = none ? undefined : byId ? books.get(reference.set, value) : books.find(reference.set, reference.field, value);
  const {table} = ENTITIES.get(reference.set);
  if (!none && !found) throw byId ? mismatch(reference) : tableRelation(`${table} Code`, entity.table, value, table);
  row[reference.id] = found?.id ?? NO_ID;
  if (reference.code) row[reference.code] = found?.[reference.field] ?? '';
  if (found) applyConsequences(row, reference, found);
  return row[reference.id];
}

const isLocal = (books, reference, value) => reference.set === 'currencies' && value === books.setup.currency;

function applyConsequences(row, reference, found) {
  if (reference.set === 'taxAreas') row._vatBus = found.code;
  if (reference.set === 'taxGroups') row._vatProd = found.code;
  if (reference.set === 'generalProductPostingGroups' && found.defaultVATProductPostingGroup)
    row._vatProd = found.defaultVATProductPostingGroup;
}

function checkUnique(books, entity, row) {
  const [first, ...rest] = entity.keys;
  if (first === 'id') return;
  const twin = books
    .where(entity.set, first, row[first])
    .find(other => other.id !== row.id && rest.every(name => other[name] === row[name]));
  if (twin)
    throw sameKey(entity.table, entity.keys.map(name => `${name === 'number' ? 'No.' : name}='${row[name]}'`).join(','));
}
