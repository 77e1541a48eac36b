"""generate.py - nasty orders, as Shopify would answer them, from a seed and a number.

    python3 tests/orders/generate.py --seed 1 --count 10 [--first 0]      orders as JSON lines

Order N of a seed is always the same. The shape is that of schemas/shopify/orders-by-ids.graphql with refunds
(orders-refunds.graphql) and returns (orders-returns.graphql) whole on it. Amounts stand in two columns, shop and
presentment; both are reckoned by the same steps, each rounded in its own currency, so that in either of them lines,
taxes and totals agree to the last unit.

Shopify's rules, as its schema and its answers show them:
 - a tax is rounded for each tax line of each line, on what the line costs after its discounts; it is inside the prices
   or on top of them; an exempt order has none;
 - a discount of the order is spread over its lines by value and leaves nothing over; a line's allocations and taxes are
   those of all its units, removed and refunded ones among them;
 - what an edit takes off appears as a refund of nothing: its lines have their worth, its total is 0. totalPriceSet goes
   on counting those units ("before returns"), currentTotalPriceSet counts what is still on the order;
 - a removed shipping line is not in any total; cash rounding is on top of totals, duties and fees are in them, unless
   the prices include the duties.
"""
import argparse
import json
import random
import sys
from dataclasses import dataclass, field

from money import digits_of, divided

SHOP_CURRENCIES = ["GBP", "EUR", "USD", "EUR", "GBP", "CAD", "CHF", "SEK", "JPY", "KRW", "KWD", "BHD", "TND"]
CUSTOMER_CURRENCIES = ["EUR", "USD", "GBP", "JPY", "KWD", "CHF", "SEK", "ISK", "OMR", "CLP", "DKK"]
WORTH = {"GBP": 1270, "EUR": 1080, "USD": 1000, "CAD": 730, "CHF": 1120, "SEK": 95, "DKK": 145, "JPY": 7, "KRW": 1,
         "KWD": 3250, "BHD": 2650, "OMR": 2600, "TND": 320, "ISK": 7, "CLP": 1}  # thousandths of a dollar
CASH = {"CHF": 5, "SEK": 100, "DKK": 50, "CAD": 5, "EUR": 5, "JPY": 10, "KWD": 5, "GBP": 5, "USD": 5}  # smallest coin, in units
# Each way of taxing is a list of (name, millionths).
TAXES = [[("VAT", 200000)], [("VAT", 200000)], [("MwSt", 190000)], [("MwSt", 70000)], [("TVA", 55000)], [("TVA", 21000)],
         [("Moms", 250000)], [("IVA", 100000)], [("GST", 50000), ("PST", 70000)], [("GST", 50000), ("QST", 99750)],
         [("State", 62500), ("County", 10000), ("City", 2500)], [("New York", 88750)], [("State", 72500), ("District", 1250)],
         [("JCT", 80000)], [("Zero", 0)], [("Luxury", 381000)], [("Thin", 1)]]
TITLES = ["Standard", "Express", "DHL, signed for", "Postage", "Freight"]
WORDS = ["Mug", "Lamp", "Täschchen", "Ring \"Eve\"", "Box, large", "椅子", "T-Light", "Apron", "Bunting", "Clock"]
RESTOCKS = ["RETURN", "RETURN", "RETURN", "NO_RESTOCK", "NO_RESTOCK", "CANCEL", "LEGACY_RESTOCK"]


@dataclass
class Line:
    id: int
    quantity: int
    price: tuple
    taxes: list
    discounts: list = field(default_factory=list)
    kind: str = "product"  # custom, tip, gift
    title: str = ""
    gone: int = 0  # units that edits took off
    back: int = 0  # units that came back, or were paid back
    is_exchange: bool = False
    amounts: list = field(default_factory=list)  # of the taxes of all units

    def left(self):
        return self.quantity - self.gone - self.back


@dataclass
class Shipping:
    id: int
    title: str
    price: tuple
    taxes: list
    discounts: list
    removed: bool = False
    back: tuple = (0, 0)
    amounts: list = field(default_factory=list)


def plus(a, b):
    return (a[0] + b[0], a[1] + b[1])


def less(a, b):
    return (a[0] - b[0], a[1] - b[1])


def total(sums):
    shop = shown = 0
    for a, b in sums:
        shop += a
        shown += b
    return (shop, shown)


NOTHING = (0, 0)


class Maker:
    """One order. `self.n` makes all of it: the same seed and number give the same order."""

    def __init__(self, seed, number):
        self.n = random.Random(seed * 1_000_003 + number)
        self.number = number
        self.id = 5_500_000_000_000 + number
        self.ids = self.id * 1000
        self.refunds = []
        self.returns = []
        self.transactions = []
        self.leftover = NOTHING
        self.edited = False

    def chance(self, share):
        return self.n.random() < share

    def next_id(self):
        self.ids += 1
        return self.ids

    # ---- sums of two currencies ----

    def money(self, units):
        """Units of the shop's currency as a sum."""
        return (units, units if self.same else divided(units * self.rate[0], self.rate[1]))

    def spread_over(self, amount, worths):
        """Shares by worth; nothing is left over."""
        shares, seen, given = [], NOTHING, NOTHING
        whole = total(worths)
        for worth in worths:
            seen = plus(seen, worth)
            so_far = tuple(divided(amount[i] * seen[i], whole[i]) if whole[i] else 0 for i in (0, 1))
            shares.append(less(so_far, given))
            given = so_far
        return shares

    def taxes_on(self, worth, taxes):
        whole = 1_000_000 + (sum(rate for _, rate in taxes) if self.included else 0)
        return [(divided(worth[0] * rate, whole), divided(worth[1] * rate, whole)) for _, rate in taxes]

    # ---- lines ----

    def value(self, line, quantity):
        """What the first `quantity` units cost after discounts; the order's own discount is spread over units alike."""
        shop, shown = line.price
        if not line.discounts:
            return (shop * quantity, shown * quantity)
        off, shown_off = total(line.discounts)
        return (shop * quantity - divided(off * quantity, line.quantity),
                shown * quantity - divided(shown_off * quantity, line.quantity))

    def tax(self, line, quantity):
        if quantity == line.quantity and line.amounts:
            return total(line.amounts)
        return total(self.taxes_on(self.value(line, quantity), line.taxes))

    def shipping_value(self, line):
        return less(line.price, total(line.discounts))

    def make_shop(self):
        n = self.n
        self.shop = n.choice(SHOP_CURRENCIES)
        self.shown = n.choice(CUSTOMER_CURRENCIES) if self.chance(0.4) else self.shop
        self.same = self.shown == self.shop
        self.digits = (digits_of(self.shop), digits_of(self.shown))
        wobble = n.randrange(900_000, 1_100_000)
        self.rate = (WORTH[self.shop] * wobble * 10 ** self.digits[1], WORTH[self.shown] * 1_000_000 * 10 ** self.digits[0])
        self.included = self.chance(0.5)
        self.exempt = self.chance(0.06)
        ways = [n.choice(TAXES)]
        while self.chance(0.45) and len(ways) < 5:
            ways.append(n.choice(TAXES))
        if self.chance(0.06):
            ways = [[]]
        self.ways = ways

    def price(self):
        """Of about 0.01 to 1,000 dollars; some end in 99, some are nothing."""
        n = self.n
        if self.chance(0.03):
            return 0
        dollars = n.choice([n.randrange(1, 100), n.randrange(100, 5000), n.randrange(1000, 100_000)])  # cents
        unit = 10 ** self.digits[0]
        value = divided(dollars * 10 * unit, WORTH[self.shop])
        if self.chance(0.3) and unit > 1:
            value = value // unit * unit + unit - 1
        return max(1, value)

    def make_line(self, kind="product"):
        n = self.n
        taxed = kind in ("product", "custom") and not self.exempt and self.chance(0.95)
        quantity = 1 if kind == "tip" else n.choice([1, 1, 1, 2, 2, 3, 4, 5, 6, 7, 12, n.randrange(1, 60), n.randrange(1, 700)])
        line = Line(id=self.next_id(), quantity=quantity, price=self.money(self.price()), kind=kind,
                    taxes=n.choice(self.ways) if taxed else [], title=n.choice(WORDS))
        if kind == "product" and self.chance(0.25) or kind == "custom" and self.chance(0.1):
            whole = line.price[0] * quantity
            amount = n.choice([whole, whole // 2, n.randrange(0, whole + 1), n.randrange(0, whole + 1)])
            if amount:
                line.discounts.append(self.capped(self.money(amount), line))
        return line

    def capped(self, amount, line):
        room = less(tuple(p * line.quantity for p in line.price), total(line.discounts))
        return (min(amount[0], room[0]), min(amount[1], room[1]))

    def make_lines(self):
        n = self.n
        count = n.choice([1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 7, 9])
        if self.chance(0.03):
            count = n.randrange(10, 121)
        self.lines = [self.make_line(n.choice(["product"] * 14 + ["custom"])) for _ in range(count)]
        if self.chance(0.06):
            self.lines.insert(n.randrange(len(self.lines) + 1), self.make_line("gift"))
        if self.chance(0.08):
            self.lines.append(self.make_line("tip"))
        self.make_shipping()
        self.make_order_discount()
        for line in self.lines:
            line.amounts = self.taxes_on(self.value(line, line.quantity), line.taxes)

    def make_shipping(self):
        n = self.n
        self.shipping = []
        count = n.choice([0, 1, 1, 1, 1, 2, 3])
        for _ in range(count):
            price = self.money(0 if self.chance(0.1) else self.price())
            taxes = [] if self.exempt or self.chance(0.1) else n.choice(self.ways)
            line = Shipping(id=self.next_id(), title=n.choice(TITLES), price=price, taxes=taxes, discounts=[],
                            removed=self.chance(0.08))
            if price[0] and self.chance(0.2):
                share = n.choice([100, 100, 50, n.randrange(1, 100)])
                line.discounts.append(tuple(p * share // 100 for p in price))
            line.amounts = self.taxes_on(self.shipping_value(line), taxes)
            self.shipping.append(line)

    def make_order_discount(self):
        """Of the whole order: over goods by what they cost after their own discounts, in one or two codes."""
        n = self.n
        goods = [line for line in self.lines if line.kind in ("product", "custom")]
        for _ in range(n.choice([0, 0, 0, 1, 1, 2])):
            worths = [self.value(line, line.quantity) for line in goods]
            whole = total(worths)
            if whole[0] <= 0 or whole[1] <= 0:
                return
            percent = n.choice([5, 10, 15, 20, 33, n.randrange(1, 100), 100 if self.chance(0.1) else 7])
            amount = tuple(divided(w * percent, 100) for w in whole) if self.chance(0.6) else (
                tuple(min(a, w) for a, w in zip(self.money(n.randrange(1, whole[0] + 1)), whole)))
            for line, share in zip(goods, self.spread_over(amount, worths)):
                if share != NOTHING:
                    line.discounts.append(share)

    # ---- money on top ----

    def make_extras(self):
        n = self.n
        self.duties = self.money(self.price()) if self.chance(0.06) else NOTHING
        self.duties_included = self.duties != NOTHING and self.chance(0.25)
        self.fees = self.money(self.price()) if self.chance(0.06) else NOTHING
        self.hidden_tax = NOTHING  # on duties and fees: in the order's taxes, on no line of it
        if not self.included and (self.duties != NOTHING or self.fees != NOTHING) and self.chance(0.3):
            base = self.fees if self.duties_included else plus(self.duties, self.fees)
            self.hidden_tax = tuple(divided(b * n.choice([50, 200]), 1000) for b in base)

    def sums(self):
        """What the order comes to: with all its units, and with those that are left."""
        staying = [line for line in self.shipping if not line.removed]
        extras = plus(self.fees, NOTHING if self.duties_included else self.duties)
        worth = total(self.value(line, line.quantity) for line in self.lines)
        carriage = total(self.shipping_value(line) for line in staying)
        tax = plus(total(amount for line in [*self.lines, *staying] for amount in line.amounts), self.hidden_tax)
        self.total_tax = tax
        self.total = plus(plus(worth, carriage), extras)
        if not self.included:
            self.total = plus(self.total, tax)
        now = total(self.value(line, line.left()) for line in self.lines)
        carriage_now = less(carriage, total(line.back for line in staying))
        tax_now = plus(total(self.tax(line, line.left()) for line in self.lines), self.hidden_tax)
        tax_now = plus(tax_now, total(less(total(line.amounts), self.shipping_tax(line, line.back))
                                      for line in staying))
        self.now_tax = tax_now
        self.now_shipping = carriage_now
        self.now_total = plus(plus(now, carriage_now), extras)
        if not self.included:
            self.now_total = plus(self.now_total, tax_now)

    def shipping_tax(self, line, worth):
        return total(self.taxes_on(worth, line.taxes))

    # ---- what happens to an order ----

    def make_edits(self):
        """Units taken off, once or twice, and lines added."""
        n = self.n
        if not self.chance(0.25):
            return
        self.edited = True
        if self.chance(0.3):
            for _ in range(n.randrange(1, 3)):
                line = self.make_line()
                line.amounts = self.taxes_on(self.value(line, line.quantity), line.taxes)
                self.lines.append(line)
        for _ in range(n.choice([0, 1, 1, 1, 2])):
            taken = []
            for line in self.lines:
                if line.kind != "tip" and line.left() > 0 and self.chance(0.35):
                    taken.append((line, line.left() if self.chance(0.35) else n.randrange(1, line.left() + 1)))
            if taken:
                self.take_off(taken, n.choice(["CANCEL", "NO_RESTOCK"]))

    def take_off(self, taken, restock):
        entries = []
        for line, quantity in taken:
            left = line.left()
            entries.append(self.refund_line(line, quantity, left, restock))
            line.gone += quantity
        self.add_refund(entries, [], NOTHING)

    def refund_line(self, line, quantity, left, restock):
        return {"line": line, "quantity": quantity, "restock": restock,
                "worth": less(self.value(line, left), self.value(line, left - quantity)),
                "tax": less(self.tax(line, left), self.tax(line, left - quantity))}

    def add_refund(self, entries, carriage, money, of=None, status="SUCCESS", rounding=NOTHING, adjustment=NOTHING):
        refund = {"id": self.id + (len(self.refunds) + 1) * 10_000_000_000_000, "entries": entries, "carriage": carriage,
                  "money": money, "return": of, "transactions": [], "adjustment": adjustment}
        if money != NOTHING:
            transaction = self.pay("REFUND", money, status, rounding)
            refund["transactions"].append(transaction)
        self.refunds.append(refund)
        return refund

    def make_refunds(self):
        n = self.n
        for _ in range(n.choice([0, 0, 0, 1, 1, 2])):
            entries, carriage = [], []
            restock = n.choice(RESTOCKS)
            for line in self.lines:
                if line.left() > 0 and self.chance(0.4):
                    quantity = line.left() if self.chance(0.4) else n.randrange(1, line.left() + 1)
                    way = n.choice(RESTOCKS) if self.chance(0.2) else restock
                    entries.append(self.refund_line(line, quantity, line.left(), way))
                    line.back += quantity
            if self.chance(0.4):
                carriage = self.carriage_back()
            self.give_back(entries, carriage)

    def carriage_back(self):
        """Shipping, whole or in part. Its subtotal is without tax, also where prices hold it."""
        given = []
        for line in self.shipping:
            open_ = less(self.shipping_value(line), line.back)
            if line.removed or open_[0] <= 0 or open_[1] <= 0 or not self.chance(0.8):
                continue
            amount = open_ if self.chance(0.6) else tuple(max(1, o // 2) for o in open_)
            before, after = line.back, plus(line.back, amount)
            tax = less(self.shipping_tax(line, after), self.shipping_tax(line, before))
            line.back = after
            given.append({"line": line, "before": before, "worth": less(amount, tax) if self.included else amount, "tax": tax})
        return given

    def worth_back(self, entries, carriage):
        worth = total(e["worth"] for e in entries)
        if not self.included:
            worth = plus(worth, total(e["tax"] for e in entries))
        return plus(worth, plus(total(c["worth"] for c in carriage), total(c["tax"] for c in carriage)))

    def give_back(self, entries, carriage, of=None, exchanged=NOTHING):
        n = self.n
        worth = less(self.worth_back(entries, carriage), exchanged)
        adjustment = NOTHING
        if not entries and not carriage:
            if not self.chance(0.3) or self.total[0] <= 0:
                return
            worth = tuple(max(1, t // 10) for t in self.total)  # money without goods
            adjustment = worth
        elif worth[0] > 4 and worth[1] > 4 and self.chance(0.15):
            kept = tuple(divided(w * n.choice([100, -50, 333]), 1000) for w in worth)
            worth, adjustment = less(worth, kept), tuple(-k for k in kept)
        elif self.chance(0.03) and of is None:
            adjustment, worth = tuple(-w for w in worth), NOTHING
            for entry in entries:
                entry["restock"] = "RETURN"  # goods came back, and no money for them
        if worth[0] < 0 or worth[1] < 0 or (worth[0] == 0) != (worth[1] == 0):
            worth = (max(worth[0], 0), max(worth[1], 0)) if worth[0] > 0 and worth[1] > 0 else NOTHING
        if worth == NOTHING and not entries:
            for back in carriage:  # a part too small to be money in both currencies: nobody gives it back
                back["line"].back = back["before"]
            return
        if worth == NOTHING and of is None:
            for entry in entries:
                entry["restock"] = "RETURN"
        adjustment = less(worth, less(self.worth_back(entries, carriage), exchanged))
        rounding = self.cash(worth) if self.is_cash and worth != NOTHING else NOTHING
        status = "PENDING" if self.chance(0.03) else "SUCCESS"
        self.add_refund(entries, carriage, worth, of, status, rounding, adjustment)

    def make_exchange(self):
        """Goods come back and others go out for them; the difference is given back, or nothing is."""
        n = self.n
        candidates = [line for line in self.lines if line.kind == "product" and line.left() > 0 and line.price[0] > 1]
        if not candidates or not self.chance(0.08):
            return
        line = n.choice(candidates)
        quantity = n.randrange(1, line.left() + 1)
        entry = self.refund_line(line, quantity, line.left(), "RETURN")
        of = {"id": self.next_id(), "name": f"#{self.number}-R1", "line": line, "quantity": quantity, "worth": entry["worth"],
              "exchange": []}
        if self.chance(0.7):
            new = self.make_line()
            new.is_exchange, new.quantity, new.discounts = True, n.choice([1, 1, 2]), []
            if self.chance(0.5):
                new.taxes = line.taxes
            room = entry["worth"][0] // new.quantity
            new.price = self.money(n.choice([room, room // 2, max(1, room // 3), min(new.price[0], room)]))
            new.amounts = self.taxes_on(self.value(new, new.quantity), new.taxes)
            self.lines.append(new)
            of["exchange"].append(new)
        out = total(self.value(new, new.quantity) for new in of["exchange"])
        if not self.included:
            out = plus(out, total(amount for new in of["exchange"] for amount in new.amounts))
        line.back += quantity
        self.returns.append(of)
        worth = self.worth_back([entry], [])
        if not of["exchange"] and self.chance(0.5):  # paid back in a sum; what came back stands on the return alone
            line.back -= quantity  # no refund line: for Shopify the units are still on the order
            self.give_back_for(of, [], worth)
            return
        if worth[0] < out[0] or worth[1] < out[1]:
            out = NOTHING  # the customer pays the rest; then nothing is given back
            self.give_back_for(of, [entry], NOTHING)
            return
        self.give_back_for(of, [entry], less(worth, out))

    def give_back_for(self, of, entries, money):
        if (money[0] == 0) != (money[1] == 0):
            money = NOTHING
        self.add_refund(entries, [], money, of)

    # ---- money that moved ----

    def cash(self, amount):
        """What a till rounds by: to the smallest coin, in each currency by itself."""
        return tuple(divided(a, coin) * coin - a for a, coin in zip(amount, (CASH.get(self.shop, 1), CASH.get(self.shown, 1))))

    def pay(self, kind, amount, status="SUCCESS", rounding=NOTHING, gateway=None):
        transaction = {"id": self.next_id(), "kind": kind, "amount": amount, "status": status, "rounding": rounding,
                       "gateway": gateway or ("cash" if self.is_cash else "shopify_payments")}
        self.transactions.append(transaction)
        return transaction

    def make_payments(self):
        n = self.n
        self.payment_rounding, self.paid = NOTHING, self.total
        if self.total[0] <= 0:
            return
        if self.is_cash:
            self.payment_rounding = self.cash(self.total)
            self.pay("SALE", self.total, rounding=self.payment_rounding)
        elif self.chance(0.1):  # a part with a gift card: a payment, never a line
            part = tuple(t // 3 for t in self.total)
            self.pay("SALE", part, gateway="gift_card")
            self.pay("SALE", less(self.total, part))
        elif self.chance(0.1):
            self.pay("AUTHORIZATION", self.total)
            self.pay("CAPTURE", self.total)
        else:
            self.pay("SALE", self.total, status=n.choice(["SUCCESS"] * 9 + ["PENDING"]))

    def make(self):
        n = self.n
        self.make_shop()
        self.is_cash = self.chance(0.12)
        self.make_lines()
        self.make_extras()
        self.cancelled = None
        self.make_edits()
        self.sums()
        if self.included and not self.refunds and not self.edited and self.duties == NOTHING and self.chance(0.04):
            self.leave_over()
        self.make_payments()
        if self.total[0] > 0:
            self.make_exchange()
            self.make_refunds()
        self.is_test, self.is_company, self.channel_pays = (self.chance(0.004) for _ in range(3))
        if self.chance(0.02):
            self.cancel()
        elif self.chance(0.01) and self.paid != NOTHING:
            self.cancel_paid()
        self.sums()
        self.total = less(self.total, self.leftover)
        self.now_total = less(self.now_total, self.leftover)
        return self

    def leave_over(self):
        """A discount of the order that no line shows (prices with tax alone: nobody could say its tax otherwise)."""
        goods = total(self.value(line, line.quantity) for line in self.lines if line.kind == "product")
        if min(goods) > 10:
            self.leftover = tuple(self.n.randrange(1, g // 2) if self.same else g // 7 for g in goods)
            if self.same:
                self.leftover = (self.leftover[0], self.leftover[0])
            self.total = less(self.total, self.leftover)

    def cancel_paid(self):
        """All that is left leaves the order, and its money goes back."""
        entries = []
        for line in self.lines:
            if line.left() > 0 and not line.is_exchange:
                entries.append(self.refund_line(line, line.left(), line.left(), "CANCEL"))
                line.back += line.left()
        carriage = self.carriage_back()
        worth = self.worth_back(entries, carriage)
        if entries and worth[0] > 0 and worth[1] > 0:
            self.cancelled = "2026-11-04T10:00:00Z"
            self.add_refund(entries, carriage, worth)
        else:
            for entry in entries:
                entry["line"].back -= entry["quantity"]
            for back in carriage:
                back["line"].back = back["before"]

    def cancel(self):
        """Nobody paid: everything leaves the order, a refund of nothing says so."""
        if any(refund["money"] != NOTHING or refund["return"] for refund in self.refunds) or self.leftover != NOTHING:
            return
        if any(entry["restock"] == "RETURN" for refund in self.refunds for entry in refund["entries"]):
            return
        self.transactions, self.payment_rounding = [], NOTHING
        self.cancelled = "2026-11-03T10:00:00Z"
        left = [(line, line.left()) for line in self.lines if line.left() > 0]
        if left:
            self.take_off(left, "NO_RESTOCK")


def order_of(seed, number):
    from shape import shape_of  # the JSON shape stands in a file of its own
    return shape_of(Maker(seed, number).make())


def main():
    parser = argparse.ArgumentParser(description="Nasty orders as JSON lines.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=10)
    args = parser.parse_args()
    for number in range(args.first, args.first + args.count):
        json.dump(order_of(args.seed, number), sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
