// What Shopify has deprecated goes away within a year: none of the programs' documents asks for it (the eleventh fault of the
// original's products).
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {gunzipSync} from 'node:zlib';
import {SCHEMA_FOLDER} from '../../../sandbox/shopify/schema.mjs';
import {LATEST, documentNames, documentText, sandboxRequire} from './peer.mjs';

const {buildClientSchema, parse, validate, NoDeprecatedCustomRule} = sandboxRequire('graphql');

test('no document of the products asks for what is deprecated', () => {
  const file = path.join(SCHEMA_FOLDER, `admin_${LATEST}.json.gz`);
  const said = JSON.parse(gunzipSync(readFileSync(file)));
  const schema = buildClientSchema(said.data ?? said);
  const names = documentNames().filter(name => /^(product|variants|translat|metafields|inventory|publications)/.test(name));
  assert.ok(names.includes('product-set'));
  const found = names.flatMap(name =>
    validate(schema, parse(documentText(name)), [NoDeprecatedCustomRule]).map(({message}) => `${name}: ${message}`),
  );
  assert.deepEqual(found, []);
});
