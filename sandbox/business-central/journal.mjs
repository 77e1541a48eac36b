// The peer's memory across restarts: a file of JSON lines, one for each change that was committed. The
// seed comes first at every start, the lines are laid over it. Changes are appended within half a second,
// so that a run of thousands of orders is not slowed down by writing all of them again and again.
import fs from 'node:fs';
import {writeAtomically} from '../lib/http.mjs';

const WRITE_WITHIN_MS = 500;

export class Journal {
  #pending = [];
  #timer = null;

  /** Without `file` nothing is kept. A file of another `kind` (peer, data, seed) is refused. */
  constructor({file, kind}) {
    this.file = file;
    this.kind = kind;
  }

  /** Gives the kept records to `apply`, in their order, and writes the file anew without what was overtaken. */
  load(apply) {
    if (!this.file) return;
    const records = fs.existsSync(this.file) ? this.#read() : [];
    const last = new Map();
    for (const record of records) {
      last.delete(record.key); // the latest of a key counts, at its own place
      if (!record.forgotten) last.set(record.key, record);
    }
    for (const record of last.values()) apply(record);
    writeAtomically(this.file, [{kind: this.kind}, ...last.values()].map(record => `${JSON.stringify(record)}\n`).join(''));
  }

  #read() {
    const lines = fs.readFileSync(this.file, 'utf8').split('\n');
    lines.pop(); // behind the last line end stands nothing, or what a kill cut off
    const [header, ...records] = lines.map((line, i) => {
      try {
        return JSON.parse(line);
      } catch (error) {
        throw new Error(`state file ${this.file} cannot be read (line ${i + 1}: ${error.message}); delete it to start over`);
      }
    });
    if (header?.kind !== this.kind)
      throw new Error(
        `state file ${this.file} is of ${header?.kind ?? 'something else'}, not of ${this.kind}; delete it to start over`,
      );
    return records;
  }

  /** Keeps a record; it overtakes the earlier ones of its `key`, and `forgotten` drops them all. */
  add(record) {
    if (!this.file) return;
    this.#pending.push(record);
    this.#timer ??= setTimeout(() => this.flush(), WRITE_WITHIN_MS);
  }

  /** Forgets everything that was kept. */
  clear() {
    this.#pending = [];
    if (this.file) writeAtomically(this.file, `${JSON.stringify({kind: this.kind})}\n`);
  }

  flush() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const pending = this.#pending;
    this.#pending = [];
    if (pending.length > 0) fs.appendFileSync(this.file, pending.map(record => `${JSON.stringify(record)}\n`).join(''));
  }
}
