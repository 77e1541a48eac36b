"""Cases by chance for the price of one piece: a buyer's terms, an item, and lines of price lists that often nearly fit.

A case is a JSON object; amounts are texts, "" is blank:
  date                            the work date, "2026-11-26"
  currency                        the buyer's, "" = the local one
  customer, price_group, discount_group, campaigns[]
  line_discounts, include_vat     what the terms say where no line does; are prices wanted with VAT?
  vat_group                       the buyer's VAT business group
  rate                            {amount, local}: so much of the currency is so much local; null = none that day
  unit_precision, amount_precision
  vat[]                           {business, product, percent}
  item                            {units[] {code, quantity}, base_unit, sales_unit, price, cost (local, of a base unit),
                                  includes_vat, price_vat_group (of its price), vat_group (product), discount_group}
  variant, unit, quantity         what is asked for; unit "" = the sales unit, else the base unit
  lines[]                         {source, source_code, asset ("item": this item's, "group", "all"), asset_code, active, sale,
                                  amounts ("price", "discount", "both"), variant, unit, currency, from, to, least, price,
                                  includes_vat, vat_group, line_discounts, discount}
"""
import random

TODAY = '2026-11-26'
DATES = ['2026-11-25', TODAY, TODAY, '2026-11-27']
FROM = ['', '', '', '2026-11-01', TODAY, '2026-11-27']
TO = ['', '', '', '2026-12-31', TODAY, TODAY, '2026-11-25']
UNITS = [('PCS', '1'), ('BOX', '12'), ('PACK', '2.5'), ('GRAM', '0.001')]
PERCENTS = ['20', '19', '7.7', '5.5', '0', '25']


def amount(chance, most=2000):
    """A price as people write it; now and then with all five decimals, now and then nothing."""
    kind = chance.random()
    if kind < 0.03:
        return '0'
    if kind < 0.6:
        return '%d.%02d' % (chance.randrange(most), chance.randrange(100))
    if kind < 0.8:
        return '%d' % chance.randrange(1, most)
    return '%d.%05d' % (chance.randrange(most), chance.randrange(100000))


def maybe(chance, share, value):
    return value if chance.random() < share else ''


def line(chance):
    source = chance.choice(['all', 'all', 'customer', 'campaign', 'price_group', 'price_group', 'discount_group', 'contact'])
    code = {'all': '', 'customer': 'C1', 'campaign': 'CAMP2', 'price_group': 'WEB', 'discount_group': 'B2B', 'contact': 'CT1'}[source]
    if source != 'all' and chance.random() < 0.1:
        code = chance.choice(['', 'OTHER'])
    asset = chance.choices(['item', 'group', 'all'], [8, 3, 3])[0]
    amounts = chance.choice(['price', 'price', 'discount', 'both'])
    return {
        'source': source,
        'source_code': code,
        'asset': asset,
        'asset_code': chance.choice(['TOYS', 'TOYS', 'TOYS', 'FOOD']) if asset == 'group' else '',
        'active': chance.random() < 0.95,
        'sale': chance.random() < 0.97,
        'amounts': amounts,
        'variant': chance.choice(['RED', 'RED', 'RED', 'BLUE']) if chance.random() < 0.4 else '',
        'unit': chance.choice(['PCS', 'BOX', 'PACK']) if chance.random() < 0.2 else '',
        'currency': chance.choice(['EUR', 'EUR', 'EUR', 'USD']) if chance.random() < 0.4 else '',
        'from': chance.choice(FROM),
        'to': chance.choice(TO),
        'least': chance.choice(['0', '0', '0', '0', '0', '1', '1', '2', '2.5', '12', '0.001']),
        'price': amount(chance) if amounts != 'discount' else '0',
        'includes_vat': chance.random() < 0.35,
        'vat_group': chance.choice(['', 'HOME', 'HOME', 'EU', 'EXPORT']),
        'line_discounts': chance.random() < 0.7,
        'discount': chance.choice(['5', '10', '12.5', '33.33333', '66.67', '100', '0']) if amounts != 'price' else '0',
    }


def case(chance):
    groups = ['HOME', 'EU', 'EXPORT']
    products = ['STANDARD', 'REDUCED']
    vat = [
        {'business': business, 'product': product, 'percent': chance.choice(PERCENTS)}
        for business in groups
        for product in products
        if chance.random() < 0.93
    ]
    currency = chance.choice(['', 'EUR'])
    lines = [line(chance) for _ in range(chance.choice([0, 1, 2, 3, 5, 7, 10]))]
    if lines and chance.random() < 0.3:  # a second one that is almost the same
        lines.append(dict(chance.choice(lines), **chance.choice([{'price': amount(chance)}, {'variant': 'RED'}, {'discount': '40'}])))
    return {
        'date': chance.choice(DATES),
        'currency': currency,
        'customer': maybe(chance, 0.6, 'C1'),
        'price_group': maybe(chance, 0.8, 'WEB'),
        'discount_group': maybe(chance, 0.8, 'B2B'),
        'campaigns': chance.choice([[], ['CAMP2'], ['CAMP1', 'CAMP2']]),
        'line_discounts': chance.random() < 0.7,
        'include_vat': chance.random() < 0.5,
        'vat_group': chance.choice(groups),
        'rate': None
        if chance.random() < 0.05
        else {
            'amount': chance.choice(['1', '100', '1.1606', '0.8573']),
            'local': chance.choice(['1', '1', '87.2391', '1.23456']),
        },
        'unit_precision': chance.choice(['0.00001', '0.00001', '0.001', '0.01']),
        'amount_precision': chance.choice(['0.01', '0.01', '0.01', '1', '0.05']),
        'vat': vat,
        'item': {
            'units': [{'code': code, 'quantity': quantity} for code, quantity in UNITS if code == 'PCS' or chance.random() < 0.9],
            'base_unit': 'PCS',
            'sales_unit': maybe(chance, 0.3, 'BOX'),
            'price': amount(chance),
            'cost': amount(chance, 900),
            'includes_vat': chance.random() < 0.3,
            'price_vat_group': chance.choice(['', 'HOME', 'EU']),
            'vat_group': chance.choice(products),
            'discount_group': maybe(chance, 0.7, 'TOYS'),
        },
        'variant': chance.choice(['', 'RED', 'RED']),
        'unit': chance.choice(['', '', 'PCS', 'BOX', 'PACK', 'GRAM', chance.choice(['TON', '', '', ''])]),
        'quantity': chance.choice(['1', '1', '1', '1', '12']),
        'lines': lines,
    }


def cases(seed, count):
    chance = random.Random(seed)
    for _ in range(count):
        yield case(chance)
