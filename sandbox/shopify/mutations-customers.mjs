// The writing roots of customers; each is one action of customers.mjs.
import {mutation} from './mutation.mjs';
import {gid} from './store.mjs';

const gidOf = record => gid(record.__typename, record.id);
/** Without undefined, so that the journal repeats exactly what was done. */
const plain = args => JSON.parse(JSON.stringify(args));

function customerSet(args, {store, effect}) {
  const known = args.identifier?.id ?? null;
  const before = new Set([...store.objects.keys()].filter(key => key.startsWith('gid://shopify/Customer/')));
  const customer = store.perform('customerSet', null, plain(args));
  effect('customerSet', gidOf(customer), {
    email: customer.email,
    new: known === null && !before.has(gidOf(customer)),
    addresses: args.input.addresses?.length ?? null,
  });
  return customer;
}

function customerUpdate(args, {store, effect}) {
  const customer = store.perform('customerUpdate', null, plain(args));
  const {id, ...fields} = args.input;
  effect('customerUpdate', gidOf(customer), {fields: Object.keys(fields)});
  return customer;
}

const onAddress = name =>
  function change(args, {store, effect}) {
    const address = store.perform(name, null, plain(args));
    effect(name, args.customerId, {address: gidOf(address), fields: Object.keys(args.address)});
    return address;
  };

export const CUSTOMER_MUTATIONS = {
  customerSet: mutation('customerSet', {payload: 'customer', act: customerSet}),
  customerUpdate: mutation('customerUpdate', {payload: 'customer', act: customerUpdate}),
  customerAddressUpdate: mutation('customerAddressUpdate', {payload: 'address', act: onAddress('customerAddressUpdate')}),
  customerAddressCreate: mutation('customerAddressCreate', {payload: 'address', act: onAddress('customerAddressCreate')}),
};
