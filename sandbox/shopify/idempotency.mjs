// Idempotency keys (@idempotent) of one store and app: what a key was first used for, and what came of it. A key is
// remembered for 24 hours of business time. The same key with the same arguments is answered with the first answer,
// refusals among them, and nothing is done again; with other arguments it is refused; while the first is still on its
// way, too; and a first one that broke off inside Shopify has used the key up.
import {createHash} from 'node:crypto';
import {gid} from './store.mjs';

const LIFE_MS = 24 * 3_600_000;

const ERRORS = {
  IDEMPOTENCY_CONCURRENT_REQUEST: 'This request is currently in progress, please try again.',
  IDEMPOTENCY_KEY_PARAMETER_MISMATCH: 'The same idempotency key cannot be used with different operation parameters.',
  IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED:
    'A previous request with this idempotency key failed. Retry with a new idempotency key.',
};

export class Keys {
  #seen = new Map(); // "store client name key" → {digest, until, answer | null when it failed}
  #running = new Map(); // the same → how many requests are on their way

  constructor(clock) {
    this.clock = clock;
  }

  /**
   * A request sets out with these keys: [{name, key, args}]. Answers which of them another request is using right now,
   * the call that says it broke off before it had done anything, and the one that ends it.
   */
  setOut(store, token, uses) {
    const places = uses.map(use => placeOf(store, token, use));
    const taken = new Set(places.filter(place => this.#running.has(place)));
    for (const place of places) this.#running.set(place, (this.#running.get(place) ?? 0) + 1);
    return {
      taken,
      failed: () => {
        places.forEach((place, i) => {
          if (!this.#find(place)) this.#keep(place, digestOf(uses[i].args), null);
        });
      },
      end: () => {
        for (const place of places) {
          const left = this.#running.get(place) - 1;
          if (left) this.#running.set(place, left);
          else this.#running.delete(place);
        }
      },
    };
  }

  /** What a mutation with a key answers: its first answer, a refusal, or what `run` does now. */
  answer({name, key, args, context}, run, empty) {
    const place = placeOf(context.store, context.token, {name, key});
    const refuse = code => {
      const entry = {field: null, message: ERRORS[code], code};
      return {...empty, userErrors: [entry]};
    };
    if (context.takenKeys?.has(place)) return refuse('IDEMPOTENCY_CONCURRENT_REQUEST');
    const digest = digestOf(args);
    const seen = this.#find(place);
    if (seen && seen.digest !== digest) return refuse('IDEMPOTENCY_KEY_PARAMETER_MISMATCH');
    if (seen && !seen.answer) return refuse('IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED');
    if (seen) return restored(seen.answer, context.store);
    const answer = run();
    this.#keep(place, digest, answer);
    return answer;
  }

  #find(place) {
    const seen = this.#seen.get(place);
    if (seen && seen.until <= this.clock.business()) {
      this.#seen.delete(place);
      return undefined;
    }
    return seen;
  }

  #keep(place, digest, answer) {
    this.#seen.set(place, {digest, answer, until: this.clock.business() + LIFE_MS});
  }

  reset() {
    this.#seen.clear();
  }

  save() {
    return [...this.#seen].map(([place, {digest, until, answer}]) => [place, digest, until, answer && linked(answer)]);
  }

  load(saved) {
    for (const [place, digest, until, answer] of saved ?? []) this.#seen.set(place, {digest, until, answer});
  }
}

const placeOf = (store, token, {name, key}) => `${store.domain} ${token.clientId} ${name} ${key}`;

export const digestOf = args =>
  createHash('sha256')
    .update(JSON.stringify(sorted(args)))
    .digest('hex');

const sorted = value =>
  Array.isArray(value)
    ? value.map(sorted)
    : value && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, part]) => [name, sorted(part)]),
        )
      : value;

/** A record in an answer is written down as its id, and found again by it. */
const linked = answer =>
  Object.fromEntries(
    Object.entries(answer).map(([name, value]) =>
      value?.__typename ? [name, {$record: gid(value.__typename, value.id)}] : [name, value],
    ),
  );

const restored = (answer, store) =>
  Object.fromEntries(
    Object.entries(answer).map(([name, value]) => [name, value?.$record ? store.get(value.$record) : value]),
  );
