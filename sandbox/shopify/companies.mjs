// Companies that buy (B2B): their locations with addresses, tax ids and terms, the people who order for them, and what each
// of those may do where. A change of a location or of a contact is no change of the company: its `updatedAt` stays.
import {PROVINCES, contactsOf, customerSet, made, personOf} from './customers.mjs';
import {TERMS} from './payment-terms.mjs';
import {Findings, Refusal} from './refusal.mjs';
import {gid} from './store.mjs';
import {onlyKnown} from './variant-input.mjs';

const idOf = record => gid(record.__typename, record.id);
const TEXT_LIMIT = 255;
const NOTE_LIMIT = 5000;
const LOCATIONS = 10_000;

/** Of a new company; a merchant may call them otherwise. */
const ROLES = ['Location admin', 'Ordering only'];

const INPUTS = {
  CompanyInput: 'name externalId note customerSince',
  CompanyContactInput: 'email firstName lastName locale phone title',
  CompanyLocationInput:
    'name externalId note phone locale billingAddress shippingAddress billingSameAsShipping taxRegistrationId taxExempt taxExemptions buyerExperienceConfiguration',
  CompanyLocationUpdateInput: 'name externalId note phone locale buyerExperienceConfiguration',
  CompanyAddressInput: 'address1 address2 city countryCode firstName lastName phone recipient zip zoneCode',
  BuyerExperienceConfigurationInput: 'checkoutToDraft editableShippingAddress paymentTermsTemplateId',
};
const known = (type, input) => onlyKnown(type, input, new Set(INPUTS[type].split(' ')));

// ---- what is there -----------------------------------------------------------------------------

const all = (store, type) => [...store.objects.values()].filter(record => record.__typename === type);
export const companiesOf = store => all(store, 'Company');

function the(store, id, type, field, message) {
  const record = store.get(id);
  if (record?.__typename !== type) throw new Refusal(field, message, 'RESOURCE_NOT_FOUND');
  return record;
}
const theCompany = (store, id, field = ['companyId']) => the(store, id, 'Company', field, 'Company does not exist.');
const theLocation = (store, id, field = ['companyLocationId']) =>
  the(store, id, 'CompanyLocation', field, 'The company location doesn\'t exist');

function put(store, type, fields) {
  const now = store.now();
  const record = {__typename: type, id: store.nextId(type), createdAt: now, updatedAt: now, ...fields};
  store.put(record);
  return record;
}

// ---- what an input says ------------------------------------------------------------------------

/** Text fields of `input`, "" being none, checked for their length. */
function textsOf(input, names, findings, at) {
  const fields = {};
  for (const name of names) {
    if (input[name] === undefined) continue;
    fields[name] = input[name] === '' ? null : input[name];
    const limit = name === 'note' ? NOTE_LIMIT : TEXT_LIMIT;
    if ((input[name]?.length ?? 0) > limit)
      findings.add([...at, name], `is too long (maximum is ${limit} characters)`, 'TOO_LONG');
  }
  return fields;
}

function checkExternalId(store, type, externalId, record, findings, at) {
  if (externalId && all(store, type).some(other => other !== record && other.externalId === externalId))
    findings.add([...at, 'externalId'], 'External ID has already been taken.', 'TAKEN');
}

function companyOf(store, input, company, findings, at) {
  known('CompanyInput', input);
  const fields = textsOf(input, ['name', 'externalId', 'note'], findings, at);
  if (input.customerSince !== undefined) fields.customerSince = input.customerSince;
  if (!(fields.name === undefined ? company?.name : fields.name?.trim()))
    findings.add([...at, 'name'], 'Name can\'t be blank', 'BLANK');
  checkExternalId(store, 'Company', fields.externalId, company, findings, at);
  return fields;
}

/** The whole address that an input says: what it does not name is empty. */
function addressOf(input, findings, at) {
  known('CompanyAddressInput', input);
  const names = INPUTS.CompanyAddressInput.split(' ');
  const blank = Object.fromEntries(names.map(name => [name, null]));
  const fields = {...blank, ...textsOf(input, names, findings, at)};
  const say = (name, message, code) => findings.add([...at, name], message, code);
  if (!fields.countryCode) say('countryCode', 'Country can\'t be blank', 'BLANK');
  if (!fields.address1) say('address1', 'Address can\'t be blank', 'BLANK');
  const provinces = PROVINCES[fields.countryCode];
  if (fields.zoneCode && !provinces?.[fields.zoneCode]) say('zoneCode', 'Zone is invalid', 'INVALID');
  fields.province = provinces?.[fields.zoneCode] ?? null;
  if (fields.phone && fields.phone.replace(/\D/g, '').length < 7) say('phone', 'Phone is invalid', 'INVALID');
  return fields;
}

function termsOf(input, findings, at) {
  known('BuyerExperienceConfigurationInput', input);
  const {paymentTermsTemplateId: id, ...rest} = input;
  const fields = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  if (id === undefined) return fields;
  const template = id === null ? null : TERMS.find(row => idOf(row) === id);
  if (template === undefined)
    findings.add([...at, 'paymentTermsTemplateId'], 'Payment terms template does not exist.', 'RESOURCE_NOT_FOUND');
  return {...fields, terms: template ?? null};
}

const CONFIGURATION = 'buyerExperienceConfiguration';

function locationOf(store, type, input, location, findings, at) {
  known(type, input);
  const fields = textsOf(input, ['name', 'externalId', 'note', 'phone', 'locale'], findings, at);
  if (fields.name === null) findings.add([...at, 'name'], 'Name can\'t be blank', 'BLANK');
  checkExternalId(store, 'CompanyLocation', fields.externalId, location, findings, at);
  if (fields.phone && fields.phone.replace(/\D/g, '').length < 7)
    findings.add([...at, 'phone'], 'Phone is invalid', 'INVALID');
  if (input[CONFIGURATION]) Object.assign(fields, termsOf(input[CONFIGURATION], findings, [...at, CONFIGURATION]));
  return fields;
}

function newLocationOf(store, input, findings, at) {
  const fields = locationOf(store, 'CompanyLocationInput', input, null, findings, at);
  Object.assign(fields, textsOf(input, ['taxRegistrationId'], findings, at), {taxExempt: input.taxExempt ?? false});
  const shipping = input.shippingAddress && addressOf(input.shippingAddress, findings, [...at, 'shippingAddress']);
  const isSame = input.billingSameAsShipping ?? false;
  const billing = isSame ? shipping : input.billingAddress && addressOf(input.billingAddress, findings, [...at, 'billingAddress']);
  return {...fields, shipping, billing};
}

function personIn(store, input, findings, at) {
  known('CompanyContactInput', input);
  const {title, ...person} = input;
  if (!person.email) findings.add([...at, 'email'], 'Email can\'t be blank', 'BLANK');
  return {fields: personOf(store, person, null, findings, at), title: title || null, locale: person.locale ?? null};
}

// ---- making ------------------------------------------------------------------------------------

const keepAddress = (store, fields) => (fields ? put(store, 'CompanyAddress', fields) : null);

function keepLocation(store, company, {shipping, billing, ...fields}) {
  const location = put(store, 'CompanyLocation', {
    name: shipping?.address1 ?? company.name,
    externalId: null,
    note: null,
    phone: null,
    locale: 'en',
    taxRegistrationId: null,
    taxExempt: false,
    terms: null,
    checkoutToDraft: false,
    editableShippingAddress: false,
    company,
    assignments: [],
    shippingAddress: keepAddress(store, shipping),
    billingAddress: keepAddress(store, billing),
    ...fields,
  });
  company.locations.push(location);
  return location;
}

function keepContact(store, company, customer, {title = null, locale = null} = {}) {
  const contact = put(store, 'CompanyContact', {company, customer, title, locale, assignments: []});
  company.contacts.push(contact);
  return contact;
}

function keepCompany(store, fields) {
  const company = put(store, 'Company', {
    externalId: null,
    note: null,
    customerSince: store.now(),
    mainContact: null,
    contacts: [],
    locations: [],
    ...fields,
  });
  company.roles = ROLES.map(name => put(store, 'CompanyContactRole', {name, note: null, company}));
  return company;
}

/** {input}: the company, its first location (one of its name where none is given) and its main contact. */
function companyCreate(store, key, {input}) {
  const findings = new Findings();
  const fields = companyOf(store, input.company, null, findings, ['input', 'company']);
  const place = newLocationOf(store, input.companyLocation ?? {}, findings, ['input', 'companyLocation']);
  const person = input.companyContact && personIn(store, input.companyContact, findings, ['input', 'companyContact']);
  findings.end();
  const company = keepCompany(store, fields);
  keepLocation(store, company, place);
  if (person) company.mainContact = keepContact(store, company, made(store, person.fields), person);
  return company;
}

function companyLocationCreate(store, key, {companyId, input}) {
  const company = theCompany(store, companyId);
  const findings = new Findings();
  const fields = newLocationOf(store, input, findings, ['input']);
  if (company.locations.length >= LOCATIONS)
    findings.add(['companyId'], `A company has at most ${LOCATIONS} locations.`, 'LIMIT_REACHED');
  findings.end();
  return keepLocation(store, company, fields);
}

// ---- changing ----------------------------------------------------------------------------------

function wantSome(input, message) {
  if (!Object.keys(input).length) throw new Refusal(['input'], message, 'NO_INPUT');
}

function companyUpdate(store, key, {companyId, input}) {
  const company = theCompany(store, companyId);
  wantSome(input, 'At least one attribute to change must be present.');
  const findings = new Findings();
  const fields = companyOf(store, input, company, findings, ['input']);
  findings.end();
  store.change(company, fields);
  return company;
}

function companyLocationUpdate(store, key, {companyLocationId, input}) {
  const location = theLocation(store, companyLocationId);
  wantSome(input, 'At least one attribute to change must be present.');
  const findings = new Findings();
  const fields = locationOf(store, 'CompanyLocationUpdateInput', input, location, findings, ['input']);
  findings.end();
  store.change(location, fields);
  return location;
}

/** {locationId, address, addressTypes}: the address is replaced whole, whatever it leaves out. */
function companyLocationAssignAddress(store, key, {locationId, address: input, addressTypes}) {
  const location = theLocation(store, locationId, ['locationId']);
  if (!addressTypes.length) throw new Refusal(['addressTypes'], 'Address types can\'t be empty.', 'NO_INPUT');
  const findings = new Findings();
  const fields = addressOf(input, findings, ['address']);
  findings.end();
  const places = addressTypes.map(type => (type === 'BILLING' ? 'billingAddress' : 'shippingAddress'));
  for (const place of places) {
    if (location[place]) store.change(location[place], fields);
    else location[place] = keepAddress(store, fields);
  }
  store.change(location, {});
  return places.map(place => location[place]);
}

/** {companyLocationId, taxRegistrationId?, taxExempt?}; an empty number is none. */
function companyLocationTaxSettingsUpdate(store, key, {companyLocationId, ...input}) {
  const location = theLocation(store, companyLocationId);
  if (input.exemptionsToAssign?.length || input.exemptionsToRemove?.length)
    throw new Error('exemptions of a company location are not simulated');
  wantSome(input, 'At least one tax setting must be present.');
  const findings = new Findings();
  const fields = textsOf(input, ['taxRegistrationId'], findings, []);
  findings.end();
  if (input.taxExempt !== undefined && input.taxExempt !== null) fields.taxExempt = input.taxExempt;
  store.change(location, fields);
  return location;
}

// ---- people ------------------------------------------------------------------------------------

function companyContactCreate(store, key, {companyId, input}) {
  const company = theCompany(store, companyId);
  const findings = new Findings();
  const person = personIn(store, input, findings, ['input']);
  findings.end();
  return keepContact(store, company, made(store, person.fields), person);
}

function companyAssignCustomerAsContact(store, key, {companyId, customerId}) {
  const company = theCompany(store, companyId);
  const customer = the(store, customerId, 'Customer', ['customerId'], 'Customer does not exist.');
  if (!customer.email)
    throw new Refusal(['customerId'], 'Customer must have an email address.', 'INVALID_INPUT');
  if (contactsOf(store, customer).some(contact => contact.company === company))
    throw new Refusal(['companyId'], 'Customer is already associated with a company contact.', 'INVALID_INPUT');
  return keepContact(store, company, customer);
}

function contactIn(store, company, id) {
  const contact = the(store, id, 'CompanyContact', ['companyContactId'], 'The company contact doesn\'t exist.');
  if (company && contact.company !== company)
    throw new Refusal(['companyContactId'], 'The company contact doesn\'t belong to the company.', 'INVALID_INPUT');
  return contact;
}

function companyAssignMainContact(store, key, {companyId, companyContactId}) {
  const company = theCompany(store, companyId);
  store.change(company, {mainContact: contactIn(store, company, companyContactId)});
  return company;
}

/** {companyContactId, rolesToAssign: [{companyContactRoleId, companyLocationId}]}: one role a place, all or none. */
function companyContactAssignRoles(store, key, {companyContactId, rolesToAssign}) {
  const contact = contactIn(store, null, companyContactId);
  if (!rolesToAssign.length) throw new Refusal(['rolesToAssign'], 'Roles to assign can\'t be empty.', 'NO_INPUT');
  const findings = new Findings();
  const rows = rolesToAssign.map(({companyContactRoleId, companyLocationId}, i) => {
    const at = name => ['rolesToAssign', i, name];
    const role = contact.company.roles.find(entry => idOf(entry) === companyContactRoleId);
    const location = contact.company.locations.find(entry => idOf(entry) === companyLocationId);
    if (!role) findings.add(at('companyContactRoleId'), 'Company role does not exist.', 'RESOURCE_NOT_FOUND');
    if (!location) findings.add(at('companyLocationId'), 'Company location does not exist.', 'RESOURCE_NOT_FOUND');
    if (location && contact.assignments.some(row => row.location === location))
      findings.add(['rolesToAssign', i], 'Company contact has already been assigned a role in that company location.', 'LIMIT_REACHED');
    return {role, location};
  });
  findings.end();
  return rows.map(({role, location}) => {
    const row = put(store, 'CompanyContactRoleAssignment', {contact, role, location});
    contact.assignments.push(row);
    location.assignments.push(row);
    return row;
  });
}

// ---- by hand -----------------------------------------------------------------------------------

const DEFAULT_COUNTRY = {countryCode: 'GB'};

/** The customer of this e-mail address, or a new one. */
function customerOf(store, person) {
  const email = person.email?.toLowerCase();
  const found = all(store, 'Customer').find(customer => email && customer.email?.toLowerCase() === email);
  return found ?? customerSet(store, null, {input: person});
}

/**
 * {name, externalId, note, contact: {email, firstName, lastName, phone}, role, locations: [{name, externalId, phone,
 * taxRegistrationId, terms, address}]}: `terms` is a template's name, `role` one of the company's (the contact has it
 * everywhere). Without locations it has one of its own name, without a contact nobody is its main one.
 */
export function addCompany(store, key, {contact: person, role, locations = [{}], ...input}) {
  const findings = new Findings();
  const fields = companyOf(store, input, null, findings, []);
  findings.end();
  const company = keepCompany(store, fields);
  for (const form of locations) addLocation(store, idOf(company), form);
  if (!person) return company;
  const contact = keepContact(store, company, customerOf(store, person));
  company.mainContact = contact;
  const given = company.roles.find(entry => entry.name === role);
  if (given)
    companyContactAssignRoles(store, null, {
      companyContactId: idOf(contact),
      rolesToAssign: company.locations.map(place => ({companyContactRoleId: idOf(given), companyLocationId: idOf(place)})),
    });
  return company;
}

const templateNamed = name => {
  const found = name && TERMS.find(row => row.name === name);
  if (name && !found) throw new Error(`terms: want one of ${TERMS.map(row => row.name).join(', ')}`);
  return found ? idOf(found) : null;
};

function addLocation(store, key, {terms, address, ...form}) {
  return companyLocationCreate(store, null, {
    companyId: key,
    input: {
      ...form,
      ...(address ? {shippingAddress: {...DEFAULT_COUNTRY, ...address}, billingSameAsShipping: true} : {}),
      ...(terms ? {buyerExperienceConfiguration: {paymentTermsTemplateId: templateNamed(terms)}} : {}),
    },
  });
}

/** {name, externalId, note, contact: a person or null, roles: [names]}. */
function editCompany(store, key, {contact: person, roles, ...input}) {
  const company = theCompany(store, key);
  if (Object.keys(input).length) companyUpdate(store, null, {companyId: key, input});
  for (const [i, name] of (roles ?? []).entries()) store.change(company.roles[i], {name});
  if (person === undefined) return company;
  const customer = person && customerOf(store, person);
  const contact = customer && (company.contacts.find(entry => entry.customer === customer) ?? keepContact(store, company, customer));
  store.change(company, {mainContact: contact});
  return company;
}

/** Fields of the card; {terms: name or null, taxRegistrationId, address}. */
function editLocation(store, key, {terms, taxRegistrationId, address, ...input}) {
  const location = theLocation(store, key);
  const configuration = terms === undefined ? {} : {buyerExperienceConfiguration: {paymentTermsTemplateId: templateNamed(terms)}};
  const card = {...input, ...configuration};
  if (Object.keys(card).length) companyLocationUpdate(store, null, {companyLocationId: key, input: card});
  if (taxRegistrationId !== undefined) companyLocationTaxSettingsUpdate(store, null, {companyLocationId: key, taxRegistrationId});
  if (address) {
    const names = INPUTS.CompanyAddressInput.split(' ');
    const before = Object.fromEntries(names.map(name => [name, location.shippingAddress?.[name] ?? null]));
    companyLocationAssignAddress(store, null, {
      locationId: key,
      address: {...DEFAULT_COUNTRY, ...before, ...address},
      addressTypes: ['BILLING', 'SHIPPING'],
    });
  }
  return location;
}

const ordersOf = (store, company) => all(store, 'Order').filter(order => order.company?.id === company.id);

function dropLocation(store, location) {
  for (const row of location.assignments) {
    row.contact.assignments.splice(row.contact.assignments.indexOf(row), 1);
    store.drop(row);
  }
  for (const address of [location.billingAddress, location.shippingAddress]) if (address) store.drop(address);
  store.drop(location);
}

function deleteLocation(store, key) {
  const location = theLocation(store, key);
  const {company} = location;
  if (company.locations.length === 1)
    throw new Refusal(['companyLocationId'], 'A company must have at least one location.', 'FAILED_TO_DELETE');
  company.locations.splice(company.locations.indexOf(location), 1);
  dropLocation(store, location);
  return key;
}

function deleteCompany(store, key) {
  const company = theCompany(store, key, ['id']);
  if (ordersOf(store, company).length)
    throw new Refusal(['id'], 'Company has orders and can\'t be deleted.', 'FAILED_TO_DELETE');
  for (const location of company.locations) dropLocation(store, location);
  for (const record of [...company.contacts, ...company.roles, company]) store.drop(record);
  store.metafields.dropOwner(company);
  return key;
}

/** The location of this name of the company of that name; what is not there is made. For catalogs. */
export function locationNamed(store, {name, company: title}) {
  const company = companiesOf(store).find(entry => entry.name === title) ?? keepCompany(store, {name: title});
  return company.locations.find(entry => entry.name === name) ?? keepLocation(store, company, {name});
}

export const COMPANY_ACTIONS = {
  companyCreate,
  companyUpdate,
  companyLocationCreate,
  companyLocationUpdate,
  companyLocationAssignAddress,
  companyLocationTaxSettingsUpdate,
  companyContactCreate,
  companyAssignCustomerAsContact,
  companyAssignMainContact,
  companyContactAssignRoles,
  addCompany,
  addLocation,
  editCompany,
  editLocation,
  deleteCompany,
  deleteLocation,
};
