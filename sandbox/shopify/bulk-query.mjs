// What a bulk query may ask, and the lines it answers: one object a line, the children of a nested connection on lines
// of their own with `__parentId`. Grouped, children follow their parent; otherwise all of one connection come after all
// of the one above it.
import {isAbstractType, isInterfaceType, isListType, isNonNullType} from 'graphql';
import {FieldError} from './plan.mjs';

const TEXT_LIMIT = 65_535;
const CONNECTIONS = 5;
const NESTING = 2;

/** Refuses what the real one refuses, in its words; `refuse(messages)` throws. */
export function checkQuery(text, prepare, refuse) {
  const size = Buffer.byteLength(text);
  if (size > TEXT_LIMIT) refuse([`Query is too large (${size} bytes; maximum is ${TEXT_LIMIT} bytes)`]);
  const {plan} = prepare();
  if (!plan || plan.isMutation) refuse(['Invalid operation type. Only `query` operations are supported.']);
  const found = connectionsIn(plan);
  const messages = [];
  if (plan.rootFields.includes('node')) messages.push('Bulk queries cannot contain a top level `node` field.');
  if (!found.length) messages.push('Bulk queries must contain at least one connection.');
  if (found.length > CONNECTIONS) messages.push(`Bulk queries cannot contain more than ${CONNECTIONS} connections.`);
  if (found.some(entry => entry.depth > NESTING))
    messages.push(`Bulk queries cannot contain connections with a nesting depth greater than ${NESTING}.`);
  if (found.some(entry => entry.isInList))
    messages.push('Queries that contain a connection field within a list field are not currently supported.');
  const byNodes = found.filter(entry => entry.isByNodes).map(entry => entry.field.name);
  if (byNodes.length)
    messages.push(
      `All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: '${byNodes[0]} { edges { node {'. Selecting via 'nodes' is not supported. Invalid connection fields: '${byNodes.join("', '")}'.`,
    );
  const without = found.filter(entry => entry.parent && !entry.parent.hasId).map(entry => entry.parent.field.name);
  if (without.length)
    messages.push(
      `The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of 'ID' return type. Connection fields without 'id': ${[...new Set(without)].join(', ')}.`,
    );
  if (messages.length) refuse(messages);
  if (plan.rootFields.length !== 1 || found.filter(entry => entry.isRoot).length !== 1)
    throw new FieldError('NOT_SIMULATED', 'a bulk query whose root is no connection is not simulated');
  if (found.some(entry => entry.isInObject))
    throw new FieldError('NOT_SIMULATED', 'a bulk query with a connection inside an object is not simulated');
}

/** Every connection of a query once: {field, depth, parent, hasId, isByNodes, isInList, isInObject, isRoot}. */
function connectionsIn(plan) {
  const found = new Map(); // by their place in the text: types that share a selection share its connections
  const walk = (selection, type, around) => {
    for (const concrete of concreteTypes(plan.schema, type))
      for (const field of plan.fieldsOf(selection, concrete, {})) {
        if (field.constant || field.isLeaf) continue;
        if (!field.isConnection) {
          const isInList = around.isInList || isList(field.definition.type);
          walk(field.selection, field.named, {...around, isInList, isInObject: true});
          continue;
        }
        const node = nodeOf(plan, field);
        const entry = {
          field,
          ...around,
          isByNodes: !node,
          hasId: node !== null && concreteTypes(plan.schema, node.named).every(one => hasId(plan, node, one)),
        };
        if (!found.has(field.node)) found.set(field.node, entry);
        if (node)
          walk(node.selection, node.named, {
            depth: around.depth + 1,
            parent: entry,
            isInList: false,
            isInObject: false,
            isRoot: false,
          });
      }
  };
  walk(plan.root, plan.rootType, {depth: 0, parent: null, isInList: false, isInObject: false, isRoot: true});
  return [...found.values()];
}

const concreteTypes = (schema, type) =>
  isAbstractType(type) ? [...(isInterfaceType(type) ? [type] : []), ...schema.getPossibleTypes(type)] : [type];

const isList = type => isListType(isNonNullType(type) ? type.ofType : type);
const hasId = (plan, node, type) =>
  plan.fieldsOf(node.selection, type, {}).some(field => field.key === 'id' && field.name === 'id');

/** The field `node` of a connection's edges. */
function nodeOf(plan, connection) {
  const edges = plan.fieldsOf(connection.selection, connection.named, {}).find(field => field.name === 'edges');
  const node = edges && plan.fieldsOf(edges.selection, edges.named, {}).find(field => field.name === 'node');
  return node ?? null;
}

/** Answers {lines, roots, errors} of a checked query; `answering` is what plan.answering gives. */
export function linesOf(plan, answering, isGrouped) {
  const [root] = plan.fieldsOf(plan.root, plan.rootType, {});
  const lines = [];
  const level = [{field: root, source: {}, parentId: null}];
  let roots = 0;
  const one = ({field, source, parentId}, then) => {
    const node = nodeOf(plan, field);
    for (const record of answering.nodes(field, source)) {
      const type = isAbstractType(node.named) ? plan.schema.getType(record.__typename) : node.named;
      const fields = plan.fieldsOf(node.selection, type, {});
      const line = {};
      for (const part of fields) if (!part.isConnection) line[part.key] = answering.value(part, record);
      const {id} = line;
      if (parentId !== null) line.__parentId = parentId;
      else roots++;
      lines.push(line);
      for (const part of fields) if (part.isConnection) then({field: part, source: record, parentId: id});
    }
  };
  if (isGrouped) {
    const deep = entry => one(entry, deep);
    deep(level[0]);
  } else while (level.length) one(level.shift(), entry => level.push(entry));
  return {lines, roots, errors: answering.errors};
}
