"""oracle.py - what an order's document in Business Central must hold, and what it will come to there.

Written from the description of both systems alone, for comparison with what cartage decides (build/release/tests/plan).
It knows the order as Shopify answers it, the shop's settings, and how Business Central rounds:

 - a line is its quantity times its price, less its discount, rounded to the currency's unit;
 - tax is of a group of lines with one rate: on top of prices without tax it is the rounded tax on the group's sum, and
   with tax in the prices it changes no total;
 - Shopify rounds each tax of each line by itself. The difference of both is `tax-by-group`, at most half a unit a tax.

A shop total is what the document stands for: all units but those that edits took off and those that went out in exchange
(a return's credit memo sells these). All amounts are whole units of the currency, rates are millionths.
"""
from money import digits_of, divided, split_at, text_of

HALF, PRICE_DIGITS = 2, 5


class Planted:
    """One unit off in one formula at a time, to see that a comparison would notice; nothing in earnest."""
    FORMULAS = ("line-price", "line-discount", "prorated-discount", "shipping-price", "shipping-discount", "gift-card", "tip",
                "cash-rounding", "duties", "fees", "leftover", "edited-away", "exchange-out", "tax-on-top", "shop-total",
                "predicted", "memo-price", "memo-discount", "memo-cancel", "memo-shipping", "memo-exchange", "memo-return",
                "memo-cash-rounding", "memo-balance", "memo-total", "evened")

    def __init__(self, formula=None):
        self.formula = formula

    def __call__(self, formula, value):
        return value + 1 if formula == self.formula and value else value


class Amounts:
    """One column of an order's amounts."""

    def __init__(self, order, settings, planted):
        side = settings.get("currency_handling", "shop")
        self.column = "presentmentMoney" if side == "presentment" else "shopMoney"
        own = order["presentmentCurrencyCode" if side == "presentment" else "currencyCode"]
        self.currency = own if side == "presentment" else settings.get("currency") or own
        self.digits = digits_of(own)
        self.planted = planted

    def of(self, bag):
        if bag is None:
            return 0
        return split_at(bag[self.column]["amount"], self.digits)[0]

    def allocated(self, entry):
        return sum(self.of(row["allocatedAmountSet"]) for row in entry["discountAllocations"])

    def taxed(self, entry):
        return sum(self.of(row["priceSet"]) for row in entry["taxLines"])


def rate_of(entry):
    return sum(round(row["rate"] * 1_000_000) for row in entry["taxLines"])


def number_of(gid):
    return gid.rsplit("/", 1)[1]


def total_of(rows, includes_tax, groups=None, planted=Planted()):
    """What Business Central makes of lines of (rate, amount after all discounts)."""
    total, net = 0, {}
    for i, (rate, amount) in enumerate(rows):
        total += amount
        if rate and not includes_tax:
            key = (rate, groups[i] if groups else None)
            net[key] = net.get(key, 0) + amount
    return total + sum(planted("tax-on-top", divided(amount * rate, 1_000_000)) for (rate, _), amount in net.items())


class Document:
    """Lines with what they come to: (kind, id, number, quantity, price, discount, rate, amount)."""

    def __init__(self, kind, external, amounts, includes_tax):
        self.kind, self.external, self.amounts, self.includes_tax = kind, external, amounts, includes_tax
        self.currency, self.digits = amounts.currency, amounts.digits
        self.lines = []
        self.discount = 0
        self.total = self.predicted = self.difference = 0
        self.parts = {}  # reason -> amount
        self.taxes = 0  # how many taxes were rounded there
        self.evened = 0

    def add(self, kind, id_, number, quantity, price, discount, rate, taxes=0):
        """`taxes` is how many roundings stand behind the line's tax at the shop."""
        self.lines.append((kind, id_, number, quantity, price, discount, rate, quantity * price - discount))
        self.taxes += taxes

    def add_amount(self, kind, id_, number, quantity, amount, rate, taxes):
        """A line that is worth so much, as far as a price of five decimals can make it."""
        finer = 10 ** (PRICE_DIGITS - self.digits)
        made = divided(divided(amount * finer, quantity) * quantity, finer)
        self.lines.append((kind, id_, number, quantity, None, 0, rate, made))
        self.taxes += taxes

    def shares_of_discount(self):
        """The invoice discount over the lines of items by what they cost; the last one takes what is left."""
        items = [i for i, line in enumerate(self.lines) if line[0] == "item"]
        whole = sum(self.lines[i][7] for i in items)
        shares, left = {}, self.discount
        for i in items:
            share = left if i == items[-1] else divided(self.discount * self.lines[i][7], whole) if whole else 0
            shares[i] = share
            left -= share
        return shares

    def come_to(self, groups=None):
        """The total with tax; `groups` are the lines' VAT identifiers where one rate has several."""
        shares = self.shares_of_discount() if self.discount else {}
        rows = [(line[6], line[7] - shares.get(i, 0)) for i, line in enumerate(self.lines)]
        return total_of(rows, self.includes_tax, groups, self.amounts.planted)

    def settle(self, total, parts, even_out):
        """Both totals; `parts` explain all of their difference but the rounding of tax."""
        self.total = total
        self.predicted = self.amounts.planted("predicted", self.come_to())
        self.difference = self.predicted - total
        self.parts = {reason: amount for reason, amount in parts.items() if amount}
        tax = self.difference - sum(self.parts.values())
        if tax:
            self.parts["tax-by-group"] = tax
        self.is_explained = HALF * abs(tax) <= (0 if self.includes_tax else self.taxes)
        largest = max((abs(amount) for amount in self.parts.values()), default=0)
        self.reasons = {reason for reason, amount in self.parts.items() if abs(amount) == largest} if self.difference else {""}
        if even_out and self.difference and self.reasons & {"tax-by-group", "cash-rounding"}:
            self.evened = self.amounts.planted("evened", -self.difference)


class Expected:
    """One order: `skips` of which one is its fate (empty: it has a document, unless a reason of `may_skip` is given: only
    shipping or fees are left), the document, refunds by id."""

    def __init__(self, order, settings, planted=Planted(), handling=None):
        self.order, self.settings, self.planted = order, settings, planted
        self.amounts = Amounts(order, settings, planted)
        self.includes_tax = order["taxesIncluded"]
        self.lines = {line["id"]: line for line in order["lineItems"]["nodes"]}
        self.returns = {entry["id"]: entry for entry in order["returns"]["nodes"]}
        self.exchanged = {line["id"]: (entry["id"], new["quantity"]) for entry in order["returns"]["nodes"]
                          for new in entry["exchangeLineItems"]["nodes"] for line in new["lineItems"]}
        self.edits = self.edits_of()
        self.may_skip = set()
        self.skips = self.skips_of()
        self.document = None if self.skips else self.document_of()
        if handling:  # what the order's document was made in: its refunds stay with it
            self.amounts = Amounts(order, {**settings, "currency_handling": handling}, planted)
        self.refunds = {number_of(refund["id"]): self.refund_of(refund) for refund in order["refunds"]}

    # ---- what edits took off ----

    def can_be_memo(self, refund, line):
        return bool(refund["return"]) or self.amounts.of(refund["totalRefundedSet"]) > 0 or line["restockType"] == "RETURN"

    def edits_of(self):
        """Line id -> [units, worth, tax] that left by edits; they are no longer sold and never come back."""
        gone = {}
        for refund in self.order["refunds"]:
            for line in refund["refundLineItems"]["nodes"]:
                if not self.can_be_memo(refund, line):
                    entry = gone.setdefault(line["lineItem"]["id"], [0, 0, 0])
                    entry[0] += line["quantity"]
                    entry[1] += self.amounts.of(line["subtotalSet"])
                    entry[2] += self.amounts.of(line["totalTaxSet"])
        return gone

    def net_of(self, line):
        gone = self.edits.get(line["id"])
        return line["quantity"] - (gone[0] if gone else 0)

    def discount_of(self, line, net):
        """Allocations are of all units that were ordered: those that are left have their share of them."""
        allocated = self.amounts.allocated(line)
        if net == line["quantity"]:
            return self.planted("line-discount", allocated)
        return self.planted("prorated-discount", divided(allocated * net, line["quantity"]))

    # ---- may it have a document at all ----

    def kind_of(self, line):
        if line["isGiftCard"]:
            return "gift-card"
        if line["product"] is None:
            return "tip" if line["name"] == "Tip" else "custom-line"
        return "product"

    ACCOUNTS = {"gift-card": "gift_card_account", "tip": "tip_account", "custom-line": "custom_line_account"}

    def skips_of(self):
        skips, settings, order = set(), self.settings, self.order
        sold = [line for line in self.lines.values() if line["id"] not in self.exchanged and self.net_of(line) > 0]
        if order["test"]:
            skips.add("test")
        if order["cancelledAt"]:  # with goods that its credit memos give back it may have its document as well
            (self.may_skip if sold else skips).add("cancelled")
        if any(tax["channelLiable"] for tax in order["taxLines"]):
            skips.add("channel-tax")
        if not sold:
            (self.may_skip if self.carriage() or self.has_extras() else skips).add("no-lines")
        for line in sold:
            kind = self.kind_of(line)
            if kind != "product" and not settings.get(self.ACCOUNTS[kind]):
                skips.add(kind)
        for line in self.carriage():
            if not self.carriage_number(line)[1]:
                skips.add("shipping-account")
        return skips

    def has_extras(self):
        fields = ("currentTotalDutiesSet", "currentTotalAdditionalFeesSet")
        return any(self.amounts.of(self.order[field]) for field in fields) or self.payment_rounding() != 0

    # ---- the order's own document ----

    def carriage(self):
        return [line for line in self.order["shippingLines"]["nodes"]
                if not line["isRemoved"] and self.amounts.of(line["originalPriceSet"]) > 0]

    def carriage_number(self, line):
        item = self.settings.get("shipment_items", {}).get(line["title"])
        if item:
            return "item", item
        return "account", (self.settings.get("shipment_accounts", {}).get(line["title"])
                           or self.settings.get("shipping_account", ""))

    def goods_number(self, line):
        kind = self.kind_of(line)
        if kind != "product":
            return "account", self.settings.get(self.ACCOUNTS[kind], "")
        variant = line["variant"] or {}
        return "item", variant.get("sku") or line["sku"] or "variant:" + number_of(variant["id"])

    def document_of(self):
        order, settings, amounts, planted = self.order, self.settings, self.amounts, self.planted
        is_invoice = order["displayFulfillmentStatus"] == "FULFILLED" and settings.get(
            "create_fulfilled_orders_as_invoices", True)
        document = Document("salesInvoice" if is_invoice else "salesOrder",
                            settings.get("external_document_prefix", "") + order["name"], amounts, self.includes_tax)
        for line in self.lines.values():
            net = self.net_of(line)
            if net <= 0 or line["id"] in self.exchanged:
                continue
            kind, number = self.goods_number(line)
            formula = {"gift-card": "gift-card", "tip": "tip"}.get(self.kind_of(line), "line-price")
            document.add(kind, number_of(line["id"]), number, net,
                         planted(formula, amounts.of(line["originalUnitPriceSet"])), self.discount_of(line, net),
                         rate_of(line), len(line["taxLines"]))
        for line in self.carriage():
            kind, number = self.carriage_number(line)
            document.add(kind, number_of(line["id"]), number, 1,
                         planted("shipping-price", amounts.of(line["originalPriceSet"])),
                         planted("shipping-discount", amounts.allocated(line)), rate_of(line), len(line["taxLines"]))
        document.discount = planted("leftover", self.leftover())
        parts = self.add_extras(document)
        document.settle(self.shop_total(), parts, settings.get("rounding_account"))
        return document

    def add_extras(self, document):
        """Duties, fees and cash rounding: booked where they have an account, else a difference of their amount."""
        order, settings, amounts, planted = self.order, self.settings, self.amounts, self.planted
        parts = {}
        duties = 0 if order["dutiesIncluded"] else planted("duties", amounts.of(order["currentTotalDutiesSet"]))
        fees = planted("fees", amounts.of(order["currentTotalAdditionalFeesSet"]))
        for amount, account in ((duties, "duties_account"), (fees, "fees_account")):
            if amount and settings.get(account):
                document.add("account", "", settings[account], 1, amount, 0, 0)
            elif amount:
                parts["duty-or-fee"] = parts.get("duty-or-fee", 0) - amount
        if not self.includes_tax:  # taxes on them are on no line: nobody could say whose they are
            parts["duty-or-fee"] = parts.get("duty-or-fee", 0) - self.tax_on_no_line()
        rounding = planted("cash-rounding", self.payment_rounding())
        if rounding and settings.get("cash_rounding_account"):
            document.add("account", "", settings["cash_rounding_account"], 1, rounding, 0, 0)
        elif rounding:
            parts["cash-rounding"] = -rounding
        return parts

    def payment_rounding(self):
        return self.amounts.of(self.order["totalCashRoundingAdjustment"]["paymentSet"])

    def tax_on_no_line(self):
        shown = sum(self.amounts.taxed(line) for line in self.lines.values())
        shown += sum(self.amounts.taxed(line) for line in self.order["shippingLines"]["nodes"] if not line["isRemoved"])
        return self.amounts.of(self.order["totalTaxSet"]) - shown

    def leftover(self):
        """What the header says of discounts on what is still there, and no line does."""
        amounts, order = self.amounts, self.order
        shown = sum(divided(amounts.allocated(line) * line["currentQuantity"], line["quantity"])
                    for line in self.lines.values())
        shown += sum(amounts.allocated(line) for line in order["shippingLines"]["nodes"] if not line["isRemoved"])
        return max(0, amounts.of(order["currentTotalDiscountsSet"]) - shown)

    def shop_total(self):
        """What the customer owes for what the document holds: as sold, less edits and exchange, rounded for cash."""
        amounts = self.amounts
        total = amounts.of(self.order["totalPriceSet"])
        for id_, (_, worth, tax) in self.edits.items():
            if id_ not in self.exchanged:
                total -= self.planted("edited-away", worth + (0 if self.includes_tax else tax))
        for id_ in self.exchanged:
            if id_ in self.lines:
                total -= self.planted("exchange-out", self.worth_out(self.lines[id_]))
        return self.planted("shop-total", total + self.payment_rounding())

    def worth_out(self, line):
        worth = self.amounts.of(line["originalUnitPriceSet"]) * line["quantity"] - self.amounts.allocated(line)
        return worth + (0 if self.includes_tax else self.amounts.taxed(line))

    # ---- refunds ----

    def refund_of(self, refund):
        """Its fate, one of some codes ('' is a document, 'nothing' an edit), and the document."""
        lines = refund["refundLineItems"]["nodes"]
        refunded = self.amounts.of(refund["totalRefundedSet"])
        if not refund["return"] and not refunded and not all(self.can_be_memo(refund, line) for line in lines):
            return {"nothing"}, None
        if any(entry["status"] == "PENDING" for entry in refund["transactions"]["nodes"]):
            return {"refund-pending"}, None
        if self.document is None:
            return None, None
        memo, missing = self.memo_of(refund, lines, refunded)
        return missing or {""}, memo

    def memo_of(self, refund, lines, refunded):
        amounts, settings, planted = self.amounts, self.settings, self.planted
        memo = Document("salesCreditMemo", f"{settings.get('external_document_prefix', '')}{self.order['name']}-R"
                        + number_of(refund["id"]), amounts, self.includes_tax)
        missing = set()
        for line in lines:
            self.memo_line(memo, line)
            if self.is_account_missing(line):
                missing.add("refund-account")
        of = self.returns.get(refund["return"]["id"]) if refund["return"] else None
        if of and not lines:
            self.memo_return(memo, of)
        if of:
            self.memo_exchange(memo, of)
        for line in refund["refundShippingLines"]["nodes"]:
            self.memo_shipping(memo, line)
            if not settings.get("shipping_account"):
                missing.add("shipping-account")
        rounding = sum(amounts.of(entry["amountRoundingSet"]) for entry in refund["transactions"]["nodes"])
        rounding = planted("memo-cash-rounding", rounding)
        parts = {}
        if rounding and settings.get("cash_rounding_account"):
            memo.add("account", "", settings["cash_rounding_account"], 1, rounding, 0, 0)
        elif rounding:
            parts["cash-rounding"] = -rounding
        total = planted("memo-total", refunded + rounding)
        balance = planted("memo-balance", total + parts.get("cash-rounding", 0) - memo.come_to())
        if balance and not settings.get("refund_account"):
            missing.add("refund-account")
        elif balance:
            memo.add("account", "", settings.get("refund_account", ""), 1, balance, 0, 0)
        memo.settle(total, parts, settings.get("rounding_account"))
        return memo, missing

    def is_account_missing(self, row):
        way = row["restockType"]
        if way == "CANCEL":
            return not self.settings.get("refund_account")
        is_lost = way == "NO_RESTOCK" and not self.lines[row["lineItem"]["id"]]["isGiftCard"]
        return is_lost and not self.settings.get("refund_account_non_restock")

    def memo_line(self, memo, row):
        amounts, planted, settings = self.amounts, self.planted, self.settings
        line = self.lines[row["lineItem"]["id"]]
        price, quantity = planted("memo-price", amounts.of(row["priceSet"])), row["quantity"]
        subtotal = amounts.of(row["subtotalSet"])
        kind, number = self.goods_number(line)
        way = row["restockType"]
        if way == "CANCEL":
            memo.add("account", number_of(line["id"]), settings.get("refund_account", ""), 1, planted("memo-cancel", subtotal), 0,
                     rate_of(line), 2 * len(line["taxLines"]))
        else:
            if way == "NO_RESTOCK" and not line["isGiftCard"]:
                kind, number = "account", settings.get("refund_account_non_restock", "")
            memo.add(kind, number_of(line["id"]), number, quantity, price,
                     planted("memo-discount", amounts.of(row["priceSet"]) * quantity - subtotal), rate_of(line),
                     2 * len(line["taxLines"]))  # of a part of the units: the whole's less the rest's, both rounded

    def memo_return(self, memo, of):
        """A refund for a return that names no lines itself: those of the return, at what they were worth."""
        for row in of["returnLineItems"]["nodes"]:
            line = self.lines[row["fulfillmentLineItem"]["lineItem"]["id"]]
            kind, number = self.goods_number(line)
            memo.add_amount(kind, number_of(line["id"]), number, row["quantity"], self.planted(
                "memo-return", self.amounts.of(row["withCodeDiscountedTotalPriceSet"])), rate_of(line), 2 * len(line["taxLines"]))

    def memo_exchange(self, memo, of):
        """Goods that went out instead: sold by the credit memo, so they count against it."""
        for new in of["exchangeLineItems"]["nodes"]:
            for entry in new["lineItems"]:
                line = self.lines[entry["id"]]
                kind, number = self.goods_number(line)
                memo.add(kind, number_of(line["id"]), number, -new["quantity"],
                         self.planted("memo-exchange", self.amounts.of(line["originalUnitPriceSet"])),
                         -self.amounts.allocated(line), rate_of(line), len(line["taxLines"]))

    def memo_shipping(self, memo, row):
        line = next(entry for entry in self.order["shippingLines"]["nodes"] if entry["id"] == row["shippingLine"]["id"])
        subtotal, tax = self.amounts.of(row["subtotalAmountSet"]), self.amounts.of(row["taxAmountSet"])
        price = subtotal + (tax if self.includes_tax else 0)
        number = self.settings.get("shipment_accounts", {}).get(line["title"]) or self.settings.get("shipping_account", "")
        memo.add("account", number_of(line["id"]), number, 1,
                 self.planted("memo-shipping", price), 0, rate_of(line),
                 2 * len(line["taxLines"]))

