// The customers' part of the admin side: what a merchant does to them by hand. Every call is one action of
// customers.mjs, so a restart repeats it; none of it is in the ledger's effects.
import {HttpError} from '../lib/http.mjs';
import {storeOf} from './admin-orders.mjs';
import {gid} from './store.mjs';

/** By id, global id or e-mail address. */
function customerAt(store, key) {
  const text = decodeURIComponent(key);
  const byEmail = record => record.__typename === 'Customer' && record.email === text.toLowerCase();
  const found = store.get(text) ?? store.get(gid('Customer', text)) ?? [...store.objects.values()].find(byEmail);
  if (found?.__typename !== 'Customer') throw new HttpError(404, {errors: `no customer ${text}`});
  return found;
}

const gidOf = customer => gid('Customer', customer.id);

function addCustomer(shopify, {store: domain, ...form}) {
  storeOf(shopify, domain).perform('addCustomer', null, form);
  shopify.state.touch();
  return {id: gid('Customer', form.id)};
}

/** The fields of CustomerInput, and {address: MailingAddressInput} of the default address. */
function editCustomer(shopify, {store: domain, ...fields}, [, key]) {
  const store = storeOf(shopify, domain);
  const customer = customerAt(store, key);
  store.perform('editCustomer', gidOf(customer), fields);
  shopify.state.touch();
  return {id: gidOf(customer), updatedAt: customer.updatedAt};
}

/** {into}: merges the customer into another one. */
function mergeCustomer(shopify, {store: domain, into}, [, key]) {
  const store = storeOf(shopify, domain);
  const [one, other] = [customerAt(store, key), customerAt(store, into)];
  store.perform('mergeCustomer', gidOf(one), {into: gidOf(other)});
  shopify.state.touch();
  return {id: gidOf(other)};
}

function deleteCustomer(shopify, body, [, key], url) {
  const store = storeOf(shopify, url.searchParams.get('store'));
  const id = store.perform('deleteCustomer', gidOf(customerAt(store, key)));
  shopify.state.touch();
  return {id};
}

function showCustomer(shopify, body, [, key], url) {
  const {mainAddress, metafields, ...customer} = customerAt(storeOf(shopify, url.searchParams.get('store')), key);
  const fields = [...(metafields?.values() ?? [])].map(({namespace, key: name, value}) => ({namespace, key: name, value}));
  return {...customer, metafields: fields, defaultAddress: mainAddress ?? customer.addresses[0] ?? null};
}

export const CUSTOMER_ROUTES = [
  ['POST', /^customers$/, addCustomer],
  ['POST', /^customers\/([^/]+)\/merge$/, mergeCustomer],
  ['GET', /^customers\/([^/]+)$/, showCustomer],
  ['POST', /^customers\/([^/]+)$/, editCustomer],
  ['DELETE', /^customers\/([^/]+)$/, deleteCustomer],
];
