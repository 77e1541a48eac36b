// schedule.mjs - when an entry runs: in the reader's words, and between a form's fields and the API's. Pure.
import { locale, span, t } from './text.mjs';

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DAY_MS = 86_400_000;
const MONDAY = Date.UTC(2026, 0, 5);

/** "Mon" in the reader's language. */
export const dayName = (index, style = 'short') =>
  new Intl.DateTimeFormat(locale, { weekday: style, timeZone: 'UTC' }).format(MONDAY + index * DAY_MS);

/** "mon-wed,sat" → [0, 1, 2, 5]; "" → [] */
export function daysOf(text) {
  return (text ?? '').split(',').filter(Boolean).flatMap((part) => {
    const [from, to = from] = part.trim().toLowerCase().split('-').map((day) => DAYS.indexOf(day));
    const days = [];
    for (let day = from; day >= 0 && to >= 0; day = (day + 1) % 7) {
      days.push(day);
      if (day === to) break;
    }
    return days;
  }).sort();
}

/** [0, 1, 2] → "mon,tue,wed" */
export const daysText = (days) => days.map((day) => DAYS[day]).join(',');

/** "Mon–Fri", "Mon, Wed" */
function daysShown(text) {
  const days = daysOf(text);
  const row = days.length > 2 && days.at(-1) - days[0] === days.length - 1;
  return row ? `${dayName(days[0])}–${dayName(days.at(-1))}` : days.map((day) => dayName(day)).join(', ');
}

/** "every 15 min, Mon–Fri, 08:00–18:00" */
export function rhythm(entry) {
  if (entry.schedule === 'manual') return t('entries.when_manual');
  if (entry.schedule === 'formula') return [t('entries.when_formula'), entry.formula, entry.at_time].filter(Boolean).join(' ');
  if (entry.schedule !== 'every') return t('entries.when_once');
  return [t('entries.when_every', { span: span(entry.every_ms) }), entry.days && daysShown(entry.days), entry.window?.replace('-', '–')]
    .filter(Boolean).join(', ');
}

// ---- spans: a number and its unit ----

export const UNITS = [['day', DAY_MS], ['hour', 3_600_000], ['minute', 60_000], ['second', 1000]];
/** 5400000 → {count: 90, unit: 'minute'} */
export function spanParts(ms) {
  const [unit, size] = UNITS.find(([, size_]) => ms && ms % size_ === 0) ?? ['minute', 60_000];
  return { count: ms ? ms / size : '', unit };
}
export const spanOf = (count, unit) => Math.round(Number(count) * Object.fromEntries(UNITS)[unit]);
export const unitName = (unit, count = 2) => {
  const parts = new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).formatToParts(count);
  return parts.find((part) => part.type === 'unit')?.value ?? unit;
};

// ---- times of day in the entry's zone ----

const parts = (ms, timeZone) => Object.fromEntries(new Intl.DateTimeFormat('en-GB', {
  timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
}).formatToParts(ms).map((part) => [part.type, part.value]));

/** What a clock there shows, as <input type=datetime-local> wants it. */
export function localText(ms, timeZone) {
  if (!ms) return '';
  const { year, month, day, hour, minute, second } = parts(ms, timeZone);
  return `${year}-${month}-${day}T${hour}:${minute}${second === '00' ? '' : `:${second}`}`;
}

/** When a clock there shows that. A time that a change of clocks leaves out is the one an hour later. */
export function instant(text, timeZone) {
  if (!text) return 0;
  const wanted = Date.parse(`${text}Z`);
  const shows = (ms) => Date.parse(`${localText(ms, timeZone)}Z`);
  const first = wanted - (shows(wanted) - wanted);
  return first - (shows(first) - wanted) || first;
}

/** "Mon, 30 Nov 2026, 08:00" there. */
export const slotText = (ms, timeZone) => new Intl.DateTimeFormat(locale, {
  timeZone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit',
  ...(ms % 60_000 ? { second: '2-digit' } : {}),
}).format(ms);

export const zoneKnown = (name) => {
  try { return Boolean(new Intl.DateTimeFormat('en', { timeZone: name })); } catch { return false; }
};
