// Real sales as a world: a file in the Online Retail format (columns InvoiceNo, StockCode, Description,
// Quantity, InvoiceDate, UnitPrice, CustomerID, Country; CSV, plain or gzip, sorted by date), to be replayed
// day by day.
//
// An invoice is an order, its rows are lines. A C-invoice gives back what earlier orders of the same customer
// sold: a row counts when those orders cover its whole quantity, latest order first. POST, DOT and C2 are
// shipping, M is a line without a product, gift_* is a gift card; every other stock code, upper-cased, is an
// item, known to both sides. Orders to the United Kingdom carry 20 % VAT inside the price, others none. What is
// no shop data is counted apart: write_off (only negative quantities, no C) and return_without_order.
import fs from 'node:fs';
import readline from 'node:readline';
import zlib from 'node:zlib';
import {amountText, pennies} from '../lib/money.mjs';
import {ACCOUNTS, DEFAULT_CUSTOMER, FIRM_CARDS, TAX_RATES, companyIdentity, storeIdentity} from './world.mjs';
import {COUNTRIES} from './countries.mjs';

const DAY = 86_400_000;
const SHIPPING = {POST: 'Postage', DOT: 'Dotcom Postage', C2: 'Carriage'};
const FIRST_ORDER = 5_600_000_000_000;
const FIRST_CUSTOMER = 7_400_000_000_000;
const FIRST_PRODUCT = 8_200_000_000_000;

/** Like world(), and `replayer`, which brings the orders into a store day by day. */
export async function retail({file, days, from, companies = 1, stores = 1}) {
  const invoices = await readInvoices(file, {from, days});
  const goods = new Goods();
  const people = new Map();
  const events = [];
  const sold = new Map(); // "customer code" → what earlier orders sold of it, oldest first
  for (const invoice of invoices) {
    if (invoice.customer && !people.has(invoice.customer)) people.set(invoice.customer, personOf(invoice));
    events.push(invoice.number.startsWith('C') ? returnOf(invoice, sold) : orderOf(invoice, {goods, people, sold}));
  }
  const first = from ?? invoices[0]?.date.slice(0, 10) ?? '2010-12-01';
  return {
    now: `${first}T00:00:00Z`,
    stores: Array.from({length: stores}, (_, i) => ({
      ...storeIdentity(i),
      products: i === 0 ? goods.products() : [],
      customers: i === 0 ? [...people.values()].map(person => person.shop) : [],
      orders: [],
    })),
    companies: Array.from({length: companies}, (_, i) => ({
      ...companyIdentity(i),
      items: goods.items(),
      customers: [DEFAULT_CUSTOMER, ...FIRM_CARDS, ...[...people.values()].map(person => ({...person.erp}))],
      accounts: ACCOUNTS.map(account => ({...account})),
      taxRates: TAX_RATES.map(rate => ({...rate})),
    })),
    replayer: new Replayer(events, first),
  };
}

class Replayer {
  constructor(events, first) {
    Object.assign(this, {events, first});
    this.rewind();
  }

  rewind() {
    this.at = 0;
    this.until = null;
  }

  /** Brings everything dated before `until` into the store; answers what came. */
  step(until, store) {
    const counts = {
      orders: 0,
      orders_with_amount: 0,
      orders_of_zero: 0,
      returns_covered: 0,
      returns_partly: 0,
      refunds: 0,
      not_shop_data: {},
    };
    for (; this.at < this.events.length && this.events[this.at].date < until; this.at++) {
      const event = this.events[this.at];
      if (event.order) {
        const order = store.addOrder(event.order);
        counts.orders++;
        counts[order.totals.total[0] > 0 ? 'orders_with_amount' : 'orders_of_zero']++;
      }
      for (const [id, refund] of event.refunds ?? []) {
        store.replayed('giveBack', id, refund);
        counts.refunds++;
      }
      if (event.covered) counts[event.covered]++;
      if (event.reason) counts.not_shop_data[event.reason] = (counts.not_shop_data[event.reason] ?? 0) + 1;
    }
    this.until = until;
    return {until, ...counts, left: this.events.length - this.at};
  }
}

// ---- the file --------------------------------------------------------------------------------

/** Invoices in the order of the file: {number, date, customer, country, rows: [{code, title, quantity, price}]}. */
async function readInvoices(file, {from, days}) {
  if (!fs.existsSync(file)) throw new Error(`orders file ${file} does not exist`);
  const bytes = fs.createReadStream(file);
  const lines = readline.createInterface({
    input: file.endsWith('.gz') ? bytes.pipe(zlib.createGunzip()) : bytes,
    crlfDelay: Infinity,
  });
  const invoices = new Map(); // an invoice's rows need not stand together
  let columns = null;
  let start = from ? Date.parse(`${from}T00:00:00Z`) : null;
  for await (const line of lines) {
    const cells = cellsOf(line);
    if (!columns) {
      columns = columnsOf(cells, file);
      continue;
    }
    const row = columns(cells);
    start ??= Date.parse(`${row.date.slice(0, 10)}T00:00:00Z`);
    const time = Date.parse(row.date);
    if (time < start) continue;
    if (days && time >= start + days * DAY) break; // the file is sorted by date
    const {number, date, customer, country, ...rest} = row;
    if (!invoices.has(number)) invoices.set(number, {number, date, customer, country, rows: []});
    invoices.get(number).rows.push(rest);
  }
  bytes.destroy();
  return [...invoices.values()];
}

const WANTED = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
];

function columnsOf(header, file) {
  const at = WANTED.map(name => header.indexOf(name));
  if (at.includes(-1))
    throw new Error(`orders file ${file}: no column ${WANTED[at.indexOf(-1)]}; want the Online Retail format`);
  return cells => {
    const [number, code, title, quantity, date, price, customer, country] = at.map(i => cells[i] ?? '');
    return {
      number,
      date: `${date.replace(' ', 'T')}Z`,
      customer: customer.replace(/\.0$/, '') || null,
      country,
      code: code.trim().toUpperCase(),
      title: title.trim(),
      quantity: Number(quantity),
      price: amountText(pennies(price)),
    };
  };
}

function cellsOf(line) {
  if (!line.includes('"')) return line.split(',');
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
  );
}

// ---- goods and people --------------------------------------------------------------------------

class Goods {
  #byCode = new Map(); // code → {title, price, giftCard, id}

  /** The variant id of a stock code; the first row with a title or a price names or prices it. */
  variant({code, title, price}) {
    let row = this.#byCode.get(code);
    if (!row)
      this.#byCode.set(
        code,
        (row = {title: '', price: '0.00', giftCard: code.startsWith('GIFT_'), id: FIRST_PRODUCT + this.#byCode.size}),
      );
    row.title ||= title;
    if (row.price === '0.00') row.price = price;
    return variantId(row);
  }

  products() {
    return [...this.#byCode].map(([code, row]) => ({
      id: String(row.id),
      kind: 'known',
      handle: code.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
      title: row.title || code,
      vendor: 'Online Retail',
      productType: 'Gift',
      status: 'ACTIVE',
      isGiftCard: row.giftCard,
      createdAt: '2010-11-01T00:00:00Z',
      updatedAt: '2010-11-01T00:00:00Z',
      variants: [{id: variantId(row), sku: code, barcode: null, price: row.price, title: 'Default Title'}],
    }));
  }

  items() {
    return [...this.#byCode]
      .filter(([, row]) => !row.giftCard)
      .map(([code, row]) => ({
        number: code,
        displayName: row.title || code,
        gtin: '',
        unitPrice: row.price,
        blocked: false,
        vatProd: 'STANDARD',
        picture: false, // the file has none, and to read one of each takes minutes at Business Central's limits
      }));
  }
}

const variantId = row => String(row.id + 40_000_000_000_000);

function personOf({customer, country}) {
  const code = COUNTRIES[country] ?? null;
  const address = {
    firstName: 'Customer',
    lastName: customer,
    company: null,
    address1: `${Number(customer) % 200} Wharf Road`,
    address2: null,
    zip: null,
    city: country,
    countryCode: code,
    phone: null,
  };
  const email = `c${customer}@example.com`;
  return {
    shop: {
      id: String(FIRST_CUSTOMER + Number(customer)),
      firstName: 'Customer',
      lastName: customer,
      email,
      phone: null,
      createdAt: '2010-11-01T00:00:00Z',
      updatedAt: '2010-11-01T00:00:00Z',
      addresses: [address],
    },
    erp: {
      number: customer,
      displayName: `Customer ${customer}`,
      email,
      phone: '',
      address: address.address1,
      country: code ?? '',
      blocked: '',
      vatBus: code === 'GB' ? 'DOMESTIC' : 'EXPORT',
      pricesIncludeTax: true,
    },
  };
}

// ---- invoices ----------------------------------------------------------------------------------

function orderOf(invoice, {goods, people, sold}) {
  const {number, date, customer, country, rows} = invoice;
  if (rows.every(row => row.quantity < 0)) return {date, reason: 'write_off'};
  const person = customer ? people.get(customer).shop : null;
  const id = String(FIRST_ORDER + Number(number));
  const address = person ? {...person.addresses[0], city: country, countryCode: COUNTRIES[country] ?? null} : null;
  const lines = [];
  const shipping = [];
  for (const row of rows) {
    const stock = {id, left: row.quantity, line: null, price: row.price};
    if (SHIPPING[row.code]) {
      shipping.push({title: SHIPPING[row.code], code: row.code, price: amountText(pennies(row.price) * row.quantity)});
    } else {
      stock.line = lines.length;
      const isCustom = row.code === 'M';
      lines.push({
        ...(isCustom ? {} : {variant: goods.variant(row)}),
        ...(row.title || isCustom ? {title: row.title || 'Manual'} : {}),
        quantity: row.quantity,
        price: row.price,
        giftCard: row.code.startsWith('GIFT_'),
      });
    }
    if (customer) append(sold, `${customer} ${row.code}`, stock);
  }
  return {
    date,
    order: {
      id,
      name: `#${number}`,
      createdAt: date,
      customer: person?.id ?? null,
      email: person?.email ?? null,
      shippingAddress: address,
      billingAddress: address,
      taxRate: country === 'United Kingdom' ? 20 : 0,
      lines,
      shipping,
      financialStatus: 'PAID',
    },
  };
}

/** A C-invoice as refunds, one per order it gives back to. */
function returnOf({date, customer, rows}, sold) {
  const refunds = new Map(); // order id → refund
  let covered = 0;
  for (const row of rows) {
    const earlier = customer ? (sold.get(`${customer} ${row.code}`) ?? []) : [];
    let wanted = -row.quantity;
    if (earlier.reduce((sum, stock) => sum + stock.left, 0) < wanted) continue;
    covered++;
    for (let i = earlier.length - 1; i >= 0 && wanted > 0; i--) {
      const taken = Math.min(wanted, earlier[i].left);
      if (taken === 0) continue;
      earlier[i].left -= taken;
      wanted -= taken;
      giveBack(refunds, date, earlier[i], taken);
    }
  }
  if (covered === 0) return {date, reason: 'return_without_order'};
  return {date, refunds: [...refunds], covered: covered === rows.length ? 'returns_covered' : 'returns_partly'};
}

function giveBack(refunds, date, stock, quantity) {
  if (!refunds.has(stock.id)) refunds.set(stock.id, {createdAt: date, lines: [], shipping: '0.00'});
  const refund = refunds.get(stock.id);
  if (stock.line === null) refund.shipping = amountText(pennies(refund.shipping) + pennies(stock.price) * quantity);
  else {
    const same = refund.lines.find(entry => entry.line === stock.line); // two rows of one return may meet in one line
    if (same) same.quantity += quantity;
    else refund.lines.push({line: stock.line, quantity, restock: 'RETURN'});
  }
}

function append(map, key, value) {
  if (!map.has(key)) map.set(key, []);
  map.get(key).push(value);
}
