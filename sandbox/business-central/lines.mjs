// The lines of a sales document: what each field sets or resets, what refuses it, and the amounts that
// follow. Every change of a line brings the header's totals and stamp up to date.
import {Held, discountOfPercent, grossOf, netOf, percentOfDiscount, spread, taxSplit, totalsOf} from './amounts.mjs';
import {mustBe, mustHave} from './books.mjs';
import {Dec, HUNDRED, ZERO, sum} from './decimal.mjs';
import {NO_ID} from './entities.mjs';
import {BcError, dialog, tableRelation} from './errors.mjs';
import {priceOf} from './prices.mjs';
import {stockRow} from './stock.mjs';
import {hasId} from './values.mjs';

const STEP = 10000;
const QUANTITY_PRECISION = Dec.of('0.00001');
const UNIT_PRICE_PRECISION = Dec.of('0.00001');

export const keysOf = (entity, header, line) =>
  `Document Type=${entity.document.type},Document No.=${header.number},Line No.=${line.sequence}`;

export const linesOf = (books, entity, documentId) =>
  books.where(entity.lines, 'documentId', documentId).sort((a, b) => a.sequence - b.sequence);

/** Inserts lines in their order and answers them. */
export function createLines(books, entity, documentId, list) {
  const header = books.get(entity.set, documentId);
  const lines = linesOf(books, entity, documentId);
  const held = new Held(lines.map(asDecimals));
  let sequence = lines.at(-1)?.sequence ?? 0;
  const created = list.map(fields => {
    const line = newLine(books, entity, header, (sequence += STEP), fields);
    computeAmounts(line, header, held, books.precision(header.currencyCode));
    held.add(asDecimals(line));
    books.write(entity.lines, line);
    notePlace(books, entity, line);
    return line.id;
  });
  settle(books, entity, documentId);
  return created.map(id => books.get(entity.lines, id));
}

function newLine(books, entity, header, sequence, fields) {
  const given = new Set(fields.filter(([, value]) => value !== NO_ID).map(([{name}]) => name));
  if (given.has('itemId') && given.has('accountId'))
    throw dialog('Both "itemId" and "accountId" are specified. Specify only one of them.');
  const line = {
    ...books.blank(entity.lines),
    id: books.store.newId(),
    documentId: header.id,
    sequence,
    lineType: null,
    shipmentDate: books.workDate(),
    discountAppliedBeforeTax: !header.pricesIncludeTax,
    locationId: header._locationId ?? NO_ID,
    _vatProd: '',
    _allowInvoiceDiscount: true,
    _lineAmount: '0',
    _share: '0',
  };
  // the regression of version 22, seen ever since: a line number of one's own breaks the insert
  if (given.has('sequence'))
    throw new BcError(
      500,
      'Internal_ServerError',
      `You cannot change the value of the SystemId field. Table: Sales Line. Identification fields and values: ${keysOf(entity, header, line)}`,
    );
  for (const [{name}, value] of fields) if (name !== 'documentId') setField(books, entity, header, line, name, value);
  line.lineType ??= 'Comment';
  return line;
}

export function updateLine(books, entity, before, fields) {
  const header = books.get(entity.set, before.documentId);
  const line = {...before};
  for (const [{name}, value] of fields) {
    if ((name === 'documentId' || name === 'sequence') && value !== line[name]) throw immutable(name);
    if (name !== 'documentId' && name !== 'sequence') setField(books, entity, header, line, name, value);
  }
  const others = linesOf(books, entity, header.id).filter(other => other.id !== line.id);
  computeAmounts(line, header, new Held(others.map(asDecimals)), books.precision(header.currencyCode));
  const written = books.write(entity.lines, line);
  if (written === before) return before;
  notePlace(books, entity, written);
  settle(books, entity, header.id);
  return books.get(entity.lines, line.id);
}

/** What is ordered from a place is missing there, even where nothing ever lay. */
function notePlace(books, entity, line) {
  if (entity.set !== 'salesOrders' || line.lineType !== 'Item') return;
  const item = books.get('items', line.itemId);
  if (item.type === 'Inventory') stockRow(books, item, line.itemVariantId, line.locationId);
}

export function deleteLine(books, entity, line) {
  books.remove(entity.lines, line.id);
  settle(books, entity, line.documentId);
}

export function removeLines(books, entity, documentId) {
  for (const line of linesOf(books, entity, documentId)) books.remove(entity.lines, line.id);
}

/** After lines changed: the invoice discount stays and is spread anew, the header shows the new totals. */
function settle(books, entity, documentId) {
  const header = books.get(entity.set, documentId);
  if (header.discountAmount !== '0') respread(books, entity, header);
  refreshTotals(books, entity, documentId);
}

const immutable = name => dialog(`The value for "${name}" cannot be modified.`);

function setField(books, entity, header, line, name, value) {
  const setter = SETTERS[name];
  if (setter) setter({books, entity, header, line, keys: keysOf(entity, header, line)}, value);
  else line[name] = value;
}

/** One setter for each field that does more than hold its value. */
const SETTERS = {
  itemId(at, id) {
    if (hasId(id)) setNumber(at, 'Item', at.books.related('items', id, 'item').number);
  },
  accountId(at, id) {
    if (hasId(id)) setNumber(at, 'Account', at.books.related('accounts', id, 'account').number);
  },
  lineType({line}, type) {
    if (line.lineType !== null && line.lineType !== type) throw immutable('lineType');
    line.lineType = type;
  },
  lineObjectNumber(at, number) {
    if (number !== '') setNumber(at, at.line.lineType, number);
    else if (at.line.lineObjectNumber !== '') throw immutable('lineObjectNumber');
  },
  unitOfMeasureId(at, id) {
    if (hasId(id)) setUnit(at, at.books.related('unitsOfMeasure', id, 'unit of measure').code);
  },
  unitOfMeasureCode(at, code) {
    if (code !== '') setUnit(at, code);
  },
  quantity(at, value) {
    wantsNumber(at);
    const quantity = Dec.of(value).rounded(QUANTITY_PRECISION).toString();
    if (at.line.quantity === quantity) return;
    const shipped = Dec.of(at.line.shippedQuantity ?? '0');
    if (!between(shipped, Dec.of(quantity)))
      throw dialog(`Quantity must not be less than ${shipped}, the quantity that was shipped.`);
    at.line.quantity = quantity;
    resetPrice(at);
    if (at.entity.set === 'salesOrders') Object.assign(at.line, nextQuantities(at.books, at.line));
  },
  unitPrice(at, value) {
    wantsNumber(at);
    at.line.unitPrice = Dec.of(value).rounded(UNIT_PRICE_PRECISION).toString();
    applyPercent(at);
  },
  discountAmount(at, value) {
    wantsQuantity(at);
    const [amount, gross] = [Dec.of(value).rounded(precisionOf(at)), grossOf(asDecimals(at.line), precisionOf(at))];
    if (amount.isNegative()) throw dialog('The line discount amount must not be negative.');
    if (amount.compare(gross) > 0 && !amount.isZero())
      throw dialog(`The line discount amount must not be more than the line's amount of ${gross}.`);
    Object.assign(at.line, {discountAmount: amount.toString(), discountPercent: percentOfDiscount(gross, amount).toString()});
  },
  discountPercent(at, value) {
    wantsQuantity(at);
    const percent = Dec.of(value);
    if (percent.isNegative() || percent.compare(HUNDRED) > 0)
      throw dialog('The line discount percentage must be between 0 and 100.');
    at.line.discountPercent = percent.rounded(QUANTITY_PRECISION).toString();
    applyPercent(at);
  },
  taxCode(at, code) {
    wantsNumber(at);
    if (!at.books.find('taxGroups', 'code', code))
      throw tableRelation('VAT Prod. Posting Group', 'Sales Line', code, 'VAT Product Posting Group');
    setTax(at, code);
  },
  itemVariantId(at, id) {
    if (!hasId(id)) return void (at.line.itemVariantId = NO_ID);
    const variant = at.books.related('itemVariants', id, 'item variant');
    if (at.line.lineType !== 'Item' || variant.itemId !== at.line.itemId)
      throw dialog('The item variant values do not match to a specific item variant of the item.');
    if (variant._blocked || variant._salesBlocked)
      throw mustBe(variant._blocked ? 'Blocked' : 'Sales Blocked', 'No', 'Item Variant', `Item No.=${variant.itemNumber},Code=${variant.code}`, 'Yes');
    if (at.line.itemVariantId === id) return;
    at.line.itemVariantId = id;
    at.line.description = variant.description || at.line.description;
    resetPrice(at);
  },
  locationId(at, id) {
    at.books.related('locations', id, 'location');
    at.line.locationId = id;
  },
  shipQuantity(at, value) {
    wantsNumber(at);
    const quantity = Dec.of(value).rounded(QUANTITY_PRECISION);
    const outstanding = Dec.of(at.line.quantity).minus(Dec.of(at.line.shippedQuantity));
    if (!between(quantity, outstanding)) throw dialog(`You cannot ship more than ${outstanding} units.`);
    if (!quantity.isZero()) refuseWarehouse(at.books, at.line);
    at.line.shipQuantity = quantity.toString();
    at.line.invoiceQuantity = mostToInvoice(at.line).toString(); // what was set before is gone
  },
  invoiceQuantity(at, value) {
    wantsNumber(at);
    const quantity = Dec.of(value).rounded(QUANTITY_PRECISION);
    const most = mostToInvoice(at.line);
    if (!between(quantity, most)) throw dialog(`You cannot invoice more than ${most} units.`);
    at.line.invoiceQuantity = quantity.toString();
  },
};

/** From zero to `limit`, on its side of zero. */
const between = (value, limit) =>
  limit.isNegative()
    ? !value.negated().isNegative() && value.compare(limit) >= 0
    : !value.isNegative() && value.compare(limit) <= 0;

const mostToInvoice = line => Dec.of(line.shippedQuantity).plus(Dec.of(line.shipQuantity)).minus(Dec.of(line.invoicedQuantity));

/** What an order line ships and invoices next unless somebody says otherwise. */
export function nextQuantities(books, line) {
  const blank = books.setup.defaultQuantityToShip === 'blank';
  const shipQuantity = blank ? '0' : Dec.of(line.quantity).minus(Dec.of(line.shippedQuantity)).toString();
  return {shipQuantity, invoiceQuantity: mostToInvoice({...line, shipQuantity}).toString()};
}

/** Items of a location that works with warehouse documents are not shipped from the order. */
export function refuseWarehouse(books, line) {
  const handling = line.lineType === 'Item' ? (books.get('locations', line.locationId)?._warehouse ?? '') : '';
  if (handling !== '') throw dialog(`Warehouse ${handling} is required for Line No. = ${line.sequence}.`);
}

function wantsNumber({line, keys}) {
  if (line.lineType === null || line.lineType === 'Comment') throw mustHave('Type', 'Sales Line', keys);
  if (line.lineObjectNumber === '') throw mustHave('No.', 'Sales Line', keys);
}

function wantsQuantity(at) {
  wantsNumber(at);
  if (at.line.quantity === '0') throw mustHave('Quantity', 'Sales Line', at.keys);
}

/** Names the item or account of a line and fills in what follows from it. */
function setNumber(at, type, number) {
  const {books, line} = at;
  if (line.lineObjectNumber !== '') {
    if (line.lineType === type && line.lineObjectNumber === number) return;
    throw immutable('lineObjectNumber');
  }
  if (line.lineType !== null && line.lineType !== type)
    throw dialog('The "lineType" does not fit to the "itemId" or "accountId" of the line.');
  if (type === 'Item') setItem(at, books.find('items', 'number', number), number);
  else if (type === 'Account') setAccount(at, books.find('accounts', 'number', number), number);
  else throw tableRelation('No.', 'Sales Line', number, type === null || type === 'Comment' ? 'Standard Text' : type);
}

function setItem(at, item, number) {
  if (!item) throw tableRelation('No.', 'Sales Line', number, 'Item');
  if (item.blocked) throw mustBe('Blocked', 'No', 'Item', `No.=${item.number}`, 'Yes');
  if (item._salesBlocked) throw mustBe('Sales Blocked', 'No', 'Item', `No.=${item.number}`, 'Yes');
  if (item.generalProductPostingGroupCode === '') throw mustHave('Gen. Prod. Posting Group', 'Item', `No.=${item.number}`);
  Object.assign(at.line, {
    lineType: 'Item',
    itemId: item.id,
    lineObjectNumber: item.number,
    description: item.displayName,
    description2: item.displayName2,
    unitOfMeasureId: item.baseUnitOfMeasureId,
    unitOfMeasureCode: item.baseUnitOfMeasureCode,
  });
  if ((item._salesUnit ?? '') !== '') setUnit(at, item._salesUnit);
  setTax(at, item._vatProd);
  resetPrice(at);
}

function setAccount(at, account, number) {
  if (!account) throw tableRelation('No.', 'Sales Line', number, 'G/L Account');
  if (account.blocked) throw mustBe('Blocked', 'No', 'G/L Account', `No.=${account.number}`, 'Yes');
  if (account.accountType !== 'Posting')
    throw mustBe('Account Type', 'Posting', 'G/L Account', `No.=${account.number}`, account.accountType);
  if (!account.directPosting) throw mustBe('Direct Posting', 'Yes', 'G/L Account', `No.=${account.number}`, 'No');
  Object.assign(at.line, {
    lineType: 'Account',
    accountId: account.id,
    lineObjectNumber: account.number,
    description: account.displayName,
    _allowInvoiceDiscount: false,
  });
  setTax(at, account._vatProd);
}

function setUnit(at, code) {
  wantsNumber(at);
  const item = at.books.get('items', at.line.itemId);
  const own = item && at.books.where('itemUnits', 'itemId', item.id).find(each => each.code === code);
  if (item && !own && item.baseUnitOfMeasureCode !== code)
    throw tableRelation('Unit of Measure Code', 'Sales Line', code, 'Item Unit of Measure');
  const unit = at.books.find('unitsOfMeasure', 'code', code);
  if (!unit) throw tableRelation('Unit of Measure Code', 'Sales Line', code, 'Unit of Measure');
  if (at.line.unitOfMeasureCode === code) return;
  Object.assign(at.line, {unitOfMeasureId: unit.id, unitOfMeasureCode: unit.code, _quantityPerUnit: own?.quantityPerUnit ?? '1'});
  resetPrice(at);
}

function setTax({books, header, line}, vatProd) {
  const {identifier, percent} = books.tax(header._vatBus, vatProd);
  const taxPercent = header._taxExempt ? '0' : percent.toString();
  Object.assign(line, {_vatProd: vatProd, taxCode: identifier, taxPercent});
}

/** The price and the discount of the price lists, else of the card; they drop those set before. */
function resetPrice(at) {
  if (at.line.lineType !== 'Item') return applyPercent(at);
  const {unitPrice, discountPercent} = priceOf(at.books, at.header, at.line);
  Object.assign(at.line, {unitPrice: unitPrice.toString(), discountPercent: discountPercent.toString()});
  applyPercent(at);
}

const precisionOf = ({books, header}) => books.precision(header.currencyCode);

function applyPercent(at) {
  const gross = grossOf(asDecimals(at.line), precisionOf(at));
  at.line.discountAmount = discountOfPercent(gross, Dec.of(at.line.discountPercent), precisionOf(at)).toString();
}

/** A row as amounts.mjs wants it. */
export const asDecimals = line => ({
  quantity: Dec.of(line.quantity),
  unitPrice: Dec.of(line.unitPrice),
  discountAmount: Dec.of(line.discountAmount),
  lineAmount: Dec.of(line._lineAmount),
  share: Dec.of(line._share),
  vatIdentifier: line.taxCode,
  rate: Dec.of(line.taxPercent),
  netAmount: Dec.of(line.netAmount),
  netAmountIncludingTax: Dec.of(line.netAmountIncludingTax),
});

/** Computes a line's amounts after its fields are set. */
export function computeAmounts(line, header, held, precision) {
  const lineAmount = grossOf(asDecimals(line), precision).minus(Dec.of(line.discountAmount));
  const {excluding, including} = taxSplit(lineAmount, Dec.of(line.taxPercent), header.pricesIncludeTax, precision);
  Object.assign(line, {
    _lineAmount: lineAmount.toString(),
    amountExcludingTax: excluding.toString(),
    amountIncludingTax: including.toString(),
    totalTaxAmount: including.minus(excluding).toString(),
  });
  setNet(line, held, header, precision);
}

function setNet(line, held, header, precision) {
  const own = asDecimals(line);
  const {netAmount, netAmountIncludingTax} = netOf(own, held, header.pricesIncludeTax, precision);
  Object.assign(line, {
    netAmount: netAmount.toString(),
    netAmountIncludingTax: netAmountIncludingTax.toString(),
    netTaxAmount: netAmountIncludingTax.minus(netAmount).toString(),
    invoiceDiscountAllocation: taxSplit(own.share, own.rate, header.pricesIncludeTax, precision).excluding.toString(),
  });
}

/** Sets the invoice discount of a document and spreads it over the lines that allow one. */
export function spreadDiscount(books, entity, documentId, discount) {
  const header = books.get(entity.set, documentId);
  const total = discountable(linesOf(books, entity, documentId)).total;
  if (!discount.isZero() && total.isZero())
    throw dialog(
      'Cannot apply an invoice discount because the document does not include lines where the Allow Invoice Disc. field is selected.',
    );
  if (discount.compare(total) > 0)
    throw dialog(`The invoice discount amount must not be more than ${total}, the amount of the lines that allow one.`);
  const next = {...header, discountAmount: discount.rounded(books.precision(header.currencyCode)).toString()};
  if (next.discountAmount === header.discountAmount) return;
  books.write(entity.set, next);
  respread(books, entity, next);
  refreshTotals(books, entity, documentId);
}

function discountable(lines) {
  const allowing = lines.filter(line => line._allowInvoiceDiscount && line._lineAmount !== '0');
  return {allowing, total: sum(allowing.map(line => Dec.of(line._lineAmount)))};
}

/** Recomputes the amounts of a document, as a release does. */
export function recompute(books, entity, documentId) {
  respread(books, entity, books.get(entity.set, documentId));
  refreshTotals(books, entity, documentId);
}

/** Recomputes all lines in their order under the header's invoice discount; one above their total is cut down to it. */
function respread(books, entity, header) {
  const precision = books.precision(header.currencyCode);
  const lines = linesOf(books, entity, header.id);
  const {allowing, total} = discountable(lines);
  const wanted = Dec.of(header.discountAmount);
  const discount = total.isNegative() || total.isZero() ? ZERO : wanted.compare(total) > 0 ? total : wanted;
  const shares = new Map(
    spread(
      discount,
      allowing.map(line => Dec.of(line._lineAmount)),
      precision,
    ).map((share, i) => [allowing[i].id, share]),
  );
  const held = new Held();
  for (const line of lines) {
    const next = {...line, _share: (shares.get(line.id) ?? ZERO).toString()};
    setNet(next, held, header, precision);
    books.write(entity.lines, next);
    held.add(asDecimals(next));
  }
  if (discount.compare(wanted) !== 0)
    books.write(entity.set, {...books.get(entity.set, header.id), discountAmount: discount.toString()});
}

/** Header totals are the sums of the lines' net amounts; its stamp moves with its lines, whatever they changed. */
function refreshTotals(books, entity, documentId) {
  const totals = totalsOf(linesOf(books, entity, documentId).map(asDecimals));
  books.write(
    entity.set,
    {
      ...books.get(entity.set, documentId),
      totalAmountExcludingTax: totals.excluding.toString(),
      totalTaxAmount: totals.tax.toString(),
      totalAmountIncludingTax: totals.including.toString(),
    },
    {evenIfSame: true},
  );
}
