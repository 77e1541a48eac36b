// productSet in the background: an operation that is asked about until it is complete. Its work is done when its time
// has come, on bucket time; what a restart interrupts is done at once afterwards, as a queued job would be.
import {FieldError} from './plan.mjs';
import {Refusal} from './refusal.mjs';
import {gid} from './store.mjs';

const FIRST_ID = 79_400_000_000;
const START_MS = 500; // under the latency profile `real`
const VARIANT_MS = 10;

export class Operations {
  #all = [];

  constructor({latency, clock, touch, ledger}) {
    Object.assign(this, {latency, clock, touch, ledger});
  }

  reset() {
    for (const operation of this.#all) operation.isOver = true;
    this.#all = [];
  }

  save(stores) {
    const domains = new Map([...stores].map(([domain, store]) => [store, domain]));
    return this.#all.map(({store, ...operation}) => ({...operation, store: domains.get(store)}));
  }

  load(saved, stores) {
    for (const {store: domain, ...entry} of saved ?? []) {
      const operation = {...entry, store: stores.get(domain)};
      this.#all.push(operation);
      operation.store.put(operation);
      if (!operation.isOver) this.#finish(operation);
    }
  }

  start(args, {store}) {
    const operation = {
      __typename: 'ProductSetOperation',
      id: String(FIRST_ID + this.#all.length),
      status: 'CREATED',
      productId: null,
      userErrors: [],
      args,
      isOver: false,
      store,
    };
    this.#all.push(operation);
    store.put(operation);
    this.#work(operation);
    return operation;
  }

  async #work(operation) {
    const isReal = this.latency.profile === 'real';
    const size = operation.args.input.variants?.length ?? 1;
    await (isReal ? this.clock.sleep(START_MS) : new Promise(resolve => setImmediate(resolve)));
    if (operation.isOver) return;
    operation.status = 'ACTIVE';
    await (isReal ? this.clock.sleep(VARIANT_MS * size) : new Promise(resolve => setImmediate(resolve)));
    if (!operation.isOver) this.#finish(operation);
  }

  #finish(operation) {
    const {store, args} = operation;
    try {
      const product = store.perform('productSet', null, args);
      operation.productId = gid('Product', product.id);
      this.ledger.effect('productSet', operation.productId, {
        store: store.domain,
        title: product.title,
        variants: product.variants.length,
      });
    } catch (error) {
      if (error instanceof Refusal) operation.userErrors = error.entries;
      else if (error instanceof FieldError)
        operation.userErrors = [{field: null, message: error.message, code: 'JOB_ERROR'}];
      else throw error;
    }
    Object.assign(operation, {status: 'COMPLETE', isOver: true, args: null});
    this.touch();
  }
}
