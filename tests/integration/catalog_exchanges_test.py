#!/usr/bin/env python3
"""catalog_exchanges_test.py - a failure at every single HTTP exchange of catalogs.sync and catalog-prices.sync
(tests/support/exchanges.py).

A life: the merchant makes a catalog of a company's location and one of a market, and two items of two variants are linked;
then both items get another price, and one a price of the group that buys from the company's catalog. Afterwards, with nobody
helping, each price list has the price of its buyer of each variant.

    python3 tests/integration/catalog_exchanges_test.py [--whole] [--match REGEX] [--kinds A,B] [--lanes N]

Without --whole only what changes something at Shopify is played, with one kind of failure, another one for each.
"""
import argparse
import itertools
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import exchanges  # noqa: E402
from stack import COMPANY, DEMO, end_with  # noqa: E402

ITEMS, VARIANTS, STAGES = 2, 2, 2
NAMED = ("Gold", "Islands")
PRICES = (20, 21)  # of all items, stage by stage
GROUP_PRICE = 15  # of the first item, for the group, from the second stage on
SETTINGS = """        sku_mapping: item-no-variant
        late_s: {late_s}
        catalogs: {{ "Gold": "price_group=GOLD", "Islands": "" }}
"""


class Catalogs:
    """From a catalog that is new to another price on its list."""
    company, shop, name = COMPANY, "DEMO", "catalogs"
    operations = ("catalogs.sync", "catalog-prices.sync")
    # What nobody waits for any more comes after such a look.
    looks = {"shopify": "Catalogs", "business-central": "item"}

    def __init__(self):
        self.lives = itertools.count(1)

    def prepare(self, lane):
        stack = lane.stack
        stack.start(data="none", shopify=("--index-lag", "0"), bc=("--level", "extension"))
        config = [line for line in pathlib.Path(DEMO).read_text().split("    entries:")[0].split("\n")
                  if not re.match(r"\s+(sku_mapping|catalogs):", line)]
        path = stack.dir / "config.yaml"
        path.write_text("\n".join(config) + SETTINGS.format(late_s=exchanges.LATE_S))
        stack.cli("apply", "-f", path)
        worker = lane.new_worker()  # a simulated peer's first answer takes longer than the client's patience at this scale
        lane.subject = {"stage": STAGES - 1}
        lane.run("catalogs.sync")
        worker.stop()

    def arguments(self, operation):
        return {"item_no": f"{self.prefix}*"} if operation == "products.add" else {}

    def others(self, operation):
        return {}

    def forget(self, lane):
        for title in NAMED:
            if title in self.titles(lane):
                lane.stack.sandbox("shopify", "DELETE", f"catalogs/{title}")

    def titles(self, lane):
        rows = lane.stack.sandbox("shopify", "GET", "catalogs")
        return {row["title"]: row for row in rows}

    def place(self, lane):
        self.prefix = f"X{next(self.lives)}-"
        subject = {"prefix": self.prefix, "stage": 0}
        self.in_erp(lane, subject)
        lane.subject = {"stage": STAGES - 1}
        lane.stack.wait("the items are products", exchanges.SETTLE_S, lambda: self.added(lane, subject))
        lane.stack.sandbox("shopify", "POST", "catalogs", {
            "title": "Gold", "currency": "GBP", "locations": [{"name": "Head office", "company": "Adatum"}]})
        lane.stack.sandbox("shopify", "POST", "catalogs", {"title": "Islands", "currency": "GBP", "markets": ["Islands"]})
        return subject

    def added(self, lane, subject):
        """Items that were made just now are not listed at once."""
        lane.run("products.add")
        return len(self.variants(lane, subject)) == ITEMS * VARIANTS

    def variants(self, lane, subject):
        products = lane.stack.sandbox("shopify", "GET", f"products?sku={subject['prefix']}")
        return [variant for product in products for variant in product["variants"]]

    def in_erp(self, lane, subject):
        stage = subject["stage"]
        lane.stack.sandbox("business-central", "POST", "many-items", {
            "prefix": subject["prefix"], "count": ITEMS, "variants": VARIANTS, "card": {"unitPrice": PRICES[stage]}})
        if stage:
            lane.stack.sandbox("business-central", "POST", "parts/priceListLines", {
                "item": f"{subject['prefix']}{1:06}", "lineNumber": 1, "assignTo": "Customer Price Group",
                "assignToNumber": "GOLD", "unitPrice": GROUP_PRICE})

    # ---- what people do meanwhile ----

    def between(self, lane, subject, operation):
        if operation != "catalogs.sync" or subject["stage"] + 1 == STAGES or self.differing(lane, subject):
            return
        subject["stage"] += 1
        self.in_erp(lane, subject)

    # ---- both sides ----

    def differing(self, lane, subject):
        found, stage = [], subject["stage"]
        variants = self.variants(lane, subject)
        titles = self.titles(lane)
        for title in NAMED:
            prices = titles[title]["priceList"]["prices"]
            for variant in variants:
                first = variant["sku"].startswith(f"{subject['prefix']}{1:06}")
                want = GROUP_PRICE if stage and first and title == "Gold" else PRICES[stage]
                got = prices.get(variant["id"].split("/")[-1], {}).get("price")
                if got is None or float(got) != want:
                    found.append(f"{variant['sku']} costs {got} on {title}, and {want} in the ERP")
        return found

    def missing(self, lane, subject):
        behind = [] if subject["stage"] + 1 == STAGES else [f"stage {subject['stage']}"]
        return "; ".join(behind + self.wrong(lane, subject))

    def wrong(self, lane, subject):
        skips = lane.stack.api("GET", f"/v1/skips?company={COMPANY}")["skips"]
        left = [f"{skip['record']} is still listed: {skip['reason']} {skip.get('detail')}" for skip in skips
                if skip["record"] in NAMED or skip["record"].startswith(subject["prefix"])]
        return self.differing(lane, subject) + left

    def behind(self, lane, subject, exchange):
        return []

    label = staticmethod(exchanges.client_name)

    def nth(self, exchange):
        return exchange.nth


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--whole", action="store_true", help="every kind at every exchange, once and twice in a row")
    parser.add_argument("--match", default="", help="only cases whose name matches this")
    parser.add_argument("--kinds", default=",".join(exchanges.KINDS))
    parser.add_argument("--lanes", type=int, default=2)
    flags = parser.parse_args()
    kinds = flags.kinds.split(",")
    numbers = {}
    short = [kind for kind in ("after", "429", "garbled", "before", "late") if kind in kinds]

    def choose(case):
        name = f"{case.exchange.peer} {case.exchange.operation} {case.exchange.nth}, {case.kind}"
        if not re.search(flags.match, name):
            return False
        if flags.whole:
            return True
        if case.twice or case.exchange.peer != "shopify" or not exchanges.is_write(case.exchange):
            return False
        return case.kind == short[numbers.setdefault(case.exchange, len(numbers)) % len(short)]

    return exchanges.play_all(Catalogs, flags.lanes, choose, kinds)


if __name__ == "__main__":
    end_with(main)
