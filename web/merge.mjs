// merge.mjs - somebody else has saved first (412): what stands now against what was typed here, field by field.
import { t } from './text.mjs';
import { button, el, name, sign } from './ui.mjs';

const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/**
 * What differs from `base`, which the person began with: {key, mine, theirs, both} each. Only where both have changed
 * one field is there something to choose; elsewhere each keeps what it has done.
 */
export function differences(base, mine, theirs) {
  return [...new Set([...Object.keys(base), ...Object.keys(theirs)])]
    .filter((key) => !same(base[key], theirs[key]) && !same(mine[key], theirs[key]))
    .map((key) => ({ key, base: base[key], mine: mine[key], theirs: theirs[key], both: !same(base[key], mine[key]) }));
}

/** Where the keyboard goes on: to what is left to choose, or to what says that nothing is. */
export const focusChanges = () => (document.querySelector('#merge button') ?? document.getElementById('merge'))?.focus();

/** The list of them: `title` and `text` say a field and a value; `take` puts theirs into the form. */
export function changesList(rows, { title, text, take }) {
  const told = (key, value) => { const shown = text(key, value); return shown === '' ? t('merge.empty') : name(shown); };
  const takeIt = t('merge.take'), keepIt = t('merge.keep');
  return el('div', { class: 'sheet merge', key: 'merge', id: 'merge', tabindex: '-1', role: 'group', 'aria-labelledby': 'merge-title' },
    el('h2', { id: 'merge-title' }, sign('yellow'), ' ', t('merge.title')),
    el('p', { class: 'quiet' }, rows.length ? t('merge.how') : t('merge.settled')),
    rows.length > 0 && el('ul', { class: 'rows' }, rows.map((row) => el('li', { key: row.key, 'data-field': row.key },
      el('p', {}, el('strong', {}, title(row.key)), ': ', t(row.both ? 'merge.both' : 'merge.theirs_only')),
      el('dl', { class: 'facts' },
        el('div', {}, el('dt', {}, t('merge.stands')), el('dd', {}, told(row.key, row.theirs))),
        row.both && el('div', {}, el('dt', {}, t('merge.mine')), el('dd', {}, told(row.key, row.mine)))),
      row.both && el('div', { class: 'actions' },
        button(keepIt, () => take(row, false), { 'aria-label': `${keepIt}: ${title(row.key)}` }),
        button(takeIt, () => take(row, true), { 'aria-label': `${takeIt}: ${title(row.key)}` }))))));
}
