// What each plan has, what it refuses, and what becomes of a store that changes its plan.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {documentText, startPeer} from './peer.mjs';

const has = async client => {
  const {plan, features, entitlements} = (await client.ask(documentText('shop-plan'))).data.shop;
  return [
    plan.publicDisplayName,
    entitlements.b2b.enabled,
    features.directConnectionCatalogAssignmentEnabled,
    entitlements.markets.b2b.catalogs.enabled,
    entitlements.markets.regions.catalogs.enabled,
  ];
};
const catalog = (title, more) => ({title, currency: 'GBP', locations: [{name: 'Head office', company: 'Adatum'}], ...more});
const ofMarket = title => ({title, currency: 'GBP', markets: [{name: title, companies: true}]});

test('each plan says what it has', async t => {
  const client = await startPeer(t);
  for (const [plan, ...want] of [
    ['starter', 'Starter', false, false, false, false],
    ['basic', 'Basic', true, false, true, true],
    ['grow', 'Grow', true, false, true, true],
    ['advanced', 'Advanced', true, false, true, true],
    ['plus', 'Plus', true, true, true, true],
  ]) {
    await client.admin('POST', 'plan', {plan});
    assert.deepEqual(await has(client), want, plan);
  }
});

test('catalogs straight for company locations are of Plus alone; the others may have them archived', async t => {
  const client = await startPeer(t, {plan: 'basic'});
  for (const plan of ['basic', 'grow', 'advanced']) {
    await client.admin('POST', 'plan', {plan});
    await assert.rejects(client.admin('POST', 'catalogs', catalog('Gold')), /can't be set to active with your plan/, plan);
  }
  await client.admin('POST', 'catalogs', catalog('Gold', {status: 'ARCHIVED'}));
  await assert.rejects(client.admin('POST', 'catalogs/Gold', {status: 'ACTIVE'}), /can't be set to active/);
  await client.admin('POST', 'plan', {plan: 'starter'});
  await assert.rejects(client.admin('POST', 'catalogs', catalog('Silver', {status: 'DRAFT'})), /only have an archived status/);
  await assert.rejects(client.admin('POST', 'catalogs', ofMarket('Trade')), /not supported by your plan/);
  await client.admin('POST', 'plan', {plan: 'plus'});
  await client.admin('POST', 'catalogs/Gold', {status: 'ACTIVE'});
});

test('below Plus three catalogs are active for companies', async t => {
  const client = await startPeer(t, {plan: 'grow'});
  for (const title of ['One', 'Two', 'Three']) await client.admin('POST', 'catalogs', ofMarket(title));
  await assert.rejects(client.admin('POST', 'catalogs', ofMarket('Four')), /maximum number of B2B catalogs/);
  await client.admin('POST', 'catalogs', {title: 'Islands', currency: 'GBP', markets: ['Islands']});
  await client.admin('POST', 'catalogs/One', {status: 'ARCHIVED'});
  await client.admin('POST', 'catalogs', ofMarket('Four'));
});

test('a store that comes down keeps what it may no longer have archived', async t => {
  const client = await startPeer(t);
  await client.admin('POST', 'catalogs', catalog('Gold'));
  const status = async () => (await client.admin('GET', 'catalogs/Gold')).status;
  assert.equal(await status(), 'ACTIVE');
  await client.admin('POST', 'plan', {plan: 'advanced'});
  assert.equal(await status(), 'ARCHIVED');
  await client.admin('POST', 'plan', {plan: 'plus'});
  assert.equal(await status(), 'ARCHIVED');
});
