// The two clocks of a simulated peer.
//
// Business time dates what people see (orders, documents). It runs at the pace of real time, and a
// replay jumps it forward; it never goes back. Bucket time drives budgets, latencies and the index
// lag: monotonic milliseconds, `scale` times as fast as real time.

export class Clock {
  #businessBase;
  #realBase = performance.now();
  #extraBucket = 0;

  constructor({business, scale = 1}) {
    this.#businessBase = business;
    this.scale = scale;
  }

  /** Business time in milliseconds since 1970. */
  business() {
    return this.#businessBase + (performance.now() - this.#realBase);
  }

  /** Business time as both peers print it: UTC, whole seconds. */
  businessText() {
    return isoSeconds(this.business());
  }

  /** Moves business time forward to `ms`; answers false (and does nothing) when that lies in the past. */
  jump(ms) {
    if (!(ms >= this.business())) return false;
    this.#businessBase = ms - (performance.now() - this.#realBase);
    return true;
  }

  bucketMs() {
    return performance.now() * this.scale + this.#extraBucket;
  }

  /** Lets bucket time pass at once (tests of budgets and token lives). */
  advanceBucket(ms) {
    if (ms > 0) this.#extraBucket += ms;
  }

  /** Waits `ms` of bucket time. */
  sleep(ms) {
    return new Promise(resolve => setTimeout(resolve, ms / this.scale));
  }
}

export const isoSeconds = ms => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000Z', 'Z');
