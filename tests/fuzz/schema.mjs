// schema.mjs - the part of JSON Schema that openapi.json uses: checks a value, makes one, and breaks one.
//
// A keyword that is unknown here fails, so that nothing of the document goes unchecked.

const KEYWORDS = new Set(['type', 'properties', 'required', 'items', 'enum', 'const', 'additionalProperties', 'description', 'minimum',
  'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'pattern', 'format', 'default', '$ref', 'oneOf', 'anyOf', 'title',
  'example', 'examples', 'readOnly', 'writeOnly', 'propertyNames', 'maxProperties']);

export function resolve(document, node) {
  let found = node;
  while (found?.$ref) found = found.$ref.slice(2).split('/').reduce((at, part) => at[part], document);
  return found;
}

const KINDS = {
  object: (value) => value !== null && typeof value === 'object' && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

function numberMismatch(schema, value, path) {
  if (schema.minimum !== undefined && value < schema.minimum) return `${path}: ${value} is below ${schema.minimum}`;
  if (schema.maximum !== undefined && value > schema.maximum) return `${path}: ${value} is above ${schema.maximum}`;
  return null;
}

function textMismatch(schema, value, path) {
  const size = [...value].length;
  if (schema.minLength !== undefined && size < schema.minLength) return `${path}: shorter than ${schema.minLength}`;
  if (schema.maxLength !== undefined && size > schema.maxLength) return `${path}: longer than ${schema.maxLength}`;
  if (schema.pattern && !new RegExp(schema.pattern, 'u').test(value)) return `${path}: ${JSON.stringify(value)} does not fit ${schema.pattern}`;
  return null;
}

function listMismatch(document, schema, value, path) {
  if (schema.minItems !== undefined && value.length < schema.minItems) return `${path}: fewer than ${schema.minItems}`;
  if (schema.maxItems !== undefined && value.length > schema.maxItems) return `${path}: more than ${schema.maxItems}`;
  for (const [index, item] of value.entries()) {
    const problem = schema.items && mismatch(document, schema.items, item, `${path}[${index}]`);
    if (problem) return problem;
  }
  return null;
}

function objectMismatch(document, schema, value, path) {
  const properties = schema.properties ?? {};
  const more = schema.additionalProperties ?? true;
  for (const name of schema.required ?? []) if (!(name in value)) return `${path}: ${name} is missing`;
  for (const [name, child] of Object.entries(value)) {
    if (!(name in properties) && more === false) return `${path}: ${name} is not described`;
    const problem = mismatch(document, properties[name] ?? (more === true ? {} : more), child, `${path}.${name}`);
    if (problem) return problem;
  }
  return null;
}

/** Where `value` is not as `given` says; null = it is. */
export function mismatch(document, given, value, path = 'body') {
  const schema = resolve(document, given);
  for (const keyword of Object.keys(schema)) if (!KEYWORDS.has(keyword)) return `${path}: this test does not know ${keyword}`;
  for (const choice of ['oneOf', 'anyOf']) {
    const fits = schema[choice]?.filter((one) => mismatch(document, one, value, path) === null).length;
    if (fits === 0 || (choice === 'oneOf' && fits > 1)) return `${path}: fits ${fits} of its ${choice}`;
  }
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length && !types.some((type) => KINDS[type](value))) return `${path}: ${JSON.stringify(value)?.slice(0, 60)} is no ${types.join(' or ')}`;
  if (schema.enum && !schema.enum.includes(value)) return `${path}: ${JSON.stringify(value)} is none of ${schema.enum.join(', ')}`;
  if ('const' in schema && schema.const !== value) return `${path}: is not ${schema.const}`;
  if (typeof value === 'number') return numberMismatch(schema, value, path);
  if (typeof value === 'string') return textMismatch(schema, value, path);
  if (Array.isArray(value)) return listMismatch(document, schema, value, path);
  return KINDS.object(value) ? objectMismatch(document, schema, value, path) : null;
}

// Texts that have broken programs before.
export const NASTY = ['', ' ', 'a'.repeat(127), 'a'.repeat(128), 'b'.repeat(5000), '../../etc/passwd', '%s%n%s%n', '\u0000', 'a\u0000b', '\r\nX: 1',
  '"\\', "';--", '{{7*7}}', '<script>alert(1)</script>', '-1', '0', '9223372036854775808', '18446744073709551616', '1e999', 'NaN', 'null',
  'true', '\ud83d\ude80\u0301', '\u202e', 'é'.repeat(90), '*', '[a-z]*', 'x:y', '{x}', '\t', '..', '/', '#', '?', '0x10', '١٢', 'ключ'];
const NUMBERS = [0, -1, 1, 2, 100, 255, 65536, 2147483648, -2147483649, 9007199254740991, -9007199254740991, 1e300, 0.1, -0.5];

/** A value that fits, as far as type, enum and bounds say; `known` holds names that exist, by property. */
export function example(document, given, random, known = {}, name = '', depth = 0) {
  const schema = resolve(document, given);
  if (schema.enum) return random.pick(schema.enum);
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice) return example(document, random.pick(choice), random, known, name, depth);
  const type = [schema.type ?? (schema.properties ? 'object' : 'string')].flat()[0];
  if (type === 'boolean') return random.chance(0.5);
  if (type === 'integer' || type === 'number') {
    const low = schema.minimum ?? 0;
    return low + random.below(Math.min((schema.maximum ?? low + 100000) - low + 1, 100000));
  }
  if (type === 'array') {
    const count = (schema.minItems ?? 0) + random.below(3);
    return Array.from({ length: count }, () => example(document, schema.items ?? {}, random, known, name, depth + 1));
  }
  if (type === 'object') {
    const made = {};
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      if (schema.required?.includes(key) || (depth < 4 && random.chance(0.4))) made[key] = example(document, child, random, known, key, depth + 1);
    }
    return made;
  }
  if (known[name] && random.chance(0.9)) return random.pick(known[name]);
  return random.chance(0.3) ? random.pick(NASTY) : 'x'.repeat(1 + random.below(12));
}

function wrongValue(random) {
  return random.pick([null, true, 17, -1.5, 'x', [], {}, [[[[]]]], random.pick(NASTY), random.pick(NUMBERS), { value: {} }]);
}

/** The value with one place changed: a wrong type, a field too few or too many, a nasty text or number. */
export function broken(value, random) {
  if (!KINDS.object(value) && !Array.isArray(value)) return random.chance(0.5) ? random.pick(NASTY) : wrongValue(random);
  const copy = structuredClone(value);
  const keys = Object.keys(copy);
  const what = random.below(5);
  if (what === 0 || !keys.length) copy[random.pick(['surplus', '__proto__x', '', 'Name', ...NASTY.slice(1, 4)])] = wrongValue(random);
  else if (what === 1) delete copy[random.pick(keys)];
  else if (what === 2) copy[random.pick(keys)] = wrongValue(random);
  else {
    const key = random.pick(keys);
    copy[key] = broken(copy[key], random);
  }
  return copy;
}
