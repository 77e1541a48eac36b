// JSON that keeps a number's own text. JSON.parse turns 0.1 + 17 more digits into the nearest double;
// an amount must come through exactly, so numbers are read as Num and written from Num.

/** A JSON number by its text. */
export class Num {
  constructor(text) {
    this.text = String(text);
  }
}

export class JsonError extends Error {}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\r\n]*/y;
const MAX_DEPTH = 64;

/** Parses a whole text; throws JsonError with the position of the first mistake. */
export function parse(text) {
  const reader = new Reader(text);
  const value = reader.value(0);
  if (reader.at < text.length) reader.fail('end of text');
  return value;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.take(SPACE);
  }

  fail(wanted) {
    throw new JsonError(`unexpected text at position ${this.at}, expected ${wanted}`);
  }

  /** The text that a sticky pattern matches here, or null. */
  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return null;
    this.at += found[0].length;
    return found[0];
  }

  /** Takes one punctuation mark and the space behind it; false when another character stands there. */
  mark(character) {
    if (this.text[this.at] !== character) return false;
    this.at++;
    this.take(SPACE);
    return true;
  }

  string() {
    const token = this.take(STRING);
    if (token === null) this.fail('a string');
    this.take(SPACE);
    return JSON.parse(token);
  }

  value(depth) {
    if (depth > MAX_DEPTH) this.fail(`at most ${MAX_DEPTH} levels`);
    if (this.mark('{')) return this.object(depth);
    if (this.mark('[')) return this.array(depth);
    if (this.text[this.at] === '"') return this.string();
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ])
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        this.take(SPACE);
        return value;
      }
    const number = this.take(NUMBER);
    if (number === null || number === '') this.fail('a value');
    this.take(SPACE);
    return new Num(number);
  }

  object(depth) {
    const object = {};
    if (this.mark('}')) return object;
    do {
      const name = this.string();
      if (!this.mark(':')) this.fail("':'");
      // defineProperty: a member called __proto__ must stay a plain member
      Object.defineProperty(object, name, {value: this.value(depth + 1), enumerable: true, writable: true, configurable: true});
    } while (this.mark(','));
    if (!this.mark('}')) this.fail("',' or '}'");
    return object;
  }

  array(depth) {
    const list = [];
    if (this.mark(']')) return list;
    do list.push(this.value(depth + 1));
    while (this.mark(','));
    if (!this.mark(']')) this.fail("',' or ']'");
    return list;
  }
}

/** Writes a tree of plain values and Num; members that are undefined are left out. */
export function stringify(value) {
  if (value instanceof Num) return value.text;
  if (Array.isArray(value)) return `[${value.map(stringify).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = [];
  for (const [name, member] of Object.entries(value))
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${stringify(member)}`);
  return `{${members.join(',')}}`;
}
