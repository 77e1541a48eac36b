#!/usr/bin/env python3
"""order_exchanges_test.py - a failure at every single HTTP exchange of an order's life (tests/support/exchanges.py).

Three orders are placed at a time and carried through all operations. Afterwards, with no person helping, each stands
exactly once in the ERP, with the total Shopify shows.

    python3 tests/integration/order_exchanges_test.py [--whole] [--match REGEX] [--kinds A,B] [--lanes N]

Without --whole each exchange is played with one kind of failure, another one for each, so that all kinds come.
"""
import argparse
import collections
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import exchanges  # noqa: E402
from kill_points_test import CONFIG, usable  # noqa: E402
from stack import COMPANY, end_with  # noqa: E402

ORDERS = 3
WANTED = ("salesOrder.created", "salesShipment.posted", "salesInvoice.posted", "fulfillmentCreate")  # once each
FORGOTTEN = ("customer:*", "product:*", "variant:*", "variants:*", "shopinfo:*")  # so that each life looks all of it up


class Orders:
    company, shop = COMPANY, "DEMO"
    operations = ("orders.sync", "orders.process", "sales-orders.post", "shipments.sync", "orders.sync")

    def arguments(self, operation):
        return {"post_when": "created"} if operation.endswith(".post") else {}

    def others(self, operation):
        """Makes another run of the same kind, over the same orders."""
        return {"shipment_no" if operation == "shipments.sync" else "order_no": "<>''"}

    def prepare(self, lane):
        stack = lane.stack
        stack.start(data="none", shopify=("--index-lag", "0"))
        self.world, self.placed = usable(stack), 0
        config = stack.dir / "config.yaml"
        config.write_text(CONFIG.replace("bc_late_s: 4", f"bc_late_s: {exchanges.LATE_S}"))
        stack.cli("apply", "-f", config)
        worker = lane.new_worker()  # the store's own orders are none of ours
        lane.round()
        worker.stop()

    def forget(self, lane):
        redis = lane.stack.redis
        for pattern in FORGOTTEN:
            for key in redis("KEYS", f"ct:*:s:{COMPANY}:{pattern}"):
                redis("DEL", key)

    def place(self, lane):
        names = []
        for n in range(ORDERS):
            pick = self.placed + n
            variant = self.world["variants"][pick % len(self.world["variants"])]
            customer = self.world["customers"][pick % len(self.world["customers"])]
            names.append(lane.stack.sandbox("shopify", "POST", "orders", {
                "customer": customer, "lines": [{"variant": variant["id"], "quantity": 1 + pick % 3, "price": variant["price"]}]})["name"])
        self.placed += ORDERS
        return names

    def between(self, lane, names, rounds):
        """What people do at the peers before the next round."""

    def books(self, lane):
        """What stands at the peers, by the order's name: {name: Counter of kinds}."""
        found = collections.defaultdict(collections.Counter)
        for peer in exchanges.PEERS:
            for effect in lane.stack.sandbox(peer, "GET", "ledger")["effects"]:
                if effect["kind"] in WANTED:
                    found[effect.get("external") or effect["name"]][effect["kind"]] += 1
        return found

    def missing(self, lane, names):
        found = self.books(lane)
        return ", ".join(f"{kind} of {name}" for name in names for kind in WANTED if not found[name.upper()][kind])

    def wrong(self, lane, names):
        found = self.books(lane)
        return [f"{kind} of {name}: {found[name.upper()][kind]} times"
                for name in names for kind in WANTED if found[name.upper()][kind] != 1]

    def label(self, exchange):
        """The client's name of it, as its kill points have it."""
        peer, operation, _ = exchange
        operation = operation.replace("POST Microsoft", "POST salesOrders/Microsoft")
        return f"shopify {operation}" if peer == "shopify" else f"bc {operation}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--whole", action="store_true", help="every kind at every exchange, once and twice in a row")
    parser.add_argument("--match", default="", help="only cases whose name matches this")
    parser.add_argument("--kinds", default=",".join(exchanges.KINDS))
    parser.add_argument("--lanes", type=int, default=3)
    flags = parser.parse_args()
    kinds = flags.kinds.split(",")
    numbers = {}

    def choose(case):
        if flags.match:
            return re.search(flags.match, f"{case.exchange.peer} {case.exchange.operation} {case.exchange.nth}, {case.kind}")
        number = numbers.setdefault(case.exchange, len(numbers))
        turn = kinds[number % len(kinds)]
        if turn == "late" and not exchanges.is_write(case.exchange):
            turn = "timeout"
        # A broker changes nothing between two exchanges, so on a Kafka each third.
        return flags.whole or case.kind == turn and not case.twice and number % (3 if os.environ.get("TEST_KAFKA") else 1) == 0

    passed, failed = exchanges.play_all(Orders, flags.lanes, choose, kinds)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    end_with(main)
