// The companies' part of the admin side: what a merchant does to them by hand.
import {HttpError} from '../lib/http.mjs';
import {storeOf} from './admin-orders.mjs';
import {companiesOf} from './companies.mjs';
import {gid} from './store.mjs';

const idOf = record => gid(record.__typename, record.id);

/** By id, global id, external id or name. */
function companyAt(store, key) {
  const text = decodeURIComponent(key);
  const found = companiesOf(store).find(({id, externalId, name}) => [id, gid('Company', id), externalId, name].includes(text));
  if (!found) throw new HttpError(404, {errors: `no company ${text}`});
  return found;
}

/** By id, global id, external id or name, among the company's own. */
function locationAt(company, key) {
  const text = decodeURIComponent(key);
  const found = company.locations.find(location => [location.id, idOf(location), location.externalId, location.name].includes(text));
  if (!found) throw new HttpError(404, {errors: `${company.name} has no location ${text}`});
  return found;
}

const addressShown = address => address && (({__typename, createdAt, updatedAt, ...fields}) => fields)(address);

const locationShown = ({id, name, externalId, phone, note, taxRegistrationId, taxExempt, terms, updatedAt, ...location}) => ({
  id,
  name,
  externalId,
  phone,
  note,
  taxRegistrationId,
  taxExempt,
  terms: terms?.name ?? null,
  updatedAt,
  billingAddress: addressShown(location.billingAddress),
  shippingAddress: addressShown(location.shippingAddress),
  roles: location.assignments.map(({contact, role}) => ({email: contact.customer.email, role: role.name})),
});

const shown = ({id, name, externalId, note, updatedAt, mainContact, contacts, locations, roles, metafields}) => ({
  id,
  gid: gid('Company', id),
  name,
  externalId,
  note,
  updatedAt,
  mainContact: mainContact && {id: mainContact.id, customer: mainContact.customer.id, email: mainContact.customer.email},
  contacts: contacts.map(contact => ({id: contact.id, customer: contact.customer.id, email: contact.customer.email})),
  roles: roles.map(role => role.name),
  locations: locations.map(locationShown),
  metafields: [...(metafields?.values() ?? [])].map(({namespace, key, value}) => ({namespace, key, value})),
});

function perform(shopify, store, name, key, form) {
  const made = store.perform(name, key, form);
  shopify.state.touch();
  return made;
}

function add(shopify, {store: domain, ...form}) {
  const store = storeOf(shopify, domain);
  return shown(perform(shopify, store, 'addCompany', null, form));
}

const acting = name => (shopify, {store: domain, ...form}, [, key]) => {
  const store = storeOf(shopify, domain);
  const company = companyAt(store, key);
  perform(shopify, store, name, idOf(company), form);
  return shown(company);
};

function editLocation(shopify, {store: domain, ...form}, [, key, place]) {
  const store = storeOf(shopify, domain);
  const company = companyAt(store, key);
  perform(shopify, store, 'editLocation', idOf(locationAt(company, place)), form);
  return shown(company);
}

function remove(shopify, body, [, key, place], url) {
  const store = storeOf(shopify, url.searchParams.get('store'));
  const company = companyAt(store, key);
  if (place) perform(shopify, store, 'deleteLocation', idOf(locationAt(company, place)));
  else perform(shopify, store, 'deleteCompany', idOf(company));
  return {ok: true};
}

const list = (shopify, body, path, url) => companiesOf(storeOf(shopify, url.searchParams.get('store'))).map(shown);
const show = (shopify, body, [, key], url) => shown(companyAt(storeOf(shopify, url.searchParams.get('store')), key));

export const COMPANY_ROUTES = [
  ['GET', /^companies$/, list],
  ['POST', /^companies$/, add],
  ['GET', /^companies\/([^/]+)$/, show],
  ['POST', /^companies\/([^/]+)$/, acting('editCompany')],
  ['DELETE', /^companies\/([^/]+)$/, remove],
  ['POST', /^companies\/([^/]+)\/locations$/, acting('addLocation')],
  ['POST', /^companies\/([^/]+)\/locations\/([^/]+)$/, editLocation],
  ['DELETE', /^companies\/([^/]+)\/locations\/([^/]+)$/, remove],
];
