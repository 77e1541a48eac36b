// Amounts as whole pennies: the sandbox never computes money in floating point.

/** '12.5' → 1250; half a penny and more is rounded away from zero. */
export function pennies(amount) {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(amount)) ?? bad(amount);
  const rounded = Number(whole) * 100 + Number(`${fraction}00`.slice(0, 2)) + (Number(fraction[2] ?? 0) >= 5 ? 1 : 0);
  return sign ? -rounded : rounded;
}

/** 1250 → '12.50' */
export function amountText(value) {
  const digits = String(Math.abs(value)).padStart(3, '0');
  return `${value < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** value × numerator / denominator, rounded half away from zero. */
export function share(value, numerator, denominator) {
  const exact = BigInt(value) * BigInt(numerator);
  const half = BigInt(Math.abs(denominator));
  const negative = exact < 0n !== denominator < 0;
  const magnitude = (exact < 0n ? -exact : exact) * 2n + half;
  const quotient = Number(magnitude / (2n * half));
  return negative && quotient !== 0 ? -quotient : quotient;
}

/** The tax inside a gross amount at `percent`. */
export const taxInside = (gross, percent) => share(gross, Math.round(percent * 100), 10000 + Math.round(percent * 100));

function bad(amount) {
  throw new Error(`not an amount: ${amount}`);
}

/** Decimals of the currencies that have not two. */
const DIGITS = {
  BHD: 3,
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  IQD: 3,
  ISK: 0,
  JOD: 3,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  PYG: 0,
  RWF: 0,
  TND: 3,
  UGX: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
};
export const digitsOf = currency => DIGITS[currency] ?? 2;

/** '12.5' → 1250 at two digits, 13 at none; half a unit and more is rounded away from zero. */
export function minorUnits(amount, digits) {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(amount)) ?? bad(amount);
  const kept = `${fraction}${'0'.repeat(digits)}`.slice(0, digits);
  const units = Number(whole) * 10 ** digits + Number(kept || 0) + (Number(fraction[digits] ?? 0) >= 5 ? 1 : 0);
  return sign && units !== 0 ? -units : units;
}

/** 1250 → '12.5' at two digits: as many decimals as the number needs, at least one. */
export function unitsText(value, digits) {
  const text = String(Math.abs(value)).padStart(digits + 1, '0');
  const fraction = text.slice(text.length - digits).replace(/0+$/, '');
  const whole = digits === 0 ? text : text.slice(0, -digits);
  return `${value < 0 ? '-' : ''}${whole}.${digits === 0 || fraction === '' ? '0' : fraction}`;
}
