// The payment terms that a company location may have.

/** What every store has; nobody makes others. */
export const TERMS = [
  ['Due on receipt', 'RECEIPT', null],
  ['Net 7', 'NET', 7],
  ['Net 15', 'NET', 15],
  ['Net 30', 'NET', 30],
  ['Net 45', 'NET', 45],
  ['Net 60', 'NET', 60],
  ['Net 90', 'NET', 90],
  ['Fixed date', 'FIXED', null],
  ['Due on fulfillment', 'FULFILLMENT', null],
].map(([name, paymentTermsType, dueInDays], i) => ({
  __typename: 'PaymentTermsTemplate',
  id: String(i + 1),
  name,
  paymentTermsType,
  dueInDays,
}));
