// random.mjs - chance that a seed repeats.
import { randomFrom } from '../../sandbox/lib/random.mjs';

export function seeded(seed) {
  const next = randomFrom(seed);
  const below = (bound) => Math.floor(next() * bound);
  return { below, chance: (share) => next() < share, pick: (list) => list[below(list.length)] };
}
