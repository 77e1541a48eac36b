// Latency profiles: `none` answers at once, `real` waits as long as a real peer takes, within 50 %
// either way, drawn by seed.
import {randomFrom} from './random.mjs';

export const PROFILES = ['none', 'real'];

export class Latency {
  /** `table`: kind of call → milliseconds, or a function of the call's size → milliseconds. */
  constructor({clock, profile, seed, table}) {
    this.clock = clock;
    this.profile = profile;
    this.table = table;
    this.random = randomFrom(`latency:${seed}`);
  }

  /** Waits as a real peer would for this kind of call; `size` is, for instance, a number of lines. */
  async wait(kind, size = 0) {
    const ms = this.draw(kind, size);
    if (ms > 0) await this.clock.sleep(ms);
  }

  draw(kind, size = 0) {
    if (this.profile === 'none') return 0;
    const entry = this.table[kind];
    if (entry === undefined) throw new Error(`latency: no entry for ${kind}`);
    const middle = typeof entry === 'function' ? entry(size) : entry;
    return middle * (0.5 + this.random());
  }
}
