// The price of a sales line as the price lists have it: the best line that applies to who buys, what, when, in which unit
// and currency, else the item card's price; and the best discount, where none forbids it.
import {Dec, HUNDRED, ZERO} from './decimal.mjs';
import {hasId} from './values.mjs';

const PRECISION = Dec.of('0.00001');

/** {unitPrice, discountPercent} of a document's line, as decimals; the unit price is in the document's currency and tax model. */
export function priceOf(books, header, line) {
  const sale = saleOf(books, header, line);
  const {item, customer} = sale;
  const prices = offersFor(books, sale, false).map(offer => ({offer, unitPrice: convert(books, sale, offer)}));
  const best = prices.reduce((best, price) => (best && !goesBefore(price, best) ? best : price), undefined);
  const card = {
    unitPrice: item.unitPrice,
    priceIncludesTax: item.priceIncludesTax,
    vatBusinessGroup: '',
    unitOfMeasureCode: '',
    currencyCode: '',
  };
  // The line that makes the price says whether a discount may come off it; the customer's card where none does.
  const allowed = best ? best.offer.allowLineDiscount : customer?._allowLineDiscount !== false;
  const percents = allowed ? offersFor(books, sale, true).map(offer => Dec.of(offer.lineDiscountPercent)) : [];
  return {
    unitPrice: best?.unitPrice ?? convert(books, sale, card),
    discountPercent: percents.reduce((most, percent) => (percent.compare(most) > 0 ? percent : most), ZERO),
  };
}

/** The offers that apply: of the item and, for discounts, its group; of all items only where there are none. */
function offersFor(books, sale, discount) {
  const {item} = sale;
  const offers = books.where('priceListLines', 'itemId', item.id).filter(offer => offer.assetType === 'Item');
  if (discount && item._discountGroup)
    offers.push(...books.where('priceListLines', 'assetNumber', item._discountGroup).filter(offer => offer.assetType === 'Item Discount Group'));
  const everything = books.where('priceListLines', 'assetNumber', '').filter(offer => offer.assetType === ' ');
  const unwanted = discount ? 'Price' : 'Discount';
  const applying = list => list.filter(offer => offer.amountType !== unwanted && applies(sale, offer, discount));
  const own = applying(offers);
  return own.length > 0 ? own : applying(everything);
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

/**
 * An offer in the document's currency, or for the very variant, goes before one that is not, unless that one has the other
 * of the two; then, as among equals, the lower price does.
 */
function goesBefore({offer, unitPrice}, best) {
  const named = each => [each.currencyCode, each.variantCode].map(code => code !== '');
  const [ours, theirs] = [named(offer), named(best.offer)];
  const gains = ours.some((has, i) => has && !theirs[i]);
  const loses = theirs.some((has, i) => has && !ours[i]);
  return gains === loses ? unitPrice.compare(best.unitPrice) < 0 : gains;
}

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
