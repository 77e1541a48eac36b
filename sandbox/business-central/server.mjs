// The peer behind one port: routes, authentication, limits, faults, latency, the ledger of calls and
// effects. What a request means is api.mjs's business; here is what surrounds it.
import {randomUUID} from 'node:crypto';
import {Clock} from '../lib/clock.mjs';
import {Delayed} from '../lib/delayed.mjs';
import {Faults, faultAnswer, faultBefore} from '../lib/faults.mjs';
import {HttpError, readBody, serve} from '../lib/http.mjs';
import {Latency} from '../lib/latency.mjs';
import {Ledger} from '../lib/ledger.mjs';
import {randomFrom} from '../lib/random.mjs';
import {Admin} from './admin.mjs';
import {Api} from './api.mjs';
import {Broken, readBatch, runBatch} from './batch.mjs';
import {BcError, badRequest, deadlocked, notPermitted, segmentNotFound, unauthorized} from './errors.mjs';
import {LONGEST_MS, OWN_KINDS, translate} from './faults.mjs';
import {Limits, Locks, Tokens} from './gate.mjs';
import {Journal} from './journal.mjs';
import {JsonError, parse, stringify} from './json.mjs';
import {seedStore} from './seed.mjs';
import {Store} from './store.mjs';
import {Subscriptions} from './subscriptions.mjs';

const LATENCIES = {read: 120, write: 400, document: lines => 500 + 10 * lines, posting: 1600};
const ACTION = /\/Microsoft\.NAV\./i;
const DOCUMENTS = /(sales(Orders|Quotes|Invoices|CreditMemos)|(order|invoice|creditMemo)Imports)$/;
const BODY_LIMIT = 64 << 20; // the cloud takes 350 MB; nothing here comes near
const REQUESTS_KEPT = 1000;

const ROOTS = {'api/v2.0': 'api', 'api/cartage/shopify/v1.0': 'extension', ODataV4: 'odata'};
const ROOT = '(api\\/v2\\.0|api\\/cartage\\/shopify\\/v1\\.0|ODataV4)(?=\\/|$)';
const CLOUD = new RegExp(`^\\/v2\\.0\\/(?:([^/]+)\\/)?([^/]+)\\/${ROOT}`);
const ON_PREMISES = new RegExp(`^\\/([^/]+)\\/${ROOT}`);
/** What a level offers beside API v2.0: the app's contract, or published pages. */
const LEVELS = {api: ['api'], extension: ['api', 'extension'], 'odata-page': ['api', 'odata']};
const TOKEN = /^\/([^/]+)\/oauth2\/v2\.0\/token$/;

export class Server {
  /** `world`: {now, companies}; `options`: the flags (main.mjs). */
  constructor({options, world}) {
    this.options = options;
    this.world = world;
    this.clock = new Clock({business: Date.parse(world.now), scale: options.timeScale});
    this.journal = new Journal({file: options.state, kind: `business-central (${options.data}, seed ${options.seed})`});
    this.settings = {
      pageCap: options.pageCap,
      pageOrder: options.fieldOrder === 'page',
      commitLagMs: options.commitLag,
      batchCounts: options.batchCounts,
      lockConflict: options.lockConflict,
      basicUser: options.basicUser,
      basicKey: options.basicKey,
      level: options.level,
      denied: '',
      instance: options.instance,
      publicUrl: options.publicUrl,
    };
    const figures = {
      running: options.maxRunning,
      queued: options.maxQueued,
      rate: options.rateLimit,
      windowMs: options.rateWindow * 1000,
      queueWaitMs: 480_000,
      retryAfterS: options.retryAfter,
    };
    this.store = new Store({
      now: () => this.clock.bucketMs(),
      lagMs: options.replicaLag,
      keep: record => this.journal.add(record),
      tell: change => this.subscriptions.changed(change),
    });
    this.subscriptions = new Subscriptions({clock: this.clock, store: this.store, journal: this.journal});
    this.tokens = new Tokens({clock: this.clock, clients: world.companies, life: options.tokenLife});
    this.limits = new Limits({clock: this.clock, figures});
    this.locks = new Locks();
    this.delayed = new Delayed({clock: this.clock, longest: LONGEST_MS});
    this.faults = new Faults({seed: options.seed, kinds: OWN_KINDS});
    this.ledger = new Ledger({clock: this.clock, scope: 'company'});
    this.latencyMs = 0;
    this.requests = [];
    this.setLatency(options.latency);
    const early = randomFrom(`commit-lag:${options.seed}`);
    this.api = new Api({
      store: this.store,
      settings: this.settings,
      nowMs: () => this.clock.business() - early() * this.settings.commitLagMs,
    });
    this.admin = new Admin(this);
    this.#load();
  }

  setLatency(profile) {
    this.latency = new Latency({clock: this.clock, profile, seed: this.options.seed, table: LATENCIES});
  }

  #load() {
    seedStore(this.store, this.world);
    const effects = [];
    this.journal.load(({effect, business, subscription, ...record}) => {
      if (effect) effects.push(effect);
      else if (subscription) this.subscriptions.load(subscription);
      else if (business) this.clock.jump(business);
      else this.store.apply(record);
    });
    this.ledger.load({effects, sequence: effects.at(-1)?.n ?? 0});
  }

  /** Keeps the business time, so that a restarted peer does not live in the past. */
  keepTime() {
    this.journal.add({key: 'time', business: this.clock.business()});
  }

  /** Everything as it was at the first start; business time stays where it is. */
  reset() {
    this.subscriptions.reset();
    this.store.clear();
    seedStore(this.store, this.world);
    this.journal.clear();
    this.ledger.reset();
    this.latencyMs = 0;
    this.faults.set([]);
    this.delayed.clear();
    this.tokens.revoke();
    this.limits.users.clear();
    this.keepTime();
  }

  async start() {
    const {listen, addressFile, tlsCert, tlsKey} = this.options;
    const running = await serve({listen, addressFile, tlsCert, tlsKey, handle: (request, response) => this.#handle(request, response)});
    this.url = running.url;
    return {
      ...running,
      close: async () => {
        this.subscriptions.reset();
        this.keepTime();
        this.journal.flush();
        await running.close();
      },
    };
  }

  async #handle(request, response) {
    const [path, query = ''] = request.url.split(/\?(.*)/s);
    if (path.startsWith('/_sandbox/'))
      return this.admin.handle(request, response, path.slice('/_sandbox/'.length), new URLSearchParams(query));
    const bytes = await readBody(request, BODY_LIMIT);
    const text = bytes.toString('utf8');
    const call = {request, response, path, query, text, bytes, correlationId: randomUUID()};
    this.requests.push({correlation: call.correlationId, method: request.method, path, query});
    if (this.requests.length > REQUESTS_KEPT) this.requests.shift();
    if (query.length > this.options.maxQuery)
      return this.#send(call, {
        status: 414,
        headers: {'content-type': 'text/html'},
        body: '<html><body><h1>Request-URI Too Long</h1></body></html>',
      });
    const tenant = TOKEN.exec(path)?.[1];
    if (tenant) return this.#token(call, tenant);
    try {
      await this.#serve(call);
    } catch (error) {
      if (error instanceof HttpError) throw error;
      this.#send(call, this.#refusal(call, error));
    }
  }

  async #token(call, tenant) {
    this.ledger.call('POST token');
    await this.#wait('read');
    const action = this.#fault(call, {
      path: call.path,
      method: 'POST',
      operation: 'POST token',
      header: call.request.headers['x-sandbox-fault'],
    });
    if (await faultBefore(action, call.response)) return;
    const form = new URLSearchParams(
      /^application\/x-www-form-urlencoded/i.test(call.request.headers['content-type'] ?? '') ? call.text : '',
    );
    const {status, body} =
      call.request.method === 'POST' ? this.tokens.grant(tenant, form) : {status: 405, body: {error: 'invalid_request'}};
    const sent = this.#encode(call, {status, headers: {'cache-control': 'no-store, no-cache'}, body});
    await faultAnswer(action, call.response, sent.status, sent.text, sent.headers);
  }

  /** The user and the base URL of an API request, or a refusal; `missing` if the level does not offer its root. */
  #enter({request, path}) {
    const cloud = CLOUD.exec(path);
    const found = cloud ?? ON_PREMISES.exec(path);
    if (!found) throw segmentNotFound(path.split('/')[1] ?? '');
    const root = ROOTS[found.at(-1)];
    const offered = LEVELS[this.settings.level].includes(root);
    const missing = offered ? null : segmentNotFound(found.at(-1).split('/')[1] ?? found.at(-1));
    const base = (this.settings.publicUrl || `${request.socket.encrypted ? 'https' : 'http'}://${request.headers.host}`) + found[0];
    const rest = path.slice(found[0].length);
    const authorization = request.headers.authorization;
    if (!cloud) {
      if (found[1] !== this.settings.instance) throw segmentNotFound(found[1]);
      const wanted = `Basic ${Buffer.from(`${this.settings.basicUser}:${this.settings.basicKey}`).toString('base64')}`;
      if (authorization !== wanted)
        throw Object.assign(unauthorized(), {headers: {'www-authenticate': 'Basic realm="Business Central"'}});
      return {user: this.settings.basicUser, base, rest, root, missing};
    }
    const [, tenant, environment] = cloud;
    const {user, tenant: own} = this.tokens.bearer(authorization, tenant && decodeURIComponent(tenant));
    if (!this.world.companies.some(company => company.tenant === own && company.environment === decodeURIComponent(environment)))
      throw new BcError(404, 'NoEnvironment', `Environment '${environment}' does not exist.`);
    return {user, base, rest, root, missing};
  }

  async #serve(call) {
    const {request, response} = call;
    const {user, base, rest, root, missing} = this.#enter(call);
    const {method, headers} = request;
    const inner = {method, path: rest, query: call.query, headers, text: call.text, bytes: call.bytes, base, root};
    const isBatch = rest === '/$batch' && !missing;
    if (isBatch && request.method !== 'POST') throw badRequest('$batch takes POST only.');
    const members = isBatch ? readBatch(bodyOf(call.text), request.headers, {base, root}) : null;
    this.#count(inner, members);
    const release = await this.limits.enter(user, members && this.settings.batchCounts === 'members' ? members.length : 1);
    try {
      if (response.destroyed) return; // the caller left the queue
      const action = this.#fault(
        call,
        {
          path: call.path,
          method: request.method,
          operation: members ? 'POST $batch' : operationOf(inner.method, inner.path),
          header: request.headers['x-sandbox-fault'],
        },
        user,
      );
      if (action?.kind === 'later') {
        // the call goes on without its caller
        this.delayed.add(action, () => (members ? this.#batch(call, members, user) : this.#one(call, inner, user)).catch(() => {}));
        throw new Broken();
      }
      if (await faultBefore(action, response)) return;
      const work = () => (members ? this.#batch(call, members, user) : this.#one(call, inner, user));
      const answer = missing ? this.#refusal(call, missing) : await work();
      release();
      if (answer.status === 429) this.ledger.throttled++;
      const sent = this.#encode(call, answer);
      await faultAnswer(action, response, sent.status, sent.text, sent.headers);
      for (const {method, path} of members?.map(member => member.request) ?? [inner]) if (method === 'GET') this.delayed.looked(path);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      response.socket?.resetAndDestroy();
    } finally {
      release();
    }
  }

  #fault(call, match, user) {
    let action;
    try {
      action = this.faults.choose(match);
    } catch (error) {
      throw new HttpError(400, {errors: error.message});
    }
    if (action?.kind === 'revoke_token') this.tokens.revoke(user);
    if (action?.kind === 'throttled' || action?.status === 429) this.ledger.throttled++;
    return translate(action, {correlationId: call.correlationId, retryAfterS: this.limits.figures.retryAfterS, scale: this.clock.scale});
  }

  /** Calls are counted by verb and set, members of a batch with `$batch ` in front. */
  #count({method, path}, members) {
    if (!members) return this.ledger.call(operationOf(method, path), companyOf(path));
    this.ledger.call('POST $batch');
    for (const {request} of members)
      this.ledger.call(`$batch ${operationOf(request.method, request.path)}`, companyOf(request.path));
  }

  /** An answer at …/subscriptions, whose handshake takes its time; null = the request is another's. */
  async #subscription(call, inner, user) {
    try {
      return await this.subscriptions.serve(inner, user);
    } catch (error) {
      return this.#refusal(call, error instanceof JsonError ? badRequest(error.message) : error);
    }
  }

  async #one(call, inner, user) {
    const body = inner.method === 'POST' && DOCUMENTS.test(inner.path) ? tryParse(inner.text) : undefined;
    const refuse = this.settings.lockConflict === 'deadlock' ? deadlocked : undefined;
    const work = async () => {
      await this.#wait(...latencyOf(inner.method, inner.path, body));
      const subscribed = await this.#subscription(call, inner, user);
      return subscribed ?? this.#execute(call, inner);
    };
    const onDocument = () => this.locks.hold(inner.method === 'GET' ? null : documentKey(inner.path), work, refuse);
    return this.locks.hold(postingKey(inner), onDocument, refuse);
  }

  async #batch(call, members, user) {
    const result = await runBatch(members, {
      headers: call.request.headers,
      run: member => this.#execute(call, member.request),
      wait: member => this.#wait(...latencyOf(member.request.method, member.request.path, member.request.body)),
      fault: member => {
        const action = this.#fault(call, {path: member.request.path, method: member.request.method}, user);
        if (action?.kind !== 'later') return action;
        this.delayed.add(action, () => this.#execute(call, member.request));
        return {kind: 'reset_before'};
      },
      transaction: work =>
        this.#recorded(effects => {
          this.collecting = effects;
          try {
            return this.store.transaction(work);
          } finally {
            this.collecting = null;
          }
        }),
    });
    return {status: 200, headers: {}, body: result};
  }

  /** Runs `work(effects)` and writes the effects to the ledger when it succeeded. */
  #recorded(work) {
    const effects = [];
    effects.committed = 0; // those that stay even if `work` fails
    try {
      const result = work(effects);
      effects.committed = effects.length;
      return result;
    } finally {
      for (const {kind, key, ...detail} of effects.slice(0, effects.committed)) {
        this.ledger.effect(kind, key, detail);
        const effect = this.ledger.effects.at(-1);
        this.journal.add({key: `effect/${effect.n}`, effect});
      }
    }
  }

  /** One request without waiting; refusals become answers. */
  /** The application user's permission sets: `denied` takes sets of the API away from it, and its sets of documents with them. */
  #permit({method, path}) {
    const denied = this.settings.denied.split(',').filter(Boolean);
    const set = denied.find(name => path.split('/').some(part => part.replace(/\(.*$/, '') === name));
    if (set) throw notPermitted(set, method);
  }

  #execute(call, inner) {
    try {
      this.#permit(inner);
      if (this.collecting) return this.api.serve(inner, this.collecting);
      return this.#recorded(effects => this.api.serve(inner, effects));
    } catch (error) {
      return this.#refusal(call, error);
    }
  }

  #refusal(call, error) {
    if (error instanceof BcError) {
      if (error.status === 429) this.ledger.throttled++;
      return {status: error.status, headers: error.headers, body: error.body(call.correlationId)};
    }
    console.error(`business-central: ${call.request.method} ${call.path}: ${error.stack}`);
    return {
      status: 500,
      headers: {},
      body: new BcError(500, 'Internal_ServerError', `The simulator failed: ${error.message}`).body(call.correlationId),
    };
  }

  async #wait(kind, size) {
    const ms = this.latency.draw(kind, size);
    if (ms === 0) return;
    this.latencyMs += ms;
    await this.clock.sleep(ms);
  }

  #encode(call, {status, headers, body}) {
    const text = body === undefined ? '' : typeof body === 'string' || Buffer.isBuffer(body) ? body : stringify(body);
    return {
      status,
      text,
      headers: {
        'content-type': 'application/json; odata.metadata=minimal; odata.streaming=true; charset=utf-8',
        'content-length': Buffer.byteLength(text),
        'odata-version': '4.0',
        'request-id': call.correlationId,
        'ms-correlation-x': call.correlationId,
        ...headers,
      },
    };
  }

  #send(call, answer) {
    const {status, text, headers} = this.#encode(call, answer);
    if (call.response.headersSent || call.response.destroyed) return;
    call.response.writeHead(status, headers);
    call.response.end(text);
  }
}

/** `GET items`, `POST salesOrders`, `PATCH salesOrderLines`: the last set of an address. */
function operationOf(method, path) {
  const names = path
    .split('/')
    .filter(Boolean)
    .map(part => part.replace(/\(.*$/, ''));
  return `${method} ${names.filter(name => name !== '$count').at(-1) ?? 'root'}`;
}

const companyOf = path => /^\/?companies\(([^)]*)\)/.exec(path)?.[1];
const documentKey = path => /(?:sales(?:Orders|Quotes|Invoices|CreditMemos)|(?:order|invoice|creditMemo)Imports)\(([^)]+)\)/.exec(path)?.[1]?.toLowerCase() ?? null;

/** Postings of one company wait for each other: they write the same ledgers. */
const postingKey = ({method, path}) => (method === 'POST' && ACTION.test(path) ? `posting/${companyOf(path)}` : null);

function latencyOf(method, path, body) {
  if (method === 'GET') return ['read'];
  if (method === 'POST' && DOCUMENTS.test(path))
    return [
      'document',
      (body?.salesOrderLines ?? body?.salesQuoteLines ?? body?.salesInvoiceLines ?? body?.salesCreditMemoLines ?? body?.lines)?.length ?? 0,
    ];
  if (method === 'POST' && ACTION.test(path)) return ['posting'];
  return ['write'];
}

function tryParse(text) {
  try {
    return parse(text);
  } catch {
    return undefined; // the API itself refuses it, with its own words
  }
}

function bodyOf(text) {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof JsonError) throw badRequest(`The request body is not valid JSON: ${error.message}.`);
    throw error;
  }
}
