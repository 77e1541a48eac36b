#!/usr/bin/env python3
"""customer_exchanges_test.py - a failure at every single HTTP exchange of customers.sync and customers.add (tests/support/exchanges.py).

A life to Business Central: one customer of the store is made there, one is found there and changed, and one of its own is
added to the store. A life to Shopify: one customer is found and changed at Shopify, where he keeps his other address and gets a metafield.
Afterwards, with nobody helping, each stands once on both sides, as he should.

    python3 tests/integration/customer_exchanges_test.py [--whole] [--topics A,B] [--match REGEX] [--lanes N]

Without --whole each exchange is played with one kind of failure, another one for each; workers are killed with --whole only
(customers_sync_test kills some), because each death waits for a lease.
"""
import argparse
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import exchanges  # noqa: E402
from kill_points_test import CONFIG  # noqa: E402
from stack import COMPANY, Refused, end_with  # noqa: E402

FIRST_ID = 7_400_000_000_000
OLD, NEW, SITE = "1 Old Road", "9 New Road", "https://test.example"


class Customers:
    """What both lives share: customers that are placed at the peers, and what became of them."""
    company, shop = COMPANY, "DEMO"
    looks = {"shopify": "Customer", "business-central": "customers"}
    reads, skipped, due = "customer_import: all", "skip:customer-*", "customers-due*"

    def prepare(self, lane):
        self.stack, self.placed = lane.stack, 0
        lane.stack.start(data="none", shopify=("--index-lag", "0"))
        settings = "".join(f"        {line}\n" for line in ("late_s: %d" % exchanges.LATE_S, self.reads, *self.settings))
        config = lane.stack.dir / "config.yaml"
        config.write_text(CONFIG.replace("bc_late_s: 4", f"bc_late_s: {exchanges.LATE_S}") + settings)
        lane.stack.cli("apply", "-f", config)
        worker = lane.new_worker()
        lane.subject = {}
        lane.round()
        lane.round()
        self.world = self.left()  # customers of the world that are alike: those skips are right
        worker.stop()

    def arguments(self, operation):
        return {"customer_no": "NEW*"} if operation == "customers.add" else {}

    def others(self, operation):
        return {}

    def forget(self, lane):
        pass

    def between(self, lane, subject, operation):
        pass

    def behind(self, lane, subject, exchange):
        return []

    label = staticmethod(exchanges.client_name)

    def nth(self, exchange):
        return exchange.nth

    def wrong(self, lane, subject):
        found = [f"{name}: {problem}" for name, problem in self.differing(subject).items()]
        return found + [f"{what} is left" for what in sorted(self.left() - self.world)]

    def left(self):
        """Customers that were skipped, or are to be looked at again."""
        skips = self.stack.redis("KEYS", f"ct:*:s:{COMPANY}:{self.skipped}")
        due = self.stack.redis("KEYS", f"ct:*:s:{COMPANY}:{self.due}")
        return {key.decode() for key in skips} | {f"{key.decode()} {who.decode()}" for key in due for who in self.stack.redis("ZRANGE", key, 0, -1)}

    def missing(self, lane, subject):
        return "; ".join(f"{name}: {problem}" for name, problem in self.differing(subject).items())

    # ---- customers ----

    def address(self, street):
        return {"firstName": "Ann", "lastName": "Test", "company": None, "address1": street, "address2": None, "zip": "BA1 5AQ",
                "city": "Bath", "countryCode": "GB", "phone": None}

    def shopper(self, email, *streets):
        self.placed += 1
        number = str(FIRST_ID + self.placed)
        now = self.stack.sandbox("shopify", "GET", "time")["business"]
        self.stack.sandbox("shopify", "POST", "customers", {
            "id": number, "firstName": "Ann", "lastName": "Test", "email": email, "phone": None, "createdAt": now, "updatedAt": now,
            "addresses": [self.address(street) for street in streets]})
        return number

    def card(self, number, email, street):
        self.stack.sandbox("business-central", "POST", "customers", {
            "number": number, "displayName": "Ann Test", "type": "Person", "email": email, "addressLine1": street, "city": "Bath",
            "postalCode": "BA1 5AQ", "country": "GB", "website": SITE})

    def cards(self, email):
        return self.stack.sandbox("business-central", "GET", f"customers?email={email}")["customers"]

    def at_shopify(self, email):
        try:
            return self.stack.sandbox("shopify", "GET", f"customers/{email}?store=demo.myshopify.com")
        except Refused:
            return None

    def one_card(self, email, street):
        streets = [row["addressLine1"] for row in self.cards(email)]
        return None if streets == [street] else f"in Business Central stand {streets}"


class ToErp(Customers):
    name = "customers to Business Central"
    operations = ("customers.sync", "customers.add")
    settings = ("auto_create_customers: true", "shopify_can_update_customers: true")

    def place(self, lane):
        n = self.placed + 1
        emails = {kind: f"{kind}{n}@example.com" for kind in ("made", "changed", "added")}
        self.shopper(emails["made"], OLD)
        self.shopper(emails["changed"], NEW)
        self.card(f"OLD{n}", emails["changed"], OLD)
        self.card(f"NEW{n}", emails["added"], OLD)
        return emails

    def differing(self, subject):
        if not subject:
            return {}
        added = self.at_shopify(subject["added"])
        found = {subject["made"]: self.one_card(subject["made"], OLD), subject["changed"]: self.one_card(subject["changed"], NEW),
                 subject["added"]: None if added and len(added["addresses"]) == 1 and added["metafields"] else f"at Shopify stands {added}"}
        return {name: problem for name, problem in found.items() if problem}


class ToShopify(Customers):
    name = "customers to Shopify"
    operations = ("customers.sync",)
    settings = ("can_update_shopify_customers: true", "customer_metafields: { custom.site: website }")

    def place(self, lane):
        email = f"told{self.placed + 1}@example.com"
        self.shopper(email, OLD, "2 Side Lane")
        self.card(f"TOLD{self.placed}", email, NEW)
        return {"told": email}

    def differing(self, subject):
        if not subject:
            return {}
        there = self.at_shopify(subject["told"])
        streets, site = [row["address1"] for row in there["addresses"]], [row["value"] for row in there["metafields"]]
        cards = self.one_card(subject["told"], NEW)
        good = not cards and streets == [NEW, "2 Side Lane"] and site == [SITE]
        return {} if good else {subject["told"]: cards or f"at Shopify stand {streets}, {site}"}


TOPICS = {"erp": ToErp, "shopify": ToShopify}


def main(topics, about):
    parser = argparse.ArgumentParser(description=about.split("\n")[0])
    parser.add_argument("--whole", action="store_true", help="every kind at every exchange, once and twice in a row")
    parser.add_argument("--topics", default=",".join(topics))
    parser.add_argument("--match", default="", help="only cases whose name matches this")
    parser.add_argument("--lanes", type=int, default=2)
    flags = parser.parse_args()
    numbers, passed, failed = {}, 0, 0

    def choose(case):
        name = f"{case.exchange.peer} {case.exchange.operation} {case.exchange.nth}, {case.kind}"
        number = numbers.setdefault(case.exchange, len(numbers))
        kinds = [kind for kind in exchanges.KINDS if kind != "late" or exchanges.is_write(case.exchange)]
        if not flags.whole:
            kinds = [kind for kind in kinds if not kind.startswith("killed")]
        return bool(re.search(flags.match, name)) and (flags.whole or case.kind == kinds[number % len(kinds)] and not case.twice)

    for topic in flags.topics.split(","):
        good, bad = exchanges.play_all(topics[topic], flags.lanes, choose)
        passed, failed = passed + good, failed + bad
    return passed, failed


if __name__ == "__main__":
    end_with(lambda: main(TOPICS, __doc__))
