// An order posted whole, as a person at the ERP does it: the order is gone, a posted shipment and a
// posted invoice carry its number and external number on. Stock and ledger entries are not simulated.
import {dialog} from './errors.mjs';
import {ENTITIES} from './entities.mjs';
import {linesOf, removeLines} from './lines.mjs';

const SHIPMENT_TYPES = {Comment: ' ', Account: 'G/L Account', Charge: 'Charge (Item)'};

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

export function postOrder(books, order) {
  const entity = ENTITIES.get('salesOrders');
  const lines = linesOf(books, entity, order.id);
  if (!lines.some(line => line.quantity !== '0')) throw dialog('There is nothing to post.');
  const common = {orderNumber: order.number, invoiceDate: order.orderDate, dueDate: order.postingDate};
  const code = (set, id) => books.get(set, id)?.code ?? '';
  const shipment = books.write('salesShipments', {
    ...books.blank('salesShipments'),
    ...shared(order, 'salesShipments'),
    ...common,
    id: books.store.newId(),
    number: books.nextNumber('shipments'),
    paymentTermsCode: code('paymentTerms', order.paymentTermsId),
    shipmentMethodCode: code('shipmentMethods', order.shipmentMethodId),
  });
  const invoice = books.write('salesInvoices', {
    ...books.blank('salesInvoices'),
    ...shared(order, 'salesInvoices'),
    ...common,
    id: books.store.newId(),
    number: books.nextNumber('postedInvoices'),
    status: 'Open',
    remainingAmount: order.totalAmountIncludingTax,
  });
  for (const line of lines) {
    books.write('salesShipmentLines', {
      ...books.blank('salesShipmentLines'),
      ...shared(line, 'salesShipmentLines'),
      id: books.store.newId(),
      documentId: shipment.id,
      documentNo: shipment.number,
      lineType: SHIPMENT_TYPES[line.lineType] ?? line.lineType,
    });
    books.write('salesInvoiceLines', {
      ...books.blank('salesInvoiceLines'),
      ...shared(line, 'salesInvoiceLines'),
      id: books.store.newId(),
      documentId: invoice.id,
    });
  }
  removeLines(books, entity, order.id);
  books.remove('salesOrders', order.id);
  return invoice;
}
