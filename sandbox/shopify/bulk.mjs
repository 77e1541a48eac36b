// Bulk operations. Imports: an upload target, the file that is put there, one mutation run over its lines, and the file
// of what came of each. Exports: one query, and the file of its lines. They run beside the requests, take nothing from
// the bucket, at most five of a kind at a time per app and store. What has ended is there after a restart, with its
// file; an operation that the restart interrupts has failed.
import {randomUUID} from 'node:crypto';
import {Refused, checkRequest} from './documents.mjs';
import {Refusal, Refusals} from './refusal.mjs';
import {checkQuery, linesOf} from './bulk-query.mjs';
import {HttpError, readBody} from '../lib/http.mjs';

const AT_ONCE = 5;
const LINES_A_TURN = 20; // between two of them other requests are served
const LINE_MS = 10; // of bucket time, under the latency profile `real`: a hundred lines a second
const OBJECT_MS = 1; // the same for a line of an export
const FILE_LIMIT = 100 << 20;
const LIFE_MS = 7 * 86_400_000; // of a result, in business time
const FIRST_ID = 4_100_000_000_000;
const ENDS = {FAILED: 'INTERNAL_SERVER_ERROR', CANCELED: null, EXPIRED: null};

export class Bulk {
  #staged = new Map(); // key → {parameters, content}
  #results = new Map(); // token → {text, until}
  #operations = [];
  #course = {}; // what becomes of operations that are started from now on
  #held = null; // {promise, release} while they are kept from going on

  constructor({documents, latency, clock, run, answering}) {
    Object.assign(this, {documents, latency, clock, run, answering});
    this.url = ''; // of the server, once it listens
  }

  reset() {
    this.#staged.clear();
    this.#results.clear();
    for (const operation of this.#operations) operation.isOver = true;
    this.#operations = [];
    this.steer({});
  }

  save(stores) {
    const domains = new Map([...stores].map(([domain, store]) => [store, domain]));
    return {
      url: this.url,
      operations: this.#operations.map(({store, ...operation}) => ({...operation, store: domains.get(store)})),
      results: [...this.#results].map(([token, {text, until}]) => ({token, text, until})),
    };
  }

  /** Once we have our own address: that of the files is another one then. */
  load(saved, stores) {
    const moved = url => url && url.replace(saved.url, this.url);
    for (const {token, text, until} of saved.results) this.#results.set(token, {text, until});
    for (const {store, url, partialDataUrl, ...rest} of saved.operations) {
      const operation = {...rest, store: stores.get(store), url: moved(url), partialDataUrl: moved(partialDataUrl)};
      if (!operation.isOver)
        Object.assign(operation, {isOver: true, completedAt: operation.createdAt, ...this.#end('FAILED', null)});
      this.#operations.push(operation);
      operation.store.put(operation);
    }
  }

  /**
   * {"hold": true} keeps operations from their lines until the next call; {"end": "FAILED", "after": n} lets those that
   * start from now on end so after n lines; {"refuse": n} lets Shopify refuse line n; {"taken": n} says how many of the
   * app's places others have.
   */
  steer({hold = false, end = null, after = null, refuse = null, taken = 0}) {
    if (end !== null && !(end in ENDS)) throw new Error(`end: want one of ${Object.keys(ENDS).join(', ')}`);
    this.#course = {end, after, refuse, taken};
    this.#held?.release();
    this.#held = null;
    if (hold) {
      let release;
      const promise = new Promise(resolve => (release = resolve));
      this.#held = {promise, release};
    }
  }

  // ---- the file --------------------------------------------------------------------------------

  /** One target of stagedUploadsCreate. */
  stage({resource, filename, mimeType, httpMethod}) {
    if (resource !== 'BULK_MUTATION_VARIABLES') return null;
    if (mimeType !== 'text/jsonl') throw new Refusal(['input', '0', 'mimeType'], 'Mime type must be text/jsonl');
    if (httpMethod !== 'POST') throw new Refusal(['input', '0', 'httpMethod'], 'Http method must be POST');
    const key = `tmp/61000000001/bulk/${randomUUID()}/${filename}`;
    const parameters = {
      'Content-Type': mimeType,
      success_action_status: '201',
      acl: 'private',
      key,
      policy: Buffer.from(key).toString('base64'),
      'x-goog-signature': randomUUID().replaceAll('-', ''),
    };
    this.#staged.set(key, {parameters, content: null});
    return {
      __typename: 'StagedMediaUploadTarget',
      url: `${this.url}/storage/`,
      resourceUrl: `${this.url}/storage/${key}`,
      parameters: Object.entries(parameters).map(([name, value]) => ({name, value})),
    };
  }

  /** The storage wants all parameters, as they were given. */
  upload({given, file}) {
    const staged = this.#staged.get(given.key);
    const missing = staged && Object.keys(staged.parameters).find(name => given[name] !== staged.parameters[name]);
    if (!staged || missing) throw new HttpError(403, {errors: `storage: ${missing ?? 'key'} is not as it was given`});
    staged.content = file.toString('utf8');
    return `<?xml version='1.0' encoding='UTF-8'?><PostResponse><Key>${given.key}</Key></PostResponse>`;
  }

  // ---- the operation -----------------------------------------------------------------------------

  start({mutation, stagedUploadPath, clientIdentifier}, {store, token, version}) {
    const refuse = (code, message, field = null) => {
      throw new Refusal(field, message, code);
    };
    if (clientIdentifier && (clientIdentifier.length < 10 || clientIdentifier.length > 255))
      refuse('INVALID_MUTATION', 'Client identifier must be 10 to 255 characters', ['clientIdentifier']);
    const staged = this.#staged.get(stagedUploadPath);
    if (!staged?.content && staged?.content !== '')
      refuse(
        'NO_SUCH_FILE',
        "The JSONL file could not be found. Try uploading the file again, and check that you've entered the URL correctly for the stagedUploadPath mutation argument.",
      );
    const lines = staged.content.split('\n').filter(line => line.trim());
    if (!lines.length) refuse('INVALID_STAGED_UPLOAD_FILE', 'The input file is empty.', ['stagedUploadPath']);
    const prepared = this.#prepared(version, mutation, refuse);
    this.#checkPlaces('MUTATION', store, token, refuse);
    const operation = this.#open('MUTATION', mutation, store, token);
    this.#work(operation, {lines, prepared, store, token, version, ...this.#course});
    return operation;
  }

  /** An export. */
  startQuery({query, groupObjects = false}, {store, token, version}) {
    const refuse = messages => {
      throw new Refusals(messages.map(message => ({field: ['query'], message, code: 'INVALID'})));
    };
    let prepared;
    const prepare = () => {
      try {
        return (prepared = this.documents.prepare(version, query));
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        return refuse([`Invalid bulk query: ${error.message}`]);
      }
    };
    checkQuery(query, prepare, refuse);
    this.#checkPlaces('QUERY', store, token, (code, message) => {
      throw new Refusal(null, message, code);
    });
    const operation = this.#open('QUERY', query, store, token);
    this.#export(operation, {prepared, isGrouped: groupObjects, store, token, version, ...this.#course});
    return operation;
  }

  #checkPlaces(type, store, token, refuse) {
    const running = this.#operations.filter(
      entry => entry.type === type && entry.store === store && entry.clientId === token.clientId && !entry.isOver,
    );
    if (running.length + (this.#course.taken ?? 0) >= AT_ONCE)
      refuse(
        'OPERATION_IN_PROGRESS',
        `A bulk ${type.toLowerCase()} operation for this app and shop is already in progress: ${running.map(entry => `gid://shopify/BulkOperation/${entry.id}`).join(', ')}.`,
      );
  }

  #open(type, query, store, token) {
    const operation = {
      __typename: 'BulkOperation',
      id: String(FIRST_ID + this.#operations.length),
      type,
      status: 'CREATED',
      errorCode: null,
      objectCount: 0,
      rootObjectCount: 0,
      fileSize: null,
      createdAt: store.now(),
      completedAt: null,
      url: null,
      partialDataUrl: null,
      query,
      store,
      clientId: token.clientId,
      isOver: false,
    };
    this.#operations.push(operation);
    store.put(operation);
    return operation;
  }

  #prepared(version, mutation, refuse) {
    let prepared;
    try {
      prepared = this.documents.prepare(version, mutation);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse('INVALID_MUTATION', `Failed to parse the mutation - ${error.message}`, ['mutation']);
    }
    const {plan} = prepared;
    if (!plan?.isMutation)
      refuse('INVALID_MUTATION', 'Invalid operation type. Only `mutation` operations are supported.', ['mutation']);
    if (plan.rootFields.length !== 1)
      refuse('INVALID_MUTATION', 'You must specify a single top level mutation.', ['mutation']);
    if (/^bulkOperation/.test(plan.rootFields[0]))
      refuse('INVALID_MUTATION', "You can't use the bulk operation mutations.", ['mutation']);
    if (plan.everyField({}).filter(({field}) => field.isConnection).length > 1)
      refuse('INVALID_MUTATION', "Bulk mutations can't contain more than one connection.", ['mutation']);
    return prepared;
  }

  async #work(operation, {lines: all, prepared, end, after, refuse, ...asked}) {
    const results = [];
    const lines = all.slice(0, after ?? all.length);
    await this.#held?.promise;
    const began = this.clock.bucketMs();
    for (let at = 0; at < lines.length && !operation.isOver; at += LINES_A_TURN) {
      const turn = lines.slice(at, at + LINES_A_TURN);
      // What the lines themselves take of this machine is part of their time, not beside it.
      const due = began + LINE_MS * (at + turn.length) - this.clock.bucketMs();
      if (this.latency.profile === 'real' && due > 0) await this.clock.sleep(due);
      else await new Promise(resolve => setImmediate(resolve));
      if (operation.isOver) break;
      operation.status = 'RUNNING';
      const answers = turn.map((line, i) => ({
        ...(at + i === refuse ? refusalOf(prepared) : this.#one(line, prepared, asked)),
        __lineNumber: at + i,
      }));
      results.push(...answers.reverse().map(answer => JSON.stringify(answer))); // in no order that one may rely on
      Object.assign(operation, {objectCount: results.length, rootObjectCount: results.length});
    }
    this.#close(operation, results, end);
  }

  /** What the query finds is found at once, and told line by line. */
  async #export(operation, {prepared, isGrouped, end, after, store, token, version}) {
    await this.#held?.promise;
    await new Promise(resolve => setImmediate(resolve));
    if (operation.isOver && operation.status !== 'CANCELING') return;
    operation.status = operation.isOver ? operation.status : 'RUNNING';
    const answering = this.answering({prepared, store, token, version, inBulk: true});
    const {lines: all, roots, errors} = linesOf(prepared.plan, answering, isGrouped);
    const lines = all.slice(0, after ?? all.length).map(line => JSON.stringify(line));
    if (this.latency.profile === 'real') await this.clock.sleep(OBJECT_MS * lines.length);
    Object.assign(operation, {objectCount: lines.length, rootObjectCount: Math.min(roots, lines.length)});
    if (errors.length) {
      const {code} = errors[0].extensions;
      if (code !== 'ACCESS_DENIED') console.error(`sandbox: bulk query: ${errors[0].message}`);
      this.#close(operation, lines, 'FAILED');
      operation.errorCode = code === 'ACCESS_DENIED' ? code : 'INTERNAL_SERVER_ERROR';
    } else this.#close(operation, lines, end);
  }

  /** The file, and the end: as it was cancelled, as a test wants it, or well. */
  #close(operation, lines, end) {
    const text = lines.map(line => `${line}\n`).join('');
    const url = lines.length ? this.#keep(text, operation.store) : null;
    Object.assign(operation, {
      completedAt: operation.store.now(),
      fileSize: Buffer.byteLength(text),
      ...this.#end(operation.status === 'CANCELING' ? 'CANCELED' : end, url),
      isOver: true,
    });
  }

  #end(status, url) {
    if (!status) return {status: 'COMPLETED', url};
    return {status, errorCode: ENDS[status], partialDataUrl: status === 'EXPIRED' ? null : url};
  }

  /** What a line is answered; one that does not fit the mutation hurts no other. */
  #one(line, prepared, asked) {
    try {
      const variables = this.documents.variablesOf(prepared, JSON.parse(line));
      checkRequest(prepared, variables);
      const {data, errors} = this.run({prepared, variables, inBulk: true, ...asked});
      return errors.length ? {errors, data} : {data};
    } catch (error) {
      if (error instanceof Refused) return {errors: error.errors};
      if (error instanceof SyntaxError) return {errors: [{message: `invalid JSON: ${error.message}`}]};
      throw error;
    }
  }

  cancel(operation) {
    if (operation.isOver)
      throw new Refusal(['id'], `A bulk operation cannot be canceled when it is ${operation.status.toLowerCase()}`);
    Object.assign(operation, {status: 'CANCELING', isOver: true});
    return operation;
  }

  /** What there was, oldest first: for who watches from outside. */
  seen() {
    return this.#operations.map(({id, status, type, objectCount}) => ({id, status, type, objectCount}));
  }

  /** The operations of an app at a store, oldest first. */
  of(store, token) {
    return this.#operations.filter(entry => entry.store === store && entry.clientId === token.clientId);
  }

  #keep(text, store) {
    const token = randomUUID();
    this.#results.set(token, {text, until: store.clock.business() + LIFE_MS});
    return `${this.url}/storage/bulk-${token}.jsonl?Expires=${Math.floor((store.clock.business() + LIFE_MS) / 1000)}&Signature=${token}`;
  }

  /** The text of a result's file, as long as its address is good. */
  result(request, url) {
    if (request.headers['x-shopify-access-token'])
      throw new HttpError(400, {errors: "storage: the shop's token has no business here"});
    const token = url.searchParams.get('Signature');
    const found = this.#results.get(token);
    if (!found || url.pathname !== `/storage/bulk-${token}.jsonl`)
      throw new HttpError(403, {errors: 'storage: access denied'});
    if (found.until < this.clock.business()) throw new HttpError(400, {errors: 'storage: the address has expired'});
    return found.text;
  }
}

const refusalOf = ({plan}) => ({
  data: {[plan.rootFields[0]]: {userErrors: [{field: ['id'], message: 'The record is locked by another app'}]}},
});

/** A form that was posted to the storage: its parameters, and the bytes of the part `file`, which has to come last. */
export async function formIn(request) {
  if (request.headers['x-shopify-access-token'])
    throw new HttpError(400, {errors: "storage: the shop's token has no business here"});
  const parts = partsOf(request.headers['content-type'], await readBody(request, FILE_LIMIT));
  const last = parts.at(-1);
  if (last?.name !== 'file') throw new HttpError(400, {errors: 'storage: the part `file` has to come last'});
  const given = Object.fromEntries(parts.slice(0, -1).map(part => [part.name, part.bytes.toString('utf8')]));
  return {given, file: last.bytes};
}

/** The parts of a multipart body, in their order: {name, bytes}. */
function partsOf(type, body) {
  const [, boundary] = /boundary="?([^";]+)"?/.exec(type ?? '') ?? [];
  if (!boundary) throw new HttpError(400, {errors: 'storage: want multipart/form-data'});
  const parts = [];
  const mark = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(mark); at >= 0;) {
    const next = body.indexOf(mark, at + mark.length);
    if (next < 0) break;
    const part = body.subarray(at + mark.length, next);
    const end = part.indexOf('\r\n\r\n');
    const [, name] = /name="([^"]*)"/.exec(part.subarray(0, end).toString('latin1')) ?? [];
    parts.push({name, bytes: part.subarray(end + 4, part.length - 2)});
    at = next;
  }
  return parts;
}
