// Metafields: values that apps keep on a record, under a namespace and a key, and the definitions that say what they
// are. A definition of type `id` makes its values unique among the owners of one type, so that a record is found by it
// (customId).
import {createHash} from 'node:crypto';
import {FieldError} from './plan.mjs';

const APP = 'app--900001'; // the namespace that belongs to this app alone: "$app"

const TYPES = new Set(
  `boolean color date date_time dimension id json link money multi_line_text_field number_decimal number_integer rating
  rich_text_field single_line_text_field url volume weight product_reference variant_reference collection_reference file_reference
  list.single_line_text_field list.number_integer list.number_decimal list.date list.date_time list.color list.url`.split(
    /\s+/,
  ),
);

/** Owner types of the records that can have metafields here. */
const OWNERS = {
  Product: 'PRODUCT',
  ProductVariant: 'PRODUCTVARIANT',
  Collection: 'COLLECTION',
  Customer: 'CUSTOMER',
  Order: 'ORDER',
  Location: 'LOCATION',
  Company: 'COMPANY',
  CompanyLocation: 'COMPANY_LOCATION',
};
export const ownerTypeOf = record => OWNERS[record.__typename] ?? null;

/** "$app" and "$app:x" stand for the app's own namespaces; no namespace means the first of them. */
export const fullNamespace = namespace =>
  namespace === undefined || namespace === null || namespace === '$app'
    ? APP
    : namespace.startsWith('$app:')
      ? `${APP}--${namespace.slice(5)}`
      : namespace;

export class Metafields {
  #definitions = new Map(); // "OWNERTYPE ns.key" → definition
  #unique = new Map(); // "OWNERTYPE ns.key value" → owner

  constructor(store) {
    this.store = store;
  }

  // ---- definitions -------------------------------------------------------------------------------

  definition(ownerType, namespace, key) {
    return this.#definitions.get(`${ownerType} ${namespace}.${key}`) ?? null;
  }

  definitionsOf(ownerType) {
    return [...this.#definitions.values()].filter(definition => definition.ownerType === ownerType);
  }

  isType(name) {
    return TYPES.has(name);
  }

  define({ownerType, namespace, key, name, type, description = null}) {
    const definition = {
      __typename: 'MetafieldDefinition',
      id: this.store.nextId('MetafieldDefinition'),
      ownerType,
      namespace,
      key,
      name,
      type,
      description,
    };
    this.#definitions.set(`${ownerType} ${namespace}.${key}`, definition);
    this.store.put(definition);
    return definition;
  }

  /** The record that a unique value names. */
  owner(ownerType, {namespace, key, value}) {
    return this.#unique.get(`${ownerType} ${fullNamespace(namespace)}.${key} ${value}`) ?? null;
  }

  /** The record that a customId names; without a definition of type `id` there is nothing to ask for. */
  byCustomId(ownerType, customId) {
    if (!this.isUnique(ownerType, fullNamespace(customId.namespace), customId.key))
      throw new FieldError('NOT_FOUND', "Metafield definition of type 'id' is required when using custom ids.");
    return this.owner(ownerType, customId);
  }

  isUnique(ownerType, namespace, key) {
    return this.definition(ownerType, namespace, key)?.type === 'id';
  }

  // ---- values ------------------------------------------------------------------------------------

  /**
   * What is wrong with an input {namespace, key, type, value} for an owner of that type: {name of the input's field,
   * message, code}, or null. `owner` is the record that will have it, null while that does not exist.
   */
  problemOf(input, ownerType, owner) {
    const namespace = fullNamespace(input.namespace);
    const {key = '', value} = input;
    const length = (name, text, least, most) => {
      const label = `${name[0].toUpperCase()}${name.slice(1)}`;
      if (text.length < least)
        return {name, message: `${label} is too short (minimum is ${least} characters)`, code: 'TOO_SHORT'};
      if (text.length > most)
        return {name, message: `${label} is too long (maximum is ${most} characters)`, code: 'TOO_LONG'};
      return null;
    };
    const found = length('namespace', namespace, 3, 255) ?? length('key', key, 2, 64);
    if (found) return found;
    const definition = this.definition(ownerType, namespace, key);
    const type = input.type ?? definition?.type ?? owner?.metafields?.get(`${namespace}.${key}`)?.type;
    if (!type) return {name: 'type', message: "Type can't be blank", code: 'BLANK'};
    if (!TYPES.has(type)) return {name: 'type', message: `Type name ${type} is not a valid type.`, code: 'INCLUSION'};
    if (definition && type !== definition.type)
      return {
        name: 'type',
        message: `Type '${type}' must be consistent with the definition's type: '${definition.type}'.`,
        code: 'INVALID_TYPE',
      };
    if (type === 'id' && !definition)
      return {name: 'type', message: 'Type id needs a metafield definition of that type.', code: 'INVALID_TYPE'};
    const message = valueProblem(type, value);
    if (message) return {name: 'value', message, code: 'INVALID_VALUE'};
    const holder = this.isUnique(ownerType, namespace, key) ? this.owner(ownerType, {namespace, key, value}) : null;
    if (holder && holder !== owner)
      return {
        name: 'value',
        message: 'Value has already been assigned to another metafield.',
        code: 'CAPABILITY_VIOLATION',
      };
    return null;
  }

  get(owner, namespace, key) {
    return owner.metafields?.get(`${fullNamespace(namespace)}.${key}`) ?? null;
  }

  set(owner, input) {
    const namespace = fullNamespace(input.namespace);
    const place = `${namespace}.${input.key}`;
    const now = this.store.now();
    owner.metafields ??= new Map();
    let field = owner.metafields.get(place);
    if (field) this.#forget(field);
    else {
      field = {
        __typename: 'Metafield',
        id: this.store.nextId('Metafield'),
        owner,
        namespace,
        key: input.key,
        createdAt: now,
      };
      owner.metafields.set(place, field);
      this.store.put(field);
    }
    const ownerType = ownerTypeOf(owner);
    Object.assign(field, {
      type: input.type ?? this.definition(ownerType, namespace, input.key)?.type ?? field.type,
      value: input.value,
      updatedAt: now,
    });
    if (this.isUnique(ownerType, namespace, input.key)) this.#unique.set(`${ownerType} ${place} ${field.value}`, owner);
    return field;
  }

  remove(owner, field) {
    this.#forget(field);
    owner.metafields.delete(`${field.namespace}.${field.key}`);
    this.store.drop(field);
  }

  #forget({owner, namespace, key, value}) {
    const place = `${ownerTypeOf(owner)} ${namespace}.${key} ${value}`;
    if (this.#unique.get(place) === owner) this.#unique.delete(place);
  }

  dropOwner(owner) {
    for (const field of owner.metafields?.values() ?? []) this.remove(owner, field);
  }

  /** The list of an input replaces what the owner has: what it does not name goes. */
  replace(owner, inputs) {
    const kept = new Set(inputs.map(input => `${fullNamespace(input.namespace)}.${input.key}`));
    for (const [place, field] of owner.metafields ?? []) if (!kept.has(place)) this.remove(owner, field);
    for (const input of inputs) this.set(owner, input);
  }
}

/** Whether a metafield of an input is the one that a customId names. */
export const isCustomId = (field, {namespace, key, value}) =>
  fullNamespace(field.namespace) === fullNamespace(namespace) && field.key === key && field.value === value;

export const digestOf = field => createHash('sha256').update(`${field.type}\n${field.value}`).digest('hex');

const INTEGER_LIMIT = 9_007_199_254_740_991;
const isWhole = value => /^-?\d+$/.test(value) && Math.abs(Number(value)) <= INTEGER_LIMIT;

const CHECKS = {
  single_line_text_field: value => (/[\n\r]/.test(value) ? 'Value must be a single line text string.' : null),
  id: value => (/[\n\r]/.test(value) || value.length > 255 ? 'Value must be a single line text string.' : null),
  number_integer: value => (isWhole(value) ? null : 'Value must be an integer.'),
  number_decimal: value => (/^-?\d+(\.\d+)?$/.test(value) ? null : 'Value must be a decimal.'),
  boolean: value => (['true', 'false'].includes(value) ? null : 'Value must be true or false.'),
  date: value =>
    /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)) ? null : 'Value must be in YYYY-MM-DD format.',
  date_time: value =>
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value)
      ? null
      : 'Value must be in “YYYY-MM-DDTHH:MM:SS” format. For example: 2022-06-01T15:30:00',
  url: value =>
    /^(https?|mailto|sms|tel):/.test(value)
      ? null
      : 'Value must be one of the following URL schemes: http, https, mailto, sms, tel.',
  color: value => (/^#[0-9a-f]{6}$/i.test(value) ? null : 'Value must be a hex color code.'),
};
const JSON_TYPES = /^(json|list\.|money|dimension|volume|weight|rating|link|rich_text_field)/;

function valueProblem(type, value) {
  if (value === undefined || value === null || value === '') return "Value can't be blank.";
  if (!JSON_TYPES.test(type)) return CHECKS[type]?.(value) ?? null;
  try {
    const parsed = JSON.parse(value);
    if (type.startsWith('list.') && !Array.isArray(parsed)) return 'Value must be an array.';
    return Array.isArray(parsed) && parsed.length > 128 ? 'Value has more than 128 elements.' : null;
  } catch (error) {
    return `Value is invalid JSON: ${error.message}.`;
  }
}
