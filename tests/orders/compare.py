"""compare.py - holds what cartage decides about orders against the oracle, order by order.

A document in the order's own model of taxes has to agree in every line and amount. Where the ERP's documents have tax in
their prices and the order's have not, or the other way round, several prices are right: there the identity of lines, the
arithmetic of each, the total and what explains its difference are held against the oracle.
"""
from money import divided, split_at, text_of
from oracle import PRICE_DIGITS, total_of

FIELDS = ("kind", "id", "number", "quantity", "price", "discount", "rate", "amount")
NAMES = ("kind", "shopify_id", "number", "quantity", "price", "discount", "rate", "amount")


def lines_of(document):
    return [tuple(line[name] for name in NAMES) for line in document["lines"] if line["kind"] != "comment"]


def expected_lines(document):
    digits = document.digits
    return [(kind, id_, number, str(quantity), None if price is None else text_of(price, digits), text_of(discount, digits),
             text_of(rate, 4), text_of(amount, digits))
            for kind, id_, number, quantity, price, discount, rate, amount in document.lines]


class Comparison:
    """Deviations of one document: (document, field, wanted, found)."""

    def __init__(self, where, want, have, found):
        self.where, self.want, self.have, self.found = where, want, have, found
        self.digits = want.digits

    def differ(self, field, wanted, found):
        self.found.append((self.where, field, wanted, found))

    def text(self, units):
        return text_of(units, self.digits)

    def equal(self, **fields):
        for name, wanted in fields.items():
            if self.have[name] != wanted:
                self.differ(name, wanted, self.have[name])

    def run(self, shop_includes_tax):
        want, have = self.want, self.have
        self.equal(external=want.external, currency=want.currency, places=self.digits)
        if not want.is_explained:
            self.differ("explained", f"at most {want.taxes} half units of tax", str(want.parts))
        if have["prices_include_tax"] != shop_includes_tax:
            self.run_converted(shop_includes_tax)
            return
        want = self.want
        self.equal(total=self.text(want.total), discount=self.text(want.discount), evened=self.text(want.evened),
                   predicted=self.text(want.predicted + want.evened), difference=self.text(want.difference + want.evened))
        field = "evened_for" if want.evened else "reason"
        if have[field] not in want.reasons:
            self.differ(field, " or ".join(sorted(want.reasons)), have[field])
        self.lines_agree()

    def lines_agree(self):
        wanted, found = expected_lines(self.want), lines_of(self.have)
        if self.want.evened:
            found = found[:-1]  # what was evened has a field of its own
        if wanted == found:
            return
        if len(wanted) != len(found):
            self.differ("lines", [f"{line[2]} {line[7]}" for line in wanted], [f"{line[2]} {line[7]}" for line in found])
            return
        for number, (a, b) in enumerate(zip(wanted, found), 1):
            if a[4] is None:  # a price that makes the amount, whatever its decimals
                self.amount_of(number, b)
            for name, x, y in zip(FIELDS, a, b):
                if x is not None and x != y:
                    self.differ(f"line {number} {name}", x, y)

    # ---- the other model of taxes ----

    def run_converted(self, shop_includes_tax):
        want, have, digits = self.want, self.have, self.digits
        rows = [(split_at(line[6], 4)[0], self.amount_of(number, line), line[0])
                for number, line in enumerate(lines_of(have), 1)]
        self.same_goods(rows, shop_includes_tax)
        discount = split_at(have["discount"], digits)[0]
        if bool(discount) != bool(want.discount):
            self.differ("discount", self.text(want.discount), have["discount"])
        predicted = total_of(self.discounted(rows, discount), have["prices_include_tax"])
        difference = predicted - want.total
        self.equal(total=self.text(want.total), predicted=self.text(predicted), difference=self.text(difference))
        self.explained(difference, shop_includes_tax)

    def amount_of(self, number, line):
        """What the ERP makes of a line's quantity, price and discount; that is its amount."""
        price, finer = split_at(line[4], PRICE_DIGITS)
        amount = divided(int(line[3]) * price, 10 ** (PRICE_DIGITS - self.digits)) - split_at(line[5], self.digits)[0]
        if finer or self.text(amount) != line[7]:
            self.differ(f"line {number} amount of its price", self.text(amount), line[7])
        return amount

    def same_goods(self, rows, shop_includes_tax):
        """The same things in the same number, each worth the same but for what its conversion rounds."""
        wanted, found = list(self.want.lines), lines_of(self.have)
        is_memo = self.want.kind == "salesCreditMemo"
        ids = lambda lines: [(str(line[1]), line[2], str(line[3])) for line in lines if line[1] or not is_memo]
        have = found[:-1] if self.have["evened"] != "0" else found
        if ids(wanted) != ids(have):
            self.differ("lines", ids(wanted), ids(have))
            return
        for number, (line, (_, amount, _)) in enumerate(zip(wanted, rows), 1):
            if not line[1]:
                continue
            rate, worth = line[6], line[7]
            factor = (1_000_000, 1_000_000 + rate) if shop_includes_tax else (1_000_000 + rate, 1_000_000)
            exact = divided(worth * factor[0], factor[1])
            slack = 2 + abs(line[3]) * 10 ** self.digits // 100_000
            if abs(amount - exact) > slack:
                self.differ(f"line {number} amount", f"about {self.text(exact)}", self.text(amount))

    def discounted(self, rows, discount):
        items = [i for i, row in enumerate(rows) if row[2] == "item"]
        whole, left, net = sum(rows[i][1] for i in items), discount, [row[:2] for row in rows]
        for i in items if discount else []:
            share = left if i == items[-1] else divided(discount * rows[i][1], whole) if whole else 0
            left -= share
            net[i] = (net[i][0], net[i][1] - share)
        return net

    def explained(self, difference, shop_includes_tax):
        """An order with tax in its prices agrees always; else what tax has to do with it is half a unit for each."""
        want, have = self.want, self.have
        if want.kind == "salesCreditMemo":
            rest = difference - want.parts.get("cash-rounding", 0)
        else:
            rest = difference - sum(amount for reason, amount in want.parts.items() if reason != "tax-by-group")
        if have["evened"] != "0":
            rest = difference
        limit = 0 if shop_includes_tax else want.taxes
        if 2 * abs(rest) > limit:
            self.differ("difference", f"at most {limit} half units", self.text(rest))
        if have["reason"] == "unexplained" or (have["reason"] == "") != (difference == 0):
            self.differ("reason", "one of the list" if difference else "", have["reason"])


def erp_deviations(want, told, have, found, where):
    """What was made of a total that the ERP has told: right, in other groups of tax, or a unit off."""
    document = want.document
    difference = told["units"] - document.total
    text = text_of(difference, document.digits)
    if have["difference"] != text:
        found.append((where, "erp difference", text, have["difference"]))
    if not difference:
        reasons = {""}  # it is Shopify's total, whatever was predicted
    elif told["is_off"]:
        reasons = {"unexplained"}
    elif document.evened:
        reasons = {"tax-by-group", *document.reasons}  # what was evened in one sum may keep that sum's name
    else:
        parts = {**document.parts, "tax-by-group": difference - sum(
            amount for reason, amount in document.parts.items() if reason != "tax-by-group")}
        largest = max(abs(amount) for amount in parts.values())
        reasons = {reason for reason, amount in parts.items() if abs(amount) == largest}
    if have["reason"] not in reasons:
        found.append((where, "erp reason", " or ".join(sorted(reasons)), have["reason"]))


def order_deviations(want, have, erp_includes_tax, found):
    document, plan, name = want.document, have["document"], want.order["name"]
    own = want.includes_tax
    other = erp_includes_tax is not None and erp_includes_tax != own
    kinds = {document.kind: erp_includes_tax if document.kind == "salesInvoice" and other else own}
    if document.kind == "salesInvoice" and other:
        kinds["salesOrder"] = own  # there the model of taxes can be chosen
    if kinds.get(plan["kind"]) != plan["prices_include_tax"]:
        found.append((name, "kind, prices_include_tax", kinds, (plan["kind"], plan["prices_include_tax"])))
    Comparison(name, document, plan, found).run(own)


def memo_deviations(want, memo, where, have, erp_includes_tax, found):
    includes_tax = want.includes_tax if erp_includes_tax is None else erp_includes_tax
    if (have["kind"], have["prices_include_tax"]) != ("salesCreditMemo", includes_tax):
        found.append((where, "kind, prices_include_tax", ("salesCreditMemo", includes_tax),
                      (have["kind"], have["prices_include_tax"])))
    Comparison(where, memo, have, found).run(want.includes_tax)


def may_be(skip, skips, is_converted):
    """A memo of the other model of taxes rounds otherwise, and may or may not have a rest to book."""
    return skips is None or skip in skips or is_converted and {skip, *skips} == {"", "refund-account"}


def deviations_of(want, have, erp_includes_tax=None, told=None):
    """[(document, field, wanted, found)] of one order. `told` is the total that the program was given as the ERP's."""
    name, found = want.order["name"], []
    if have is None or "error" in have:
        return [(name, "answer", "a plan", str(have))]
    if want.skips:
        if have["skip"] not in want.skips | want.may_skip:
            found.append((name, "skip", " or ".join(sorted(want.skips)), have["skip"] or "a document"))
    elif have["skip"] in want.may_skip:
        return found
    elif have["skip"]:
        found.append((name, "skip", "a document", f"{have['skip']} {have['detail']}"))
    else:
        order_deviations(want, have, erp_includes_tax, found)
        if told:
            erp_deviations(want, told, have["erp"], found, name)
    refunds = {refund["id"]: refund for refund in have["refunds"]}
    for id_, (skips, memo) in want.refunds.items():
        refund, where = refunds.get(id_), f"{name}-R{id_}"
        if refund is None:
            found.append((where, "refund", "an answer", "none"))
        elif not may_be(refund["skip"], skips, erp_includes_tax not in (None, want.includes_tax)):
            wanted = " or ".join(sorted(skips)) or "a credit memo"
            found.append((where, "skip", wanted, f"{refund['skip']} {refund['detail']}".strip() or "a credit memo"))
        elif memo and refund["document"]:
            memo_deviations(want, memo, where, refund["document"], erp_includes_tax, found)
    return found
