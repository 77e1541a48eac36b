// Whatever is done to documents, in whatever order and currency, by clients and by people: no step fails but
// by a refusal, and the books balance.
import assert from 'node:assert/strict';
import path from 'node:path';
import {test} from 'node:test';
import {folderOf} from '../end.mjs';
import {randomFrom} from '../../../sandbox/lib/random.mjs';
import {booksBalance} from './books.mjs';
import {startPeer} from './support.mjs';

const STEPS = 150;
const SETS = {salesOrders: 'shipAndInvoice', salesInvoices: 'post', salesCreditMemos: 'post'};
const headers = {'if-match': '*'};

class Walk {
  constructor(peer, seed) {
    this.peer = peer;
    this.random = randomFrom(`balance:${seed}`);
    this.refusals = new Map();
    this.done = new Map();
  }

  below(n) {
    return Math.floor(this.random() * n);
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** A call that works or is refused: 2xx, 400 or 404; anything else is a mistake of the peer. */
  async call(method, path, body) {
    const answer = await this.peer.at(method, path, {body, headers: method === 'PATCH' ? headers : {}});
    assert.ok(answer.status < 300 || [400, 404].includes(answer.status), `${method} ${path}: ${answer.text}`);
    const {code} = answer.body?.error ?? {};
    if (code) this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
    return answer;
  }

  async some(set, more = '') {
    const {value} = (await this.call('GET', `${set}?$top=200${more}`)).body;
    return value.length > 0 ? this.pick(value) : undefined;
  }

  line() {
    const price = this.below(20000) / 100;
    const account = this.random() < 0.25;
    return {
      lineType: account ? 'Account' : 'Item',
      lineObjectNumber: account ? this.pick(['6610', '6620', '6130']) : this.pick(this.items),
      quantity: this.pick([1, 1, 2, 3, 7, 0.5, -1]),
      unitPrice: price,
      ...(this.random() < 0.3 ? {discountPercent: this.below(10001) / 100} : {}),
    };
  }

  async create() {
    const set = this.pick(Object.keys(SETS));
    const lines = Array.from({length: 1 + this.below(5)}, () => this.line());
    const body = {
      customerNumber: this.pick(['WEB', '10000', '10010']),
      currencyCode: this.pick(['GBP', 'EUR', 'JPY', 'KWD']),
      ...(set === 'salesOrders' ? {pricesIncludeTax: this.random() < 0.5} : {}),
      [set.replace(/s$/, 'Lines')]: lines,
    };
    const {status, body: row} = await this.call('POST', set, body);
    if (status === 201 && this.random() < 0.4)
      await this.call('PATCH', `${set}(${row.id})`, {discountAmount: this.below(500) / 100});
  }

  async quantities() {
    const order = await this.some('salesOrders', '&$expand=salesOrderLines');
    if (!order) return;
    const {id, quantity} = this.pick(order.salesOrderLines);
    await this.call('PATCH', `salesOrderLines(${id})`, {shipQuantity: this.pick([0, 1, quantity])});
    if (this.random() < 0.5) await this.call('PATCH', `salesOrderLines(${id})`, {invoiceQuantity: this.pick([0, 1, quantity])});
  }

  async post() {
    const set = this.pick(Object.keys(SETS));
    const row = await this.some(set, set === 'salesOrders' ? '' : "&$filter=status eq 'Draft'");
    if (row) await this.call('POST', `${set}(${row.id})/Microsoft.NAV.${SETS[set]}`);
  }

  async byHand() {
    const admin = (path, body) => this.peer.admin('POST', path, body);
    // one after the other: each draws from the same dice
    const order = await this.some('salesOrders');
    const invoice = await this.some('salesInvoices');
    const shipment = await this.some('salesShipments');
    const choice = this.below(5);
    if (choice === 0 && order) await admin(`documents/${order.number}`, {ship: true});
    if (choice === 1 && invoice?.remainingAmount > 0)
      await admin(`documents/${invoice.number}`, {pay: this.pick([true, '0.01'])});
    if (choice === 2 && shipment) await admin(`shipments/${shipment.number}`, {undo: true});
    if (choice === 3) await admin(`items/${this.pick(this.items)}`, {inventory: this.below(100)});
    if (choice === 4 && order) await admin(`documents/${order.number}`, {status: this.pick(['Draft', 'Open'])});
  }

  /** A credit memo of a posted invoice, for all of it or too much. */
  async credit() {
    const invoice = await this.some('salesInvoices', "&$filter=status eq 'Open'");
    if (!invoice) return;
    const amount = invoice.pricesIncludeTax ? invoice.remainingAmount : invoice.remainingAmount / 2;
    const unitPrice = Number((amount * this.pick([1, 1, 2])).toFixed(3));
    const lines = [{lineType: 'Account', lineObjectNumber: '6130', quantity: 1, unitPrice}];
    const {customerNumber, currencyCode} = invoice;
    const body = {customerNumber, currencyCode, invoiceNumber: invoice.number, salesCreditMemoLines: lines};
    const {status, body: memo} = await this.call('POST', 'salesCreditMemos', body);
    if (status === 201) await this.call('POST', `salesCreditMemos(${memo.id})/Microsoft.NAV.post`);
  }

  async remove() {
    const row = await this.some(this.pick(Object.keys(SETS)));
    if (row)
      await this.call(
        'DELETE',
        `${row.orderDate ? 'salesOrders' : row.invoiceDate ? 'salesInvoices' : 'salesCreditMemos'}(${row.id})`,
      );
  }

  async run() {
    const items = (await this.peer.at('GET', 'items?$filter=blocked eq false&$top=6')).body.value;
    this.items = items.map(({number}) => number);
    const steps = [
      'create',
      'create',
      'create',
      'quantities',
      'quantities',
      'post',
      'post',
      'post',
      'byHand',
      'byHand',
      'credit',
      'remove',
    ];
    for (let n = 1; n <= STEPS; n++) {
      const step = this.pick(steps);
      await this[step]();
      this.done.set(step, (this.done.get(step) ?? 0) + 1);
      if (n % 50 === 0) await booksBalance(this.peer, `after ${n} steps`);
    }
  }
}

test('a restarted peer goes on with its books: entry numbers rise, all balances', async t => {
  const state = path.join(folderOf(t), 'state');
  const postOne = async peer => {
    const order = await peer.order({externalDocumentNumber: 'KEPT'}, [{unitPrice: 12}]);
    assert.equal((await peer.at('POST', `salesOrders(${order.id})/Microsoft.NAV.shipAndInvoice`)).status, 204);
  };
  const first = await startPeer(null, '--state', state);
  await postOne(first);
  await first.admin('POST', 'setup', {externalDocumentNoMandatory: true});
  await first.stop();
  const second = await startPeer(t, '--state', state);
  await postOne(second);
  const {ledger} = await booksBalance(second, 'after a restart');
  assert.equal(ledger.length, 6);
  const bare = await second.order({}, [{unitPrice: 1}]);
  assert.equal(
    (await second.at('POST', `salesOrders(${bare.id})/Microsoft.NAV.shipAndInvoice`)).status,
    400,
    'so is the set-up kept',
  );
});

for (const seed of [1, 2, 3])
  test(`random documents and postings, seed ${seed}: the books balance`, async t => {
    const peer = await startPeer(t);
    const walk = new Walk(peer, seed);
    await walk.run();
    const {ledger, entries, moves} = await booksBalance(peer, 'in the end');
    const kinds = new Set(entries.map(({documentType}) => documentType));
    assert.deepEqual([...kinds].sort(), ['Credit_x0020_Memo', 'Invoice', 'Payment'], 'all kinds were posted');
    assert.ok(ledger.length > 60 && moves.length > 30, `${ledger.length} ledger entries, ${moves.length} moves`);
    assert.ok(new Set(entries.map(({currencyCode}) => currencyCode)).size === 4, 'in all currencies');
  });
