// Puts what hangs on the items into the books: variants, units, references, texts, attributes, pictures, stock, price lists.
import zlib from 'node:zlib';
import {CATALOGUE, CATEGORIES, VENDORS, described} from '../data/catalogue.mjs';
import {NO_DATE} from './entities.mjs';

/** The articles of a company, whole; those of the catalogue come behind its own. */
export const articlesOf = (company, {catalogue = true} = {}) =>
  [
    ...company.items,
    ...(catalogue ? CATALOGUE.filter(({number}) => !company.items.some(item => item.number === number)) : []),
  ].map(described);

export function seedVendors(add) {
  for (const category of CATEGORIES) add('itemCategories', category.code, category);
  for (const vendor of VENDORS) add('vendors', vendor.number, {...vendor, blocked: ' '});
}

/** What an item's own row holds of its article. */
export const articleFields = (article, idOf) => ({
  type: article.type,
  unitCost: String(article.unitCost),
  itemCategoryCode: article.category,
  itemCategoryId: idOf('itemCategories', article.category),
  _grossWeight: article.weight,
  _netWeight: article.weight,
  _tariffNumber: article.tariff,
  _origin: article.origin,
  _vendorNumber: article.vendor,
  _vendorItemNumber: article.vendorItem,
  _discountGroup: article.discountGroup,
  _salesUnit: article.salesUnit ?? 'PCS',
  _salesBlocked: article.salesBlocked === true,
});

/** The rows of one article; `add(set, key, values)`, `idOf(set, key)`, `stock(place, pieces)`. */
export function seedArticle(article, {add, idOf, put, stock}) {
  const itemNumber = article.number;
  const itemId = idOf('items', itemNumber);
  const of = {itemId, itemNumber};
  const code = text => text.trim().toUpperCase();
  for (const {code: unit, quantity} of [{code: 'PCS', quantity: '1'}, ...article.units])
    add('itemUnits', `${itemNumber}/${unit}`, {...of, code: unit, quantityPerUnit: quantity});
  for (const variant of article.variants) {
    const id = add('itemVariants', `${itemNumber}/${variant.code}`, {
      ...of,
      code: variant.code,
      description: variant.description,
      _blocked: variant.blocked === true,
      _salesBlocked: false,
      _description2: '',
    });
    for (const [location, pieces] of Object.entries(variant.stock ?? {}))
      stock({article, variant: {...variant, id}, location, pieces});
  }
  for (const [location, pieces] of Object.entries(article.stock)) stock({article, location, pieces});
  article.barcodes.forEach(({variant = '', unit = '', number}, i) =>
    add('itemReferences', `${itemNumber}/${i}`, {
      ...of,
      variantCode: code(variant),
      unitOfMeasureCode: unit,
      referenceType: 'Bar Code',
      referenceNumber: number,
    }),
  );
  if (article.vendorItem)
    add('itemReferences', `${itemNumber}/vendor`, {
      ...of,
      referenceType: 'Vendor',
      referenceTypeNumber: article.vendor,
      referenceNumber: article.vendorItem,
    });
  article.texts.forEach(({language, lines, from = NO_DATE, to = NO_DATE}, i) =>
    add('itemTexts', `${itemNumber}/${i}`, {
      ...of,
      kind: 'Extended',
      languageCode: language,
      textNumber: i + 1,
      startingDate: from,
      endingDate: to,
      text: lines.join('\n'),
    }),
  );
  if (article.marketing) add('itemTexts', `${itemNumber}/marketing`, {...of, kind: 'Marketing', text: article.marketing});
  for (const {language, variant = '', description} of article.translations)
    add('itemTranslations', `${itemNumber}/${variant}/${language}`, {
      ...of,
      variantCode: variant,
      languageCode: language,
      description,
    });
  article.attributes.forEach(({variant = '', name, value, type, unit = '', blocked = false}, i) =>
    add('itemAttributes', `${itemNumber}/${i}`, {
      ...of,
      variantCode: variant,
      attributeId: i + 1,
      name,
      value,
      type,
      unit,
      blocked,
    }),
  );
  if (article.picture) put('pictures', {id: itemId, ...tile(itemNumber)});
}

/** A picture of one colour that depends on the text. */
function tile(text) {
  const side = 8;
  const colour = [...text].reduce(
    ([r, g, b], letter) => [(g + letter.charCodeAt(0) * 7) % 256, b, (r * 3 + 40) % 256],
    [90, 140, 200],
  );
  const line = Buffer.concat([Buffer.from([0]), ...Array(side).fill(Buffer.from(colour))]);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const bytes = Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', zlib.deflateSync(Buffer.concat(Array(side).fill(line)))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  return {parentType: 'Item', width: side, height: side, contentType: 'image/png', _bytes: bytes.toString('base64')};
}

function chunk(name, data) {
  const whole = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc(whole));
  return Buffer.concat([size, whole, check]);
}

function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}
