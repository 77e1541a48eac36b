#!/usr/bin/env python3
"""products_exchanges_test.py - a failure at every single HTTP exchange of products that come from Shopify (tests/support/exchanges.py).

A life: a merchant offers three products, one whose SKUs name an item and its variants, one whose item takes its number from
the series, and one of an item that stands; later all of them are renamed there. Afterwards, with nobody helping, each is one
item of its newest name, with each variant once.

    python3 tests/integration/products_exchanges_test.py [--whole] [--match REGEX] [--lanes N]

Without --whole the exchanges that list, read, make or change something are played with one kind of failure each.
"""
import argparse
import datetime
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import exchanges  # noqa: E402
from kill_points_test import CONFIG  # noqa: E402
from stack import COMPANY, end_with  # noqa: E402

SETTINGS = """        sync_item: from-shopify
        auto_create_items: true
        shopify_can_update_items: true
"""
SIZES = ("S", "M")
STAGES = 2  # offered, renamed
# Of the form in short: what nobody has to wait for. Lost creates and killed runs: products_import_test.c, and --whole.
SOON = ("after", "503", "garbled", "500", "429", "before")
SHORT = {"PATCH items": SOON, "ProductsDelta": SOON[::-1], "ProductsByIds": SOON[2:], "POST items": ("503",), "POST itemVariants": ("429",)}


class Products:
    """From the list of changes to the items."""
    company, shop, name = COMPANY, "DEMO", "products"
    operations = ("products.sync",)
    lives = 0

    def prepare(self, lane):
        stack = lane.stack
        stack.start(data="none", shopify=("--index-lag", "0"))
        config = stack.dir / "config.yaml"
        text = CONFIG.replace("bc_late_s: 4", f"bc_late_s: {exchanges.LATE_S}").replace("sku_mapping: item-no\n", "sku_mapping: variant-code\n")
        config.write_text(text + SETTINGS)
        stack.cli("apply", "-f", config)
        worker = lane.new_worker()
        lane.subject = {"stage": STAGES}
        lane.round()
        worker.stop()

    def arguments(self, operation):
        return {}

    def others(self, operation):
        return {}

    def forget(self, lane):
        pass

    # ---- what the merchant does ----

    def place(self, lane):
        type(self).lives += 1
        life = f"{8_400_000_000 + self.lives * 10}"
        code = f"L{self.lives}"
        lane.stack.sandbox("business-central", "POST", "items", {
            "number": f"STANDS-{code}", "displayName": "Stands", "type": "Inventory", "baseUnitOfMeasureCode": "PCS"})
        lane.stack.sandbox("business-central", "POST", "variants", {"item": f"STANDS-{code}", "code": f"{code}-T", "description": "T"})
        sized = [{"sku": f"{code}-{size}", "price": "5", "options": [size]} for size in SIZES]
        self.offer(lane, life + "1", f"Sized {code}", sized, options=["Size"])
        self.offer(lane, life + "2", f"Plain {code}", [{"sku": "", "price": "7"}])
        self.offer(lane, life + "3", f"Known {code}", [{"sku": f"{code}-T", "price": "9"}])
        return {"stage": 0, "life": life, "code": code}

    @staticmethod
    def later(lane):
        """Shopify's times have seconds: a minute passes there."""
        business = lane.stack.sandbox("shopify", "GET", "time")["business"]
        at = datetime.datetime.fromisoformat(business.replace("Z", "+00:00")) + datetime.timedelta(minutes=1)
        lane.stack.sandbox("shopify", "POST", "time", {"business": at.strftime("%Y-%m-%dT%H:%M:%SZ")})

    def offer(self, lane, number, title, variants, **more):
        self.later(lane)
        lane.stack.sandbox("shopify", "POST", "products", {"id": number, "title": title, "variants": variants, **more})

    def between(self, lane, subject, operation):
        if subject["stage"] >= STAGES:
            return
        subject["stage"] += 1
        if subject["stage"] == STAGES:
            self.later(lane)
            for place, word in enumerate(("Sized", "Plain", "Known"), 1):
                lane.stack.sandbox("shopify", "POST", f"products/{subject['life']}{place}", {"title": f"{word} {subject['code']} anew"})

    # ---- what stands there ----

    def differing(self, lane, subject):
        companies = lane.stack.sandbox("business-central", "GET", "dump")["companies"]
        tables = next(row["tables"] for row in companies if row["id"] == COMPANY)
        code, found = subject["code"], []
        for word in ("Sized", "Plain", "Known"):
            items = [row["number"] for row in tables["items"] if row["displayName"].startswith(f"{word} {code}")]
            named = [row for row in tables["items"] if row["displayName"] == f"{word} {code} anew"]
            if len(items) != 1 or len(named) != 1:
                found.append(f"{word} {code} is items {items}, {len(named)} of its newest name")
        made = sorted(row["code"] for row in tables["itemVariants"] if row["code"].startswith(f"{code}-"))
        if made != sorted(f"{code}-{size}" for size in (*SIZES, "T")):
            found.append(f"variants of {code} are {made}")
        return found

    def missing(self, lane, subject):
        return "more is to happen" if subject["stage"] < STAGES else "; ".join(self.differing(lane, subject))

    def wrong(self, lane, subject):
        return self.differing(lane, subject)

    def behind(self, lane, subject, exchange):
        return []

    def label(self, exchange):
        peer, operation, _ = exchange
        if operation in exchanges.TOKENS:
            operation = "oauth"
        return f"shopify {operation}" if peer == "shopify" else f"bc {operation}"

    def nth(self, exchange):
        return exchange.nth


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--whole", action="store_true", help="every kind at every exchange, once and twice in a row")
    parser.add_argument("--match", default="", help="only cases whose name matches this")
    parser.add_argument("--lanes", type=int, default=2)
    flags = parser.parse_args()
    numbers = {}

    def choose(case):
        exchange = case.exchange
        name = f"{exchange.peer} {exchange.operation} {exchange.nth}, {case.kind}"
        if flags.whole or not re.search(flags.match, name):
            return bool(re.search(flags.match, name))
        if exchange.nth > 1 and exchange.operation != "PATCH items" or exchange.operation not in SHORT:
            return False
        kinds = SHORT[exchange.operation]
        number = numbers.setdefault(exchange, len(numbers))
        return case.kind == kinds[number % len(kinds)] and not case.twice

    return exchanges.play_all(Products, flags.lanes, choose)


if __name__ == "__main__":
    end_with(main)
