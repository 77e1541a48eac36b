// The members of option fields, and how they are spelt on the wire.

/** Members as Business Central spells them; on the wire they are encoded (encodeMember). */
export const ENUMS = {
  itemType: ['Inventory', 'Service', 'Non-Inventory'],
  contactType: ['Company', 'Person'],
  customerBlocked: [' ', 'Ship', 'Invoice', 'All'],
  vendorBlocked: [' ', 'Payment', 'All'],
  pictureParent: [' ', 'Customer', 'Item', 'Vendor', 'Employee', 'Contact', 'Item Variant'],
  referenceType: [' ', 'Customer', 'Vendor', 'Bar Code'],
  itemTextKind: ['Extended', 'Marketing'],
  attributeType: ['Option', 'Text', 'Integer', 'Decimal', 'Date'],
  priceStatus: ['Draft', 'Active', 'Inactive'],
  priceSource: ['All Customers', 'Customer', 'Customer Price Group', 'Customer Disc. Group', 'Campaign'],
  priceAsset: [' ', 'Item', 'Item Discount Group'],
  priceAmountType: ['Any', 'Price', 'Discount'],
  taxType: ['Sales Tax', 'VAT'],
  accountCategory: [' ', 'Assets', 'Liabilities', 'Equity', 'Income', 'Cost of Goods Sold', 'Expense'],
  accountType: ['Posting', 'Heading', 'Total', 'Begin-Total', 'End-Total'],
  addressFormat: ['Post Code+City', 'City+Post Code', 'City+County+Post Code', 'Blank Line+Post Code+City', 'Custom'],
  salesOrderStatus: ['Draft', 'In Review', 'Open'],
  salesQuoteStatus: ['Draft', 'Sent', 'Accepted'],
  salesInvoiceStatus: [' ', 'Draft', 'In Review', 'Open', 'Paid', 'Canceled', 'Corrective'],
  salesCreditMemoStatus: [' ', 'Draft', 'In Review', 'Open', 'Canceled', 'Corrective', 'Paid'],
  itemEntryType: [
    'Purchase',
    'Sale',
    'Positive Adjmt.',
    'Negative Adjmt.',
    'Transfer',
    'Consumption',
    'Output',
    ' ',
    'Assembly Consumption',
    'Assembly Output',
  ],
  itemDocumentType: [
    ' ',
    'Sales Shipment',
    'Sales Invoice',
    'Sales Return Receipt',
    'Sales Credit Memo',
    'Purchase Receipt',
    'Purchase Invoice',
    'Purchase Return Shipment',
    'Purchase Credit Memo',
  ],
  syncState: [' ', 'Done', 'Not Required', 'Error'],
  sourceType: [' ', 'Customer', 'Vendor', 'Item'],
  ledgerDocumentType: [' ', 'Payment', 'Invoice', 'Credit Memo', 'Finance Charge Memo', 'Reminder', 'Refund'],
  lineType: ['Comment', 'Account', 'Item', 'Resource', 'Fixed Asset', 'Charge', 'Allocation Account'],
  shipmentLineType: [' ', 'G/L Account', 'Item', 'Resource', 'Fixed Asset', 'Charge (Item)', 'Allocation Account'],
};

/** An enum member as OData spells it: `Non-Inventory` → `Non_x002D_Inventory`. */
export const encodeMember = member =>
  member.replace(/[^A-Za-z0-9]/g, character => `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`);

/** The member that a client named, encoded or plain; undefined when there is none. */
export const memberNamed = (name, text) => ENUMS[name].find(member => member === text || encodeMember(member) === text);
