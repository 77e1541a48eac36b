// How locations, fulfilment orders and fulfilments look through the Admin API.
import {actionsOf, fulfilledOf, maySee, remainingOf} from './fulfillment.mjs';
import {pageById} from './paging.mjs';
import {gid} from './store.mjs';

const idOf = record => gid(record.__typename, record.id);
const first = (list, args) => (args.first === undefined || args.first === null ? list : list.slice(0, args.first));
const isOpen = fo => fo.status !== 'CLOSED' && fo.status !== 'CANCELLED';

export const ofOrder = {
  displayFulfillmentStatus: order => order.fulfillmentStatus,
  fulfillable: order => order.fulfillmentOrders.some(fo => actionsOf(fo).includes('CREATE_FULFILLMENT')),
  fulfillmentOrders: (order, args, {token}) =>
    pageById(
      order.fulfillmentOrders.filter(
        fo =>
          maySee(fo, token) &&
          (isOpen(fo) || (args.displayable ? fo.lines.some(entry => entry.remaining > 0) : true)) &&
          (!args.query || matches(fo, args.query)),
      ),
      args,
    ),
  fulfillments: (order, args) => first(order.fulfillments, args),
  fulfillmentsCount: order => ({count: order.fulfillments.length, precision: 'EXACT'}),
};

/** The filter of a nested list is a small one: `status:OPEN`, `assigned_location_id:1`, joined by AND. */
const matches = (fo, query) =>
  query.split(/\s+(?:AND\s+)?/).every(term => {
    const [, key, value] = /^(\w+):'?([^']*)'?$/.exec(term) ?? [];
    if (key === 'status') return fo.status === value.toUpperCase();
    return key === 'assigned_location_id' ? fo.location.id === value : true;
  });

export const ofLine = {
  unfulfilledQuantity: remainingOf,
  fulfillableQuantity: remainingOf,
  nonFulfillableQuantity: line => Math.max(0, line.quantity - remainingOf(line) - fulfilledOf(line)),
  fulfillmentStatus: line =>
    fulfilledOf(line) === 0 ? 'unfulfilled' : remainingOf(line) > 0 ? 'partial' : 'fulfilled',
  fulfillmentService: line => (line.location?.service ? serviceOf(line.location) : MANUAL),
};

const FulfillmentOrder = {
  id: idOf,
  orderId: fo => gid('Order', fo.order.id),
  orderName: fo => fo.order.name,
  orderProcessedAt: fo => fo.order.processedAt,
  fulfillBy: () => null,
  assignedLocation: fo => ({__typename: 'FulfillmentOrderAssignedLocation', ...fo.location}),
  deliveryMethod: fo => ({
    __typename: 'DeliveryMethod',
    id: gid('DeliveryMethod', fo.id),
    methodType: fo.method,
    presentedName: fo.order.shippingLines[0]?.title ?? null,
    serviceCode: fo.order.shippingLines[0]?.code ?? null,
    sourceReference: null,
    minDeliveryDateTime: null,
    maxDeliveryDateTime: null,
    brandedPromise: null,
    additionalInformation: null,
  }),
  destination: ({order: {shippingAddress, email}}) =>
    shippingAddress ? {__typename: 'FulfillmentOrderDestination', ...shippingAddress, email} : null,
  fulfillmentHolds: fo => fo.holds,
  internationalDuties: () => null,
  supportedActions: fo => actionsOf(fo).map(action => ({action, externalUrl: null})),
  lineItems: (fo, args) => pageById(fo.lines, args),
  fulfillments: (fo, args) =>
    pageById(
      fo.order.fulfillments.filter(made => made.sources.includes(fo)),
      args,
    ),
  merchantRequests: (fo, args) =>
    pageById(
      fo.requests.map((request, i) => ({
        id: `${fo.id}${i}`,
        requestOptions: {},
        responseData: null,
        sentAt: fo.updatedAt,
        ...request,
      })),
      args,
    ),
};

const FulfillmentOrderAssignedLocation = {
  location: place => gidRecord(place),
  address1: place => place.address?.address1 ?? null,
  address2: () => null,
  city: place => place.address?.city ?? null,
  province: () => null,
  zip: place => place.address?.zip ?? null,
  phone: () => null,
  countryCode: place => place.address?.countryCode ?? 'GB',
};
const gidRecord = place => ({...place, __typename: 'Location'});

const FulfillmentOrderLineItem = {
  id: idOf,
  totalQuantity: entry => entry.total,
  remainingQuantity: entry => entry.remaining,
  sku: entry => entry.lineItem.sku,
  productTitle: entry => entry.lineItem.title,
  variantTitle: entry => entry.lineItem.variantTitle ?? null,
  vendor: entry => entry.lineItem.vendor,
  variant: entry => (entry.lineItem.variant?.isGone ? null : entry.lineItem.variant),
  requiresShipping: entry => !entry.lineItem.giftCard,
  warnings: () => [],
};

const FulfillmentHold = {
  id: idOf,
  handle: () => null,
  displayReason: hold =>
    hold.reason
      .toLowerCase()
      .replaceAll('_', ' ')
      .replace(/^./, letter => letter.toUpperCase()),
  heldByRequestingApp: () => false,
};

const Fulfillment = {
  id: idOf,
  legacyResourceId: made => made.id,
  totalQuantity: made => made.lines.reduce((sum, line) => sum + line.quantity, 0),
  trackingInfo: (made, args) => first(made.tracking, args),
  service: made => serviceOf(made.location),
  requiresShipping: made => made.lines.some(line => !line.lineItem.giftCard),
  deliveredAt: () => null,
  estimatedDeliveryAt: () => null,
  inTransitAt: () => null,
  originAddress: () => null,
  fulfillmentLineItems: (made, args) => pageById(made.lines, args),
  fulfillmentOrders: (made, args) => pageById(made.sources, args),
  events: (made, args) => pageById([], args),
};

const MANUAL = {__typename: 'FulfillmentService'};
const serviceOf = location => ({__typename: 'FulfillmentService', location});

const FulfillmentService = {
  id: ({location}) =>
    location?.service
      ? `${gid('FulfillmentService', location.service.id ?? location.id)}?id=true`
      : gid('FulfillmentService', 'manual'),
  handle: ({location}) => location?.service?.handle ?? 'manual',
  serviceName: ({location}) => location?.service?.name ?? 'Manual',
  type: ({location}) => (location?.service ? 'THIRD_PARTY' : 'MANUAL'),
  location: ({location}) => location ?? null,
  callbackUrl: () => null,
  inventoryManagement: () => false,
  requiresShippingMethod: () => true,
  trackingSupport: () => false,
};

const FulfillmentLineItem = {id: idOf};

const Location = {
  id: idOf,
  legacyResourceId: location => location.id,
  isFulfillmentService: location => location.service !== null,
  fulfillmentService: location => (location.service ? serviceOf(location) : null),
  shipsInventory: location => location.isActive,
  deactivatedAt: location => (location.isActive ? null : location.updatedAt),
  activatable: location => !location.isActive,
  address: location => ({
    __typename: 'LocationAddress',
    address1: null,
    address2: null,
    city: null,
    zip: null,
    countryCode: 'GB',
    country: 'United Kingdom',
    province: null,
    provinceCode: null,
    phone: null,
    formatted: [],
    latitude: null,
    longitude: null,
    ...location.address,
  }),
  localPickupSettingsV2: () => null,
};

export const FULFILLMENT_TYPES = {
  FulfillmentOrder,
  FulfillmentOrderAssignedLocation,
  FulfillmentOrderLineItem,
  FulfillmentHold,
  Fulfillment,
  FulfillmentLineItem,
  FulfillmentService,
  Location,
};
