// Customers of a store: customerSet and what it deletes, changing a person's fields and addresses in parts, and what a
// merchant does to them by hand. E-mail address and phone number are one customer's each.
import {fullNamespace} from './metafields.mjs';
import {FieldError} from './plan.mjs';
import {Findings, Refusal} from './refusal.mjs';
import {gid} from './store.mjs';
import {onlyKnown} from './variant-input.mjs';

const TEXT_LIMIT = 255;
const NOTE_LIMIT = 5000;
const ADDRESSES = 100;
const CALLING_CODES = {GB: '44', US: '1', CA: '1', DE: '49', FR: '33', NL: '31', DK: '45', SE: '46', IE: '353'};
/** Provinces by country, of those that this world's addresses lie in; other countries have none here. */
export const PROVINCES = {
  US: {CA: 'California', GA: 'Georgia', IL: 'Illinois', NY: 'New York', TX: 'Texas', WA: 'Washington'},
  CA: {AB: 'Alberta', BC: 'British Columbia', ON: 'Ontario', QC: 'Quebec'},
  AU: {NSW: 'New South Wales', QLD: 'Queensland', VIC: 'Victoria'},
  IE: {C: 'Cork', D: 'Dublin', G: 'Galway'},
};
const SET_FIELDS = new Set('addresses email firstName lastName locale note phone tags taxExempt'.split(' '));
const UPDATE_FIELDS = new Set('id email firstName lastName locale note phone tags taxExempt metafields'.split(' '));
const ADDRESS_FIELDS = new Set(
  'address1 address2 city company countryCode firstName lastName phone provinceCode zip'.split(' '),
);

const customersOf = store => [...store.objects.values()].filter(record => record.__typename === 'Customer');
const sameEmail = (a, b) => a !== null && b !== null && a.toLowerCase() === b.toLowerCase();

// ---- what an input says ------------------------------------------------------------------------

/** As it is kept: E.164, a national number being one of the store's country. Null = none, false = no number. */
export function phoneOf(text, country) {
  if (text === null || text === '') return null;
  if (!/^\+?[\d ().\-/]+$/.test(text)) return false;
  const digits = text.replace(/\D/g, '');
  const international = text.startsWith('+') ? digits : digits.startsWith('00') ? digits.slice(2) : null;
  const number = international ?? `${CALLING_CODES[country] ?? '44'}${digits.replace(/^0/, '')}`;
  return number.length >= 8 && number.length <= 15 ? `+${number}` : false;
}

const emailOf = text => (text === null || text.trim() === '' ? null : text.trim().toLowerCase());

/** The plain fields that an input sets on `customer` (null = a new one), checked. */
export function personOf(store, input, customer, findings, at) {
  const fields = {};
  const say = (name, message, code) => findings.add([...at, name], message, code);
  for (const name of ['firstName', 'lastName'])
    if (input[name] !== undefined) {
      fields[name] = input[name] || null;
      if ((input[name]?.length ?? 0) > TEXT_LIMIT)
        say(name, `${name === 'firstName' ? 'First' : 'Last'} name is too long (maximum is 255 characters)`, 'TOO_LONG');
    }
  if (input.note !== undefined) {
    fields.note = input.note || null;
    if ((input.note?.length ?? 0) > NOTE_LIMIT) say('note', 'Note is too long (maximum is 5000 characters)', 'TOO_LONG');
  }
  if (input.tags !== undefined) fields.tags = [...new Set((input.tags ?? []).map(tag => tag.trim()).filter(Boolean))];
  if (input.taxExempt !== undefined) fields.taxExempt = input.taxExempt ?? false;
  if (input.locale !== undefined) fields.locale = input.locale ?? 'en';
  if (input.email !== undefined) {
    fields.email = emailOf(input.email);
    if (fields.email !== null && !/^[^\s@,;]+@[^\s@,;]+\.[^\s@.,;]+$/.test(fields.email))
      say('email', 'Email is invalid', 'INVALID');
    else if (customersOf(store).some(other => other !== customer && sameEmail(other.email, fields.email)))
      say('email', 'Email has already been taken', 'TAKEN');
  }
  if (input.phone !== undefined) {
    const phone = phoneOf(input.phone, store.country);
    if (phone === false) say('phone', 'Phone is invalid', 'INVALID');
    else {
      fields.phone = phone;
      if (phone && customersOf(store).some(other => other !== customer && phoneOf(other.phone, store.country) === phone))
        say('phone', 'Phone has already been taken', 'TAKEN');
    }
  }
  const now = {firstName: null, lastName: null, email: null, phone: null, ...customer, ...fields};
  if (findings.isClean && !now.firstName && !now.lastName && !now.email && !now.phone)
    findings.add(at.length ? at : null, 'Customer must have a name, phone number or email address', 'BLANK');
  return fields;
}

/** The stored fields of an address that an input names, checked against what it is with them. */
function addressOf(input, before, findings, at) {
  onlyKnown('MailingAddressInput', input, ADDRESS_FIELDS);
  const fields = {};
  for (const [name, value] of Object.entries(input)) {
    fields[name] = value === '' ? null : value;
    if (typeof value === 'string' && value.length > TEXT_LIMIT)
      findings.add([...at, name], `${name} is too long (maximum is 255 characters)`, 'TOO_LONG');
  }
  const now = {...before, ...fields};
  const provinces = PROVINCES[now.countryCode];
  const moved = before && before.countryCode !== now.countryCode;
  if (fields.provinceCode && !provinces?.[fields.provinceCode])
    findings.add([...at, 'province'], 'Province is not valid', 'INVALID');
  else if (fields.provinceCode !== undefined || moved) {
    fields.provinceCode = fields.provinceCode ?? null;
    fields.province = provinces?.[fields.provinceCode] ?? null;
  }
  if (fields.phone && !/\d{3}/.test(fields.phone.replace(/\D/g, '')))
    findings.add([...at, 'phone'], 'Phone is invalid', 'INVALID');
  return fields;
}

const BLANK = Object.fromEntries(['firstName', 'lastName', 'company', 'address1', 'address2', 'city', 'zip', 'countryCode', 'phone'].map(name => [name, null]));

function keepAddress(store, fields) {
  const address = {__typename: 'MailingAddress', id: store.nextId('MailingAddress'), ...BLANK, ...fields};
  store.put(address);
  return address;
}

const CONTENT = [...ADDRESS_FIELDS];
const isSame = (address, fields) => CONTENT.every(name => (address[name] ?? null) === (fields[name] ?? null));

// ---- customerSet -------------------------------------------------------------------------------

/** The customer that the identifier names; null = there is none, and it is to be made. */
function named(store, identifier, input) {
  const [[key, value]] = Object.entries(identifier);
  if (key === 'customId') return store.metafields.byCustomId('CUSTOMER', value);
  if (key === 'id') {
    const found = store.get(value);
    if (found?.__typename !== 'Customer') throw new Refusal(['identifier', 'id'], 'Customer does not exist', 'NOT_FOUND');
    return found;
  }
  const given = input[key];
  if (given === undefined) throw new Refusal(['input', key], `${key} is required where it identifies the customer`, 'MISSING_FIELD_REQUIRED');
  if (given !== value) throw new Refusal(['input', key], `${key} does not match the identifier`, 'INPUT_MISMATCH');
  const same = key === 'email' ? other => sameEmail(other.email, value) : other => phoneOf(other.phone, store.country) === phoneOf(value, store.country);
  return customersOf(store).find(same) ?? null;
}

/** {identifier, input}: the whole customer; addresses that the input leaves out of its list are deleted. */
export function customerSet(store, key, {identifier, input}) {
  onlyKnown('CustomerSetInput', input, SET_FIELDS);
  if (identifier && Object.keys(identifier).length !== 1)
    throw new FieldError('INVALID_FIELD_ARGUMENTS', 'identifier must have exactly one key');
  const before = identifier ? named(store, identifier, input) : null;
  const findings = new Findings();
  const fields = personOf(store, input, before, findings, ['input']);
  if ((input.addresses?.length ?? 0) > ADDRESSES)
    findings.add(['input', 'addresses'], `Exceeded the maximum of ${ADDRESSES} addresses`, 'TOO_LONG');
  const addresses = input.addresses?.map((entry, i) => addressOf(entry, null, findings, ['input', 'addresses', i]));
  if (!before && identifier?.customId) {
    const {namespace, key: name, value} = identifier.customId;
    const found = store.metafields.problemOf({namespace, key: name, value}, 'CUSTOMER', null);
    if (found) findings.add(['identifier', 'customId', found.name], found.message, 'INVALID');
  }
  findings.end();
  const customer = before ?? made(store, fields);
  if (!before && identifier?.customId)
    store.metafields.set(customer, {...identifier.customId, namespace: fullNamespace(identifier.customId.namespace)});
  if (addresses) replaceAddresses(store, customer, addresses);
  store.change(customer, fields);
  return customer;
}

export function made(store, fields) {
  const now = store.now();
  const customer = {
    __typename: 'Customer',
    id: store.nextId('Customer'),
    firstName: null,
    lastName: null,
    email: null,
    phone: null,
    tags: [],
    note: null,
    addresses: [],
    createdAt: now,
    updatedAt: now,
    ...fields,
  };
  store.put(customer);
  return customer;
}

function replaceAddresses(store, customer, list) {
  const old = [...customer.addresses];
  customer.addresses = list.map(fields => {
    const at = old.findIndex(address => isSame(address, fields));
    return at >= 0 ? old.splice(at, 1)[0] : keepAddress(store, fields);
  });
  for (const address of old) store.drop(address);
  if (!customer.addresses.includes(customer.mainAddress)) customer.mainAddress = customer.addresses[0] ?? null;
}

// ---- in parts ----------------------------------------------------------------------------------

function theCustomer(store, id, at) {
  const customer = store.get(id);
  if (customer?.__typename !== 'Customer') throw new Refusal(at, 'Customer does not exist');
  return customer;
}

/** {input}: what it does not name stays. */
export function customerUpdate(store, key, {input}) {
  onlyKnown('CustomerInput', input, UPDATE_FIELDS);
  if (!input.id) throw new Refusal(['id'], 'Customer does not exist');
  const customer = theCustomer(store, input.id, ['id']);
  const findings = new Findings();
  const fields = personOf(store, input, customer, findings, []);
  input.metafields?.forEach((field, i) => {
    const found = store.metafields.problemOf(field, 'CUSTOMER', customer);
    if (found) findings.add(['metafields', i, found.name], found.message);
  });
  findings.end();
  for (const field of input.metafields ?? []) store.metafields.set(customer, field);
  store.change(customer, fields);
  return customer;
}

const theAddress = (customer, id) => {
  const bare = String(id).split('?')[0];
  const found = customer.addresses.find(address => gid('MailingAddress', address.id) === bare);
  if (!found) throw new Refusal(['addressId'], 'Address does not exist');
  return found;
};

/** {customerId, addressId, address, setAsDefault}. */
export function customerAddressUpdate(store, key, {customerId, addressId, address: input, setAsDefault}) {
  const customer = theCustomer(store, customerId, ['customerId']);
  const address = theAddress(customer, addressId);
  const findings = new Findings();
  const fields = addressOf(input, address, findings, ['address']);
  findings.end();
  Object.assign(address, fields);
  store.change(customer, setAsDefault ? {mainAddress: address} : {});
  return address;
}

export function customerAddressCreate(store, key, {customerId, address: input, setAsDefault}) {
  const customer = theCustomer(store, customerId, ['customerId']);
  const findings = new Findings();
  const fields = addressOf(input, null, findings, ['address']);
  if (customer.addresses.length >= ADDRESSES) findings.add(['customerId'], 'The customer has too many addresses');
  if (customer.addresses.some(address => isSame(address, fields)))
    findings.add(['address'], 'Address already exists');
  findings.end();
  const address = keepAddress(store, fields);
  customer.addresses.push(address);
  store.change(customer, setAsDefault || !customer.mainAddress ? {mainAddress: address} : {});
  return address;
}

// ---- by hand -----------------------------------------------------------------------------------

/** Fields of the card, and {address} of the address that shows first. */
export function editCustomer(store, key, {address, ...fields}) {
  const customer = theCustomer(store, key, ['id']);
  customerUpdate(store, null, {input: {...fields, id: key}});
  const main = customer.mainAddress ?? customer.addresses[0];
  if (address && main)
    customerAddressUpdate(store, null, {customerId: key, addressId: gid('MailingAddress', main.id), address});
  else if (address) customerAddressCreate(store, null, {customerId: key, address});
  return customer;
}

export const contactsOf = (store, customer) =>
  [...store.objects.values()].filter(record => record.__typename === 'CompanyContact' && record.customer === customer);

const ordersOf = (store, customer) =>
  [...store.objects.values()].filter(record => record.__typename === 'Order' && record.customer === customer.id);

export function deleteCustomer(store, key) {
  const customer = theCustomer(store, key, ['id']);
  if (ordersOf(store, customer).length)
    throw new Refusal(['id'], 'Customer can’t be deleted because they have associated orders');
  if (contactsOf(store, customer).length)
    throw new Refusal(['id'], 'Customer can’t be deleted because they are a contact of a company');
  forget(store, customer);
  return key;
}

function forget(store, customer) {
  for (const address of customer.addresses) store.drop(address);
  store.metafields.dropOwner(customer);
  store.drop(customer);
}

/** {into}: what the one has is the other's from now on, its orders and addresses too. */
export function mergeCustomer(store, key, {into}) {
  const [one, other] = [theCustomer(store, key, ['customerOneId']), theCustomer(store, into, ['customerTwoId'])];
  if (one === other) throw new Refusal(['customerTwoId'], 'A customer cannot be merged with itself');
  for (const order of ordersOf(store, one)) store.change(order, {customer: other.id});
  const fields = Object.fromEntries(
    ['firstName', 'lastName', 'email', 'phone', 'note'].filter(name => !other[name] && one[name]).map(name => [name, one[name]]),
  );
  other.addresses.push(...one.addresses);
  one.addresses = [];
  forget(store, one);
  store.change(other, {...fields, mainAddress: other.mainAddress ?? other.addresses[0] ?? null});
  return other;
}

export const CUSTOMER_ACTIONS = {
  customerSet,
  customerUpdate,
  customerAddressUpdate,
  customerAddressCreate,
  editCustomer,
  deleteCustomer,
  mergeCustomer,
};
