// The admin side under /_sandbox/: what tests and the demo steer and read. Not part of what is imitated.
import {HttpError, readJson} from '../lib/http.mjs';
import {Books} from './books.mjs';
import {deleteDocument} from './documents.mjs';
import {ENTITIES} from './entities.mjs';
import {BcError} from './errors.mjs';
import {Num, parse, stringify} from './json.mjs';
import {linesOf} from './lines.mjs';
import {createMaster, deleteMaster, updateMaster} from './master.mjs';
import {postOrder} from './posting.mjs';
import {showRow} from './present.mjs';
import {readValue} from './values.mjs';

/** What a person may change on a card although the API does not show it. */
const CARD_FIELDS = {
  customers: {vatBus: '_vatBus', customerPostingGroup: '_postingGroup', pricesIncludeTax: '_pricesIncludeTax'},
  items: {vatProd: '_vatProd'},
};
const DOCUMENTS = ['salesOrders', 'salesInvoices'];

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
  for (const [name, value] of Object.entries(parse(JSON.stringify(body)))) {
    if (CARD_FIELDS[set][name]) hidden[CARD_FIELDS[set][name]] = value;
    else if (name === 'inventory' && set === 'items') hidden.inventory = value instanceof Num ? value.text : String(value);
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
    if (Object.keys(hidden).length === 0) return changed;
    // stock moves without touching the item's stamp; its etag moves all the same
    const onlyStock = Object.keys(hidden).every(name => name === 'inventory');
    if (onlyStock) server.store.put(books.company, set, changed.id, {...changed, ...hidden});
    else books.write(set, {...changed, ...hidden});
    return books.get(set, changed.id);
  });
  return showRow(row, entity, books);
}

function deleteCard(server, set, {query, key}) {
  const books = booksOf(server, query);
  const row = found(books, set, 'number', key);
  server.store.transaction(() => deleteMaster(books, ENTITIES.get(set), row));
}

function documentNamed(books, number) {
  const set = DOCUMENTS.find(each => books.find(each, 'number', number));
  if (!set) throw new HttpError(404, {errors: `no sales document ${number}`});
  return {entity: ENTITIES.get(set), row: books.find(set, 'number', number)};
}

/** All sales documents with their lines; ?external= and ?company= narrow them down. */
function documents(server, {query}) {
  const ids = query.has('company') ? [query.get('company')] : server.world.companies.map(company => company.id);
  const external = query.get('external');
  return {
    documents: ids.flatMap(id => {
      const books = booksOf(server, new URLSearchParams({company: id}));
      return DOCUMENTS.flatMap(set =>
        books.primary
          .all(id, set)
          .filter(row => external === null || row.externalDocumentNumber === external)
          .map(row => ({
            kind: set === 'salesOrders' ? 'order' : 'invoice',
            company: id,
            ...showRow(row, ENTITIES.get(set), books),
            lines: linesOf(books, ENTITIES.get(set), row.id).map(line =>
              showRow(line, ENTITIES.get(ENTITIES.get(set).lines), books),
            ),
          })),
      );
    }),
  };
}

/** What a person does to an order: release it ({"status": "Open"}), reopen it ("Draft") or post it whole ({"post": true}). */
function changeDocument(server, {body, query, key}) {
  const books = booksOf(server, query);
  const {entity, row} = documentNamed(books, key);
  const known = body.post === true || ['Open', 'Draft'].includes(body.status);
  if (entity.set !== 'salesOrders' || !known)
    throw new HttpError(400, {errors: 'want {"status": "Open"|"Draft"} or {"post": true} for a sales order'});
  const changed = server.store.transaction(() =>
    body.post ? postOrder(books, row) : books.write(entity.set, {...row, status: body.status}),
  );
  return showRow(changed, body.post ? ENTITIES.get('salesInvoices') : entity, books);
}

/** Sets tax rates of a company: {"rates": [{vatBus, vatProd, percent}]}; a product group that is new is added. */
function changeTaxRates(server, {body, query}) {
  const books = booksOf(server, query);
  for (const {vatBus, vatProd, percent} of body.rates ?? []) {
    if (!vatBus || !vatProd || !(percent >= 0))
      throw new HttpError(400, {errors: 'want {"rates": [{"vatBus", "vatProd", "percent"}]}'});
    const others = books.setup.taxRates.filter(rate => rate.vatBus !== vatBus || rate.vatProd !== vatProd);
    server.store.changeSetup(books.company, {taxRates: [...others, {vatBus, vatProd, percent}]});
    for (const [set, code] of [
      ['taxGroups', vatProd],
      ['taxAreas', vatBus],
    ])
      if (!books.find(set, 'code', code))
        server.store.transaction(() =>
          books.write(set, {...books.blank(set), id: server.store.newId(), code, displayName: code, taxType: 'VAT'}),
        );
  }
  return plain({rates: books.setup.taxRates});
}

/** One settable figure or switch: where it lives and what it may be. */
const SETTINGS = {
  replicaLagMs: [server => server.store, 'lagMs', 'number'],
  pageCap: [server => server.settings, 'pageCap', 'number'],
  commitLagMs: [server => server.settings, 'commitLagMs', 'number'],
  pageOrder: [server => server.settings, 'pageOrder', 'boolean'],
  batchCounts: [server => server.settings, 'batchCounts', 'string'],
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
    const [, , type] = SETTINGS[name] ?? [];
    if (typeof value !== type)
      throw new HttpError(400, {
        errors: `${name}: ${type ? `want a ${type}` : `not one of ${Object.keys(SETTINGS).join(', ')}`}`,
      });
  }
  for (const [name, value] of Object.entries(body)) SETTINGS[name][0](server)[SETTINGS[name][1]] = value;
  return settings(server);
}

const plain = value => parse(JSON.stringify(value)); // numbers as this room writes them
const settings = server =>
  plain(Object.fromEntries(Object.entries(SETTINGS).map(([name, [place, key]]) => [name, place(server)[key]])));

function changeTime(server, {body}) {
  const ms = Date.parse(body.business);
  if (Number.isNaN(ms)) throw new HttpError(400, {errors: 'want {"business": "2010-12-03T00:00:00Z"}'});
  if (!server.clock.jump(ms))
    throw new HttpError(400, {errors: `business time is ${server.clock.businessText()} already and never goes back`});
  server.keepTime();
  return time(server);
}

const time = server => plain({business: server.clock.businessText(), bucket_ms: Math.round(server.clock.bucketMs())});

const ROUTES = {
  'GET health': () => ({ok: true, peer: 'business-central'}),
  'GET ledger': server => plain({...server.ledger.toJSON(), latency_ms: Math.round(server.latencyMs)}),
  'DELETE ledger': server => {
    for (const {n} of server.ledger.effects) server.journal.add({key: `effect/${n}`, forgotten: true});
    server.ledger.reset();
    server.latencyMs = 0;
  },
  'GET faults': server => plain(server.faults.toJSON()),
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
  'GET settings': settings,
  'POST settings': changeSettings,
  'GET requests': (server, {query}) => ({
    requests: server.requests.filter(({correlation}) => !query.has('correlation') || correlation === query.get('correlation')),
  }),
  'POST tokens': server => server.tokens.revoke(),
  'GET documents': documents,
  'POST documents': changeDocument,
  'DELETE documents': (server, {query, key}) => {
    const books = booksOf(server, query);
    const {entity, row} = documentNamed(books, key);
    server.store.transaction(() => deleteDocument(books, entity, row));
  },
  'POST customers': (server, call) => changeCard(server, 'customers', call),
  'POST items': (server, call) => changeCard(server, 'items', call),
  'DELETE customers': (server, call) => deleteCard(server, 'customers', call),
  'DELETE items': (server, call) => deleteCard(server, 'items', call),
};
