// The database: rows by company and set, transactions that can be rolled back, number series, and the
// recent past, so that a read replica can lag behind.
//
// Rows are frozen and replaced, never changed in place: the undo log keeps the old one for a rollback
// and for readers that still live some milliseconds ago.
import {randomUUID} from 'node:crypto';

/** Properties that listings are often asked for by equality. */
const INDEXED = [
  'number',
  'code',
  'documentId',
  'documentNumber',
  'externalDocumentNumber',
  'orderNumber',
  'itemId',
  'itemNumber',
  'customerId',
  'customerNumber',
  '_orderLineId',
];

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
  /**
   * `now()` is a running clock in ms, for the replica only; `lagMs` how far that one is behind.
   * `keep(record)` is told of every committed row, of number series and of set-ups (see apply).
   */
  constructor({now, lagMs, keep, tell = () => {}}) {
    this.now = now;
    this.lagMs = lagMs;
    this.keep = keep;
    this.tell = tell; // of every committed row, with what it was before
    this.companies = new Map(); // id → {tables: Map(set → Table), series: {name: next number}, setup}
    this.log = []; // committed changes younger than the lag: {at, company, set, id, before}
    this.open = null; // changes of the running transaction
  }

  addCompany(id, setup = {}) {
    this.companies.set(id, {tables: new Map(), series: {}, setup});
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

  /** Makes what the running transaction did so far stay, even if it fails later. */
  commitSoFar() {
    this.#commit();
    this.open = [];
  }

  #commit() {
    const at = this.now();
    for (const change of this.open) this.log.push({at, ...change});
    const changed = new Map();
    for (const {company, set, id, before} of this.open) {
      const key = `${company}/${set}/${id}`;
      if (!changed.has(key)) changed.set(key, {company, set, id, before});
    }
    for (const [key, {company, set, id, before}] of changed) {
      const row = this.table(company, set).rows.get(id) ?? null;
      this.keep({key, company, set, id, row});
      if (row || before) this.tell({company, set, id, before, row});
    }
    const keep = this.log.findIndex(change => change.at > at - this.lagMs);
    this.log.splice(0, keep < 0 ? this.log.length : keep);
  }

  #rollback() {
    for (const {company, set, id, before} of this.open.reverse()) this.table(company, set).set(id, before);
  }

  /** Writes a row (undefined deletes it). */
  put(company, set, id, row) {
    const before = this.table(company, set).set(id, row && Object.freeze({...row}));
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
    this.keep({key: `${company}/series`, company, series: {...series}});
    return prefix + String(number).padStart(prefix === 'C' ? 5 : 1, '0');
  }

  /** What a reader sees: the primary, or the replica `lagMs` ago. */
  view(primary) {
    return primary || this.lagMs === 0 ? new View(this, null) : new View(this, this.now() - this.lagMs);
  }

  changeSetup(company, changes) {
    const {setup} = this.companies.get(company);
    Object.assign(setup, changes);
    this.keep({key: `${company}/setup`, company, setup: {...setup}});
  }

  /** Lays a kept record over what stands here. */
  apply({company, set, id, row, series, setup}) {
    if (!this.companies.has(company)) return; // the world is started with fewer companies this time
    if (series) this.companies.get(company).series = series;
    else if (setup) Object.assign(this.companies.get(company).setup, setup);
    else this.table(company, set).set(id, row ? Object.freeze(row) : undefined);
  }

  clear() {
    this.companies.clear();
    this.log = [];
  }

  dump() {
    return [...this.companies].map(([id, {tables, series, setup}]) => ({
      id,
      series,
      setup,
      tables: Object.fromEntries([...tables].map(([set, table]) => [set, [...table.rows.values()]])),
    }));
  }
}

/** One reader's sight of the rows. */
class View {
  constructor(store, at) {
    this.store = store;
    this.at = at;
    this.past = new Map(); // company + set → Map(id → the row as it was, undefined when there was none)
  }

  /** The rows of a set that changed since this view's time, as they were then. */
  #changed(company, set) {
    if (this.at === null) return NOTHING;
    const key = `${company}/${set}`;
    if (!this.past.has(key)) {
      const changes = this.store.log.filter(change => change.at > this.at && change.company === company && change.set === set);
      this.past.set(key, new Map(changes.reverse().map(({id, before}) => [id, before])));
    }
    return this.past.get(key);
  }

  get(company, set, id) {
    const changed = this.#changed(company, set);
    return changed.has(id) ? changed.get(id) : this.store.table(company, set).rows.get(id);
  }

  all(company, set) {
    return this.#asThen(company, set, [...this.store.table(company, set).rows.values()], () => true);
  }

  /** The rows whose property has one of `values`. */
  where(company, set, name, values) {
    const index = this.store.table(company, set).indexes.get(name);
    if (!index) return this.all(company, set).filter(row => values.includes(row[name]));
    const rows = [...new Set(values)].flatMap(value => [...(index.get(value)?.values() ?? [])]);
    return this.#asThen(company, set, rows, row => values.includes(row[name]));
  }

  /** Takes today's `rows` back to this view's time; `belongs` says which of the changed ones are among them. */
  #asThen(company, set, rows, belongs) {
    const changed = this.#changed(company, set);
    if (changed.size === 0) return rows;
    const old = [...changed.values()].filter(row => row && belongs(row));
    return [...rows.filter(({id}) => !changed.has(id)), ...old];
  }
}

const NOTHING = new Map();

export {INDEXED};
