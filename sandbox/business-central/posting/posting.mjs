// Posting: a sales order becomes posted shipments and invoices, a draft invoice or credit memo a posted
// one, and the ledgers follow. Each call is one transaction: refused, it leaves nothing behind.
import {Held} from '../amounts.mjs';
import {Dec, ZERO, sum} from '../decimal.mjs';
import {ENTITIES} from '../entities.mjs';
import {dialog} from '../errors.mjs';
import {asDecimals, computeAmounts, linesOf, nextQuantities, recompute, removeLines} from '../lines.mjs';
import {checkApproval, checkHeader, checkLines, checkQuantities, checkStock} from './checks.mjs';
import {applyTo, bookSale, moveStock} from './entries.mjs';

const SHIPMENT_TYPES = {Comment: ' ', Account: 'G/L Account', Charge: 'Charge (Item)'};
const ORDERS = ENTITIES.get('salesOrders');
const nothing = () => dialog('There is nothing to post because the document does not contain a quantity or amount.');
const withSome = (lines, name) => lines.filter(line => line[name] !== '0');

/** The properties of `row` that another set shows too; id, number and stamp are the new row's own. */
function shared(row, set) {
  const {byName} = ENTITIES.get(set);
  return Object.fromEntries(
    Object.entries(row).filter(
      ([name]) =>
        (byName.has(name) || name.startsWith('_')) && !['id', 'number', 'status', 'lastModifiedDateTime'].includes(name),
    ),
  );
}

/** Brings an order's amounts to their final state and closes it for changes. */
export function releaseOrder(books, order) {
  if (order.status === 'Open') return order;
  checkApproval(books, ORDERS, order);
  if (!linesOf(books, ORDERS, order.id).some(line => line.quantity !== '0'))
    throw dialog(`There is nothing to release for the document of type Order with the number ${order.number}.`);
  recompute(books, ORDERS, order.id);
  return books.write('salesOrders', {...books.get('salesOrders', order.id), status: 'Open'});
}

/**
 * Posts what each line says is to be shipped and to be invoiced; a part that no line has anything for is
 * dropped. `ship` and `invoice` switch a part off. Answers {shipment, invoice}, each a row or undefined.
 */
export function postOrder(books, before, {ship = true, invoice = true} = {}) {
  const given = linesOf(books, ORDERS, before.id);
  if (!given.some(line => line.quantity !== '0')) throw nothing();
  checkQuantities(given);
  const shipping = ship ? withSome(given, 'shipQuantity') : [];
  const invoicing = invoice ? withSome(given, 'invoiceQuantity') : [];
  const parts = [shipping.length > 0 && 'ship', invoicing.length > 0 && 'invoice'].filter(Boolean);
  if (parts.length === 0) throw nothing();
  checkHeader(books, ORDERS, before, parts);
  checkLines(books, [...shipping, ...invoicing]);
  checkComplete(before, given, shipping);
  checkStock(
    books,
    shipping.map(line => ({line, quantity: Dec.of(line.shipQuantity)})),
  );

  const order = releaseOrder(books, before);
  const lines = linesOf(books, ORDERS, order.id);
  const shipment = shipping.length > 0 ? postShipment(books, order, lines) : undefined;
  const posted = invoicing.length > 0 ? postInvoiceOf(books, order, lines, ship) : undefined;
  settleOrder(books, order, lines, {ship, invoice});
  for (const [set, row] of [
    ['salesShipments', shipment],
    ['salesInvoices', posted],
  ])
    if (row) books.note('posted', set, row);
  return {shipment, invoice: posted};
}

/** An order whose shipping advice is Complete ships everything or nothing. */
function checkComplete(order, lines, shipping) {
  const whole = lines.every(
    line => line.quantity === line.shippedQuantity || line.quantity === sumText(line.shippedQuantity, line.shipQuantity),
  );
  if (!order.partialShipping && shipping.length > 0 && !whole)
    throw dialog('This document cannot be shipped completely. Change the value in the Shipping Advice field to Partial.');
}

const sumText = (a, b) => Dec.of(a).plus(Dec.of(b)).toString();

function postShipment(books, order, lines) {
  const code = (set, id) => books.get(set, id)?.code ?? '';
  const shipment = books.write('salesShipments', {
    ...books.blank('salesShipments'),
    ...shared(order, 'salesShipments'),
    id: books.store.newId(),
    number: books.nextNumber('shipments'),
    orderNumber: order.number,
    invoiceDate: order.orderDate,
    dueDate: order.postingDate,
    customerPurchaseOrderReference: order._yourReference ?? '',
    paymentTermsCode: code('paymentTerms', order.paymentTermsId),
    shipmentMethodCode: code('shipmentMethods', order.shipmentMethodId),
  });
  for (const line of lines) {
    const quantity = Dec.of(line.shipQuantity);
    books.write('salesShipmentLines', {
      ...books.blank('salesShipmentLines'),
      ...shared(line, 'salesShipmentLines'),
      id: books.store.newId(),
      documentId: shipment.id,
      documentNo: shipment.number,
      lineType: SHIPMENT_TYPES[line.lineType] ?? line.lineType,
      quantity: quantity.toString(), // lines that are not shipped this time stand there too, with none
      _orderLineId: line.id,
      _orderSequence: line.sequence,
      _itemId: line.itemId,
      _variantId: line.itemVariantId,
      _locationCode: code('locations', line.locationId),
    });
    if (line.lineType === 'Item' && !quantity.isZero())
      moveStock(books, {header: order, line, quantity, document: {number: shipment.number, type: 'Sales Shipment'}});
  }
  return shipment;
}

/** The invoice of what an order's lines have to invoice: amounts are computed anew for those quantities. */
function postInvoiceOf(books, order, orderLines, ship) {
  const precision = books.precision(order.currencyCode);
  const held = new Held();
  const id = books.store.newId();
  const lines = orderLines.map(line => {
    const part = partOf(line, invoiceable(line, ship), precision);
    computeAmounts(part, order, held, precision);
    held.add(asDecimals(part));
    return {...books.blank('salesInvoiceLines'), ...shared(part, 'salesInvoiceLines'), id: books.store.newId(), documentId: id};
  });
  const total = name => sum(lines.map(line => Dec.of(line[name]))).toString();
  const invoice = postInvoice(
    books,
    {
      ...books.blank('salesInvoices'),
      ...shared(order, 'salesInvoices'),
      id,
      orderId: order.id,
      orderNumber: order.number,
      invoiceDate: order.orderDate,
      dueDate: order.postingDate,
      customerPurchaseOrderReference: order._yourReference ?? '',
      discountAmount: total('_share'),
      totalAmountExcludingTax: total('netAmount'),
      totalTaxAmount: total('netTaxAmount'),
      totalAmountIncludingTax: total('netAmountIncludingTax'),
    },
    lines,
  );
  for (const [i, line] of lines.entries()) {
    books.write('salesInvoiceLines', line);
    addSalesAmount(books, orderLines[i].id, Dec.of(line.netAmount));
  }
  return invoice;
}

/** Without shipping, only what was shipped before can be invoiced. */
function invoiceable(line, ship) {
  const quantity = Dec.of(line.invoiceQuantity);
  if (ship) return quantity;
  const shipped = Dec.of(line.shippedQuantity).minus(Dec.of(line.invoicedQuantity));
  return quantity.isNegative() === shipped.isNegative() && abs(quantity).compare(abs(shipped)) > 0 ? shipped : quantity;
}

const abs = value => (value.isNegative() ? value.negated() : value);

/** A line as if it had been ordered with `quantity` pieces: its discounts in proportion. */
function partOf(line, quantity, precision) {
  const whole = Dec.of(line.quantity);
  if (quantity.compare(whole) === 0) return {...line};
  const gross = quantity.times(Dec.of(line.unitPrice)).rounded(precision);
  return {
    ...line,
    quantity: quantity.toString(),
    discountAmount: gross.times(Dec.of(line.discountPercent)).dividedBy(Dec.of('100'), precision).toString(),
    _share: whole.isZero() ? '0' : Dec.of(line._share).times(quantity).dividedBy(whole, precision).toString(),
  };
}

/** What was invoiced of an order line is the sales amount of the entries that shipped it, the latest first. */
function addSalesAmount(books, orderLineId, amount) {
  const entry = books.where('itemLedgerEntries', '_orderLineId', orderLineId).at(-1);
  if (entry && !amount.isZero())
    books.write('itemLedgerEntries', {...entry, salesAmountActual: Dec.of(entry.salesAmountActual).plus(amount).toString()});
}

/** Numbers, books and writes a posted invoice. */
function postInvoice(books, draft, lines) {
  const invoice = {
    ...draft,
    number: books.nextNumber('postedInvoices'),
    status: 'Open',
    remainingAmount: draft.totalAmountIncludingTax,
  };
  checkSign(invoice, 'Invoice');
  bookSale(books, {document: invoice, type: 'Invoice', lines});
  return books.write('salesInvoices', {...invoice, status: invoice.remainingAmount === '0' ? 'Paid' : 'Open'});
}

function checkSign(document, type) {
  if (Dec.of(document.totalAmountIncludingTax).isNegative())
    throw dialog(
      `Amount must be ${type === 'Invoice' ? 'positive' : 'negative'} in Gen. Journal Line: Document Type=${type},Document No.=${document.number}.`,
    );
}

/** The order's quantities grow; fully invoiced, it is gone, and what was posted lives on. */
function settleOrder(books, order, lines, {ship, invoice}) {
  const next = lines.map(line => {
    const quantities = {
      shippedQuantity: ship ? sumText(line.shippedQuantity, line.shipQuantity) : line.shippedQuantity,
      invoicedQuantity: invoice
        ? Dec.of(line.invoicedQuantity).plus(invoiceable(line, ship)).toString()
        : line.invoicedQuantity,
    };
    const grown = {...line, ...quantities};
    return {...grown, ...nextQuantities(books, grown)};
  });
  if (next.every(line => line.invoicedQuantity === line.quantity)) {
    removeLines(books, ORDERS, order.id);
    books.remove('salesOrders', order.id);
    return;
  }
  for (const line of next) books.write('salesOrderLines', line);
  const fullyShipped = next.every(line => line.shippedQuantity === line.quantity);
  books.write('salesOrders', {...books.get('salesOrders', order.id), fullyShipped}, {evenIfSame: true});
}

/** Posts a draft invoice or credit memo: it keeps its id and gets a number of the posted ones. */
export function postDocument(books, entity, before) {
  const {type} = entity.document;
  if (before.status !== 'Draft' && before.status !== 'In Review')
    throw dialog(`The action can be applied to a draft ${type.toLowerCase()} only.`);
  const given = linesOf(books, entity, before.id);
  const posted = withSome(given, 'quantity');
  if (posted.length === 0) throw nothing();
  checkQuantities(given);
  checkHeader(books, entity, before, type === 'Invoice' ? ['ship', 'invoice'] : ['credit']);
  checkLines(books, posted);
  if (type === 'Invoice')
    checkStock(
      books,
      posted.map(line => ({line, quantity: Dec.of(line.quantity)})),
    );
  recompute(books, entity, before.id);
  const draft = books.get(entity.set, before.id);
  const lines = linesOf(books, entity, before.id);
  const row = type === 'Invoice' ? postInvoice(books, draft, lines) : postMemo(books, draft, lines);
  for (const line of lines)
    if (line.lineType === 'Item' && line.quantity !== '0')
      moveStock(books, {
        header: draft,
        line,
        quantity: type === 'Invoice' ? Dec.of(line.quantity) : Dec.of(line.quantity).negated(),
        document: {number: row.number, type: `Sales ${type}`},
        amount: type === 'Invoice' ? Dec.of(line.netAmount) : Dec.of(line.netAmount).negated(),
      });
  books.note('posted', entity.set, row);
  return row;
}

/** Cancels a posted invoice that nobody has paid: a corrective credit memo of the whole is posted and applied, the goods come back. */
export function cancelInvoice(books, invoice) {
  const entity = ENTITIES.get('salesInvoices');
  if (['Draft', 'In Review'].includes(invoice.status)) throw dialog('The action can be applied to a posted invoice only.');
  if (['Canceled', 'Corrective'].includes(invoice.status))
    throw dialog('You cannot cancel this posted sales invoice because it has already been canceled.');
  if (invoice.remainingAmount !== invoice.totalAmountIncludingTax)
    throw dialog(
      'You cannot cancel this posted sales invoice because it is fully or partially paid. To reverse a paid sales invoice, you must manually create a sales credit memo.',
    );
  const memo = {
    ...books.blank('salesCreditMemos'),
    ...shared(invoice, 'salesCreditMemos'),
    id: books.store.newId(),
    number: books.nextNumber('postedCreditMemos'),
    creditMemoDate: books.workDate(),
    postingDate: books.workDate(),
    invoiceId: invoice.id,
    invoiceNumber: invoice.number,
    status: 'Corrective',
  };
  const lines = linesOf(books, entity, invoice.id);
  applyTo(books, invoice, bookSale(books, {document: memo, type: 'Credit Memo', lines}));
  books.write('salesCreditMemos', memo);
  for (const line of lines) {
    books.write('salesCreditMemoLines', {...books.blank('salesCreditMemoLines'), ...shared(line, 'salesCreditMemoLines'), id: books.store.newId(), documentId: memo.id});
    if (line.lineType === 'Item' && line.quantity !== '0')
      moveStock(books, {
        header: invoice,
        line,
        quantity: Dec.of(line.quantity).negated(),
        document: {number: memo.number, type: 'Sales Credit Memo'},
        amount: Dec.of(line.netAmount).negated(),
      });
  }
  books.note('posted', 'salesCreditMemos', memo);
  return books.write('salesInvoices', {...books.get('salesInvoices', invoice.id), status: 'Canceled'});
}

function postMemo(books, draft, lines) {
  const memo = {...draft, number: books.nextNumber('postedCreditMemos'), status: 'Open'};
  checkSign(memo, 'Credit Memo');
  const entry = bookSale(books, {document: memo, type: 'Credit Memo', lines});
  const invoice = memo.invoiceNumber === '' ? undefined : books.find('salesInvoices', 'number', memo.invoiceNumber);
  if (invoice) applyTo(books, invoice, entry);
  const settled = invoice !== undefined || memo.totalAmountIncludingTax === '0';
  return books.write('salesCreditMemos', {...memo, status: settled ? 'Paid' : 'Open'});
}
