// Shopify's search syntax: terms joined by AND, OR, NOT or -, parentheses, comparators, quotes.
//
// Three habits of the real parser are kept on purpose, because each has cost others a lost update:
// a field that does not exist is ignored and everything matches (only a warning says so); a value that
// makes no sense likewise; and an unquoted time breaks at its colons into words that are searched for
// elsewhere, without any warning.
import {FieldError} from './plan.mjs';

/**
 * Compiles a query into {matches(entry), warnings, parsed}. `fields` are the searchable fields: name → {kind, of(entry)}
 * or {kind, matches(entry, comparator, value)}; `known` are all names Shopify documents for this root; `words(entry)` is
 * what a bare word is looked for in.
 */
export function compileSearch(query, {fields, known, words}) {
  const warnings = [];
  if (!query || !query.trim()) return {matches: () => true, warnings, parsed: ''};
  const parser = new Parser(tokensOf(query), term => termOf(term, {fields, known, words, warnings}));
  const tree = parser.expression();
  return {matches: tree.matches, warnings, parsed: tree.text};
}

/** Cuts a query into {kind: 'open'|'close'|'and'|'or'|'not'|'term', field, comparator, value}. */
function tokensOf(query) {
  const tokens = [];
  const pattern =
    /\s*(?:([()])|(-(?=[^\s]))|(?:([A-Za-z_][\w.]*)?:(>=|<=|>|<|=)?)?(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s()'":]+)))|\s*(.)/gsy;
  for (let match = pattern.exec(query); match && match[0] !== ''; match = pattern.exec(query)) {
    const [, bracket, minus, field, comparator, single, double, word] = match;
    const value = (single ?? double)?.replace(/\\(.)/gs, '$1') ?? word;
    if (bracket) tokens.push({kind: bracket === '(' ? 'open' : 'close'});
    else if (minus) tokens.push({kind: 'not'});
    else if (value === undefined)
      continue; // a stray sign
    else if (!field && single === undefined && double === undefined && /^(AND|OR|NOT)$/.test(value))
      tokens.push({kind: value.toLowerCase()});
    else
      tokens.push({
        kind: 'term',
        field: field?.toLowerCase(),
        comparator: comparator ?? '',
        value,
        quoted: word === undefined,
      });
  }
  return tokens;
}

class Parser {
  #at = 0;

  constructor(tokens, term) {
    this.tokens = tokens;
    this.term = term;
  }

  expression() {
    let left = this.#all();
    while (this.#take('or')) {
      const [a, b] = [left, this.#all()];
      left = {matches: entry => a.matches(entry) || b.matches(entry), text: `(${a.text} OR ${b.text})`};
    }
    return left;
  }

  #all() {
    let left = this.#one();
    while (this.#at < this.tokens.length && !['or', 'close'].includes(this.tokens[this.#at].kind)) {
      this.#take('and');
      const [a, b] = [left, this.#one()];
      left = {matches: entry => a.matches(entry) && b.matches(entry), text: `${a.text} ${b.text}`.trim()};
    }
    return left;
  }

  #one() {
    if (this.#take('not')) {
      const inner = this.#one();
      return {matches: entry => !inner.matches(entry), text: `-${inner.text}`};
    }
    if (this.#take('open')) {
      const inner = this.expression();
      this.#take('close');
      return inner;
    }
    const token = this.tokens[this.#at++];
    return token?.kind === 'term' ? this.term(token) : EVERYTHING;
  }

  #take(kind) {
    if (this.tokens[this.#at]?.kind !== kind) return false;
    this.#at++;
    return true;
  }
}

const EVERYTHING = {matches: () => true, text: ''};

function termOf(term, {fields, known, words, warnings}) {
  const {field, comparator, value} = term;
  if (!field) {
    const wanted = value.toLowerCase();
    return {matches: entry => words(entry).some(word => word?.toLowerCase().includes(wanted)), text: value};
  }
  const row = fields[field];
  if (!row) {
    if (known.has(field)) throw new FieldError('NOT_SIMULATED', `search by ${field} is not simulated`);
    warnings.push({field, message: 'Invalid search field for this query.', code: 'invalid_field'});
    return EVERYTHING;
  }
  const test = KINDS[row.kind](value, comparator);
  if (!test) {
    warnings.push({field, message: `Input \`${value}\` is not an accepted value.`, code: 'invalid_value'});
    return EVERYTHING;
  }
  return {matches: entry => test(row.of(entry)), text: `${field}:${comparator}${term.quoted ? `'${value}'` : value}`};
}

const COMPARE = {
  '': (a, b) => a === b,
  '=': (a, b) => a === b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};

/** How a field's value is tested; null when the value makes no sense for the kind. */
const KINDS = {
  time(value, comparator) {
    const [, day, hour] = /^(\d{4}-\d\d-\d\d)(T\d\d.*)?$/.exec(value) ?? [];
    if (!day) return null;
    // what the colons of an unquoted time leave over is a date with an hour
    const ms = Date.parse(
      !hour
        ? `${day}T00:00:00Z`
        : /^T\d\d$/.test(hour)
          ? `${day}${hour}:00:00Z`
          : /(Z|[+-]\d\d:?\d\d)$/.test(hour)
            ? value
            : `${value}Z`,
    );
    if (Number.isNaN(ms)) return null;
    if (!comparator && !hour) return found => Date.parse(found) >= ms && Date.parse(found) < ms + 86_400_000;
    const compare = COMPARE[comparator];
    return found => compare(Math.floor(Date.parse(found) / 1000), Math.floor(ms / 1000));
  },
  number(value, comparator) {
    if (!/^\d+$/.test(value)) return null;
    const wanted = BigInt(value);
    return found => found !== null && COMPARE[comparator](BigInt(found), wanted);
  },
  flag(value) {
    if (!['true', 'false'].includes(value)) return null;
    return found => found === (value === 'true');
  },
  exact: value => found => found !== null && found.toLowerCase() === value.toLowerCase(),
  /** A list of words, of which one has to be the value (tags, statuses of an order). */
  oneOf: value => found => found.some(entry => entry.toLowerCase() === value.toLowerCase()),
  /** Stock-keeping units are split into words, as the real index does: a search may find more than meant. */
  tokens: value => {
    const wanted = tokenise(value);
    return found =>
      found.some(entry => {
        const have = tokenise(entry);
        return wanted.every(word => have.includes(word));
      });
  },
};

const tokenise = text =>
  (text ?? '')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
