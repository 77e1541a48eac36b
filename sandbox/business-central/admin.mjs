// The admin side under /_sandbox/: what tests and the demo steer and read. Not part of what is imitated.
import {HttpError, readJson} from '../lib/http.mjs';
import {
  changeDocument,
  changeLocation,
  changeSetup,
  changeShipment,
  createByHand,
  customerLedger,
  deleteByHand,
  listDocuments,
  listShipments,
} from './admin-documents.mjs';
import {changePart, changePicture, changePlace, changeVariant, listPlaces} from './admin-catalogue.mjs';
import {manyItems} from './admin-many.mjs';
import {Books} from './books.mjs';
import {ENTITIES} from './entities.mjs';
import {BcError} from './errors.mjs';
import {Num, parse, stringify} from './json.mjs';
import {createMaster, deleteMaster, updateMaster} from './master.mjs';
import {adjustStock} from './posting/entries.mjs';
import {showRow} from './present.mjs';
import {readValue} from './values.mjs';

/** What a person may change on a card although the API does not show it. */
const CARD_FIELDS = {
  customers: {
    vatBus: '_vatBus',
    customerPostingGroup: '_postingGroup',
    pricesIncludeTax: '_pricesIncludeTax',
    priceGroup: '_priceGroup',
    discountGroup: '_discountGroup',
    allowLineDiscount: '_allowLineDiscount',
  },
  accounts: {vatProd: '_vatProd'},
  items: {
    vatProd: '_vatProd',
    reserved: '_reserved',
    salesBlocked: '_salesBlocked',
    salesUnit: '_salesUnit',
    grossWeight: '_grossWeight',
    vendorNumber: '_vendorNumber',
    vendorItemNumber: '_vendorItemNumber',
    tariffNumber: '_tariffNumber',
    origin: '_origin',
    discountGroup: '_discountGroup',
  },
};

export class Admin {
  constructor(server) {
    this.server = server;
  }

  async handle(request, response, path, query) {
    const [room, ...rest] = path.split('/');
    const route = ROUTES[`${request.method} ${room}`];
    if (!route) throw new HttpError(404, {errors: `no ${request.method} /_sandbox/${path}`});
    const body = request.method === 'POST' ? await readJson(request, 4 << 20) : {};
    let result;
    try {
      result = route(this.server, {body, query, key: rest.map(decodeURIComponent).join('/')});
    } catch (error) {
      if (error instanceof HttpError) throw error;
      throw new HttpError(error instanceof BcError ? error.status : 400, {errors: error.message});
    }
    const text = stringify(result ?? {ok: true});
    response.writeHead(200, {'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text)});
    response.end(text);
  }
}

function booksOf(server, query) {
  const company = query.get('company') ?? server.world.companies[0]?.id;
  if (!server.store.companies.has(company) || company === '') throw new HttpError(404, {errors: `no company ${company}`});
  return new Books({store: server.store, company, nowMs: server.clock.business()});
}

function found(books, set, name, value) {
  const row = books.find(set, name, value);
  if (!row) throw new HttpError(404, {errors: `no ${ENTITIES.get(set).type} ${value}`});
  return row;
}

/** Changes or creates a record as a person would at its card; the stamp and etag move, the ledger keeps silent. */
function changeCard(server, set, {body, query, key}) {
  const books = booksOf(server, query);
  const entity = ENTITIES.get(set);
  const fields = [];
  const hidden = {};
  let inventory;
  for (const [name, value] of Object.entries(parse(JSON.stringify(body)))) {
    const text = value instanceof Num ? value.text : value;
    if (CARD_FIELDS[set][name]) hidden[CARD_FIELDS[set][name]] = text;
    else if (name === 'inventory' && set === 'items') inventory = text;
    else if (!entity.byName.has(name)) throw new HttpError(400, {errors: `${name}: not a property of ${entity.type}`});
    else
      fields.push([
        entity.byName.get(name),
        readValue(entity.byName.get(name), set === 'customers' && name === 'blocked' && value === '' ? ' ' : value),
      ]);
  }
  const row = server.store.transaction(() => {
    const before = key ? found(books, set, 'number', key) : createMaster(books, entity, fields);
    const changed = key ? updateMaster(books, entity, before, fields) : before;
    if (Object.keys(hidden).length > 0) books.write(set, {...changed, ...hidden});
    if (inventory !== undefined) adjustStock(books, books.get(set, changed.id), inventory);
    return books.get(set, changed.id);
  });
  return showRow(row, entity, books);
}

/** One card by its number, or those of an e-mail address. */
function showCard(server, set, {query, key}) {
  const books = booksOf(server, query);
  const entity = ENTITIES.get(set);
  if (key) return showRow(found(books, set, 'number', key), entity, books);
  return {[set]: books.where(set, 'email', query.get('email') ?? '').map(row => showRow(row, entity, books))};
}

function deleteCard(server, set, {query, key}) {
  const books = booksOf(server, query);
  const row = found(books, set, 'number', key);
  server.store.transaction(() => deleteMaster(books, ENTITIES.get(set), row));
}

/**
 * Sets the tax model and rates of a company: {"model"?: "vat"|"sales tax", "rates"?: [{vatBus, vatProd, percent, identifier?}]}, where
 * `jurisdictions` (a list of percentages that are added) may stand for `percent`. Groups and areas that are new are added.
 */
function changeTaxRates(server, {body, query}) {
  const books = booksOf(server, query);
  const {model = books.setup.taxModel ?? 'vat', rates = []} = body;
  const isRate = ({vatBus, vatProd, percent, jurisdictions}) =>
    vatBus && vatProd && (jurisdictions ?? [percent]).every(each => each >= 0);
  if (!['vat', 'sales tax'].includes(model) || !rates.every(isRate))
    throw new HttpError(400, {
      errors: 'want {"model": "vat"|"sales tax", "rates": [{"vatBus", "vatProd", "percent"|"jurisdictions"}]}',
    });
  server.store.changeSetup(books.company, {taxModel: model});
  for (const rate of rates) {
    const {vatBus, vatProd} = rate;
    const others = books.setup.taxRates.filter(each => each.vatBus !== vatBus || each.vatProd !== vatProd);
    server.store.changeSetup(books.company, {taxRates: [...others, rate]});
    addGroup(server, books, 'taxGroups', vatProd);
    addGroup(server, books, 'taxAreas', vatBus);
  }
  return plain({model, rates: books.setup.taxRates});
}

function addGroup(server, books, set, code) {
  if (books.find(set, 'code', code)) return;
  const taxType = books.hasSalesTax() ? 'Sales Tax' : 'VAT';
  server.store.transaction(() =>
    books.write(set, {...books.blank(set), id: server.store.newId(), code, displayName: code, taxType}),
  );
}

/** One settable figure or switch: where it lives and what it may be. */
const SETTINGS = {
  replicaLagMs: [server => server.store, 'lagMs', 'number'],
  pageCap: [server => server.settings, 'pageCap', 'number'],
  commitLagMs: [server => server.settings, 'commitLagMs', 'number'],
  pageOrder: [server => server.settings, 'pageOrder', 'boolean'],
  batchCounts: [server => server.settings, 'batchCounts', 'string', ['members', 'one']],
  level: [server => server.settings, 'level', 'string', ['api', 'extension', 'odata-page']],
  denied: [server => server.settings, 'denied', 'string'],
  lockConflict: [server => server.settings, 'lockConflict', 'string', ['wait', 'deadlock']],
  tokenLifeS: [server => server.tokens, 'life', 'number'],
  running: [server => server.limits.figures, 'running', 'number'],
  queued: [server => server.limits.figures, 'queued', 'number'],
  rate: [server => server.limits.figures, 'rate', 'number'],
  windowMs: [server => server.limits.figures, 'windowMs', 'number'],
  queueWaitMs: [server => server.limits.figures, 'queueWaitMs', 'number'],
  retryAfterS: [server => server.limits.figures, 'retryAfterS', 'number'],
};

function changeSettings(server, {body}) {
  for (const [name, value] of Object.entries(body)) {
    const [, , type, oneOf] = SETTINGS[name] ?? [];
    if (!type) throw new HttpError(400, {errors: `${name}: not one of ${Object.keys(SETTINGS).join(', ')}`});
    if (typeof value !== type || (oneOf && !oneOf.includes(value)))
      throw new HttpError(400, {errors: `${name}: want ${oneOf ? oneOf.join(', ') : `a ${type}`}`});
  }
  for (const [name, value] of Object.entries(body)) SETTINGS[name][0](server)[SETTINGS[name][1]] = value;
  return settings(server);
}

const plain = value => parse(JSON.stringify(value)); // numbers as this room writes them
const settings = server =>
  plain(Object.fromEntries(Object.entries(SETTINGS).map(([name, [place, key]]) => [name, place(server)[key]])));

function changeTime(server, {body}) {
  if (body.bucket_ms !== undefined) {
    server.clock.advanceBucket(body.bucket_ms);
    server.subscriptions.look();
    if (body.business === undefined) return time(server);
  }
  const ms = Date.parse(body.business);
  if (Number.isNaN(ms)) throw new HttpError(400, {errors: 'want {"business": "2010-12-03T00:00:00Z"}'});
  if (!server.clock.jump(ms))
    throw new HttpError(400, {errors: `business time is ${server.clock.businessText()} already and never goes back`});
  server.keepTime();
  server.subscriptions.look();
  return time(server);
}

const time = server => plain({business: server.clock.businessText(), bucket_ms: Math.round(server.clock.bucketMs())});

/** What the rule of the page "API Setup" sets at customers that are made from now on: {"customerGroup", "vatBus"}; '' = no rule. */
function changeTemplate(server, {body, query}) {
  const books = booksOf(server, query);
  for (const [name, value] of Object.entries(body))
    if (!['customerGroup', 'vatBus'].includes(name) || typeof value !== 'string')
      throw new HttpError(400, {errors: 'want {"customerGroup": CODE, "vatBus": CODE}'});
  server.store.changeSetup(books.company, {template: {...books.setup.template, ...body}});
  return plain(books.setup.template);
}

const withBooks = (server, call) => ({...call, books: booksOf(server, call.query)});

const ROUTES = {
  'GET health': () => ({ok: true, peer: 'business-central'}),
  'GET ledger': server => plain({...server.ledger.toJSON(), latency_ms: Math.round(server.latencyMs)}),
  'DELETE ledger': server => {
    for (const {n} of server.ledger.effects) server.journal.add({key: `effect/${n}`, forgotten: true});
    server.ledger.reset();
    server.latencyMs = 0;
  },
  'GET faults': server => plain({...server.faults.toJSON(), delayed: server.delayed.size}),
  'POST faults': (server, {body}) => server.faults.set(body.rules),
  'DELETE faults': server => server.faults.set([]),
  'GET time': time,
  'POST time': changeTime,
  'POST latency': (server, {body}) => {
    if (!['none', 'real'].includes(body.profile)) throw new HttpError(400, {errors: 'want {"profile": "none"|"real"}'});
    server.setLatency(body.profile);
  },
  'POST reset': server => server.reset(),
  'GET dump': server => plain({companies: server.store.dump(), ledger: server.ledger.toJSON(), ...time(server)}),
  'POST tax-rates': changeTaxRates,
  'POST template': changeTemplate,
  'GET settings': settings,
  'POST settings': changeSettings,
  'GET requests': (server, {query}) => ({
    requests: server.requests.filter(({correlation}) => !query.has('correlation') || correlation === query.get('correlation')),
  }),
  'GET webhooks': server => plain(server.subscriptions.toJSON()),
  'DELETE webhooks': server => server.subscriptions.reset(),
  'POST tokens': server => server.tokens.revoke(),
  'GET documents': (server, {query}) =>
    listDocuments(server, {query, booksOf: id => booksOf(server, new URLSearchParams({company: id}))}),
  'POST documents': (server, call) => (call.key === '' ? createByHand : changeDocument)(server, withBooks(server, call)),
  'DELETE documents': (server, call) => deleteByHand(server, withBooks(server, call)),
  'GET shipments': (server, call) => listShipments(server, withBooks(server, call)),
  'POST shipments': (server, call) => changeShipment(server, withBooks(server, call)),
  'GET customer-ledger': (server, call) => customerLedger(server, withBooks(server, call)),
  'POST setup': (server, call) => changeSetup(server, withBooks(server, call)),
  'POST locations': (server, call) => changeLocation(server, withBooks(server, call)),
  'GET customers': (server, call) => showCard(server, 'customers', call),
  'POST customers': (server, call) => changeCard(server, 'customers', call),
  'POST accounts': (server, call) => changeCard(server, 'accounts', call),
  'POST items': (server, call) => changeCard(server, 'items', call),
  'POST many-items': (server, call) => manyItems(server, withBooks(server, call)),
  'POST variants': (server, call) => changeVariant(server, withBooks(server, call)),
  'POST parts': (server, call) => changePart(server, withBooks(server, call)),
  'GET stock': (server, call) => listPlaces(server, withBooks(server, call)),
  'POST stock': (server, call) => changePlace(server, withBooks(server, call)),
  'POST pictures': (server, call) => changePicture(server, withBooks(server, call)),
  'DELETE customers': (server, call) => deleteCard(server, 'customers', call),
  'DELETE items': (server, call) => deleteCard(server, 'items', call),
};
