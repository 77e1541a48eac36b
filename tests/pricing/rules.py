"""The price of one piece, worked out a second time: from the written rules alone, with exact fractions, and sharing nothing
with common/pricing.

What a case holds stands in cases.py. `price(case)` gives (result, branches): the result as the program `price-cases` prints
it, and the names of the rules that decided it.

How the rules are read where their words leave room:
 - A line beats another when it names the variant or the currency and the other leaves that blank, and the other names
   nothing that it leaves blank. Lines of which neither beats the other are equals.
 - Of equals with the same amount, and of equal discounts, the first in the list stands.
 - "Only if nothing found" asks for candidates: a line of the item that does not apply keeps no line for all items away.
 - A line or a card that holds VAT and names no business group holds that of the buyer.
 - An amount of nothing needs no conversion.
 - The discount is a share of the rounded unit price.
"""
from fractions import Fraction

# ---- rounding: half away from zero, to a multiple of the precision ----


def rounded(value, precision):
    steps = value / precision
    whole, rest = divmod(abs(steps.numerator), steps.denominator)
    if 2 * rest >= steps.denominator:
        whole += 1
    return (whole if value >= 0 else -whole) * precision


class Refused(Exception):
    """There is no price; the name of the reason."""


# ---- which lines may speak ----


def is_for_buyer(case, line, want):
    kind, code = line['source'], line['source_code']
    if kind == 'all':
        return True
    if code == '':
        return False
    if kind == 'customer':
        return code == case['customer']
    if kind == 'campaign':
        return code in case['campaigns']
    if kind == 'price_group':
        return want == 'price' and code == case['price_group']
    if kind == 'discount_group':
        return want == 'discount' and code == case['discount_group']
    return False


def may_speak(case, line, want, unit, per_unit):
    if not line['active'] or not line['sale']:
        return False
    if line['amounts'] not in (want, 'both'):
        return False
    if line['from'] and case['date'] < line['from']:
        return False
    if line['to'] and line['to'] < case['date']:
        return False
    if line['currency'] and line['currency'] != case['currency']:
        return False
    if line['variant'] and line['variant'] != case['variant']:
        return False
    if line['unit'] and line['unit'] != unit:
        return False
    have = Fraction(case['quantity'])
    if not line['unit']:
        have *= per_unit
    return Fraction(line['least']) <= have and is_for_buyer(case, line, want)


def candidates(case, want, unit, per_unit):
    """Their indexes: of the item and, for discounts, of its discount group; if there are none, of all items."""
    own, everything = [], []
    group = case['item']['discount_group']
    for index, line in enumerate(case['lines']):
        if line['asset'] == 'group':
            if want != 'discount' or not group or line['asset_code'] != group:
                continue
        if not may_speak(case, line, want, unit, per_unit):
            continue
        (everything if line['asset'] == 'all' else own).append(index)
    return own or everything


# ---- one amount in the buyer's terms ----


def vat_percent(case, business):
    for row in case['vat']:
        if row['business'] == business and row['product'] == case['item']['vat_group']:
            return Fraction(row['percent'])
    raise Refused('no_vat')


def in_terms(case, amount, offer, per_unit, branches):
    """An offer's price: tax, then unit, then currency, then rounding."""
    if amount == 0:
        return amount
    inside = offer['vat_group'] or case['vat_group']
    if offer['includes_vat'] and not case['include_vat']:
        percent = vat_percent(case, inside)
        amount = amount / (1 + percent / 100)
        branches.add('vat_out')
    elif case['include_vat'] and not offer['includes_vat']:
        amount = amount * (1 + vat_percent(case, case['vat_group']) / 100)
        branches.add('vat_in')
    elif case['include_vat'] and inside != case['vat_group']:
        amount = amount * (100 + vat_percent(case, case['vat_group'])) / (100 + vat_percent(case, inside))
        branches.add('vat_other')
    if not offer['unit']:
        amount *= per_unit
        if per_unit != 1:
            branches.add('unit_converted')
    if case['currency'] and not offer['currency']:
        amount = exchanged(case, amount)
        branches.add('exchanged')
    return rounded(amount, Fraction(case['unit_precision']))


def exchanged(case, local):
    if not case['rate']:
        raise Refused('no_rate')
    return local * Fraction(case['rate']['amount']) / Fraction(case['rate']['local'])


# ---- the best ----


def beats(one, other):
    """Does `one` name something that `other` leaves blank, and not the other way round?"""
    more = any(one[name] and not other[name] for name in ('variant', 'currency'))
    less = any(other[name] and not one[name] for name in ('variant', 'currency'))
    return more and not less


def best_price(case, unit, per_unit):
    lines = case['lines']
    speaking = candidates(case, 'price', unit, per_unit)
    offers = []
    for index in speaking:
        how = set()
        offers.append((in_terms(case, Fraction(lines[index]['price']), lines[index], per_unit, how), index, how))
    unbeaten = [offer for offer in offers if not any(beats(lines[rival], lines[offer[1]]) for rival in speaking)]
    return min(unbeaten, key=lambda offer: (offer[0], offer[1])) if unbeaten else None


def best_discount(case, unit, per_unit):
    best, chosen = Fraction(0), -1
    for index in candidates(case, 'discount', unit, per_unit):
        percent = Fraction(case['lines'][index]['discount'])
        if percent > best:
            best, chosen = percent, index
    return best, chosen


# ---- the answer ----


def unit_of(case):
    item = case['item']
    code = case['unit'] or item['sales_unit'] or item['base_unit']
    for unit in item['units']:
        if unit['code'] == code and Fraction(unit['quantity']) > 0:
            return code, Fraction(unit['quantity'])
    raise Refused('no_unit')


def price(case):
    branches = set()
    try:
        return worked_out(case, branches), branches
    except Refused as why:
        return {'answer': str(why)}, {str(why)}


def worked_out(case, branches):
    item = case['item']
    unit, per_unit = unit_of(case)
    amount_precision, unit_precision = Fraction(case['amount_precision']), Fraction(case['unit_precision'])
    cost = Fraction(item['cost']) * per_unit
    if case['currency'] and cost:
        cost = exchanged(case, cost)
    chosen = best_price(case, unit, per_unit)
    if chosen:
        unit_price, index, how = chosen
        branches |= how
        allowed = case['lines'][index]['line_discounts']
        say_line(case, case['lines'][index], branches)
    else:
        card = {'includes_vat': item['includes_vat'], 'vat_group': item['price_vat_group'], 'unit': '', 'currency': ''}
        unit_price, index = in_terms(case, Fraction(item['price']), card, per_unit, branches), -1
        allowed = case['line_discounts']
        branches.add('card')
    percent, discount_line = best_discount(case, unit, per_unit)
    if discount_line >= 0 and not allowed:
        branches.add('refused_by_line' if chosen else 'refused_by_context')
        percent, discount_line = Fraction(0), -1
    if discount_line >= 0:
        branches.add('discount_' + {'item': 'own', 'group': 'group', 'all': 'all'}[case['lines'][discount_line]['asset']])
        if case['lines'][discount_line]['to'] == case['date']:
            branches.add('discount_ends_today')
    whole = rounded(unit_price, amount_precision)
    line_amount = whole - rounded(whole * percent / 100, amount_precision)
    branches.add('compare_at' if unit_price > line_amount else 'no_compare_at')
    return {
        'answer': 'done',
        'unit_price': unit_price,
        'percent': percent,
        'price': line_amount,
        'compare_at': unit_price if unit_price > line_amount else Fraction(0),
        'cost': rounded(cost, unit_precision),
        'line': index,
        'discount_line': discount_line,
    }


def say_line(case, line, branches):
    named = [name for name in ('variant', 'currency') if line[name]]
    branches.add('names_' + ('both' if len(named) == 2 else named[0] if named else 'neither'))
    branches.add('for_' + line['source'])
    if line['to'] == case['date']:
        branches.add('ends_today')
    if line['from'] == case['date']:
        branches.add('starts_today')
    if line['asset'] == 'all':
        branches.add('all_items')
