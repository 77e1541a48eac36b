// What a store's plan brings: its budget of points, who may be asked for, and how much of B2B and of markets it has.
//
// B2B is on every plan from Basic on since April 2026. What tells them apart: catalogs assigned straight to company
// locations are Plus's alone; the others attach them to a market of locations, three active ones at most.
import {Refusal} from './refusal.mjs';

const STANDARD = {maximum: 2_000, rate: 100, b2b: true, directCatalogs: false, b2bCatalogs: 3, marketCatalogs: true, staff: false};

export const PLANS = {
  starter: {...STANDARD, name: 'Starter', b2b: false, b2bCatalogs: 0, marketCatalogs: false},
  basic: {...STANDARD, name: 'Basic'},
  grow: {...STANDARD, name: 'Grow'},
  advanced: {...STANDARD, name: 'Advanced', maximum: 4_000, rate: 200, staff: true},
  plus: {...STANDARD, name: 'Plus', maximum: 20_000, rate: 1_000, directCatalogs: true, b2bCatalogs: 10_000, staff: true},
};

export const planOf = store => PLANS[store.plan];

const isB2b = catalog =>
  catalog.__typename === 'CompanyLocationCatalog' || catalog.contexts.some(({isOfCompanies}) => isOfCompanies);

/** May this catalog of the store stand as it is? Only an archived one always may. `others` = all but this one. */
export function checkCatalog(store, catalog, others) {
  const plan = planOf(store);
  if (catalog.status === 'ARCHIVED') return;
  if (catalog.__typename === 'CompanyLocationCatalog') {
    if (!plan.b2b)
      throw new Refusal(
        ['input', 'status'],
        'A company location catalog outside of a supported plan can only have an archived status.',
        'COMPANY_LOCATION_CATALOG_STATUS_PLAN',
      );
    if (!plan.directCatalogs && catalog.status === 'ACTIVE')
      throw new Refusal(
        ['input', 'status'],
        "Catalogs assigned to company locations can't be set to active with your plan.",
        'UNPERMITTED_ENTITLEMENTS_DIRECT_CATALOG_ASSIGNMENT',
      );
  } else if (!plan.marketCatalogs) {
    throw new Refusal(['input'], 'Managing this catalog is not supported by your plan.', 'UNPERMITTED_ENTITLEMENTS_MARKET_CATALOGS');
  }
  const active = others.filter(other => other.status === 'ACTIVE' && isB2b(other)).length;
  if (isB2b(catalog) && catalog.status === 'ACTIVE' && active >= plan.b2bCatalogs)
    throw new Refusal(
      ['input', 'status'],
      "You've reached the maximum number of B2B catalogs allowed for your plan.",
      'B2B_CATALOG_LIMIT_REACHED',
    );
}

/** What the new plan does not allow is archived. */
export function archiveRefused(store, catalogs) {
  for (const catalog of catalogs)
    try {
      checkCatalog(store, catalog, catalogs.filter(other => other !== catalog));
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      catalog.status = 'ARCHIVED';
    }
}

// ---- how it looks through the Admin API ---------------------------------------------------------

export const shopPlan = store => ({
  publicDisplayName: planOf(store).name,
  shopifyPlus: store.plan === 'plus',
  partnerDevelopment: false,
});

export const PLAN_TYPES = {
  ShopFeatures: {
    directConnectionCatalogAssignmentEnabled: store => planOf(store).directCatalogs,
    unifiedMarkets: () => true,
  },
  EntitlementsType: {
    b2b: store => ({enabled: planOf(store).b2b}),
    markets: store => ({
      b2b: {catalogs: {enabled: planOf(store).b2bCatalogs > 0, limit: planOf(store).b2bCatalogs}},
      regions: {catalogs: {enabled: planOf(store).marketCatalogs}}, // how many is told nowhere
    }),
  },
};
