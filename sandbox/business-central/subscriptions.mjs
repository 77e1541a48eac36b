// Subscriptions of the API ("webhooks"): the handshake, three days of life, notices that carry ids only, late and in
// groups, and an end as soon as the receiver answers anything but success or "not now".
import {randomUUID, randomBytes} from 'node:crypto';
import {ENTITIES} from './entities.mjs';
import {BcError, badRequest, entityChanged, recordNotFound} from './errors.mjs';
import {parse} from './json.mjs';

const LIFE_MS = 3 * 86_400_000;
const HANDSHAKE_MS = 5000;
const DELIVERY_MS = 30_000;
const DELAY_MS = 30_000;
const AGAIN_S = [60, 60, 600, 6000, 60_000];
const MOST = 1000; // changes that wait for one subscription, told one by one
const KEPT = 500;
/** Pages over temporary tables or with several keys are not told of; a change of a line is one of its document. */
const SETS = new Set([
  'accounts', 'companyInformation', 'countriesRegions', 'currencies', 'customers', 'generalLedgerEntries', 'itemCategories', 'items',
  'itemVariants', 'itemLedgerEntries', 'locations', 'paymentMethods', 'paymentTerms', 'salesCreditMemos', 'salesInvoices', 'salesOrders',
  'salesQuotes', 'salesShipments', 'shipmentMethods', 'unitsOfMeasure', 'vendors',
]);
const HEADERS = {salesOrderLines: 'salesOrders', salesInvoiceLines: 'salesInvoices', salesCreditMemoLines: 'salesCreditMemos', salesQuoteLines: 'salesQuotes'};
const RESOURCE = /^\/?api\/v2\.0\/companies\(([0-9a-f-]{36})\)\/([A-Za-z]+)$/i;

export class Subscriptions {
  #timer = null;

  constructor({clock, store, journal}) {
    Object.assign(this, {clock, store, journal});
    this.reset();
  }

  reset() {
    clearTimeout(this.#timer);
    this.rows = new Map(); // id → row
    this.waiting = new Map(); // id → {due, failures, changes: Map(entity → {type, at})}
    this.deliveries = [];
  }

  /** A row that an earlier life of the peer had. */
  load(row) {
    if (row) this.rows.set(row.subscriptionId, row);
  }

  #keep(id, row) {
    if (row) this.rows.set(id, row);
    else {
      this.rows.delete(id);
      this.waiting.delete(id);
    }
    this.journal.add({key: `subscription/${id}`, subscription: row ?? null, ...(row ? {} : {forgotten: true})});
  }

  #expire() {
    for (const [id, row] of this.rows) if (Date.parse(row.expirationDateTime) <= this.clock.business()) this.#keep(id, null);
  }

  // ---- the API -----------------------------------------------------------------------------------

  /** One request at …/subscriptions; null = it is none. */
  async serve({method, path, text, headers}, user) {
    const [, key] = /^\/subscriptions(?:\((.*)\))?$/.exec(path) ?? [];
    if (!/^\/subscriptions(\(|$)/.test(path)) return null;
    this.#expire();
    if (key === undefined) {
      if (method === 'GET') return ok({value: [...this.rows.values()].filter(row => row.userId === user).map(shown)});
      if (method === 'POST') return this.#create(parse(text), user);
      throw new BcError(405, 'BadRequest_MethodNotAllowed', `The method ${method} is not allowed.`);
    }
    const row = this.rows.get(key.replace(/^'|'$/g, ''));
    if (!row || row.userId !== user) throw recordNotFound('Webhook Subscription', key);
    if (method === 'GET') return ok(shown(row));
    const match = headers['if-match'];
    if (match === undefined) throw badRequest('If-Match header is missing.');
    if (match !== '*' && match !== etagOf(row)) throw entityChanged();
    if (method === 'DELETE') {
      this.#keep(row.subscriptionId, null);
      return {status: 204, headers: {}};
    }
    if (method !== 'PATCH') throw new BcError(405, 'BadRequest_MethodNotAllowed', `The method ${method} is not allowed.`);
    const changes = parse(text);
    const next = {...row, ...picked(changes), ...this.#times(row)};
    await this.#handshake(next);
    this.#keep(row.subscriptionId, next);
    return ok(shown(next));
  }

  #times(row) {
    const ms = this.clock.business(); // read once: the life is three days to the millisecond
    const now = new Date(ms).toISOString();
    return {
      timestamp: now,
      lastModifiedDateTime: now,
      expirationDateTime: new Date(ms + LIFE_MS).toISOString(),
      systemCreatedAt: row?.systemCreatedAt ?? now,
      systemModifiedAt: now,
    };
  }

  async #create(body, user) {
    const {notificationUrl, resource, clientState = ''} = picked(body);
    checkAddress(notificationUrl);
    const [, company, set] = RESOURCE.exec(resource ?? '') ?? [];
    if (!company || !this.store.companies.has(company.toLowerCase())) throw badRequest(`Resource '${resource}' is not valid.`);
    if (!ENTITIES.has(set) || !SETS.has(set))
      throw badRequest(`The resource '${resource}' does not support webhook notifications.`);
    if (clientState.length > 2048) throw badRequest('clientState is longer than 2048 characters.');
    const path = resource.replace(/^\/?/, '/');
    if ([...this.rows.values()].some(row => row.userId === user && row.resource === path && row.notificationUrl === notificationUrl))
      throw new BcError(400, 'Internal_EntityWithSameKeyExists', 'The Webhook Subscription already exists.');
    const row = {subscriptionId: randomBytes(16).toString('hex'), notificationUrl, resource: path, userId: user, clientState, ...this.#times()};
    await this.#handshake(row);
    this.#keep(row.subscriptionId, row);
    return {...ok(shown(row)), status: 201};
  }

  async #handshake({notificationUrl}) {
    const token = randomUUID();
    let said = 'no answer within 5 seconds';
    try {
      const url = new URL(notificationUrl);
      url.searchParams.set('validationToken', token);
      const response = await fetch(url, {method: 'POST', redirect: 'manual', signal: AbortSignal.timeout(HANDSHAKE_MS)});
      const text = await response.text();
      if (response.status === 200 && text === token && /^text\/plain/.test(response.headers.get('content-type') ?? '')) return;
      said = `status ${response.status}`;
    } catch {
      // as if nobody had answered
    }
    throw badRequest(`The notification URL did not answer the validation request as it has to: ${said}.`);
  }

  // ---- notices -----------------------------------------------------------------------------------

  /** A committed change of one row. */
  changed({company, set, id, before, row}) {
    if (!this.rows.size) return;
    const header = HEADERS[set];
    const entity = header ? (row ?? before)?.documentId : id;
    const type = header ? 'updated' : !row ? 'deleted' : !before ? 'created' : 'updated';
    const resource = `/api/v2.0/companies(${company})/${header ?? set}`.toLowerCase();
    for (const [key, entry] of this.rows)
      if (entry.resource.toLowerCase() === resource) this.#note(key, `${entry.resource.slice(1)}(${entity})`, type);
  }

  #note(id, entity, type) {
    let waiting = this.waiting.get(id);
    if (!waiting) this.waiting.set(id, (waiting = {due: this.clock.bucketMs() + DELAY_MS, failures: 0, changes: new Map()}));
    const known = waiting.changes.get(entity);
    if (type === 'updated' && known?.type === 'created') return;
    waiting.changes.set(entity, {type, at: new Date(this.clock.business()).toISOString()});
    this.#arm();
  }

  #arm() {
    clearTimeout(this.#timer);
    const next = Math.min(...[...this.waiting.values()].map(entry => entry.due));
    if (!Number.isFinite(next)) return;
    this.#timer = setTimeout(() => this.look(), Math.max(1, Math.min(60_000, (next - this.clock.bucketMs()) / this.clock.scale)));
    this.#timer.unref();
  }

  /** Sends what is due, one call an address; called again when bucket time jumps. */
  look() {
    this.#expire();
    const now = this.clock.bucketMs();
    const calls = new Map();
    for (const [id, entry] of this.waiting) {
      if (entry.due > now) continue;
      this.waiting.delete(id);
      const row = this.rows.get(id);
      if (!row) continue;
      if (!calls.has(row.notificationUrl)) calls.set(row.notificationUrl, []);
      calls.get(row.notificationUrl).push({row, entry});
    }
    for (const [url, group] of calls) this.#deliver(url, group);
    this.#arm();
  }

  async #deliver(url, group) {
    const value = group.flatMap(({row, entry}) => noticesOf(row, entry));
    const status = await post(url, value);
    this.deliveries.push({url, status, value});
    if (this.deliveries.length > KEPT) this.deliveries.shift();
    if (status >= 200 && status < 300) return;
    const comesBack = status === 0 || status === 408 || status === 429 || status >= 500;
    for (const {row, entry} of group) {
      const wait = comesBack ? AGAIN_S[entry.failures] : undefined;
      if (wait === undefined) this.#keep(row.subscriptionId, null);
      else this.#again(row.subscriptionId, entry, wait);
    }
    this.#arm();
  }

  #again(id, entry, seconds) {
    const newer = this.waiting.get(id);
    const changes = new Map([...entry.changes, ...(newer?.changes ?? [])]);
    this.waiting.set(id, {due: this.clock.bucketMs() + seconds * 1000, failures: entry.failures + 1, changes});
  }

  toJSON() {
    return {subscriptions: [...this.rows.values()].map(shown), waiting: this.waiting.size, deliveries: this.deliveries};
  }
}

function noticesOf(row, {changes}) {
  const common = {subscriptionId: row.subscriptionId, clientState: row.clientState, expirationDateTime: row.expirationDateTime};
  const times = [...changes.values()].map(change => change.at).sort();
  if (changes.size > MOST) {
    const isWhole = [...changes.values()].some(change => change.type === 'deleted');
    const since = new Date(Date.parse(times[0]) - 50).toISOString();
    const resource = row.resource.slice(1) + (isWhole ? '' : `?$filter=lastModifiedDateTime%20gt%20${since}`);
    return [{...common, resource, changeType: 'collection', lastModifiedDateTime: times.at(-1)}];
  }
  return [...changes].map(([resource, {type, at}]) => ({...common, resource, changeType: type, lastModifiedDateTime: at}));
}

async function post(url, value) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(DELIVERY_MS),
      headers: {'content-type': 'application/json; charset=utf-8', clientRequestId: randomUUID(), 'x-ms-correlation-x': randomUUID()},
      body: JSON.stringify({value}),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/** HTTPS alone, but within a local stack: this machine, and containers by their names. */
function checkAddress(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    throw badRequest('The notification URL is not valid.');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && /^(127\..*|\[::1\]|[a-z0-9-]+)$/.test(url.hostname)))
    throw badRequest('The notification URL has to begin with https://.');
}

const picked = ({notificationUrl, resource, clientState}) =>
  Object.fromEntries(Object.entries({notificationUrl, resource, clientState}).filter(([, value]) => value !== undefined));
const etagOf = row => `W/"${Buffer.from(row.lastModifiedDateTime + row.subscriptionId).toString('base64')}"`;
const shown = row => ({'@odata.etag': etagOf(row), ...row});
const ok = body => ({status: 200, headers: {}, body});
