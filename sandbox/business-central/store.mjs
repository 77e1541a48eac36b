// The database: rows by company and set, transactions that can be rolled back, number series, and the
// recent past, so that a read replica can lag behind.
//
// Rows are frozen and replaced, never changed in place: the undo log keeps the old one for a rollback
// and for readers that still live some milliseconds ago.
import {randomUUID} from 'node:crypto';

/** Properties that listings are often asked for by equality. */
const INDEXED = ['number', 'code', 'documentId', 'externalDocumentNumber', 'itemId', 'customerId'];

/** Sets that a restart fills up from the world again, except for what was deleted. */
const SEEDED = new Set(['items', 'customers']);

class Table {
  rows = new Map();
  indexes = new Map(INDEXED.map(name => [name, new Map()]));

  set(id, row) {
    const before = this.rows.get(id);
    if (before) this.#unindex(before);
    if (row === undefined) this.rows.delete(id);
    else {
      this.rows.set(id, row);
      for (const [name, index] of this.indexes) {
        if (row[name] === undefined) continue;
        if (!index.has(row[name])) index.set(row[name], new Map());
        index.get(row[name]).set(id, row);
      }
    }
    return before;
  }

  #unindex(row) {
    for (const [name, index] of this.indexes) {
      const bucket = index.get(row[name]);
      bucket?.delete(row.id);
      if (bucket?.size === 0) index.delete(row[name]);
    }
  }
}

export class Store {
  /** `now()` is a running clock in ms, for the replica only; `lagMs` how far that one is behind. */
  constructor({now, lagMs}) {
    this.now = now;
    this.lagMs = lagMs;
    this.companies = new Map(); // id → {tables: Map(set → Table), series: {name: next number}, setup, removed: ids of master data}
    this.log = []; // committed changes younger than the lag: {at, company, set, id, before}
    this.open = null; // changes of the running transaction
  }

  addCompany(id, setup = {}) {
    this.companies.set(id, {tables: new Map(), series: {}, setup, removed: new Set()});
  }

  table(company, set) {
    const {tables} = this.companies.get(company);
    if (!tables.has(set)) tables.set(set, new Table());
    return tables.get(set);
  }

  /** Runs `work` as one transaction: all of its changes stay, or none when it throws. */
  transaction(work) {
    if (this.open) return work(); // a member of a snapshot batch: the outer one decides
    this.open = [];
    try {
      const result = work();
      this.#commit();
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    } finally {
      this.open = null;
    }
  }

  #commit() {
    const at = this.now();
    for (const change of this.open) this.log.push({at, ...change});
    const keep = this.log.findIndex(change => change.at > at - this.lagMs);
    this.log.splice(0, keep < 0 ? this.log.length : keep);
  }

  #rollback() {
    for (const {company, set, id, before} of this.open.reverse()) this.table(company, set).set(id, before);
  }

  /** Writes a row (undefined deletes it). */
  put(company, set, id, row) {
    const before = this.table(company, set).set(id, row && Object.freeze({...row}));
    if (!row && SEEDED.has(set)) this.companies.get(company).removed.add(id);
    this.open?.push({company, set, id, before});
  }

  newId() {
    return randomUUID();
  }

  /** The next number of a series. Not part of a transaction: a failed insert leaves a gap. */
  nextNumber(company, name, {prefix, start, step}) {
    const {series} = this.companies.get(company);
    const number = series[name] ?? start;
    series[name] = number + step;
    return prefix + String(number).padStart(prefix === 'C' ? 5 : 1, '0');
  }

  /** What a reader sees: the primary, or the replica `lagMs` ago. */
  view(primary) {
    return primary || this.lagMs === 0 ? new View(this, null) : new View(this, this.now() - this.lagMs);
  }

  dump() {
    return [...this.companies].map(([id, {tables, series, setup, removed}]) => ({
      id, series, setup, removed: [...removed], tables: Object.fromEntries([...tables].map(([set, table]) => [set, [...table.rows.values()]])),
    }));
  }

  load(companies) {
    this.companies.clear();
    this.log = [];
    for (const {id, series, setup, removed, tables} of companies) {
      this.companies.set(id, {tables: new Map(), series: {...series}, setup, removed: new Set(removed)});
      for (const [set, rows] of Object.entries(tables)) for (const row of rows) this.table(id, set).set(row.id, Object.freeze(row));
    }
  }
}

/** One reader's sight of the rows. */
class View {
  constructor(store, at) {
    this.store = store;
    this.at = at;
    this.past = new Map(); // company + set → Map of rows as they were
  }

  /** The rows of a set as they were at this view's time; null when nothing changed since. */
  #pastRows(company, set) {
    if (this.at === null) return null;
    const key = `${company}/${set}`;
    if (!this.past.has(key)) {
      const changes = this.store.log.filter(change => change.at > this.at && change.company === company && change.set === set);
      const rows = changes.length === 0 ? null : new Map(this.store.table(company, set).rows);
      for (const {id, before} of changes.reverse()) before ? rows.set(id, before) : rows.delete(id);
      this.past.set(key, rows);
    }
    return this.past.get(key);
  }

  get(company, set, id) {
    return (this.#pastRows(company, set) ?? this.store.table(company, set).rows).get(id);
  }

  all(company, set) {
    return [...(this.#pastRows(company, set) ?? this.store.table(company, set).rows).values()];
  }

  /** The rows whose property has one of `values`. */
  where(company, set, name, values) {
    const past = this.#pastRows(company, set);
    const index = this.store.table(company, set).indexes.get(name);
    if (past || !index) return this.all(company, set).filter(row => values.includes(row[name]));
    return [...new Set(values)].flatMap(value => [...(index.get(value)?.values() ?? [])]);
  }
}

export {INDEXED};
