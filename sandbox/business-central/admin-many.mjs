// A catalogue of any size, as a migration would put it into the books: so many like items at once.
import {HttpError} from '../lib/http.mjs';
import {ENTITIES, NO_ID} from './entities.mjs';
import {Num, parse} from './json.mjs';
import {createMaster, updateMaster} from './master.mjs';
import {setPicture} from './pictures.mjs';
import {adjustStock} from './posting/entries.mjs';
import {stockRow} from './stock.mjs';
import {readValue} from './values.mjs';

const MOST = 1000;
const NUMBER_DIGITS = 6;

const numberOf = (prefix, n) => `${prefix}${String(n).padStart(NUMBER_DIGITS, '0')}`;

const fieldsOf = (set, values) => {
  const {byName} = ENTITIES.get(set);
  return Object.entries(values).map(([name, value]) => [byName.get(name), readValue(byName.get(name), value)]);
};

function itemOf(books, number, card) {
  const entity = ENTITIES.get('items');
  const found = books.find('items', 'number', number);
  if (found) return updateMaster(books, entity, found, fieldsOf('items', card));
  const start = {number, displayName: `Article ${number}`, type: 'Inventory'};
  return createMaster(books, entity, fieldsOf('items', {...start, ...card}));
}

function variantsOf(books, item, count) {
  const found = books.where('itemVariants', 'itemId', item.id);
  for (let n = found.length + 1; n <= count; n++) {
    const values = {itemId: item.id, code: `V${n}`, description: `${item.displayName}, kind ${n}`};
    found.push(createMaster(books, ENTITIES.get('itemVariants'), fieldsOf('itemVariants', values)));
  }
  return found;
}

/**
 * {"prefix", "from", "count", "variants"?, "card"?: fields of the items, "stock"?: {LOCATION: pieces of each variant}, "picture"?:
 * BASE64}: items of the numbers prefix000001 on, at most 1,000 a call; those that stand are changed.
 */
export function manyItems(server, {body, books}) {
  const {prefix, from = 1, count, variants = 0, card = {}, stock = {}, picture} = parse(JSON.stringify(body));
  const [first, size, kinds] = [from, count, variants].map(value => Number(value instanceof Num ? value.text : value));
  if (!/^[A-Z][A-Z0-9-]{0,9}$/.test(prefix ?? '') || !(size > 0 && size <= MOST))
    throw new HttpError(400, {errors: `want {"prefix": "A-", "from": 1, "count": 1 to ${MOST}}`});
  const places = Object.entries(stock).map(([code, pieces]) => {
    const location = books.find('locations', 'code', code);
    if (!location) throw new HttpError(400, {errors: `no location ${code}`});
    return [location.id, pieces.text];
  });
  server.store.transaction(() => {
    for (let n = first; n < first + size; n++) {
      const item = itemOf(books, numberOf(prefix, n), card);
      const ids = variantsOf(books, item, kinds).map(({id}) => id);
      for (const variant of ids.length > 0 ? ids : [NO_ID])
        for (const [location, pieces] of places)
          adjustStock(books, books.get('items', item.id), pieces, stockRow(books, item, variant, location));
      if (picture) setPicture(books, 'items', item.id, Buffer.from(picture, 'base64'));
    }
  });
}
