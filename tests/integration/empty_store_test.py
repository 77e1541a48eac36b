#!/usr/bin/env python3
"""empty_store_test.py - a store without a single product gets the whole catalogue: products, prices, stock, pictures; and a
second round writes nothing.

Real processes, both simulated peers. Each product is held against its item's card, each level against the stock there.

    python3 tests/integration/empty_store_test.py
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from kill_points_test import CONFIG  # noqa: E402
from privacy_test import run  # noqa: E402
from stack import COMPANY, Stack, end_with, expect, run_tests  # noqa: E402

ROUND = ("products.add", "products.sync", "inventory.sync", "images.sync")
SETTINGS = """        sync_item: to-shopify
        can_update_shopify_products: true
        inventory_tracked: true
        sync_images: to-shopify
        locations: { 70000000001: MAIN }
"""
WRITES = re.compile(r"Set|Create|Change|Update|Publish|Register|Activate|RunMutation|Append")


def products(stack):
    return stack.sandbox("shopify", "GET", "products")


def number_of(stack, product):
    [key] = stack.redis("KEYS", f"ct:*:s:{COMPANY}:shop-product:DEMO:{product['id'].rsplit('/', 1)[-1]}")
    return stack.redis("HGET", key, "item_number").decode()


def card(stack, number):
    return stack.sandbox("business-central", "POST", f"items/{number}", {})


def calls(stack):
    return {name: row["calls"] for name, row in stack.sandbox("shopify", "GET", "ledger")["by_operation"].items()}


def a_round(stack):
    return {operation: run(stack, operation)["counts"] for operation in ROUND}


def an_empty_store_gets_the_whole_catalogue(stack):
    expect(products(stack) == [], "the store is not empty")
    counts = a_round(stack)
    made = products(stack)
    expect(len(made) == counts["products.add"]["created"] >= 50, f"{len(made)} products, {counts}")
    skus = [variant["sku"] for product in made for variant in product["variants"]]
    expect(len(set(skus)) == len(skus), "a variant stands twice")
    pictures = 0
    for product in made:
        shown = stack.sandbox("shopify", "GET", f"products/{product['id'].rsplit('/', 1)[-1]}")
        item = card(stack, number_of(stack, product))
        expect(product["title"] == item["displayName"] and product["status"] == "ACTIVE", f"{product} of {item['displayName']}")
        for variant in product["variants"]:
            expect(float(variant["price"]) == float(item["unitPrice"]), f"{variant} of {item['unitPrice']}")
        pictures += len(shown["media"])
    expect(pictures == counts["images.sync"]["created"] > 0, f"{pictures} images, {counts}")
    levels = {}
    for level in stack.sandbox("shopify", "GET", "stock"):
        levels[level["variant"]] = levels.get(level["variant"], 0) + level["on_hand"]
    stocked = 0
    for product in made:
        item = card(stack, number_of(stack, product))
        places = stack.sandbox("business-central", "GET", f"stock?item={item['number']}")["places"]
        there = sum(max(row["inventory"], 0) for row in places if row["locationCode"] == "MAIN")
        here = sum(levels.get(variant["id"], 0) for variant in product["variants"])
        expect(there == here, f"item {item['number']}: {here} at Shopify, {there} there")
        stocked += there > 0
    expect(stocked > 20, f"only {stocked} items have any stock")


def a_second_round_writes_nothing(stack):
    a_round(stack)  # what Shopify has changed by itself since is looked at
    before = calls(stack)
    counts = a_round(stack)
    written = {name: n - before.get(name, 0) for name, n in calls(stack).items() if WRITES.search(name) and n > before.get(name, 0)}
    expect(not written and not any(row["created"] + row["updated"] for row in counts.values()), f"{written} {counts}")


TESTS = (an_empty_store_gets_the_whole_catalogue, a_second_round_writes_nothing)


def main():
    with Stack() as stack:
        stack.start(shopify=("--index-lag", "0"), bc=("--replica-lag", "0", "--level", "extension"))
        for product in products(stack):
            stack.sandbox("shopify", "DELETE", f"products/{product['id'].rsplit('/', 1)[-1]}")
        config = stack.dir / "config.yaml"
        config.write_text(CONFIG.replace("sku_mapping: item-no", "sku_mapping: item-no-variant") + SETTINGS)
        stack.cli("apply", "-f", config)
        stack.worker()
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
