// Calls that take effect only when nobody waits for them any more (fault `later`, for both peers). Their connection
// dies at once; the effect comes when `looks` reads (1) have been answered whose name matches `match` (any), or after
// `bucket_ms` of bucket time, whichever is first: what a client meets that gives up, looks, and finds nothing yet.

export class Delayed {
  #waiting = new Set();

  /** No call outlives `longest` milliseconds of bucket time. */
  constructor({clock, longest}) {
    Object.assign(this, {clock, longest});
  }

  add({looks = 1, match = '', bucket_ms: wanted = this.longest}, run) {
    const call = {looks, pattern: new RegExp(match), run};
    call.timer = setTimeout(() => this.#carryOut(call), Math.min(wanted, this.longest) / this.clock.scale);
    call.timer.unref();
    this.#waiting.add(call);
  }

  /** A read was answered: `name` is what `match` is held against. */
  looked(name) {
    for (const call of this.#waiting) if (call.pattern.test(name) && --call.looks <= 0) this.#carryOut(call);
  }

  #carryOut(call) {
    clearTimeout(call.timer);
    if (this.#waiting.delete(call)) call.run();
  }

  clear() {
    for (const {timer} of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
  }

  get size() {
    return this.#waiting.size;
  }
}
