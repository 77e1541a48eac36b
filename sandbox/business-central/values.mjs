// Values on their way in and out: what a JSON body may hold for a property, and how a row is shown.
import {Dec} from './decimal.mjs';
import {ENUMS, NO_ID, blankOf, encodeMember, memberNamed} from './entities.mjs';
import {BcError, badRequest, evaluate, readOnly, tooLong} from './errors.mjs';
import {Num} from './json.mjs';

const GUID = /^\{?([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i;
const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,7})?)?(Z|[+-]\d\d:\d\d)$/;
const INT_MAX = 2147483647;

export const isGuid = text => GUID.test(text);

/**
 * The fields of a body in the order in which they are to be validated: as they stand in the JSON or,
 * with `pageOrder`, as they stand on the page. `children` are nested collections by navigation name.
 */
export function readBody(body, entity, {pageOrder, deep}) {
  if (body === null || typeof body !== 'object' || Array.isArray(body) || body instanceof Num)
    throw badRequest('The request body must be a JSON object.');
  const fields = [];
  const children = new Map();
  for (const [name, value] of Object.entries(body)) {
    if (name.endsWith('@odata.bind')) throw badRequest(`The annotation '${name}' is not supported.`);
    if (name.includes('@odata.')) continue; // annotations of an entity that was read
    const property = entity.byName.get(name);
    if (property) fields.push([property, value]);
    else if (deep && entity.navigation.get(name)?.many) children.set(name, value);
    else if (entity.navigation.has(name))
      throw badRequest(`The navigation property '${name}' cannot be written with '${entity.type}'.`);
    else
      throw badRequest(
        `The property '${name}' does not exist on type 'Microsoft.NAV.${entity.type}'. Make sure to only use property names that are defined by the type.`,
      );
  }
  for (const [property] of fields) if (property.readOnly) throw readOnly(property.name);
  const read = fields.map(([property, value]) => [property, readValue(property, value)]);
  if (pageOrder) read.sort(([a], [b]) => entity.properties.indexOf(a) - entity.properties.indexOf(b));
  return {fields: read, children};
}

function wrongType(property, wanted) {
  return badRequest(`Cannot convert the value of the property '${property.name}' to the expected type '${wanted}'.`);
}

/** What a row holds for a property. */
export const valueOf = (row, property) => row[property.field] ?? blankOf(property);

/** A JSON value as the row keeps it. */
export function readValue(property, value) {
  switch (property.kind) {
    case 'C':
    case 'T':
      return readText(property, value);
    case 'B':
      if (typeof value !== 'boolean') throw wrongType(property, 'Edm.Boolean');
      return value;
    case 'N':
      return readDecimal(property, value);
    case 'I':
      if (!(value instanceof Num) || !/^-?\d+$/.test(value.text) || Math.abs(Number(value.text)) > INT_MAX)
        throw wrongType(property, 'Edm.Int32');
      return Number(value.text);
    case 'G': {
      const found = typeof value === 'string' ? GUID.exec(value) : null;
      if (!found) throw new BcError(400, 'Application_InvalidGUID', `The value of '${property.name}' is not a valid GUID.`);
      return found[1].toLowerCase();
    }
    case 'E': {
      if (typeof value !== 'string') throw wrongType(property, 'Edm.String');
      const member = memberNamed(property.enum, value);
      if (member === undefined)
        throw evaluate(
          `'${value}' is not an option of '${property.name}'. The existing options are: ${ENUMS[property.enum].join(',')}`,
        );
      return member;
    }
    default:
      return readTime(property, value);
  }
}

function readText(property, value) {
  if (value === null) return '';
  if (typeof value !== 'string') throw wrongType(property, 'Edm.String');
  const text = property.kind === 'C' ? value.trim().toUpperCase() : value;
  const length = [...text].length;
  if (property.length && length > property.length) throw tooLong(length, property.length, text);
  return text;
}

function readDecimal(property, value) {
  if (!(value instanceof Num)) throw wrongType(property, 'Edm.Decimal');
  const dec = Dec.read(value.text);
  if (dec === null) throw evaluate(`The value '${value.text}' of '${property.name}' cannot be evaluated into type Decimal.`);
  return dec.toString();
}

function readTime(property, value) {
  const pattern = property.kind === 'D' ? DATE : DATE_TIME;
  const ms = typeof value === 'string' && pattern.test(value) ? Date.parse(value) : NaN;
  // Date.parse takes 31 February for 3 March in some engines: the text must come back
  const real = !Number.isNaN(ms) && (property.kind !== 'D' || new Date(ms).toISOString().startsWith(value));
  if (!real)
    throw evaluate(
      `The value '${value}' of '${property.name}' cannot be evaluated into type ${property.kind === 'D' ? 'Date' : 'DateTime'}.`,
    );
  return value;
}

/** A kept value as it stands in an answer. */
export function showValue(property, value) {
  switch (property.kind) {
    case 'N':
    case 'I':
      return new Num(value);
    case 'E':
      return encodeMember(value);
    default:
      return value;
  }
}

export const hasId = id => id !== undefined && id !== NO_ID;
