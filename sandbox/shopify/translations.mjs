// What of a record can be translated, the digests that say which text a translation is of, and the translations.
import {createHash} from 'node:crypto';
import {Findings, Refusal} from './refusal.mjs';
import {gid} from './store.mjs';

/** The languages of a store that says nothing of its own; the first is its own. */
export const LOCALES = [
  {locale: 'en', name: 'English', primary: true, published: true},
  {locale: 'de', name: 'German', primary: false, published: true},
  {locale: 'fr', name: 'French', primary: false, published: true},
  {locale: 'pt-BR', name: 'Portuguese (Brazil)', primary: false, published: false},
];
const KEYS_AT_ONCE = 100;

const line = (key, value) => ({key, value, type: 'SINGLE_LINE_TEXT_FIELD'});

/** The texts of a record by type: {key, value, type}; texts that are empty are not there. */
const CONTENTS = {
  Product: product => [
    line('title', product.title),
    {key: 'body_html', value: product.descriptionHtml, type: 'HTML'},
    {key: 'handle', value: product.handle, type: 'URI'},
    line('product_type', product.productType),
    {key: 'meta_title', value: product.seo.title, type: 'MULTI_LINE_TEXT_FIELD'},
    {key: 'meta_description', value: product.seo.description, type: 'MULTI_LINE_TEXT_FIELD'},
  ],
  Collection: collection => [
    line('title', collection.title),
    {key: 'body_html', value: collection.descriptionHtml, type: 'HTML'},
    {key: 'handle', value: collection.handle, type: 'URI'},
  ],
  ProductOption: option => [line('name', option.name)],
  ProductOptionValue: value => [line('name', value.name)],
  Metafield: field => [line('value', field.value)],
};

/** Which keys a type has, whether or not there is text now. */
const keysOf = record => CONTENTS[record.__typename](record).map(({key}) => key);
export const digestOf = value => createHash('sha256').update(value).digest('hex');

export const isTranslatable = record => Boolean(record && CONTENTS[record.__typename]);

export const contentOf = (record, locale) =>
  CONTENTS[record.__typename](record)
    .filter(({value}) => value)
    .map(text => ({...text, digest: digestOf(text.value), locale}));

export const translationsOf = (record, locale) =>
  [...(record.translations?.values() ?? [])]
    .filter(entry => entry.locale === locale)
    .map(entry => ({...entry, market: null, outdated: isOutdated(record, entry)}));

const isOutdated = (record, {key, digest}) =>
  !CONTENTS[record.__typename](record).some(text => text.key === key && text.value && digestOf(text.value) === digest);

/** {resourceId, translations: [{locale, key, value, translatableContentDigest}]}: all or nothing; answers them. */
export function registerTranslations(store, key, {resourceId, translations}) {
  const record = store.get(resourceId);
  if (!isTranslatable(record))
    throw new Refusal(['resourceId'], `Resource ${resourceId} does not exist`, 'RESOURCE_NOT_FOUND');
  if (translations.length > KEYS_AT_ONCE)
    throw new Refusal(
      ['resourceId'],
      `Too many keys for resource - maximum ${KEYS_AT_ONCE} per mutation`,
      'TOO_MANY_KEYS_FOR_RESOURCE',
    );
  const findings = new Findings();
  const texts = new Map(CONTENTS[record.__typename](record).map(text => [text.key, text]));
  translations.forEach((input, i) => {
    const at = name => ['translations', i, name];
    const text = texts.get(input.key);
    if (!checkLocale(store, input, at('locale'), findings)) return;
    if (!text)
      return void findings.add(
        at('key'),
        `Key ${input.key} is not a valid translatable field`,
        'INVALID_KEY_FOR_MODEL',
      );
    if (!input.value.trim()) findings.add(at('value'), "Value can't be blank", 'FAILS_RESOURCE_VALIDATION');
    else if (input.value === text.value)
      findings.add(at('value'), 'Value cannot match original content', 'FAILS_RESOURCE_VALIDATION');
    if (!text.value || input.translatableContentDigest !== digestOf(text.value))
      findings.add(
        at('translatableContentDigest'),
        'Translatable content hash is invalid',
        'INVALID_TRANSLATABLE_CONTENT',
      );
  });
  findings.end();
  record.translations ??= new Map();
  const made = translations.map(({locale, key: name, value, translatableContentDigest: digest}) => {
    const entry = {__typename: 'Translation', locale, key: name, value, digest, updatedAt: store.now()};
    record.translations.set(`${locale} ${name}`, entry);
    return {...entry, market: null, outdated: false};
  });
  if (record.updatedAt) store.change(record, {});
  return made;
}

function checkLocale(store, {locale, marketId}, path, findings) {
  const found = store.locales.find(entry => entry.locale === locale);
  if (marketId)
    findings.add(path, "The market corresponding to the `marketId` argument doesn't exist", 'MARKET_DOES_NOT_EXIST');
  else if (found?.primary)
    findings.add(path, "Locale cannot be the same as the shop's primary locale", 'INVALID_LOCALE_FOR_SHOP');
  else if (!found) findings.add(path, 'Locale is not a valid locale for the shop', 'INVALID_LOCALE_FOR_SHOP');
  else return true;
  return false;
}

/** {resourceId, locales, translationKeys}: answers what is gone. */
export function removeTranslations(store, key, {resourceId, locales, translationKeys}) {
  const record = store.get(resourceId);
  if (!isTranslatable(record))
    throw new Refusal(['resourceId'], `Resource ${resourceId} does not exist`, 'RESOURCE_NOT_FOUND');
  const known = keysOf(record);
  const gone = [];
  for (const locale of locales)
    for (const name of translationKeys.filter(entry => known.includes(entry))) {
      const entry = record.translations?.get(`${locale} ${name}`);
      if (!entry) continue;
      gone.push({...entry, market: null, outdated: false});
      record.translations.delete(`${locale} ${name}`);
    }
  return gone;
}

export const resourceOf = record => ({
  __typename: 'TranslatableResource',
  record,
  resourceId: gid(record.__typename, record.id),
});
