#!/usr/bin/env python3
"""inventory_queue_test.py - stock through the real queue: an entry's run sets it, one that would empty the shop rests with its
plan, and a person who approves that plan lets it go on.

    python3 tests/integration/inventory_queue_test.py
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, Stack, end_with, expect, run_tests  # noqa: E402
from why_test import CONFIG  # noqa: E402

MAIN = "70000000001"
SKUS = ("1896-S", "1900-S", "1906-S")


def staged(stack, key):
    some = next(name.decode() for name in stack.redis("KEYS", f"ct:*{COMPANY}*"))
    return some[: some.index("}") + 2] + f"s:{COMPANY}:{key}"


def in_erp(stack, item, pieces):
    return stack.sandbox("bc", "POST", f"items/{item}", {"inventory": pieces})


def at_shopify(stack, sku):
    return next(row for row in stack.sandbox("shopify", "GET", "stock") if row["sku"] == sku and row["location"] == "Main Warehouse")


def link(stack, sku):
    """As products.sync leaves it."""
    item = in_erp(stack, sku, 10)
    stack.sandbox("shopify", "POST", "stock", {"sku": sku, "location": "Main Warehouse", "stocked": True})
    row = at_shopify(stack, sku)
    variant = row["variant"].rsplit("/", 1)[1]
    stack.redis("HSET", staged(stack, f"shop-variant:DEMO:{variant}"), "item", item["id"], "item_number", sku, "sku", sku,
                "inventory_item", row["item"].rsplit("/", 1)[1], "tracked", "true")
    stack.redis("ZADD", staged(stack, "shop-variants:DEMO"), 1, variant)


def runs(stack):
    return stack.api("GET", f"/v1/runs?company={COMPANY}")["runs"]


def run_now(stack):
    """Runs the entry, and answers the run once it has ended or rests."""
    no = stack.cli("entry", "run", "stock")["no"]
    return stack.wait(f"run {no} ends or rests", 30, lambda: next(
        (run for run in runs(stack) if run["no"] == no and (run["state"] == "finished" or run.get("sub") == "rest"
                                                            or run["state"] == "rest")), None))


def stock_arrives(stack):
    run = run_now(stack)
    expect(run["outcome"] == "ok" and run["counts"]["updated"] == len(SKUS), f"{run}")
    for sku in SKUS:
        row = at_shopify(stack, sku)
        expect(row["on_hand"] == 10, f"{sku}: {row}")


def what_would_empty_the_shop_waits_for_a_person(stack):
    for sku in SKUS:
        in_erp(stack, sku, 0)
    run = run_now(stack)
    expect(run["state"] != "finished", f"{run}")
    expect(at_shopify(stack, SKUS[0])["on_hand"] == 10, "something was written")
    plan = stack.cli("run", "plan", run["no"])
    expect(plan["brakes"][0]["hits"] == len(SKUS) and plan["brakes"][0]["rows"][0]["after"] == "0", f"{plan}")
    shown = stack.cli("run", "plan", run["no"], json_out=False).stdout
    expect("1896-S" in shown and "10 -> 0" in shown, shown)
    status, problem = stack.refused("POST", f"/v1/runs/{run['no']}/approve?company={COMPANY}", {"plan": "another"})
    expect(status == 409 and "another plan" in problem["detail"], f"{problem}")
    stack.cli("run", "approve", run["no"])
    stack.wait("the plan is carried out", 30, lambda: all(at_shopify(stack, sku)["on_hand"] == 0 for sku in SKUS))
    status, problem = stack.refused("POST", f"/v1/runs/{run['no']}/approve?company={COMPANY}", {})
    expect(status == 404, f"{problem}")


def main():
    with Stack() as stack:
        stack.start()
        stack.worker()
        config = stack.dir / "config.yaml"
        config.write_text(CONFIG.replace('shipping_account: "6610"', f'shipping_account: "6610", locations: {{"{MAIN}": MAIN}}, brake_least: 2'))
        stack.cli("apply", "-f", config)
        for sku in SKUS:
            link(stack, sku)
        stack.cli("entry", "add", "inventory.sync", "--shop", "DEMO", "--name", "stock", "--every", "1 day", "--on-hold")
        return run_tests([stock_arrives, what_would_empty_the_shop_waits_for_a_person], stack)


if __name__ == "__main__":
    end_with(main)
