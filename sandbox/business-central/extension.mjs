// What the app behind api/cartage/shopify/v1.0 does beyond API v2.0: orders under an id of the client's own,
// with the fields that v2.0 lacks; release, reopen, ship, post with dates; the state of a posted shipment.
import {mustBe} from './books.mjs';
import {createDocument} from './documents.mjs';
import {ENTITIES, NO_DATE} from './entities.mjs';
import {BcError, dialog, sameKey, tableRelation} from './errors.mjs';
import {postOrder, releaseOrder} from './posting/posting.mjs';
import {hasId, readValue} from './values.mjs';

/** Creates an order, invoice or credit memo; the id is the client's, so that the same request twice makes one. */
export function importDocument(books, entity, fields, lines) {
  const ofApi = name => name !== 'id' && !OWN[name] && entity.byName.get(name)?.readOnly === false;
  const own = fields.filter(([{name}]) => !ofApi(name));
  const standard = fields.filter(([{name}]) => ofApi(name)).map(([{name}, value]) => [entity.byName.get(name), value]);
  const given = name => own.find(([property]) => property.name === name)?.[1];
  const [id, number] = [given('id'), given('number')];
  if (hasId(id) && books.get(entity.set, id)) throw sameKey('Sales Header', `SystemId='{${id}}'`);
  if (number && books.find(entity.set, 'number', number))
    throw sameKey('Sales Header', `Document Type='${entity.document.type}',No.='${number}'`);
  const finish = header => {
    for (const [property, value] of own) {
      OWN[property.name]?.(books, value, header);
      if (!['id', 'number'].includes(property.name)) header[property.field] = value;
    }
  };
  return createDocument(books, entity, standard, lines, {id: hasId(id) ? id : undefined, number: number || undefined, finish});
}

const inTable = (set, field, related) => (books, code) => {
  if (code !== '' && !books.find(set, 'code', code)) throw tableRelation(field, 'Sales Header', code, related);
};

/** What the values of the app's own fields must be. */
const OWN = {
  paymentMethodCode: inTable('paymentMethods', 'Payment Method Code', 'Payment Method'),
  billToCountry: inTable('countriesRegions', 'Bill-to Country/Region Code', 'Country/Region'),
  taxAreaCode: inTable('taxAreas', 'VAT Bus. Posting Group', 'VAT Business Posting Group'),
  locationId: (books, id) => void books.related('locations', id, 'location'),
  taxLiable(books, value, header) {
    header._taxExempt = books.hasSalesTax() && !value;
  },
  shippingAgentCode(books, code) {
    if (code !== '' && !books.setup.shippingAgents.includes(code))
      throw tableRelation('Shipping Agent Code', 'Sales Header', code, 'Shipping Agent');
  },
  // a service is one of the agent's, and the agent stands before it
  shippingAgentServiceCode(books, code, header) {
    if (code !== '' && !books.setup.agentServices[header._agent]?.includes(code))
      throw tableRelation('Shipping Agent Service Code', 'Sales Header', code, 'Shipping Agent Services');
  },
};

/** The state that a client keeps on a posted shipment: the one thing it may write there. */
export function updateShipment(books, before, fields) {
  for (const [{name}] of fields) if (name !== 'syncState') throw dialog(`The value for "${name}" cannot be modified.`);
  const changes = Object.fromEntries(fields.map(([property, value]) => [property.field, value]));
  const written = books.write('salesShipments', {...before, ...changes});
  if (written !== before) books.note('changed', 'salesShipments', written);
  return written;
}

/** What of an item's card API v2.0 does not show. */
export function updateItemCard(books, before, fields) {
  const known = {
    vendorNumber: ['vendors', 'number', 'Vendor'],
    countryOfOriginCode: ['countriesRegions', 'code', 'Country/Region'],
  };
  for (const [{name}, value] of fields) {
    const [set, key, table] = known[name] ?? [];
    if (set && value !== '' && !books.find(set, key, value)) throw tableRelation(`${table} Code`, 'Item', value, table);
    const units = books.where('itemUnits', 'itemId', before.id);
    if (name === 'salesUnitOfMeasureCode' && value !== '' && !units.some(({code}) => code === value))
      throw tableRelation('Sales Unit of Measure', 'Item', value, 'Item Unit of Measure');
  }
  const written = books.write('items', {...before, ...Object.fromEntries(fields.map(([{field}, value]) => [field, value]))});
  if (written !== before) books.note('changed', 'items', written);
  return written;
}

export const EXTENSION_ACTIONS = {
  'orderImports.release': (books, order) => noted(books, releaseOrder(books, order), order),
  'orderImports.reopen': (books, order) => noted(books, reopen(books, order), order),
  'orderImports.ship': (books, order) => postOrder(books, order, {invoice: false}),
  'orderImports.shipAndInvoice': (books, order) => postOrder(books, order),
  'orderImports.post': postOn,
};

function noted(books, row, before) {
  if (row !== before) books.note('changed', 'salesOrders', row);
}

function reopen(books, order) {
  if (order.status === 'In Review')
    throw mustBe('Status', 'Released', 'Sales Header', `Document Type=Order,No.=${order.number}`, 'Pending Approval');
  return books.write('salesOrders', {...order, status: 'Draft'});
}

const PARAMETERS = {ship: 'B', invoice: 'B', postingDate: 'D', documentDate: 'D'};

/** post(ship, invoice, postingDate, documentDate), all of them given; 0001-01-01 leaves a date as it is. */
function postOn(books, order, body) {
  const given = {};
  for (const [name, kind] of Object.entries(PARAMETERS)) {
    if (body[name] === undefined)
      throw new BcError(
        400,
        'BadRequest_RequiredParamNotProvided',
        `The parameter '${name}' of the action 'post' is required.`,
      );
    given[name] = readValue({name, kind}, body[name]);
  }
  const dates = {};
  if (given.postingDate !== NO_DATE) dates.postingDate = given.postingDate;
  if (given.documentDate !== NO_DATE) dates.orderDate = given.documentDate;
  postOrder(books, books.write('salesOrders', {...order, ...dates}), given);
}
