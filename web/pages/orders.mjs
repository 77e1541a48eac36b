// orders.mjs - an order found by any of its names, and told whole: what it is, what it waits for, what has happened to it.
import { language, moment, money, number, t, told } from '../text.mjs';
import { actionButton, actions } from '../actions.mjs';
import { input } from '../fields.mjs';
import { detailOf, el, link, name, quiet, quote, said, section, sign, status, table } from '../ui.mjs';

export const every = 2000;

export async function load(view) {
  const [order] = view.params;
  if (order) return { order: await view.get(`orders/${encodeURIComponent(order)}`) };
  const find = view.query.get('find');
  return { find, orders: find ? (await view.get(`orders?find=${encodeURIComponent(find)}${view.scope}`)).orders : null };
}

// ---- finding ----

function finder(view, { find, orders }) {
  return [
    el('h1', { key: 'h1' }, t('page.orders')),
    el('form', { class: 'tools', role: 'search', key: 'find', onsubmit: (event) => {
      event.preventDefault();
      view.ask({ find: event.currentTarget.elements.find.value.trim() });
    } },
    input('find', t('orders.find'), { type: 'search', value: find ?? '', required: true, help: t('orders.find_help') }),
    el('button', { class: 'primary' }, t('ui.search'))),
    orders && el('div', { key: 'found', role: 'group', 'aria-label': t('orders.found') }, table({
      caption: t('orders.found'), rows: orders, key: (row) => row.id, none: t('orders.none'),
      columns: [
        { title: t('word.order'), head: true, cell: (row) => link(`#/orders/${encodeURIComponent(row.id)}`, name(row.name)) },
        { title: t('word.shop'), cell: (row) => name(row.shop) },
        { title: t('word.state'), cell: (row) => t(`order.${row.state || 'not-staged'}`, {}, row.state) },
        { title: t('word.created'), cell: (row) => moment(Date.parse(row.created)) },
        { title: t('word.total'), number: true, cell: (row) => row.total && money(row.total, row.currency) },
        { title: t('word.document'), cell: (row) => row.document && name(row.document) },
      ],
    })),
  ];
}

// ---- one order ----

const fact = (title, ...content) => (content.flat(Infinity).some(Boolean) ? el('div', {}, el('dt', {}, title), el('dd', {}, ...content)) : null);
const away = (href, ...text) => (href ? el('a', { href, rel: 'noreferrer', target: '_blank' }, ...text) : text);

function facts({ created, financial, fulfillment, totals, customer, document: made, shop, link: page }) {
  return el('dl', { class: 'facts', key: 'facts' },
    fact(t('word.shop'), name(shop)),
    fact(t('word.created'), moment(Date.parse(created))),
    fact(t('order.payment'), financial && t(`financial.${financial}`, {}, financial)),
    fact(t('order.delivery'), fulfillment && t(`fulfillment.${fulfillment}`, {}, fulfillment)),
    fact(t('order.total_shopify'), totals?.shopify && money(totals.shopify, totals.currency)),
    fact(t('order.total_erp'), totals?.erp && money(totals.erp, totals.currency_used ?? totals.currency)),
    fact(t('word.customer'), customer && [customer.name && name(customer.name), ' ', customer.number ? away(customer.link, name(customer.number)) : t('order.customer_unknown')]),
    fact(t('word.document'), made && away(made.link, name(made.number))),
    fact(t('order.posted'), made?.posted_number && away(made.posted_link, name(made.posted_number))),
    fact(t('order.at_shopify'), page && away(page, t('order.open_shopify'))));
}

function waiting(view, order) {
  const { held, update, totals } = order;
  const process = { method: 'POST', path: `/v1/sync?company=${order.company}`, body: { operation: 'orders.process', shop: order.shop },
    code: 'process', title: 'Process orders' };
  const resolve = { method: 'POST', path: `/v1/orders/${order.id}/resolve`, code: 'resolve', title: 'Its document is put right' };
  if (!held && !update && !totals?.difference) return null;
  return el('div', { class: 'sheet', key: 'waits' },
    held && el('p', {}, sign('yellow'), ' ', said('reason', { ...held, code: held.reason }), detailOf(held.detail)),
    held?.cure && el('p', { class: 'quiet' }, said('cure', { code: held.reason, text: held.cure })),
    update && el('p', {}, sign('yellow'), ' ', t('reason.order-changed'), detailOf(update.text)),
    totals?.difference && el('p', {}, sign('yellow'), ' ', t(`reason.${totals.difference_reason}`, {}, t('order.difference')), detailOf(totals.difference)),
    view.may('operate') && el('div', { class: 'actions' }, update ? actionButton(view, resolve) : held && order.shop && actionButton(view, process)));
}
/** What is told in no other language names records and amounts: those are the same in every one. */
function lifeDetail({ event, detail }) {
  if (!detail) return null;
  if (event === 'held') {
    const [code] = detail.split(' ');
    return el('span', {}, said('reason', { code, text: code }), detailOf(detail.slice(code.length + 1)));
  }
  if (language === 'en' || told(detail)) return quote(detail);
  const named = detail.split(/[ ,]+/).filter((word) => /\d/.test(word) || /^[A-Z_]{3,}$/.test(word));
  return named.length > 0 && named.map((word, index) => [index > 0 && ', ', name(word)]);
}

function life(events = []) {
  return section('life', t('order.life'), el('ol', { class: 'life' }, events.map((event, index) => el('li', { key: index },
    el('strong', {}, t(`life.${event.event}`, {}, event.event)), ' ', lifeDetail(event), el('br'),
    el('time', { datetime: new Date(event.at_ms).toISOString() }, moment(event.at_ms)), ' ',
    event.run ? link(`#/log/${event.run}`, t('ui.run_no', { run: String(event.run) })) : el('span', { class: 'quiet' }, t('order.by_person'))))));
}

function lines(rows = []) {
  return rows.length > 0 && section('lines', t('order.lines'), table({
    caption: t('order.lines'), rows, key: (row) => row.id,
    columns: [
      { title: t('word.title'), head: true, cell: (row) => name(row.title) },
      { title: t('word.sku'), cell: (row) => row.sku && name(row.sku) },
      { title: t('order.sold'), number: true, cell: (row) => number(row.sold) },
      { title: t('order.left'), number: true, cell: (row) => number(row.quantity) },
      { title: t('word.item'), cell: (row) => (row.item ? name(row.item) : status('warn', t('order.item_unknown'))) },
    ],
  }));
}

function shipments(view, rows = []) {
  return rows.length > 0 && section('shipments', t('order.shipments'), table({
    caption: t('order.shipments'), rows, key: (row) => row.number,
    columns: [
      { title: t('word.number'), head: true, cell: (row) => away(row.link, name(row.number)) },
      { title: t('word.state'), cell: (row) => (row.marker === '-1' ? status('bad', t('shipment.failed'))
        : row.marker === '-2' ? t('shipment.nothing') : row.marker === '0' ? status('waits', t('shipment.waits')) : status('good', t('shipment.sent'))) },
      { title: t('word.reason'), cell: (row) => row.reason && [said('reason', { ...row, code: row.reason }), detailOf(row.detail)] },
      { title: t('word.actions'), cell: (row) => row.marker === '-1' && actions(view, [
        { method: 'POST', path: `/v1/shipments/${row.number}/retry`, code: 'retry', title: 'Try again' },
        { method: 'POST', path: `/v1/shipments/${row.number}/done`, code: 'done', title: 'Done by hand' },
      ], { about: row.number }) },
    ],
  }));
}

function refunds(rows = [], currency) {
  return rows.length > 0 && section('refunds', t('order.refunds'), table({
    caption: t('order.refunds'), rows, key: (row) => row.id,
    columns: [
      { title: t('word.number'), head: true, cell: (row) => name(row.name || row.id) },
      { title: t('word.total'), number: true, cell: (row) => row.amount && money(row.amount, currency) },
      { title: t('order.credit_memo'), cell: (row) => row.document && away(row.link, name(row.document)) },
      { title: t('word.reason'), cell: (row) => row.reason && said('reason', { code: row.reason, text: row.detail }) },
    ],
  }));
}

const paidBy = (row) => [name(row.gateway), row.gift_card && [' ', name(row.gift_card)]];

function payments(rows = []) {
  return rows.length > 0 && section('payments', t('order.payments'), table({
    caption: t('order.payments'), rows, key: (row) => row.id,
    columns: [
      { title: t('money.what'), head: true, cell: (row) => [t(`payment.${row.kind}`, {}, row.kind),
        row.status !== 'SUCCESS' && [' ', status('warn', t(`payment.${row.status}`, {}, row.status))]] },
      { title: t('order.paid_by'), cell: paidBy },
      { title: t('money.amount'), number: true, cell: (row) => money(row.amount, row.currency) },
      { title: t('order.fee'), number: true, cell: (row) => row.fee && money(row.fee, row.fee_currency) },
      { title: t('money.payout'), cell: (row) => row.payout && name(row.payout) },
      { title: t('word.document'), cell: (row) => (row.memo || row.invoice) && name(row.memo || row.invoice) },
    ],
  }));
}

export function draw(view, data) {
  const { order } = data;
  if (!order) return finder(view, data);
  return [
    el('p', { key: 'back' }, link('#/orders', `← ${t('page.orders')}`)),
    el('h1', { key: 'h1' }, t('word.order'), ' ', name(order.name)),
    el('p', { key: 'state' }, t(`order.${order.state || 'not-staged'}`, {}, order.state), order.cancelled && ` · ${t('order.cancelled')}`, order.archived && ` · ${t('order.archived')}`),
    waiting(view, order),
    facts(order), lines(order.lines), shipments(view, order.shipments), refunds(order.refunds, order.totals?.currency), payments(order.transactions), life(order.life),
  ];
}
