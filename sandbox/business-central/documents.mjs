// Sales orders and draft invoices: the header's fields, the order in which they overwrite each other,
// and what refuses them. Lines are in lines.mjs, the arithmetic is in amounts.mjs.
import {checkEmail, checkPhone, mustBe, mustHave, wantsAnswer} from './books.mjs';
import {Dec} from './decimal.mjs';
import {NO_ID} from './entities.mjs';
import {dialog, tableRelation} from './errors.mjs';
import {createLines, removeLines, spreadDiscount} from './lines.mjs';
import {hasId} from './values.mjs';

const DATE_NAME = {salesOrders: 'orderDate', salesInvoices: 'invoiceDate'};
const ADDRESS_NAMES = ['AddressLine1', 'AddressLine2', 'City', 'Country', 'State'];

/** Creates a document with its lines in one go; the caller's transaction makes it all or nothing. */
export function createDocument(books, entity, fields, lines) {
  checkParty(fields, 'customer', true);
  checkParty(fields, 'billToCustomer', false);
  const today = books.workDate();
  const header = {
    ...books.blank(entity.set),
    id: books.store.newId(),
    number: books.nextNumber(entity.series),
    status: 'Draft',
    [DATE_NAME[entity.set]]: today,
    postingDate: today,
    discountAppliedBeforeTax: true,
    _vatBus: '',
  };
  if (entity.set === 'salesOrders') header.partialShipping = true;
  else header.dueDate = today;
  const discount = applyHeader(books, entity, header, fields);
  books.write(entity.set, header);
  if (discount !== undefined) spreadDiscount(books, entity, header.id, discount);
  createLines(books, entity, header.id, lines);
  const written = books.get(entity.set, header.id);
  books.note('created', entity.set, written);
  return written;
}

export function updateDocument(books, entity, before, fields) {
  checkOpen(entity, before);
  const header = {...before};
  const discount = applyHeader(books, entity, header, fields);
  books.write(entity.set, header);
  if (discount !== undefined) spreadDiscount(books, entity, header.id, discount);
  const written = books.get(entity.set, header.id);
  if (written !== before) books.note('changed', entity.set, written);
  return written;
}

export function deleteDocument(books, entity, header) {
  if (entity.set === 'salesInvoices' && header.status !== 'Draft')
    throw dialog('The invoice has been posted and can no longer be deleted.');
  removeLines(books, entity, header.id);
  books.remove(entity.set, header.id);
  books.note('deleted', entity.set, header);
}

/** A released or posted document takes no changes. */
export function checkOpen(entity, header) {
  if (header.status === 'Draft') return;
  if (entity.set === 'salesInvoices') throw dialog('The invoice has been posted and can no longer be modified.');
  throw mustBe(
    'Status',
    'Open',
    'Sales Header',
    `Document Type=Order,No.=${header.number}`,
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
  const refusing = entity.set === 'salesOrders' ? ['All', 'Invoice', 'Ship'] : ['All', 'Invoice'];
  if (refusing.includes(customer.blocked))
    throw dialog(
      `You cannot create this type of document when Customer ${customer.number} is blocked with type ${customer.blocked}`,
    );
}

/** Sell-to customer: addresses, bill-to, currency, terms and tax model are copied from it. */
function setCustomer(books, entity, header, customer) {
  if (header.customerId === customer.id) return;
  refuseBlocked(entity, customer);
  refuseWithLines(books, entity, header, 'Do you want to change Customer?');
  Object.assign(header, {
    customerId: customer.id,
    customerNumber: customer.number,
    customerName: customer.displayName,
    shipToName: customer.displayName,
    shipToContact: '',
    phoneNumber: customer.phoneNumber,
    email: customer.email,
  });
  copyAddress(customer, header, 'sellTo');
  copyAddress(customer, header, 'shipTo');
  header.shipmentMethodId = customer.shipmentMethodId;
  setBillTo(books, entity, header, customer);
}

function setBillTo(books, entity, header, customer) {
  if (header.billToCustomerId === customer.id) return;
  refuseBlocked(entity, customer);
  refuseWithLines(books, entity, header, 'Do you want to change Bill-to Customer?');
  if (!customer._postingGroup) throw mustHave('Customer Posting Group', 'Customer', `No.=${customer.number}`);
  if (!customer._vatBus) throw mustHave('Gen. Bus. Posting Group', 'Customer', `No.=${customer.number}`);
  Object.assign(header, {
    billToCustomerId: customer.id,
    billToCustomerNumber: customer.number,
    billToName: customer.displayName,
    currencyId: customer.currencyId,
    currencyCode: customer.currencyCode,
    paymentTermsId: customer.paymentTermsId,
    pricesIncludeTax: customer._pricesIncludeTax === true,
    discountAppliedBeforeTax: customer._pricesIncludeTax !== true,
    _vatBus: customer._vatBus,
  });
  copyAddress(customer, header, 'billTo');
}

function copyAddress(customer, header, prefix) {
  for (const name of ADDRESS_NAMES) header[prefix + name] = customer[name[0].toLowerCase() + name.slice(1)];
  header[`${prefix}PostCode`] = customer.postalCode;
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
    case 'email':
      checkEmail(value);
      break;
    case 'phoneNumber':
      checkPhone(value);
      break;
    default:
      if (/^(sellTo|shipTo)Country$/.test(name) && value !== '' && !books.find('countriesRegions', 'code', value))
        throw tableRelation(
          `${name.startsWith('sell') ? 'Sell' : 'Ship'}-to Country/Region Code`,
          table,
          value,
          'Country/Region',
        );
  }
  header[name] = value;
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
