// The picture of an item or a variant: one each, kept with its bytes; its width and height are read from them.
import {createHash} from 'node:crypto';
import {ENTITIES} from './entities.mjs';
import {badRequest, dialog, entityChanged, invalidToken, methodNotAllowed, segmentNotFound} from './errors.mjs';
import {etagOf, showRow} from './present.mjs';

const ETAG = /^(\*|W\/"[^"]*")$/;
const PARENTS = {items: 'Item', itemVariants: 'Item Variant'};
export const hasPicture = set => set in PARENTS;

/** The row of a parent's picture, or of the one that it does not have: 0 by 0. */
export function pictureRow(books, set, id) {
  const kept = books.view.get(books.company, 'pictures', id);
  return kept ?? {id, parentType: PARENTS[set], width: 0, height: 0, contentType: '', _bytes: ''};
}

export function showPicture(row, books, options = {}) {
  const link = `${books.base ?? ''}/companies(${books.company})/${row.parentType === 'Item' ? 'items' : 'itemVariants'}(${row.id})/picture/pictureContent`;
  const media = {'pictureContent@odata.mediaEditLink': link, 'pictureContent@odata.mediaReadLink': link};
  return {...showRow(row, ENTITIES.get('pictures'), books, options), ...media};
}

/** `items(id)/picture` and what follows it; `rest` are the segments behind `picture`. */
export function servePicture({store, call, books, set, parent, rest}) {
  const {request} = call;
  const entity = ENTITIES.get('pictures');
  const row = pictureRow(books, set, parent.id);
  if (rest.length === 0 && request.method === 'GET')
    return {
      status: 200,
      headers: {},
      body: {
        '@odata.context': `${request.base}/$metadata#companies(${books.company})/${set}(${parent.id})/picture/$entity`,
        ...showPicture(row, books),
      },
    };
  const content = rest.length === 1 && rest[0].name === 'pictureContent' && rest[0].key === undefined;
  if (rest.length > 0 && !content) throw segmentNotFound(rest[0].name);
  if (content && request.method === 'GET')
    return row._bytes === ''
      ? {status: 204, headers: {}, body: undefined}
      : {status: 200, headers: {'content-type': 'application/octet-stream'}, body: Buffer.from(row._bytes, 'base64')};
  if (content ? request.method !== 'PATCH' : request.method !== 'DELETE') throw methodNotAllowed('picture');
  const match = request.headers['if-match'];
  if (content && (match === undefined || !ETAG.test(match))) throw invalidToken();
  if (match !== undefined && match !== '*' && match !== etagOf(row, entity)) throw entityChanged();
  store.transaction(() => (content ? setPicture(books, set, parent.id, request.bytes) : dropPicture(books, set, parent.id)));
  return {status: 204, headers: {}, body: undefined};
}

export function setPicture(books, set, id, bytes) {
  if (!bytes || bytes.length === 0) throw badRequest('The request has no content.');
  const found = imageOf(bytes);
  if (!found) throw dialog('The file is not a picture that can be shown.');
  books.store.put(books.company, 'pictures', id, {
    ...found,
    id,
    parentType: PARENTS[set],
    _bytes: bytes.toString('base64'),
    _digest: createHash('sha256').update(bytes).digest('hex'),
  });
  moved(books, set, id);
}

export function dropPicture(books, set, id) {
  if (!books.get('pictures', id)) return;
  books.remove('pictures', id);
  moved(books, set, id);
}

/** A picture is part of its parent's record: the stamp of that one moves. */
function moved(books, set, id) {
  const parent = books.write(set, books.get(set, id), {evenIfSame: true});
  books.note('changed', set, parent);
}

/** {width, height, contentType} of PNG, JPEG and GIF; undefined for anything else. */
function imageOf(bytes) {
  if (bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex')) && bytes.length >= 24)
    return {width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), contentType: 'image/png'};
  if (/^GIF8[79]a/.test(bytes.subarray(0, 6).toString('latin1')) && bytes.length >= 10)
    return {width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8), contentType: 'image/gif'};
  if (bytes.length > 4 && bytes.readUInt16BE(0) === 0xffd8) return {...jpegSize(bytes), contentType: 'image/jpeg'};
  return undefined;
}

function jpegSize(bytes) {
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return {height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7)};
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return {width: 0, height: 0};
}
