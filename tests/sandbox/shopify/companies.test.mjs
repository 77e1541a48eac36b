// Companies that buy: what is made, changed and refused, by the app and by hand.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {documentText, startPeer} from './peer.mjs';

const CODES = {ADDRESS: {address1: '1 Dock Road', city: 'London', zip: 'E16 1AA', countryCode: 'GB', recipient: 'Adatum'}};

async function open(t) {
  const client = await startPeer(t);
  const ask = async (name, variables) => (await client.ask(documentText(name), variables)).data;
  const create = async input => (await ask('company-create', {input})).companyCreate;
  const said = ({userErrors}) => userErrors.map(({field, code}) => `${field.join('.')} ${code}`);
  return {client, ask, create, said};
}

const INPUT = {
  company: {name: 'Adatum Ltd', externalId: '10010'},
  companyContact: {email: 'buyer@adatum.example', firstName: 'Ada', lastName: 'Tum'},
  companyLocation: {
    name: '1 Dock Road',
    externalId: '10010',
    shippingAddress: CODES.ADDRESS,
    billingSameAsShipping: true,
    taxRegistrationId: 'GB777777771',
    buyerExperienceConfiguration: {paymentTermsTemplateId: 'gid://shopify/PaymentTermsTemplate/4'},
  },
};

test('a company is made with its location and its main contact, and read as it is', async t => {
  const {ask, create, said} = await open(t);
  const made = await create(INPUT);
  assert.deepEqual(said(made), []);
  assert.deepEqual(made.company.contactRoles.nodes.map(({name}) => name), ['Location admin', 'Ordering only']);
  const {companies} = await ask('companies-page', {query: "external_id:'10010'"});
  const [firm] = companies.nodes;
  assert.equal(firm.mainContact.customer.defaultEmailAddress.emailAddress, 'buyer@adatum.example');
  const [place] = firm.locations.nodes;
  assert.equal(place.billingAddress.address1, '1 Dock Road');
  assert.equal(place.taxSettings.taxRegistrationId, 'GB777777771');
  assert.equal(place.buyerExperienceConfiguration.paymentTermsTemplate.name, 'Net 30');
  const {nodes} = await ask('companies-named', {ids: [firm.id, 'gid://shopify/Company/1']});
  assert.deepEqual([nodes[0].name, nodes[1]], ['Adatum Ltd', null]);
});

test('nothing of a company that is refused stands', async t => {
  const {ask, create, said} = await open(t);
  await create(INPUT);
  const twice = await create({...INPUT, companyContact: {email: 'other@adatum.example'}});
  assert.deepEqual(said(twice), ['input.company.externalId TAKEN', 'input.companyLocation.externalId TAKEN']);
  const {company, companyContact} = INPUT;
  assert.deepEqual(said(await create({company: {...company, externalId: '2'}, companyContact})), ['input.companyContact.email TAKEN']);
  assert.deepEqual(said(await create({company: {externalId: '2'}})), ['input.company.name BLANK']);
  const place = {shippingAddress: {countryCode: 'US', zoneCode: 'QQ'}, buyerExperienceConfiguration: {paymentTermsTemplateId: 'gid://shopify/PaymentTermsTemplate/99'}};
  assert.deepEqual(said(await create({company: {name: 'New', externalId: '2'}, companyLocation: place})), [
    'input.companyLocation.buyerExperienceConfiguration.paymentTermsTemplateId RESOURCE_NOT_FOUND',
    'input.companyLocation.shippingAddress.address1 BLANK',
    'input.companyLocation.shippingAddress.zoneCode INVALID',
  ]);
  assert.equal((await ask('companies-page', {query: 'external_id:2'})).companies.nodes.length, 0);
});

test('a customer who stands becomes a contact once, and has one role a place', async t => {
  const {client, ask, create, said} = await open(t);
  const {company} = await create({company: {name: 'Contoso'}});
  const [location] = company.locations.nodes;
  const [admin, ordering] = company.contactRoles.nodes;
  assert.equal(company.mainContact, null);
  const {id: customer} = [...client.peer.stores.get('demo.myshopify.com').objects.values()].find(({__typename, email}) => __typename === 'Customer' && email);
  const assign = async () => (await ask('company-contact-assign', {company: company.id, customer: `gid://shopify/Customer/${customer}`})).companyAssignCustomerAsContact;
  const {companyContact: contact} = await assign();
  assert.deepEqual(said(await assign()), ['companyId INVALID_INPUT']);
  const roles = [{companyContactRoleId: ordering.id, companyLocationId: location.id}];
  const give = async list => (await ask('company-contact-roles', {contact: contact.id, roles: list})).companyContactAssignRoles;
  assert.deepEqual(said(await give(roles)), []);
  assert.deepEqual(said(await give([{...roles[0], companyContactRoleId: admin.id}])), ['rolesToAssign.0 LIMIT_REACHED']);
  await ask('company-main-contact', {company: company.id, contact: contact.id});
  const shown = await client.admin('GET', 'companies/Contoso');
  assert.equal(shown.mainContact.customer, customer);
  assert.deepEqual(shown.locations[0].roles.map(({role}) => role), ['Ordering only']);
});

test('a change of a location moves its own time alone; an address is replaced whole', async t => {
  const {client, ask} = await open(t);
  const made = await client.admin('POST', 'companies', {
    name: 'Fabrikam',
    contact: {email: 'f@fabrikam.example', lastName: 'Fab'},
    locations: [{name: 'Head office', terms: 'Net 30', taxRegistrationId: 'GB1', phone: '+44 20 7946 0000', address: {...CODES.ADDRESS, address2: 'Floor 2'}}, {name: 'Depot'}],
  });
  await client.admin('POST', 'time', {business: '2026-12-01T00:00:00Z'});
  const [office] = made.locations;
  const {companyLocationAssignAddress: answer} = await ask('company-change', {
    company: made.gid,
    location: `gid://shopify/CompanyLocation/${office.id}`,
    input: {},
    card: {buyerExperienceConfiguration: {paymentTermsTemplateId: null}},
    address: {address1: '2 Dock Road', countryCode: 'GB'},
    taxId: '',
    firm: false,
    place: true,
    tax: true,
    terms: true,
  });
  assert.deepEqual(answer.userErrors, []);
  const after = await client.admin('GET', 'companies/Fabrikam');
  assert.equal(after.updatedAt, made.updatedAt);
  assert.deepEqual([after.locations[0].terms, after.locations[0].taxRegistrationId], [null, null]);
  assert.deepEqual([after.locations[0].billingAddress.address2, after.locations[0].shippingAddress.address1], [null, '2 Dock Road']);
  const {companyLocations} = await ask('company-locations-changed', {query: "updated_at:>='2026-12-01T00:00:00Z'"});
  assert.deepEqual(companyLocations.nodes.map(({company}) => company.id), [made.gid]);
});

test('by hand: a company is edited, loses a place, and is deleted; the last place stays', async t => {
  const {client} = await open(t);
  await client.admin('POST', 'companies', {name: 'Relecloud', locations: [{name: 'A'}, {name: 'B'}]});
  await client.admin('POST', 'companies/Relecloud', {note: 'VIP', roles: ['Chef', 'Besteller'], contact: {email: 'r@relecloud.example', lastName: 'R'}});
  await client.admin('POST', 'companies/Relecloud/locations', {name: 'C', address: CODES.ADDRESS});
  await client.admin('DELETE', 'companies/Relecloud/locations/A');
  await client.admin('DELETE', 'companies/Relecloud/locations/B');
  await assert.rejects(client.admin('DELETE', 'companies/Relecloud/locations/C'), /at least one location/);
  const shown = await client.admin('POST', 'companies/Relecloud/locations/C', {terms: 'Net 7', address: {city: 'Leeds'}});
  assert.deepEqual([shown.roles, shown.mainContact.email, shown.locations[0].billingAddress.city], [['Chef', 'Besteller'], 'r@relecloud.example', 'Leeds']);
  await assert.rejects(client.admin('DELETE', `customers/${shown.mainContact.email}`), /contact of a company/);
  await client.admin('DELETE', 'companies/Relecloud');
  await assert.rejects(client.admin('DELETE', 'companies/Fourth%20Coffee'), /has orders/);
  await assert.rejects(client.admin('GET', 'companies/Relecloud'), /no company/);
});

test('terms are those of all shops', async t => {
  const {ask} = await open(t);
  const {paymentTermsTemplates} = await ask('payment-terms-list', {});
  assert.deepEqual(paymentTermsTemplates.slice(1, 4).map(({name}) => name), ['Net 7', 'Net 15', 'Net 30']);
});
