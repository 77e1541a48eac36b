// $filter, parsed for real and refused where Business Central refuses it: `or` over distinct fields,
// `in` and nested functions without schema version 2.1, values longer than the field, computed
// properties. Syntax that is not understood is 400, never "all rows"; only lambdas are ignored, and
// with them the whole filter, because Business Central does that.
import {ENUMS, memberNamed} from '../entities.mjs';
import {BcError, badRequest} from '../errors.mjs';
import {Dec} from '../decimal.mjs';
import {valueOf} from '../values.mjs';

const TOKENS = [
  ['space', /\s+/y],
  ['guid', /[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}/y],
  ['datetime', /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?(?:Z|[+-]\d\d:\d\d)/y],
  ['date', /\d{4}-\d\d-\d\d/y],
  ['number', /-?\d+(?:\.\d+)?/y],
  ['string', /'(?:[^']|'')*'/y],
  ['word', /[A-Za-z_][A-Za-z0-9_]*(?:\/[A-Za-z_][A-Za-z0-9_]*)*/y],
  ['mark', /[(),:]/y],
];
const COMPARISONS = new Set(['eq', 'ne', 'gt', 'ge', 'lt', 'le']);
const TESTS = {startswith: (a, b) => a.startsWith(b), endswith: (a, b) => a.endsWith(b), contains: (a, b) => a.includes(b)};
const CASES = {tolower: text => text.toLowerCase(), toupper: text => text.toUpperCase()};
const MAX_DEPTH = 50;

const syntaxError = message => badRequest(`Syntax error in the $filter expression: ${message}.`);

function tokenize(text) {
  const tokens = [];
  for (let at = 0; at < text.length;) {
    const found = TOKENS.map(([kind, pattern]) => {
      pattern.lastIndex = at;
      return {kind, text: pattern.exec(text)?.[0]};
    }).find(token => token.text !== undefined);
    if (!found) throw syntaxError(`unexpected character '${text[at]}' at position ${at}`);
    at += found.text.length;
    if (found.kind !== 'space') tokens.push(found);
  }
  return tokens;
}

/**
 * Parses a filter on `entity` and answers {test(row), equals(name)}: `equals` gives the values that a
 * property must have one of, or null, so that a listing may start from an index.
 */
export function parseFilter(text, entity, {schemaVersion = ''} = {}) {
  const parser = new Parser(tokenize(text), entity, schemaVersion === '2.1');
  const tree = parser.or(0);
  if (parser.more()) parser.unexpected();
  if (parser.lambda) return {test: () => true, equals: () => null};
  return {test: tree.test, equals: name => equalsOf(tree, name)};
}

function equalsOf(node, name) {
  if (node.equals) return node.equals.name === name ? node.equals.values : null;
  if (!node.parts) return null;
  const parts = node.parts.map(part => equalsOf(part, name));
  if (node.kind === 'and') return parts.find(Boolean) ?? null;
  return parts.every(Boolean) ? parts.flat() : null;
}

class Parser {
  constructor(tokens, entity, newSchema) {
    this.tokens = tokens;
    this.entity = entity;
    this.newSchema = newSchema;
    this.at = 0;
    this.lambda = false;
  }

  more() {
    return this.at < this.tokens.length;
  }

  unexpected() {
    throw syntaxError(this.more() ? `unexpected '${this.tokens[this.at].text}'` : 'the expression ends too early');
  }

  /** Takes the next token when it is of `kind` (and is `text`), else answers null. */
  accept(kind, text) {
    const token = this.tokens[this.at];
    if (token?.kind !== kind || (text !== undefined && token.text !== text)) return null;
    this.at++;
    return token;
  }

  expect(kind, text) {
    return this.accept(kind, text) ?? this.unexpected();
  }

  or(depth) {
    if (depth > MAX_DEPTH) throw syntaxError(`more than ${MAX_DEPTH} levels of parentheses`);
    const parts = [this.and(depth)];
    while (this.accept('word', 'or')) parts.push(this.and(depth));
    if (parts.length === 1) return parts[0];
    const fields = new Set(parts.flatMap(part => [...part.fields]));
    if (fields.size > 1 && !this.lambda)
      throw badRequest(
        "An error occurred while processing this request. The 'OR' operator is not supported on distinct fields on an OData filter.",
      );
    return {kind: 'or', parts, fields, test: row => parts.some(part => part.test(row))};
  }

  and(depth) {
    const parts = [this.term(depth)];
    while (this.accept('word', 'and')) parts.push(this.term(depth));
    if (parts.length === 1) return parts[0];
    return {
      kind: 'and',
      parts,
      fields: new Set(parts.flatMap(part => [...part.fields])),
      test: row => parts.every(part => part.test(row)),
    };
  }

  term(depth) {
    if (this.accept('mark', '(')) {
      const inner = this.or(depth + 1);
      this.expect('mark', ')');
      return inner;
    }
    const word = this.expect('word').text;
    if (/\/(any|all)$/.test(word)) return this.skipLambda();
    if (Object.hasOwn(TESTS, word)) return this.textTest(word);
    return this.comparison(this.operand(word));
  }

  skipLambda() {
    this.lambda = true;
    this.expect('mark', '(');
    for (let open = 1; open > 0; this.at++) {
      if (!this.more()) this.unexpected();
      const {kind, text} = this.tokens[this.at];
      if (kind === 'mark') open += text === '(' ? 1 : text === ')' ? -1 : 0;
    }
    return {fields: new Set(), test: () => true};
  }

  property(name) {
    const property = this.entity.byName.get(name);
    if (!property) throw badRequest(`Could not find a property named '${name}' on type 'Microsoft.NAV.${this.entity.type}'.`);
    if (property.calculated) throw badRequest(`The property '${name}' is calculated and cannot be used in $filter.`);
    return property;
  }

  /** A property, plain or inside tolower/toupper. */
  operand(word) {
    if (!Object.hasOwn(CASES, word)) {
      if (this.tokens[this.at]?.text === '(') throw badRequest(`The function '${word}' is not supported in $filter.`);
      return {property: this.property(word), convert: null};
    }
    this.expect('mark', '(');
    const property = this.property(this.expect('word').text);
    this.expect('mark', ')');
    if (!isText(property)) throw badRequest(`The function '${word}' wants a text, but '${property.name}' is none.`);
    return {property, convert: CASES[word]};
  }

  textTest(name) {
    this.expect('mark', '(');
    const operand = this.operand(this.expect('word').text);
    if (operand.convert && !this.newSchema) throw badRequest('Nested functions in $filter need $schemaversion=2.1.');
    if (!isText(operand.property))
      throw badRequest(`The function '${name}' wants a text, but '${operand.property.name}' is none.`);
    this.expect('mark', ',');
    const wanted = literal(this.expect('string'), operand.property);
    this.expect('mark', ')');
    const read = reader(operand);
    return {fields: new Set([operand.property.name]), test: row => TESTS[name](read(row), wanted)};
  }

  comparison(operand) {
    const operator = this.expect('word').text;
    const {property} = operand;
    const fields = new Set([property.name]);
    const read = reader(operand);
    if (operator === 'in') {
      if (!this.newSchema) throw badRequest("The operator 'in' in $filter needs $schemaversion=2.1.");
      const values = this.list(property);
      const plain = operand.convert ? undefined : {name: property.name, values};
      return {fields, equals: plain, test: row => values.some(value => compare(property, read(row), value) === 0)};
    }
    if (!COMPARISONS.has(operator)) throw badRequest(`The operator '${operator}' is not supported in $filter.`);
    if ((property.kind === 'B' || property.kind === 'G') && operator !== 'eq' && operator !== 'ne')
      throw badRequest(`The operator '${operator}' cannot be applied to '${property.name}'.`);
    const wanted = literal(this.tokens[this.at++] ?? this.unexpected(), property);
    const holds = {eq: c => c === 0, ne: c => c !== 0, gt: c => c > 0, ge: c => c >= 0, lt: c => c < 0, le: c => c <= 0}[
      operator
    ];
    const equals = operator === 'eq' && !operand.convert ? {name: property.name, values: [wanted]} : undefined;
    return {fields, equals, test: row => holds(compare(property, read(row), wanted))};
  }

  list(property) {
    this.expect('mark', '(');
    const values = [];
    do values.push(literal(this.tokens[this.at++] ?? this.unexpected(), property));
    while (this.accept('mark', ','));
    this.expect('mark', ')');
    return values;
  }
}

const isText = property => property.kind === 'C' || property.kind === 'T';
const reader = ({property, convert}) => (convert ? row => convert(valueOf(row, property)) : row => valueOf(row, property));

/** The value of a literal token, checked against the property that it is compared with. */
function literal(token, property) {
  const wrong = () =>
    badRequest(
      `A binary operator with incompatible types was detected: the property '${property.name}' cannot be compared with ${token.text}.`,
    );
  const of = kind => {
    if (token.kind !== kind) throw wrong();
    return token.text;
  };
  switch (property.kind) {
    case 'C':
    case 'T': {
      const text = of('string').slice(1, -1).replaceAll("''", "'");
      if (property.length && [...text].length > property.length)
        throw new BcError(
          400,
          'Application_FilterErrorException',
          `The filter on '${property.name}' is not valid: '${text}' is longer than ${property.length} characters.`,
        );
      return text;
    }
    case 'E': {
      const text = of('string').slice(1, -1);
      const member = memberNamed(property.enum, text);
      if (member === undefined)
        throw badRequest(`The string '${text}' is not a member of the enumeration type 'Microsoft.NAV.${property.enum}'.`);
      return member;
    }
    case 'G':
      return of('guid').toLowerCase();
    case 'D':
      if (Number.isNaN(Date.parse(of('date')))) throw syntaxError(`'${token.text}' is no date`);
      return token.text;
    case 'DT':
      return instant(of('datetime'));
    case 'B':
      if (token.kind !== 'word' || (token.text !== 'true' && token.text !== 'false')) throw wrong();
      return token.text === 'true';
    default: {
      const value = Dec.read(of('number'));
      if (value === null) throw wrong();
      return value;
    }
  }
}

/** A point in time as text that sorts: UTC with seven digits of a second. */
function instant(text) {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw syntaxError(`'${text}' is no point in time`);
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  return `${new Date(ms).toISOString().slice(0, 19)}.${fraction.padEnd(7, '0')}`;
}

/** Order of two values of a property: as in the database, texts case- and accent-sensitive. */
export function compare(property, a, b) {
  switch (property.kind) {
    case 'N':
    case 'I':
      return Dec.of(a).compare(Dec.of(b));
    case 'B':
      return Number(a) - Number(b);
    case 'DT':
      return order(sortable(a), sortable(b));
    case 'E':
      return ENUMS[property.enum].indexOf(a) - ENUMS[property.enum].indexOf(b);
    default:
      return order(a, b);
  }
}

/** Rows hold stamps as toISOString writes them, literals come from instant(); both are made to sort together. */
const sortable = text => (text.length === 24 ? `${text.slice(0, 23)}0000` : text.endsWith('Z') ? instant(text) : text);
const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
