// The admin side of documents: what a person at the ERP does to them, and what tests read of the books.
// Nothing here is noted as an effect of a client, but for what posting itself notes.
import {HttpError} from '../lib/http.mjs';
import {Dec} from './decimal.mjs';
import {createDocument, deleteDocument} from './documents.mjs';
import {ENTITIES} from './entities.mjs';
import {parse} from './json.mjs';
import {linesOf, updateLine} from './lines.mjs';
import {applyTo, bookPayment} from './posting/entries.mjs';
import {cancelInvoice, postDocument, postOrder, releaseOrder} from './posting/posting.mjs';
import {undoShipment} from './posting/undo.mjs';
import {showRow} from './present.mjs';
import {readBody} from './values.mjs';

const KINDS = {salesOrders: 'order', salesInvoices: 'invoice', salesCreditMemos: 'credit_memo'};
const WANTED = 'post, ship, status, approval, pay or cancel';

const refuse = text => {
  throw new HttpError(400, {errors: text});
};

function documentNamed(books, number) {
  const set = Object.keys(KINDS).find(each => books.find(each, 'number', number));
  if (!set) throw new HttpError(404, {errors: `no sales document ${number}`});
  return {entity: ENTITIES.get(set), row: books.find(set, 'number', number)};
}

function shown(books, entity, row) {
  const lines = linesOf(books, entity, row.id).map(line => showRow(line, ENTITIES.get(entity.lines), books));
  const hidden = {
    paymentMethodCode: row._paymentMethodCode ?? '',
    shippingAgentCode: row._agent ?? '',
    shippingAgentServiceCode: row._agentService ?? '',
    taxAreaCode: row._vatBus ?? '',
    sellToName2: row._sellToName2 ?? '',
    billToName2: row._billToName2 ?? '',
    shipToName2: row._shipToName2 ?? '',
  };
  return {kind: KINDS[entity.set], company: books.company, ...showRow(row, entity, books), ...hidden, lines};
}

/** All sales documents with their lines; ?external= and ?company= narrow them down. */
export function listDocuments(server, {query, booksOf}) {
  const ids = query.has('company') ? [query.get('company')] : server.world.companies.map(company => company.id);
  const external = query.get('external');
  return {
    documents: ids.flatMap(id => {
      const books = booksOf(id);
      return Object.keys(KINDS).flatMap(set => {
        const rows = external === null ? books.primary.all(id, set) : books.where(set, 'externalDocumentNumber', external);
        return rows.map(row => shown(books, ENTITIES.get(set), row));
      });
    }),
  };
}

/**
 * Documents made by hand: {"kind"?: "order"|"invoice"|"credit_memo", "count"?: n, "customerNumber"?, …}, the
 * properties of the API's own POST; without lines each has one of an item. They carry no external number of a shop.
 */
export function createByHand(server, {body, books}) {
  const {kind = 'order', count = 1, ...rest} = body;
  const set = Object.keys(KINDS).find(each => KINDS[each] === kind);
  if (!set || !(Number.isInteger(count) && count >= 1 && count <= 1000))
    refuse('want kind order, invoice or credit_memo and count 1..1000');
  const entity = ENTITIES.get(set);
  const make = n => {
    const {[entity.lines]: given, ...header} = {customerNumber: firstFree(books, 'customers', n), ...rest};
    const item = {lineType: 'Item', lineObjectNumber: firstFree(books, 'items', n), quantity: (n % 5) + 1};
    const read = (value, of) => readBody(parse(JSON.stringify(value)), of, {pageOrder: false, deep: false}).fields;
    return createDocument(
      books,
      entity,
      read(header, entity),
      (given ?? [item]).map(line => read(line, ENTITIES.get(entity.lines))),
    );
  };
  return server.store.transaction(() => ({
    documents: Array.from({length: count}, (_, n) => shown(books, entity, make(n))),
  }));
}

/** The n-th record, in the order of numbers, that nothing keeps from a document. */
function firstFree(books, set, n) {
  const free = books.primary
    .all(books.company, set)
    .filter(row => row.blocked === false || row.blocked === ' ')
    .sort((a, b) => (a.number < b.number ? -1 : 1));
  if (free.length === 0) refuse(`no ${set} to make a document of`);
  return free[n % free.length].number;
}

/** What a person does to a document; see the README's table. */
export function changeDocument(server, {body, key, books}) {
  const {entity, row} = documentNamed(books, key);
  const change = Object.keys(CHANGES).find(name => body[name] !== undefined) ?? refuse(`want one of ${WANTED}`);
  const [set, changed] = server.store.transaction(() => CHANGES[change](books, entity, row, body));
  return showRow(changed, ENTITIES.get(set), books);
}

const CHANGES = {
  post(books, entity, row) {
    if (entity.set !== 'salesOrders') return [entity.set, postDocument(books, entity, row)];
    const {shipment, invoice} = postOrder(books, row);
    return invoice ? ['salesInvoices', invoice] : ['salesShipments', shipment];
  },
  /** {"ship": true} all that is outstanding, or {"ship": {"10000": 2, …}} pieces by line number. */
  ship(books, entity, row, {ship}) {
    if (entity.set !== 'salesOrders') refuse('only an order is shipped');
    if (ship !== true) {
      const lines = linesOf(books, entity, row.id);
      for (const sequence of Object.keys(ship))
        if (!lines.some(line => String(line.sequence) === sequence)) refuse(`order ${row.number} has no line ${sequence}`);
      for (const line of lines.filter(({lineObjectNumber}) => lineObjectNumber !== ''))
        updateLine(books, entity, line, [[{name: 'shipQuantity'}, String(ship[line.sequence] ?? 0)]]);
    }
    return ['salesShipments', postOrder(books, books.get(entity.set, row.id), {invoice: false}).shipment];
  },
  status(books, entity, row, {status}) {
    if (!['Open', 'Draft', 'In Review'].includes(status) || (entity.set !== 'salesOrders' && status === 'Open'))
      refuse('status: want Draft, In Review or, for an order, Open');
    if (status === 'Open' && row.status === 'In Review') return [entity.set, books.write(entity.set, {...row, status})];
    return [entity.set, status === 'Open' ? releaseOrder(books, row) : books.write(entity.set, {...row, status})];
  },
  approval(books, entity, row, {approval}) {
    if (typeof approval !== 'boolean') refuse('approval: want true or false');
    return [entity.set, books.write(entity.set, {...row, _approval: approval})];
  },
  /** {"pay": "12.50"} or {"pay": true} for all that is open. */
  pay(books, entity, row, {pay}) {
    if (entity.set !== 'salesInvoices' || row.status !== 'Open') refuse(`${row.number}: only a posted, unpaid invoice is paid`);
    const amount = Dec.of(pay === true ? row.remainingAmount : pay);
    applyTo(books, row, bookPayment(books, {document: row, amount, number: books.nextNumber('payments')}));
    return [entity.set, books.get(entity.set, row.id)];
  },
  cancel(books, entity, row) {
    if (entity.set !== 'salesInvoices') refuse(`${row.number}: only a posted invoice is cancelled`);
    return [entity.set, cancelInvoice(books, row)];
  },
};

export function deleteByHand(server, {key, books}) {
  const {entity, row} = documentNamed(books, key);
  server.store.transaction(() => deleteDocument(books, entity, row));
}

/** {"undo": true}, or what a person writes on a posted shipment: trackingNumber, shippingAgent, shippingAgentService. */
export function changeShipment(server, {body, key, books}) {
  const row = books.find('salesShipments', 'number', key);
  if (!row) throw new HttpError(404, {errors: `no posted shipment ${key}`});
  const names = {
    trackingNumber: '_trackingNumber',
    shippingAgent: '_agent',
    shippingAgentService: '_agentService',
    trackingUrl: '_trackingUrl',
  };
  for (const name of Object.keys(body))
    if (name !== 'undo' && !names[name]) refuse(`${name}: not one of undo, ${Object.keys(names).join(', ')}`);
  server.store.transaction(() => {
    const written = Object.entries(names).filter(([name]) => body[name] !== undefined);
    const changed = books.write('salesShipments', {
      ...row,
      ...Object.fromEntries(written.map(([name, hidden]) => [hidden, String(body[name])])),
    });
    if (body.undo) undoShipment(books, changed);
  });
  const shipment = books.get('salesShipments', row.id);
  const hidden = Object.fromEntries(Object.entries(names).map(([name, of]) => [name, shipment[of] ?? '']));
  return {...showRow(shipment, ENTITIES.get('salesShipments'), books, {expand: []}), ...hidden};
}

/** All posted shipments of a company with their lines, corrections among them. */
export function listShipments(server, {books}) {
  const [shipments, lines] = ['salesShipments', 'salesShipmentLines'].map(set => ENTITIES.get(set));
  return {
    shipments: books.primary.all(books.company, shipments.set).map(row => ({
      ...showRow(row, shipments, books, {expand: []}),
      lines: books.where(lines.set, 'documentId', row.id).map(line => showRow(line, lines, books)),
    })),
  };
}

/** The customer ledger, which API v2.0 does not show. */
export function customerLedger(server, {books}) {
  const entity = ENTITIES.get('customerLedgerEntries');
  return {entries: books.primary.all(books.company, entity.set).map(row => showRow(row, entity, books))};
}

const SETUP = {
  externalDocumentNoMandatory: value => typeof value === 'boolean',
  defaultQuantityToShip: value => ['remainder', 'blank'].includes(value),
  defaultPostingDate: value => ['work date', 'none'].includes(value),
  preventNegativeInventory: value => typeof value === 'boolean',
  approvals: value => typeof value === 'boolean',
  reserve: value => ['never', 'always'].includes(value),
};
const POSTING_WINDOW = {allowPostingFrom: true, allowPostingTo: true};

/** The company's set-up as far as posting depends on it: switches, and the dates that may be posted on. */
export function changeSetup(server, {body, books}) {
  for (const [name, value] of Object.entries(body)) {
    if (POSTING_WINDOW[name] ? !/^\d{4}-\d\d-\d\d$/.test(value) : !SETUP[name]?.(value))
      refuse(
        `${name}: ${SETUP[name] || POSTING_WINDOW[name] ? `not ${value}` : `not one of ${[...Object.keys(SETUP), ...Object.keys(POSTING_WINDOW)].join(', ')}`}`,
      );
  }
  const window = Object.fromEntries(Object.entries(body).filter(([name]) => POSTING_WINDOW[name]));
  const switches = Object.fromEntries(Object.entries(body).filter(([name]) => SETUP[name]));
  server.store.changeSetup(books.company, switches);
  const [row] = books.primary.all(books.company, 'generalLedgerSetup');
  server.store.transaction(() => books.write('generalLedgerSetup', {...row, ...window}));
  const {allowPostingFrom, allowPostingTo} = books.get('generalLedgerSetup', row.id);
  return {...Object.fromEntries(Object.keys(SETUP).map(name => [name, books.setup[name]])), allowPostingFrom, allowPostingTo};
}

/** {"warehouse": "Shipment"|"Pick"|""}: which warehouse documents a location wants. */
export function changeLocation(server, {body, key, books}) {
  const row = books.find('locations', 'code', key);
  if (!row) throw new HttpError(404, {errors: `no location ${key}`});
  if (!['', 'Shipment', 'Pick'].includes(body.warehouse)) refuse('warehouse: want "Shipment", "Pick" or ""');
  server.store.transaction(() => books.write('locations', {...row, _warehouse: body.warehouse}));
}
