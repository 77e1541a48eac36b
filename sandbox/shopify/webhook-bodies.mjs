// Which webhooks a change is told by, and what stands in them: the form of the REST Admin API, numbers as numbers. Of
// an order, a product and a customer the fields that an app goes by, not all that the real ones hold.
import {levelGid} from './stock.mjs';
import {gid} from './store.mjs';

const number = id => Number(id);
const lower = text => text?.toLowerCase() ?? null;
const named = record => ({id: number(record.id), admin_graphql_api_id: gid(record.__typename, record.id)});
const times = record => ({created_at: record.createdAt, updated_at: record.updatedAt});
const money = ([units], digits) => (units / 10 ** digits).toFixed(digits);

const order = record => ({
  ...named(record),
  ...times(record),
  name: record.name,
  order_number: record.number,
  email: record.email ?? '',
  phone: record.phone,
  processed_at: record.processedAt,
  closed_at: record.closedAt,
  cancelled_at: record.cancelledAt,
  currency: record.money?.shop?.currency ?? record.currency ?? null,
  financial_status: lower(record.financialStatus),
  fulfillment_status: record.fulfillmentStatus === 'UNFULFILLED' ? null : lower(record.fulfillmentStatus),
  tags: record.tags.join(', '),
  note: record.note,
  test: record.test,
  total_price: money(record.totals.total, 2),
  customer: record.customer ? {id: number(record.customer)} : null,
  line_items: record.lines.map(line => ({
    ...named(line),
    sku: line.sku,
    title: line.title,
    quantity: line.quantity,
  })),
});
const product = record => ({
  ...named(record),
  ...times(record),
  title: record.title,
  handle: record.handle,
  vendor: record.vendor,
  product_type: record.productType,
  status: lower(record.status),
  tags: record.tags.join(', '),
  variants: record.variants.map(variant => ({...named(variant), sku: variant.sku, product_id: number(record.id)})),
});
const customer = record => ({
  ...named(record),
  ...times(record),
  first_name: record.firstName ?? null,
  last_name: record.lastName ?? null,
  email: record.email ?? null,
  phone: record.phone ?? null,
  tags: record.tags.join(', '),
});
const company = record => ({
  admin_graphql_api_id: gid('Company', record.id),
  ...times(record),
  name: record.name,
  external_id: record.externalId,
  note: record.note,
  customer_since: record.customerSince,
  main_contact_admin_graphql_api_id: record.mainContact ? gid('CompanyContact', record.mainContact.id) : null,
});
const companyLocation = record => ({
  admin_graphql_api_id: gid('CompanyLocation', record.id),
  ...times(record),
  name: record.name,
  external_id: record.externalId,
  phone: record.phone,
  locale: record.locale,
  note: record.note,
  company: company(record.company),
});
const companyContact = record => ({
  admin_graphql_api_id: gid('CompanyContact', record.id),
  ...times(record),
  customer_admin_graphql_api_id: gid('Customer', record.customer.id),
  title: record.title,
  locale: record.locale,
  company: company(record.company),
});
const companyRole = record => ({
  admin_graphql_api_id: gid('CompanyContactRoleAssignment', record.id),
  ...times(record),
  contact: companyContact(record.contact),
  company_location: companyLocation(record.location),
  role: {admin_graphql_api_id: gid('CompanyContactRole', record.role.id), name: record.role.name},
});
const location = record => ({...named(record), ...times(record), name: record.name, active: record.isActive});
const fulfillmentOrder = record => ({
  fulfillment_order: {id: gid('FulfillmentOrder', record.id), status: lower(record.status)},
});
const level = record => ({
  inventory_item_id: number(record.item.id),
  location_id: number(record.location.id),
  available: record.available,
  updated_at: record.updatedAt,
  admin_graphql_api_id: levelGid(record),
});
const dispute = record => ({
  id: number(record.id),
  order_id: number(record.order.id),
  type: lower(record.type),
  status: lower(record.status),
  initiated_at: record.initiatedAt,
});
const gone = record => ({id: number(record.id)});

/** By type and what became of it: topic and body; `on` = only when this was done. */
const TABLE = {
  Order: {
    created: [['orders/create', order]],
    changed: [
      ['orders/updated', order],
      ['orders/cancelled', order, ['cancel']],
      [
        'orders/edited',
        record => ({order_edit: {...named(record), order_id: number(record.id), committed_at: record.updatedAt}}),
        ['edit'],
      ],
    ],
  },
  Refund: {
    created: [
      [
        'refunds/create',
        record => ({...named(record), order_id: number(record.order.id), created_at: record.createdAt}),
      ],
    ],
  },
  Return: {
    changed: [
      [
        'returns/update',
        record => ({...named(record), status: lower(record.status), order: named(record.order)}),
      ],
    ],
  },
  FulfillmentOrder: {
    created: [['fulfillment_orders/order_routing_complete', fulfillmentOrder]],
    changed: [
      ['fulfillment_orders/moved', fulfillmentOrder, ['move']],
      ['fulfillment_orders/cancelled', fulfillmentOrder, ['cancel']],
      ['fulfillment_orders/placed_on_hold', fulfillmentOrder, ['hold']],
      ['fulfillment_orders/hold_released', fulfillmentOrder, ['release']],
      ['fulfillment_orders/fulfillment_request_submitted', fulfillmentOrder, ['requestFulfillment']],
    ],
  },
  Fulfillment: {
    created: [
      ['fulfillments/create', record => ({...named(record), ...times(record), order_id: number(record.order.id)})],
    ],
    changed: [
      ['fulfillments/update', record => ({...named(record), ...times(record), order_id: number(record.order.id)})],
    ],
  },
  Product: {
    created: [['products/create', product]],
    changed: [['products/update', product]],
    deleted: [['products/delete', gone]],
  },
  InventoryItem: {
    changed: [['inventory_items/update', record => ({...named(record), ...times(record), sku: record.variant.sku})]],
  },
  InventoryLevel: {
    created: [['inventory_levels/connect', level]],
    changed: [['inventory_levels/update', level]],
    deleted: [['inventory_levels/disconnect', level]],
  },
  Customer: {
    created: [['customers/create', customer]],
    changed: [['customers/update', customer]],
    deleted: [['customers/delete', gone]],
  },
  Company: {
    created: [['companies/create', company]],
    changed: [['companies/update', company]],
    deleted: [['companies/delete', company]],
  },
  CompanyLocation: {
    created: [['company_locations/create', companyLocation]],
    changed: [['company_locations/update', companyLocation]],
    deleted: [['company_locations/delete', companyLocation]],
  },
  CompanyContact: {
    created: [['company_contacts/create', companyContact]],
    changed: [['company_contacts/update', companyContact]],
    deleted: [['company_contacts/delete', companyContact]],
  },
  CompanyContactRoleAssignment: {
    created: [['company_contact_roles/assign', companyRole]],
    deleted: [['company_contact_roles/revoke', companyRole]],
  },
  Location: {created: [['locations/create', location]], changed: [['locations/update', location]]},
  ShopifyPaymentsDispute: {created: [['disputes/create', dispute]], changed: [['disputes/update', dispute]]},
};

/** [{topic, body}] of one change that `action` made. */
export function bodiesOf({record, kind}, action) {
  const rows = TABLE[record.__typename]?.[kind] ?? [];
  return rows
    .filter(([, , on]) => !on || on.includes(action))
    .map(([topic, body]) => ({topic, body: body(record)}));
}
