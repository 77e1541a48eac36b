// What a mutation says no to: `field`, `message` and `code` as userErrors show them.

export class Refusal extends Error {
  constructor(field, message, code) {
    super(message);
    this.field = field;
    if (code !== undefined) this.code = code;
  }

  get entries() {
    return [{field: this.field, message: this.message, code: this.code ?? null}];
  }
}

/** Several refusals of one call, each of which stands for itself; `payload` is what the answer shows beside them. */
export class Refusals extends Refusal {
  #entries;

  constructor(entries, payload = {}) {
    super(entries[0].field, entries[0].message, entries[0].code);
    this.#entries = entries.map(entry => ({code: null, ...entry}));
    this.payload = payload;
  }

  get entries() {
    return this.#entries;
  }
}

/** Collects refusals while an input is looked through; `end` throws them all, if there are any. */
export class Findings {
  entries = [];

  add(field, message, code = null) {
    this.entries.push({field: field && field.map(String), message, code});
    return null;
  }

  get isClean() {
    return this.entries.length === 0;
  }

  end(payload) {
    if (!this.isClean) throw new Refusals(this.entries, payload);
  }
}
