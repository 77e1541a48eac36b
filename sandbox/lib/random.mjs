// Seeded randomness: the same seed gives the same world, latencies and fault draws on every machine.

/** A generator of numbers in [0, 1) (mulberry32), started from a number or any text. */
export function randomFrom(seed) {
  let state = typeof seed === 'number' ? seed >>> 0 : hashOf(String(seed));
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A 32-bit hash of a text (FNV-1a with a final mix), for seeds and for stable ids. */
function hashOf(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}

/** A UUID that depends on its name only. */
export function uuidOf(name) {
  let hex = '';
  for (let part = 0; part < 4; part++) hex += hashOf(`${part}:${name}`).toString(16).padStart(8, '0');
  const variant = (8 + (parseInt(hex[16], 16) & 3)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export const pick = (random, list) => list[Math.floor(random() * list.length)];
export const between = (random, low, high) => low + Math.floor(random() * (high - low + 1));
