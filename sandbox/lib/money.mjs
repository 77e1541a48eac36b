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
