// Undoing a posted shipment: correcting lines with negative quantities below the originals, the stock
// back, and the order's quantities as if it had not been shipped. The shipment's header keeps its stamp; only
// its lines have new ones.
import {Dec} from '../decimal.mjs';
import {dialog} from '../errors.mjs';
import {nextQuantities} from '../lines.mjs';
import {moveStock} from './entries.mjs';

export function undoShipment(books, shipment) {
  const order = books.find('salesOrders', 'number', shipment.orderNumber);
  if (!order)
    throw dialog(
      `This shipment has already been invoiced. Undo Shipment cannot be performed: order ${shipment.orderNumber} is gone.`,
    );
  const lines = books.where('salesShipmentLines', 'documentId', shipment.id).sort((a, b) => a.sequence - b.sequence);
  const shipped = lines.filter(line => line.quantity !== '0' && !line._corrects && !line._corrected);
  if (shipped.length === 0) throw dialog(`Shipment ${shipment.number} has nothing to undo.`);
  for (const line of shipped) undoLine(books, {shipment, order, line, lines});
  books.write('salesOrders', {...order, fullyShipped: false}, {evenIfSame: true});
  books.note('undone', 'salesShipments', shipment);
}

function undoLine(books, {shipment, order, line, lines}) {
  const orderLine = books.get('salesOrderLines', line._orderLineId);
  const quantity = Dec.of(line.quantity).negated();
  const shippedQuantity = Dec.of(orderLine.shippedQuantity).plus(quantity);
  if (magnitude(shippedQuantity).compare(magnitude(Dec.of(orderLine.invoicedQuantity))) < 0)
    throw dialog('This shipment has already been invoiced. Undo Shipment cannot be performed.');
  books.write('salesShipmentLines', {...line, _corrected: true});
  books.write('salesShipmentLines', {
    ...line,
    id: books.store.newId(),
    sequence: sequenceBehind(line, lines),
    quantity: quantity.toString(),
    _corrects: line.id,
  });
  if (line.lineType === 'Item')
    moveStock(books, {header: order, line: orderLine, quantity, document: {number: shipment.number, type: 'Sales Shipment'}});
  const next = {...orderLine, shippedQuantity: shippedQuantity.toString()};
  books.write('salesOrderLines', {...next, ...nextQuantities(books, next)});
}

/** Half way to the next line, as Business Central numbers an inserted one. */
function sequenceBehind(line, lines) {
  const next = lines.find(({sequence}) => sequence > line.sequence);
  return next ? Math.floor((line.sequence + next.sequence) / 2) : line.sequence + 10000;
}

const magnitude = value => (value.isNegative() ? value.negated() : value);
