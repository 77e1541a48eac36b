// What a peer was asked and what it changed: tests and benches read it under /_sandbox/ledger.

export class Ledger {
  /** `scope` names what calls are grouped by: "store" or "company". */
  constructor({clock, scope}) {
    this.clock = clock;
    this.scope = scope;
    this.reset();
  }

  reset() {
    this.calls = 0;
    this.points = 0;
    this.throttled = 0;
    this.byOperation = new Map();
    this.byScope = new Map();
    this.effects = [];
    this.sequence = 0;
  }

  call(operation, where, points = 0) {
    this.calls++;
    this.points += points;
    count(this.byOperation, operation, points);
    if (where) count(this.byScope, where, points);
  }

  /** Records a change: its kind, the key it happened to, and whatever a test may want to see. */
  effect(kind, key, detail = {}) {
    this.effects.push({n: ++this.sequence, kind, key, at: this.clock.businessText(), ...detail});
  }

  toJSON() {
    return {
      calls: this.calls,
      points: this.points,
      by_operation: Object.fromEntries(this.byOperation),
      [`by_${this.scope}`]: Object.fromEntries(this.byScope),
      throttled: this.throttled,
      effects: this.effects,
    };
  }

  /** Effects survive a restart (a demo that runs twice wants to count both); calls do not. */
  save() {
    return {sequence: this.sequence, effects: this.effects};
  }

  load(saved) {
    this.sequence = saved?.sequence ?? 0;
    this.effects = saved?.effects ?? [];
  }
}

function count(map, key, points) {
  const entry = map.get(key) ?? {calls: 0, points: 0};
  entry.calls++;
  entry.points += points;
  map.set(key, entry);
}
