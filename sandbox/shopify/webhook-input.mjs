// Subscriptions to webhooks as the Admin API makes, shows and removes them. Sending is webhooks.mjs.
import {mutation} from './mutation.mjs';
import {pageById} from './paging.mjs';
import {FieldError} from './plan.mjs';
import {Refusal} from './refusal.mjs';
import {gid} from './store.mjs';

const TYPE = 'WebhookSubscription';
const ADDRESS = ['webhookSubscription', 'callbackUrl'];
const idOf = record => gid(TYPE, record.id);

export const subscriptionsOf = store => [...store.objects.values()].filter(record => record.__typename === TYPE);
const ownOf = (store, {clientId}) => subscriptionsOf(store).filter(record => record.clientId === clientId);

/** "ORDERS_CREATE" is orders/create in a delivery; the schema's own text says so, and which scopes a topic needs. */
function topicOf(name, {schemas, version}) {
  const text = schemas.get(version).schema.getType('WebhookSubscriptionTopic').getValue(name).description ?? '';
  const flat = text.replace(/\s+/g, ' ');
  const [, topic] = /topic for `([a-z_]+\/[a-z_]+)` events/.exec(flat) ?? [];
  const [, scopes] = /Requires (?:the |at least one of the following scopes: )([`a-z_, ]+?)(?: scope)?\./.exec(flat) ?? [];
  if (!topic) throw new FieldError('NOT_SIMULATED', `webhooks of ${name} are not simulated`);
  return {topic, scopes: (scopes ?? '').replace(/`/g, '').split(/[, ]+/).filter(Boolean)};
}

const holds = (token, scope) =>
  token.scopes.includes(scope) || token.scopes.includes(scope.replace(/^read_/, 'write_'));

/** HTTPS alone, but within a local stack, which has no certificate: this machine, and containers by their names. */
function checkAddress(uri) {
  let url;
  try {
    url = new URL(uri);
  } catch {
    throw new Refusal(ADDRESS, 'Address is invalid');
  }
  if (!['http:', 'https:'].includes(url.protocol))
    throw new FieldError('NOT_SIMULATED', `webhooks to ${url.protocol} are not simulated`);
  if (url.protocol === 'http:' && !/^(127\..*|\[::1\]|[a-z0-9-]+)$/.test(url.hostname))
    throw new Refusal(ADDRESS, 'Address protocol http:// is not supported');
}

function checkFree(store, token, {topic, uri}, self) {
  if (ownOf(store, token).some(other => other !== self && other.topic === topic && other.uri === uri))
    throw new Refusal(ADDRESS, 'Address for this topic has already been taken');
}

function fieldsOf({uri, callbackUrl, format, includeFields, filter, metafields, metafieldNamespaces, name}) {
  if (filter || metafields?.length || metafieldNamespaces?.length)
    throw new FieldError('NOT_SIMULATED', 'webhooks with filter or metafields are not simulated');
  if (format === 'XML') throw new FieldError('NOT_SIMULATED', 'webhooks as XML are not simulated');
  const address = uri ?? callbackUrl;
  return {
    ...(address === undefined ? {} : {uri: address}),
    ...(includeFields === undefined ? {} : {includeFields: includeFields ?? []}),
    ...(name === undefined ? {} : {name}),
  };
}

function create({topic, webhookSubscription}, context) {
  const {store, token, version, effect} = context;
  const fields = fieldsOf(webhookSubscription);
  const {topic: event, scopes} = topicOf(topic, context);
  if (!fields.uri) throw new Refusal(ADDRESS, "Address can't be blank");
  checkAddress(fields.uri);
  if (scopes.length && !scopes.some(scope => holds(token, scope)))
    throw new Refusal(
      ['topic'],
      `You do not have permission to create or update webhooks with ${event} topic. Required access: ${scopes.join(', ')}`,
    );
  checkFree(store, token, {topic, uri: fields.uri});
  const made = store.perform('addWebhook', null, {topic, event, version, clientId: token.clientId, ...fields});
  effect('webhookSubscriptionCreate', idOf(made), {topic: event, uri: made.uri});
  return made;
}

function ownBy(id, {store, token}) {
  const found = store.get(id);
  if (found?.__typename !== TYPE || found.clientId !== token.clientId)
    throw new Refusal(['id'], 'Webhook subscription does not exist');
  return found;
}

function update({id, webhookSubscription}, context) {
  const found = ownBy(id, context);
  const fields = fieldsOf(webhookSubscription);
  if (fields.uri) checkAddress(fields.uri);
  checkFree(context.store, context.token, {topic: found.topic, uri: fields.uri ?? found.uri}, found);
  context.store.perform('set', idOf(found), fields);
  context.effect('webhookSubscriptionUpdate', idOf(found), {topic: found.event});
  return found;
}

function remove({id}, context) {
  const found = ownBy(id, context);
  context.store.perform('dropWebhook', idOf(found));
  context.effect('webhookSubscriptionDelete', idOf(found), {topic: found.event, uri: found.uri});
  return idOf(found);
}

export const WEBHOOK_ACTIONS = {
  addWebhook(store, key, fields) {
    const now = store.now();
    const record = {
      __typename: TYPE,
      id: store.nextId(TYPE),
      createdAt: now,
      updatedAt: now,
      format: 'JSON',
      filter: null,
      includeFields: [],
      metafieldNamespaces: [],
      metafields: [],
      name: null,
      ...fields,
    };
    store.put(record);
    return record;
  },
  dropWebhook: (store, key) => store.drop(store.get(key)),
};

function webhookSubscriptions(source, {topics, uri, callbackUrl, query, sortKey, ...args}, {store, token}) {
  if (query) throw new FieldError('NOT_SIMULATED', 'webhookSubscriptions by query are not simulated');
  const address = uri ?? callbackUrl;
  const rows = ownOf(store, token).filter(
    record => (!topics?.length || topics.includes(record.topic)) && (!address || record.uri === address),
  );
  return pageById(rows, args);
}

export const WEBHOOK_ROOTS = {
  webhookSubscriptions,
  webhookSubscription: (source, {id}, {store, token}) => {
    const found = store.get(id);
    return found?.__typename === TYPE && found.clientId === token.clientId ? found : null;
  },
};

export const WEBHOOK_TYPES = {
  WebhookSubscription: {
    id: idOf,
    legacyResourceId: record => record.id,
    callbackUrl: record => record.uri,
    endpoint: record => ({__typename: 'WebhookHttpEndpoint', callbackUrl: record.uri}),
    apiVersion: ({version}) => ({__typename: 'ApiVersion', handle: version, displayName: version, supported: true}),
  },
};

export const WEBHOOK_MUTATIONS = {
  webhookSubscriptionCreate: mutation('webhookSubscriptionCreate', {payload: 'webhookSubscription', act: create}),
  webhookSubscriptionUpdate: mutation('webhookSubscriptionUpdate', {payload: 'webhookSubscription', act: update}),
  webhookSubscriptionDelete: mutation('webhookSubscriptionDelete', {
    payload: 'deletedWebhookSubscriptionId',
    act: remove,
  }),
};
