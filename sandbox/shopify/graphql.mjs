// One GraphQL request at one store: admitted, run, settled, answered. Answers {status, text, headers}.
import {execute} from 'graphql';
import {MAX_COST} from './cost.mjs';
import {Refused, checkRequest} from './documents.mjs';
import {FieldError} from './plan.mjs';

const INTROSPECTION_COST = 2;

export class GraphqlEndpoint {
  constructor({schemas, documents, latency, ledger, touch}) {
    Object.assign(this, {schemas, documents, latency, ledger, touch});
    this.bulk = null; // it runs mutations through us
    this.reach = {}; // what else resolvers reach: stores, storage, keys, operations
  }

  /** The operation of a request for faults and ledger: {prepared} or {refused}, and its name and roots. */
  identify(version, body) {
    try {
      const prepared = this.documents.prepare(version, body.query, body.operationName);
      return {prepared, operation: prepared.plan?.name ?? 'introspection', roots: prepared.plan?.rootFields ?? []};
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      return {refused, operation: body.operationName ?? 'invalid', roots: []};
    }
  }

  async answer({store, token, bucket, version, body, identified, fault, requestId, debug}) {
    const {prepared, refused, operation} = identified;
    try {
      if (refused) throw refused;
      const variables = this.documents.variablesOf(prepared, body.variables);
      if (!prepared.plan) return this.#introspect(prepared, variables, {bucket, store});
      checkRequest(prepared, variables);
      const requested = prepared.plan.requestedCost(variables);
      if (requested > MAX_COST) return this.#tooDear(requested, operation, store);
      if (fault?.kind === 'throttled') bucket.drain();
      if (fault?.kind === 'throttled' || !bucket.take(requested))
        return await this.#throttled(requested, bucket, operation, store);
      const uses = prepared.plan.isMutation ? prepared.plan.keysIn(variables) : [];
      const way = this.reach.keys.setOut(store, token, uses);
      try {
        await this.latency.wait(prepared.plan.isMutation ? 'mutation' : 'read', prepared.plan.rootsIn(variables));
        if (fault?.kind === 'internal_before') {
          bucket.giveBack(requested);
          way.failed();
          return internalError(requestId);
        }
        const asked = {prepared, variables, requested, store, token, bucket, version, debug, operation};
        const answer = this.#run({...asked, takenKeys: way.taken});
        return fault?.kind === 'internal_after' ? internalError(requestId) : answer;
      } finally {
        way.end();
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.ledger.call(operation, store.domain, 0);
      return json({
        errors: error.errors,
        ...(error.errors.some(entry => entry.extensions?.code === 'BAD_REQUEST') ? {data: null} : {}),
      });
    }
  }

  #run({prepared, variables, requested, store, token, bucket, version, debug, operation, takenKeys}) {
    const searches = [];
    const {plan} = prepared;
    const asked = {prepared, variables, store, token, version, searches, takenKeys};
    const {data, errors, actualCost} = this.execute(asked);
    bucket.giveBack(requested - actualCost);
    this.ledger.call(operation, store.domain, actualCost);
    const parts = [];
    if (errors.length) parts.push(`"errors":${JSON.stringify(errors)}`);
    parts.push(`"data":${JSON.stringify(data)}`);
    if (isDayOver(plan, errors)) return tooMany(errors[0]);
    const extensions = [costText(requested, actualCost, bucket, debug ? plan.costByField(variables) : null)];
    if (searches.length) extensions.push(`"search":${JSON.stringify(searches)}`);
    parts.push(`"extensions":{${extensions.join(',')}}`);
    return {status: 200, text: `{${parts.join(',')}}`};
  }

  /** Runs a plan with all that its resolvers reach; nothing is admitted or settled here. */
  execute({prepared: {plan}, variables, ...asked}) {
    return plan.run({variables, ...this.#reachOf(plan, variables, asked)});
  }

  /** The same for a bulk query, whose records are answered one by one. */
  answering({prepared: {plan}, ...asked}) {
    return plan.answering(this.#reachOf(plan, {}, asked));
  }

  #reachOf(plan, variables, {store, token, version, searches = [], takenKeys, inBulk = false}) {
    const {access, filters} = this.schemas.get(version);
    const context = {
      store,
      token,
      version,
      filters,
      searches,
      takenKeys,
      inBulk,
      bulk: this.bulk,
      ...this.reach,
      effect: (kind, key, detail) => {
        this.ledger.effect(kind, key, {store: store.domain, ...detail});
        this.touch();
      },
    };
    return {context, denied: refusals(plan, variables, access, token.scopes)};
  }

  async #throttled(requested, bucket, operation, store) {
    this.ledger.throttled++;
    this.ledger.call(operation, store.domain, 0);
    await this.latency.wait('refusal');
    const errors = JSON.stringify([
      {
        message: 'Throttled',
        extensions: {code: 'THROTTLED', documentation: 'https://shopify.dev/api/usage/rate-limits'},
      },
    ]);
    return {status: 200, text: `{"errors":${errors},"extensions":{${costText(requested, null, bucket, null)}}}`};
  }

  #tooDear(cost, operation, store) {
    this.ledger.call(operation, store.domain, 0);
    const message = `Query cost is ${cost}, which exceeds the single query max cost limit (${MAX_COST}).`;
    return json({
      errors: [
        {
          message,
          extensions: {
            code: 'MAX_COST_EXCEEDED',
            cost,
            maxCost: MAX_COST,
            documentation: 'https://shopify.dev/api/usage/rate-limits',
          },
        },
      ],
    });
  }

  /** The schema about itself comes from graphql-js, at a flat price. */
  #introspect({schema, document}, variables, {bucket, store}) {
    if (!bucket.take(INTROSPECTION_COST)) return this.#throttled(INTROSPECTION_COST, bucket, 'introspection', store);
    this.ledger.call('introspection', store.domain, INTROSPECTION_COST);
    const {data} = execute({schema, document, variableValues: variables});
    return {
      status: 200,
      text: `{"data":${JSON.stringify(data)},"extensions":{${costText(INTROSPECTION_COST, INTROSPECTION_COST, bucket, null)}}}`,
    };
  }
}

/** Some numbers of the real answer carry a decimal point and some do not; a parser has to take both. */
function costText(requested, actual, bucket, fields) {
  const {maximumAvailable, currentlyAvailable, restoreRate} = bucket.status();
  const status = `"throttleStatus":{"maximumAvailable":${maximumAvailable}.0,"currentlyAvailable":${currentlyAvailable},"restoreRate":${restoreRate}.0}`;
  return `"cost":{"requestedQueryCost":${requested},"actualQueryCost":${actual},${status}${fields ? `,"fields":${JSON.stringify(fields)}` : ''}}`;
}

function internalError(requestId) {
  const message = `Internal error. Looks like something went wrong on our end.\nRequest ID: ${requestId} (include this in support requests).`;
  return json({errors: [{message, extensions: {code: 'INTERNAL_SERVER_ERROR', requestId}}], data: null});
}

/** A document all of whose roots met the limit of new variants a day has done nothing: it is answered outside GraphQL. */
const isDayOver = (plan, errors) =>
  errors.length > 0 &&
  errors.length === plan.rootFields.length &&
  errors.every(error => error.extensions?.code === 'VARIANT_THROTTLE_EXCEEDED');

const tooMany = ({message}) => ({
  status: 429,
  text: JSON.stringify({errors: message}),
  headers: {'retry-after': '4.0'},
});

const json = value => ({status: 200, text: JSON.stringify(value)});

/** A function that answers the ACCESS_DENIED error of a field, or undefined when the token may read all. */
function refusals(plan, variables, access, scopes) {
  const denied = new Map();
  for (const {field} of plan.everyField(variables)) {
    const rule = ruleOf(field, access, scopes);
    if (rule)
      denied.set(
        field,
        new FieldError('ACCESS_DENIED', `Access denied for ${field.name} field. Required access: ${rule.text}`, {
          documentation: 'https://shopify.dev/api/usage/access-scopes',
          requiredAccess: rule.text,
        }),
      );
  }
  return denied.size ? field => denied.get(field) : undefined;
}

/** The access rule that a field breaks: its own, its type's, or that of what a connection pages. */
function ruleOf(field, access, scopes) {
  const nodes = field.isConnection ? field.named.getFields().nodes?.type : null;
  const element = nodes ? String(nodes).replace(/[![\]]/g, '') : null;
  return [access.get(field.coordinate), access.get(field.named.name), element && access.get(element)].find(
    rule => rule && !rule.scopes.some(scope => holds(scopes, scope)),
  );
}

/** A write scope includes the reading side. */
const holds = (scopes, wanted) =>
  scopes.includes(wanted) || (wanted.startsWith('read_') && scopes.includes(wanted.replace('read_', 'write_')));
