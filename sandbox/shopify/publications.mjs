// Where products are shown: publications (one per sales channel) and collections, by hand or by rule.
import {Findings, Refusal} from './refusal.mjs';

/** The channels of a store that says nothing of its own. */
export const CHANNELS = [
  {name: 'Online Store', handle: 'online_store'},
  {name: 'Point of Sale', handle: 'pos'},
  {name: 'Shop', handle: 'shop'},
];

/** And its collections: two that are filled by hand, one that fills itself. */
export const COLLECTIONS = [
  {title: 'Home page', handle: 'frontpage'},
  {title: 'New arrivals', handle: 'new-arrivals'},
  {title: 'Desks', handle: 'desks', rules: [{column: 'TITLE', relation: 'CONTAINS', condition: 'Desk'}]},
];

export function addPublication(store, {name, handle}) {
  const app = {__typename: 'App', id: store.nextId('App'), handle, title: name};
  const publication = {
    __typename: 'Publication',
    id: store.nextId('Publication'),
    name,
    app,
    autoPublish: false,
    products: new Map(), // product → since when, null for at once
    collections: new Map(),
  };
  publication.catalog = {
    __typename: 'AppCatalog',
    id: store.nextId('AppCatalog'),
    title: `Channel Catalog ${publication.id}`,
    status: 'ACTIVE',
    app,
    publication,
  };
  store.publications.push(publication);
  store.put(publication);
  store.put(publication.catalog);
  return publication;
}

/** `rules` make a collection fill itself; all of them have to hold. */
export function addCollection(store, {title, handle, descriptionHtml = '', rules = null}) {
  const now = store.now();
  const collection = {
    __typename: 'Collection',
    id: store.nextId('Collection'),
    title,
    handle: handle ?? title.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    descriptionHtml,
    rules,
    isSmart: rules !== null,
    products: new Set(),
    createdAt: now,
    updatedAt: now,
  };
  store.collections.push(collection);
  store.put(collection);
  return collection;
}

const COLUMNS = {
  TITLE: product => [product.title],
  TYPE: product => [product.productType],
  VENDOR: product => [product.vendor],
  TAG: product => product.tags,
};
const RELATIONS = {
  EQUALS: (text, wanted) => text === wanted,
  CONTAINS: (text, wanted) => text.includes(wanted),
  STARTS_WITH: (text, wanted) => text.startsWith(wanted),
  ENDS_WITH: (text, wanted) => text.endsWith(wanted),
};

export const fits = (collection, product) =>
  collection.rules.every(({column, relation, condition}) =>
    COLUMNS[column](product).some(text => RELATIONS[relation](text.toLowerCase(), condition.toLowerCase())),
  );

export const membersOf = (collection, store) =>
  collection.isSmart
    ? store.catalogue.products().filter(product => fits(collection, product))
    : [...collection.products];

export const collectionsWith = (product, store) =>
  store.collections.filter(collection =>
    collection.isSmart ? fits(collection, product) : collection.products.has(product),
  );

// ---- publishing --------------------------------------------------------------------------------

const shelfOf = (publication, record) =>
  record.__typename === 'Collection' ? publication.collections : publication.products;

/** A product is shown while it is active and its day has come. */
export const isShown = (publication, record, now) => {
  const shelf = shelfOf(publication, record);
  const since = shelf.get(record);
  return shelf.has(record) && (since === null || since <= now) && (record.status ?? 'ACTIVE') === 'ACTIVE';
};

export const placed = (store, record) =>
  store.publications
    .filter(publication => shelfOf(publication, record).has(record))
    .map(publication => ({publication, since: shelfOf(publication, record).get(record)}));

/** {id, input: [{publicationId, publishDate}]}: answers the record. */
export function publish(store, key, {id, input}) {
  return move(store, {id, input}, (publication, record, {publishDate = null}) => {
    const shelf = shelfOf(publication, record);
    if (!shelf.has(record) || publishDate) shelf.set(record, publishDate ?? store.now());
  });
}

export function unpublish(store, key, {id, input}) {
  return move(store, {id, input}, (publication, record) => shelfOf(publication, record).delete(record));
}

function move(store, {id, input}, act) {
  const record = store.get(id);
  if (!['Product', 'Collection'].includes(record?.__typename)) throw new Refusal(['id'], 'Resource does not exist');
  const findings = new Findings();
  const seen = new Set();
  const rows = input.map((entry, i) => {
    const at = name => ['input', i, name];
    const publication = store.get(entry.publicationId);
    if (!entry.publicationId) findings.add(at('publicationId'), 'PublicationId cannot be empty');
    else if (publication?.__typename !== 'Publication')
      findings.add(at('publicationId'), 'Publication does not exist or is not publishable');
    else if (seen.has(publication))
      findings.add(at('publicationId'), 'The same publication was specified more than once');
    if (entry.publishDate && entry.publishDate < '1970')
      findings.add(at('publishDate'), 'Publish date must be a date after the year 1969');
    if (entry.publishDate > store.now() && publication && publication.app.handle !== 'online_store')
      findings.add(at('publishDate'), 'Channel does not support future publishing');
    seen.add(publication);
    return {entry, publication};
  });
  findings.end();
  for (const {entry, publication} of rows) act(publication, record, entry);
  store.change(record, {});
  return record;
}
