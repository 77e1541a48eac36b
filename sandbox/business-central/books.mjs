// The books of one company during one request: typed access to its rows, its clock and its set-up,
// and the list of what the request changed (the ledger of effects reads it after the commit).
import {ENTITIES, blankOf} from './entities.mjs';
import {Dec, ZERO, sum} from './decimal.mjs';
import {BcError, dialog, fieldValidation} from './errors.mjs';
import {hasId} from './values.mjs';

const SERIES = {
  items: {prefix: '', start: 1000, step: 1},
  customers: {prefix: 'C', start: 10, step: 10},
  vendors: {prefix: 'V', start: 10, step: 10},
  orders: {prefix: 'S-ORD', start: 101001, step: 1},
  quotes: {prefix: 'S-QUO', start: 1001, step: 1},
  invoices: {prefix: 'S-INV', start: 102001, step: 1},
  creditMemos: {prefix: '', start: 1001, step: 1},
  shipments: {prefix: '', start: 102001, step: 1},
  postedInvoices: {prefix: '', start: 103001, step: 1},
  postedCreditMemos: {prefix: '', start: 104001, step: 1},
  payments: {prefix: 'PAY', start: 1, step: 1},
  itemLedgerEntries: {prefix: '', start: 1, step: 1},
  generalLedgerEntries: {prefix: '', start: 1, step: 1},
  customerLedgerEntries: {prefix: '', start: 1, step: 1},
};

export class Books {
  /** `view` is what reads see; writes always look at the primary. */
  constructor({store, view, company, nowMs, pageOrder = false, effects = []}) {
    this.store = store;
    this.primary = store.view(true);
    this.view = view ?? this.primary;
    this.company = company;
    this.nowMs = nowMs;
    this.pageOrder = pageOrder;
    this.effects = effects;
    this.setup = store.companies.get(company)?.setup ?? {};
  }

  get(set, id) {
    return this.primary.get(this.company, set, id);
  }

  find(set, name, value) {
    return this.primary.where(this.company, set, name, [value])[0];
  }

  where(set, name, value) {
    return this.primary.where(this.company, set, name, [value]);
  }

  stamp() {
    return new Date(this.nowMs).toISOString();
  }

  workDate() {
    return this.stamp().slice(0, 10);
  }

  blank(set) {
    const row = {};
    for (const property of ENTITIES.get(set).properties) row[property.name] = blankOf(property);
    return row;
  }

  /** Writes a row and answers it; one that is equal to what stands there keeps its stamp and is no change. */
  write(set, row, {evenIfSame = false} = {}) {
    const before = this.get(set, row.id);
    if (before && !evenIfSame && sameRow(before, row)) return before;
    const stamped = ENTITIES.get(set).stamped ? {...row, lastModifiedDateTime: this.stamp()} : row;
    this.store.put(this.company, set, row.id, stamped);
    return this.get(set, row.id);
  }

  remove(set, id) {
    this.store.put(this.company, set, id, undefined);
  }

  nextNumber(series) {
    return this.store.nextNumber(this.company, series, SERIES[series]);
  }

  /** Notes an effect for the ledger: `kind` created, changed or deleted. */
  note(kind, set, row) {
    this.effects.push({
      kind: `${ENTITIES.get(set).type}.${kind}`,
      key: row.number ?? row.code ?? row.id,
      company: this.company,
      id: row.id,
      external: row.externalDocumentNumber,
    });
  }

  /** The row that an id or a code of a related table names; '' and the zero id name none. */
  related(set, id, what) {
    if (!hasId(id)) return undefined;
    const row = this.get(set, id);
    if (!row) throw dialog(`The ${what} values do not match to a specific ${ENTITIES.get(set).table}.`);
    return row;
  }

  /** The smallest amount of a currency; '' is the local one. */
  precision(currencyCode) {
    const currency = this.find('currencies', 'code', currencyCode || this.setup.currency);
    return Dec.of(currency && currency.amountRoundingPrecision !== '0' ? currency.amountRoundingPrecision : '0.01');
  }

  /** How much of a currency one unit of the local currency is on a date. */
  exchangeRate(currencyCode, date) {
    const rates = this.primary
      .all(this.company, 'currencyExchangeRates')
      .filter(rate => rate.currencyCode === currencyCode && rate.startingDate <= date)
      .sort((a, b) => (a.startingDate < b.startingDate ? 1 : -1));
    if (rates.length === 0)
      throw dialog(
        `There is no Currency Exchange Rate within the filter. Filters: Currency Code: ${currencyCode}, Starting Date: ..${date}`,
      );
    return {amount: Dec.of(rates[0].exchangeRateAmount), local: Dec.of(rates[0].relationalExchangeRateAmount)};
  }

  /** A company has VAT, or US sales tax: rates of jurisdictions, never inside the prices. */
  hasSalesTax() {
    return this.setup.taxModel === 'sales tax';
  }

  /**
   * The tax of a business and a product group (a tax area and a tax group): {identifier, percent}. Lines of
   * one identifier and rate are rounded together. Sales tax that is set up nowhere is none; VAT must be set up.
   */
  tax(vatBus, vatProd) {
    const rate = this.setup.taxRates.find(row => row.vatBus === vatBus && row.vatProd === vatProd);
    if (!rate && this.hasSalesTax()) return {identifier: vatProd, percent: ZERO};
    if (!rate)
      throw dialog(
        `The VAT Posting Setup does not exist. Identification fields and values: VAT Bus. Posting Group='${vatBus}',VAT Prod. Posting Group='${vatProd}'`,
      );
    const percent = rate.jurisdictions ? sum(rate.jurisdictions.map(each => Dec.of(each))) : Dec.of(rate.percent);
    return {identifier: rate.identifier ?? vatProd, percent};
  }
}

function sameRow(a, b) {
  for (const name of Object.keys(b)) if (name !== 'lastModifiedDateTime' && a[name] !== b[name]) return false;
  return true;
}

export const mustHave = (field, table, keys) =>
  fieldValidation(`${field} must have a value in ${table}: ${keys}. It cannot be zero or empty.`);
export const mustBe = (field, wanted, table, keys, current) =>
  dialog(`${field} must be equal to '${wanted}'  in ${table}: ${keys}. Current value is '${current}'.`);
export const wantsAnswer = question =>
  new BcError(
    400,
    'Application_CallbackNotAllowed',
    `Microsoft Dynamics 365 Business Central Server attempted to issue a client callback to show a confirmation dialog box: ${question} Client callbacks are not supported on the server.`,
  );

/** One address or several, between them a semicolon or a comma. */
export function checkEmail(text) {
  for (const address of text.split(/[;,]/).map(part => part.trim()))
    if (text !== '' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address))
      throw dialog(`The email address "${address}" is not valid.`);
}

export function checkPhone(text) {
  if (/\p{L}/u.test(text)) throw dialog(`The phone number must not contain letters. Value: ${text}`);
}
