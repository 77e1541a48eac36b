// What the tests of the simulated Shopify share: a peer on a free port, and a plain client for it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';
import {atEnd} from '../end.mjs';
import {Shopify} from '../../../sandbox/shopify/server.mjs';
import {world} from '../../../sandbox/data/world.mjs';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
/** What the programs ask, and beside it what only these tests ask: parts of the peer that no program uses yet. */
export const DOCUMENTS = ['schemas/shopify', 'tests/sandbox/shopify/documents'].map(folder => path.join(ROOT, folder));

/** Packages of the sandbox, as its own modules see them (one instance of graphql). */
export const sandboxRequire = createRequire(path.join(ROOT, 'sandbox/package.json'));
export const LATEST = '2026-10';

const documents = () =>
  DOCUMENTS.flatMap(folder => fs.readdirSync(folder).map(name => path.join(folder, name))).filter(file =>
    file.endsWith('.graphql'),
  );
export const documentNames = () =>
  documents()
    .map(file => path.basename(file, '.graphql'))
    .sort();
export const documentText = name =>
  fs.readFileSync(
    documents().find(file => path.basename(file, '.graphql') === name),
    'utf8',
  );

/** A peer of its own for one test, ended with it. `edit(world)` may change what it starts with. */
export async function startPeer(test, options = {}, edit = () => {}) {
  const made = options.world ?? world({seed: 1});
  edit(made);
  const peer = new Shopify({listen: '127.0.0.1:0', indexLag: 0, ...options}, made);
  const {url} = await peer.start();
  atEnd(test, () => peer.close());
  return new Client(peer, url);
}

export class Client {
  constructor(peer, url, {domain = 'demo.myshopify.com', token = 'shpat_sandbox', version = LATEST} = {}) {
    Object.assign(this, {peer, url, domain, token, version});
  }

  as(changes) {
    return new Client(this.peer, this.url, {domain: this.domain, token: this.token, version: this.version, ...changes});
  }

  /** One GraphQL request: {status, headers, body}; `fetch` cannot set Host, so the peer reads the forwarded one. */
  async send(query, variables = {}, {headers = {}, path: place} = {}) {
    const response = await fetch(`${this.url}${place ?? `/admin/api/${this.version}/graphql.json`}`, {
      method: 'POST',
      body: JSON.stringify({query, variables}),
      headers: {
        'content-type': 'application/json',
        'x-shopify-access-token': this.token,
        'x-forwarded-host': this.domain,
        ...headers,
      },
    });
    const text = await response.text();
    return {status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null};
  }

  /** The body of a request that has to succeed. */
  async ask(query, variables, more) {
    const {status, body} = await this.send(query, variables, more);
    if (status !== 200 || body.errors) throw new Error(`${status} ${JSON.stringify(body).slice(0, 500)}`);
    return body;
  }

  async admin(method, place, body) {
    const response = await fetch(`${this.url}/_sandbox/${place}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  faults(...rules) {
    return this.admin('POST', 'faults', {rules});
  }
}

export const UPLOAD = {
  resource: 'BULK_MUTATION_VARIABLES',
  filename: 'lines',
  mimeType: 'text/jsonl',
  httpMethod: 'POST',
};

/** Puts a text into the storage; answers the path for the operation. */
export async function staged(client, text) {
  const {data} = await client.ask(documentText('staged-uploads-create'), {input: [UPLOAD]});
  const [target] = data.stagedUploadsCreate.stagedTargets;
  const form = new FormData();
  for (const {name, value} of target.parameters) form.append(name, value);
  form.append('file', new Blob([text]), 'lines.jsonl');
  const response = await fetch(target.url, {method: 'POST', body: form});
  assert.deepEqual([response.status, (await response.text()).startsWith('<?xml')], [201, true]);
  return target.parameters.find(parameter => parameter.name === 'key').value;
}

/** One order with all that the programs read of it. */
export const readOrder = async (client, id) =>
  (await client.ask(documentText('orders-by-ids'), {ids: [id]})).data.nodes[0];

export const codeOf = ({body}) => body.errors?.[0].extensions?.code;
