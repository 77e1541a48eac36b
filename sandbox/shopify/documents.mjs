// From the text of a request to a plan: parsed, validated against the real schema and compiled once per
// text, then checked with its variables. Errors carry the codes and shapes of Shopify's server, whose
// validator is another one (graphql-ruby), so graphql-js's findings are translated.
import {
  FieldsOnCorrectTypeRule,
  KnownArgumentNamesRule,
  KnownDirectivesRule,
  KnownFragmentNamesRule,
  KnownTypeNamesRule,
  NoUndefinedVariablesRule,
  NoUnusedFragmentsRule,
  NoUnusedVariablesRule,
  ProvidedRequiredArgumentsRule,
  ScalarLeafsRule,
  ValuesOfCorrectTypeRule,
  VariablesInAllowedPositionRule,
  getVariableValues,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import {MAX_VARIANTS} from './catalogue.mjs';
import {Plan, argumentsOf} from './plan.mjs';
import {Mutation} from './mutations.mjs';
import {Query} from './roots.mjs';
import {TYPES} from './types.mjs';

const MAX_PAGE = 250;
const MAX_INPUT = 250;
const CACHE_LIMIT = 1000;

/** An answer without data: its errors, in Shopify's shape. */
export class Refused extends Error {
  constructor(errors) {
    super(errors[0].message);
    this.errors = errors;
  }
}

const refuse = (message, code, extra = {}, rest = {}) =>
  new Refused([{message, ...rest, extensions: {code, ...extra}}]);

export class Documents {
  #cache = new Map();

  constructor(schemas) {
    this.schemas = schemas;
  }

  /** The plan of a request's operation; throws Refused. */
  prepare(version, text, operationName) {
    const key = `${version}\n${operationName ?? ''}\n${text}`;
    let entry = this.#cache.get(key);
    if (!entry) {
      entry = this.#compile(version, text, operationName);
      if (this.#cache.size >= CACHE_LIMIT) this.#cache.clear();
      this.#cache.set(key, entry);
    }
    if (entry.refused) throw entry.refused;
    return entry;
  }

  #compile(version, text, operationName) {
    const {schema} = this.schemas.get(version);
    let document;
    try {
      document = parse(text);
    } catch (error) {
      return {
        refused: new Refused([
          {message: error.message.replace(/^Syntax Error: /, 'syntax error, '), locations: error.locations},
        ]),
      };
    }
    if (validate(schema, document).length) return {refused: new Refused(explain(schema, document))};
    const operations = document.definitions.filter(definition => definition.kind === 'OperationDefinition');
    const operation = operationName
      ? operations.find(entry => entry.name?.value === operationName)
      : operations.length === 1
        ? operations[0]
        : null;
    if (!operation)
      return {
        refused: new Refused([
          {message: operationName ? `No operation named "${operationName}"` : 'An operation name is required'},
        ]),
      };
    const about = operation.selectionSet.selections.filter(
      node => node.kind === 'Field' && /^__(schema|type)$/.test(node.name.value),
    );
    if (about.length && about.length < operation.selectionSet.selections.length)
      return {refused: refuse('introspection beside other roots is not simulated', 'NOT_SIMULATED')};
    const plan = about.length
      ? null
      : new Plan({schema, document, operation, resolvers: {...TYPES, QueryRoot: Query, Mutation}});
    return {schema, document, operation, plan, needsKey: keysNeeded(schema, operation)};
  }

  /** The variables of a request in the shape the schema wants; throws Refused. */
  variablesOf({schema, operation}, given) {
    const {coerced, errors} = getVariableValues(schema, operation.variableDefinitions ?? [], given ?? {});
    if (!errors) return coerced;
    throw new Refused(errors.map(error => invalidVariable(error, operation, given)));
  }
}

function invalidVariable(error, operation, given) {
  const [, name, , at] = /Variable "\$(\w+)"( got invalid value .*? at "([^"]+)")?/s.exec(error.message) ?? [];
  const {type} = operation.variableDefinitions.find(entry => entry.variable.name.value === name);
  const place = at
    ? at
        .replace(/\[(\d+)\]/g, '.$1')
        .split('.')
        .slice(1)
    : [];
  const where = place.length ? ` for ${place.join('.')}` : '';
  return {
    message: `Variable $${name} of type ${typeText(type)} was provided invalid value${where}`,
    locations: error.locations,
    extensions: {
      code: 'INVALID_VARIABLE',
      value: given?.[name] ?? null,
      problems: [{path: place, explanation: error.message}],
    },
  };
}

/** What the schema does not say and the server checks: page sizes, input sizes, idempotency keys. */
export function checkRequest({plan, needsKey}, variables) {
  for (const name of needsKey)
    throw refuse(
      'The @idempotent directive is required for this mutation but was not provided.',
      'BAD_REQUEST',
      {},
      {path: [name]},
    );
  for (const {field, path} of plan.everyField(variables)) {
    if (field.isConnection) checkPage(argumentsOf(field, variables), path, field);
    else if (field.hasArgs && path.length === 1) checkInput(argumentsOf(field, variables), path);
  }
}

function checkPage({first, last}, path, field) {
  const given = [first, last].filter(size => size !== undefined && size !== null);
  const where = {path, locations: [locationOf(field.node)]};
  if (given.length === 0) throw refuse('you must provide one of first or last', 'BAD_REQUEST', {}, where);
  if (given.length === 2) throw refuse('providing both first and last is not supported', 'BAD_REQUEST', {}, where);
  if (given[0] < 0) throw refuse(`${field.name}: page size must not be negative`, 'BAD_REQUEST', {}, where);
  if (given[0] > MAX_PAGE)
    throw refuse(`${field.name}: page size ${given[0]} exceeds the maximum of ${MAX_PAGE}`, 'BAD_REQUEST', {}, where);
}

/** Lists that may be longer than others; places inside a list are not told. */
const LONGER = {variants: MAX_VARIANTS, 'productOptions.values': MAX_VARIANTS};

function checkInput(value, path) {
  if (Array.isArray(value)) {
    const most = LONGER[path.at(-1)] ?? LONGER[path.slice(-2).join('.')] ?? MAX_INPUT;
    if (value.length > most)
      throw refuse(
        `The input array size of ${value.length} is greater than the maximum allowed of ${most}.`,
        'MAX_INPUT_SIZE_EXCEEDED',
        {},
        {path},
      );
    for (const entry of value) checkInput(entry, path);
  } else if (value && typeof value === 'object') {
    for (const [key, entry] of Object.entries(value)) checkInput(entry, [...path, key]);
  }
}

/** Roots of this operation whose own text demands an idempotency key that the operation does not give. */
function keysNeeded(schema, operation) {
  if (operation.operation !== 'mutation') return [];
  const fields = schema.getMutationType().getFields();
  return operation.selectionSet.selections
    .filter(
      node =>
        node.kind === 'Field' &&
        /must be\s+provided using\s+the\s+`@idempotent`/.test(fields[node.name.value]?.description ?? ''),
    )
    .filter(node => !(node.directives ?? []).some(directive => directive.name.value === 'idempotent'))
    .map(node => node.alias?.value ?? node.name.value);
}

// ---- validation errors, as Shopify words them ---------------------------------------------------

const quoted = message => [...message.matchAll(/"([^"]*)"/g)].map(match => match[1]);

/** Rule → (names quoted in graphql-js's message, its node) → Shopify's message and extensions. */
const TRANSLATIONS = [
  [
    FieldsOnCorrectTypeRule,
    ([field, type]) => ({
      message: `Field '${field}' doesn't exist on type '${type}'`,
      code: 'undefinedField',
      typeName: type,
      fieldName: field,
    }),
  ],
  [
    KnownArgumentNamesRule,
    ([argument, field]) => ({
      message: `Field '${field.split('.').at(-1)}' doesn't accept argument '${argument}'`,
      code: 'argumentNotAccepted',
      name: field.split('.').at(-1),
      typeName: 'Field',
      argumentName: argument,
    }),
  ],
  [
    ProvidedRequiredArgumentsRule,
    ([field, argument]) => ({
      message: `Field '${field}' is missing required arguments: ${argument}`,
      code: 'missingRequiredArguments',
      className: 'Field',
      name: field,
      arguments: argument,
    }),
  ],
  [
    ValuesOfCorrectTypeRule,
    (names, error) => ({
      message: `Argument has an invalid value. ${error.message}`,
      code: 'argumentLiteralsIncompatible',
      typeName: 'Field',
    }),
  ],
  [
    VariablesInAllowedPositionRule,
    ([name, type, wanted]) => ({
      message: `Type mismatch on variable ${name} (${type} / ${wanted})`,
      code: 'variableMismatch',
      variableName: name.slice(1),
      typeName: type,
    }),
  ],
  [
    NoUndefinedVariablesRule,
    ([name, operation]) => ({
      message: `Variable ${name} is used by ${operation ?? 'anonymous query'} but not declared`,
      code: 'variableNotDefined',
      variableName: name.slice(1),
    }),
  ],
  [
    NoUnusedVariablesRule,
    ([name, operation]) => ({
      message: `Variable ${name} is declared by ${operation ?? 'anonymous query'} but not used`,
      code: 'variableNotUsed',
      variableName: name.slice(1),
    }),
  ],
  [ScalarLeafsRule, (names, error) => ({message: error.message, code: 'selectionMismatch', nodeName: names[0]})],
  [
    KnownFragmentNamesRule,
    ([name]) => ({
      message: `Fragment ${name} was used, but not defined`,
      code: 'useAndDefineFragment',
      fragmentName: name,
    }),
  ],
  [
    NoUnusedFragmentsRule,
    ([name]) => ({
      message: `Fragment ${name} was defined, but not used`,
      code: 'useAndDefineFragment',
      fragmentName: name,
    }),
  ],
  [KnownTypeNamesRule, ([name]) => ({message: `${name} isn't a defined type`, code: 'undefinedType', typeName: name})],
  [
    KnownDirectivesRule,
    (names, error) => ({message: error.message, code: 'undefinedDirective', directiveName: names[0]}),
  ],
];

function explain(schema, document) {
  const found = [];
  const translated = new Set(TRANSLATIONS.map(([rule]) => rule));
  const add = (error, {message, code, ...extra}) =>
    found.push({
      message,
      locations: error.locations,
      path: pathOf(document, error.nodes?.[0]),
      extensions: {code, ...extra},
    });
  for (const [rule, translate] of TRANSLATIONS)
    for (const error of validate(schema, document, [rule])) add(error, translate(quoted(error.message), error));
  for (const rule of specifiedRules.filter(entry => !translated.has(entry)))
    for (const error of validate(schema, document, [rule]))
      add(error, {message: error.message, code: 'invalidDocument'});
  return found;
}

/** Where a node stands, as graphql-ruby names it: operation, then field names. */
function pathOf(document, wanted) {
  let found = [];
  const walk = (node, path) => {
    const name =
      node.kind === 'OperationDefinition'
        ? [`${node.operation}${node.name ? ` ${node.name.value}` : ''}`]
        : node.kind === 'FragmentDefinition'
          ? [`fragment ${node.name.value}`]
          : node.kind === 'Field'
            ? [node.alias?.value ?? node.name.value]
            : node.kind === 'Argument'
              ? [node.name.value]
              : [];
    const here = [...path, ...name];
    if (node === wanted) found = here;
    for (const list of [node.selectionSet?.selections, node.arguments, node.variableDefinitions])
      for (const child of list ?? []) walk(child, here);
    if (node.kind === 'Argument' && node.value === wanted) found = here;
  };
  for (const definition of document.definitions) walk(definition, []);
  return found;
}

function locationOf(node) {
  const {line, column} = node.loc.startToken;
  return {line, column};
}

function typeText(node) {
  if (node.kind === 'NonNullType') return `${typeText(node.type)}!`;
  return node.kind === 'ListType' ? `[${typeText(node.type)}]` : node.name.value;
}
