// Products from files in the form in which Shopify exports them (one row per variant, the product's own fields on its
// first row), as forms for a store. Pictures are addresses elsewhere and are left out.
import fs from 'node:fs';
import {csv} from './catalogue.mjs';

/** Reads files of products; answers forms as data/world.mjs has them, without ids. */
export function shopProducts(files) {
  const products = new Map();
  for (const row of files.flatMap(file => rowsOf(fs.readFileSync(file, 'utf8')))) {
    if (!row.Handle) continue;
    if (!products.has(row.Handle)) products.set(row.Handle, productOf(row));
    const product = products.get(row.Handle);
    const values = [1, 2, 3].map(n => row[`Option${n} Value`]).filter(Boolean);
    if (values.length && row['Variant Price']) product.variants.push(variantOf(row, values));
  }
  return [...products.values()];
}

function productOf(row) {
  return {
    handle: row.Handle,
    title: row.Title,
    descriptionHtml: row['Body (HTML)'].trim(),
    vendor: row.Vendor,
    productType: row.Type,
    tags: row.Tags.split(',')
      .map(tag => tag.trim())
      .filter(Boolean),
    status: 'ACTIVE',
    isGiftCard: row['Gift Card'] === 'true',
    published: row.Published === 'true',
    createdAt: '2026-01-05T10:00:00Z',
    updatedAt: '2026-09-01T10:00:00Z',
    options: [1, 2, 3].map(n => row[`Option${n} Name`]).filter(Boolean),
    variants: [],
  };
}

const variantOf = (row, options) => ({
  options,
  sku: row['Variant SKU'] || null,
  barcode: row['Variant Barcode'] || null,
  price: row['Variant Price'],
  compareAtPrice: row['Variant Compare At Price'] || null,
  inventoryPolicy: row['Variant Inventory Policy'].toUpperCase() || 'DENY',
  taxable: row['Variant Taxable'] === 'true',
});

/** Rows as objects by the names of the first line. */
function rowsOf(text) {
  const [names, ...rows] = csv(text);
  return rows.map(row => Object.fromEntries(names.map((name, i) => [name, row[i] ?? ''])));
}
