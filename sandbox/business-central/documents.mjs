// Sales orders, draft invoices and credit memos: the header's fields, the order in which they overwrite each other,
// and what refuses them. Lines are in lines.mjs, the arithmetic is in amounts.mjs.
import {checkEmail, checkPhone, mustBe, mustHave, wantsAnswer} from './books.mjs';
import {Dec} from './decimal.mjs';
import {NO_DATE, NO_ID} from './entities.mjs';
import {dialog, tableRelation} from './errors.mjs';
import {createLines, keysOf, linesOf, removeLines, spreadDiscount} from './lines.mjs';
import {hasId} from './values.mjs';

/** What may change on a released order: the rest wants it reopened. */
const CHANGEABLE_WHEN_RELEASED = new Set([
  'orderDate',
  'postingDate',
  'externalDocumentNumber',
  'shipQuantity',
  'invoiceQuantity',
]);
/** Which kinds of block keep a customer from a document. */
const BLOCKS = {Order: ['All', 'Invoice', 'Ship'], Invoice: ['All', 'Invoice'], Quote: ['All'], 'Credit Memo': ['All']};
const ADDRESS_NAMES = ['AddressLine1', 'AddressLine2', 'City', 'Country', 'State'];

/**
 * Creates a document with its lines in one go; the caller's transaction makes it all or nothing. `id` and `number`
 * may be given from outside, `finish(header)` has the last word on the header before the lines come.
 */
export function createDocument(books, entity, fields, lines, {id, number, finish} = {}) {
  checkParty(fields, 'customer', true);
  checkParty(fields, 'billToCustomer', false);
  const today = books.workDate();
  const header = {
    ...books.blank(entity.set),
    id: id ?? books.store.newId(),
    number: number ?? books.nextNumber(entity.series),
    status: 'Draft',
    [entity.document.date]: today,
    postingDate: books.setup.defaultPostingDate === 'none' ? NO_DATE : today,
    discountAppliedBeforeTax: true,
    _vatBus: '',
  };
  if (entity.set === 'salesOrders') header.partialShipping = true;
  else header.dueDate = today;
  const discount = applyHeader(books, entity, header, fields);
  finish?.(header);
  books.write(entity.set, header);
  if (discount !== undefined) spreadDiscount(books, entity, header.id, discount);
  createLines(books, entity, header.id, lines);
  const written = books.get(entity.set, header.id);
  books.note('created', entity.set, written);
  return written;
}

export function updateDocument(books, entity, before, fields) {
  checkOpen(
    entity,
    before,
    fields.map(([{name}]) => name),
  );
  const header = {...before};
  const discount = applyHeader(books, entity, header, fields);
  books.write(entity.set, header);
  if (discount !== undefined) spreadDiscount(books, entity, header.id, discount);
  const written = books.get(entity.set, header.id);
  if (written !== before) books.note('changed', entity.set, written);
  return written;
}

export function deleteDocument(books, entity, header) {
  if (isPosted(entity, header)) throw dialog(`The ${wordOf(entity)} has been posted and can no longer be deleted.`);
  const line = linesOf(books, entity, header.id).find(
    ({shippedQuantity, invoicedQuantity}) => shippedQuantity !== invoicedQuantity,
  );
  if (line)
    throw dialog(
      `Qty. Shipped Not Invoiced must be equal to '0'  in Sales Line: ${keysOf(entity, header, line)}. The order cannot be deleted.`,
    );
  removeLines(books, entity, header.id);
  books.remove(entity.set, header.id);
  books.note('deleted', entity.set, header);
}

const wordOf = entity => entity.document.type.toLowerCase();
const isPosted = (entity, header) => entity.set !== 'salesOrders' && !['Draft', 'In Review'].includes(header.status);

/** A released or posted document takes no changes but a few; `names`: the properties to change, none when all of it. */
export function checkOpen(entity, header, names = []) {
  if (header.status === 'Draft') return;
  if (isPosted(entity, header)) {
    if (names.length > 0 && names.every(name => entity.document.posted.includes(name))) return;
    throw dialog(`The ${wordOf(entity)} has been posted and can no longer be modified.`);
  }
  // a foreign currency's rate hangs on the posting date
  const changeable = name => CHANGEABLE_WHEN_RELEASED.has(name) && (name !== 'postingDate' || header.currencyCode === '');
  if (header.status === 'Open' && names.length > 0 && names.every(changeable)) return;
  throw mustBe(
    'Status',
    'Open',
    'Sales Header',
    `Document Type=${entity.document.type},No.=${header.number}`,
    header.status === 'Open' ? 'Released' : 'Pending Approval',
  );
}

/** The customer must be given, by number or by id. */
function checkParty(fields, party, required) {
  const given = fields.some(
    ([{name}, value]) => (name === `${party}Id` && hasId(value)) || (name === `${party}Number` && value !== ''),
  );
  if (required && !given) throw dialog(`A "${party}Number" or a "${party}Id" must be provided.`);
}

/** Validates the fields one by one; answers the invoice discount when one was given. */
function applyHeader(books, entity, header, fields) {
  let discount;
  const named = new Map(); // party → id that the first of its pair named
  for (const [{name}, value] of fields) {
    if (name === 'discountAmount') {
      discount = Dec.of(value);
      if (discount.isNegative()) throw dialog('The invoice discount amount must not be negative.');
    } else if (/^(customer|billToCustomer)(Id|Number)$/.test(name)) {
      const party = name.replace(/(Id|Number)$/, '');
      const customer = findCustomer(books, party, name, value);
      if (named.has(party) && named.get(party) !== customer?.id)
        throw dialog(`The ${partyText(party)} values do not match to a specific Customer.`);
      named.set(party, customer?.id);
      if (party === 'customer') setCustomer(books, entity, header, customer);
      else if (customer) setBillTo(books, entity, header, customer);
    } else setHeaderField(books, entity, header, name, value);
  }
  return discount;
}

const partyText = party => (party === 'customer' ? 'sell-to customer' : 'bill-to customer');

function findCustomer(books, party, name, value) {
  if (name.endsWith('Id') ? !hasId(value) : value === '') {
    if (party === 'customer') throw dialog('A "customerNumber" or a "customerId" must be provided.');
    return undefined;
  }
  const customer = name.endsWith('Id') ? books.get('customers', value) : books.find('customers', 'number', value);
  if (!customer) throw dialog(`The ${partyText(party)} cannot be found.`);
  return customer;
}

function refuseBlocked(entity, customer) {
  if (BLOCKS[entity.document.type].includes(customer.blocked))
    throw dialog(
      `You cannot create this type of document when Customer ${customer.number} is blocked with type ${customer.blocked}`,
    );
}

/** Sell-to customer: addresses, bill-to, currency, terms and tax model are copied from it. */
function setCustomer(books, entity, header, customer) {
  if (header.customerId === customer.id) return;
  refuseBlocked(entity, customer);
  refuseWithLines(books, entity, header, 'Do you want to change Customer?');
  assignKnown(entity, header, {
    customerId: customer.id,
    customerNumber: customer.number,
    customerName: customer.displayName,
    shipToName: customer.displayName,
    shipToContact: '',
    phoneNumber: customer.phoneNumber,
    email: customer.email,
  });
  copyAddress(entity, customer, header, 'sellTo');
  copyAddress(entity, customer, header, 'shipTo');
  header.shipmentMethodId = customer.shipmentMethodId;
  setBillTo(books, entity, header, customer);
}

function setBillTo(books, entity, header, customer) {
  if (header.billToCustomerId === customer.id) return;
  refuseBlocked(entity, customer);
  refuseWithLines(books, entity, header, 'Do you want to change Bill-to Customer?');
  if (!customer._postingGroup) throw mustHave('Customer Posting Group', 'Customer', `No.=${customer.number}`);
  if (!customer._vatBus) throw mustHave('Gen. Bus. Posting Group', 'Customer', `No.=${customer.number}`);
  const pricesIncludeTax = customer._pricesIncludeTax === true && !books.hasSalesTax();
  Object.assign(header, {
    billToCustomerId: customer.id,
    billToCustomerNumber: customer.number,
    billToName: customer.displayName,
    currencyId: customer.currencyId,
    currencyCode: customer.currencyCode,
    paymentTermsId: customer.paymentTermsId,
    pricesIncludeTax,
    discountAppliedBeforeTax: !pricesIncludeTax,
    _taxExempt: books.hasSalesTax() && !customer.taxLiable,
    _vatBus: customer._vatBus,
  });
  copyAddress(entity, customer, header, 'billTo');
}

function copyAddress(entity, customer, header, prefix) {
  const address = Object.fromEntries(
    ADDRESS_NAMES.map(name => [prefix + name, customer[name[0].toLowerCase() + name.slice(1)]]),
  );
  assignKnown(entity, header, {...address, [`${prefix}PostCode`]: customer.postalCode});
}

/** Sets those values that this kind of document has a property for. */
function assignKnown(entity, header, values) {
  for (const [name, value] of Object.entries(values)) if (entity.byName.has(name)) header[name] = value;
}

/** What a person would be asked about, because the lines depend on it, cannot be answered over the API. */
function refuseWithLines(books, entity, header, question) {
  if (books.where(entity.lines, 'documentId', header.id).length > 0) throw wantsAnswer(question);
}

function setHeaderField(books, entity, header, name, value) {
  const table = entity.table;
  switch (name) {
    case 'currencyId':
    case 'currencyCode':
      return setCurrency(
        books,
        entity,
        header,
        name === 'currencyId' ? books.related('currencies', value, 'currency') : currencyOf(books, value),
      );
    case 'paymentTermsId':
      books.related('paymentTerms', value, 'payment terms');
      break;
    case 'shipmentMethodId':
      books.related('shipmentMethods', value, 'shipment method');
      break;
    case 'pricesIncludeTax':
      if (value && books.hasSalesTax())
        throw dialog('Prices Including VAT cannot be set: sales tax is never included in the prices.');
      if (header.pricesIncludeTax !== value)
        refuseWithLines(books, entity, header, 'Do you want to recalculate the prices of the lines?');
      header.discountAppliedBeforeTax = !value;
      break;
    case 'salesperson':
      if (value !== '') throw tableRelation('Salesperson Code', table, value, 'Salesperson/Purchaser');
      break;
    case 'shortcutDimension1Code':
    case 'shortcutDimension2Code':
      if (value !== '') throw tableRelation(`Shortcut Dimension ${name.at(-5)} Code`, table, value, 'Dimension Value');
      break;
    case 'disputeStatus':
      if (value !== '') throw tableRelation('Dispute Status', table, value, 'Dispute Status');
      break;
    case 'disputeStatusId':
      if (hasId(value)) throw dialog('The dispute status values do not match to a specific Dispute Status.');
      break;
    case 'customerReturnReasonId':
      books.related('customerReturnReasons', value, 'return reason');
      break;
    case 'invoiceId':
    case 'invoiceNumber':
      return setInvoice(books, header, name, value);
    case 'email':
      checkEmail(value);
      break;
    case 'phoneNumber':
      checkPhone(value);
      break;
    default:
      if (/^(sellTo|shipTo|billTo)Country$/.test(name) && value !== '' && !books.find('countriesRegions', 'code', value))
        throw tableRelation(
          `${{sell: 'Sell', ship: 'Ship', bill: 'Bill'}[name.slice(0, 4)]}-to Country/Region Code`,
          table,
          value,
          'Country/Region',
        );
  }
  header[name] = value;
}

/** The posted, open invoice of the same customer that a credit memo applies to. */
function setInvoice(books, header, name, value) {
  const byId = name === 'invoiceId';
  const none = byId ? !hasId(value) : value === '';
  const invoice = none ? undefined : byId ? books.get('salesInvoices', value) : books.find('salesInvoices', 'number', value);
  if (!none && (!invoice || invoice.status === 'Draft' || invoice.billToCustomerId !== header.billToCustomerId))
    throw byId
      ? dialog('The invoice values do not match to a specific posted invoice of the customer.')
      : tableRelation('Applies-to Doc. No.', 'Sales Header', value, 'Sales Invoice Header');
  if (invoice && invoice.status !== 'Open')
    throw dialog(`Open must be equal to 'Yes'  in Cust. Ledger Entry: Document Type=Invoice,Document No.=${invoice.number}.`);
  Object.assign(header, {invoiceId: invoice?.id ?? NO_ID, invoiceNumber: invoice?.number ?? ''});
}

function currencyOf(books, code) {
  if (code === '' || code === books.setup.currency) return undefined;
  const currency = books.find('currencies', 'code', code);
  if (!currency) throw tableRelation('Currency Code', 'Sales Header', code, 'Currency');
  return currency;
}

function setCurrency(books, entity, header, found) {
  const currency = found?.code === books.setup.currency ? undefined : found; // the local currency is kept as none
  if (header.currencyCode === (currency?.code ?? '')) return;
  refuseWithLines(books, entity, header, 'Do you want to update the prices of the lines?');
  if (currency) books.exchangeRate(currency.code, header.postingDate);
  header.currencyId = currency?.id ?? NO_ID;
  header.currencyCode = currency?.code ?? '';
}
