// What keeps a document from being posted: approval, dates, missing references, blocked customers, items
// and accounts, warehouse handling, stock. Texts follow the service's; a client must not depend on them.
import {mustBe, mustHave, wantsAnswer} from '../books.mjs';
import {Dec, ZERO} from '../decimal.mjs';
import {NO_DATE} from '../entities.mjs';
import {dialog} from '../errors.mjs';
import {refuseWarehouse} from '../lines.mjs';

const BLOCKS = {ship: ['All', 'Ship'], invoice: ['All', 'Invoice'], credit: ['All']};

/** `parts`: what is about to be posted, of ship, invoice, credit. */
export function checkHeader(books, entity, header, parts) {
  const keys = `Document Type=${entity.document.type},No.=${header.number}`;
  checkApproval(books, entity, header);
  if (header.postingDate === NO_DATE) throw mustHave('Posting Date', 'Sales Header', keys);
  checkPostingDate(books, header.postingDate);
  if (books.setup.externalDocumentNoMandatory && header.externalDocumentNumber === '')
    throw mustHave('External Document No.', 'Sales Header', keys);
  for (const id of new Set([header.customerId, header.billToCustomerId])) {
    const customer = books.get('customers', id);
    if (parts.some(part => BLOCKS[part].includes(customer.blocked)))
      throw dialog(
        `You cannot post this type of document when Customer ${customer.number} is blocked with type ${customer.blocked}`,
      );
    if (!customer._postingGroup) throw mustHave('Customer Posting Group', 'Customer', `No.=${customer.number}`);
  }
  if (header.currencyCode !== '') books.exchangeRate(header.currencyCode, header.postingDate);
}

/** A document under an approval workflow is posted only once it is approved, and with that released. */
export function checkApproval(books, entity, header) {
  if (header.status === 'In Review') throw dialog('This document can only be released when the approval process is complete.');
  if ((header._approval ?? books.setup.approvals ?? false) && header.status === 'Draft')
    throw dialog(
      `Sales ${entity.document.type} ${header.number} must be approved and released before you can perform this action.`,
    );
}

export function checkPostingDate(books, date) {
  const [setup] = books.primary.all(books.company, 'generalLedgerSetup');
  const {allowPostingFrom: from, allowPostingTo: to} = setup;
  if ((from !== NO_DATE && date < from) || (to !== NO_DATE && date > to))
    throw dialog('Posting Date is not within your range of allowed posting dates.');
}

/** A numbered line without a quantity makes the service ask a question, which nobody can answer over the API. */
export function checkQuantities(lines) {
  if (lines.some(line => line.lineObjectNumber !== '' && line.quantity === '0'))
    throw wantsAnswer('One or more lines have a number but no quantity. Do you want to continue?');
}

/** `lines`: those with a quantity that is posted now. */
export function checkLines(books, lines) {
  for (const line of lines) {
    if (line.lineType === 'Item') {
      const item = books.get('items', line.itemId);
      if (item.blocked) throw mustBe('Blocked', 'No', 'Item', `No.=${item.number}`, 'Yes');
      if (item.generalProductPostingGroupCode === '') throw mustHave('Gen. Prod. Posting Group', 'Item', `No.=${item.number}`);
      if (item.type === 'Inventory' && item.inventoryPostingGroupCode === '')
        throw mustHave('Inventory Posting Group', 'Item', `No.=${item.number}`);
    } else if (line.lineType === 'Account') {
      const account = books.get('accounts', line.accountId);
      if (account.blocked) throw mustBe('Blocked', 'No', 'G/L Account', `No.=${account.number}`, 'Yes');
    }
  }
}

/** What leaves the stock must be there, if the company says so, and must not be reserved for somebody else in any case. */
export function checkStock(books, moves) {
  const wanted = new Map();
  for (const {line, quantity} of moves) {
    refuseWarehouse(books, line);
    if (line.lineType === 'Item') wanted.set(line.itemId, (wanted.get(line.itemId) ?? ZERO).plus(quantity));
  }
  for (const [id, quantity] of wanted) {
    const item = books.get('items', id);
    if (item.type !== 'Inventory' || quantity.isNegative()) continue;
    const [stock, reserved] = [Dec.of(item.inventory), Dec.of(item._reserved ?? '0')];
    if (books.setup.preventNegativeInventory && quantity.compare(stock) > 0)
      throw dialog(`You have insufficient quantity of Item ${item.number} on inventory.`);
    if (!reserved.isZero() && quantity.compare(stock.minus(reserved)) > 0)
      throw dialog(
        `Item ${item.number} cannot be fully applied: ${reserved} of ${stock} on inventory are reserved for other documents.`,
      );
  }
}
