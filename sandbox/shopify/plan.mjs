// An operation, compiled: which fields of which type are selected, what the query costs, and a walk that
// answers it. The walk replaces graphql-js's executor, which is too slow for orders of 50 lines; a test
// holds both against each other. Everything here is synchronous.
import {
  GraphQLError,
  getArgumentValues,
  getNamedType,
  isAbstractType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import {CONNECTION_BASE, MUTATION, FREE_FIELDS, FREE_TYPES, ROOT_COUNT, pageFactor} from './cost.mjs';

/** Thrown by a resolver: an error at this field, with Shopify's code. */
export class FieldError extends Error {
  constructor(code, message, extensions = {}) {
    super(message);
    this.extensions = {code, ...extensions};
  }
}

/** A word that only a later schema than the published one knows: told as it is. */
export class Newer {
  constructor(text) {
    this.text = text;
  }
}

/** A value of a field whose type is an interface or union names its own type. */
const typeNameOf = value => value.__typename;

export class Plan {
  constructor({schema, document, operation, resolvers}) {
    this.schema = schema;
    this.operation = operation;
    this.resolvers = resolvers;
    this.fragments = new Map();
    for (const definition of document.definitions)
      if (definition.kind === 'FragmentDefinition') this.fragments.set(definition.name.value, definition);
    this.isMutation = operation.operation === 'mutation';
    this.rootType = this.isMutation ? schema.getMutationType() : schema.getQueryType();
    this.root = {sets: [operation.selectionSet], byType: new Map()};
    this.conditional = hasCondition(document);
    this.rootFields = operation.selectionSet.selections
      .filter(node => node.kind === 'Field')
      .map(node => node.name.value);
    this.name = operation.name?.value ?? this.rootFields[0] ?? 'anonymous';
  }

  /** The fields selected on an object type, fragments merged. With @skip or @include the answer depends on the variables. */
  fieldsOf(selection, type, variables) {
    let fields = this.conditional ? undefined : selection.byType.get(type.name);
    if (!fields) {
      const found = new Map();
      for (const set of selection.sets) this.#collect(type, set, found, variables);
      fields = [...found.values()].map(entry => this.#compile(type, entry));
      selection.byType.set(type.name, fields);
    }
    return fields;
  }

  #collect(type, set, found, variables) {
    for (const node of set.selections) {
      if (this.conditional && !isIncluded(node, variables)) continue;
      if (node.kind === 'Field') {
        const key = node.alias?.value ?? node.name.value;
        const entry = found.get(key);
        if (entry) entry.nodes.push(node);
        else found.set(key, {key, nodes: [node]});
      } else {
        const fragment = node.kind === 'FragmentSpread' ? this.fragments.get(node.name.value) : node;
        if (this.#applies(fragment.typeCondition, type)) this.#collect(type, fragment.selectionSet, found, variables);
      }
    }
  }

  #applies(condition, type) {
    if (!condition) return true;
    const wanted = this.schema.getType(condition.name.value);
    return wanted === type || (isAbstractType(wanted) && isObjectType(type) && this.schema.isSubType(wanted, type));
  }

  #compile(parent, {key, nodes}) {
    const name = nodes[0].name.value;
    if (name === '__typename') return {key, name, constant: parent.name, own: 0};
    const definition = parent.getFields()[name];
    const named = getNamedType(definition.type);
    const children = nodes.flatMap(node => (node.selectionSet ? [node.selectionSet] : []));
    const coordinate = `${parent.name}.${name}`;
    return {
      key,
      name,
      node: nodes[0],
      parent,
      definition,
      named,
      coordinate,
      resolve: this.resolvers[parent.name]?.[name],
      isLeaf: isLeafType(named),
      isConnection: isConnection(named),
      own: FREE_TYPES.has(named.name) || FREE_FIELDS.has(coordinate) || isLeafType(named) ? 0 : 1,
      selection: children.length ? {sets: children, byType: new Map()} : null,
      complete: completer(definition.type),
      hasArgs: definition.args.length > 0,
      keyNode: parent === this.rootType && this.isMutation ? keyNodeOf(nodes[0]) : undefined,
    };
  }

  // ---- requested cost (before running) -------------------------------------------------------

  requestedCost(variables) {
    const fields = this.fieldsOf(this.root, this.rootType, variables);
    return fields.reduce(
      (sum, field) =>
        sum + (this.isMutation ? this.#mutationCost(field, variables) : this.#fieldCost(field, variables)),
      0,
    );
  }

  #mutationCost(field, variables) {
    let cost = MUTATION.own(field.name, argumentsOf(field, variables));
    for (const part of this.fieldsOf(field.selection, field.named, variables))
      if (!part.isLeaf && !part.constant) cost += this.#selectionCost(part.selection, part.named, variables);
    return cost;
  }

  #selectionCost(selection, type, variables) {
    const of = concrete =>
      this.fieldsOf(selection, concrete, variables).reduce((sum, field) => sum + this.#fieldCost(field, variables), 0);
    if (!isAbstractType(type)) return of(type);
    let dearest = isInterfaceType(type) ? of(type) : 0;
    for (const concrete of this.schema.getPossibleTypes(type)) dearest = Math.max(dearest, of(concrete));
    return dearest;
  }

  #fieldCost(field, variables) {
    if (field.constant || field.isLeaf) return 0;
    if (field.isConnection) {
      const {first, last} = argumentsOf(field, variables);
      return CONNECTION_BASE + this.pageCost(field, first ?? last ?? 0, variables);
    }
    if (field.parent === this.rootType && ROOT_COUNT.applies(field.name, field.named.name)) return ROOT_COUNT.cost;
    return this.listCost(field, variables);
  }

  /** An object, or a plain list of objects, however long: its own point and what one of them costs. */
  listCost(field, variables) {
    return field.own + this.#selectionCost(field.selection, field.named, variables);
  }

  /** A page of `size` nodes without the connection's own price. */
  pageCost(field, size, variables) {
    return pageFactor(size) * this.#nodeCost(field, variables);
  }

  /** What one node of a connection costs; edges, cursors and pageInfo are free. */
  #nodeCost(field, variables) {
    let cost = 0;
    for (const part of this.fieldsOf(field.selection, field.named, variables)) {
      if (part.name === 'nodes') cost += 1 + this.#selectionCost(part.selection, part.named, variables);
      if (part.name === 'edges')
        for (const inner of this.fieldsOf(part.selection, part.named, variables))
          if (inner.name === 'node') cost += 1 + this.#selectionCost(inner.selection, inner.named, variables);
    }
    return cost;
  }

  /** How many root fields are run. */
  rootsIn(variables) {
    return this.fieldsOf(this.root, this.rootType, variables).length;
  }

  /** The idempotency keys of this operation's roots: {name, key, args}. */
  keysIn(variables) {
    return this.fieldsOf(this.root, this.rootType, variables)
      .filter(field => field.keyNode)
      .map(field => ({name: field.name, key: keyOf(field, variables), args: argumentsOf(field, variables)}));
  }

  /** Every selected field and the path to it: for the checks before running. */
  everyField(variables) {
    if (this.conditional) return [...this.#walk(variables)];
    return (this.flat ??= [...this.#walk(variables)]);
  }

  *#walk(variables, selection = this.root, type = this.rootType, path = []) {
    const types = isAbstractType(type)
      ? [...(isInterfaceType(type) ? [type] : []), ...this.schema.getPossibleTypes(type)]
      : [type];
    for (const concrete of types)
      for (const field of this.fieldsOf(selection, concrete, variables)) {
        if (field.constant) continue;
        const here = [...path, field.key];
        yield {field, path: here};
        if (field.selection) yield* this.#walk(variables, field.selection, field.named, here);
      }
  }

  /** The cost of each field for the debug header. */
  costByField(variables) {
    const seen = new Map();
    for (const {field, path} of this.everyField(variables)) {
      const total =
        this.isMutation && path.length === 1 ? this.#mutationCost(field, variables) : this.#fieldCost(field, variables);
      const defined =
        this.isMutation && path.length === 1
          ? MUTATION.own(field.name, argumentsOf(field, variables))
          : field.isConnection
            ? CONNECTION_BASE
            : field.own;
      const key = path.join('\n');
      if (!seen.has(key) || seen.get(key).requestedTotalCost < total)
        seen.set(key, {
          path,
          definedCost: defined,
          requestedTotalCost: total,
          requestedChildrenCost: field.isLeaf ? null : total - defined,
        });
    }
    return [...seen.values()];
  }

  // ---- the walk --------------------------------------------------------------------------------

  /** Answers {data, errors, actualCost}. `context` reaches the resolvers; `denied(field)` answers an error or null. */
  run({variables, context, denied}) {
    const run = {plan: this, variables, context, denied, errors: [], cost: 0, args: new Map()};
    let data = null;
    try {
      data = this.isMutation ? this.#runMutation(run) : objectOf(run, this.root, this.rootType, {}, null);
    } catch (error) {
      if (!(error instanceof Bubble)) throw error;
    }
    return {data, errors: run.errors, actualCost: run.cost};
  }

  /** For a bulk query: how its fields are answered one record at a time, and what went wrong with them. */
  answering({context, denied}) {
    const run = {plan: this, variables: {}, context, denied, errors: [], cost: 0, args: new Map()};
    return {
      errors: run.errors,
      value(field, source) {
        try {
          return field.constant ?? valueOf(run, field, source, null);
        } catch (error) {
          if (!(error instanceof Bubble)) throw error;
          return null;
        }
      },
      /** All nodes of a connection, whatever page was asked for. */
      nodes(field, source) {
        const refusal = denied?.(field);
        const {first, last, after, before, ...args} = argumentsIn(run, field);
        try {
          if (refusal) throw refusal;
          return field.resolve(source, args, context).nodes;
        } catch (error) {
          if (!(error instanceof FieldError)) throw error;
          run.errors.push(new GraphQLError(error.message, {extensions: error.extensions}));
          return [];
        }
      },
    };
  }

  #runMutation(run) {
    const data = {};
    for (const field of this.fieldsOf(this.root, this.rootType, run.variables)) {
      const before = run.cost;
      data[field.key] = valueOf(run, field, {}, null);
      const free = data[field.key] === null ? 0 : payloadObjects(this, field, data[field.key], run.variables);
      run.cost =
        before +
        MUTATION.own(field.name, argumentsOf(field, run.variables)) +
        Math.max(0, run.cost - before - 1 - free);
    }
    return data;
  }
}

/** Objects directly in a mutation's payload are free: how many of them the walk has charged. */
function payloadObjects(plan, field, payload, variables) {
  return plan
    .fieldsOf(field.selection, field.named, variables)
    .filter(part => !part.constant && !part.isLeaf && payload[part.key] !== undefined)
    .reduce((sum, part) => sum + part.own, 0);
}

/** Where the key of `@idempotent(key:)` is written. */
const keyNodeOf = node =>
  node.directives?.find(directive => directive.name.value === 'idempotent')?.arguments?.[0]?.value;

const keyOf = ({keyNode}, variables) => (keyNode.kind === 'Variable' ? variables[keyNode.name.value] : keyNode.value);

/** A null in a place that must not be null: travels up to the next field that may be. */
class Bubble extends Error {}

function objectOf(run, selection, type, source, path) {
  const fields = run.plan.fieldsOf(selection, type, run.variables);
  const answer = {};
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i];
    answer[field.key] = field.constant ?? valueOf(run, field, source, path);
  }
  return answer;
}

function valueOf(run, field, source, path) {
  const here = {key: field.key, up: path};
  try {
    const refusal = run.denied?.(field);
    if (refusal) throw refusal;
    let value;
    if (field.resolve)
      value = field.resolve(
        source,
        field.hasArgs ? argumentsIn(run, field) : NO_ARGUMENTS,
        run.context,
        field.keyNode && keyOf(field, run.variables),
      );
    else value = source[field.name];
    if (value === undefined) throw new FieldError('NOT_SIMULATED', `${field.coordinate} is not simulated`);
    return field.isConnection && value !== null
      ? connectionOf(run, field, value, here)
      : field.complete(run, field, value, here);
  } catch (error) {
    if (!(error instanceof Bubble)) {
      if (!(error instanceof FieldError)) throw error;
      run.errors.push(
        new GraphQLError(error.message, {nodes: field.node, path: pathText(here), extensions: error.extensions}),
      );
    }
    if (isNonNullType(field.definition.type)) throw error instanceof Bubble ? error : new Bubble();
    run.cost += field.own;
    return null;
  }
}

/** k > 0 nodes cost their share of the page that was asked for; an empty page is not given back. */
function connectionOf(run, field, value, path) {
  const before = run.cost;
  const answer = objectOf(run, field.selection, field.named, value, path);
  const {first, last} = argumentsIn(run, field);
  const size = first ?? last ?? 0;
  const nodes = run.cost - before;
  run.cost = before + CONNECTION_BASE;
  if (value.nodes.length === 0) run.cost += run.plan.pageCost(field, size, run.variables);
  else if (size > 0) run.cost += Math.ceil((pageFactor(size) * nodes) / size);
  return answer;
}

/** Turns a type into the function that brings a value into its shape. */
function completer(type) {
  if (isNonNullType(type)) {
    const inner = completer(type.ofType);
    return (run, field, value, path) => {
      if (value === null)
        throw new FieldError('INTERNAL_SERVER_ERROR', `${field.coordinate} has no value and must have one`);
      return inner(run, field, value, path);
    };
  }
  if (isListType(type)) {
    const inner = completer(type.ofType);
    const isObjects = !isLeafType(getNamedType(type));
    return (run, field, value, path) => {
      if (value === null) return nothing(run, field);
      return isObjects ? listOf(run, field, value, path, inner) : value.map(entry => inner(run, field, entry, path));
    };
  }
  if (isLeafType(type))
    return (run, field, value) =>
      value === null ? null : value instanceof Newer ? value.text : type.serialize(value);
  if (isAbstractType(type))
    return (run, field, value, path) => {
      if (value === null) return nothing(run, field);
      run.cost += field.own;
      return objectOf(run, field.selection, run.plan.schema.getType(typeNameOf(value)), value, path);
    };
  return (run, field, value, path) => {
    if (value === null) return nothing(run, field);
    run.cost += field.own;
    return objectOf(run, field.selection, type, value, path);
  };
}

/** What is null costs its own point and nothing below. */
function nothing(run, field) {
  run.cost += field.own;
  return null;
}

/** A plain list costs as much as its dearest element, but the nodes and edges of a page add up. */
function listOf(run, field, list, path, inner) {
  const before = run.cost;
  const isPage = isConnection(field.parent) && (field.name === 'nodes' || field.name === 'edges');
  let dearest = 0;
  const answer = new Array(list.length);
  for (let i = 0; i < list.length; i++) {
    const start = run.cost;
    answer[i] = inner(run, field, list[i], {key: i, up: path});
    if (isPage) {
      if (field.name === 'edges') run.cost -= 1; // the edge itself is free, its node is not
    } else {
      dearest = Math.max(dearest, run.cost - start);
      run.cost = start;
    }
  }
  if (!isPage) run.cost = before + (list.length ? dearest : run.plan.listCost(field, run.variables));
  return answer;
}

const NO_ARGUMENTS = Object.freeze({});

/** A field's arguments depend on the variables only: read once a run, however often the field occurs. */
function argumentsIn(run, field) {
  let args = run.args.get(field);
  if (!args) run.args.set(field, (args = argumentsOf(field, run.variables)));
  return args;
}

export const argumentsOf = (field, variables) => getArgumentValues(field.definition, field.node, variables);

function pathText(path) {
  const keys = [];
  for (let at = path; at; at = at.up) keys.unshift(at.key);
  return keys;
}

const isConnection = type =>
  isObjectType(type) && type.name.endsWith('Connection') && type.getFields().pageInfo !== undefined;

function isIncluded(node, variables) {
  for (const directive of node.directives ?? []) {
    if (directive.name.value !== 'skip' && directive.name.value !== 'include') continue;
    const {value} = directive.arguments[0];
    const condition = value.kind === 'Variable' ? variables[value.name.value] : value.value;
    if (condition === (directive.name.value === 'skip')) return false;
  }
  return true;
}

const hasCondition = document =>
  /"kind":"Directive","name":\{"kind":"Name","value":"(skip|include)"/.test(
    JSON.stringify(document, (key, value) => (key === 'loc' ? undefined : value)),
  );
