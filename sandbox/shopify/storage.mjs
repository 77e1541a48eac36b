// Where images are put before they are files, and fetched once they are: the storage of staged uploads and the CDN, two
// houses that know no tokens. Bytes are kept once, under their digest.
import {createHash, randomUUID} from 'node:crypto';
import {HttpError, readBody} from '../lib/http.mjs';
import {contentOf} from './files.mjs';
import {FieldError} from './plan.mjs';
import {Refusal} from './refusal.mjs';

const LIFE_MS = 7 * 86_400_000; // of a target, in business time
const FILE_LIMIT = 21 << 20;
const IMAGES = {png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', gif: 'image/gif', webp: 'image/webp'};
const RESOURCES = new Set(['IMAGE', 'PRODUCT_IMAGE', 'COLLECTION_IMAGE', 'FILE']);

export class Storage {
  #blobs = new Map(); // digest → bytes
  #staged = new Map(); // path → {signature, mimeType, parameters, until, digest}

  constructor(clock) {
    this.clock = clock;
    this.url = ''; // of the server, once it listens
    this.failing = 0; // how many of the next sources cannot be processed
  }

  reset() {
    this.#staged.clear();
    this.failing = 0;
  }

  save() {
    return {
      url: this.url,
      blobs: [...this.#blobs].map(([digest, bytes]) => [digest, bytes.toString('base64')]),
      staged: [...this.#staged],
    };
  }

  load(saved) {
    for (const [digest, text] of saved?.blobs ?? []) this.#blobs.set(digest, Buffer.from(text, 'base64'));
    for (const [path, staged] of saved?.staged ?? []) this.#staged.set(path, staged);
  }

  // ---- staged uploads ----------------------------------------------------------------------------

  /** One target of stagedUploadsCreate, or null for a resource that has none here; `i` is its place in the input. */
  stage({resource, filename, mimeType, httpMethod = 'PUT'}, store, i) {
    if (!RESOURCES.has(resource)) return null;
    const known = IMAGES[filename.split('.').at(-1).toLowerCase()];
    if (resource !== 'FILE' && (!known || known !== mimeType))
      throw new Refusal(['input', String(i), 'mimeType'], `${filename}: (${mimeType}) is not a recognized format`);
    const key = `tmp/${store.id}/${httpMethod === 'POST' ? 'products' : 'files'}/${randomUUID()}/${filename}`;
    const signature = randomUUID().replaceAll('-', '');
    const parameters =
      httpMethod === 'POST'
        ? {
            'Content-Type': mimeType,
            success_action_status: '201',
            acl: 'private',
            key,
            'x-goog-algorithm': 'GOOG4-RSA-SHA256',
            'x-goog-signature': signature,
            policy: Buffer.from(key).toString('base64'),
          }
        : {content_type: mimeType, acl: 'private'};
    this.#staged.set(`/storage/${encoded(key)}`, {
      signature,
      parameters,
      httpMethod,
      key,
      until: this.clock.business() + LIFE_MS,
      digest: null,
    });
    const place = `${this.url}/storage/${encoded(key)}`;
    return {
      __typename: 'StagedMediaUploadTarget',
      url:
        httpMethod === 'POST'
          ? `${this.url}/storage/`
          : `${place}?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Expires=604800&X-Goog-Signature=${signature}`,
      resourceUrl: place,
      parameters: Object.entries(parameters).map(([name, value]) => ({name, value})),
    };
  }

  /** Whether a form that was posted belongs to an image; `given` are its parameters. */
  isImage(given) {
    return this.#staged.has(`/storage/${encoded(given.key ?? '')}`);
  }

  /** PUT: the bytes as they are, at the address that was given. */
  async put(request, url) {
    this.#noToken(request);
    const staged = this.#open(url.pathname, 'PUT');
    if (url.searchParams.get('X-Goog-Signature') !== staged.signature)
      throw new HttpError(403, {errors: 'storage: the signature is not as it was given'});
    staged.digest = this.keep(await readBody(request, FILE_LIMIT));
  }

  /** POST: all parameters as they were given, and the file behind them. */
  post(given, bytes) {
    const staged = this.#open(`/storage/${encoded(given.key)}`, 'POST');
    const missing = Object.keys(staged.parameters).find(name => given[name] !== staged.parameters[name]);
    if (missing) throw new HttpError(403, {errors: `storage: ${missing} is not as it was given`});
    staged.digest = this.keep(bytes);
    return `<?xml version='1.0' encoding='UTF-8'?><PostResponse><Key>${given.key}</Key></PostResponse>`;
  }

  #open(path, method) {
    const staged = this.#staged.get(path);
    if (staged?.httpMethod !== method) throw new HttpError(403, {errors: 'storage: access denied'});
    if (staged.until < this.clock.business()) throw new HttpError(400, {errors: 'storage: the address has expired'});
    return staged;
  }

  #noToken(request) {
    if (request.headers['x-shopify-access-token'])
      throw new HttpError(400, {errors: "storage: the shop's token has no business here"});
  }

  // ---- bytes -------------------------------------------------------------------------------------

  keep(bytes) {
    const digest = createHash('sha256').update(bytes).digest('hex');
    this.#blobs.set(digest, bytes);
    return digest;
  }

  /** What each source holds: an upload that has arrived, or an image that is shown here. Nothing is fetched from elsewhere. */
  contents(sources, stores) {
    const found = {};
    for (const source of sources) {
      const digest = this.#staged.get(pathOf(source, this.url))?.digest ?? this.#shown(source, stores)?.digest;
      found[source] =
        this.failing > 0
          ? {failure: {code: 'IMAGE_PROCESSING_FAILURE', message: 'Image processing failed.'}}
          : contentOf(digest && this.#blobs.get(digest), digest);
      if (this.failing > 0) this.failing--;
    }
    return found;
  }

  // ---- the CDN -----------------------------------------------------------------------------------

  urlOf(store, file, content) {
    return `${this.url}/cdn/s/files/1/${store.id}/files/${encodeURIComponent(file.filename)}?v=${Math.floor(Date.parse(file.updatedAt) / 1000)}`;
  }

  #shown(source, stores) {
    const [, shop, name] = /^\/cdn\/s\/files\/1\/(\d+)\/files\/([^/]+)$/.exec(pathOf(source, this.url) ?? '') ?? [];
    const store = shop && [...stores.values()].find(entry => entry.id === shop);
    const file = store && store.files.byName(decodeURIComponent(name));
    return file ? store.files.imageOf(file) : null;
  }

  /** {bytes, mime} of an address under /cdn/. */
  image(request, url, stores) {
    this.#noToken(request);
    const content = this.#shown(`${this.url}${url.pathname}`, stores);
    if (!content) throw new HttpError(404, {errors: 'cdn: not found'});
    for (const name of url.searchParams.keys())
      if (name !== 'v') throw new HttpError(501, {errors: `cdn: the transformation ${name} is not simulated`});
    return {bytes: this.#blobs.get(content.digest), mime: content.mime};
  }
}

const encoded = key => key.split('/').map(encodeURIComponent).join('/');
const pathOf = (source, base) => (source.startsWith(`${base}/`) ? new URL(source).pathname : null);

/** Images of a transformed size would have to be made up. */
export function refuseTransform(args) {
  if (args.transform && Object.keys(args.transform).length)
    throw new FieldError('NOT_SIMULATED', 'an image of another size is not simulated; ask for the untransformed url');
}
