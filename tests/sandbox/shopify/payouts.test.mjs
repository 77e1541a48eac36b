// Shopify Payments as the Admin API tells it: lines, payouts, disputes, and what changes later.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';
import {ROOT, documentText, sandboxRequire, startPeer} from './peer.mjs';
import {LATEST, Schemas} from '../../../sandbox/shopify/schema.mjs';

const WORK = {taxRate: 0, lines: [{title: 'Custom work', quantity: 1, price: '100.00'}]};

/** A store without orders of its own. */
async function fresh(t) {
  const client = await startPeer(t, {}, made => Object.assign(made.stores[0], {orders: []}));
  const pay = async (what, args = {}) => (await client.admin('POST', `payments/${what}`, args)).made;
  const page = async variables => (await client.ask(documentText('payouts-page'), variables)).data.shopifyPaymentsAccount;
  const place = form => client.admin('POST', 'orders', {...WORK, ...form});
  return {client, pay, page, place};
}

const amounts = line => [line.type, line.amount.amount, line.fee.amount, line.net.amount];

test('a sale and its refund are lines, a payout is their sum and leaves the balance', async t => {
  const {client, pay, page, place} = await fresh(t);
  const order = await place();
  await client.admin('POST', `orders/${encodeURIComponent(order.name)}/refund`, {amount: '10.00'});
  await pay('book');
  let {balanceTransactions: lines} = await page();
  assert.deepEqual(lines.nodes.map(amounts), [
    ['CHARGE', '100.0', '3.2', '96.8'],
    ['REFUND', '-10.0', '0.0', '-10.0'],
  ]);
  assert.deepEqual(lines.nodes.map(line => [line.associatedPayout.id, line.associatedOrder.name]), [
    [null, order.name],
    [null, order.name],
  ]);
  const [payout] = await pay('payout');
  const account = await page();
  ({balanceTransactions: lines} = account);
  assert.deepEqual(account.payouts.nodes.map(each => [each.status, each.net.amount, each.summary.refundsFeeGross.amount]), [
    ['SCHEDULED', '86.8', '-10.0'],
  ]);
  assert.deepEqual(amounts(lines.nodes.at(-1)), ['TRANSFER', '-86.8', '0.0', '-86.8']);
  assert.ok(lines.nodes.every(line => line.associatedPayout.id === payout.gid));
  const of = await page({withPayouts: false, lineQuery: `payments_transfer_id:${payout.id}`});
  assert.equal(of.balanceTransactions.nodes.length, 3);
  assert.equal(of.payouts, undefined);
});

test('the money of a payout that failed comes with the next', async t => {
  const {pay, page, place} = await fresh(t);
  await place();
  const [first] = await pay('payout');
  await pay('change-payout', {id: first.id, status: 'FAILED'});
  await assert.rejects(pay('change-payout', {id: first.id, status: 'CANCELED'}), /already/);
  const [second] = await pay('payout');
  const {payouts} = await page();
  assert.deepEqual(payouts.nodes.map(each => [each.status, each.net.amount, each.summary.retriedPayoutsGross.amount]), [
    ['FAILED', '96.8', '0.0'],
    ['SCHEDULED', '96.8', '96.8'],
  ]);
  assert.notEqual(first.id, second.id);
});

test('disputes take the money when they are chargebacks, and give it back when won', async t => {
  const {client, pay, page, place} = await fresh(t);
  const order = await place();
  const [dispute] = await pay('dispute', {order: order.name, type: 'INQUIRY'});
  const read = async () => (await client.ask(documentText('disputes-by-ids'), {ids: [dispute.gid]})).data.nodes[0];
  const types = async () => (await page()).balanceTransactions.nodes.map(line => [line.type, line.net.amount]);
  assert.deepEqual(await types(), [], 'an inquiry moves no money');
  await pay('change-dispute', {id: dispute.id, type: 'CHARGEBACK'});
  await pay('change-dispute', {id: dispute.id, status: 'UNDER_REVIEW'});
  const reviewed = await read();
  assert.ok(reviewed.evidenceSentOn && reviewed.evidenceDueBy > reviewed.evidenceSentOn && !reviewed.finalizedOn);
  await pay('change-dispute', {id: dispute.id, status: 'WON'});
  assert.deepEqual(await types(), [
    ['DISPUTE_WITHDRAWAL', '-115.0'],
    ['DISPUTE_REVERSAL', '115.0'],
  ]);
  await assert.rejects(pay('change-dispute', {id: dispute.id, status: 'LOST'}), /already/);
  const open = await client.ask(documentText('disputes-list'), {query: 'status:needs_response OR status:under_review'});
  assert.deepEqual(open.data.disputes.nodes, []);
});

test('lines come late under any id, of any type, in any currency; several currencies are paid out apart', async t => {
  const {pay, page, place} = await fresh(t);
  await pay('account', {currencies: ['GBP', 'EUR']});
  await place({presentment: {currency: 'EUR', rate: '1.2'}});
  await pay('line', {type: 'SHIPPING_LABEL', amount: '-4.00', id: 5});
  const made = await pay('payout');
  assert.deepEqual(made.map(payout => [payout.currency, payout.net]), [
    ['EUR', 11622],
    ['GBP', -400],
  ]);
  const {payouts, balanceTransactions: lines} = await page();
  assert.deepEqual(payouts.nodes.map(payout => payout.transactionType), ['DEPOSIT', 'WITHDRAWAL']);
  assert.equal(lines.nodes[0].id, 'gid://shopify/ShopifyPaymentsBalanceTransaction/5', 'ascending by id, not by time');
  await assert.rejects(pay('line', {type: 'ADJUSTMENT', amount: '1.00', id: 5}), /exists/);
});

test('a store without Shopify Payments has no account and no disputes', async t => {
  const {client, pay, page} = await fresh(t);
  await pay('account', {off: true});
  assert.equal(await page(), null);
  assert.deepEqual((await client.ask(documentText('disputes-list'))).data.disputes.nodes, []);
});

const documented = () => {
  const {schema} = new Schemas().get(LATEST);
  const type = schema.getType('ShopifyPaymentsTransactionType');
  assert.ok(sandboxRequire('graphql').isEnumType(type));
  return type.getValues().map(({name}) => name);
};

test('every type that the schema documents may be a line, and one that it does not', async t => {
  const {pay, page} = await fresh(t);
  const types = documented();
  assert.ok(types.length >= 110, `${types.length} types`);
  for (const type of types) await pay('line', {type, amount: '1.00'});
  await pay('line', {type: 'NEWER_THAN_ALL', newer: true, amount: '1.00'});
  const {balanceTransactions: lines} = await page();
  assert.deepEqual(lines.nodes.map(line => line.type), [...types, 'NEWER_THAN_ALL']);
});

test('the programs know every type of line that the schema documents', () => {
  const text = fs.readFileSync(path.join(ROOT, 'common/model/payments.c'), 'utf8');
  const known = [...text.matchAll(/\{"([A-Z_]+)",\s+LINE_[A-Z]+/g)].map(([, name]) => name);
  assert.deepEqual(known, [...known].sort(), 'in order: they are searched');
  assert.deepEqual(documented().filter(name => !known.includes(name)), []);
});
