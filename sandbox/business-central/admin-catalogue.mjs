// What a person does to the catalogue: variants, what hangs on an item, price lists, stock, pictures.
import {HttpError} from '../lib/http.mjs';
import {ENTITIES, NO_ID} from './entities.mjs';
import {Num, parse} from './json.mjs';
import {createMaster, deleteMaster} from './master.mjs';
import {dropPicture, setPicture} from './pictures.mjs';
import {adjustStock} from './posting/entries.mjs';
import {showRow} from './present.mjs';
import {changeStock, stockRow} from './stock.mjs';
import {readValue} from './values.mjs';

const PARTS = ['itemUnits', 'itemReferences', 'itemTexts', 'itemTranslations', 'itemAttributes', 'priceListLines'];

const want = text => {
  throw new HttpError(400, {errors: text});
};

function itemOf(books, number) {
  return books.find('items', 'number', number) ?? want(`no item ${number}`);
}

function variantOf(books, item, code = '') {
  if (code === '') return undefined;
  return (
    books.where('itemVariants', 'itemId', item.id).find(row => row.code === code) ??
    want(`item ${item.number} has no variant ${code}`)
  );
}

/** The values of a body by property; numbers as this room keeps them. */
function fieldsOf(entity, body, others) {
  const given = Object.entries(parse(JSON.stringify(body))).filter(([name]) => !others.includes(name));
  return given.map(([name, value]) => {
    const property = entity.byName.get(name) ?? want(`${name}: not a property of ${entity.type}`);
    return [property, readValue(property, value)];
  });
}

/** {"item", "code", "description"?, "description2"?, "blocked"?, "salesBlocked"?, "delete"?} */
export function changeVariant(server, {body, books}) {
  const item = itemOf(books, body.item);
  const extras = ENTITIES.get('itemVariantExtras');
  const before = books.where('itemVariants', 'itemId', item.id).find(row => row.code === body.code);
  return server.store.transaction(() => {
    if (body.delete) return void deleteMaster(books, ENTITIES.get('itemVariants'), before ?? want(`no variant ${body.code}`));
    const entity = ENTITIES.get('itemVariants');
    const row =
      before ??
      createMaster(books, entity, [
        [entity.byName.get('itemId'), item.id],
        [entity.byName.get('code'), body.code],
      ]);
    const changes = fieldsOf(extras, body, ['item', 'delete']).map(([{field}, value]) => [field, value]);
    return showRow(books.write('itemVariants', {...row, ...Object.fromEntries(changes)}), extras, books);
  });
}

/** One row of what hangs on an item: {"item", …properties, "delete"?}; the set's natural key finds it. */
export function changePart(server, {body, books, key: set}) {
  if (!PARTS.includes(set)) want(`want one of ${PARTS.join(', ')}`);
  const entity = ENTITIES.get(set);
  const item = body.item === undefined ? undefined : itemOf(books, body.item);
  const row = {...books.blank(set), ...startOf(books, set, item)};
  for (const [{field}, value] of fieldsOf(entity, body, ['item', 'delete'])) row[field] = value;
  const before = books.primary
    .all(books.company, set)
    .find(each => entity.keys.every(name => each[entity.byName.get(name).field] === row[entity.byName.get(name).field]));
  return server.store.transaction(() => {
    if (body.delete) return void books.remove(set, (before ?? want(`no such row in ${set}`)).id);
    return showRow(books.write(set, {...row, id: before?.id ?? books.store.newId()}), entity, books);
  });
}

function startOf(books, set, item) {
  const of = item ? {itemId: item.id, itemNumber: item.number} : {};
  if (set === 'itemReferences') return {...of, referenceType: 'Bar Code'};
  if (set !== 'priceListLines') return of;
  return {
    itemId: item?.id ?? NO_ID,
    priceListCode: 'S00001',
    status: 'Active',
    assetType: item ? 'Item' : 'Item Discount Group',
    assetNumber: item?.number ?? '',
    amountType: 'Price',
    allowLineDiscount: true,
  };
}

/** {"item", "variant"?, "location"?, "inventory"?, "reserved"?, "supply"?, "demand"?}: of one place. */
export function changePlace(server, {body, books}) {
  const item = itemOf(books, body.item);
  const variantId = variantOf(books, item, body.variant)?.id ?? NO_ID;
  const locationId = body.location
    ? (books.find('locations', 'code', body.location) ?? want(`no location ${body.location}`)).id
    : NO_ID;
  const amount = name => {
    const value = parse(JSON.stringify(body[name]));
    return value instanceof Num ? value.text : want(`${name}: a number is wanted`);
  };
  return server.store.transaction(() => {
    const place = stockRow(books, item, variantId, locationId);
    if (body.inventory !== undefined) adjustStock(books, item, amount('inventory'), place);
    const names = {reserved: 'reservedQuantity', supply: '_supply', demand: '_demand'};
    const changes = Object.entries(names)
      .filter(([name]) => body[name] !== undefined)
      .map(([name, field]) => [field, amount(name)]);
    changeStock(books, books.get('itemStocks', place.id), Object.fromEntries(changes));
    return showRow(books.get('itemStocks', place.id), ENTITIES.get('itemStocks'), books);
  });
}

/** All places of an item, or of all items. */
export function listPlaces(server, {query, books}) {
  const rows = books.primary.all(books.company, 'itemStocks');
  const wanted = query.get('item');
  return {
    places: rows.filter(row => !wanted || row.itemNumber === wanted).map(row => showRow(row, ENTITIES.get('itemStocks'), books)),
  };
}

/** {"item", "variant"?, "content": BASE64 | null} */
export function changePicture(server, {body, books}) {
  const item = itemOf(books, body.item);
  const variant = variantOf(books, item, body.variant);
  const [set, id] = variant ? ['itemVariants', variant.id] : ['items', item.id];
  server.store.transaction(() =>
    body.content === null ? dropPicture(books, set, id) : setPicture(books, set, id, Buffer.from(body.content ?? '', 'base64')),
  );
}
