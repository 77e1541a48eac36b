// The query options of one request: $select, $expand with its own options, $orderby, $top, $skip,
// $count, $skiptoken. Unknown options that start with $ are refused; others belong to somebody else.
import {ENTITIES} from '../entities.mjs';
import {badRequest} from '../errors.mjs';
import {parseFilter} from './filter.mjs';

const KNOWN = new Set(['$filter', '$select', '$expand', '$orderby', '$top', '$skip', '$count', '$skiptoken', '$schemaversion']);
const INSIDE_EXPAND = new Set(['$filter', '$select', '$expand', '$orderby', '$top', '$skip', '$count']);
const MAX_LEVELS = 6;

/** Splits a raw query string into decoded pairs; a broken escape is the client's mistake. */
export function readQuery(raw) {
  const options = new Map();
  for (const part of raw.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const [name, value] = (equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]).map(decode);
    if (options.has(name)) throw badRequest(`The query parameter '${name}' is given twice.`);
    options.set(name, value);
  }
  return options;
}

function decode(text) {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw badRequest(`The query part '${text}' is not a valid escape sequence.`);
  }
}

/** The options of a request on `entity`, checked. */
export function parseOptions(options, entity) {
  for (const name of options.keys())
    if (name.startsWith('$') && !KNOWN.has(name)) throw badRequest(`The query parameter '${name}' is not supported.`);
  const context = {schemaVersion: options.get('$schemaversion') ?? ''};
  return {...readOptions(options, entity, context, 1), skipToken: options.get('$skiptoken')};
}

function readOptions(options, entity, context, level) {
  return {
    filter: options.has('$filter') ? parseFilter(options.get('$filter'), entity, context) : null,
    select: options.has('$select') ? readSelect(options.get('$select'), entity) : null,
    expand: options.has('$expand') ? readExpand(options.get('$expand'), entity, context, level) : [],
    orderBy: options.has('$orderby') ? readOrder(options.get('$orderby'), entity) : [],
    top: wholeNumber(options, '$top'),
    skip: wholeNumber(options, '$skip'),
    count: readCount(options.get('$count')),
  };
}

function readSelect(text, entity) {
  const names = text.split(',').map(name => name.trim());
  if (names.includes('*')) return null;
  for (const name of names)
    if (!entity.byName.has(name) && !entity.navigation.has(name))
      throw badRequest(`Could not find a property named '${name}' on type 'Microsoft.NAV.${entity.type}'.`);
  return new Set(names);
}

function readOrder(text, entity) {
  return text.split(',').map(part => {
    const [, name, direction = 'asc'] = /^\s*([A-Za-z][A-Za-z0-9]*)(?:\s+(asc|desc))?\s*$/.exec(part) ?? [];
    const property = entity.byName.get(name);
    if (!property)
      throw badRequest(`The $orderby expression '${part.trim()}' is not valid on type 'Microsoft.NAV.${entity.type}'.`);
    if (property.calculated) throw badRequest(`The property '${name}' is calculated and cannot be used in $orderby.`);
    return {property, sign: direction === 'desc' ? -1 : 1};
  });
}

function wholeNumber(options, name) {
  const text = options.get(name);
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text))
    throw badRequest(`Invalid value '${text}' for the ${name} query option; a non-negative integer is expected.`);
  return Number(text);
}

function readCount(text) {
  if (text === undefined || text === 'false') return false;
  if (text !== 'true') throw badRequest(`Invalid value '${text}' for the $count query option; true or false is expected.`);
  return true;
}

function readExpand(text, entity, context, level) {
  if (level > MAX_LEVELS) throw badRequest(`$expand goes deeper than ${MAX_LEVELS} levels.`);
  return splitOutside(text, ',').map(part => {
    const [, name, inner] = /^\s*([A-Za-z][A-Za-z0-9]*)\s*(?:\((.*)\))?\s*$/s.exec(part) ?? [];
    const target = entity.navigation.get(name);
    if (!target)
      throw badRequest(`Could not find a property named '${name ?? part.trim()}' on type 'Microsoft.NAV.${entity.type}'.`);
    const options = new Map(
      splitOutside(inner ?? '', ';')
        .filter(option => option.trim() !== '')
        .map(option => {
          const equals = option.indexOf('=');
          return [option.slice(0, equals).trim(), option.slice(equals + 1)];
        }),
    );
    for (const option of options.keys())
      if (!INSIDE_EXPAND.has(option)) throw badRequest(`The option '${option}' is not supported inside $expand.`);
    return {name, target, options: readOptions(options, ENTITIES.get(target.set), context, level + 1)};
  });
}

/** Splits at `mark` where it stands outside parentheses and quotes. */
function splitOutside(text, mark) {
  const parts = [''];
  let depth = 0;
  let quoted = false;
  for (const character of text) {
    if (character === "'") quoted = !quoted;
    else if (!quoted && character === '(') depth++;
    else if (!quoted && character === ')') depth--;
    if (depth < 0) throw badRequest('The parentheses in $expand do not match.');
    if (character === mark && depth === 0 && !quoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  if (depth !== 0 || quoted) throw badRequest('The parentheses in $expand do not match.');
  return parts;
}
