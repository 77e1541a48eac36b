// metafieldsSet and metafieldDefinitionCreate as actions.
import {digestOf, fullNamespace, ownerTypeOf} from './metafields.mjs';
import {Findings, Refusal} from './refusal.mjs';

const AT_ONCE = 25;
const DEFINITIONS = 256;

/** {metafields: [{ownerId, namespace, key, type, value, compareDigest}]}: all or nothing; answers them. */
export function setMetafields(store, key, {metafields}) {
  if (metafields.length > AT_ONCE)
    throw new Refusal(
      ['metafields'],
      `Exceeded the maximum metafields input limit of ${AT_ONCE}.`,
      'LESS_THAN_OR_EQUAL_TO',
    );
  const findings = new Findings();
  const unique = new Map(); // what this call gives a second owner
  const owners = metafields.map((input, i) => {
    const at = name => ['metafields', i, ...(name ? [name] : [])];
    const owner = store.get(input.ownerId);
    const ownerType = owner && ownerTypeOf(owner);
    if (!ownerType) return findings.add(at('ownerId'), 'Owner does not exist.', 'INVALID_VALUE');
    const found =
      store.metafields.problemOf(input, ownerType, owner) ?? twice(store, unique, {input, ownerType, owner});
    if (found) findings.add(at(found.name), found.message, found.code);
    if (input.compareDigest !== undefined) checkDigest(store, owner, input, at(), findings);
    return owner;
  });
  for (const entry of findings.entries) entry.elementIndex = Number(entry.field[1]);
  findings.end();
  const made = metafields.map((input, i) => store.metafields.set(owners[i], input));
  for (const owner of new Set(owners)) if (owner.updatedAt) store.change(owner, {});
  return made;
}

function twice(store, unique, {input, ownerType, owner}) {
  const namespace = fullNamespace(input.namespace);
  if (!store.metafields.isUnique(ownerType, namespace, input.key)) return null;
  const place = `${ownerType} ${namespace}.${input.key} ${input.value}`;
  const holder = unique.get(place) ?? owner;
  unique.set(place, owner);
  return holder === owner
    ? null
    : {name: 'value', message: 'Value has already been assigned to another metafield.', code: 'CAPABILITY_VIOLATION'};
}

function checkDigest(store, owner, {namespace, key, compareDigest}, path, findings) {
  const field = store.metafields.get(owner, namespace, key);
  if (compareDigest !== null && !/^[0-9a-f]{64}$/.test(compareDigest))
    findings.add(path, 'Invalid `compareDigest` value.', 'INVALID_COMPARE_DIGEST');
  else if ((field ? digestOf(field) : null) !== compareDigest)
    findings.add(
      path,
      'The resource has been updated since it was loaded. Try again with an updated `compareDigest` value.',
      'STALE_OBJECT',
    );
}

const OWNER_LABELS = {PRODUCT: 'Product', PRODUCTVARIANT: 'Product variant', COLLECTION: 'Collection', CUSTOMER: 'Customer'};

/** {definition: {ownerType, namespace, key, name, type, description, capabilities}}: answers the definition. */
export function defineMetafield(store, key, {definition: input}) {
  const findings = new Findings();
  const namespace = fullNamespace(input.namespace);
  for (const [name, label, text, least, most] of [
    ['namespace', 'Namespace', namespace, 3, 255],
    ['key', 'Key', input.key, 2, 64],
    ['name', 'Name', input.name, 1, 255],
  ]) {
    const at = ['definition', name];
    if (text.length < least) findings.add(at, `${label} is too short (minimum is ${least} characters)`, 'TOO_SHORT');
    else if (text.length > most) findings.add(at, `${label} is too long (maximum is ${most} characters)`, 'TOO_LONG');
    else if (name !== 'name' && !/^[\w-]+$/.test(text))
      findings.add(at, `${label} contains one or more invalid characters.`, 'INVALID_CHARACTER');
  }
  if (!store.metafields.isType(input.type))
    findings.add(['definition', 'type'], `Type name ${input.type} is not a valid type.`, 'INCLUSION');
  const unique = input.capabilities?.uniqueValues?.enabled;
  if (input.type === 'id' && unique === false)
    findings.add(
      ['definition'],
      'Capability unique_values is required for type id but is disabled',
      'CAPABILITY_REQUIRED_BUT_DISABLED',
    );
  if (unique && input.type !== 'id')
    findings.add(['definition'], 'The capability unique_values is not simulated for this type.', 'INVALID_CAPABILITY');
  if (store.metafields.definition(input.ownerType, namespace, input.key))
    findings.add(
      ['definition', 'key'],
      `Key is in use for ${OWNER_LABELS[input.ownerType] ?? input.ownerType} metafields on the '${namespace}' namespace.`,
      'TAKEN',
    );
  if (store.metafields.definitionsOf(input.ownerType).length >= DEFINITIONS)
    findings.add(
      ['definition'],
      `Stores can only have ${DEFINITIONS} definitions for each store resource.`,
      'RESOURCE_TYPE_LIMIT_EXCEEDED',
    );
  findings.end();
  return store.metafields.define({...input, namespace});
}
