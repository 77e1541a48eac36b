// $metadata: the EDMX of one root, made from the entity table so that what it says is what is served.
import {ENTITIES, ENUMS, encodeMember, setsOf} from './entities.mjs';

const EDM = {
  C: 'Edm.String',
  T: 'Edm.String',
  G: 'Edm.Guid',
  N: 'Edm.Decimal',
  I: 'Edm.Int32',
  B: 'Edm.Boolean',
  D: 'Edm.Date',
  DT: 'Edm.DateTimeOffset',
};

function propertyXml(property) {
  const type = property.kind === 'E' ? `Microsoft.NAV.${property.enum}` : EDM[property.kind];
  const length = property.length ? ` MaxLength="${property.length}"` : '';
  const scale = property.kind === 'N' ? ' Scale="Variable"' : '';
  const nullable = property.name === 'id' || property.name === 'No' ? ' Nullable="false"' : '';
  return `<Property Name="${property.name}" Type="${type}"${nullable}${length}${scale}/>`;
}

function navigationXml([name, target]) {
  const type = `Microsoft.NAV.${ENTITIES.get(target.set).type}`;
  return target.many
    ? `<NavigationProperty Name="${name}" Type="Collection(${type})" ContainsTarget="true"/>`
    : `<NavigationProperty Name="${name}" Type="${type}" ContainsTarget="true"/>`;
}

function entityXml(entity) {
  const navigation =
    entity.set === 'companies'
      ? setsOf('api')
          .filter(other => other.set !== 'companies' && !other.hidden)
          .map(other => [other.set, {set: other.set, many: true}])
      : [...entity.navigation];
  return `<EntityType Name="${entity.type}"><Key><PropertyRef Name="${entity.page ? entity.keys[0] : 'id'}"/></Key>${entity.properties.map(propertyXml).join('')}${navigation.map(navigationXml).join('')}</EntityType>`;
}

const enumXml = ([name, members]) =>
  `<EnumType Name="${name}">${members.map((member, value) => `<Member Name="${encodeMember(member)}" Value="${value}"/>`).join('')}</EnumType>`;

const actionsXml = entity =>
  entity.actions
    .map(
      action =>
        `<Action Name="${action}" IsBound="true"><Parameter Name="bindingParameter" Type="Microsoft.NAV.${entity.type}"/></Action>`,
    )
    .join('');

function setXml(entity) {
  const bindings = [...entity.navigation]
    .map(([name, target]) => `<NavigationPropertyBinding Path="${name}" Target="${target.set}"/>`)
    .join('');
  return `<EntitySet Name="${entity.set}" EntityType="Microsoft.NAV.${entity.type}">${bindings}</EntitySet>`;
}

export function metadataXml(root) {
  const entities = setsOf(root);
  return (
    '<?xml version="1.0" encoding="utf-8"?>\n<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>' +
    '<Schema Namespace="Microsoft.NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">\n' +
    entities.map(entityXml).join('\n') +
    '\n' +
    Object.entries(ENUMS).map(enumXml).join('\n') +
    '\n' +
    entities.map(actionsXml).join('') +
    `\n<EntityContainer Name="default">${entities.filter(({hidden}) => !hidden).map(setXml).join('')}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`
  );
}
