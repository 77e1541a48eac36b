// Channels, collections, translations and metafields: what products are shown by and known by.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createHash} from 'node:crypto';
import {codeOf, startPeer} from './peer.mjs';
import {DEFINE, SET, aShirt, goods, set} from './catalogue.mjs';

const PUBLISH = `mutation ($id: ID!, $input: [PublicationInput!]!) { publishablePublish(id: $id, input: $input) {
  publishable { ... on Product { publishedAt resourcePublicationsV2(first: 5) { nodes { publication { name } isPublished } } } }
  userErrors { field message } } }`;

async function channels(client) {
  const {data} = await client.ask(
    `{ publications(first: 25, catalogType: APP) { nodes { id catalog { ... on AppCatalog { apps(first: 1) { nodes { id handle title } } } } } } }`,
  );
  return Object.fromEntries(data.publications.nodes.map(({id, catalog}) => [catalog.apps.nodes[0].handle, id]));
}

test('a product is made unpublished, and published to channels', async t => {
  const client = await startPeer(t);
  const by = await channels(client);
  assert.deepEqual(Object.keys(by), ['online_store', 'pos', 'shop']);
  const id = await set(client, aShirt({status: 'ACTIVE'}));
  const on = async publicationId =>
    (
      await client.ask(
        'query ($id: ID!, $on: ID!) { product(id: $id) { publishedOnPublication(publicationId: $on) publishedAt } }',
        {
          id,
          on: publicationId,
        },
      )
    ).data.product;
  assert.deepEqual(await on(by.online_store), {publishedOnPublication: false, publishedAt: null});
  const publish = async (input, key = id) => (await client.ask(PUBLISH, {id: key, input})).data.publishablePublish;
  const {publishable, userErrors} = await publish([{publicationId: by.online_store}, {publicationId: by.pos}]);
  assert.deepEqual(
    [userErrors, publishable.resourcePublicationsV2.nodes.map(row => [row.publication.name, row.isPublished])],
    [
      [],
      [
        ['Online Store', true],
        ['Point of Sale', true],
      ],
    ],
  );
  assert.equal((await on(by.online_store)).publishedOnPublication, true);
  assert.equal((await on(by.shop)).publishedOnPublication, false);
  for (const [name, input, message] of [
    [
      'an unknown one',
      [{publicationId: 'gid://shopify/Publication/1'}],
      'Publication does not exist or is not publishable',
    ],
    ['none', [{}], 'PublicationId cannot be empty'],
    [
      'one twice',
      [{publicationId: by.pos}, {publicationId: by.pos}],
      'The same publication was specified more than once',
    ],
  ])
    assert.equal((await publish(input)).userErrors[0].message, message, name);
  assert.equal(
    (await publish([{publicationId: by.pos}], 'gid://shopify/Product/1')).userErrors[0].message,
    'Resource does not exist',
  );
  await set(client, {status: 'DRAFT'}, {id});
  assert.equal((await on(by.online_store)).publishedOnPublication, false, 'a draft is not shown');
  await set(client, {status: 'ACTIVE'}, {id});
  await client.ask(
    'mutation ($id: ID!, $input: [PublicationInput!]!) { publishableUnpublish(id: $id, input: $input) { userErrors { field } } }',
    {id, input: [{publicationId: by.online_store}]},
  );
  assert.equal((await on(by.online_store)).publishedOnPublication, false);
  const small = client.peer.tokens.scopes.filter(scope => scope !== 'write_publications');
  await client.admin('POST', 'scopes', {scopes: small});
  assert.equal(codeOf(await client.send(PUBLISH, {id, input: [{publicationId: by.pos}]})), 'ACCESS_DENIED');
});

test('collections by hand are joined and left, those by rule fill themselves', async t => {
  const client = await startPeer(t);
  const {data} = await client.ask(
    '{ collections(first: 25, query: "collection_type:custom") { nodes { id title ruleSet { rules { column } } } } smart: collections(first: 5, query: "collection_type:smart") { nodes { id productsCount { count } } } }',
  );
  const [first, second] = data.collections.nodes;
  assert.deepEqual([first.title, first.ruleSet, data.smart.nodes.length], ['Home page', null, 1]);
  const id = await set(client, aShirt({collections: [first.id]}));
  const of = async () =>
    (
      await client.ask('query ($id: ID!) { product(id: $id) { collections(first: 5) { nodes { id } } } }', {id})
    ).data.product.collections.nodes.map(row => row.id);
  assert.deepEqual(await of(), [first.id]);
  await set(client, {collections: [second.id]}, {id});
  assert.deepEqual(await of(), [second.id], 'the list replaces');
  const smart = data.smart.nodes[0];
  const refused = (await client.ask(SET, {identifier: {id}, input: {collections: [smart.id]}})).data.productSet
    .userErrors;
  assert.match(refused[0].message, /smart collection/);
  await set(client, {title: 'Desk shirt'}, {id});
  assert.deepEqual(await of(), [second.id, smart.id]);
  const made = await client.ask(
    'mutation ($c: ID!) { productCreate(product: {title: "Lamp", collectionsToJoin: [$c]}) { product { inCollection(id: $c) } userErrors { message } } }',
    {c: first.id},
  );
  assert.deepEqual(made.data.productCreate, {product: {inCollection: true}, userErrors: []});
});

test('translations are of a text that is named by its digest', async t => {
  const client = await startPeer(t);
  const id = await set(client, aShirt({descriptionHtml: '<p>Warm</p>'}));
  const {shopLocales} = (await client.ask('{ shopLocales { locale primary published } }')).data;
  assert.deepEqual(
    shopLocales.map(entry => entry.locale),
    ['en', 'de', 'fr', 'pt-BR'],
  );
  const READ = `query ($ids: [ID!]!) { translatableResourcesByIds(first: 5, resourceIds: $ids) { nodes { resourceId
    translatableContent { key value digest locale type } translations(locale: "de") { key value outdated } } } }`;
  const read = async () => (await client.ask(READ, {ids: [id]})).data.translatableResourcesByIds.nodes[0];
  const {translatableContent: texts} = await read();
  assert.deepEqual(
    texts.map(text => text.key),
    ['title', 'body_html', 'handle'],
  );
  assert.equal(texts[0].digest, createHash('sha256').update('Shirt').digest('hex'));
  const REGISTER = `mutation ($id: ID!, $translations: [TranslationInput!]!) { translationsRegister(resourceId: $id, translations: $translations) {
    translations { key locale value } userErrors { field code } } }`;
  const good = {locale: 'de', key: 'title', value: 'Hemd', translatableContentDigest: texts[0].digest};
  const register = async (...translations) =>
    (await client.ask(REGISTER, {id, translations})).data.translationsRegister;
  for (const [change, code, field] of [
    [{locale: 'en'}, 'INVALID_LOCALE_FOR_SHOP', 'locale'],
    [{locale: 'nl'}, 'INVALID_LOCALE_FOR_SHOP', 'locale'],
    [{key: 'subtitle'}, 'INVALID_KEY_FOR_MODEL', 'key'],
    [{value: ' '}, 'FAILS_RESOURCE_VALIDATION', 'value'],
    [{value: 'Shirt'}, 'FAILS_RESOURCE_VALIDATION', 'value'],
    [{translatableContentDigest: texts[1].digest}, 'INVALID_TRANSLATABLE_CONTENT', 'translatableContentDigest'],
  ])
    assert.deepEqual((await register(good, {...good, ...change})).userErrors, [
      {field: ['translations', '1', field], code},
    ]);
  assert.deepEqual((await read()).translations, [], 'nothing was kept');
  assert.deepEqual((await register(good)).userErrors, []);
  assert.deepEqual((await read()).translations, [{key: 'title', value: 'Hemd', outdated: false}]);
  await set(client, {title: 'Blouse'}, {id});
  assert.equal((await read()).translations[0].outdated, true);
});

test('metafields are set 25 at a time, all or none, as their definition says', async t => {
  const client = await startPeer(t);
  const {id, variantId} = await goods(client);
  const METAFIELDS = `mutation ($metafields: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $metafields) {
    metafields { id namespace key value type compareDigest owner { ... on Product { id } ... on ProductVariant { id } } }
    userErrors { field message code elementIndex } } }`;
  const put = async (...metafields) => (await client.ask(METAFIELDS, {metafields})).data.metafieldsSet;
  const a = {ownerId: id, namespace: 'custom', key: 'material', type: 'single_line_text_field', value: 'oak'};
  const made = await put(a, {...a, ownerId: variantId, key: 'size', type: 'number_integer', value: '12'});
  assert.deepEqual(
    made.metafields.map(field => [field.owner.id, field.key]),
    [
      [id, 'material'],
      [variantId, 'size'],
    ],
  );
  const wrong = [
    ['no owner', {ownerId: 'gid://shopify/Product/1'}, 'INVALID_VALUE', 'ownerId'],
    ['no type', {key: 'other', type: undefined}, 'BLANK', 'type'],
    ['not a number', {key: 'count', type: 'number_integer', value: 'x'}, 'INVALID_VALUE', 'value'],
    ['blank', {value: ''}, 'INVALID_VALUE', 'value'],
    ['two lines', {value: 'a\nb'}, 'INVALID_VALUE', 'value'],
    ['a short key', {key: 'x'}, 'TOO_SHORT', 'key'],
  ];
  for (const [name, change, code, field] of wrong) {
    const {metafields, userErrors} = await put({...a, value: 'elm'}, {...a, ...change});
    assert.deepEqual(
      [metafields, userErrors[0].code, userErrors[0].field, userErrors[0].elementIndex],
      [null, code, ['metafields', '1', field], 1],
      name,
    );
  }
  const {metafield} = (
    await client.ask(
      'query ($id: ID!) { product(id: $id) { metafield(namespace: "custom", key: "material") { value compareDigest } } }',
      {id},
    )
  ).data.product;
  assert.equal(metafield.value, 'oak');
  assert.deepEqual((await put({...a, value: 'ash', compareDigest: metafield.compareDigest})).userErrors, []);
  assert.equal(
    (await put({...a, value: 'fir', compareDigest: metafield.compareDigest})).userErrors[0].code,
    'STALE_OBJECT',
  );
  assert.equal((await put({...a, value: 'fir', compareDigest: null})).userErrors[0].code, 'STALE_OBJECT');
  const many = Array.from({length: 26}, (_, i) => ({...a, key: `key${i}`}));
  assert.equal((await put(...many)).userErrors[0].code, 'LESS_THAN_OR_EQUAL_TO');
  await client.ask(DEFINE, {namespace: 'cartage', key: 'bc_id', type: 'id'});
  const unique = {ownerId: id, namespace: 'cartage', key: 'bc_id', value: '77'};
  assert.equal((await put(unique)).metafields[0].type, 'id', 'the definition says the type');
  const other = (await goods(client, '1906-S')).id;
  assert.equal((await put({...unique, ownerId: other})).userErrors[0].code, 'CAPABILITY_VIOLATION');
  assert.deepEqual((await put(unique)).userErrors, [], 'its own again');
  const defined = await client.ask(
    '{ metafieldDefinitions(ownerType: PRODUCT, first: 50) { nodes { namespace key type { name } } } }',
  );
  assert.deepEqual(defined.data.metafieldDefinitions.nodes, [{namespace: 'cartage', key: 'bc_id', type: {name: 'id'}}]);
  const twice = (await client.ask(DEFINE, {namespace: 'cartage', key: 'bc_id', type: 'id'})).data
    .metafieldDefinitionCreate;
  assert.equal(twice.userErrors[0].code, 'TAKEN');
});
