// Sums of an order stand in two currencies at once, the shop's and the one that the customer saw: a sum is a pair of
// whole minor units [shop, presentment]. Both columns are reckoned by the same steps, each rounded in its own
// currency, so that in either of them lines, taxes and totals agree to the last unit.
import {digitsOf, minorUnits, share} from '../lib/money.mjs';

export const NOTHING = Object.freeze([0, 0]);

/** What a store's amounts mean at an order; `presentment` is {currency, rate} or nothing. */
export function currenciesOf(shop, presentment) {
  const shown = presentment?.currency ?? shop;
  const [whole, fraction = ''] = String(presentment?.rate ?? '1').split('.');
  return {
    shop: {code: shop, digits: digitsOf(shop)},
    shown: {
      code: shown,
      digits: digitsOf(shown),
      numerator: Number(whole + fraction) * 10 ** digitsOf(shown),
      denominator: 10 ** (fraction.length + digitsOf(shop)),
    },
  };
}

/** '12.50' of the shop's money as a sum. */
export function sumOf({shop, shown}, text) {
  const units = minorUnits(text, shop.digits);
  return [units, shown.code === shop.code ? units : share(units, shown.numerator, shown.denominator)];
}

export const plus = (a, b) => [a[0] + b[0], a[1] + b[1]];
export const less = (a, b) => [a[0] - b[0], a[1] - b[1]];
export const times = (a, n) => [a[0] * n, a[1] * n];
export const negative = a => [a[0] === 0 ? 0 : -a[0], a[1] === 0 ? 0 : -a[1]];
export const isNothing = a => a[0] === 0 && a[1] === 0;

/** The share n/d of a sum, each column rounded by itself; nothing of nothing. */
export const part = (a, n, d) => (d === 0 ? NOTHING : [share(a[0], n, d), share(a[1], n, d)]);

/** The share of `a` that `of` has in `whole`, column by column. */
export const partBy = (a, of, whole) => [0, 1].map(i => (whole[i] === 0 ? 0 : share(a[i], of[i], whole[i])));

export function total(list, of = entry => entry) {
  let [shop, shown] = [0, 0];
  for (const entry of list) {
    const sum = of(entry);
    shop += sum[0];
    shown += sum[1];
  }
  return [shop, shown];
}
