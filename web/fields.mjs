// fields.mjs - fields of forms: each with a stable id, its explanation and its error, which a reader hears with it.
import { el } from './ui.mjs';

function wrapped(id, title, { help, error, kind }, ...inside) {
  return el('div', { class: kind ? `field ${kind}` : 'field', key: id }, el('label', { for: id }, title), ...inside,
    help && el('p', { class: 'help', id: `${id}-help` }, help),
    error && el('p', { class: 'wrong', id: `${id}-error` }, error));
}

const about = (id, { help, error }) => ({
  'aria-describedby': [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ') || undefined,
  'aria-invalid': error ? 'true' : undefined,
});

/** A choice: [[value, label, attributes]]. */
export function choice(id, title, choices, { value, help, error, ...more } = {}) {
  return wrapped(id, title, { help, error }, el('select', { id, name: id, ...about(id, { help, error }), ...more },
    choices.map(([key, label, attributes]) => el('option', { value: key, selected: String(key) === String(value ?? ''), ...attributes }, label))));
}

export function input(id, title, { help, error, ...more } = {}) {
  return wrapped(id, title, { help, error }, el('input', { id, name: id, autocomplete: 'off', spellcheck: 'false', ...about(id, { help, error }), ...more }));
}

export function area(id, title, { help, error, value = '', ...more } = {}) {
  return wrapped(id, title, { help, error }, el('textarea', { id, name: id, autocomplete: 'off', spellcheck: 'false', rows: 3, ...about(id, { help, error }), ...more }, value));
}

export function check(id, title, { help, error, ...more } = {}) {
  return wrapped(id, title, { help, error, kind: 'check' }, el('input', { id, name: id, type: 'checkbox', ...about(id, { help, error }), ...more }));
}

/** A number and, where it has one, its unit beside it. */
export function number(id, title, { help, error, unit, ...more } = {}) {
  const count = el('input', { id, name: id, inputmode: 'numeric', autocomplete: 'off', ...about(id, { help, error }), ...more });
  if (!unit) return wrapped(id, title, { help, error }, count);
  const { value, label, choices, ...others } = unit;
  return wrapped(id, title, { help, error }, el('div', { class: 'span' }, count,
    el('select', { id: `${id}-unit`, 'aria-label': label, ...others },
      choices.map(([key, text]) => el('option', { value: key, selected: key === value }, text)))));
}

/** Shows in a field what the page says, not what was typed there. */
export function showAgain(node) {
  if (!node) return;
  if (node.type === 'checkbox') node.checked = node.defaultChecked;
  else if (node.options) for (const option of node.options) option.selected = option.defaultSelected;
  else node.value = node.defaultValue;
}

/** Which field a refusal is about: its values say so, or the first of the known names in its text. */
export function problemField(problem, names) {
  const told = problem.values?.setting ?? problem.values?.field;
  if (told) return told;
  const words = problem.message.slice(0, 120).match(/[a-z][a-z_]*/g) ?? [];
  return words.find((word) => names.includes(word)) ?? '';
}
