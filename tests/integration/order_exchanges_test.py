#!/usr/bin/env python3
"""order_exchanges_test.py - a failure at every single HTTP exchange of an order's life (tests/support/exchanges.py).

Three orders are placed at a time and carried through all operations. Afterwards, with no person helping, each stands
exactly once in the ERP, with the total Shopify shows, and its goods are told as shipped once. The second half of a life
is a topic of its own: goods come back, as a refund and as a return, and an order is edited and shipped by hand.
At level `extension` of Business Central a parcel's number arrives as well, with the fulfillment or after it.

    python3 tests/integration/order_exchanges_test.py [--whole] [--topics A,B] [--level api|extension]
                                                      [--match REGEX] [--kinds A,B] [--lanes N]

Without --whole each exchange is played with one kind of failure, another one for each, so that all kinds come; of the
second half, and of the level `extension`, those exchanges that the others do not have.
"""
import argparse
import collections
import functools
import os
import pathlib
import re
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import exchanges  # noqa: E402
from kill_points_test import CONFIG, usable  # noqa: E402
from stack import COMPANY, end_with  # noqa: E402

ORDERS = 3
SOLD = ("salesOrder.created", "salesShipment.posted", "salesInvoice.posted", "fulfillmentCreate")
INVOICED = ("salesInvoice.created", "salesInvoice.posted")  # shipped by hand before a document was made
CREDITED = ("salesCreditMemo.created", "salesCreditMemo.posted")
COUNTED = {*SOLD, *INVOICED, *CREDITED}
# What a failed exchange keeps back, of one record: the others have it meanwhile.
STEPS = {"POST salesOrders": "salesOrder.created", "POST orderImports": "salesOrder.created",
         "POST Microsoft.NAV.shipAndInvoice": "salesInvoice.posted", "FulfillmentCreate": "fulfillmentCreate"}
FORGOTTEN = ("customer:*", "product:*", "variant:*", "variants:*", "shopinfo:*")  # so that each life looks all of it up
REPLICA_S = 0.6  # lists of Business Central are so old
SETTINGS = """        late_s: {late_s}
        return_and_refund_process: auto-create
        refund_account: "6130"
        refund_account_non_restock: "6130"
"""


def pennies(amount):
    return round(float(amount) * 100)


class Orders:
    """From discovery to the posted invoice and the fulfillment."""
    company, shop = COMPANY, "DEMO"
    operations = ("orders.sync", "orders.process", "sales-orders.post", "shipments.sync", "orders.sync")

    def __init__(self, level):
        self.level, self.name = level, f"{type(self).__name__.lower()} at {level}"

    def arguments(self, operation):
        return {"post_when": "created"} if operation.endswith(".post") else {}

    def others(self, operation):
        """Makes another run of the same kind, over the same orders."""
        return {"shipment_no" if operation == "shipments.sync" else "order_no": "<>''"}

    def prepare(self, lane):
        stack = lane.stack
        stack.start(data="none", shopify=("--index-lag", "0"), bc=("--level", self.level))
        self.world, self.placed, self.totals = usable(stack), 0, {}
        config = stack.dir / "config.yaml"
        config.write_text(CONFIG.replace("bc_late_s: 4", f"bc_late_s: {exchanges.LATE_S}") + SETTINGS.format(late_s=exchanges.LATE_S))
        stack.cli("apply", "-f", config)
        self.start(lane)

    def start(self, lane):
        worker = lane.new_worker()  # the store's own orders are none of ours
        lane.subject = {}
        lane.round()
        worker.stop()

    def forget(self, lane):
        redis = lane.stack.redis
        for pattern in FORGOTTEN:
            for key in redis("KEYS", f"ct:*:s:{COMPANY}:{pattern}"):
                redis("DEL", key)

    # ---- what is placed: {record's name: what is to stand of it once} ----

    def place_one(self, lane, quantity):
        pick = self.placed
        variant = self.world["variants"][pick % len(self.world["variants"])]
        customer = self.world["customers"][pick % len(self.world["customers"])]
        order = lane.stack.sandbox("shopify", "POST", "orders", {
            "customer": customer, "lines": [{"variant": variant["id"], "quantity": quantity, "price": variant["price"]}]})
        self.placed += 1
        self.totals[order["name"].upper()] = order["total"]
        return order["name"].upper()

    def place(self, lane):
        return {self.place_one(lane, 1 + n): SOLD for n in range(ORDERS)}

    # ---- what people do meanwhile ----

    def between(self, lane, subject, operation):
        if operation != "shipments.sync":
            return
        posted = self.shipments(lane, subject)
        if self.level == "extension":
            told = self.tracking(lane)
            for name, number in posted.items():  # of the last one it comes late
                if name != list(subject)[-1] or name in told:
                    lane.stack.sandbox("business-central", "POST", f"shipments/{number}",
                                       {"trackingNumber": f"P{number}", "shippingAgent": "DHL"})
        if posted:
            lane.stack.wait("the ERP's lists show it", 5, functools.partial(self.seen, time.monotonic()))

    @staticmethod
    def seen(since):
        return time.monotonic() - since > REPLICA_S

    def shipments(self, lane, subject):
        """Numbers of posted shipments by the order's name."""
        effects = lane.stack.sandbox("business-central", "GET", "ledger")["effects"]
        return {row["external"]: row["key"] for row in effects
                if row["kind"] == "salesShipment.posted" and SOLD == subject.get(row["external"])}

    # ---- what stands at the peers ----

    def books(self, lane):
        """By the record's name: {name: Counter of kinds}."""
        found = collections.defaultdict(collections.Counter)
        for peer in exchanges.PEERS:
            for effect in lane.stack.sandbox(peer, "GET", "ledger")["effects"]:
                if effect["kind"] in COUNTED:
                    found[(effect.get("external") or effect["name"]).upper()][effect["kind"]] += 1
        return found

    def tracking(self, lane):
        """What Shopify was told last of each order's parcels: {name: numbers}."""
        return {row["name"].upper(): [parcel["number"] for parcel in row["tracking"] or []]
                for row in lane.stack.sandbox("shopify", "GET", "ledger")["effects"]
                if row["kind"] in ("fulfillmentCreate", "fulfillmentTrackingInfoUpdate")}

    def untold(self, lane, subject):
        """Orders whose parcel has a number that Shopify does not show."""
        if self.level != "extension":
            return []
        told = self.tracking(lane)
        return [name for name, number in self.shipments(lane, subject).items() if told.get(name) != [f"P{number}"]]

    def missing(self, lane, subject):
        found = self.books(lane)
        return ", ".join([f"{kind} of {name}" for name, kinds in subject.items() for kind in kinds if not found[name][kind]]
                         + [f"tracking number of {name}" for name in self.untold(lane, subject)])

    def wrong(self, lane, subject):
        found = self.books(lane)
        wrong = [f"{kind} of {name}: {found[name][kind]} times" for name, kinds in subject.items()
                 for kind in sorted(COUNTED) if found[name][kind] != (kind in kinds)]
        for name in subject:
            stands = lane.stack.sandbox("business-central", "GET", f"documents?external={urllib.parse.quote(name)}")["documents"]
            totals = [pennies(row["totalAmountIncludingTax"]) for row in stands]
            if totals != [self.totals[name]]:
                wrong.append(f"{name} is {self.totals[name]} in Shopify, in the ERP stand documents of {totals}")
        return wrong + [f"{name}: its parcel's number is not told" for name in self.untold(lane, subject)]

    def behind(self, lane, subject, exchange):
        """Records that lack what this exchange brings about."""
        step, found = STEPS.get(exchange.operation), self.books(lane)
        return [name for name, kinds in subject.items() if step in kinds and not found[name][step]]

    def label(self, exchange):
        """The client's name of it, as its kill points have it."""
        peer, operation, _ = exchange
        if operation in exchanges.TOKENS:
            operation = "oauth"
        operation = operation.replace("POST Microsoft.NAV.ship", "POST salesOrders/Microsoft.NAV.ship")
        return f"shopify {operation}" if peer == "shopify" else f"bc {operation}"

    def nth(self, exchange):
        """Its place among those of that name."""
        return exchange.nth


class Returns(Orders):
    """Two orders that were sold: one is refunded, one returned; a third, new one is edited and shipped by hand."""
    operations = ("orders.sync", "orders.process", "sales-invoices.post", "shipments.sync", "orders.sync")
    AT_ONCE = 20

    def prepare(self, lane):
        self.sold = []
        super().prepare(lane)

    def sell(self, lane):
        """More orders live the first half of their life undisturbed."""
        more = {self.place_one(lane, 2): SOLD for _ in range(self.AT_ONCE)}
        mine, self.operations = self.operations, Orders.operations
        lane.live(more)
        self.operations = mine
        self.sold += more

    def place(self, lane):
        if len(self.sold) < 2:
            self.sell(lane)
        refunded, returned = self.sold.pop(), self.sold.pop()
        new = self.place_one(lane, 2)
        self.act(lane, new, "edit", lines=[{"line": 0, "quantity": 1}])
        self.act(lane, new, "fulfil")
        self.totals[new] //= 2
        self.forget(lane)
        memos = [self.give_back(lane, refunded, "refund", lines=[{"line": 0, "quantity": 1}])]
        self.act(lane, returned, "return", lines=[{"line": 0, "quantity": 1}])
        memos.append(self.give_back(lane, returned, "refund-return", lines=[{"line": 0, "quantity": 1}]))
        return {refunded: SOLD, returned: SOLD, new: INVOICED, **dict.fromkeys(memos, CREDITED)}

    def give_back(self, lane, name, action, **form):
        """The external number of the credit memo that is to come of it."""
        made = self.act(lane, name, action, **form)
        memo = f"{name}-R{made['refund'].rsplit('/', 1)[1]}"
        self.totals[memo] = self.totals[name] // 2
        return memo

    def act(self, lane, name, action, **form):
        return lane.stack.sandbox("shopify", "POST", f"orders/{urllib.parse.quote(name)}/{action}", form)

    def behind(self, lane, subject, exchange):
        memo = exchange.operation == "POST salesCreditMemos"
        found = self.books(lane)
        return [name for name, kinds in subject.items() if memo and kinds == CREDITED and not found[name][CREDITED[0]]]

    def label(self, exchange):
        operation = exchange.operation
        if operation == "POST Microsoft.NAV.post":  # the invoice goes first
            return "bc POST salesInvoices/Microsoft.NAV.post" if exchange.nth == 1 else "bc POST salesCreditMemos/Microsoft.NAV.post"
        return super().label(exchange)

    def nth(self, exchange):
        return exchange.nth - 1 if self.label(exchange).startswith("bc POST salesCreditMemos/") else exchange.nth


TOPICS = {"orders": Orders, "returns": Returns}
# Of the form in short: what the first half at level `api` does not have.
OWN = {("returns", "api"): r"CreditMemo|salesInvoices,|POST salesInvoices|NAV\.post |Refund|Return",
       ("orders", "extension"): r"orderImports|postedShipments|Tracking|FulfillmentCreate"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--whole", action="store_true", help="every kind at every exchange, once and twice in a row")
    parser.add_argument("--topics", default="orders,returns")
    parser.add_argument("--level", choices=("api", "extension"), help="left out = both")
    parser.add_argument("--match", default="", help="only cases whose name matches this")
    parser.add_argument("--kinds", default=",".join(exchanges.KINDS))
    parser.add_argument("--lanes", type=int, default=4)
    flags = parser.parse_args()
    kinds = flags.kinds.split(",")
    passed = failed = 0
    # A broker changes nothing between two exchanges, so on a Kafka each third of the first half at level api.
    on_kafka = bool(os.environ.get("TEST_KAFKA"))

    def chooser(own):
        numbers = {}

        def choose(case):
            name = f"{case.exchange.peer} {case.exchange.operation} {case.exchange.nth}, {case.kind}"
            if flags.match and not re.search(flags.match, name):
                return False
            if flags.whole:
                return True
            if not re.search(own, name):
                return False
            number = numbers.setdefault(case.exchange, len(numbers))
            turn = kinds[number % len(kinds)]
            if turn == "late" and not exchanges.is_write(case.exchange):
                turn = "timeout"
            return case.kind == turn and not case.twice and number % (3 if on_kafka else 1) == 0
        return choose

    for topic in flags.topics.split(","):
        for level in [flags.level] if flags.level else ["api", "extension"]:
            own = OWN.get((topic, level), "" if (topic, level) == ("orders", "api") else None)
            if not flags.whole and (own is None or own and on_kafka):
                continue
            done = exchanges.play_all(functools.partial(TOPICS[topic], level), flags.lanes, chooser(own), kinds)
            passed, failed = passed + done[0], failed + done[1]
    return passed, failed


if __name__ == "__main__":
    end_with(main)
