// What the ERP knows of its articles beside number, name and price: the same for the same number. And articles that only the
// ERP has, with variants, units and texts, for a shop that is filled from it.
//
//   ARTICLE: {number, displayName, unitPrice, unitCost, category, vendor, weight, tariff, origin, discountGroup, type, blocked,
//     variants: [{code, description, blocked, price, stock}], units: [{code, quantity}], salesUnit, barcodes: [{variant, unit, number}],
//     vendorItem, texts: [{language, lines, from, to}], marketing, translations: [{language, variant, description}],
//     attributes: [{variant, name, value, type, unit, blocked}], stock: {LOCATION: pieces}, picture: boolean}
import fs from 'node:fs';
import path from 'node:path';
import {amountText, pennies} from '../lib/money.mjs';

export const CATEGORIES = [
  {code: 'CLOTHING', displayName: 'Work Clothing'},
  {code: 'DECOR', displayName: 'Home and Garden'},
];
export const VENDORS = [
  {number: '10000', displayName: 'London Postmaster', country: 'GB'},
  {number: '20000', displayName: 'AR Day Property', country: 'GB'},
  {number: '30000', displayName: 'CoolWood Technologies', country: 'DK'},
];

const SIZES = ['S', 'M', 'L'];
const COLOURS = [
  ['BLUE', 'blue'],
  ['GREY', 'grey'],
];

/** Articles that no product of the shop's is made of yet. */
export const CATALOGUE = [
  {
    number: '3000-S',
    displayName: 'Team Shirt',
    unitPrice: '24.90',
    category: 'CLOTHING',
    vendor: '20000',
    discountGroup: 'RESALE',
    variants: COLOURS.flatMap(([code, name]) =>
      SIZES.map((size, i) => ({
        code: `${code}-${size}`,
        description: `Team Shirt, ${name}, ${size}`,
        stock: {MAIN: 5 + i, EAST: i},
      })),
    ),
    texts: [
      {language: '', lines: ['A shirt for every day.', 'Cotton, washes at 60']},
      {language: 'DAN', lines: ['En skjorte til hverdag.']},
    ],
    marketing: '<p>The shirt our own people wear.</p>',
    translations: [{language: 'DAN', variant: '', description: 'Holdskjorte'}],
    attributes: [
      {name: 'Material', value: 'Cotton', type: 'Option'},
      {name: 'Weight of cloth', value: '180', type: 'Integer', unit: 'g/m2'},
      {name: 'Internal grade', value: 'B', type: 'Text', blocked: true},
    ],
  },
  {
    number: '3010-S',
    displayName: 'Storage Jar, glass',
    unitPrice: '4.20',
    category: 'DECOR',
    units: [{code: 'BOX', quantity: '12'}],
    stock: {MAIN: 120, EAST: 30},
    attributes: [{name: 'Volume', value: '0.75', type: 'Decimal', unit: 'l'}],
  },
  {number: '3011-S', displayName: 'Storage Jar, glass, large', unitPrice: '6.80', category: 'DECOR', stock: {MAIN: 60}},
  {number: '3020-S', displayName: 'Garden Bench, teak', unitPrice: '312.00', category: 'DECOR', stock: {MAIN: 4}},
  {
    number: '3030-S',
    displayName: 'Delivery to the Room',
    unitPrice: '35.00',
    category: 'MISC',
    type: 'Service',
    stock: {},
    picture: false,
  },
  {
    number: '3040-S',
    displayName: 'Garden Bench, old model',
    unitPrice: '199.00',
    category: 'DECOR',
    blocked: true,
    stock: {MAIN: 1},
  },
];

/** `count` articles of `variants` variants each, for measurements. */
export function manyArticles(count, variants) {
  return Array.from({length: count}, (_, i) => ({
    number: `A${String(i + 1).padStart(6, '0')}`,
    displayName: `Article ${i + 1}`,
    unitPrice: amountText(500 + ((i * 37) % 9500)),
    category: 'DECOR',
    texts: [],
    attributes: [],
    picture: false,
    stock: variants > 0 ? {} : {MAIN: 10 + (i % 90), EAST: i % 20},
    variants: Array.from({length: variants}, (_, v) => ({
      code: `V${String(v + 1).padStart(3, '0')}`,
      description: `Article ${i + 1}, ${v + 1}`,
      stock: {MAIN: 10 + ((i + v) % 90), EAST: (i + v) % 20},
    })),
  }));
}

/** The articles of a folder of product files in Shopify's CSV format. */
export function articlesOf(folder) {
  const articles = new Map();
  for (const file of fs
    .readdirSync(folder)
    .filter(name => name.endsWith('.csv'))
    .sort()) {
    const [header, ...rows] = csv(fs.readFileSync(path.join(folder, file), 'utf8'));
    for (const cells of rows) {
      const cell = Object.fromEntries(header.map((name, i) => [name, cells[i] ?? '']));
      if (cell.Handle !== '') addArticle(articles, cell, path.basename(file, '.csv'));
    }
  }
  return [...articles.values()];
}

function addArticle(articles, cell, shelf) {
  if (!articles.has(cell.Handle))
    articles.set(cell.Handle, {
      number: `P${String(articles.size + 1).padStart(5, '0')}`,
      displayName: cell.Title.slice(0, 100),
      unitPrice: '0',
      category: shelf === 'apparel' ? 'CLOTHING' : 'DECOR',
      marketing: cell['Body (HTML)'],
      variants: [],
      stock: {},
    });
  const article = articles.get(cell.Handle);
  if (cell['Variant Price'] === '') return; // a further picture of the product
  const price = amountText(pennies(cell['Variant Price']));
  if (article.unitPrice === '0') article.unitPrice = price;
  const stock = {MAIN: Math.max(0, Number(cell['Variant Inventory Qty']) || 0)};
  const options = [1, 2, 3].map(n => cell[`Option${n} Value`]).filter(value => value && value !== 'Default Title');
  if (options.length === 0) article.stock = stock;
  else
    article.variants.push({
      code: `V${String(article.variants.length + 1).padStart(3, '0')}`,
      description: `${article.displayName}, ${options.join(', ')}`.slice(0, 100),
      stock,
    });
}

/** Rows of cells; a cell in quotes may hold commas, quotes (doubled) and line ends. */
export function csv(text) {
  const rows = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1).push(quoted?.replaceAll('""', '"') ?? plain);
    if (end !== ',') rows.push([]);
  }
  return rows.filter(row => row.length > 1);
}

/** An article with everything said that it leaves open. */
export function described(item, i) {
  const {unitPrice} = item;
  return {
    type: 'Inventory',
    category: i % 3 === 0 ? 'FURNITURE' : 'MISC',
    vendor: VENDORS[i % VENDORS.length].number,
    vendorItem: `${VENDORS[i % VENDORS.length].number.slice(0, 1)}-${item.number}`.slice(0, 50),
    unitCost: amountText(Math.round(pennies(unitPrice) * 0.6)),
    weight: String(1 + (i % 20)),
    tariff: i % 2 === 0 ? '9403 20 80' : '',
    origin: i % 2 === 0 ? 'GB' : 'DK',
    discountGroup: '',
    variants: [],
    units: [],
    barcodes: item.gtin ? [{number: item.gtin}] : [],
    texts: i % 3 === 0 ? [{language: '', lines: [`${item.displayName}.`, 'Made to last']}] : [],
    marketing: '',
    translations: [],
    attributes: [],
    stock: item.inventory === undefined && !item.variants?.length ? {MAIN: 400 + (i % 30), EAST: i % 9} : {},
    picture: true,
    ...item,
  };
}
