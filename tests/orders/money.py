"""money.py - amounts as whole minor units, rounded half away from zero; no float, no shared context.

A currency's minor unit is what its smallest amount in Shopify is: 0.01 EUR, 1 JPY, 0.001 KWD. All sums of one
currency are integers of it, so that adding is exact and rounding happens only where a rule says so.
"""
NONE_DIGITS = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
THREE_DIGITS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
SCALES = [10 ** digits for digits in range(6)]


def digits_of(currency):
    return 0 if currency in NONE_DIGITS else 3 if currency in THREE_DIGITS else 2


def divided(numerator, denominator):
    """numerator / denominator as a whole number, half away from zero; the denominator is positive."""
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def split_at(text, digits):
    """'12.5' at two digits is 1250; and whether anything was cut off."""
    negative = text.startswith("-")
    whole, _, fraction = (text[1:] if negative else text).partition(".")
    if len(fraction) <= digits:
        value = int(whole) * 10 ** digits + (int(fraction) * 10 ** (digits - len(fraction)) if fraction else 0)
        finer = False
    else:
        value = int(whole + fraction[:digits])
        finer = fraction[digits:].strip("0") != ""
    return (-value if negative else value), finer


def text_of(units, digits, shortest=True):
    """Shopify writes 12.5 and 12.50 alike; the shortest form has no zeros at its end, and no point without need."""
    if not digits:
        return str(units)
    sign, units = ("-", -units) if units < 0 else ("", units)
    scale = SCALES[digits]
    if shortest and units % scale == 0:
        return f"{sign}{units // scale}"
    text = f"{sign}{units // scale}.{units % scale:0{digits}d}"
    return text.rstrip("0") if shortest else text
