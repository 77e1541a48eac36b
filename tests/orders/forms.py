"""forms.py - nasty orders as the simulated Shopify takes them (sandbox/shopify/README.md), and what both sides must know.

Here the simulated Shopify reckons all amounts, not generate.py: a second opinion on what an order comes to.
"""
import random

# VAT groups of the ERP: (group, its identifier, the taxes that Shopify puts on the same goods)
STANDARD = ("STANDARD", "STANDARD", [{"title": "VAT", "rate": "20"}])
GROUPS = [STANDARD, ("REDUCED", "REDUCED", [{"title": "VAT", "rate": "5"}]), ("ZERO", "ZERO", []),
          ("TWOTAXES", "TWOTAXES", [{"title": "GST", "rate": "5"}, {"title": "PST", "rate": "7"}]),
          ("FINE", "FINE", [{"title": "City", "rate": "8.875"}])]
SERVICES = ("SERVICES", "SERVICES", STANDARD[2])  # the rate of goods under an identifier of its own
RATES = {"STANDARD": 20, "REDUCED": 5, "ZERO": 0, "TWOTAXES": 12, "FINE": "8.875", "SERVICES": 20}
ACCOUNTS = {"shipping_account": ("7010", SERVICES), "custom_line_account": ("7020", STANDARD),
            "gift_card_account": ("7030", GROUPS[2]), "tip_account": ("7040", GROUPS[2]), "cash_rounding_account": ("7050", GROUPS[2]), "duties_account": ("7060", GROUPS[2]),
            "fees_account": ("7070", GROUPS[2]), "refund_account": ("7080", GROUPS[2]),
            "refund_account_non_restock": ("7090", GROUPS[2])}
UNTAXED_TITLE, UNTAXED_ACCOUNT = "Collection", ("7015", GROUPS[2])
ITEMS = 40
RESTOCKS = ["RETURN", "RETURN", "NO_RESTOCK", "CANCEL"]
# The ERP's customers: net has prices without tax on documents, gross with it, exempt pays no tax.
CUSTOMERS = {"net": "7300000099001", "gross": "7300000099002", "exempt": "7300000099003"}
CURRENCIES = {"EUR": "1.1741", "JPY": "191.37", "KWD": "0.41237"}


def variant_id(i):
    return str(48_000_000_990_000 + i)


def sku(i):
    return f"N{i:04d}"


def group_of(i):
    return GROUPS[i % len(GROUPS)]


class Form:
    def __init__(self, seed, number):
        self.n = random.Random(seed * 7_368_787 + number)
        self.number = number
        self.lines = []
        self.left = []
        self.is_shown = self.chance(0.35)  # in another currency than the shop's

    def chance(self, share):
        return self.n.random() < share

    def price(self):
        return self.n.choice([self.n.randrange(1, 100), self.n.randrange(100, 5000), self.n.randrange(1000, 60000)])

    def line(self):
        n, i = self.n, self.n.randrange(ITEMS)
        price, quantity = self.price(), n.choice([1, 1, 2, 2, 3, 4, 5, 7, n.randrange(1, 40)])
        line = {"variant": variant_id(i), "quantity": quantity, "price": text(price), "taxable": bool(group_of(i)[2])}
        if group_of(i)[2]:
            line["taxes"] = group_of(i)[2]
        if self.chance(0.25):
            worth = price * quantity  # in two currencies nothing is off whole: each is rounded by itself
            line["discount"] = text(worth // 2 if self.is_shown else n.choice([worth, n.randrange(worth + 1)]))
        return line

    def special(self, kind):
        if kind == "custom":
            return {"title": "Custom work", "quantity": self.n.randrange(1, 4), "price": text(self.price()),
                    "taxes": STANDARD[2]}
        if kind == "tip":
            return {"title": "Tip", "quantity": 1, "price": text(self.price()), "tip": True, "taxable": False}
        return {"title": "Gift Card", "quantity": 1, "price": text(2500), "giftCard": True, "taxable": False}

    def goods_worth(self):
        return sum(units(line["price"]) * line["quantity"] - units(line.get("discount", "0")) for line in self.lines
                   if "variant" in line or line["title"] == "Custom work")

    def shipping(self):
        rows = []
        for _ in range(self.n.choice([0, 1, 1, 2])):
            is_taxed = self.chance(0.8)
            price = self.n.choice([0, self.price(), self.price()])
            row = {"title": "Standard" if is_taxed else UNTAXED_TITLE, "price": text(price),
                   "taxes": STANDARD[2] if is_taxed else []}
            if price and self.chance(0.2):
                row["discount"] = text(self.n.choice([price, price // 2]))
            rows.append(row)
        return rows

    def make(self):
        n = self.n
        count = n.choice([1, 1, 2, 2, 3, 4, 5, 8]) if self.chance(0.97) else n.randrange(20, 60)
        self.lines = [self.line() for _ in range(count)]
        for kind, share in (("custom", 0.1), ("gift", 0.05), ("tip", 0.08)):
            if self.chance(share):
                self.lines.append(self.special(kind))
        is_exempt = self.chance(0.08)
        includes_tax = self.chance(0.5)
        customer = "exempt" if is_exempt else "gross" if includes_tax and self.chance(0.5) else "net"
        form = {"name": f"#N{self.number}", "customer": CUSTOMERS[customer], "lines": self.lines,
                "shipping": self.shipping(), "taxesIncluded": includes_tax, "taxExempt": is_exempt, "taxRate": 20}
        if self.chance(0.35) and self.goods_worth() > 1:
            form["discount"] = text(n.randrange(1, 1 + self.goods_worth() // (2 if self.is_shown else 1)))
        if self.chance(0.08):
            form["duties"] = text(self.price())
        if self.chance(0.08):
            form["additionalFees"] = text(self.price())
        if self.is_shown:
            currency = n.choice(list(CURRENCIES))
            form["presentment"] = {"currency": currency, "rate": CURRENCIES[currency]}
            form["tags"] = ["shown"] if self.chance(0.6) else []
        if self.chance(0.1) and not self.is_shown:
            form.update({"gateway": "cash", "cashRounding": n.choice(["0.02", "-0.02", "0.01"])})
        form["fulfillmentStatus"] = "FULFILLED" if self.chance(0.25) else "UNFULFILLED"
        self.left = [line["quantity"] for line in self.lines]
        form["history"] = self.history(form)
        return form

    def history(self, form):
        """Edits before anything is shipped, refunds of what is left; every amount is Shopify's own."""
        steps, n = [], self.n
        if form["fulfillmentStatus"] == "UNFULFILLED" and self.chance(0.25):
            edited = [{"line": i, "quantity": n.randrange(left)} for i, left in enumerate(self.left)
                      if self.is_goods(i) and left > 0 and self.chance(0.5)]
            if edited:
                for row in edited:
                    self.left[row["line"]] = row["quantity"]
                step = {"do": "edit", "at": "2026-11-02T10:00:00Z", "lines": edited}
                if self.chance(0.4):
                    step["add"] = [self.line()]
                    self.left.append(0)
                steps.append(step)
        restocks = RESTOCKS if form["fulfillmentStatus"] == "UNFULFILLED" else RESTOCKS[:3]  # what was shipped is no more cancelled
        for hour in range(n.choice([0, 0, 1, 1, 2])):
            lines = []
            for i, left in enumerate(self.left):
                if left > 0 and self.is_goods(i) and self.chance(0.4):
                    quantity = n.randrange(1, left + 1)
                    self.left[i] -= quantity
                    lines.append({"line": i, "quantity": quantity, "restock": n.choice(restocks)})
            if lines:
                steps.append({"do": "refund", "at": f"2026-11-0{3 + hour}T10:00:00Z", "lines": lines})
        return steps

    def is_goods(self, i):
        return i < len(self.lines) and ("variant" in self.lines[i] or self.lines[i]["title"] == "Custom work")


def text(units_):
    return f"{units_ // 100}.{units_ % 100:02d}"


def units(amount):
    whole, _, part = amount.partition(".")
    return int(whole) * 100 + int((part + "00")[:2])


def form_of(seed, number):
    return Form(seed, number).make()
