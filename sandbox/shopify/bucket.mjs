// The leaky bucket of one app at one store. A query starts only when the bucket holds its requested cost;
// afterwards only the actual cost stays taken. A refused query takes nothing.

export class Bucket {
  #available;
  #since;

  /** `limits`: {maximum, rate}, of the store's plan or less. */
  constructor({clock, limits}) {
    this.clock = clock;
    this.limits = limits;
    this.#available = this.limits.maximum;
    this.#since = clock.bucketMs();
  }

  /** Another plan, or a reduction for a while; what is in the bucket stays, up to its new size. */
  limit(limits) {
    this.#refill();
    this.limits = limits;
    this.#available = Math.min(this.#available, limits.maximum);
  }

  #refill() {
    const now = this.clock.bucketMs();
    this.#available = Math.min(this.limits.maximum, this.#available + ((now - this.#since) * this.limits.rate) / 1000);
    this.#since = now;
  }

  /** Takes `cost`, or answers false and takes nothing. */
  take(cost) {
    this.#refill();
    if (this.#available < cost) return false;
    this.#available -= cost;
    return true;
  }

  giveBack(cost) {
    this.#refill();
    this.#available = Math.min(this.limits.maximum, this.#available + cost);
  }

  /** Empties the bucket (a storm of other users of the same app). */
  drain() {
    this.#refill();
    this.#available = 0;
  }

  status() {
    this.#refill();
    return {
      maximumAvailable: this.limits.maximum,
      currentlyAvailable: Math.floor(this.#available),
      restoreRate: this.limits.rate,
    };
  }
}
