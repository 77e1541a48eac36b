// The ledgers that a posting writes: stock, customers, general ledger. Entries are only ever added; their
// numbers rise. The general ledger is in the local currency and every posting sums to zero in it.
import {Dec, ZERO, sum} from '../decimal.mjs';
import {NO_ID} from '../entities.mjs';
import {dialog} from '../errors.mjs';
import {bookStock} from '../stock.mjs';

/**
 * Moves `quantity` pieces of a line's item out of (negative: into) the stock. Stock changes the item's
 * etag but not its stamp, because nothing is written to its card.
 */
export function moveStock(books, {header, line, quantity, document, amount = ZERO}) {
  const item = books.get('items', line.itemId);
  const pieces = quantity.times(Dec.of(line._quantityPerUnit ?? '1')).negated(); // base units
  addStockEntry(books, item, {
    postingDate: header.postingDate,
    entryType: 'Sale',
    sourceNumber: header.customerNumber,
    sourceType: 'Customer',
    documentNumber: document.number,
    documentType: document.type,
    description: line.description,
    quantity: pieces.toString(),
    salesAmountActual: amount.toString(),
    costAmountActual: pieces.times(Dec.of(item.unitCost)).rounded(books.precision('')).toString(),
    _locationId: line.locationId,
    _variantId: line.itemVariantId,
    _orderLineId: line.id,
  });
}

/** Brings an item's stock to `inventory`, as a person does with an item journal; `place`: of one variant and location. */
export function adjustStock(books, item, inventory, place) {
  if (item.type !== 'Inventory')
    throw dialog(`Type must be equal to 'Inventory'  in Item: No.=${item.number}. Current value is '${item.type}'.`);
  const difference = Dec.of(inventory).minus(Dec.of(place ? place.inventory : item.inventory));
  if (difference.isZero()) return;
  addStockEntry(books, item, {
    postingDate: books.workDate(),
    entryType: difference.isNegative() ? 'Negative Adjmt.' : 'Positive Adjmt.',
    documentNumber: 'ADJUST',
    description: item.displayName,
    quantity: difference.toString(),
    costAmountActual: difference.times(Dec.of(item.unitCost)).rounded(books.precision('')).toString(),
    _locationId: place?.locationId ?? NO_ID,
    _variantId: place?.variantId ?? NO_ID,
  });
}

function addStockEntry(books, item, values) {
  const blank = {sourceType: ' ', documentType: ' '};
  const entry = addEntry(books, 'itemLedgerEntries', {...blank, itemNumber: item.number, ...values});
  if (item.type !== 'Inventory') return;
  bookStock(books, item, entry);
  const current = books.get('items', item.id);
  books.store.put(books.company, 'items', item.id, {
    ...current,
    inventory: Dec.of(current.inventory).plus(Dec.of(values.quantity)).toString(),
  });
}

function addEntry(books, set, values) {
  return books.write(set, {
    ...books.blank(set),
    id: books.store.newId(),
    entryNumber: Number(books.nextNumber(set)),
    ...values,
  });
}

/**
 * Books a posted invoice or credit memo: revenue and tax per account against the customer. `lines` are
 * the posted ones; amounts are those of the document, turned into local ones without losing a penny.
 */
export function bookSale(books, {document, type, lines}) {
  const sign = type === 'Invoice' ? -1 : 1; // revenue is a credit
  const {sales, tax} = books.setup.accounts;
  const legs = new Map();
  const add = (number, amount) => legs.set(number, (legs.get(number) ?? ZERO).plus(sign < 0 ? amount.negated() : amount));
  for (const line of lines) {
    const number = line.lineType === 'Account' ? line.lineObjectNumber : sales;
    if (line.netAmount !== '0') add(number, Dec.of(line.netAmount));
    if (line.netTaxAmount !== '0') add(tax, Dec.of(line.netTaxAmount));
  }
  const total = Dec.of(document.totalAmountIncludingTax);
  const balance = sign < 0 ? total : total.negated();
  return book(books, {document, type, legs, balance, amount: balance});
}

/** Books money that a customer paid for an invoice. */
export function bookPayment(books, {document, amount, number}) {
  const payment = {...document, number, postingDate: books.workDate(), externalDocumentNumber: ''};
  const legs = new Map([[books.setup.accounts.bank, amount]]);
  return book(books, {document: payment, type: 'Payment', legs, amount: amount.negated()});
}

/** Writes the legs and the customer's own, and the entry of the customer ledger. */
function book(books, {document, type, legs, amount}) {
  const local = inLocalCurrency(books, document, [...legs.values()]);
  const common = {postingDate: document.postingDate, documentNumber: document.number, documentType: type};
  [...legs.keys()].forEach((number, i) => addLedgerEntry(books, number, local[i], common));
  const balance = sum(local).negated();
  addLedgerEntry(books, books.setup.accounts.receivables, balance, common);
  return addEntry(books, 'customerLedgerEntries', {
    ...common,
    dueDate: document.dueDate,
    customerNumber: document.billToCustomerNumber,
    externalDocumentNumber: document.externalDocumentNumber,
    currencyCode: document.currencyCode,
    amount: amount.toString(),
    amountLocal: balance.toString(),
    remainingAmount: amount.toString(),
    open: !amount.isZero(),
  });
}

/** Amounts in the local currency, rounded so that their sum is the rounded sum. */
function inLocalCurrency(books, document, amounts) {
  if (document.currencyCode === '') return amounts;
  const rate = books.exchangeRate(document.currencyCode, document.postingDate);
  const convert = amount => amount.times(rate.local).dividedBy(rate.amount, books.precision(''));
  let [seen, given] = [ZERO, ZERO];
  return amounts.map(amount => {
    seen = seen.plus(amount);
    const share = convert(seen).minus(given);
    given = given.plus(share);
    return share;
  });
}

function addLedgerEntry(books, number, amount, common) {
  if (amount.isZero()) return;
  const account = books.find('accounts', 'number', number);
  if (!account) throw dialog(`The G/L Account does not exist. Identification fields and values: No.='${number}'`);
  addEntry(books, 'generalLedgerEntries', {
    ...common,
    accountId: account.id,
    accountNumber: number,
    description: `${common.documentType} ${common.documentNumber}`,
    debitAmount: amount.isNegative() ? '0' : amount.toString(),
    creditAmount: amount.isNegative() ? amount.negated().toString() : '0',
  });
  const netChange = Dec.of(account.netChange).plus(amount).toString();
  books.store.put(books.company, 'accounts', account.id, {...account, netChange});
}

/** Applies a credit memo or a payment to a posted invoice: what is open of both falls. */
export function applyTo(books, invoice, entry) {
  const invoiced = books
    .where('customerLedgerEntries', 'documentNumber', invoice.number)
    .find(each => each.documentType === 'Invoice');
  if (entry.currencyCode !== invoiced.currencyCode)
    throw dialog(
      `Currency Code must be equal to '${invoiced.currencyCode}', the currency of invoice ${invoice.number}. Current value is '${entry.currencyCode}'.`,
    );
  const applied = Dec.of(entry.remainingAmount).negated();
  const left = Dec.of(invoiced.remainingAmount).minus(applied);
  if (!invoiced.open || left.isNegative())
    throw dialog(
      `The amount ${applied} cannot be applied to invoice ${invoice.number}: ${invoiced.remainingAmount} of it is open.`,
    );
  const reduce = (each, remainingAmount) =>
    books.write('customerLedgerEntries', {
      ...each,
      remainingAmount: remainingAmount.toString(),
      open: !remainingAmount.isZero(),
    });
  reduce(invoiced, left);
  reduce(entry, ZERO);
  books.write('salesInvoices', {
    ...invoice,
    remainingAmount: left.toString(),
    status: left.isZero() ? 'Paid' : invoice.status,
  });
}
