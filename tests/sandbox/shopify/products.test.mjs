// Products, options and variants: productSet and what it deletes, creating and changing in parts, what each refuses, and the price.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {folderOf} from '../end.mjs';
import {loadWorld} from '../../../sandbox/data/load.mjs';
import {codeOf, startPeer} from './peer.mjs';
import {
  COLOURS,
  DEFINE,
  SET,
  UPDATE,
  VARIANTS_CREATE,
  VARIANTS_UPDATE,
  aShirt,
  goods,
  productOf,
  set,
} from './catalogue.mjs';

test('productSet makes a product with options, variants, stock and metafields in one call', async t => {
  const client = await startPeer(t);
  const input = aShirt({
    metafields: [{namespace: 'custom', key: 'material', type: 'single_line_text_field', value: 'canvas'}],
  });
  input.variants[0].inventoryQuantities = [
    {locationId: 'gid://shopify/Location/70000000001', name: 'available', quantity: 7},
    {locationId: 'gid://shopify/Location/70000000002', name: 'on_hand', quantity: 2},
  ];
  const {data, extensions} = await client.ask(SET, {input});
  assert.deepEqual(data.productSet.userErrors, []);
  assert.equal(data.productSet.productSetOperation, null);
  const product = await productOf(client, data.productSet.product.id);
  assert.deepEqual(
    [product.title, product.handle, product.status, product.vendor, product.tags, product.hasOnlyDefaultVariant],
    ['Shirt', 'shirt', 'DRAFT', 'CRONUS', ['Cotton', 'new'], false],
  );
  assert.deepEqual(
    product.options.map(({name, position, values, optionValues}) => [
      name,
      position,
      values,
      optionValues.map(v => v.hasVariants),
    ]),
    [['Colour', 1, ['Blue', 'Black'], [true, true]]],
  );
  assert.deepEqual(
    product.variants.nodes.map(({title, sku, price, position, inventoryQuantity, inventoryItem}) => [
      title,
      sku,
      price,
      position,
      inventoryQuantity,
      inventoryItem.tracked,
      inventoryItem.unitCost?.amount ?? null,
      inventoryItem.inventoryLevels.nodes.map(level => level.location.name),
    ]),
    [
      ['Blue', 'SHIRT-BLUE', '19.90', 1, 9, true, '7.5', ['Main Warehouse', 'High Street Shop']],
      ['Black', 'SHIRT-BLACK', '20.00', 2, 0, true, null, ['Main Warehouse']],
    ],
  );
  assert.deepEqual(product.metafields.nodes, [{namespace: 'custom', key: 'material', value: 'canvas'}]);
  assert.equal(
    extensions.cost.requestedQueryCost,
    11,
    '10, and 0.2 for each variant and 0.4 for the metafield, rounded together',
  );
  const again = await client.ask(SET, {input: {...input, metafields: undefined}});
  assert.equal((await productOf(client, again.data.productSet.product.id)).handle, 'shirt-1', 'a handle is unique');
});

test('a list that productSet is given replaces what is there; what it leaves out stays or goes', async t => {
  const client = await startPeer(t);
  const material = {namespace: 'custom', key: 'material', type: 'single_line_text_field', value: 'canvas'};
  const id = await set(client, aShirt({metafields: [material, {...material, key: 'origin', value: 'PT'}]}));
  const before = await productOf(client, id);
  await set(client, {title: 'Shirt, new'}, {id});
  let now = await productOf(client, id);
  assert.deepEqual([now.title, now.variants, now.metafields], ['Shirt, new', before.variants, before.metafields]);
  const [blue] = before.variants.nodes;
  await set(
    client,
    {
      productOptions: [{name: 'Colour', values: [{name: 'Blue'}, {name: 'Red'}]}],
      variants: [
        {optionValues: [{optionName: 'Colour', name: 'Red'}], price: '5.00'},
        {optionValues: [{optionName: 'Colour', name: 'Blue'}], price: '6'},
      ],
      metafields: [material],
    },
    {id},
  );
  now = await productOf(client, id);
  assert.deepEqual(
    now.variants.nodes.map(variant => [variant.title, variant.price, variant.position]),
    [
      ['Red', '5.00', 1],
      ['Blue', '6.00', 2],
    ],
  );
  assert.deepEqual(
    [now.variants.nodes[1].id, now.variants.nodes[1].sku, now.options[0].id, now.options[0].values],
    [blue.id, 'SHIRT-BLUE', before.options[0].id, ['Blue', 'Red']],
    'a variant is known by its option values, and keeps what is not given',
  );
  assert.deepEqual(
    now.metafields.nodes.map(field => field.key),
    ['material'],
  );
  const gone = before.variants.nodes[1];
  const {data} = await client.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
    ids: [gone.id, gone.inventoryItem.id],
  });
  assert.deepEqual(data.nodes, [null, null], 'with its item');
});

test('productSet finds its product by handle or by a unique metafield', async t => {
  const client = await startPeer(t);
  const customId = {namespace: 'cartage', key: 'bc_id', value: '0f3a'};
  const field = {...customId, type: 'id'};
  const missing = await client.send(SET, {identifier: {customId}, input: aShirt({metafields: [field]})});
  assert.equal(codeOf(missing), 'NOT_FOUND', 'without a definition of type id');
  const {metafieldDefinitionCreate: made} = (await client.ask(DEFINE, {namespace: 'cartage', key: 'bc_id', type: 'id'}))
    .data;
  assert.deepEqual([made.userErrors, made.createdDefinition.capabilities.uniqueValues.enabled], [[], true]);
  const codes = async (identifier, input) =>
    (await client.ask(SET, {identifier, input})).data.productSet.userErrors.map(error => error.code);
  assert.deepEqual(await codes({customId}, aShirt()), ['MISSING_FIELD_REQUIRED']);
  assert.deepEqual(await codes({customId}, aShirt({metafields: [{...field, value: '0f3b'}]})), ['METAFIELD_MISMATCH']);
  assert.deepEqual(await codes({handle: 'a'}, aShirt({handle: 'b'})), ['INPUT_MISMATCH']);
  assert.deepEqual(await codes({handle: 'a'}, aShirt()), ['MISSING_FIELD_REQUIRED']);
  assert.deepEqual(await codes({id: 'gid://shopify/Product/1'}, aShirt()), ['NOT_FOUND']);
  const id = await set(client, aShirt({metafields: [field]}), {customId});
  assert.equal(
    await set(client, aShirt({title: 'Again', metafields: [field]}), {customId}),
    id,
    'a repeat makes no second one',
  );
  const found = await client.ask(
    'query ($identifier: ProductIdentifierInput!) { productByIdentifier(identifier: $identifier) { id title } }',
    {identifier: {customId}},
  );
  assert.deepEqual(found.data.productByIdentifier, {id, title: 'Again'});
  const [error] = (await client.ask(SET, {input: aShirt({metafields: [field]})})).data.productSet.userErrors;
  assert.deepEqual(
    [error.code, error.field],
    ['INVALID_METAFIELD', ['input', 'metafields', '0', 'value']],
    'the value is taken',
  );
  assert.deepEqual(
    (await client.ask(SET, {identifier: {id}, input: {id, title: 'x'}})).data.productSet.userErrors.map(e => e.code),
    ['ID_NOT_ALLOWED'],
  );
  const same = await set(client, aShirt({handle: 'by-handle'}), {handle: 'by-handle'});
  assert.equal(await set(client, {title: 'Other', handle: 'by-handle'}, {handle: 'by-handle'}), same);
});

test('what productSet refuses changes nothing and names the place', async t => {
  const client = await startPeer(t);
  const two = [{name: 'Size', values: [{name: 'S'}]}, ...COLOURS];
  const at = (...names) => names.map((name, i) => ({optionName: ['Size', 'Colour'][i], name}));
  const rows = [
    ['no title', {}, null, ['input', 'title']],
    ['a blank title', {title: ' '}, null, ['input', 'title']],
    ['options alone', {title: 'x', productOptions: COLOURS}, 'VARIANTS_INPUT_MISSING', ['input', 'variants']],
    [
      'variants alone',
      {title: 'x', variants: aShirt().variants},
      'PRODUCT_OPTIONS_INPUT_MISSING',
      ['input', 'productOptions'],
    ],
    [
      'four options',
      {title: 'x', productOptions: ['a', 'b', 'c', 'd'].map(name => ({name, values: [{name}]})), variants: []},
      'OPTIONS_OVER_LIMIT',
      ['input', 'productOptions'],
    ],
    [
      'an option without values',
      {title: 'x', productOptions: [{name: 'Size', values: []}], variants: []},
      'OPTION_VALUES_MISSING',
      ['input', 'productOptions', '0'],
    ],
    [
      'an unknown option',
      {title: 'x', productOptions: COLOURS, variants: [{optionValues: [{optionName: 'Weight', name: 'Blue'}]}]},
      'OPTION_DOES_NOT_EXIST',
      ['input', 'variants', '0', 'optionValues', '0'],
    ],
    [
      'an unknown value',
      {title: 'x', productOptions: COLOURS, variants: [{optionValues: [{optionName: 'Colour', name: 'Green'}]}]},
      'OPTION_VALUE_DOES_NOT_EXIST',
      ['input', 'variants', '0', 'optionValues', '0'],
    ],
    [
      'an option left out',
      {title: 'x', productOptions: two, variants: [{optionValues: at('S')}]},
      'INVALID_VARIANT',
      ['input', 'variants', '0'],
    ],
    [
      'the same twice',
      {title: 'x', productOptions: two, variants: [{optionValues: at('S', 'Blue')}, {optionValues: at('S', 'Blue')}]},
      'INVALID_VARIANT',
      ['input', 'variants', '1'],
    ],
    [
      'a negative cost',
      aShirt({}, {inventoryItem: {cost: '-1'}}),
      'INVALID_VARIANT',
      ['input', 'variants', '0', 'inventoryItem', 'cost'],
    ],
    [
      'an unknown variant',
      aShirt({}, {id: 'gid://shopify/ProductVariant/1'}),
      'PRODUCT_VARIANT_DOES_NOT_EXIST',
      ['input', 'variants', '0', 'id'],
    ],
    ['a handle in use', {title: 'x', handle: 'gift-card'}, 'HANDLE_NOT_UNIQUE', ['input', 'handle']],
  ];
  const count = async () => (await client.ask('{ productsCount { count } }')).data.productsCount.count;
  const before = await count();
  for (const [name, input, code, field] of rows)
    await t.test(name, async () => {
      const {product, userErrors} = (await client.ask(SET, {input})).data.productSet;
      assert.deepEqual([product, userErrors[0].code, userErrors[0].field], [null, code, field]);
    });
  assert.equal(await count(), before);
  const many = Array.from({length: 2049}, (_, i) => ({optionValues: [{optionName: 'N', name: `${i}`}]}));
  const tooMany = await client.send(SET, {input: {title: 'x', variants: many}});
  assert.deepEqual(
    [codeOf(tooMany), tooMany.body.errors[0].path],
    ['MAX_INPUT_SIZE_EXCEEDED', ['productSet', 'input', 'variants']],
  );
});

test('a long productSet runs in the background and is asked about', async t => {
  const client = await startPeer(t);
  const {productSetOperation, product} = (await client.ask(SET, {input: aShirt(), synchronous: false})).data.productSet;
  assert.deepEqual([product, productSetOperation.status], [null, 'CREATED']);
  const ASK = `query ($id: ID!) { productOperation(id: $id) { status product { title } ... on ProductSetOperation { id userErrors { code } } } }`;
  const ended = async id => {
    for (const end = Date.now() + 5000; ;) {
      const {productOperation} = (await client.ask(ASK, {id})).data;
      if (productOperation.status === 'COMPLETE') return productOperation;
      assert.ok(Date.now() < end, productOperation.status);
    }
  };
  assert.deepEqual((await ended(productSetOperation.id)).product, {title: 'Shirt'});
  const bad = (await client.ask(SET, {input: {title: ''}, synchronous: false})).data.productSet.productSetOperation;
  const {product: none, userErrors} = await ended(bad.id);
  assert.deepEqual([none, userErrors.length], [null, 1]);
});

test('productVariantsBulkUpdate is all or nothing unless partial updates are allowed', async t => {
  const client = await startPeer(t);
  const id = await set(client, aShirt());
  const [blue, black] = (await productOf(client, id)).variants.nodes;
  const variants = [
    {id: blue.id, price: '1.5', compareAtPrice: '2.00', inventoryItem: {sku: 'NEW', cost: '0.90'}},
    {id: black.id, price: '-1'},
  ];
  const refused = (await client.ask(VARIANTS_UPDATE, {productId: id, variants})).data.productVariantsBulkUpdate;
  assert.deepEqual(refused.userErrors, [
    {
      field: ['variants', '1', 'price'],
      message: 'Price must be greater than or equal to 0',
      code: 'GREATER_THAN_OR_EQUAL_TO',
    },
  ]);
  assert.equal((await productOf(client, id)).variants.nodes[0].price, '19.90');
  const done = (await client.ask(VARIANTS_UPDATE, {productId: id, variants, partial: true})).data
    .productVariantsBulkUpdate;
  assert.equal(done.userErrors.length, 1);
  assert.deepEqual(
    done.productVariants.map(({price, compareAtPrice, sku}) => [price, compareAtPrice, sku]),
    [
      ['1.50', '2.00', 'NEW'],
      ['20.00', null, 'SHIRT-BLACK'],
    ],
    'the refused one is shown too, as it is',
  );
  const codes = async (rows, more) =>
    (
      await client.ask(VARIANTS_UPDATE, {productId: id, variants: rows, ...more})
    ).data.productVariantsBulkUpdate.userErrors.map(e => e.code);
  assert.deepEqual(await codes([{price: '1'}]), ['PRODUCT_VARIANT_ID_MISSING']);
  assert.deepEqual(await codes([{id: 'gid://shopify/ProductVariant/1'}]), ['PRODUCT_VARIANT_DOES_NOT_EXIST']);
  assert.deepEqual(await codes([], {productId: 'gid://shopify/Product/1'}), ['PRODUCT_DOES_NOT_EXIST']);
  assert.deepEqual(await codes([{id: blue.id, optionValues: [{optionName: 'Colour', name: 'Black'}]}]), [
    'VARIANT_ALREADY_EXISTS',
  ]);
  await client.ask(VARIANTS_UPDATE, {productId: id, variants: [{id: blue.id, compareAtPrice: null}]});
  assert.equal((await productOf(client, id)).variants.nodes[0].compareAtPrice, null, 'null takes a price away');
});

test('productVariantsBulkCreate adds variants, by strategy in place of the one that stands alone', async t => {
  const client = await startPeer(t);
  const made = await client.ask(
    'mutation { productCreate(product: {title: "Mug"}) { product { id variants(first: 5) { nodes { title price inventoryItem { tracked } } } } userErrors { field } } }',
  );
  const {id, variants} = made.data.productCreate.product;
  assert.deepEqual(variants.nodes, [{title: 'Default Title', price: '0.00', inventoryItem: {tracked: false}}]);
  const create = async (rows, strategy) =>
    (await client.ask(VARIANTS_CREATE, {productId: id, variants: rows, strategy})).data.productVariantsBulkCreate;
  const at = name => ({optionValues: [{optionName: 'Title', name}], price: '3.00'});
  const kept = await create([at('Large')], 'PRESERVE_STANDALONE_VARIANT');
  assert.deepEqual([kept.userErrors, kept.product.variants.nodes.map(v => v.title)], [[], ['Default Title', 'Large']]);
  const twice = await create([at('Small'), at('Large')]);
  assert.deepEqual([twice.productVariants, twice.userErrors[0].code], [[], 'VARIANT_ALREADY_EXISTS']);
  const other = await goods(client);
  const more = (await client.ask(VARIANTS_CREATE, {productId: other.id, variants: [at('Large'), at('Small')]})).data
    .productVariantsBulkCreate;
  assert.deepEqual(
    more.product.variants.nodes.map(v => v.title),
    ['Large', 'Small'],
    'the default one goes by default',
  );
  const wrong = await create([{optionValues: [{optionName: 'Size', name: 'S'}]}, {optionValues: []}]);
  assert.deepEqual(
    wrong.userErrors.map(error => error.code),
    ['INVALID_INPUT', 'NEED_TO_ADD_OPTION_VALUES'],
  );
});

test('a store of 50,000 variants makes 1,000 new ones a day, unless it is on Plus', async t => {
  const client = await startPeer(t, {plan: 'basic'});
  await client.admin('POST', 'limits', {from: 10, perDay: 3});
  await set(client, aShirt());
  const refused = await client.send(SET, {input: aShirt()});
  assert.deepEqual(
    [refused.status, typeof refused.body.errors, refused.headers.get('retry-after')],
    [429, 'string', '4.0'],
  );
  await client.admin('POST', 'plan', {plan: 'plus'});
  await set(client, aShirt());
  await client.admin('POST', 'plan', {plan: 'basic'});
  await client.admin('POST', 'time', {business: '2026-11-04T08:00:00Z'});
  await set(client, aShirt());
});

test('productUpdate changes what it is given and moves updatedAt; productOptionUpdate renames; productDelete leaves an event', async t => {
  const client = await startPeer(t);
  const id = await set(client, aShirt());
  await client.admin('POST', 'time', {business: '2026-11-05T08:00:00Z'});
  const {product, userErrors} = (
    await client.ask(UPDATE, {product: {id, status: 'ACTIVE', seo: {title: 'S'}, tags: ['b', 'a', 'B']}})
  ).data.productUpdate;
  assert.deepEqual(
    [userErrors, product.status, product.seo, product.tags],
    [[], 'ACTIVE', {title: 'S', description: null}, ['a', 'b']],
  );
  assert.ok(product.updatedAt >= '2026-11-05T08:00:00Z');
  const bad = (await client.ask(UPDATE, {product: {id, title: ''}})).data.productUpdate;
  assert.deepEqual(bad.userErrors, [{field: ['title'], message: "Title can't be blank"}]);
  const {options} = await productOf(client, id);
  const OPTION = `mutation ($productId: ID!, $option: OptionUpdateInput!) { productOptionUpdate(productId: $productId, option: $option) {
    product { options { name } } userErrors { code } } }`;
  const renamed = (await client.ask(OPTION, {productId: id, option: {id: options[0].id, name: 'Variant'}})).data
    .productOptionUpdate;
  assert.deepEqual(renamed, {product: {options: [{name: 'Variant'}]}, userErrors: []});
  const DELETE = 'mutation ($id: ID!) { productDelete(input: {id: $id}) { deletedProductId userErrors { message } } }';
  assert.equal((await client.ask(DELETE, {id})).data.productDelete.deletedProductId, id);
  assert.equal((await client.ask(DELETE, {id})).data.productDelete.userErrors[0].message, 'Product does not exist');
  const events = await client.ask(
    `query { events(first: 10, query: "action:destroy created_at:>'2026-11-05T00:00:00Z'", sortKey: ID) { nodes { action ... on BasicEvent { subjectId subjectType } } } }`,
  );
  assert.deepEqual(events.data.events.nodes[0], {action: 'destroy', subjectId: id, subjectType: 'PRODUCT'});
});

test('an order keeps what it says of a deleted product', async t => {
  const client = await startPeer(t);
  const id = await set(client, aShirt());
  const order = await client.admin('POST', 'orders', {lines: [{sku: 'SHIRT-BLUE', quantity: 2}]});
  await client.admin('DELETE', `products/${id.split('/').at(-1)}`);
  const {data} = await client.ask(
    'query ($id: ID!) { order(id: $id) { lineItems(first: 2) { nodes { title sku variantTitle variant { id } product { id } } } } }',
    {id: order.id},
  );
  assert.deepEqual(data.order.lineItems.nodes, [
    {title: 'Shirt', sku: 'SHIRT-BLUE', variantTitle: 'Blue', variant: null, product: null},
  ]);
});

test('a shop may begin empty, or with the products of an exported file', async t => {
  const folder = folderOf(t);
  const file = path.join(folder, 'products.csv');
  const names =
    'Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Value,Option3 Value,Variant SKU,Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Taxable,Variant Barcode,Gift Card';
  fs.writeFileSync(
    file,
    `${names}\ntop,Top,"Grey, ""warm""\nand soft",V,Wear,"a, b",true,Size,Small,,,T-S,deny,60,,true,,false\ntop,,,,,,,,Medium,,,T-M,continue,61,70,true,123,\n`,
  );
  const world = await loadWorld({
    data: 'synthetic',
    seed: 1,
    companies: 1,
    stores: 1,
    noProducts: true,
    products: file,
    emptyStore: true,
  });
  const client = await startPeer(t, {world});
  const READ = '{ products(first: 5) { nodes { id title handle descriptionHtml tags } } ordersCount { count } }';
  const {data} = await client.ask(READ);
  const [{id, ...top}] = data.products.nodes;
  assert.deepEqual(
    [data.products.nodes.length, data.ordersCount.count, top],
    [1, 0, {title: 'Top', handle: 'top', descriptionHtml: 'Grey, "warm"\nand soft', tags: ['a', 'b']}],
  );
  assert.deepEqual(
    (await productOf(client, id)).variants.nodes.map(variant => [
      variant.title,
      variant.sku,
      variant.price,
      variant.compareAtPrice,
    ]),
    [
      ['Small', 'T-S', '60.00', null],
      ['Medium', 'T-M', '61.00', '70.00'],
    ],
  );
  const empty = await client.as({domain: 'empty.myshopify.com'}).ask(READ);
  assert.deepEqual([empty.data.products.nodes, empty.data.ordersCount.count], [[], 0]);
});

test('what a write costs follows from its input', async t => {
  const client = await startPeer(t);
  const id = await set(client, aShirt());
  const field = n => ({namespace: 'custom', key: `key${n}`, type: 'single_line_text_field', value: 'x'});
  const variants = (count, more = {}) =>
    Array.from({length: count}, (_, i) => ({optionValues: [{optionName: 'N', name: `${i}`}], ...more}));
  const file = {originalSource: 'https://example.com/a.png'};
  const media = [{...file, mediaContentType: 'IMAGE'}];
  const rows = [
    ['productSet of one field', SET, {identifier: {id}, input: {title: 'x'}}, 10],
    ['0.2 for each variant', SET, {input: {title: 'x', variants: variants(100)}}, 30],
    ['0.6 for the file of a variant', SET, {input: {title: 'x', variants: variants(10, {file})}}, 18],
    ['0.4 for each metafield', SET, {input: {title: 'x', metafields: [field(1), field(2), field(3)]}}, 11],
    ['0.4 for those of variants', SET, {input: {title: 'x', variants: variants(5, {metafields: [field(1)]})}}, 13],
    ['1.9 for each file', SET, {input: {title: 'x', files: [file, file]}}, 14],
    ['productUpdate with media, which shows an object', UPDATE, {product: {id}, media}, 13],
    ['variants updated', VARIANTS_UPDATE, {productId: id, variants: Array(250).fill({id})}, 60],
    ['variants created', VARIANTS_CREATE, {productId: id, variants: variants(250)}, 60 + 7],
  ];
  for (const [name, text, variables, price] of rows) {
    const {body} = await client.send(text, variables);
    assert.equal(body.extensions.cost.requestedQueryCost, price, name);
  }
});
