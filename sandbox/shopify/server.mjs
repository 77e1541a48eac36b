// The simulated Shopify as a whole: stores, tokens, budgets, and the way of a request through them.
import {randomUUID} from 'node:crypto';
import {Clock} from '../lib/clock.mjs';
import {Delayed} from '../lib/delayed.mjs';
import {Faults, faultAnswer, faultBefore} from '../lib/faults.mjs';
import {HttpError, readBody, readJson, sendJson, serve} from '../lib/http.mjs';
import {Latency} from '../lib/latency.mjs';
import {Ledger} from '../lib/ledger.mjs';
import {State} from '../lib/state.mjs';
import {Admin} from './admin.mjs';
import {Bucket} from './bucket.mjs';
import {PLANS} from './plans.mjs';
import {Bulk, formIn} from './bulk.mjs';
import {Documents} from './documents.mjs';
import {GraphqlEndpoint} from './graphql.mjs';
import {Keys} from './idempotency.mjs';
import {Operations} from './operations.mjs';
import {Schemas, servedVersion} from './schema.mjs';
import {Storage} from './storage.mjs';
import {Store} from './store.mjs';
import {Tokens} from './tokens.mjs';
import {WEBHOOK_FAULTS, Webhooks} from './webhooks.mjs';

// The mutations of a document run one after the other.
export const LATENCIES = {read: 150, mutation: roots => 200 + 100 * roots, refusal: 50, webhook: 700};
/**
 * Faults of this peer: someone else emptied the bucket; INTERNAL_SERVER_ERROR before or after the effect; the token is
 * revoked; the answer carries {headers} of its own (a deprecation notice, another version); a mutation takes effect only
 * after its caller gave up and looked (`match` is held against the operation and the roots of a query).
 */
const FAULT_KINDS = ['throttled', 'internal_before', 'internal_after', 'revoke_token', 'headers', 'later', ...WEBHOOK_FAULTS];

/** Shopify ends what runs longer, in bucket time. */
const LONGEST_MS = 60_000;

export class Shopify {
  #buckets = new Map(); // "domain client" → Bucket
  #reduced = new Map(); // domain → limits below those of its plan, until the plan is set again

  /** `world` is what data/world.mjs or data/retail.mjs answers. */
  constructor(options, world) {
    this.options = options;
    this.clock = new Clock({business: Date.parse(world.now), scale: options.timeScale ?? 1});
    this.ledger = new Ledger({clock: this.clock, scope: 'store'});
    this.faults = new Faults({seed: options.seed ?? 1, kinds: FAULT_KINDS});
    this.delayed = new Delayed({clock: this.clock, longest: LONGEST_MS});
    this.latency = new Latency({
      clock: this.clock,
      profile: options.latency ?? 'none',
      seed: options.seed ?? 1,
      table: LATENCIES,
    });
    this.schemas = new Schemas(options.schemaDir);
    this.webhooks = new Webhooks({
      clock: this.clock,
      faults: this.faults,
      latency: this.latency,
      touch: () => this.state.touch(),
    });
    this.stores = new Map(
      world.stores.map((identity, i) => [
        identity.domain,
        new Store(
          {...identity, plan: options.plan ?? identity.plan},
          {
            clock: this.clock,
            indexLag: options.indexLag ?? 2000,
            mediaLag: options.mediaLag ?? 1500,
            pagingDepth: options.pagingDepth ?? 25_000,
            replayer: i === 0 ? world.replayer : null,
            tell: told => this.webhooks.tell(told),
          },
        ),
      ]),
    );
    this.tokens = new Tokens({
      stores: world.stores,
      scopes: options.scopes?.split(','),
      lifeS: options.tokenLife,
      scale: this.clock.scale,
    });
    this.replayer = world.replayer ?? null;
    this.state = new State({
      file: options.state,
      kind: `shopify ${options.data ?? 'synthetic'} ${options.seed ?? 1}`,
      save: () => this.#save(),
    });
    const documents = new Documents(this.schemas);
    this.graphql = new GraphqlEndpoint({
      schemas: this.schemas,
      documents,
      latency: this.latency,
      ledger: this.ledger,
      touch: () => this.state.touch(),
    });
    this.bulk = new Bulk({
      documents,
      latency: this.latency,
      clock: this.clock,
      run: asked => this.graphql.execute(asked),
      answering: asked => this.graphql.answering(asked),
    });
    this.graphql.bulk = this.bulk;
    this.storage = new Storage(this.clock);
    this.keys = new Keys(this.clock);
    this.operations = new Operations({
      latency: this.latency,
      clock: this.clock,
      ledger: this.ledger,
      touch: () => this.state.touch(),
    });
    this.graphql.reach = {
      stores: this.stores,
      storage: this.storage,
      keys: this.keys,
      operations: this.operations,
      schemas: this.schemas,
    };
    this.admin = new Admin(this);
  }

  async start() {
    const saved = this.state.load();
    if (saved) this.#load(saved);
    this.http = await serve({
      listen: this.options.listen,
      addressFile: this.options.addressFile,
      tlsCert: this.options.tlsCert,
      tlsKey: this.options.tlsKey,
      handle: (request, response) => this.handle(request, response),
    });
    this.bulk.url = this.http.url;
    this.storage.url = this.http.url;
    if (saved?.bulk) this.bulk.load(saved.bulk, this.stores);
    if (saved?.operations) this.operations.load(saved.operations, this.stores);
    return this.http;
  }

  async close() {
    this.webhooks.close();
    if (this.state.file) this.state.flush();
    await this.http?.close();
  }

  #save() {
    return {
      business: this.clock.business(),
      tokens: this.tokens.save(),
      ledger: this.ledger.save(),
      bulk: this.bulk.save(this.stores),
      storage: this.storage.save(),
      keys: this.keys.save(),
      operations: this.operations.save(this.stores),
      stores: Object.fromEntries([...this.stores].map(([domain, store]) => [domain, store.save()])),
    };
  }

  #load(saved) {
    this.clock.jump(saved.business);
    for (const [domain, content] of Object.entries(saved.stores)) this.stores.get(domain)?.load(content);
    this.tokens.load(saved.tokens);
    this.ledger.load(saved.ledger);
    this.storage.load(saved.storage);
    this.keys.load(saved.keys);
  }

  /** Back to the world as it was at the first start: no changes, no faults, full budgets; business time stays. */
  reset() {
    for (const [domain, store] of this.stores) this.stores.set(domain, store.fresh());
    this.replayer?.rewind();
    this.ledger.reset();
    this.faults.set([]);
    this.delayed.clear();
    this.webhooks.reset();
    this.bulk.reset();
    this.operations.reset();
    this.storage.reset();
    this.keys.reset();
    this.tokens.reset();
    this.#buckets.clear();
    this.state.touch();
    return {ok: true};
  }

  /** Makes the orders of a replayed file visible that are dated before `until`; answers the counts of this step. */
  replay(until) {
    if (!this.replayer) throw new HttpError(409, {errors: 'replay: start with --orders FILE'});
    const store = this.stores.values().next().value;
    const counts = store.perform('replay', null, {until});
    this.clock.jump(Date.parse(`${until}T00:00:00Z`));
    store.flushIndexes();
    this.state.touch();
    return counts;
  }

  bucketOf(store, clientId) {
    const key = `${store.domain} ${clientId}`;
    let bucket = this.#buckets.get(key);
    if (!bucket)
      this.#buckets.set(
        key,
        (bucket = new Bucket({clock: this.clock, limits: this.#reduced.get(store.domain) ?? PLANS[store.plan]})),
      );
    return bucket;
  }

  /** A store changes its plan, or Shopify lowers its limits for a while. */
  changePlan(store, {plan, maximum, rate}) {
    if (plan && !PLANS[plan]) throw new HttpError(400, {errors: `plan: want one of ${Object.keys(PLANS).join(', ')}`});
    if (plan) store.perform('changePlan', null, {plan});
    const row = PLANS[store.plan];
    const limits = {maximum: maximum ?? row.maximum, rate: rate ?? row.rate};
    this.#reduced.set(store.domain, limits);
    for (const [key, bucket] of this.#buckets) if (key.startsWith(`${store.domain} `)) bucket.limit(limits);
    this.state.touch();
  }

  // ---- the imitated surface ----------------------------------------------------------------------

  async handle(request, response) {
    const url = new URL(request.url, 'http://sandbox');
    if (url.pathname.startsWith('/_sandbox/')) return this.admin.handle(request, response, url);
    const requestId = randomUUID();
    response.setHeader('x-request-id', requestId);
    if (/^\/(storage|cdn)\//.test(url.pathname)) return this.#storage(request, response, url);
    const store = this.#storeOf(request);
    if (!store) return sendJson(response, 404, {errors: 'Not Found'});
    if (url.pathname === '/admin/oauth/access_token') return this.#oauth(request, response, store, url);
    const [, , version] = /^\/admin\/api\/(([^/]+)\/)?graphql\.json$/.exec(url.pathname) ?? [null, null, null];
    if (version === null || servedVersion(version) === null) return sendJson(response, 404, {errors: 'Not Found'});
    if (request.method !== 'POST') return sendJson(response, 405, {errors: 'Method Not Allowed'});
    return this.#graphql(request, response, {store, url, requestId, version: servedVersion(version)});
  }

  /** By Host header; a bare loopback address (clients that cannot set the header) means the first store. */
  #storeOf(request) {
    const host = (request.headers['x-forwarded-host'] ?? request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
    if (/^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(host)) return this.stores.values().next().value;
    return this.stores.get(host);
  }

  /** Where files are put and fetched: another house than the shop, which knows no tokens. */
  async #storage(request, response, url) {
    const isUpload = request.method === 'POST' || request.method === 'PUT';
    const fault = this.#faultOf(request, url, {operation: isUpload ? 'upload' : 'download', roots: []});
    if (await faultBefore(fault, response)) return undefined;
    if (url.pathname.startsWith('/cdn/')) {
      const {bytes, mime} = this.storage.image(request, url, this.stores);
      return faultAnswer(fault, response, 200, bytes, {'content-type': mime});
    }
    if (request.method === 'PUT') {
      await this.storage.put(request, url);
      this.state.touch();
      return faultAnswer(fault, response, 200, '', {'content-type': 'text/plain'});
    }
    const text = isUpload ? await this.#post(request) : this.bulk.result(request, url);
    const type = {'content-type': isUpload ? 'application/xml' : 'application/jsonl'};
    return faultAnswer(fault, response, isUpload ? 201 : 200, text, type);
  }

  /** A form belongs to a bulk import or to an image, as its key says. */
  async #post(request) {
    const form = await formIn(request);
    this.state.touch();
    return this.storage.isImage(form.given) ? this.storage.post(form.given, form.file) : this.bulk.upload(form);
  }

  async #oauth(request, response, store, url) {
    const fault = this.#faultOf(request, url, {operation: 'oauth', roots: []});
    if (await faultBefore(fault, response)) return undefined;
    const text = (await readBody(request)).toString('utf8');
    const form = formOf(request, text);
    this.ledger.call('oauth', store.domain, 0);
    const {status, body} = this.tokens.grant(store, form);
    this.state.touch();
    return faultAnswer(fault, response, status, JSON.stringify(body));
  }

  #faultOf(request, url, {operation, roots}) {
    try {
      return this.faults.choose({
        path: url.pathname,
        method: request.method,
        operation,
        roots,
        header: request.headers['x-sandbox-fault'],
      });
    } catch (error) {
      throw new HttpError(400, {errors: `X-Sandbox-Fault: ${error.message}`});
    }
  }

  async #graphql(request, response, {store, url, requestId, version}) {
    const headers = {'x-shopify-api-version': version};
    const name = request.headers['x-shopify-access-token'];
    const body = await readJson(request);
    if (typeof body.query !== 'string')
      throw new HttpError(400, {errors: {query: 'Required parameter missing or invalid'}});
    const identified = this.graphql.identify(version, body);
    const fault = this.#faultOf(request, url, identified);
    if (fault?.kind === 'revoke_token') this.tokens.revoke(store, name);
    const token = name && this.tokens.check(store, name);
    if (!token) {
      this.ledger.call(identified.operation, store.domain, 0);
      return sendJson(
        response,
        401,
        {errors: '[API] Invalid API key or access token (unrecognized login or wrong password)'},
        headers,
      );
    }
    if (await faultBefore(fault, response)) return this.ledger.call(identified.operation, store.domain, 0);
    const isWrite = identified.prepared?.plan?.isMutation ?? false;
    const carryOut = played =>
      this.graphql.answer({
        store,
        token,
        bucket: this.bucketOf(store, token.clientId),
        version,
        body,
        identified,
        fault: played,
        requestId,
        debug: request.headers['shopify-graphql-cost-debug'] === '1',
      });
    if (fault?.kind === 'later' && isWrite) {
      this.delayed.add(fault, () => carryOut(null)); // the call goes on without its caller
      return faultBefore({kind: 'reset_before'}, response);
    }
    const answer = await carryOut(fault);
    if (!isWrite) this.delayed.looked(`${identified.operation} ${identified.roots.join(' ')}`);
    const extra = fault?.kind === 'headers' ? fault.headers : {};
    return faultAnswer(fault, response, answer.status, answer.text, {...headers, ...answer.headers, ...extra});
  }
}

/** OAuth takes a form or JSON. */
function formOf(request, text) {
  if (!request.headers['content-type']?.includes('json')) return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text || '{}');
  } catch {
    throw new HttpError(400, {error: 'invalid_request', error_description: 'the body is not JSON'});
  }
}
