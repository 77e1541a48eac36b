// What the types of an order share: amounts in both currencies, tax lines, discounts.
import {unitsText} from '../lib/money.mjs';

/** A MoneyBag: the same sum in the shop's currency and in the one the customer saw; as many digits as it needs. */
export function money(sum, {money: {shop, shown}}) {
  const shopMoney = {amount: unitsText(sum[0], shop.digits), currencyCode: shop.code};
  if (shown.code === shop.code) return {shopMoney, presentmentMoney: shopMoney};
  return {shopMoney, presentmentMoney: {amount: unitsText(sum[1], shown.digits), currencyCode: shown.code}};
}

/** A MoneyV2 in the customer's currency. */
export const shownMoney = (sum, order) => money(sum, order).presentmentMoney;

export const unlessNothing = (sum, order) => (sum[0] === 0 && sum[1] === 0 ? null : money(sum, order));

/** Rates are kept in millionths. */
export const taxLines = (list, order) =>
  list.map(tax => ({
    __typename: 'TaxLine',
    title: tax.title,
    rate: tax.rate / 1_000_000,
    ratePercentage: tax.rate / 10_000,
    channelLiable: tax.channelLiable,
    source: 'Shopify',
    priceSet: money(tax.amount, order),
  }));

export const allocations = (entry, order) =>
  entry.discounts.map(discount => ({allocatedAmountSet: money(discount.amount, order)}));

export const first = (list, args) =>
  args.first === undefined || args.first === null ? list : list.slice(0, args.first);
