// How Shopify Payments looks through the Admin API: the account, payouts, lines of the balance, disputes.
import {digitsOf, unitsText} from '../lib/money.mjs';
import {netOf, partsOf} from './payouts.mjs';
import {Newer} from './plan.mjs';
import {gid} from './store.mjs';

const idOf = record => gid(record.__typename, record.id);
const moneyOf = (units, currency) => ({amount: unitsText(units, digitsOf(currency)), currencyCode: currency});

const ShopifyPaymentsAccount = {
  id: idOf,
  activated: () => true,
  defaultCurrency: account => account.currencies[0],
};

const PARTS = {charges: 'chargesGross chargesFee', refunds: 'refundsFeeGross refundsFee', adjustments: 'adjustmentsGross adjustmentsFee',
  reservedFunds: 'reservedFundsGross reservedFundsFee', retriedPayouts: 'retriedPayoutsGross retriedPayoutsFee', advance: 'advanceGross advanceFees'};

const ShopifyPaymentsPayout = {
  id: idOf,
  legacyResourceId: payout => payout.id,
  transactionType: payout => (payout.net < 0 ? 'WITHDRAWAL' : 'DEPOSIT'),
  externalTraceId: payout => payout.trace,
  net: payout => moneyOf(payout.net, payout.currency),
  summary(payout) {
    const parts = partsOf(payout);
    const all = Object.entries(PARTS).flatMap(([part, names]) => {
      const [gross, fee] = names.split(' ');
      return [
        [gross, moneyOf(parts[part].gross, payout.currency)],
        [fee, moneyOf(parts[part].fee, payout.currency)],
      ];
    });
    return {__typename: 'ShopifyPaymentsPayoutSummary', ...Object.fromEntries(all)};
  },
};

const ShopifyPaymentsBalanceTransaction = {
  id: idOf,
  type: line => (line.isNewer ? new Newer(line.type) : line.type),
  amount: line => moneyOf(line.amount, line.currency),
  fee: line => moneyOf(line.fee, line.currency),
  net: line => moneyOf(netOf(line), line.currency),
  associatedPayout: ({payout}) => ({
    __typename: 'ShopifyPaymentsBalanceTransactionAssociatedPayout',
    id: payout ? idOf(payout) : null,
    status: payout ? payout.status : 'PENDING',
  }),
  associatedOrder: ({order}) => order && {__typename: 'ShopifyPaymentsAssociatedOrder', id: idOf(order), name: order.name},
};

const ShopifyPaymentsDispute = {
  id: idOf,
  legacyResourceId: dispute => dispute.id,
  amount: dispute => moneyOf(dispute.amount, dispute.currency),
  reasonDetails: dispute => ({
    __typename: 'ShopifyPaymentsDisputeReasonDetails',
    reason: dispute.reason,
    networkReasonCode: dispute.code,
  }),
};

export const PAYMENT_TYPES = {
  ShopifyPaymentsAccount,
  ShopifyPaymentsPayout,
  ShopifyPaymentsBalanceTransaction,
  ShopifyPaymentsDispute,
};
