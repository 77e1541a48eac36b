#!/usr/bin/env python3
"""catalogue_exchanges_test.py - a failure at every single HTTP exchange of products.add, products.sync and inventory.sync
(tests/support/exchanges.py).

A life: two items of two variants become products, priced and stocked at two locations; then both get another name, price and
stock in the ERP, while a person changes a level at Shopify, so that what is set there is stale. Afterwards, with nobody
helping, each variant stands once, as the ERP has it.

    python3 tests/integration/catalogue_exchanges_test.py [--whole] [--match REGEX] [--kinds A,B] [--lanes N]

Without --whole only what changes something at Shopify is played, with one kind of failure, another one for each.
"""
import argparse
import collections
import itertools
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import exchanges  # noqa: E402
from stack import COMPANY, DEMO, end_with  # noqa: E402

ITEMS, VARIANTS, STAGES = 2, 2, 2
MAIN, HIGH_STREET = "Main Warehouse", "High Street Shop"
SETTINGS = """        sku_mapping: item-no-variant
        sales_channels: online_store
        late_s: {late_s}
        location_filters: {{ "70000000001": MAIN, "70000000002": EAST }}
"""
# What the ERP says, stage by stage.
CARDS = ({"unitPrice": 20, "unitCost": 9}, {"unitPrice": 21, "unitCost": 9, "displayName": "Another name"})
STOCK = ({"MAIN": 7, "EAST": 3}, {"MAIN": 6, "EAST": 3})


class Catalogue:
    """From an item without a product to a change of it at Shopify."""
    company, shop, name = COMPANY, "DEMO", "catalogue"
    operations = ("products.add", "products.sync", "inventory.sync")
    # What nobody waits for any more comes after such a look.
    looks = {"shopify": "ProductsByBcId|InventoryLevels", "business-central": "item"}

    def __init__(self):
        self.lives = itertools.count(1)

    def prepare(self, lane):
        stack = lane.stack
        stack.start(data="none", shopify=("--index-lag", "0"), bc=("--level", "extension"))
        config = [line for line in pathlib.Path(DEMO).read_text().split("    entries:")[0].split("\n")
                  if not re.match(r"\s+(sku_mapping|stock_calculations):", line)]
        path = stack.dir / "config.yaml"
        path.write_text("\n".join(config) + SETTINGS.format(late_s=exchanges.LATE_S))
        stack.cli("apply", "-f", path)
        worker = lane.new_worker()  # a simulated peer's first answer takes longer than the client's patience at this scale
        lane.subject = {}
        lane.run("inventory.sync")
        worker.stop()

    def arguments(self, operation):
        return {"item_no": "X*"} if operation == "products.add" else {}

    def others(self, operation):
        return {}

    def forget(self, lane):
        pass

    def place(self, lane):
        subject = {"prefix": f"X{next(self.lives)}-", "stage": 0}
        self.in_erp(lane, subject)
        return subject

    def in_erp(self, lane, subject):
        stage = subject["stage"]
        lane.stack.sandbox("business-central", "POST", "many-items", {
            "prefix": subject["prefix"], "count": ITEMS, "variants": VARIANTS, "card": CARDS[stage], "stock": STOCK[stage]})

    # ---- what people do meanwhile ----

    def between(self, lane, subject, operation):
        if operation != "products.add" or subject["stage"] + 1 == STAGES or self.differing(lane, subject):
            return
        subject["stage"] += 1
        self.in_erp(lane, subject)
        sku = next(iter(self.wanted(subject)))
        lane.stack.sandbox("shopify", "POST", "stock", {"sku": sku, "location": MAIN, "delta": 2})

    # ---- both sides ----

    def wanted(self, subject):
        """{SKU: what stands of it at Shopify}, by the ERP."""
        stage = subject["stage"]
        found = {}
        for number in (f"{subject['prefix']}{n:06}" for n in range(1, 1 + ITEMS)):
            title = CARDS[stage].get("displayName", f"Article {number}")
            for kind in range(1, 1 + VARIANTS):
                found[f"{number}|V{kind}"] = {"title": title, "price": CARDS[stage]["unitPrice"],
                                              MAIN: STOCK[stage]["MAIN"], HIGH_STREET: STOCK[stage]["EAST"]}
        return found

    def standing(self, lane, subject):
        """{SKU: [the same, for each variant that has it]}, by Shopify."""
        variants = collections.defaultdict(dict)
        for row in lane.stack.sandbox("shopify", "GET", "stock"):
            if (row["sku"] or "").startswith(subject["prefix"]) and row["isActive"]:
                variants[row["sku"], row["variant"]][row["location"]] = row["on_hand"]
        found = collections.defaultdict(list)
        for product in lane.stack.sandbox("shopify", "GET", f"products?sku={subject['prefix']}"):
            for variant in product["variants"]:
                found[variant["sku"]].append({"title": product["title"], "price": float(variant["price"]),
                                              **variants.get((variant["sku"], variant["id"]), {})})
        return found

    def differing(self, lane, subject):
        standing = self.standing(lane, subject)
        return [f"{sku} is {standing[sku]} at Shopify, and {row} in the ERP"
                for sku, row in self.wanted(subject).items() if standing[sku] != [row]]

    def missing(self, lane, subject):
        behind = [] if subject["stage"] + 1 == STAGES else [f"stage {subject['stage']}"]
        return "; ".join(behind + self.wrong(lane, subject))

    def wrong(self, lane, subject):
        skips = lane.stack.api("GET", f"/v1/skips?company={COMPANY}")["skips"]
        left = [f"{skip['record']} is still listed: {skip['reason']} {skip.get('detail')}" for skip in skips
                if skip["record"].startswith(subject["prefix"])]
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
    parser.add_argument("--lanes", type=int, default=4)
    flags = parser.parse_args()
    kinds = flags.kinds.split(",")
    numbers = {}
    short = [kind for kind in ("late", "garbled", "after", "429", "before", "timeout") if kind in kinds]

    def choose(case):
        name = f"{case.exchange.peer} {case.exchange.operation} {case.exchange.nth}, {case.kind}"
        if not re.search(flags.match, name):
            return False
        if flags.whole:
            return True
        if case.twice or case.exchange.peer != "shopify" or not exchanges.is_write(case.exchange):
            return False
        return case.kind == short[numbers.setdefault(case.exchange, len(numbers)) % len(short)]

    return exchanges.play_all(Catalogue, flags.lanes, choose, kinds)


if __name__ == "__main__":
    end_with(main)
