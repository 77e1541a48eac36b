// The entity sets that this peer serves: one table from which types, lengths, read-only refusals, verbs,
// navigation, references and $metadata follow. The rows stand in sets/.
//
// set: {type, table (Business Central's caption), verbs, keys (natural order and uniqueness), text, navigation, refs, actions,
// root (of addresses: api, extension, odata, none), source (the set whose rows it shows, its own by default)}
//
// A property is a line `name KIND flags`: C20 code (trimmed, upper-cased), T100 text, G guid, N decimal,
// I integer, B boolean, D date, DT date and time, E:name enum (ENUMS); flags `ro` (refused on write),
// `calc` (computed by the page: refused in $filter and $orderby) and `of=field` (what the row calls it). Every
// entity has `id` first and `lastModifiedDateTime` last unless `unstamped`; a `page` has neither.
import {CATALOGUE, CATALOGUE_PAGES} from './sets/catalogue.mjs';
import {ENUMS} from './sets/enums.mjs';
import {EXTENSION} from './sets/extension.mjs';
import {MASTER} from './sets/master.mjs';
import {PAGES} from './sets/pages.mjs';
import {SALES} from './sets/sales.mjs';

export {ENUMS, encodeMember, memberNamed} from './sets/enums.mjs';

function readProperty(line) {
  const [name, kind, ...flags] = line.trim().split(/\s+/);
  const [, letters, length, enumName] = /^(C|T|G|N|I|B|DT|D|E)(\d+)?(?::(\w+))?$/.exec(kind);
  return {
    name,
    kind: letters,
    length: Number(length) || undefined,
    enum: enumName,
    readOnly: flags.includes('ro'),
    calculated: flags.includes('calc'),
    field: flags.find(flag => flag.startsWith('of='))?.slice(3) ?? name,
  };
}

function readEntity(set, row) {
  const lines = row.text.split('\n').filter(line => line.trim() !== '');
  const id = row.page ? [] : [row.ownId ? 'id G' : 'id G ro'];
  const stamp = row.unstamped || row.page ? [] : ['lastModifiedDateTime DT ro'];
  const properties = [...id, ...lines, ...stamp].map(readProperty);
  return {
    set,
    type: row.type,
    table: row.table,
    verbs: row.verbs,
    keys: row.keys,
    series: row.series,
    lines: row.lines, // the set of a document's lines
    document: row.document, // {type, date, posted}: what a document is, the property of its date, what a posted one lets change
    documents: row.documents, // the set of the documents that these lines belong to
    root: row.root ?? 'api',
    hidden: row.hidden === true, // has no address of its own
    source: row.source ?? set,
    page: row.page === true,
    required: row.required ?? [],
    stamped: !row.unstamped,
    actions: row.actions ?? [],
    refs: row.refs ?? [],
    navigation: new Map(Object.entries(row.navigation ?? {})),
    properties,
    byName: new Map(properties.map(property => [property.name, property])),
  };
}

export const ENTITIES = new Map(
  Object.entries({...MASTER, ...SALES, ...EXTENSION, ...CATALOGUE, ...PAGES, ...CATALOGUE_PAGES}).map(([set, row]) => [set, readEntity(set, row)]),
);

/** The sets that one root of addresses serves. */
export const setsOf = root => [...ENTITIES.values()].filter(entity => entity.root === root);

export const NO_ID = '00000000-0000-0000-0000-000000000000';
export const NO_DATE = '0001-01-01';

/** What a property holds before anything is set. */
export function blankOf(property) {
  switch (property.kind) {
    case 'G':
      return NO_ID;
    case 'N':
      return '0';
    case 'I':
      return 0;
    case 'B':
      return false;
    case 'D':
      return NO_DATE;
    case 'DT':
      return `${NO_DATE}T00:00:00Z`;
    case 'E':
      return ENUMS[property.enum][0];
    default:
      return '';
  }
}
