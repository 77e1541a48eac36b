// A peer's memory across restarts: one JSON file, written within a second after a change and at the
// end, by a rename so that a kill leaves the old file or the new one and never half of either.
import fs from 'node:fs';
import path from 'node:path';

const SAVE_WITHIN_MS = 500;

export class State {
  #timer = null;

  /** `save` answers what to keep; a file of another `kind` (other peer, other data) is refused. */
  constructor({file, kind, save}) {
    this.file = file;
    this.kind = kind;
    this.save = save;
  }

  /** The content saved last, or null at the first start. */
  load() {
    if (!this.file || !fs.existsSync(this.file)) return null;
    let saved;
    try {
      saved = JSON.parse(fs.readFileSync(this.file, 'utf8'));
    } catch (error) {
      throw new Error(`state file ${this.file} cannot be read (${error.message}); delete it to start over`);
    }
    if (saved.kind !== this.kind)
      throw new Error(`state file ${this.file} is of ${saved.kind}, not of ${this.kind}; delete it to start over`);
    return saved.content;
  }

  /** To be called after every change. */
  touch() {
    if (!this.file || this.#timer) return;
    this.#timer = setTimeout(() => this.flush(), SAVE_WITHIN_MS);
  }

  flush() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.file) return;
    fs.mkdirSync(path.dirname(path.resolve(this.file)), {recursive: true});
    const temporary = `${this.file}.${process.pid}.tmp`;
    fs.writeFileSync(temporary, JSON.stringify({kind: this.kind, content: this.save()}));
    fs.renameSync(temporary, this.file);
  }
}
