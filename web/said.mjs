// said.mjs - what is said in English and without a code, in another language: details of skips, refusals of what was typed.
//
// They are sentences around names. A language has them in said.LANGUAGE.json, by the English sentence with {} where a name
// stands ({2} in its own sentence is the second name), and one is found again by what stands around its names; a name may be
// a sentence, too. A peer's own words stand in none, and stay as they came.

function compiled([english, own]) {
  let at = 0;
  return {
    pieces: english.split('{}'),
    parts: own.split(/(\{\d*\})/).filter(Boolean).map((part) => (/^\{\d*\}$/.test(part) ? Number(part.slice(1, -1) || (at += 1)) : part)),
  };
}

const letters = (text) => text.replaceAll('{}', '').length;
/** {pieces around the names, parts: texts, and numbers of names} of each, the most telling first. */
export const compile = (texts) => Object.entries(texts).sort(([one], [other]) => letters(other) - letters(one)).map(compiled);

/** The names between the pieces; null where the text is not made of them. */
function namesBetween(pieces, text) {
  const last = pieces.length - 1, end = text.length - pieces[last].length, names = [];
  let at = pieces[0].length;
  if (last === 0) return text === pieces[0] ? names : null;
  if (!text.startsWith(pieces[0]) || !text.endsWith(pieces[last]) || end < at) return null;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return null;
    names.push(text.slice(at, found));
    at = found + piece.length;
  }
  return [...names, text.slice(at, end)];
}

const isSentence = (text) => /[a-z] /i.test(text);
const nameOrSentence = (among, text) => (isSentence(text) ? find(among, text) : null) ?? [{ value: text }];

/** Two sentences, or what was done when one was said, or the field that one is about. */
function findTwo(among, text, between, enough) {
  const at = text.indexOf(between);
  if (at < 1) return null;
  const head = text.slice(0, at), tail = text.slice(at + between.length);
  const first = find(among, head), second = find(among, tail);
  return enough(first, second, head) ? [...(first ?? [{ value: head }]), between, ...(second ?? [{ value: tail }])] : null;
}
const both = (first, second) => first && second;
const either = (first, second, head) => first || (second && !isSentence(head)); // the other half stays as it came

/** As parts: texts, and {value} of each name. Null where no pattern fits. */
export function find(among, text) {
  const two = findTwo(among, text, '; ', both) ?? findTwo(among, text, ': ', both);
  if (two) return two;
  for (const { pieces, parts } of among) {
    const names = namesBetween(pieces, text);
    if (names) return parts.flatMap((part) => (typeof part === 'number' ? nameOrSentence(among, names[part - 1]) : [part]));
  }
  return findTwo(among, text, '; ', either) ?? findTwo(among, text, ': ', either);
}

// ---- the file of a language ----

const KNOWN_MOST = 500;

/** Of this language: find(text), as above. */
export async function readSaid(language) {
  const answer = await fetch(new URL(`said.${language}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`said.${language}.json: ${answer.status}`);
  const among = compile(await answer.json()), known = new Map();
  return (text) => {
    if (!known.has(text)) {
      if (known.size >= KNOWN_MOST) known.clear();
      known.set(text, find(among, text));
    }
    return known.get(text);
  };
}
