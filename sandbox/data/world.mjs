// The demo world: one store (or several), one company (or several), the same for the same seed.
//
//   world({seed, companies, stores}) → {
//     now,                                  business time at start, ISO text
//     stores: [{domain, id, name, plan, currency, country, timezone, taxesIncluded, clientId, clientSecret, staticToken,
//       products:  [{id, handle, title, vendor, productType, status, createdAt, updatedAt, variants: [{id, sku, barcode, price, title}]}],
//       customers: [{id, firstName, lastName, email|null, phone|null, createdAt, updatedAt, addresses: [ADDRESS]}],
//       companies: what addCompany of shopify/companies.mjs takes,
//       orders:    [ORDER]}],
//     companies: [{tenant, environment, id, name, currency, country, clientId, clientSecret,
//       items:     [{number, displayName, gtin, unitPrice, blocked, vatProd}],
//       customers: [{number, displayName, email, phone, address, country, blocked, vatBus, pricesIncludeTax}],
//       accounts:  [{number, displayName, directPosting, blocked}],
//       taxRates:  [{vatBus, vatProd, percent}]}]}
//
//   ADDRESS: {firstName, lastName, company, address1, address2, zip, city, countryCode, phone}
//   ORDER is what POST /_sandbox/orders takes too (see shopify/README.md): {id, name, createdAt, customer, email, phone,
//     shippingAddress, billingAddress, taxRate, lines: [{variant, quantity, price, discount, …}], shipping: [{title, code, price,
//     discount}], discount, discountCode, tags, note, attributes, financialStatus, …}, and `kind` says why it is in the world.
//
// Prices are text, prices in the store include tax, `blocked` of a customer is '', 'Ship', 'Invoice' or 'All', of an item a
// boolean. Ids are text of 13 digits, stores n > 1 repeat store 1 under their own ids and names.
import {between, pick, randomFrom} from '../lib/random.mjs';
import {amountText, pennies, share} from '../lib/money.mjs';
import {ITEMS, PEOPLE, STREETS, TOWNS} from './names.mjs';

export const NOW = '2026-11-02T08:00:00Z';
const FIRST_ORDER = 1001;
const ORDERS = 240;

const SECRETS = {
  shopify: {clientId: 'cartage-demo', clientSecret: 'sandbox-secret', staticToken: 'shpat_sandbox'},
  businessCentral: {clientId: 'cartage-bc', clientSecret: 'sandbox-bc-secret'},
};

/** Accounts that a demo needs to book shipping and discounts to. */
export const ACCOUNTS = [
  {number: '6110', displayName: 'Sales, Other Goods', directPosting: true, blocked: false},
  {number: '6610', displayName: 'Shipping Charges', directPosting: true, blocked: false},
  {number: '6620', displayName: 'Tips', directPosting: true, blocked: false},
  {number: '5420', displayName: 'Gift Cards Sold', directPosting: true, blocked: false},
  {number: '6630', displayName: 'Duties Charged', directPosting: true, blocked: false},
  {number: '6640', displayName: 'Fees Charged', directPosting: true, blocked: false},
  {number: '9140', displayName: 'Cash Roundings', directPosting: true, blocked: false},
  {number: '6130', displayName: 'Refunds', directPosting: true, blocked: false},
  {number: '6100', displayName: 'Sales, Retail', directPosting: false, blocked: false},
  {number: '8640', displayName: 'Closed Freight Account', directPosting: true, blocked: true},
];

export const TAX_RATES = [
  {vatBus: 'DOMESTIC', vatProd: 'STANDARD', percent: 20},
  {vatBus: 'EXPORT', vatProd: 'STANDARD', percent: 0},
];

/** The default customer of orders without any customer data. */
export const DEFAULT_CUSTOMER = {
  number: 'WEB',
  displayName: 'Web Shop Customers',
  email: '',
  phone: '',
  address: '',
  country: 'GB',
  blocked: '',
  vatBus: 'DOMESTIC',
  pricesIncludeTax: true,
};

export function world({seed = 1, companies = 1, stores = 1} = {}) {
  const random = randomFrom(`world:${seed}`);
  const people = makePeople(random);
  const goods = makeGoods(random);
  return {
    now: NOW,
    stores: Array.from({length: stores}, (_, i) => {
      const scope = i * 100_000_000; // ids of store n do not meet those of store 1
      const store = storeIdentity(i);
      const products = goods.products.map(product => productOf(product, scope));
      const customers = people.filter(person => person.id).map(person => customerOf(person, scope));
      return {
        ...store,
        products,
        customers,
        orders: makeOrders(randomFrom(`orders:${seed}:${i}`), {products, customers, people, scope}),
      };
    }),
    companies: Array.from({length: companies}, (_, i) => ({
      ...companyIdentity(i),
      items: goods.items.map(item => ({...item})),
      customers: [DEFAULT_CUSTOMER, ...FIRM_CARDS, ...people.filter(person => person.erp).map(person => ({...person.erp}))],
      accounts: ACCOUNTS.map(account => ({...account})),
      taxRates: TAX_RATES.map(rate => ({...rate})),
    })),
  };
}

export function storeIdentity(i) {
  return {
    domain: i === 0 ? 'demo.myshopify.com' : `demo-${i + 1}.myshopify.com`,
    id: String(61_000_000_001 + i),
    name: i === 0 ? 'Demo Shop' : `Demo Shop ${i + 1}`,
    plan: 'plus',
    currency: 'GBP',
    country: 'GB',
    timezone: 'Europe/London',
    taxesIncluded: true,
    locations: locationsOf(i),
    companies: FIRMS,
    catalogs: CATALOGS,
    ...SECRETS.shopify,
  };
}

/** Who buys by agreement; the second one has ordered. */
const FIRMS = [
  {
    name: 'Adatum Corporation',
    contact: {email: 'purchasing@adatum.example', firstName: 'Helen', lastName: 'Wilson', phone: '+442079460101'},
    role: 'Location admin',
    locations: [
      {
        name: 'Head office',
        terms: 'Net 30',
        taxRegistrationId: 'GB777777771',
        address: {recipient: 'Adatum Corporation', address1: '192 Market Square', city: 'Birmingham', zip: 'B27 4KT'},
      },
    ],
  },
  {
    name: 'Fourth Coffee',
    contact: {email: 'orders@fourthcoffee.example', firstName: 'Ian', lastName: 'Deberry', phone: '+442079460102'},
    locations: [
      {
        name: 'Roastery',
        terms: 'Net 15',
        taxRegistrationId: 'GB777777772',
        address: {recipient: 'Fourth Coffee', address1: '5 The Wharf', city: 'Bristol', zip: 'BS1 4QA'},
      },
    ],
  },
];

/** The firms as customers there; the name of one has changed since, and one is not in the store yet, nor is its branch. */
export const FIRM_CARDS = [
  ['20010', 'Adatum Corp.', 'purchasing@adatum.example', '192 Market Square'],
  ['20020', 'Fourth Coffee', 'orders@fourthcoffee.example', '5 The Wharf'],
  ['20030', 'Contoso Interiors', 'buying@contoso.example', '1 Canal Street'],
  ['20040', 'Contoso Interiors North', 'north@contoso.example', '12 Quayside'],
].map(([number, displayName, email, address]) => ({
  ...DEFAULT_CUSTOMER,
  number,
  displayName,
  email,
  address,
  pricesIncludeTax: false,
}));

/** Who sees other prices than everybody: a company's locations, a market. */
const CATALOGS = [
  {title: 'Trade partners', currency: 'GBP', locations: [{name: 'Head office', company: 'Adatum Corporation'}]},
  {title: 'Euro zone', currency: 'EUR', markets: ['Euro zone']},
];

/** Where goods lie: two places of the merchant, one closed, a fulfilment service of another app and one of ours. */
function locationsOf(i) {
  const id = n => String(70_000_000_000 + i * 1000 + n);
  const service = (n, name, clientId) => ({
    id: id(n),
    name,
    service: {handle: name.toLowerCase().replaceAll(' ', '-'), name, clientId},
  });
  return [
    {
      id: id(1),
      name: 'Main Warehouse',
      address: {address1: '1 Dock Road', city: 'Bristol', zip: 'BS1 6UL', countryCode: 'GB'},
    },
    {
      id: id(2),
      name: 'High Street Shop',
      address: {address1: '80 High Street', city: 'Bath', zip: 'BA1 5AQ', countryCode: 'GB'},
    },
    {id: id(3), name: 'Old Depot', isActive: false, fulfillsOnlineOrders: false},
    service(4, 'Parcel Partner', 'parcel-partner'),
    service(5, 'ERP Warehouse', SECRETS.shopify.clientId),
  ];
}

export function companyIdentity(i) {
  const last = i === 0 ? '111111111111' : String(i + 1).padStart(12, '0');
  return {
    tenant: 'sandbox',
    environment: 'Production',
    id: `11111111-1111-4111-8111-${last}`,
    name: i === 0 ? 'CRONUS UK Ltd.' : `CRONUS ${i + 1} Ltd.`,
    currency: 'GBP',
    country: 'GB',
    ...SECRETS.businessCentral,
  };
}

// ---- people: who is a customer where -------------------------------------------------------

/**
 * `case`: known (by e-mail), phone (the ERP has no e-mail, the phone is written another way), unknown (not in the ERP),
 * blocked (in the ERP, no more sales).
 */
function makePeople(random) {
  const cases = [
    ...Array(44).fill('known'),
    ...Array(8).fill('phone'),
    ...Array(4).fill('unknown'),
    ...Array(4).fill('blocked'),
  ];
  return cases.map((kind, i) => {
    const [firstName, lastName] = PEOPLE[i];
    const abroad = kind === 'known' && i % 9 === 8;
    const [city, zip, country] = abroad ? pick(random, TOWNS.abroad) : pick(random, TOWNS.home);
    const phone = `+44 20 7946 ${String(100 + i).padStart(4, '0')}`; // numbers reserved for fiction
    const email = `${firstName}.${lastName}@example.com`.toLowerCase();
    const address = {
      firstName,
      lastName,
      company: null,
      address1: `${between(random, 1, 180)} ${pick(random, STREETS)}`,
      address2: null,
      zip,
      city,
      countryCode: country,
      phone,
    };
    const erp =
      kind === 'unknown'
        ? null
        : {
            number: String(10000 + i * 10),
            displayName: `${firstName} ${lastName}`,
            email: kind === 'phone' ? '' : email,
            phone: kind === 'phone' ? phone.replace('+44 ', '0044').replaceAll(' ', '') : phone,
            address: address.address1,
            country,
            blocked: kind === 'blocked' ? 'All' : '',
            vatBus: country === 'GB' ? 'DOMESTIC' : 'EXPORT',
            pricesIncludeTax: true,
          };
    return {kind, id: 7_300_000_000_000 + i, firstName, lastName, email, phone, address, erp};
  });
}

function customerOf(person, scope) {
  const {firstName, lastName, email, phone, address} = person;
  return {
    id: String(person.id + scope),
    firstName,
    lastName,
    email,
    phone,
    createdAt: '2026-01-12T09:00:00Z',
    updatedAt: '2026-09-30T09:00:00Z',
    addresses: [{...address}],
  };
}

// ---- goods: items of the ERP, products of the store ------------------------------------------

function makeGoods(random) {
  const items = ITEMS.map(([number, displayName, unitPrice], i) => ({
    number,
    displayName,
    gtin: gtinOf(i),
    unitPrice,
    blocked: false,
    vatProd: 'STANDARD',
  }));
  const products = items.map((item, i) => ({
    title: item.displayName,
    price: item.unitPrice,
    case: 'known',
    // every seventh product carries a SKU of the shop's own and is found by its bar code
    sku: i % 7 === 6 ? `SHOP-${i}` : item.number,
    barcode: item.gtin,
  }));
  // The ERP sells these under numbers that nothing at the shop shows: a person has to say which is which.
  for (const [title, price, erp] of [
    ['Engraved Desk Sign', '24.00', '2200-S'],
    ['Leather Care Kit', '18.50', '2210-S'],
    ['Assembly Visit', '45.00', '2220-S'],
  ]) {
    items.push({number: erp, displayName: title, gtin: '', unitPrice: price, blocked: false, vatProd: 'STANDARD'});
    products.push({
      title,
      price,
      erp,
      sku: title.toUpperCase().replaceAll(' ', '-'),
      barcode: `20${String(between(random, 1e10, 9e10))}`,
      case: 'unknown',
    });
  }
  products.push({title: 'Gift Card', price: '25.00', sku: '', barcode: null, case: 'gift-card'});
  return {items, products};
}

function productOf({title, price, sku, barcode, erp, case: kind}, scope) {
  const n = 8_100_000_000_000 + scope + (hash36(title) % 9_000_000) * 10;
  return {
    id: String(n),
    kind,
    ...(erp && {erp}),
    handle: title.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    title,
    vendor: 'CRONUS',
    productType: 'Office',
    status: 'ACTIVE',
    isGiftCard: kind === 'gift-card',
    createdAt: '2026-01-05T10:00:00Z',
    updatedAt: '2026-09-01T10:00:00Z',
    variants: [{id: String(n + 40_000_000_000_000), sku, barcode, price, title: 'Default Title'}],
  };
}

const hash36 = text => [...text].reduce((sum, letter) => (sum * 36 + letter.charCodeAt(0)) % 1_000_000_007, 7);

/** A valid EAN-13 of the range for internal use. */
function gtinOf(i) {
  const digits = `29${String(1_000_000_000 + i * 37)}`;
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (at % 2 ? 3 : 1), 0);
  return digits + ((10 - (sum % 10)) % 10);
}

// ---- orders --------------------------------------------------------------------------------

/** Every twentieth order is of each kind of trouble; one of each of the rarer kinds. */
const KINDS = ['unknown_customer', 'unknown_product', 'cancelled', 'wholesale', 'blocked_customer', 'no_customer'];
const SPECIALS = {
  31: 'gift_card',
  52: 'tip',
  73: 'refunded',
  94: 'edited',
  115: 'b2b',
  136: 'presentment',
  157: 'test',
  178: 'closed',
  200: 'two_locations',
  201: 'third_party',
  202: 'on_hold',
  204: 'shipped',
  207: 'shipped_in_part',
  208: 'amount_refunded',
  210: 'not_restocked',
  211: 'returned',
  213: 'return_declined',
  220: 'refund_pending',
  221: 'paid_by_gift_card',
  222: 'cash',
  224: 'duties',
  225: 'tax_on_top',
  228: 'paid_in_part',
  230: 'authorized',
  231: 'cancelled_unpaid',
  233: 'cancelled_refunded',
  234: 'line_added',
  236: 'risky',
  237: 'terms',
  239: 'many_parcels',
};

function kindOf(n) {
  return SPECIALS[n] ?? KINDS[(n % 20) / 3 - 1] ?? 'clean';
}

function makeOrders(random, {products, customers, people, scope}) {
  const known = products.filter(product => product.kind === 'known');
  const byCase = groupBy(people, person => person.kind);
  const firstDay = Date.parse(NOW) - 30 * 86_400_000;
  return Array.from({length: ORDERS}, (_, n) => {
    const kind = kindOf(n);
    const person =
      kind === 'no_customer'
        ? null
        : pick(
            random,
            byCase[
              {unknown_customer: 'unknown', blocked_customer: 'blocked'}[kind] ?? (n % 8 === 5 ? 'phone' : 'known')
            ],
          );
    const created = firstDay + Math.floor(((n + random() * 0.9) / ORDERS) * 29.9 * 86_400_000);
    const createdAt = new Date(created).toISOString().slice(0, 19) + 'Z';
    const address = person ? {...person.address} : null;
    const order = {
      id: String(5_500_000_000_000 + scope + n),
      name: `#${FIRST_ORDER + n}`,
      kind,
      createdAt,
      customer: person ? String(person.id + scope) : null,
      email: person?.email ?? null,
      phone: person && n % 3 === 0 ? person.phone : null,
      shippingAddress: address,
      billingAddress: address,
      taxRate: !address || address.countryCode === 'GB' ? 20 : 0,
      lines: makeLines(random, known, n),
      shipping: [pick(random, SHIPPING)].map(line => ({...line})),
      financialStatus: n % 11 === 7 ? 'PENDING' : 'PAID',
      fulfillmentStatus: 'UNFULFILLED',
      tags: [],
      attributes: {},
    };
    if (n % 6 === 2) Object.assign(order, {discountCode: 'AUTUMN10', discount: percentOf(order.lines, 10)});
    if (n % 10 === 4) order.lines[0].discount = percentOf([order.lines[0]], 15);
    if (n % 17 === 3) order.shipping[0].discount = order.shipping[0].price;
    if (n % 13 === 6) order.note = 'Please ring the bell twice, the dog is deaf.';
    dress(order, kind, {random, products});
    return order;
  });
}

const SHIPPING = [
  {title: 'Standard', code: 'standard', price: '4.95'},
  {title: 'Standard', code: 'standard', price: '4.95'},
  {title: 'Express', code: 'express', price: '9.50'},
];

function makeLines(random, known, n) {
  const count = n % 40 === 17 ? 60 : between(random, 1, 5); // some orders do not fit on one page of lines
  const chosen = new Set();
  while (chosen.size < Math.min(count, known.length)) chosen.add(pick(random, known));
  return [...chosen].map(product => ({
    variant: product.variants[0].id,
    quantity: between(random, 1, 4),
    price: product.variants[0].price,
  }));
}

/** Makes an order an example of its kind. */
function dress(order, kind, {random, products}) {
  const add = line => order.lines.push(line);
  const unknown = products.filter(product => product.kind === 'unknown');
  switch (kind) {
    case 'unknown_product': {
      const {id, price} = pick(random, unknown).variants[0];
      return add({variant: id, quantity: 1, price});
    }
    case 'cancelled':
      return Object.assign(order, {
        cancelledAt: later(order.createdAt, 3600),
        cancelReason: 'CUSTOMER',
        financialStatus: 'VOIDED',
      });
    case 'wholesale':
      return order.tags.push('wholesale');
    case 'gift_card': {
      const {id, price} = products.find(product => product.kind === 'gift-card').variants[0];
      return add({variant: id, quantity: 1, price, giftCard: true});
    }
    case 'tip':
      return add({title: 'Tip', quantity: 1, price: '3.00', tip: true});
    case 'refunded':
      order.financialStatus = 'PAID';
      order.refunds = [{createdAt: later(order.createdAt, 7200), lines: [{line: 0, quantity: 1, restock: 'RETURN'}]}];
      return undefined;
    case 'edited':
      add({...order.lines[0], quantity: 2});
      order.history = [
        {do: 'edit', at: later(order.createdAt, 7200), lines: [{line: order.lines.length - 1, quantity: 1}]},
      ];
      return undefined;
    case 'b2b':
      return void (order.company = {id: '2100000001', locationId: '2200000001', contactId: '2300000001'});
    case 'presentment':
      return void (order.presentment = {currency: 'EUR', rate: '1.17'});
    case 'test':
      return void (order.test = true);
    case 'closed':
      return void (order.closedAt = later(order.createdAt, 86400));
    default:
      return LATER_KINDS[kind]?.(order, {add, products});
  }
}

/** What happened to an order of a kind since it was placed, as the actions of the simulated Shopify tell it. */
function then(order, ...steps) {
  Object.assign(order, {
    financialStatus: 'PAID',
    history: steps.map((step, i) => ({at: later(order.createdAt, 7200 * (i + 1)), ...step})),
  });
}

const first = {lines: [{line: 0, quantity: 1}]};

const LATER_KINDS = {
  two_locations: (order, {add}) => add({...order.lines[0], location: 'High Street Shop'}),
  third_party(order, {add}) {
    add({...order.lines[0], location: 'Parcel Partner'});
    then(order, {do: 'requestFulfillment'});
  },
  on_hold: order => then(order, {do: 'hold', reason: 'INCORRECT_ADDRESS', notes: 'no house number'}),
  shipped: order => then(order, {do: 'fulfil', tracking: {company: 'Royal Mail', number: 'RM100200300GB'}}),
  shipped_in_part: order => then(order, {do: 'fulfil', ...first}),
  amount_refunded: order => then(order, {do: 'refund', amount: '2.00', reason: 'CUSTOMER', note: 'late'}),
  not_restocked: order =>
    then(order, {do: 'refund', lines: [{line: 0, quantity: 1, restock: 'NO_RESTOCK'}], shipping: '1.00'}),
  returned: order =>
    then(
      order,
      {do: 'fulfil'},
      {do: 'openReturn', lines: [{line: 0, quantity: 1, reason: 'DEFECTIVE', note: 'a leg is loose'}]},
      {do: 'dispose', location: 'High Street Shop'},
      {do: 'refundReturn'},
      {do: 'closeReturn'},
    ),
  return_declined: order =>
    then(
      order,
      {do: 'fulfil'},
      {do: 'openReturn', requested: true, ...first},
      {do: 'declineReturn', reason: 'FINAL_SALE', note: 'it was on sale'},
    ),
  refund_pending: order => then(order, {do: 'refund', ...first, status: 'PENDING'}),
  paid_by_gift_card(order) {
    order.gateway = 'shopify_payments';
    then(order);
    order.payments = [
      {amount: '5.00', giftCard: {id: '700000000001', last: 'c4f7'}},
      {amount: amountText(dueOf(order) - 500)},
    ];
  },
  cash: order => (then(order), Object.assign(order, {gateway: 'cash', sourceName: 'pos', cashRounding: '-0.02'})),
  duties: order => Object.assign(order, {duties: '3.10', additionalFees: [{name: 'Carrier bags', price: '0.30'}]}),
  tax_on_top: order => (then(order), Object.assign(order, {taxesIncluded: false})),
  paid_in_part: order => Object.assign(order, {financialStatus: 'PARTIALLY_PAID'}),
  authorized: order => Object.assign(order, {financialStatus: 'AUTHORIZED'}),
  cancelled_unpaid(order) {
    then(order, {do: 'cancel', reason: 'INVENTORY', restock: true});
    order.financialStatus = 'PENDING';
  },
  cancelled_refunded: order => then(order, {do: 'cancel', reason: 'CUSTOMER', refund: true, restock: true}),
  line_added(order, {products}) {
    const {id, price} = products.find(product => product.kind === 'known').variants[0];
    then(order, {do: 'edit', add: [{variant: id, quantity: 1, price}]}, {do: 'pay'});
  },
  risky: order => Object.assign(order, {risk: 'HIGH'}),
  terms: order =>
    Object.assign(order, {
      financialStatus: 'PENDING',
      poNumber: 'PO-2210',
      paymentTerms: {name: 'Net 30', type: 'NET', dueInDays: 30},
      staff: {id: '90000001', firstName: 'Sam', lastName: 'Field', email: 'sam@example.com'},
    }),
  many_parcels(order) {
    order.shipping = Array.from({length: 12}, (_, i) => ({title: 'Standard', code: 'standard', price: `${i % 3}.95`}));
  },
};

/** What an order of plain lines comes to, in pennies. */
const dueOf = ({lines, shipping, discount}) =>
  lines.reduce((sum, line) => sum + pennies(line.price) * line.quantity - pennies(line.discount ?? 0), 0) +
  shipping.reduce((sum, line) => sum + pennies(line.price) - pennies(line.discount ?? 0), 0) -
  pennies(discount ?? 0);

const later = (time, seconds) => new Date(Date.parse(time) + seconds * 1000).toISOString().slice(0, 19) + 'Z';
const percentOf = (lines, percent) =>
  amountText(
    share(
      lines.reduce((sum, line) => sum + pennies(line.price) * line.quantity, 0),
      percent,
      100,
    ),
  );

function groupBy(list, keyOf) {
  const groups = {};
  for (const entry of list) (groups[keyOf(entry)] ??= []).push(entry);
  return groups;
}
