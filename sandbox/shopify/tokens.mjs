// Access tokens of the simulated apps: one static token, and tokens by the client-credentials grant that
// expire. Several tokens of an app live side by side; all of them share the app's budget.
import crypto from 'node:crypto';

/** What an app of this project asks for; --scopes replaces the list. */
const SCOPES = [
  'read_all_orders',
  'read_customers',
  'read_fulfillments',
  'read_locations',
  'read_orders',
  'read_products',
  'read_returns',
  'write_customers',
  'write_orders',
  'write_products',
  'read_payment_terms',
  'read_companies',
  'write_companies',
  'read_markets',
  'read_users',
  'read_shopify_payments_accounts',
  'read_shopify_payments_disputes',
  'read_shopify_payments_payouts',
  'write_assigned_fulfillment_orders',
  'write_merchant_managed_fulfillment_orders',
  'write_third_party_fulfillment_orders',
  'write_fulfillments',
  'write_inventory',
  'write_files',
  'write_publications',
  'write_translations',
  'read_locales',
];
const LIFE_S = 86_399;

export class Tokens {
  #issued = new Map(); // token → {domain, clientId, scopes, expiresAt (real ms) | null}

  constructor({stores, scopes = SCOPES, lifeS = LIFE_S, scale = 1}) {
    Object.assign(this, {stores, scopes, lifeS, scale});
    this.reset();
  }

  reset() {
    this.#issued.clear();
    for (const store of this.stores)
      this.#issued.set(`${store.domain} ${store.staticToken}`, {
        domain: store.domain,
        clientId: store.clientId,
        scopes: this.scopes,
        expiresAt: null,
      });
  }

  /** Answers an OAuth request: {status, body}. */
  grant(store, form) {
    if (form.grant_type !== 'client_credentials')
      return {
        status: 400,
        body: {error: 'unsupported_grant_type', error_description: 'the sandbox grants client_credentials only'},
      };
    if (form.client_id !== store.clientId || form.client_secret !== store.clientSecret)
      return {status: 400, body: {error: 'invalid_client', error_description: 'Client authentication failed'}};
    const token = `shpat_${crypto.randomBytes(16).toString('hex')}`;
    this.#issued.set(`${store.domain} ${token}`, {
      domain: store.domain,
      clientId: store.clientId,
      scopes: this.scopes,
      expiresAt: Date.now() + (this.lifeS * 1000) / this.scale,
    });
    return {status: 200, body: {access_token: token, scope: this.scopes.join(','), expires_in: this.lifeS}};
  }

  /** What a token may do at a store, or null. */
  check(store, token) {
    const entry = this.#issued.get(`${store.domain} ${token}`);
    return entry && (entry.expiresAt === null || entry.expiresAt > Date.now()) ? entry : null;
  }

  /** What the merchant has approved: of the installation, so all its tokens have it at once. */
  approve(scopes) {
    this.scopes = scopes;
    for (const entry of this.#issued.values()) entry.scopes = scopes;
  }

  revoke(store, token) {
    this.#issued.delete(`${store.domain} ${token}`);
  }

  save() {
    return [...this.#issued].filter(([, entry]) => entry.expiresAt !== null);
  }

  load(saved) {
    for (const [key, entry] of saved ?? []) this.#issued.set(key, entry);
  }
}
