// Stock by item, variant and location: a row each, brought up to date by every entry of the item ledger. What is
// reserved, and what comes and goes by documents that this peer does not have (purchases, transfers, production),
// is what a person says it is.
import {Dec, ZERO, sum} from './decimal.mjs';
import {NO_ID} from './entities.mjs';
import {hasId} from './values.mjs';

/** The row of a place; made when it is not there yet. */
export function stockRow(books, item, variantId, locationId) {
  const found = books
    .where('itemStocks', 'itemId', item.id)
    .find(row => row.variantId === variantId && row.locationId === locationId);
  if (found) return found;
  const row = {
    id: books.store.newId(),
    itemId: item.id,
    itemNumber: item.number,
    variantId,
    variantCode: hasId(variantId) ? (books.get('itemVariants', variantId)?.code ?? '') : '',
    locationId,
    locationCode: hasId(locationId) ? (books.get('locations', locationId)?.code ?? '') : '',
    inventory: '0',
    reservedQuantity: '0',
    lastEntryNumber: 0,
    _supply: '0',
    _demand: '0',
  };
  books.store.put(books.company, 'itemStocks', row.id, row);
  return books.get('itemStocks', row.id);
}

/** An entry of the ledger moves the stock of its place. */
export function bookStock(books, item, {quantity, entryNumber, _variantId = NO_ID, _locationId = NO_ID}) {
  const row = stockRow(books, item, _variantId, _locationId);
  books.store.put(books.company, 'itemStocks', row.id, {
    ...row,
    inventory: Dec.of(row.inventory).plus(Dec.of(quantity)).toString(),
    lastEntryNumber: entryNumber,
  });
}

/** Sets what a person says of a place. */
export function changeStock(books, row, changes) {
  books.store.put(books.company, 'itemStocks', row.id, {...row, ...changes});
}

/** What open sales orders still ask of a place; `counts`: of which lines. */
function outstanding(row, books, counts = () => true) {
  return sum(
    books
      .where('salesOrderLines', 'itemId', row.itemId)
      .filter(line => line.itemVariantId === row.variantId && line.locationId === row.locationId)
      .filter(counts)
      .map(line =>
        Dec.of(line.quantity)
          .minus(Dec.of(line.shippedQuantity))
          .times(Dec.of(line._quantityPerUnit ?? '1')),
      ),
  );
}

/**
 * Of what lies there, what is reserved for orders of Shopify: all that they ask for as far as it goes, in a company that
 * reserves always. What is reserved for others is what a person says it is, and goes first.
 */
function ofShops(row, books) {
  if (books.setup.reserve !== 'always') return ZERO;
  const asked = outstanding(row, books, line => books.get('salesOrders', line.documentId)?._shopifyOrderNumber);
  const free = Dec.of(row.inventory).minus(Dec.of(row.reservedQuantity));
  const most = free.isNegative() ? ZERO : free;
  return asked.minus(most).isNegative() ? asked : most;
}

const reserved = (row, books) => Dec.of(row.reservedQuantity).plus(ofShops(row, books)).toString();

export const STOCK_CALCULATED = {
  reservedQuantity: reserved,
  Reserved_Quantity: reserved,
  reservedForShopify: (row, books) => ofShops(row, books).toString(),
  quantityOnSalesOrders: (row, books) => outstanding(row, books).toString(),
  /** The projected available balance of today. */
  available: (row, books) =>
    Dec.of(row.inventory)
      .plus(Dec.of(row._supply))
      .minus(Dec.of(row._demand))
      .minus(outstanding(row, books, line => line.shipmentDate <= books.workDate()))
      .toString(),
};
