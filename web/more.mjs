// more.mjs - in another language, what the API brings in English: settings and parameters, explained; what doctor finds.
//
// They are many and few pages show them, so a language has them in a file of its own, read when such a page is opened.
import { language } from './text.mjs';

let texts = {};
let loaded = '';

export async function loadMore() {
  const wanted = language;
  if (loaded === wanted || wanted === 'en') return;
  const answer = await fetch(new URL(`more.${wanted}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`more.${wanted}.json: ${answer.status}`);
  texts = await answer.json();
  loaded = wanted;
}

/** The text of this code in the reader's language; without one, as it came. */
export const brought = (code, text) => (language !== 'en' && texts[code]) || text || '';

/** The same with its values, as parts: texts, and what `show` makes of a value. Null where it is not told, or a value of it is missing. */
export function broughtParts(code, values, show) {
  if (language === 'en' || !texts[code]) return null;
  const parts = texts[code].split(/\{(\w+)\}/); // every second is a value's name
  if (parts.some((part, index) => index % 2 && values[part] === undefined)) return null;
  return parts.map((part, index) => (index % 2 ? show(part, values[part]) : part));
}
