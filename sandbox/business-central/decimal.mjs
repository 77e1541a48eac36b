// Exact decimal numbers on BigInt, as Business Central's Decimal: no binary fractions anywhere.

const TEXT = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const MAX_DIGITS = 18; // what Business Central's Decimal carries safely

export class Dec {
  /** value = units / 10^scale */
  constructor(units, scale) {
    this.units = units;
    this.scale = scale;
  }

  /** Reads `19.90`, `-3`, `1e2`; null when the text is no decimal or has too many digits. */
  static read(text) {
    const found = TEXT.exec(text);
    if (!found) return null;
    const [, sign, whole, fraction = '', exponent = '0'] = found;
    let units = BigInt(sign + whole + fraction);
    let scale = fraction.length - Number(exponent);
    if (scale < 0) {
      units *= 10n ** BigInt(-scale);
      scale = 0;
    }
    const value = new Dec(units, scale).reduced();
    return String(abs(value.units)).length > MAX_DIGITS ? null : value;
  }

  static of(value) {
    const dec = value instanceof Dec ? value : Dec.read(String(value));
    if (dec === null) throw new Error(`not a decimal: ${value}`);
    return dec;
  }

  reduced() {
    let {units, scale} = this;
    while (scale > 0 && units % 10n === 0n) {
      units /= 10n;
      scale--;
    }
    return new Dec(units, scale);
  }

  unitsAt(scale) {
    return this.units * 10n ** BigInt(scale - this.scale);
  }

  plus(other) {
    const scale = Math.max(this.scale, other.scale);
    return new Dec(this.unitsAt(scale) + other.unitsAt(scale), scale);
  }

  minus(other) {
    return this.plus(other.negated());
  }

  times(other) {
    return new Dec(this.units * other.units, this.scale + other.scale);
  }

  negated() {
    return new Dec(-this.units, this.scale);
  }

  /** The nearest multiple of `precision` (0.01, 0.05, 1); halves go away from zero. */
  rounded(precision) {
    return this.dividedBy(ONE, precision);
  }

  /** this / divisor as the nearest multiple of `precision`, in one rounding. */
  dividedBy(divisor, precision) {
    let numerator = this.units * 10n ** BigInt(divisor.scale + precision.scale);
    let denominator = divisor.units * precision.units * 10n ** BigInt(this.scale);
    if (denominator === 0n) throw new Error('division by zero');
    if (denominator < 0n) [numerator, denominator] = [-numerator, -denominator];
    const half = (2n * abs(numerator) + denominator) / (2n * denominator);
    return new Dec((numerator < 0n ? -half : half) * precision.units, precision.scale);
  }

  compare(other) {
    const scale = Math.max(this.scale, other.scale);
    const [a, b] = [this.unitsAt(scale), other.unitsAt(scale)];
    return a < b ? -1 : a > b ? 1 : 0;
  }

  isZero() {
    return this.units === 0n;
  }

  isNegative() {
    return this.units < 0n;
  }

  toString() {
    const {units, scale} = this.reduced();
    if (scale === 0) return String(units);
    const digits = String(abs(units)).padStart(scale + 1, '0');
    return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  }
}

const abs = value => (value < 0n ? -value : value);
const ONE = new Dec(1n, 0);

export const ZERO = new Dec(0n, 0);
export const HUNDRED = new Dec(100n, 0);
export const sum = list => list.reduce((total, value) => total.plus(value), ZERO);
