// Images: staged, uploaded, attached, worked on, replaced under their id, and fetched again.
import assert from 'node:assert/strict';
import path from 'node:path';
import {test} from 'node:test';
import {folderOf} from '../end.mjs';
import {documentText, startPeer} from './peer.mjs';
import {UPDATE, VARIANTS_UPDATE, aShirt, png, productOf, set, upload} from './catalogue.mjs';

const MEDIA = `query ($id: ID!) { product(id: $id) { mediaCount { count } media(first: 20, sortKey: POSITION) { nodes { id alt mediaContentType status
  ... on MediaImage { fileStatus mediaErrors { code } image { url width height } } } }
  variants(first: 5) { nodes { title media(first: 1) { nodes { id } } } } } }`;
const FILE_UPDATE = `mutation ($files: [FileUpdateInput!]!) { fileUpdate(files: $files) { files { id fileStatus alt ... on MediaImage { image { url } } } userErrors { field message code } } }`;

const LAG = 1_000_000; // passes at a test's word only

const mediaOf = async (client, id) => (await client.ask(MEDIA, {id})).data.product.media.nodes;
const bytesOf = async url => Buffer.from(await (await fetch(url)).arrayBuffer());

test('an image goes by PUT or by form to the storage, to the product, and is shown when it has been worked on', async t => {
  const client = await startPeer(t, {mediaLag: LAG});
  const id = await set(client, aShirt());
  for (const method of ['PUT', 'POST']) {
    const bytes = png(40, 30, method);
    const source = await upload(client, bytes, {method});
    const {userErrors} = (
      await client.ask(UPDATE, {
        product: {id},
        media: [{originalSource: source, mediaContentType: 'IMAGE', alt: method}],
      })
    ).data.productUpdate;
    assert.deepEqual(userErrors, []);
    const state = async () => (await mediaOf(client, id)).at(-1);
    const fresh = await state();
    assert.deepEqual([fresh.status, fresh.fileStatus, fresh.image, fresh.alt], ['UPLOADED', 'UPLOADED', null, method]);
    await client.admin('POST', 'time', {bucket_ms: LAG * 0.6});
    assert.equal((await state()).status, 'PROCESSING');
    await client.admin('POST', 'time', {bucket_ms: LAG / 2});
    const ready = await state();
    assert.deepEqual([ready.status, ready.image.width, ready.image.height], ['READY', 40, 30]);
    assert.ok((await bytesOf(ready.image.url)).equals(bytes), 'the same bytes');
  }
  assert.equal((await mediaOf(client, id)).length, 2, 'appended');
});

test('the storage wants what it gave: method, signature, parameters, and no token', async t => {
  const client = await startPeer(t);
  const STAGE = documentText('staged-uploads-create');
  const stage = async input => (await client.ask(STAGE, {input: [input]})).data.stagedUploadsCreate;
  const image = {resource: 'IMAGE', filename: 'a.png', mimeType: 'image/png'};
  const {
    stagedTargets: [target],
  } = await stage(image);
  assert.deepEqual(
    target.parameters,
    [
      {name: 'content_type', value: 'image/png'},
      {name: 'acl', value: 'private'},
    ],
    'PUT is the default',
  );
  const put = (url, headers = {}) => fetch(url, {method: 'PUT', body: png(2, 2), headers});
  assert.equal((await put(target.url.replace(/Signature=.*/, 'Signature=0'))).status, 403);
  assert.equal((await put(target.url, {'x-shopify-access-token': client.token})).status, 400);
  assert.equal((await put(target.url)).status, 200);
  assert.equal((await put(`${client.url}/storage/tmp/none.png?X-Goog-Signature=1`)).status, 403);
  const wrong = await stage({...image, filename: 'a.exe', mimeType: 'application/x-msdownload'});
  assert.deepEqual(wrong.userErrors[0].field, ['input', '0', 'mimeType']);
});

test('what is no image, never arrived, or lies elsewhere fails, and says why', async t => {
  const client = await startPeer(t, {mediaLag: 0});
  const id = await set(client, aShirt());
  const attach = async source =>
    (await client.ask(UPDATE, {product: {id}, media: [{originalSource: source, mediaContentType: 'IMAGE'}]})).data
      .productUpdate.userErrors;
  for (const [source, code] of [
    [await upload(client, Buffer.from('text')), 'UNSUPPORTED_IMAGE_FILE_TYPE'],
    [await upload(client, null), 'IMAGE_DOWNLOAD_FAILURE'],
    ['https://example.com/a.png', 'IMAGE_DOWNLOAD_FAILURE'],
    [await upload(client, png(6000, 5000)), 'INVALID_IMAGE_RESOLUTION'],
  ]) {
    assert.deepEqual(await attach(source), []);
    const {status, mediaErrors, image} = (await mediaOf(client, id)).at(-1);
    assert.deepEqual([status, mediaErrors[0].code, image], ['FAILED', code, null]);
  }
  assert.deepEqual(await attach('no address'), [
    {field: ['media', '0', 'originalSource'], message: 'Image URL is invalid'},
  ]);
  await client.admin('POST', 'media', {fail: 1});
  await attach(await upload(client, png(4, 4)));
  assert.equal((await mediaOf(client, id)).at(-1).status, 'FAILED');
});

test('fileUpdate replaces an image under its id: no gallery growth, another address, and only when it is ready', async t => {
  const client = await startPeer(t, {mediaLag: LAG});
  const id = await set(client, aShirt());
  await client.ask(UPDATE, {
    product: {id},
    media: [{originalSource: await upload(client, png(4, 4, 'old')), mediaContentType: 'IMAGE'}],
  });
  const [{id: fileId}] = await mediaOf(client, id);
  const update = async (change, key = fileId) =>
    (await client.ask(FILE_UPDATE, {files: [{id: key, ...change}]})).data.fileUpdate;
  assert.equal((await update({alt: 'x'})).userErrors[0].code, 'NON_READY_STATE');
  await client.admin('POST', 'time', {bucket_ms: LAG});
  const [{image: before}] = await mediaOf(client, id);
  const bytes = png(8, 6, 'new');
  // an address has a version of whole seconds, as the real one
  const later = new Date(Date.parse((await client.admin('GET', 'time')).business) + 60_000);
  await client.admin('POST', 'time', {business: later.toISOString()});
  const replaced = await update({originalSource: await upload(client, bytes)});
  assert.deepEqual(
    replaced.files,
    [{id: fileId, fileStatus: 'READY', alt: '', image: null}],
    'ready, and nothing to show yet',
  );
  assert.equal((await update({alt: 'x'})).userErrors[0].code, 'FILE_LOCKED');
  await client.admin('POST', 'time', {bucket_ms: LAG});
  const after = await mediaOf(client, id);
  assert.deepEqual([after.length, after[0].id, after[0].image.width], [1, fileId, 8]);
  assert.notEqual(after[0].image.url, before.url);
  assert.ok((await bytesOf(after[0].image.url)).equals(bytes));
  await update({originalSource: await upload(client, Buffer.from('text'))});
  await client.admin('POST', 'time', {bucket_ms: LAG});
  assert.equal((await mediaOf(client, id))[0].status, 'FAILED');
  assert.equal((await update({alt: 'x'})).userErrors[0].code, 'INVALID_FAILED_MEDIA_STATE');
  await client.ask('mutation ($ids: [ID!]!) { fileAcknowledgeUpdateFailed(fileIds: $ids) { userErrors { code } } }', {
    ids: [fileId],
  });
  const [back] = await mediaOf(client, id);
  assert.deepEqual([back.status, back.image.width], ['READY', 8], 'the image it had');
  const mixed = (await client.ask(FILE_UPDATE, {files: [{id: fileId, alt: 'Shirt'}]})).data.fileUpdate;
  assert.equal(mixed.files[0].alt, 'Shirt');
  assert.equal((await update({alt: 'x'.repeat(513)})).userErrors[0].code, 'ALT_VALUE_LIMIT_EXCEEDED');
  assert.equal((await update({alt: 'x'}, 'gid://shopify/MediaImage/1')).userErrors[0].code, 'FILE_DOES_NOT_EXIST');
  const source = 'https://example.com/a.png';
  assert.equal((await update({originalSource: source, previewImageSource: source})).userErrors[0].code, 'INVALID');
  const other = await set(client, aShirt());
  await update({referencesToAdd: [other], referencesToRemove: [id]});
  assert.deepEqual([(await mediaOf(client, id)).length, (await mediaOf(client, other))[0].id], [0, fileId]);
});

test('productSet brings files of the product and of its variants, and takes away what it leaves out', async t => {
  const client = await startPeer(t, {mediaLag: 0});
  const [one, two] = [await upload(client, png(4, 4, 'a')), await upload(client, png(5, 5, 'b'))];
  const input = aShirt(
    {files: [{originalSource: one, alt: 'One'}, {originalSource: two}]},
    {file: {originalSource: two}},
  );
  const id = await set(client, input);
  const media = await mediaOf(client, id);
  assert.deepEqual(
    media.map(file => [file.alt, file.status]),
    [
      ['One', 'READY'],
      ['', 'READY'],
    ],
  );
  const {variants} = (await client.ask(MEDIA, {id})).data.product;
  assert.deepEqual(
    variants.nodes.map(variant => variant.media.nodes.map(file => file.id)),
    [[media[1].id], []],
  );
  await set(client, {files: [{id: media[0].id}]}, {id});
  assert.deepEqual(
    (await mediaOf(client, id)).map(file => file.id),
    [media[0].id],
  );
  const [, black] = (await productOf(client, id)).variants.nodes;
  const {productVariantsBulkUpdate: done} = (
    await client.ask(VARIANTS_UPDATE, {productId: id, variants: [{id: black.id, mediaId: media[0].id}]})
  ).data;
  assert.deepEqual(done.userErrors, []);
  const gone = (await client.ask(VARIANTS_UPDATE, {productId: id, variants: [{id: black.id, mediaId: media[1].id}]}))
    .data;
  assert.equal(gone.productVariantsBulkUpdate.userErrors[0].code, 'INVALID_INPUT');
  const APPEND = `mutation ($id: ID!, $pairs: [ProductVariantAppendMediaInput!]!) { productVariantAppendMedia(productId: $id, variantMedia: $pairs) { userErrors { code } } }`;
  const again = (await client.ask(APPEND, {id, pairs: [{variantId: black.id, mediaIds: [media[0].id]}]})).data;
  assert.equal(again.productVariantAppendMedia.userErrors[0].code, 'PRODUCT_VARIANT_ALREADY_HAS_MEDIA');
});

test('a merchant uploads and replaces a picture by hand', async t => {
  const client = await startPeer(t, {mediaLag: LAG});
  const id = await set(client, aShirt());
  const place = id.split('/').at(-1);
  const {id: fileId} = await client.admin('POST', `products/${place}/image`, {
    base64: png(3, 3).toString('base64'),
    variant: 'SHIRT-BLUE',
  });
  const [file] = await mediaOf(client, id);
  assert.deepEqual([file.id, file.status, file.image.width], [fileId, 'READY', 3]);
  await client.admin('POST', `images/${fileId.split('/').at(-1)}`, {base64: png(9, 9).toString('base64')});
  assert.equal((await mediaOf(client, id))[0].image.width, 9);
});

test('a file of a name that there is already is refused where that is asked for, and all of the call with it', async t => {
  const client = await startPeer(t, {mediaLag: LAG, indexLagMs: 0});
  const CREATE = documentText('file-create');
  const source = await upload(client, png(3, 3), {filename: 'own.png'});
  const own = {originalSource: source, contentType: 'IMAGE', filename: 'own.png', duplicateResolutionMode: 'RAISE_ERROR'};
  const create = async files => (await client.ask(CREATE, {files})).data.fileCreate;
  assert.deepEqual((await create([own])).userErrors, []);
  const {files, userErrors} = await create([{...own, filename: 'other.png'}, own]);
  assert.deepEqual(files ?? [], []);
  assert.deepEqual([userErrors[0].field, userErrors[0].code], [['files', '1', 'filename'], 'FILENAME_ALREADY_EXISTS']);
  assert.equal((await create([own, own].map(file => ({...file, filename: 'twice.png'})))).userErrors.length, 1);
  const appended = await create([{...own, duplicateResolutionMode: 'APPEND_UUID'}]);
  assert.deepEqual(appended.userErrors, [], 'another one gets a name of its own');
});

test('images and what works in the background survive a restart', async t => {
  const folder = folderOf(t);
  const options = {state: path.join(folder, 'state.json'), mediaLag: LAG};
  const first = await startPeer(t, options);
  const id = await set(first, aShirt());
  const bytes = png(7, 7, 'kept');
  await first.ask(UPDATE, {
    product: {id},
    media: [{originalSource: await upload(first, bytes), mediaContentType: 'IMAGE'}],
  });
  const later = await upload(first, png(8, 8));
  const {productSet} = (
    await first.ask(
      'mutation ($input: ProductSetInput!) { productSet(input: $input, synchronous: false) { productSetOperation { id } } }',
      {
        input: {title: 'Later'},
      },
    )
  ).data;
  await first.peer.close();
  const second = await startPeer(t, options);
  const [file] = await mediaOf(second, id);
  assert.deepEqual([file.status, file.image.width], ['READY', 7], 'what was worked on is done');
  assert.ok((await bytesOf(file.image.url)).equals(bytes));
  const {productOperation} = (
    await second.ask('query ($id: ID!) { productOperation(id: $id) { status product { title } } }', {
      id: productSet.productSetOperation.id,
    })
  ).data;
  assert.deepEqual(productOperation, {status: 'COMPLETE', product: {title: 'Later'}});
  const moved = later.replace(first.url, second.url);
  await second.ask(UPDATE, {product: {id}, media: [{originalSource: moved, mediaContentType: 'IMAGE'}]});
  await second.admin('POST', 'time', {bucket_ms: LAG});
  assert.equal((await mediaOf(second, id))[1].image.width, 8, 'an upload that was not used yet');
});
