// What hangs on items: variants, units, references, texts, prices, stock by place, pictures; and the quotes that price them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {folderOf} from '../end.mjs';
import {COMPANY, filter, refused, startPeer} from './support.mjs';

const extension = (peer, method, path, options) =>
  peer.call(method, `${peer.url}/v2.0/sandbox/Production/api/cartage/shopify/v1.0/companies(${COMPANY})/${path}`, options);
const page = async (peer, path) =>
  (await peer.call('GET', `${peer.url}/v2.0/sandbox/Production/ODataV4/Company('CRONUS%20UK%20Ltd.')/${path}`)).body.value;
const itemOf = async (peer, number, more = '') =>
  (await peer.at('GET', `items?${filter(`number eq '${number}'`)}${more}`)).body.value[0];
const ONE_PIXEL = Buffer.from('R0lGODlhAgADAIAAAP///wAAACwAAAAAAgADAAACAoRRADs=', 'base64');

test('an item is read whole at the app: variants, units, references, texts, attributes, prices', async t => {
  const peer = await startPeer(t, '--level', 'extension');
  const parts = 'variants,units,references,texts,translations,attributes,prices';
  const {body} = await extension(peer, 'GET', `itemExtras?${filter("number eq '3000-S'")}&$expand=${parts}`);
  const [shirt] = body.value;
  assert.equal(shirt.categoryName, 'Work Clothing');
  assert.equal(shirt.vendorName, 'AR Day Property', shirt.vendorNumber);
  assert.deepEqual(
    shirt.variants.map(({code}) => code),
    ['BLUE-L', 'BLUE-M', 'BLUE-S', 'GREY-L', 'GREY-M', 'GREY-S'],
  );
  assert.deepEqual(
    shirt.texts.map(({kind, languageCode}) => [kind, languageCode]),
    [
      ['Extended', ''],
      ['Extended', 'DAN'],
      ['Marketing', ''],
    ],
  );
  assert.equal(shirt.texts[0].text, 'A shirt for every day.\nCotton, washes at 60');
  assert.equal(shirt.translations[0].description, 'Holdskjorte');
  assert.deepEqual(shirt.attributes.map(({name, type, blocked}) => [name, type, blocked]).at(-1), [
    'Internal grade',
    'Text',
    true,
  ]);
  assert.deepEqual(shirt.prices, []);
  const jar = (await extension(peer, 'GET', `itemUnits?${filter("itemNumber eq '3010-S'")}`)).body.value;
  assert.deepEqual(
    jar.map(({code, quantityPerUnit}) => [code, quantityPerUnit]),
    [
      ['BOX', 12],
      ['PCS', 1],
    ],
  );
});

test('a change beside an item leaves its stamp, and shows in its own set', async t => {
  const peer = await startPeer(t, '--level', 'extension');
  const before = await itemOf(peer, '3000-S');
  await peer.admin('POST', 'time', {business: '2026-11-03T08:00:00Z'});
  await peer.admin('POST', 'variants', {item: '3000-S', code: 'BLUE-S', blocked: true});
  await peer.admin('POST', 'parts/itemReferences', {item: '3000-S', variantCode: 'BLUE-M', referenceNumber: '5012345678900'});
  assert.equal((await itemOf(peer, '3000-S')).lastModifiedDateTime, before.lastModifiedDateTime);
  const since = filter('lastModifiedDateTime gt 2026-11-03T00:00:00Z');
  const changed = async set => (await extension(peer, 'GET', `${set}?${since}`)).body.value;
  assert.deepEqual(
    (await changed('itemVariantExtras')).map(({code, blocked}) => [code, blocked]),
    [['BLUE-S', true]],
  );
  assert.deepEqual(
    (await changed('itemReferences')).map(({referenceNumber}) => referenceNumber),
    ['5012345678900'],
  );
  assert.deepEqual(await changed('itemExtras'), []);
  assert.equal((await peer.admin('POST', 'parts/items', {})).status, 400);
});

test('the app takes bar codes and units once, and what of a card API v2.0 does not show', async t => {
  const peer = await startPeer(t, '--level', 'extension');
  const {id} = await itemOf(peer, '3010-S');
  const body = {itemNumber: '3010-S', referenceType: 'Bar_x0020_Code', referenceNumber: '5099999000011', unitOfMeasureCode: 'BOX'};
  const add = changes => extension(peer, 'POST', 'itemReferences', {body: {...body, ...changes}});
  assert.equal((await add()).body.itemId, id);
  refused(assert, await add({itemId: id}), 400, 'BadRequest_InvalidOperation'); // the app's page shows it only
  refused(assert, await add(), 400, 'Internal_EntityWithSameKeyExists');
  refused(assert, await add({unitOfMeasureCode: 'SET'}), 400, 'Internal_InvalidTableRelation');
  refused(assert, await add({variantCode: 'NONE'}), 400, 'Internal_InvalidTableRelation');
  const unit = changes => extension(peer, 'POST', 'itemUnits', {body: {itemNumber: '3010-S', code: 'SET', quantityPerUnit: 4, ...changes}});
  assert.equal((await unit()).body.itemId, id);
  refused(assert, await unit(), 400, 'Internal_EntityWithSameKeyExists');
  refused(assert, await unit({code: 'CARTLOAD'}), 400, 'Internal_InvalidTableRelation');
  refused(assert, await unit({code: 'PCS', quantityPerUnit: 0}), 400, 'Application_DialogException');
  const patch = changes => extension(peer, 'PATCH', `itemExtras(${id})`, {body: changes, headers: {'if-match': '*'}});
  const done = await patch({tariffNumber: '7013 37', countryOfOriginCode: 'DK', grossWeight: 0.5, vendorNumber: '20000'});
  assert.deepEqual([done.body.tariffNumber, done.body.vendorName], ['7013 37', 'AR Day Property']);
  refused(assert, await patch({vendorNumber: '99'}), 400, 'Internal_InvalidTableRelation');
  refused(assert, await patch({unitPrice: 1}), 400, 'BadRequest_InvalidOperation');
});

test('stock lies at places: entries, orders and reservations move what the app shows', async t => {
  const peer = await startPeer(t, '--level', 'extension');
  const {id} = await itemOf(peer, '3010-S');
  const main = (await peer.at('GET', `locations?${filter("code eq 'MAIN'")}`)).body.value[0].id;
  const places = async () =>
    Object.fromEntries(
      (await extension(peer, 'GET', `itemStocks?${filter(`itemId eq ${id}`)}`)).body.value.map(row => [
        row.locationCode,
        [row.inventory, row.quantityOnSalesOrders, row.reservedQuantity, row.available],
      ]),
    );
  assert.deepEqual(await places(), {EAST: [30, 0, 0, 30], MAIN: [120, 0, 0, 120]});
  const line = {lineType: 'Item', lineObjectNumber: '3010-S', unitOfMeasureCode: 'BOX', quantity: 2, locationId: main};
  const order = await peer.order({}, [line]);
  await peer.admin('POST', 'stock', {item: '3010-S', location: 'MAIN', reserved: 24, supply: 10});
  assert.deepEqual((await places()).MAIN, [120, 24, 24, 106], 'two boxes of twelve');
  await peer.at('POST', `salesOrders(${order.id})/Microsoft.NAV.shipAndInvoice`);
  await peer.admin('POST', 'stock', {item: '3010-S', location: 'MAIN', reserved: 0});
  assert.deepEqual((await places()).MAIN, [96, 0, 0, 106]);
  assert.equal((await itemOf(peer, '3010-S')).inventory, 126);
  await peer.admin('POST', 'stock', {item: '3010-S', location: 'EAST', inventory: 5});
  assert.deepEqual((await places()).EAST, [5, 0, 0, 5]);
  await peer.admin('POST', 'settings', {level: 'odata-page'});
  const rows = await page(peer, `InventoryByLocation?${filter("Item_No eq '3010-S'")}`);
  assert.deepEqual(
    rows.map(row => [row.Location_Code, row.Remaining_Quantity, row.Reserved_Quantity]),
    [
      ['EAST', 5, 0],
      ['MAIN', 96, 0],
    ],
  );
});

test('a quote is priced by the lists: group, dates, variant, unit, currency, VAT, discount', async t => {
  const peer = await startPeer(t);
  const shirt = await itemOf(peer, '3000-S', '&$expand=itemVariants');
  const jar = await itemOf(peer, '3010-S');
  const blue = shirt.itemVariants.find(({code}) => code === 'BLUE-M').id;
  const offer = async body => assert.equal((await peer.admin('POST', 'parts/priceListLines', body)).status, 200);
  await peer.admin('POST', 'customers', {number: 'SHOP', displayName: 'Shop prices', priceGroup: 'WEB', discountGroup: 'WEBD'});
  const price = async (item, line = {}, header = {}) => {
    const made = await peer.at('POST', 'salesQuotes?$expand=salesQuoteLines', {
      body: {customerNumber: 'SHOP', ...header, salesQuoteLines: [{itemId: item.id, quantity: 1, ...line}]},
    });
    assert.equal(made.status, 201, made.text);
    const [{unitPrice, discountAmount}] = made.body.salesQuoteLines;
    assert.equal((await peer.at('DELETE', `salesQuotes(${made.body.id})`)).status, 204);
    return [unitPrice, discountAmount];
  };
  assert.deepEqual(await price(shirt), [24.9, 0], 'the card');
  await offer({item: '3000-S', lineNumber: 10000, assignTo: 'Customer Price Group', assignToNumber: 'WEB', unitPrice: 30});
  assert.deepEqual(await price(shirt), [30, 0], 'a dearer list goes before the card');
  await offer({item: '3000-S', lineNumber: 20000, unitPrice: 28, endingDate: '2026-11-01'});
  await offer({item: '3000-S', lineNumber: 30000, unitPrice: 27, minimumQuantity: 10});
  assert.deepEqual(await price(shirt), [30, 0], 'over, or for more');
  await offer({item: '3000-S', lineNumber: 40000, unitPrice: 29});
  assert.deepEqual(await price(shirt), [29, 0], 'the lower of two');
  await offer({item: '3000-S', lineNumber: 50000, variantCode: 'BLUE-M', unitPrice: 33});
  assert.deepEqual(await price(shirt, {itemVariantId: blue}), [33, 0], 'for this very variant');
  await offer({item: '3000-S', lineNumber: 60000, currencyCode: 'EUR', unitPrice: 41});
  assert.deepEqual(await price(shirt, {}, {currencyCode: 'EUR'}), [41, 0], 'in this very currency');
  await offer({
    assetNumber: 'RESALE',
    lineNumber: 70000,
    assignTo: 'Customer Disc. Group',
    assignToNumber: 'WEBD',
    amountType: 'Discount',
    lineDiscountPercent: 10,
  });
  assert.deepEqual(await price(shirt), [29, 2.9]);
  await peer.admin('POST', 'customers/SHOP', {allowLineDiscount: false});
  assert.deepEqual(await price(shirt), [29, 2.9], 'the line of the price decides, not the customer');
  await offer({item: '3000-S', lineNumber: 40000, unitPrice: 29, allowLineDiscount: false});
  assert.deepEqual(await price(shirt), [29, 0], 'the line forbids it');
  const [converted] = await price(shirt, {itemVariantId: blue}, {currencyCode: 'EUR'});
  assert.ok(converted > 33 && converted < 41, `${converted}: of the variant's and the currency's the lower`);
  await offer({assetType: ' ', assetNumber: '', lineNumber: 90000, unitPrice: 1, amountType: 'Any', lineDiscountPercent: 50});
  assert.deepEqual(await price(shirt), [29, 0], 'all items: where nothing else counts');
  assert.deepEqual(await price(jar), [1, 0.5]);
  await offer({assetType: ' ', assetNumber: '', lineNumber: 90000, delete: true});
  assert.deepEqual(await price(jar, {unitOfMeasureCode: 'BOX'}), [50.4, 0], 'twelve pieces');
  await offer({item: '3010-S', lineNumber: 80000, unitOfMeasureCode: 'BOX', unitPrice: 54, priceIncludesTax: true});
  assert.deepEqual(await price(jar, {unitOfMeasureCode: 'BOX'}), [45, 0], 'VAT taken out');
  await peer.admin('POST', 'customers/SHOP', {pricesIncludeTax: true});
  assert.deepEqual(await price(jar, {unitOfMeasureCode: 'BOX'}), [54, 0]);
  const bench = await itemOf(peer, '3040-S');
  const answer = await peer.at('POST', 'salesQuotes', {
    body: {customerNumber: 'SHOP', salesQuoteLines: [{itemId: bench.id, quantity: 1}]},
  });
  refused(assert, answer, 400, 'Application_DialogException', /Blocked/);
});

test('pictures of items and variants: metadata, bytes, etags, stamps', async t => {
  const peer = await startPeer(t);
  const item = await itemOf(peer, '3000-S', '&$expand=picture,itemVariants');
  assert.deepEqual([item.picture.width, item.picture.contentType], [8, 'image/png']);
  const variant = item.itemVariants[0];
  const at = (path, method = 'GET', options) => peer.at(method, `itemVariants(${variant.id})/picture${path}`, options);
  assert.deepEqual(
    [(await at('')).body.width, (await at('')).body.contentType, (await at('/pictureContent')).status],
    [0, '', 204],
  );
  await peer.admin('POST', 'time', {business: '2026-11-03T08:00:00Z'});
  const put = (bytes, match) =>
    fetch(`${peer.root}/companies(${COMPANY})/itemVariants(${variant.id})/picture/pictureContent`, {
      method: 'PATCH',
      body: bytes,
      headers: {
        authorization: peer.authorization,
        'content-type': 'application/octet-stream',
        ...(match ? {'if-match': match} : {}),
      },
    });
  assert.equal((await put(ONE_PIXEL)).status, 400, 'If-Match is wanted');
  const etag = (await at('')).body['@odata.etag'];
  assert.equal((await put(ONE_PIXEL, etag)).status, 204);
  assert.equal((await put(ONE_PIXEL, etag)).status, 409, 'it has changed since');
  assert.equal((await put('no picture at all', '*')).status, 400);
  const {body} = await at('');
  assert.deepEqual([body.width, body.height, body.contentType, body.parentType], [2, 3, 'image/gif', 'Item_x0020_Variant']);
  const bytes = await fetch(body['pictureContent@odata.mediaReadLink'], {
    headers: {authorization: peer.authorization, 'data-access-intent': 'ReadWrite'},
  });
  assert.deepEqual(Buffer.from(await bytes.arrayBuffer()), ONE_PIXEL);
  const moved = (await peer.at('GET', `itemVariants(${variant.id})`)).body;
  assert.ok(moved.lastModifiedDateTime > '2026-11-03', 'its parent has changed');
  assert.equal((await itemOf(peer, '3000-S')).lastModifiedDateTime, item.lastModifiedDateTime);
  assert.equal((await at('', 'DELETE')).status, 204);
  assert.equal((await at('')).body.width, 0);
  refused(assert, await peer.at('GET', 'pictures'), 404, 'BadRequest_ResourceNotFound');
});

test('pages show what an administrator has published', async t => {
  const peer = await startPeer(t, '--level', 'odata-page');
  const [card] = await page(peer, `ItemCard?${filter("No eq '3000-S'")}`);
  assert.deepEqual([card.Item_Disc_Group, card.Vendor_No, card.Sales_Blocked], ['RESALE', '20000', false]);
  assert.equal((await page(peer, `ItemVariants?${filter("Item_No eq '3000-S'")}`)).length, 6);
  assert.deepEqual(
    (await page(peer, `ItemUnitsOfMeasure?${filter("Item_No eq '3010-S'")}`)).map(row => row.Qty_per_Unit_of_Measure),
    [12, 1],
  );
  assert.ok(
    (await page(peer, `ItemReferences?${filter("Item_No eq '1896-S'")}`)).some(row => row.Reference_Type === 'Bar_x0020_Code'),
  );
  assert.equal((await page(peer, 'ItemTranslations'))[0].Language_Code, 'DAN');
  assert.deepEqual(await page(peer, 'PriceListLines'), []);
});

test('many articles, for measurements', async t => {
  const peer = await startPeer(t, '--items', '50', '--item-variants', '3', '--level', 'extension');
  const count = async set =>
    Number((await extension(peer, 'GET', `${set}/$count?${filter("itemNumber ge 'A000001' and itemNumber le 'A000050'")}`)).text);
  assert.equal(await count('itemVariantExtras'), 150);
  assert.equal((await itemOf(peer, 'A000050')).displayName, 'Article 50');
});

test("articles out of product files in Shopify's CSV format", async t => {
  const folder = folderOf(t);
  const rows = [
    'Handle,Title,Body (HTML),Option1 Name,Option1 Value,Variant Inventory Qty,Variant Price,Image Src',
    'mug,"Mug, ""Blue""","Holds\ntea",Title,Default Title,7,4.50,',
    'cap,Cap,,Size,Small,3,12,a.jpg',
    'cap,,,,Large,-1,13,',
    'cap,,,,,,,b.jpg',
  ];
  fs.writeFileSync(path.join(folder, 'apparel.csv'), rows.join('\n'));
  const peer = await startPeer(t, '--catalogue', folder, '--level', 'extension');
  const whole = async number =>
    (await extension(peer, 'GET', `itemExtras?${filter(`number eq '${number}'`)}&$expand=variants,texts`)).body.value[0];
  const [mug, cap] = [await whole('P00001'), await whole('P00002')];
  assert.deepEqual([mug.displayName, mug.unitPrice, mug.inventory, mug.variants.length], ['Mug, "Blue"', 4.5, 7, 0]);
  assert.equal(mug.texts.find(({kind}) => kind === 'Marketing').text, 'Holds\ntea');
  assert.deepEqual([cap.unitPrice, cap.inventory, cap.categoryCode], [12, 3, 'CLOTHING']);
  assert.deepEqual(
    cap.variants.map(({code, description}) => [code, description]),
    [
      ['V001', 'Cap, Small'],
      ['V002', 'Cap, Large'],
    ],
  );
});
