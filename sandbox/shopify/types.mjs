// How stored records look through the Admin API: one table of fields per type. A field that is neither
// here nor stored under its own name answers NOT_SIMULATED; nothing is made up.
import {CATALOG_TYPES} from './types-catalogs.mjs';
import {COMPANY_TYPES} from './types-companies.mjs';
import {contactsOf} from './customers.mjs';
import {pageById} from './paging.mjs';
import {PLAN_TYPES, shopPlan} from './plans.mjs';
import {ACCOUNT_LISTS} from './roots.mjs';
import {gid} from './store.mjs';
import {CATALOGUE_TYPES, withMetafields} from './types-catalogue.mjs';
import {FULFILLMENT_TYPES} from './types-fulfillment.mjs';
import {MEDIA_TYPES} from './types-media.mjs';
import {ORDER_TYPES} from './types-orders.mjs';
import {PAYMENT_TYPES} from './types-payments.mjs';
import {REFUND_TYPES} from './types-refunds.mjs';
import {STOCK_TYPES} from './types-stock.mjs';
import {WEBHOOK_TYPES} from './webhook-input.mjs';

const idOf = record => gid(record.__typename, record.id);

const Customer = {
  ...withMetafields,
  id: idOf,
  legacyResourceId: customer => customer.id,
  displayName: customer =>
    `${customer.firstName ?? ''} ${customer.lastName ?? ''}`.trim() || customer.email || customer.phone || '',
  locale: customer => customer.locale ?? 'en',
  state: customer => customer.state ?? 'DISABLED',
  taxExempt: customer => customer.taxExempt ?? false,
  taxExemptions: () => [],
  verifiedEmail: () => true,
  defaultEmailAddress: customer =>
    customer.email ? {emailAddress: customer.email, marketingState: 'NOT_SUBSCRIBED', validFormat: true} : null,
  defaultPhoneNumber: customer => (customer.phone ? {phoneNumber: customer.phone.replace(/[^+\d]/g, '')} : null),
  defaultAddress: customer => customer.mainAddress ?? customer.addresses[0] ?? null,
  addressesV2: (customer, args) => pageById(customer.addresses, args),
  companyContactProfiles: (customer, args, {store}) => contactsOf(store, customer),
};

const Shop = {
  myshopifyDomain: shop => shop.domain,
  currencyCode: shop => shop.currency,
  ianaTimezone: shop => shop.timezone,
  weightUnit: () => 'KILOGRAMS',
  plan: shopPlan,
  features: shop => shop,
  entitlements: shop => shop,
  id: shop => gid('Shop', shop.id),
};

const AppInstallation = {
  id: installation => gid('AppInstallation', installation.id),
  accessScopes: installation => installation.scopes.map(handle => ({handle, description: handle})),
};

/** 64-bit numbers come as text. */
const long = key => record => (record[key] === null ? null : String(record[key]));

const BulkOperation = {
  id: idOf,
  objectCount: long('objectCount'),
  rootObjectCount: long('rootObjectCount'),
  fileSize: long('fileSize'),
};

export const TYPES = {
  ...ORDER_TYPES,
  ...FULFILLMENT_TYPES,
  ...REFUND_TYPES,
  ...CATALOGUE_TYPES,
  ...STOCK_TYPES,
  ...MEDIA_TYPES,
  Location: {...FULFILLMENT_TYPES.Location, ...STOCK_TYPES.Location},
  ...PAYMENT_TYPES,
  ...CATALOG_TYPES,
  ...PLAN_TYPES,
  ...COMPANY_TYPES,
  ShopifyPaymentsAccount: {...PAYMENT_TYPES.ShopifyPaymentsAccount, ...ACCOUNT_LISTS},
  Customer,
  Shop,
  AppInstallation,
  BulkOperation,
  ...WEBHOOK_TYPES,
};
