// Who may come in, and how many at a time: Entra's token endpoint, Bearer and Basic, and Business
// Central's limits per user (requests running, queued, and per sliding window).
import {createHmac, randomUUID, timingSafeEqual} from 'node:crypto';
import {BcError, tooManyRequests, unauthorized} from './errors.mjs';

const SCOPE = 'https://api.businesscentral.dynamics.com/.default';

export class Tokens {
  /**
   * `clients`: [{tenant, clientId, clientSecret}]; life in real seconds, whatever the scale: clients renew by their own clock.
   * A token is signed, not remembered: it outlives a restart of this program, as Entra's outlive one of Business Central.
   */
  constructor({clock, clients, life}) {
    Object.assign(this, {clock, clients, life, revoked: new Map()}); // user -> the last moment whose tokens are void
  }

  /** Answers the form of a client-credentials request as Entra does: {status, body}. */
  grant(tenant, form) {
    const refuse = (status, error, number, text) => {
      const [trace, correlation] = [randomUUID(), randomUUID()];
      return {
        status,
        body: {
          error,
          error_description: `AADSTS${number}: ${text} Trace ID: ${trace} Correlation ID: ${correlation}`,
          error_codes: [number],
          timestamp: new Date(this.clock.business()).toISOString().slice(0, 19).replace('T', ' ') + 'Z',
          trace_id: trace,
          correlation_id: correlation,
        },
      };
    };
    for (const name of ['grant_type', 'client_id', 'client_secret', 'scope'])
      if (!form.get(name))
        return refuse(400, 'invalid_request', 900144, `The request body must contain the following parameter: '${name}'.`);
    if (!this.clients.some(client => client.tenant === tenant))
      return refuse(400, 'invalid_request', 90002, `Tenant '${tenant}' not found.`);
    if (form.get('grant_type') !== 'client_credentials')
      return refuse(
        400,
        'unsupported_grant_type',
        70003,
        `The app requested an unsupported grant type '${form.get('grant_type')}'.`,
      );
    const client = this.clients.find(each => each.tenant === tenant && each.clientId === form.get('client_id'));
    if (!client)
      return refuse(
        400,
        'unauthorized_client',
        700016,
        `Application with identifier '${form.get('client_id')}' was not found in the directory '${tenant}'.`,
      );
    if (client.clientSecret !== form.get('client_secret'))
      return refuse(401, 'invalid_client', 7000215, `Invalid client secret provided for app '${client.clientId}'.`);
    if (form.get('scope') !== SCOPE)
      return refuse(
        400,
        'invalid_scope',
        70011,
        `The provided request must include a valid scope; '${form.get('scope')}' is not.`,
      );
    const issued = Math.max(Date.now(), (this.revoked.get(client.clientId) ?? 0) + 1);
    const claims = {user: client.clientId, tenant, issued, ends: Date.now() + this.life * 1000, id: randomUUID()};
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    const token = `eyJ0eXAi.${body}.${signature(client, body)}`;
    return {status: 200, body: {token_type: 'Bearer', expires_in: this.life, ext_expires_in: this.life, access_token: token}};
  }

  /** The user of a request to the cloud's root, or a refusal. */
  bearer(header, tenant) {
    const [, body, sign] = /^Bearer eyJ0eXAi\.([\w-]+)\.([\w-]+)$/i.exec(header ?? '') ?? [];
    const client = body && this.clients.find(each => same(sign, signature(each, body)));
    const known = client && JSON.parse(Buffer.from(body, 'base64url').toString());
    if (!known || known.ends <= Date.now() || known.issued <= (this.revoked.get(known.user) ?? 0)) throw unauthorized();
    if (tenant !== undefined && known.tenant !== tenant) throw unauthorized();
    return known;
  }

  /** Ends the tokens of one user, or of all. */
  revoke(user) {
    for (const {clientId} of this.clients)
      if (user === undefined || clientId === user)
        this.revoked.set(clientId, Math.max(Date.now(), this.revoked.get(clientId) ?? 0));
  }
}

const signature = ({clientId, clientSecret}, body) =>
  createHmac('sha256', `${clientId} ${clientSecret}`).update(body).digest('base64url');
const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

export class Limits {
  /** `figures`: {running, queued, rate, windowMs, queueWaitMs, retryAfterS (0: header absent)}; times in bucket ms. */
  constructor({clock, figures}) {
    Object.assign(this, {clock, figures, users: new Map()});
  }

  /** Lets one request of `user` in, now or in its turn; answers its release. `weight`: what it counts for the rate. */
  async enter(user, weight = 1) {
    if (!this.users.has(user)) this.users.set(user, {running: 0, queue: [], seen: [], total: 0});
    const state = this.users.get(user);
    this.#checkRate(state, weight);
    const {running, queued} = this.figures;
    const connections = state.running + state.queue.length;
    if (connections >= running + queued) throw this.#refusal(connections + 1, running + queued);
    if (state.running >= running) await this.#wait(state);
    else state.running++;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const next = state.queue.shift();
      if (next)
        next.go(); // its place is handed over
      else state.running--;
    };
  }

  #checkRate(state, weight) {
    const now = this.clock.bucketMs();
    const {rate, windowMs} = this.figures;
    while (state.seen.length > 0 && state.seen[0].at <= now - windowMs) state.total -= state.seen.shift().weight;
    if (state.total + weight > rate) throw this.#refusal(state.total + weight, rate);
    state.total += weight;
    state.seen.push({at: now, weight});
  }

  #wait(state) {
    return new Promise((resolve, reject) => {
      const waiter = {
        go: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        state.queue.splice(state.queue.indexOf(waiter), 1);
        reject(
          new BcError(503, 'Internal_TenantUnavailable', 'The request waited in the queue for too long.', {
            'retry-after': '10',
          }),
        );
      }, this.figures.queueWaitMs / this.clock.scale);
      state.queue.push(waiter);
    });
  }

  #refusal(actual, maximum) {
    const error = tooManyRequests(actual, maximum);
    if (this.figures.retryAfterS > 0) error.headers = {'retry-after': String(this.figures.retryAfterS)};
    return error;
  }
}

/** One at a time per key: writes to one document wait for each other, or end in what `refuse` makes. */
export class Locks {
  #tails = new Map();

  async hold(key, work, refuse) {
    if (key === null) return work();
    if (refuse && this.#tails.has(key)) throw refuse();
    const before = this.#tails.get(key) ?? Promise.resolve();
    const mine = before.then(work);
    const tail = mine.catch(() => {});
    this.#tails.set(key, tail);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
