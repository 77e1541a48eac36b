// What must hold of the books whatever was posted, read from outside and added up again: the general ledger
// sums to zero, the receivables account is the customer ledger, what is booked is what the document comes to, and
// an item's stock is the sum of its entries.
import assert from 'node:assert/strict';

const RECEIVABLES = '2310';
const all = async (peer, set) => (await peer.at('GET', set)).body.value;
const pennies = amount => Math.round(amount * 1000);
const total = (rows, of) => rows.reduce((sum, row) => sum + pennies(of(row)), 0);

export async function booksBalance(peer, what) {
  const ledger = await all(peer, 'generalLedgerEntries');
  const debit = row => row.debitAmount - row.creditAmount;
  assert.equal(total(ledger, debit), 0, `${what}: the general ledger sums to zero`);
  for (const account of await all(peer, 'accounts'))
    assert.equal(
      pennies(account.netChange),
      total(
        ledger.filter(({accountNumber}) => accountNumber === account.number),
        debit,
      ),
      `${what}: account ${account.number}`,
    );
  const {entries} = (await peer.admin('GET', 'customer-ledger')).body;
  assert.equal(
    total(entries, row => row.amountLocal),
    total(
      ledger.filter(({accountNumber}) => accountNumber === RECEIVABLES),
      debit,
    ),
    `${what}: the customers owe what the receivables say`,
  );
  const rates = new Map((await all(peer, 'currencyExchangeRates')).map(row => [row.currencyCode, row]));
  for (const {documentNumber, currencyCode, amount, amountLocal} of entries) {
    const {relationalExchangeRateAmount: local = 1, exchangeRateAmount: foreign = 1} = rates.get(currencyCode) ?? {};
    const off = Math.abs(amountLocal - (amount * local) / foreign);
    assert.ok(
      off < (currencyCode === '' ? 0.0001 : 0.0051),
      `${what}: ${documentNumber} is ${amount} ${currencyCode}, booked ${amountLocal}`,
    );
  }
  const moves = await all(peer, 'itemLedgerEntries');
  for (const item of await all(peer, 'items'))
    assert.equal(
      pennies(item.inventory),
      total(
        moves.filter(({itemNumber}) => itemNumber === item.number),
        row => row.quantity,
      ),
      `${what}: stock of item ${item.number}`,
    );
  const numbers = ledger.map(row => row.entryNumber);
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
    `${what}: entry numbers rise`,
  );
  await openInvoicesMatch(peer, entries, what);
  return {ledger, entries, moves};
}

async function openInvoicesMatch(peer, entries, what) {
  for (const invoice of await all(peer, 'salesInvoices')) {
    if (!['Open', 'Paid'].includes(invoice.status)) continue;
    const entry = entries.find(row => row.documentType === 'Invoice' && row.documentNumber === invoice.number);
    assert.equal(entry.amount, invoice.totalAmountIncludingTax, `${what}: invoice ${invoice.number}`);
    assert.equal(entry.remainingAmount, invoice.remainingAmount, `${what}: what is open of invoice ${invoice.number}`);
    assert.equal(
      invoice.status === 'Paid',
      invoice.remainingAmount === 0,
      `${what}: invoice ${invoice.number} is ${invoice.status}`,
    );
  }
}
