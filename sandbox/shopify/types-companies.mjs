// How companies and their locations look through the Admin API, and the mutations that change them.
import {catalogsOf} from './catalogs.mjs';
import {mutation} from './mutation.mjs';
import {pageById} from './paging.mjs';
import {gid} from './store.mjs';
import {withMetafields} from './types-catalogue.mjs';

const idOf = record => gid(record.__typename, record.id);
const counted = rows => ({count: rows.length, precision: 'EXACT'});
/** Without undefined, so that the journal repeats exactly what was done. */
const plain = args => JSON.parse(JSON.stringify(args));
const WRITE = ['write_customers', 'write_companies'];

// ---- how they look -----------------------------------------------------------------------------

const DAYS = {RECEIPT: 'Due on receipt', FULFILLMENT: 'Due on fulfillment', FIXED: 'Due on a fixed date'};

export const COMPANY_TYPES = {
  Company: {
    ...withMetafields,
    id: idOf,
    contacts: ({contacts = []}, args) => pageById(contacts, args),
    contactsCount: ({contacts = []}) => counted(contacts),
    contactRoles: ({roles = []}, args) => pageById(roles, args),
    defaultRole: ({roles = []}) => roles.find(({name}) => name === 'Ordering only') ?? roles[0] ?? null,
    locations: ({locations = []}, args) => pageById(locations, args),
    locationsCount: ({locations = []}) => counted(locations),
  },
  CompanyLocation: {
    ...withMetafields,
    id: idOf,
    currency: (location, args, {store}) => store.currency,
    taxSettings: ({taxRegistrationId, taxExempt}) => ({taxRegistrationId, taxExempt, taxExemptions: []}),
    buyerExperienceConfiguration: ({terms, checkoutToDraft, editableShippingAddress}) => ({
      paymentTermsTemplate: terms,
      checkoutToDraft,
      editableShippingAddress,
    }),
    roleAssignments: ({assignments}, args) => pageById(assignments, args),
    catalogs: (location, args, {store}) => pageById(catalogsOf(store).filter(({contexts}) => contexts.includes(location)), args),
  },
  CompanyAddress: {id: idOf},
  CompanyContact: {
    id: idOf,
    isMainContact: contact => contact.company.mainContact === contact,
    roleAssignments: ({assignments}, args) => pageById(assignments, args),
  },
  CompanyContactRole: {id: idOf},
  CompanyContactRoleAssignment: {
    id: idOf,
    company: ({contact}) => contact.company,
    companyContact: ({contact}) => contact,
    companyLocation: ({location}) => location,
  },
  PaymentTermsTemplate: {
    id: idOf,
    translatedName: ({name}) => name,
    description: ({paymentTermsType, dueInDays}) => DAYS[paymentTermsType] ?? `Within ${dueInDays} days`,
  },
};

// ---- how they are changed ----------------------------------------------------------------------

/** One action of companies.mjs; `told` says of what was made or changed what the ledger keeps. */
const doing = (name, told) => (args, {store, effect}) => {
  const made = store.perform(name, null, plain(args));
  effect(name, Array.isArray(made) ? idOf(made[0]) : idOf(made), told(args, made));
  return made;
};

const MUTATIONS = {
  companyCreate: ['company', ({input}) => ({name: input.company.name, externalId: input.company.externalId ?? null})],
  companyUpdate: ['company', ({input}) => ({fields: Object.keys(input)})],
  companyLocationCreate: ['companyLocation', ({companyId, input}) => ({company: companyId, externalId: input.externalId ?? null})],
  companyLocationUpdate: ['companyLocation', ({input}) => ({fields: Object.keys(input)})],
  companyLocationAssignAddress: ['addresses', ({locationId, addressTypes}) => ({location: locationId, types: addressTypes})],
  companyLocationTaxSettingsUpdate: ['companyLocation', ({taxRegistrationId}) => ({taxRegistrationId})],
  companyContactCreate: ['companyContact', ({companyId}) => ({company: companyId})],
  companyAssignCustomerAsContact: ['companyContact', ({companyId, customerId}) => ({company: companyId, customer: customerId})],
  companyAssignMainContact: ['company', ({companyContactId}) => ({contact: companyContactId})],
  companyContactAssignRoles: ['roleAssignments', ({rolesToAssign}) => ({roles: rolesToAssign.length})],
};

export const COMPANY_MUTATIONS = Object.fromEntries(
  Object.entries(MUTATIONS).map(([name, [payload, told]]) => [
    name,
    mutation(name, {payload, scopes: WRITE, act: doing(name, told)}),
  ]),
);
