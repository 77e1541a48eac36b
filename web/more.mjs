// more.mjs - in another language, what the API brings in English: settings and parameters, explained.
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
