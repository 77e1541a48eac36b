// The part of the admin side where money moves: lines are booked, paid out, sent back; banks dispute. Every call is one
// action of actions.mjs, so a restart repeats it.
import {storeOf} from './admin-orders.mjs';
import {HttpError} from '../lib/http.mjs';
import {gid} from './store.mjs';

/** What may stand behind `payments/`. */
const ACTIONS = {
  account: 'setAccount',
  book: 'book',
  line: 'enterLine',
  'correct-line': 'correctLine',
  payout: 'payOut',
  'change-payout': 'changePayout',
  dispute: 'openDispute',
  'change-dispute': 'changeDispute',
};

/** Answers what was made or changed: [{id, status, …}]. */
export function payments(shopify, {store: domain, ...args}, [, name]) {
  const action = ACTIONS[name];
  if (!action) throw new HttpError(404, {errors: `no such thing to do with payments: ${name}`});
  const made = storeOf(shopify, domain).perform(action, null, args);
  shopify.state.touch();
  return {made: [made].flat().map(summaryOf)};
}

/** Everything that moved: {lines, payouts, disputes}. */
export function showPayments(shopify, body, match, url) {
  const records = [...storeOf(shopify, url.searchParams.get('store')).objects.values()];
  const of = type => records.filter(record => record.__typename === type).map(summaryOf);
  return {
    lines: of('ShopifyPaymentsBalanceTransaction'),
    payouts: of('ShopifyPaymentsPayout'),
    disputes: of('ShopifyPaymentsDispute'),
  };
}

const summaryOf = record => ({
  id: record.id,
  gid: gid(record.__typename, record.id),
  status: record.status ?? null,
  net: record.net ?? (record.amount ?? 0) - (record.fee ?? 0),
  currency: record.currency,
  order: record.order?.name ?? null,
  payout: record.payout?.id ?? null,
});
