// API v2.0 itself: one request in, one answer out, without a wait in between. The address is resolved
// segment by segment; verbs, properties and navigation are those of the entity table.
import {Books} from './books.mjs';
import {checkOpen, createDocument, deleteDocument, updateDocument} from './documents.mjs';
import {ENTITIES, setsOf} from './entities.mjs';
import {
  BcError,
  badRequest,
  badUrl,
  dialog,
  entityChanged,
  invalidToken,
  methodNotAllowed,
  notImplemented,
  recordNotFound,
  segmentNotFound,
} from './errors.mjs';
import {EXTENSION_ACTIONS, importDocument, updateItemCard, updateShipment} from './extension.mjs';
import {JsonError, Num, parse} from './json.mjs';
import {createLines, deleteLine, updateLine} from './lines.mjs';
import {createMaster, deleteMaster, updateMaster} from './master.mjs';
import {metadataXml} from './metadata.mjs';
import {parseOptions, readQuery} from './odata/query.mjs';
import {etagOf, page, select, showRow} from './present.mjs';
import {cancelInvoice, postDocument, postOrder} from './posting/posting.mjs';
import {INDEXED} from './store.mjs';
import {hasPicture, servePicture} from './pictures.mjs';
import {hasId, isGuid, readBody} from './values.mjs';

/** Bound actions by set and name; what is declared but not here is 501. */
const ACTIONS = {
  'salesOrders.shipAndInvoice': (books, order) => postOrder(books, order),
  'salesInvoices.post': (books, invoice) => postDocument(books, ENTITIES.get('salesInvoices'), invoice),
  'salesInvoices.cancel': (books, invoice) => cancelInvoice(books, invoice),
  'salesCreditMemos.post': (books, memo) => postDocument(books, ENTITIES.get('salesCreditMemos'), memo),
  ...EXTENSION_ACTIONS,
};

const ETAG = /^(\*|W\/"[^"]*")$/;
const SEGMENT = /^([A-Za-z$][A-Za-z0-9$._]*)(?:\((.*)\))?$/;

export class Api {
  /** `settings`: {pageCap, pageOrder, commitLagMs}; `nowMs()` is business time. */
  constructor({store, settings, nowMs}) {
    this.store = store;
    this.settings = settings;
    this.nowMs = nowMs;
  }

  /**
   * Serves {method, path (below the API root), query (raw), headers, body (parsed JSON or text), base}
   * and answers {status, headers, body}; refusals are thrown as BcError. Changes made are noted in `effects`.
   */
  serve(request, effects = []) {
    const writes = request.method !== 'GET';
    const intent = (request.headers['data-access-intent'] ?? '').toLowerCase();
    if (writes && intent === 'readonly') throw badRequest('A request with Data-Access-Intent ReadOnly cannot change data.');
    const options = readQuery(request.query);
    const call = {request, options, effects, view: this.store.view(writes || intent === 'readwrite')};
    const target = this.#resolve(call, splitPath(request.path));
    if (target.serve) return target.serve();
    if (target.answer) return writes ? refuseVerb(request) : target.answer;
    const plain = !target.action && !target.count && !target.single; // what follows a set or an entity takes one verb only
    if (!plain && request.method !== (target.action ? 'POST' : 'GET')) refuseVerb(request);
    switch (request.method) {
      case 'GET':
        return target.key === undefined ? this.#list(call, target) : this.#get(call, target);
      case 'POST':
        return target.action ? this.#act(call, target) : this.#create(call, target);
      case 'PATCH':
        return this.#update(call, target);
      case 'DELETE':
        return this.#remove(call, target);
      default:
        return refuseVerb(request);
    }
  }

  #books(call, company) {
    const books = new Books({
      store: this.store,
      view: call.view,
      company,
      nowMs: this.nowMs(),
      pageOrder: this.settings.pageOrder,
      effects: call.effects,
    });
    books.base = call.request.base; // of links in answers
    return books;
  }

  /** What an address names: {entity, books, key?, parent?, count?, action?} or a ready {answer}. */
  #resolve(call, segments) {
    const [first, ...rest] = segments;
    if (call.request.root === 'odata' && first && first.name !== '$metadata') return this.#resolvePage(call, first, rest);
    if (!first) return {answer: ok(this.#serviceDocument(call))};
    if (first.name === '$metadata')
      return {
        answer: {
          status: 200,
          headers: {'content-type': 'application/xml; charset=utf-8'},
          body: metadataXml(call.request.root),
        },
      };
    if (first.name === 'companies') {
      const entity = ENTITIES.get('companies');
      if (first.key === undefined || rest.length === 0)
        return this.#tail({entity, books: this.#books(call, ''), key: guidKey(first)}, rest);
      return this.#walk(call, this.#books(call, this.#company(call, guidKey(first))), rest);
    }
    return this.#walk(
      call,
      this.#books(call, this.#company(call, call.options.get('company') ?? call.request.headers.company)),
      segments,
    );
  }

  /** Company('NAME')/Service or Company(Id=…)/Service: the addresses of published pages. */
  #resolvePage(call, first, rest) {
    const [, id, name] = /^(?:Id=\{?([0-9a-f-]+)\}?|(?:Name=)?'(.*)')$/i.exec(first.key ?? '') ?? [];
    if (first.name !== 'Company' || (id ?? name) === undefined || rest.length === 0) throw segmentNotFound(first.name);
    return this.#walk(call, this.#books(call, this.#company(call, id ?? name.replaceAll("''", "'"))), rest);
  }

  #company(call, named) {
    const companies = call.view.all('', 'companies');
    const found = companies.find(row => row.id === named?.toLowerCase() || row.name === named);
    if (!found)
      throw new BcError(
        404,
        'Internal_CompanyNotFound',
        named ? `The company "${named}" does not exist.` : 'The request names no company.',
      );
    return found.id;
  }

  #walk(call, books, [first, ...rest]) {
    const entity = ENTITIES.get(first.name);
    if (entity?.root !== call.request.root || entity.set === 'companies' || entity.hidden) throw segmentNotFound(first.name);
    const keyOf = entity.page ? segment => pageKey(entity, books, segment) : guidKey;
    let target = {entity, books, key: first.key === undefined ? undefined : keyOf(first)};
    while (rest.length > 0 && target.key !== undefined && target.entity.navigation.has(rest[0].name)) {
      const navigation = target.entity.navigation.get(rest[0].name);
      const row = this.#row(target);
      if (navigation.set === 'pictures' && hasPicture(target.entity.set) && rest[0].key === undefined) {
        const at = {store: this.store, call, books, set: target.entity.set, parent: row, rest: rest.slice(1)};
        return {serve: () => servePicture(at)};
      }
      const next = ENTITIES.get(navigation.set);
      const parent = {entity: target.entity, row, by: navigation.many};
      if (navigation.many)
        target = {entity: next, books, key: rest[0].key === undefined ? undefined : guidKey(rest[0]), parent};
      else if (rest[0].key !== undefined) throw segmentNotFound(rest[0].name);
      else if (!hasId(row[navigation.by])) return {answer: {status: 204, headers: {}, body: undefined}};
      else target = {entity: next, books, key: row[navigation.by], single: true};
      rest.shift();
    }
    return this.#tail(target, rest);
  }

  /** What may follow a set or an entity: /$count or a bound action. */
  #tail(target, rest) {
    if (rest.length === 0) return target;
    const {name} = rest[0];
    if (rest.length === 1 && name === '$count' && target.key === undefined) return {...target, count: true};
    const action = /^Microsoft\.NAV\.(\w+)$/i.exec(name)?.[1].toLowerCase();
    const known = target.entity.actions.find(each => each.toLowerCase() === action);
    if (rest.length === 1 && known && target.key !== undefined) return {...target, action: known};
    throw segmentNotFound(name);
  }

  #serviceDocument(call) {
    return {
      '@odata.context': `${call.request.base}/$metadata`,
      value: setsOf(call.request.root).filter(({hidden}) => !hidden).map(({set}) => ({name: set, kind: 'EntitySet', url: set})),
    };
  }

  /** The row of a key, seen by this reader; below a parent only if it belongs to it. */
  #row({entity, books, key, parent}, view = books.view) {
    const row = view.get(books.company, entity.source, key);
    if (!row || (parent?.by && row[parent.by] !== parent.row.id)) throw recordNotFound(entity.table, key);
    return row;
  }

  #get(call, target) {
    const options = parseOptions(call.options, target.entity);
    for (const name of ['$filter', '$orderby', '$top', '$skip', '$count', '$skiptoken'])
      if (call.options.has(name)) throw badRequest(`The query parameter '${name}' cannot be applied to a single entity.`);
    return ok({
      '@odata.context': contextOf(call, target, '/$entity'),
      ...showRow(this.#row(target), target.entity, target.books, options),
    });
  }

  #list(call, target) {
    const {entity, books} = target;
    const options = parseOptions(call.options, entity);
    const rows = this.#candidates(target, options);
    if (target.count)
      return {status: 200, headers: {'content-type': 'text/plain'}, body: String(select(rows, entity, options).length)};
    const asked = maxPageSize(call.request.headers.prefer);
    const size = Math.min(this.settings.pageCap, asked ?? Infinity);
    const found = page(rows, entity, options, size, id => books.view.get(books.company, entity.source, id));
    const body = {'@odata.context': contextOf(call, target, '')};
    if (options.count) body['@odata.count'] = new Num(found.count);
    body.value = found.rows.map(row => showRow(row, entity, books, options));
    if (found.next) body['@odata.nextLink'] = nextLink(call, found.next);
    return ok(body, asked === undefined ? {} : {'preference-applied': `odata.maxpagesize=${asked}`});
  }

  /** The rows a listing starts from: the parent's, or those that an index gives for the filter. */
  #candidates({entity, books, parent}, options) {
    const {view, company} = books;
    if (parent) return view.where(company, entity.source, parent.by, [parent.row.id]);
    if (entity.documents && !options.filter?.equals('documentId') && !options.filter?.equals('id'))
      throw badRequest('You must specify an Id or a Document Id to get the lines.');
    for (const {name, field} of entity.properties) {
      const values = INDEXED.includes(field) ? options.filter?.equals(name) : null;
      if (values) return view.where(company, entity.source, field, values);
    }
    return view.all(company, entity.source);
  }

  #act(call, target) {
    const row = this.#row(target, target.books.primary);
    checkMatch(call.request.headers, row, target.entity, false);
    const act = ACTIONS[`${target.entity.set}.${target.action}`];
    if (!act) throw notImplemented(`This peer does not carry out '${target.action}'.`);
    const {base, text, body} = call.request;
    const given = body ?? (text === '' ? {} : jsonOf(call.request));
    this.store.transaction(() => {
      act(target.books, row, given);
      // posting commits: what came before it in a snapshot batch stays, whatever fails behind it
      this.store.commitSoFar();
      call.effects.committed = call.effects.length;
    });
    const location = `${base}/companies(${target.books.company})/${target.entity.set}(${row.id})`;
    return {status: 204, headers: {location}, body: undefined};
  }

  #create(call, target) {
    const {entity, books, parent} = target;
    if (target.key !== undefined || !entity.verbs.includes('C')) throw methodNotAllowed(entity.set);
    const options = parseOptions(call.options, entity);
    for (const name of call.options.keys())
      if (name.startsWith('$') && !['$expand', '$select', '$schemaversion'].includes(name))
        throw badRequest(`The query parameter '${name}' cannot be applied to an insert.`);
    const {fields, children} = readBody(jsonOf(call.request), entity, {pageOrder: books.pageOrder, deep: true});
    const row = this.store.transaction(() => this.#insert(target, fields, children));
    const location = `${call.request.base}/companies(${books.company})/${entity.set}(${row.id})`;
    if (/return-no-content/i.test(call.request.headers.prefer ?? ''))
      return {status: 204, headers: {location}, body: undefined};
    const body = {
      '@odata.context': contextOf(call, {...target, parent}, '/$entity'),
      ...showRow(row, entity, writerBooks(books), options),
    };
    return {status: 201, headers: {location}, body};
  }

  #insert({entity, books, parent}, fields, children) {
    const read = name => {
      const list = children.get(name) ?? [];
      if (!Array.isArray(list)) throw badRequest(`The value of '${name}' must be an array.`);
      const child = ENTITIES.get(entity.navigation.get(name).set);
      return list.map(body => readBody(body, child, {pageOrder: books.pageOrder, deep: false}).fields);
    };
    if (entity.root === 'extension' && ENTITIES.get(entity.source).lines) return importDocument(books, ENTITIES.get(entity.source), fields, read('lines'));
    if (entity.documents) return this.#insertLine(entity, books, parent, fields);
    if (entity.lines) return createDocument(books, entity, fields, read(entity.lines));
    const owned = parent
      ? [[entity.byName.get(parent.by), parent.row.id], ...fields.filter(([{name}]) => name !== parent.by)]
      : fields;
    const row = createMaster(books, entity, owned);
    for (const name of children.keys()) {
      const {set, many} = entity.navigation.get(name);
      const child = ENTITIES.get(set);
      for (const childFields of read(name)) createMaster(books, child, [[child.byName.get(many), row.id], ...childFields]);
    }
    return row;
  }

  #insertLine(entity, books, parent, fields) {
    const document = ENTITIES.get(entity.documents);
    const given = fields.find(([{name}]) => name === 'documentId')?.[1];
    const documentId = parent?.row.id ?? given;
    if (!hasId(documentId)) throw dialog('You must specify a Document Id for the line.');
    if (parent && given !== undefined && given !== documentId) throw dialog('The value for "documentId" cannot be modified.');
    const header = books.get(document.set, documentId);
    if (!header) throw recordNotFound(document.table, documentId);
    checkOpen(document, header);
    const [line] = createLines(books, document, documentId, [fields]);
    books.note('changed', document.set, books.get(document.set, documentId));
    return line;
  }

  #update(call, target) {
    const {entity, books} = target;
    if (target.key === undefined || !entity.verbs.includes('U')) throw methodNotAllowed(entity.set);
    const options = parseOptions(call.options, entity);
    const {fields} = readBody(jsonOf(call.request), entity, {pageOrder: books.pageOrder, deep: false});
    const before = this.#row(target, books.primary);
    checkMatch(call.request.headers, before, entity, true);
    const row = this.store.transaction(() => {
      if (entity.set === 'postedShipments') return updateShipment(books, before, fields);
      if (entity.set === 'itemExtras') return updateItemCard(books, before, fields);
      if (!entity.documents)
        return entity.lines ? updateDocument(books, entity, before, fields) : updateMaster(books, entity, before, fields);
      const document = ENTITIES.get(entity.documents);
      checkOpen(document, books.get(document.set, before.documentId), namesOf(fields));
      const line = updateLine(books, document, before, fields);
      if (line !== before) books.note('changed', document.set, books.get(document.set, before.documentId));
      return line;
    });
    return ok({'@odata.context': contextOf(call, target, '/$entity'), ...showRow(row, entity, writerBooks(books), options)});
  }

  #remove(call, target) {
    const {entity, books} = target;
    if (target.key === undefined || !entity.verbs.includes('D')) throw methodNotAllowed(entity.set);
    const row = this.#row(target, books.primary);
    checkMatch(call.request.headers, row, entity, false);
    this.store.transaction(() => {
      if (entity.lines) return deleteDocument(books, entity, row);
      if (!entity.documents) return deleteMaster(books, entity, row);
      const document = ENTITIES.get(entity.documents);
      checkOpen(document, books.get(document.set, row.documentId));
      deleteLine(books, document, row);
      return books.note('changed', document.set, books.get(document.set, row.documentId));
    });
    return {status: 204, headers: {}, body: undefined};
  }
}

const namesOf = fields => fields.map(([{name}]) => name);

function refuseVerb({path}) {
  throw methodNotAllowed(path.replace(/^\//, ''));
}

const ok = (body, headers = {}) => ({status: 200, headers, body});
/** A writer sees its own write, wherever other readers look. */
const writerBooks = books => Object.assign(Object.create(Object.getPrototypeOf(books)), books, {view: books.primary});

function splitPath(path) {
  const segments = path
    .split('/')
    .filter(part => part !== '')
    .map(part => {
      let text;
      try {
        text = decodeURIComponent(part);
      } catch {
        throw badUrl(`The segment '${part}' is not a valid escape sequence.`);
      }
      const [, name, key] = SEGMENT.exec(text) ?? [];
      if (name === undefined) throw badUrl(`The segment '${text}' in the request URL is not valid.`);
      return {name, key};
    });
  return segments;
}

function guidKey({name, key}) {
  if (key === undefined) return undefined;
  if (!isGuid(key))
    throw new BcError(404, 'BadRequest_NotFound', `Bad Request - Error in query syntax: the key of '${name}' must be a GUID.`);
  return key.toLowerCase();
}

const jsonOf = request => {
  if (request.body !== undefined) return request.body;
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    throw new BcError(415, 'BadRequest', 'The content type of the request must be application/json.');
  try {
    return parse(request.text);
  } catch (error) {
    if (error instanceof JsonError) throw badRequest(`The request body is not valid JSON: ${error.message}.`);
    throw error;
  }
};

function checkMatch(headers, row, entity, required) {
  const match = headers['if-match'];
  if (match === undefined && !required) return;
  if (match === undefined || !ETAG.test(match)) throw invalidToken();
  if (match !== '*' && match !== etagOf(row, entity)) throw entityChanged();
}

/** The id of the row that a page's key names: ('102001') or (No='102001'). */
function pageKey(entity, books, {name, key}) {
  const [, text] = /^(?:\w+=)?'(.*)'$/.exec(key) ?? [];
  if (text === undefined)
    throw new BcError(404, 'BadRequest_NotFound', `Bad Request - Error in query syntax: the key of '${name}' is not valid.`);
  const {field} = entity.byName.get(entity.keys[0]);
  const row = books.view.where(books.company, entity.source, field, [text.replaceAll("''", "'")])[0];
  if (!row) throw recordNotFound(entity.table, text);
  return row.id;
}

function maxPageSize(prefer = '') {
  const found = /odata\.maxpagesize\s*=\s*(\d+)/i.exec(prefer);
  return found && Number(found[1]) > 0 ? Number(found[1]) : undefined;
}

function contextOf(call, {entity, books, parent}, suffix) {
  const company = books.company === '' ? '' : entity.page ? `Company('${books.setup.name}')/` : `companies(${books.company})/`;
  const path = parent ? `${parent.entity.set}(${parent.row.id})/${entity.set}` : entity.set;
  const selected = call.options.get('$select');
  return `${call.request.base}/$metadata#${company}${path}${selected ? `(${selected})` : ''}${suffix}`;
}

function nextLink(call, {skipToken, top}) {
  const options = new Map([...call.options].filter(([name]) => !['$skip', '$skiptoken', '$top'].includes(name)));
  if (top !== undefined) options.set('$top', String(top));
  options.set('$skiptoken', skipToken);
  const query = [...options].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return `${call.request.base}/${call.request.path.replace(/^\//, '')}?${query}`;
}
