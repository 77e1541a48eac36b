// The amounts of a sales document, rounded as Business Central rounds them: half away from zero to
// the currency's precision, line by line, with the tax of a group of lines carried from line to line
// so that the group's tax is that of its sum. Pure: decimals in, decimals out.
//
// A line, for this file: {quantity, unitPrice, discountPercent, discountAmount, lineAmount, share,
// vatIdentifier, rate (percent), netAmount, netAmountIncludingTax}; all amounts Dec.
import {Dec, HUNDRED, ZERO, sum} from './decimal.mjs';

const PERCENT_PRECISION = Dec.of('0.00001');

/** quantity × price before any discount. */
export const grossOf = (line, precision) => line.quantity.times(line.unitPrice).rounded(precision);

/** The discount amount that a percentage makes. */
export const discountOfPercent = (gross, percent, precision) => gross.times(percent).dividedBy(HUNDRED, precision);

/** The percentage that a discount amount makes, to five decimals. */
export const percentOfDiscount = (gross, amount) =>
  gross.isZero() ? ZERO : amount.times(HUNDRED).dividedBy(gross, PERCENT_PRECISION);

/** Excluding and including tax of an amount alone, before the invoice discount. */
export function taxSplit(amount, rate, pricesIncludeTax, precision) {
  const factor = HUNDRED.plus(rate);
  return pricesIncludeTax
    ? {excluding: amount.times(HUNDRED).dividedBy(factor, precision), including: amount}
    : {excluding: amount, including: amount.times(factor).dividedBy(HUNDRED, precision)};
}

/** Spreads an invoice discount over amounts in their proportion; the last one takes the remainder. */
export function spread(discount, amounts, precision) {
  const total = sum(amounts);
  if (total.isZero()) return amounts.map(() => ZERO);
  let left = discount;
  return amounts.map((amount, i) => {
    const share = i === amounts.length - 1 ? left : discount.times(amount).dividedBy(total, precision);
    left = left.minus(share);
    return share;
  });
}

/** What the lines of a document hold already, by group of lines with one VAT identifier and rate. */
export class Held {
  #groups = new Map();

  constructor(lines = []) {
    for (const line of lines) this.add(line);
  }

  #key(line) {
    return `${line.vatIdentifier}\n${line.rate}`;
  }

  of(line) {
    return this.#groups.get(this.#key(line)) ?? {net: ZERO, including: ZERO};
  }

  add(line) {
    const {net, including} = this.of(line);
    this.#groups.set(this.#key(line), {net: net.plus(line.netAmount), including: including.plus(line.netAmountIncludingTax)});
  }
}

/**
 * netAmount and netAmountIncludingTax of one line. `held` is what the other lines hold, whose rounding
 * this one has to close: the earlier lines on creation, all others on a later edit.
 */
export function netOf(line, held, pricesIncludeTax, precision) {
  const base = line.lineAmount.minus(line.share);
  if (line.rate.isZero()) return {netAmount: base, netAmountIncludingTax: base};
  const group = held.of(line);
  const factor = HUNDRED.plus(line.rate);
  if (pricesIncludeTax) {
    const net = group.including.plus(base).times(HUNDRED).dividedBy(factor, precision);
    return {netAmount: net.minus(group.net), netAmountIncludingTax: base};
  }
  const net = group.net.plus(base);
  const tax = net.times(line.rate).dividedBy(HUNDRED, precision);
  return {netAmount: base, netAmountIncludingTax: net.plus(tax).minus(group.including)};
}

export function totalsOf(lines) {
  const excluding = sum(lines.map(line => line.netAmount));
  const including = sum(lines.map(line => line.netAmountIncludingTax));
  return {excluding, including, tax: including.minus(excluding)};
}
