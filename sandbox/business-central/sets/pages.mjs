// Pages of the web client that an administrator published as OData V4 services: names are captions, keys are
// the record's own, and there is neither id nor stamp.
const POSTED_SHIPMENT = `
  No C20 of=number
  Sell_to_Customer_No C20 of=customerNumber
  Sell_to_Customer_Name T100 of=customerName
  Order_No C20 of=orderNumber
  External_Document_No C35 of=externalDocumentNumber
  Posting_Date D of=postingDate
  Document_Date D of=invoiceDate
  Currency_Code C10 of=currencyCode
  Ship_to_Name T100 of=shipToName
  Ship_to_Country_Region_Code C10 of=shipToCountry
  Shipment_Method_Code C10 of=shipmentMethodCode
  Shipping_Agent_Code C10 of=_agent
  Shipping_Agent_Service_Code C10 of=_agentService
  Package_Tracking_No T50 of=_trackingNumber`;

const service = type => ({
  root: 'odata',
  page: true,
  type,
  table: 'Sales Shipment Header',
  verbs: 'R',
  keys: ['No'],
  source: 'salesShipments',
  text: POSTED_SHIPMENT,
});

/** Page 130, one shipment, and page 142, the list of them. */
export const PAGES = {
  PostedSalesShipment: service('PostedSalesShipment'),
  PostedSalesShipments: service('PostedSalesShipments'),
};
