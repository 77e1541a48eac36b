// The price of a sales line as the price lists have it: the best line that applies to who buys, what, when, in which unit
// and currency, else the item card's price; and the best discount, where none forbids it.
import {Dec, HUNDRED, ZERO} from './decimal.mjs';
import {hasId} from './values.mjs';

const PRECISION = Dec.of('0.00001');

/** {unitPrice, discountPercent} of a document's line, as decimals; the unit price is in the document's currency and tax model. */
export function priceOf(books, header, line) {
  const sale = saleOf(books, header, line);
  const offers = books.where('priceListLines', 'itemId', sale.item.id).filter(offer => offer.assetType === 'Item');
  let best;
  for (const offer of offers.filter(offer => offer.amountType !== 'Discount' && applies(sale, offer, false))) {
    const unitPrice = convert(books, sale, offer);
    if (!best || nearer(offer, best.offer) || (!nearer(best.offer, offer) && unitPrice.compare(best.unitPrice) < 0))
      best = {offer, unitPrice};
  }
  const {item, customer} = sale;
  const card = {
    unitPrice: item.unitPrice,
    priceIncludesTax: item.priceIncludesTax,
    vatBusinessGroup: '',
    unitOfMeasureCode: '',
    currencyCode: '',
  };
  const allowed = customer?._allowLineDiscount !== false && best?.offer.allowLineDiscount !== false;
  const groups = item._discountGroup
    ? books.where('priceListLines', 'assetNumber', item._discountGroup).filter(offer => offer.assetType === 'Item Discount Group')
    : [];
  const percents = [...offers, ...groups]
    .filter(offer => allowed && offer.amountType !== 'Price' && applies(sale, offer, true))
    .map(offer => Dec.of(offer.lineDiscountPercent));
  return {
    unitPrice: best?.unitPrice ?? convert(books, sale, card),
    discountPercent: percents.reduce((most, percent) => (percent.compare(most) > 0 ? percent : most), ZERO),
  };
}

function saleOf(books, header, line) {
  const variant = hasId(line.itemVariantId) ? books.get('itemVariants', line.itemVariantId) : undefined;
  return {
    header,
    line,
    item: books.get('items', line.itemId),
    customer: books.get('customers', header.customerId),
    variant: variant?.code ?? '',
    perUnit: Dec.of(line._quantityPerUnit ?? '1'),
    date: header.postingDate > '0001-01-01' ? header.postingDate : books.workDate(),
  };
}

function applies({header, line, customer, variant, perUnit, date}, offer, discount) {
  const buyers = {
    'All Customers': () => true,
    Customer: code => code === customer?.number,
    'Customer Price Group': code => code !== '' && code === customer?._priceGroup,
    'Customer Disc. Group': code => discount && code !== '' && code === customer?._discountGroup,
  };
  const quantity = Dec.of(line.quantity).times(offer.unitOfMeasureCode === '' ? perUnit : Dec.of('1'));
  return (
    offer.status === 'Active' &&
    buyers[offer.assignTo]?.(offer.assignToNumber) === true &&
    offer.startingDate <= date &&
    (offer.endingDate === '0001-01-01' || offer.endingDate >= date) &&
    ['', variant].includes(offer.variantCode) &&
    ['', line.unitOfMeasureCode].includes(offer.unitOfMeasureCode) &&
    ['', header.currencyCode].includes(offer.currencyCode) &&
    Dec.of(offer.minimumQuantity).compare(quantity) <= 0
  );
}

/** An offer in the document's currency, or for the very variant, goes before one that is not. */
const nearer = (offer, other) =>
  (offer.currencyCode !== '' && other.currencyCode === '') || (offer.variantCode !== '' && other.variantCode === '');

function convert(books, {header, line, perUnit}, offer) {
  let price = Dec.of(offer.unitPrice);
  const own = HUNDRED.plus(Dec.of(line.taxPercent));
  if (offer.priceIncludesTax) {
    const group = offer.vatBusinessGroup || header._vatBus;
    const inside = group === header._vatBus ? own : HUNDRED.plus(books.tax(group, line._vatProd).percent);
    if (!header.pricesIncludeTax) price = price.times(HUNDRED).dividedBy(inside, PRECISION);
    else if (group !== header._vatBus) price = price.times(own).dividedBy(inside, PRECISION);
  } else if (header.pricesIncludeTax) price = price.times(own).dividedBy(HUNDRED, PRECISION);
  if (offer.unitOfMeasureCode === '') price = price.times(perUnit);
  if (offer.currencyCode === '' && header.currencyCode !== '') {
    const rate = books.exchangeRate(header.currencyCode, header.postingDate);
    price = price.times(rate.amount).dividedBy(rate.local, PRECISION);
  }
  return price.rounded(PRECISION);
}
