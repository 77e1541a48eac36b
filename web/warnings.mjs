// warnings.mjs - entries that change the same records from different categories: who, what, by which setting, and what ends it.
import { t } from './text.mjs';
import { actions } from './actions.mjs';
import { el, said, sign } from './ui.mjs';
import { brought, loadMore } from './more.mjs';

const titles = new Map(); // of settings, in English
/** What settings are called, for `cureOf` and for whoever tells warnings. */
export async function readTitles(view) {
  const [{ settings }] = await Promise.all([view.getOr({ settings: [] }, 'settings'), loadMore()]);
  for (const { name, title } of settings) titles.set(name, title);
}

/** The warnings of a list, with what telling them needs. */
export async function readWarnings(view, query = '') {
  const { warnings } = await view.getOr({ warnings: [] }, `warnings${query}`);
  if (warnings.some((warning) => warning.setting)) await readTitles(view);
  return warnings;
}

const settingTitle = (setting) => brought(`title.${setting}`, titles.get(setting) ?? setting);

/** What ends it, by the names that people know. */
export const cureOf = (action) => (action.values?.setting
  ? { ...action, values: { ...action.values, setting: settingTitle(action.values.setting) } } : action);

export function warningItem(view, warning) {
  const { values = {}, setting } = warning;
  const category = (name) => name || t('entries.no_category');
  const told = { ...values, first_category: category(values.first_category), second_category: category(values.second_category),
    family: t(`family.${values.family}`, {}, values.family) };
  return el('li', { key: `${warning.code} ${(warning.entries ?? []).map((row) => row.id).join(' ')} ${warning.family}` },
    el('p', {}, sign('yellow'), ' ', said('warning', { ...warning, values: told }),
      setting && [' ', t('warning.by_setting', { setting: settingTitle(setting), shop: values.shop })]),
    actions(view, (warning.actions ?? []).map(cureOf)));
}
