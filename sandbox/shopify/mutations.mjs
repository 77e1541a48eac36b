// The writing roots that have a handler. Each checks as Shopify does, answers what it refuses as userErrors in
// Shopify's words, and changes the store through one action of actions.mjs. Every other mutation answers
// NOT_SIMULATED.
import {CATALOG_MUTATIONS} from './types-catalogs.mjs';
import {groupsOf, mayWrite} from './fulfillment.mjs';
import {mutation} from './mutation.mjs';
import {CATALOGUE_MUTATIONS} from './mutations-catalogue.mjs';
import {COMPANY_MUTATIONS} from './types-companies.mjs';
import {CUSTOMER_MUTATIONS} from './mutations-customers.mjs';
import {FieldError} from './plan.mjs';
import {Refusal} from './refusal.mjs';
import {WEBHOOK_MUTATIONS} from './webhook-input.mjs';
import {gid} from './store.mjs';

/** Which scopes a mutation wants where the schema's own list does not say it; one of a list is enough. */
const ORDERS = ['write_orders'];
const FULFILLING = ['assigned', 'merchant_managed', 'third_party'].map(who => `write_${who}_fulfillment_orders`);
function recordOf(store, id, type, field, message) {
  const record = store.get(id);
  if (record?.__typename !== type) throw new Refusal(field, message);
  return record;
}

const orderOf = (store, id) => recordOf(store, id, 'Order', ['id'], 'Order does not exist');

// ---- orders ------------------------------------------------------------------------------------

/** What orderUpdate can set here; the list of attributes replaces the old one. */
const UPDATES = {
  note: note => ({note}),
  email: email => ({email}),
  phone: phone => ({phone}),
  poNumber: poNumber => ({poNumber}),
  tags: tags => ({tags: sortedTags(tags)}),
  customAttributes: list => ({attributes: list.map(({key, value}) => ({key, value}))}),
};

function orderUpdate({input}, {store, effect}) {
  const {id, ...rest} = input;
  const order = orderOf(store, id);
  if (!Object.keys(rest).length) throw new Refusal(null, 'No valid update parameters have been provided');
  const unknown = Object.keys(rest).find(key => !UPDATES[key]);
  if (unknown) throw new FieldError('NOT_SIMULATED', `orderUpdate of ${unknown} is not simulated`);
  if (rest.phone && !/^\+?[\d ()-]{5,20}$/.test(rest.phone)) throw new Refusal(['phone'], 'Phone is invalid');
  store.perform('set', id, Object.assign({}, ...Object.entries(rest).map(([key, value]) => UPDATES[key](value))));
  effect('orderUpdate', gid('Order', order.id), {name: order.name, input: rest});
  return order;
}

const sortedTags = tags =>
  [
    ...new Set(
      tags
        .flatMap(tag => tag.split(','))
        .map(tag => tag.trim())
        .filter(Boolean),
    ),
  ].sort();

function orderClose({input: {id}}, {store, effect}) {
  const order = orderOf(store, id);
  if (order.closedAt === null) store.perform('close', id);
  effect('orderClose', gid('Order', order.id), {name: order.name});
  return order;
}

function orderMarkAsPaid({input: {id}}, {store, effect}) {
  const order = orderOf(store, id);
  const isPayable = ['PENDING', 'PARTIALLY_PAID', 'AUTHORIZED'].includes(order.financialStatus);
  if (order.cancelledAt || !isPayable || order.totals.outstanding[0] <= 0)
    throw new Refusal(['id'], 'Order cannot be marked as paid.');
  store.perform('markAsPaid', id);
  effect('orderMarkAsPaid', gid('Order', order.id), {name: order.name});
  return order;
}

const STAFF_NOTE_LIMIT = 255;

/** Shopify cancels in a job; here the job is done when it is answered. */
function orderCancel({orderId, reason, refund, refundMethod, restock, staffNote}, {store, effect}) {
  const order = recordOf(store, orderId, 'Order', ['orderId'], 'Order does not exist');
  const refuse = (field, message) => {
    throw new Refusal([field], message, 'INVALID');
  };
  if (refund !== undefined && refund !== null && refundMethod)
    refuse('refund', 'Only one of the arguments `refund` or `refund_method` is allowed.');
  if ((staffNote?.length ?? 0) > STAFF_NOTE_LIMIT)
    refuse('staffNote', `Staff note is too long. Maximum length is ${STAFF_NOTE_LIMIT} characters.`);
  if (order.cancelledAt) refuse('orderId', 'Cannot cancel an order that has already been canceled');
  if (order.fulfillments.some(made => made.status === 'SUCCESS' && made.lines.some(line => !line.lineItem.giftCard)))
    refuse('orderId', 'Cannot cancel an order that has outstanding fulfillments');
  if (order.returns.some(entry => ['OPEN', 'REQUESTED'].includes(entry.status)))
    refuse('orderId', 'Cannot cancel an order with a return in progress');
  const original = refundMethod?.originalPaymentMethodsRefund ?? refund ?? false;
  store.perform('cancel', orderId, {reason, refund: original, restock, staffNote: staffNote ?? null});
  effect('orderCancel', gid('Order', order.id), {name: order.name, reason, refund: original, restock});
  return {id: gid('Job', order.id), done: true};
}

function tagsAdd({id, tags}, {store, effect}) {
  const record = store.get(id);
  if (!record?.tags) throw new Refusal(['id'], 'Resource does not exist');
  const merged = sortedTags([...record.tags, ...tags]);
  if (merged.length !== record.tags.length) store.perform('set', id, {tags: merged});
  effect('tagsAdd', gid(record.__typename, record.id), {tags});
  return record;
}

// ---- fulfilments -------------------------------------------------------------------------------

function fulfillmentCreate({fulfillment: input, message}, {store, token, effect}) {
  const groups = groupsOf(store, input, token);
  const {order} = groups[0].fo;
  const made = store.perform('fulfilGroups', gid('Order', order.id), {
    groups: groups.map(({fo, units}) => ({
      fo: gid('FulfillmentOrder', fo.id),
      units: [...units].map(([entry, quantity]) => [entry.id, quantity]),
    })),
    tracking: input.trackingInfo ?? null,
    notifyCustomer: input.notifyCustomer ?? false,
    message: message ?? null,
  });
  effect('fulfillmentCreate', gid('Fulfillment', made.id), {
    name: order.name,
    fulfillment: made.name,
    location: made.location.name,
    notifyCustomer: made.notified,
    tracking: made.tracking,
    lines: made.lines.map(line => ({id: gid('LineItem', line.lineItem.id), quantity: line.quantity})),
  });
  return made;
}

function fulfillmentTrackingInfoUpdate({fulfillmentId, trackingInfoInput, notifyCustomer}, {store, effect}) {
  const made = recordOf(store, fulfillmentId, 'Fulfillment', ['fulfillmentId'], 'Fulfillment does not exist.');
  if (made.status === 'CANCELLED') throw new Refusal(['fulfillmentId'], 'Fulfillment is cancelled.');
  store.perform('track', fulfillmentId, {tracking: trackingInfoInput, notifyCustomer: notifyCustomer ?? null});
  effect('fulfillmentTrackingInfoUpdate', gid('Fulfillment', made.id), {
    name: made.order.name,
    fulfillment: made.name,
    tracking: made.tracking,
  });
  return made;
}

function fulfillmentCancel({id}, {store, effect}) {
  const made = recordOf(store, id, 'Fulfillment', ['id'], 'Fulfillment not found.');
  if (made.status === 'CANCELLED') throw new Refusal(['id'], 'Fulfillment has already been cancelled.');
  store.perform('cancelFulfillment', id);
  effect('fulfillmentCancel', gid('Fulfillment', made.id), {name: made.order.name, fulfillment: made.name});
  return made;
}

function fulfillmentOrderAcceptFulfillmentRequest({id, message}, {store, token, effect}) {
  const fo = recordOf(store, id, 'FulfillmentOrder', ['id'], 'Fulfillment order does not exist.');
  if (fo.location.service?.clientId !== token.clientId || !mayWrite(fo, token))
    throw new Refusal(['id'], 'Fulfillment order does not exist.');
  if (fo.status !== 'OPEN' || fo.requestStatus !== 'SUBMITTED')
    throw new Refusal(['id'], 'Cannot accept fulfillment request for the fulfillment order.');
  store.perform('answerRequest', id, {accept: true, message: message ?? null});
  effect('fulfillmentOrderAcceptFulfillmentRequest', gid('FulfillmentOrder', fo.id), {name: fo.order.name});
  return fo;
}

function fulfillmentServiceCreate({name, callbackUrl}, {store, token, effect}) {
  const text = name.trim();
  if (!text) throw new Refusal(['name'], "Name can't be blank");
  const isTaken = store.locations.some(({service}) => service?.name.toLowerCase() === text.toLowerCase());
  if (isTaken) throw new Refusal(['name'], 'Name has already been taken');
  const location = store.perform('addService', null, {name: text, clientId: token.clientId});
  effect('fulfillmentServiceCreate', gid('Location', location.id), {name: text, callbackUrl: callbackUrl ?? null});
  return {__typename: 'FulfillmentService', location};
}

// ---- bulk imports ------------------------------------------------------------------------------

function stagedUploadsCreate({input}, {bulk, storage, store}) {
  return input.map((entry, i) => {
    const target = bulk.stage(entry) ?? storage.stage(entry, store, i);
    if (!target) throw new FieldError('NOT_SIMULATED', `a staged upload of ${entry.resource} is not simulated`);
    return target;
  });
}

function bulkOperationRunMutation(args, context) {
  const operation = context.bulk.start(args, context);
  context.effect('bulkOperationRunMutation', gid('BulkOperation', operation.id));
  return operation;
}

function bulkOperationRunQuery(args, context) {
  const operation = context.bulk.startQuery(args, context);
  context.effect('bulkOperationRunQuery', gid('BulkOperation', operation.id));
  return operation;
}

function bulkOperationCancel({id}, {store, bulk}) {
  return bulk.cancel(recordOf(store, id, 'BulkOperation', ['id'], 'Bulk operation does not exist'));
}

export const Mutation = {
  ...CATALOGUE_MUTATIONS,
  ...CUSTOMER_MUTATIONS,
  ...COMPANY_MUTATIONS,
  ...CATALOG_MUTATIONS,
  ...WEBHOOK_MUTATIONS,
  orderUpdate: mutation('orderUpdate', {payload: 'order', scopes: ORDERS, act: orderUpdate}),
  orderClose: mutation('orderClose', {payload: 'order', scopes: ORDERS, act: orderClose}),
  orderMarkAsPaid: mutation('orderMarkAsPaid', {payload: 'order', scopes: ORDERS, act: orderMarkAsPaid}),
  orderCancel: mutation('orderCancel', {
    scopes: ORDERS,
    payload: 'job',
    errors: 'orderCancelUserErrors',
    act: orderCancel,
  }),
  tagsAdd: mutation('tagsAdd', {payload: 'node', act: tagsAdd}),
  fulfillmentCreate: mutation('fulfillmentCreate', {
    scopes: FULFILLING,
    payload: 'fulfillment',
    act: fulfillmentCreate,
  }),
  fulfillmentCancel: mutation('fulfillmentCancel', {
    scopes: FULFILLING,
    payload: 'fulfillment',
    act: fulfillmentCancel,
  }),
  fulfillmentTrackingInfoUpdate: mutation('fulfillmentTrackingInfoUpdate', {
    scopes: FULFILLING,
    payload: 'fulfillment',
    act: fulfillmentTrackingInfoUpdate,
  }),
  fulfillmentOrderAcceptFulfillmentRequest: mutation('fulfillmentOrderAcceptFulfillmentRequest', {
    payload: 'fulfillmentOrder',
    act: fulfillmentOrderAcceptFulfillmentRequest,
  }),
  stagedUploadsCreate: mutation('stagedUploadsCreate', {payload: 'stagedTargets', act: stagedUploadsCreate}),
  bulkOperationRunMutation: mutation('bulkOperationRunMutation', {
    payload: 'bulkOperation',
    act: bulkOperationRunMutation,
  }),
  bulkOperationRunQuery: mutation('bulkOperationRunQuery', {payload: 'bulkOperation', act: bulkOperationRunQuery}),
  bulkOperationCancel: mutation('bulkOperationCancel', {payload: 'bulkOperation', act: bulkOperationCancel}),
  fulfillmentServiceCreate: mutation('fulfillmentServiceCreate', {
    payload: 'fulfillmentService',
    act: fulfillmentServiceCreate,
  }),
};
