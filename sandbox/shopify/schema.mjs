// The real Admin schemas, as published; loaded when a version is asked for the first time.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import {fileURLToPath} from 'node:url';
import {buildClientSchema} from 'graphql';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const SCHEMA_FOLDER = path.join(ROOT, 'var/cache/shopify');
export const SUPPORTED = ['2026-01', '2026-04', '2026-07', '2026-10'];
export const LATEST = SUPPORTED.at(-1);

/**
 * The version that answers a request for `asked`: itself while it is supported, the oldest supported one for anything
 * older or for a path without a version ("fall forward"), null for what does not exist.
 */
export function servedVersion(asked) {
  if (asked === undefined) return SUPPORTED[0];
  if (SUPPORTED.includes(asked)) return asked;
  if (!/^20\d\d-(01|04|07|10)$/.test(asked)) return null;
  return asked < SUPPORTED[0] ? SUPPORTED[0] : null;
}

const loaded = new Map(); // "file version" → entry: a schema is 130 MB, one of each serves the whole process

export class Schemas {
  #served = new Map(); // version → entry, without a look at the files

  constructor(folder = SCHEMA_FOLDER) {
    this.folder = folder;
    if (!fs.existsSync(this.#fileOf(LATEST)))
      throw new Error(`no Admin schema in ${folder}; run tests/support/shopify-schema`);
  }

  #fileOf(version) {
    return path.join(this.folder, `admin_${version}.json.gz`);
  }

  /**
   * {version, schema, access, filters}: `access` maps a type or Type.field to the scopes of which one is needed, `filters` a
   * root to the names its search knows.
   */
  get(version) {
    let entry = this.#served.get(version);
    if (!entry) this.#served.set(version, (entry = this.#load(version)));
    return entry;
  }

  #load(version) {
    // a version whose file is not there is served with the latest schema; its headers stay right
    const file = [this.#fileOf(version), this.#fileOf(LATEST)].find(name => fs.existsSync(name));
    const key = `${file} ${version}`;
    let entry = loaded.get(key);
    if (!entry) {
      const content = JSON.parse(zlib.gunzipSync(fs.readFileSync(file)).toString('utf8'));
      entry = {
        version,
        // it is valid as published; to look again costs each start of a store an eighth of a second
        schema: buildClientSchema(content.data, {assumeValid: true}),
        access: accessOf(content),
        filters: filtersOf(content.data),
      };
      loaded.set(key, entry);
    }
    return entry;
  }
}

function accessOf(content) {
  const access = new Map();
  for (const item of content.offline_scopes?.items ?? [])
    if (item.offlineScopes?.length)
      access.set(item.type === 'type' ? item.typeName : `${item.typeName}.${item.fieldName}`, {
        scopes: item.offlineScopes,
        text: item.requiredAccess,
      });
  return access;
}

/** The filter names that a root's `query` argument documents: what is not among them is ignored with a warning. */
function filtersOf(data) {
  const filters = new Map();
  const root = data.__schema.types.find(type => type.name === data.__schema.queryType.name);
  // what a search of the account knows stands at the account's own field
  const account = data.__schema.types.find(type => type.name === 'ShopifyPaymentsAccount');
  for (const field of [...(account?.fields ?? []), ...root.fields]) {
    const text = field.args.find(arg => arg.name === 'query')?.description ?? '';
    const names = [...text.matchAll(/^\| ([a-z_]+) \| (?!type)/gm)]
      .map(match => match[1])
      .filter(name => name !== 'default');
    if (names.length) filters.set(field.name, new Set(names));
  }
  return filters;
}
