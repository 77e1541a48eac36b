// Files of a store: images that products show. A file comes from a source (a staged upload, or an address of our own)
// and is worked on for a while of bucket time: UPLOADED, PROCESSING, then READY or FAILED. A replaced image keeps its
// id; until the new one is through it has no image to show.
import path from 'node:path';
import {gid} from './store.mjs';

export const ALT_LIMIT = 512;
export const MEDIA_LIMIT = 250; // per product
const BYTES_LIMIT = 20 << 20;
const PIXELS_LIMIT = 25_000_000;

export class Files {
  #names = new Map(); // filename → file

  constructor(store, {clock, lag}) {
    Object.assign(this, {store, clock, lag});
  }

  /** `content` is {digest, width, height, mime, size} or {failure: {code, message}}. */
  add({source, content, alt = '', filename = null}) {
    const now = this.store.now();
    const file = {
      __typename: 'MediaImage',
      id: this.store.nextId('MediaImage'),
      alt: alt ?? '',
      filename: this.#freeName(filename ?? nameOf(source)),
      content: null,
      failure: null,
      isNew: true,
      createdAt: now,
      updatedAt: now,
      products: new Set(),
    };
    this.#names.set(file.filename, file);
    this.#work(file, content);
    this.store.put(file);
    return file;
  }

  /** Another image under the same id. */
  replace(file, content) {
    this.#work(file, content);
    this.store.change(file, {});
  }

  #work(file, content) {
    const since = this.clock.bucketMs();
    file.pending = {since, until: since + (this.store.isLoading ? 0 : this.lag), content};
  }

  /** Ends a file's work at once. */
  settle(file) {
    if (file.pending) file.pending.until = file.pending.since;
    this.stateOf(file);
  }

  /** Lets a file's work end when its time has come; answers its state now. */
  stateOf(file) {
    const {pending} = file;
    if (pending && this.clock.bucketMs() >= pending.until) {
      file.pending = null;
      file.isNew = false;
      if (pending.content.failure) file.failure = pending.content.failure;
      else Object.assign(file, {content: pending.content, failure: null});
    }
    if (file.failure) return 'FAILED';
    if (!file.pending || !file.isNew) return 'READY';
    return this.clock.bucketMs() < (file.pending.since + file.pending.until) / 2 ? 'UPLOADED' : 'PROCESSING';
  }

  /** Whether an image is being worked on, a new one or the one that replaces it. */
  isBusy(file) {
    this.stateOf(file);
    return file.pending !== null;
  }

  imageOf(file) {
    this.stateOf(file);
    return file.pending || file.failure ? null : file.content;
  }

  byName(name) {
    return this.#names.get(name) ?? null;
  }

  rename(file, name) {
    this.#names.delete(file.filename);
    file.filename = this.#freeName(name);
    this.#names.set(file.filename, file);
  }

  acknowledge(file) {
    file.failure = null;
  }

  remove(file) {
    for (const product of file.products) detach(this.store, product, file);
    this.#names.delete(file.filename);
    this.store.drop(file);
  }

  #freeName(name) {
    let free = name;
    const {name: stem, ext} = path.posix.parse(name);
    for (let n = 1; this.#names.has(free); n++) free = `${stem}_${String(n).padStart(8, '0')}-${this.store.id}${ext}`;
    return free;
  }
}

const nameOf = source => decodeURIComponent(new URL(source).pathname.split('/').at(-1)) || 'image';

export const isUrl = text => /^https?:\/\/[^\s/]+\/?\S*$/.test(text);

export function attach(store, product, file) {
  if (product.media.includes(file)) return;
  product.media.push(file);
  file.products.add(product);
}

/** A file that leaves a product leaves its variants too. */
export function detach(store, product, file) {
  product.media = product.media.filter(entry => entry !== file);
  file.products.delete(product);
  for (const variant of product.variants) if (variant.media === file) variant.media = null;
}

/** What a body of bytes is as an image, or why it is none. */
export function contentOf(bytes, digest) {
  const failure = (code, message) => ({failure: {code, message}});
  if (!bytes) return failure('IMAGE_DOWNLOAD_FAILURE', 'Image could not be downloaded.');
  if (bytes.length > BYTES_LIMIT) return failure('INVALID_IMAGE_FILE_SIZE', 'Image file size exceeds 20 MB.');
  const found = PNG(bytes) ?? JPEG(bytes) ?? GIF(bytes) ?? WEBP(bytes);
  if (!found) return failure('UNSUPPORTED_IMAGE_FILE_TYPE', 'Image file type is not supported.');
  if (!(found.width > 0 && found.height > 0)) return failure('IMAGE_PROCESSING_FAILURE', 'Image processing failed.');
  if (found.width * found.height > PIXELS_LIMIT)
    return failure('INVALID_IMAGE_RESOLUTION', 'Image resolution exceeds 25 megapixels.');
  return {...found, digest, size: bytes.length};
}

const PNG = bytes =>
  bytes.length >= 24 && bytes.readUInt32BE(0) === 0x89504e47
    ? {mime: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20)}
    : null;

const GIF = bytes =>
  bytes.length >= 10 && bytes.toString('latin1', 0, 3) === 'GIF'
    ? {mime: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8)}
    : null;

function WEBP(bytes) {
  if (bytes.length < 30 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP')
    return null;
  const kind = bytes.toString('latin1', 12, 16);
  if (kind === 'VP8X')
    return {mime: 'image/webp', width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1};
  if (kind === 'VP8L') {
    const bits = bytes.readUInt32LE(21);
    return {mime: 'image/webp', width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1};
  }
  return {mime: 'image/webp', width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff};
}

/** The size of a JPEG stands in the segment that starts a frame. */
function JPEG(bytes) {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return {mime: 'image/jpeg', width: 0, height: 0};
    const marker = bytes[at + 1];
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return {mime: 'image/jpeg', width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5)};
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return {mime: 'image/jpeg', width: 0, height: 0};
}

export const fileGid = file => gid('MediaImage', file.id);
