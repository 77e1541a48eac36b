// The scopes that docs/getting-started.md names (the table that doctor checks) are those that our documents need by
// the real Admin schema's own access notes: none is missing, and none is asked for in vain.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {test} from 'node:test';
import {createRequire} from 'node:module';
import {LATEST, Schemas} from '../../../sandbox/shopify/schema.mjs';

const root = new URL('../../../', import.meta.url);
const graphql = createRequire(new URL('sandbox/x.js', root))('graphql');
const {schema, access} = new Schemas().get(LATEST);

/** [{operation, scopes: one is enough}] of the page. */
const page = fs.readFileSync(new URL('docs/getting-started.md', root), 'utf8');
const needs = page
  .slice(page.indexOf('| Operation | Scope |'))
  .split('\n\n')[0]
  .split('\n')
  .slice(2)
  .map(line => line.split('|').map(cell => cell.trim()))
  .map(([, operation, scopes]) => ({operation: operation.replaceAll('`', ''), scopes: [...scopes.matchAll(/`(\w+)`/g)].map(([, name]) => name)}));

/** What the schema does not say: a time limit, and mutations whose rule stands in their description alone. */
const UNNOTED = {read_all_orders: 'orders older than 60 days', write_orders: 'tags and metafields of orders', read_shopify_payments_payouts: 'payouts: its type has no note of its own'};

/** Rules of a document, each a list of scopes of which one is enough. */
function rulesOf(text) {
  const info = new graphql.TypeInfo(schema);
  const rules = [];
  graphql.visit(
    graphql.parse(text),
    graphql.visitWithTypeInfo(info, {
      Field() {
        const [parent, field] = [info.getParentType(), info.getFieldDef()];
        if (!field) return;
        const named = graphql.getNamedType(field.type);
        const nodes = named.getFields?.().nodes;
        for (const key of [`${parent.name}.${field.name}`, named.name, nodes && graphql.getNamedType(nodes.type).name]) {
          const rule = key && access.get(key);
          if (rule) rules.push({key, scopes: rule.scopes});
        }
      },
    }),
  );
  return rules;
}

const folder = new URL('schemas/shopify/', root);
const documents = fs
  .readdirSync(folder)
  .filter(name => name.endsWith('.graphql'))
  .map(name => ({name, rules: rulesOf(fs.readFileSync(new URL(name, folder), 'utf8'))}));
const holds = (named, wanted) => named === wanted || (wanted.startsWith('read_') && named === wanted.replace('read_', 'write_'));

test('each field that our documents ask is carried by a scope of the page', () => {
  assert.ok(needs.length > 10);
  const named = needs.flatMap(({scopes}) => scopes);
  for (const {name, rules} of documents)
    for (const {key, scopes} of rules)
      assert.ok(scopes.some(wanted => named.some(scope => holds(scope, wanted))), `${name}: ${key} wants ${scopes.join(' or ')}, which the page does not name`);
});

test('no scope is asked for in vain', () => {
  const wanted = documents.flatMap(({rules}) => rules.flatMap(({scopes}) => scopes));
  for (const {operation, scopes} of needs)
    for (const scope of scopes)
      assert.ok(wanted.some(each => holds(scope, each)) || UNNOTED[scope], `${operation} asks for ${scope}, which no document needs`);
});
