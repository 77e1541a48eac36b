#!/usr/bin/env python3
"""matches_test.py - what a filter matches is told before anything runs, and the run then takes just that.

Real processes, both simulated peers. Orders stand unprocessed, discovered and shipped; each is counted with the filters of its
operation, by API and at the command line, without a call to a peer. What a peer has to be asked about is not counted, and says so.

    python3 tests/integration/matches_test.py
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, Stack, end_with, expect, run_tests  # noqa: E402

KNOWN = {"customer": "7300000000000", "email": "nobody@example.com", "shipping": [{"title": "Free", "code": "free", "price": "0.00"}]}
SHOP = {"store": "demo.myshopify.com", "credential": "shopify", "enabled": True, "sku_mapping": "item-no", "shipping_account": "6610"}


def furnish(stack):
    put = lambda path, body: stack.api("PUT", path, body)  # noqa: E731
    put("/v1/credentials/shopify", {"kind": "shopify-client-credentials", "client_id": "cartage-demo", "client_secret": {"env": "SHOPIFY_SECRET"}})
    put("/v1/credentials/bc", {"kind": "bc-oauth", "client_id": "cartage-bc", "client_secret": {"env": "BC_SECRET"}})
    put(f"/v1/companies/{COMPANY}", {
        "name": "CRONUS UK Ltd.", "bc_tenant": "sandbox", "bc_environment": "Production", "bc_origin": stack.bc, "bc_login": stack.bc,
        "bc_credential": "bc", "time_zone": "Europe/London"})
    put("/v1/shops/DEMO", {**SHOP, "origin": stack.shopify})
    stack.worker()
    for n in range(1, 8):
        stack.sandbox("shopify", "POST", "orders", {
            "name": f"#700{n}", **KNOWN, "lines": [{"sku": "1896-S", "quantity": n, "price": "10.00"}], "tags": ["late" if n % 2 else "early"]})
    stack.sandbox("shopify", "POST", "time", {"bucket_ms": 2500})  # what a search's index lags behind


def run(stack, operation, **arguments):
    no = stack.api("POST", "/v1/sync", {"operation": operation, "shop": "DEMO", "detach": True, "arguments": arguments})["no"]
    ended = stack.wait(f"run {no} ends", 30, lambda: next(
        (run for run in [stack.api("GET", f"/v1/runs/{no}")] if run["state"] == "finished"), None))
    expect(ended["outcome"] in ("ok", "idle"), f"{operation}: {ended['outcome']}: {ended['error']}")
    return ended


def matches(stack, operation, **arguments):
    return stack.api("POST", "/v1/entries/matches", {"operation": operation, "arguments": {"shop": "DEMO", **arguments}})


def ours(stack, operation, **arguments):
    """Of the orders that this test has placed; the store has others."""
    return matches(stack, operation, order_no="#700*", **arguments)


def counted(found, count, code, of, sample=None):
    expect((found.get("count"), found["code"], found["of"]) == (count, code, of), f"not {count} {of}, {code}: {found}")
    expect(sample is None or found["sample"] == sample, f"not {sample}: {found}")
    expect(found["unseen"] == 0 and found["text"], f"{found}")
    return found


def discovered(stack):
    run(stack, "orders.sync", order_no="#9*")
    calls = stack.sandbox("shopify", "GET", "ledger")["by_operation"]
    counted(ours(stack, "orders.sync"), 7, "discovered", "orders")
    expect(matches(stack, "orders.sync")["count"] == matches(stack, "orders.sync", order_no="*")["count"] > 7, "without a filter all fit")
    counted(ours(stack, "orders.sync", tags="*[late]*"), 4, "discovered", "orders", ["#7001", "#7003", "#7005", "#7007"])
    counted(ours(stack, "orders.sync", amount=">40", import_action="New"), 3, "discovered", "orders")
    found = counted(ours(stack, "orders.sync", sell_to_country="GB"), 0, "discovered", "orders")
    expect(found["undecided"] >= 7, f"their countries are not known: {found}")
    told = stack.cli("entry", "matches", "orders.sync", "--shop", "DEMO", "--channel", "Online Store", "--order-no", "#700*", json_out=False).stdout
    expect(told.startswith("0 of the orders that were listed") and " more may match" in told, told)
    expect(stack.sandbox("shopify", "GET", "ledger")["by_operation"] == calls, "Shopify was asked")


def unprocessed(stack):
    run(stack, "orders.sync", order_no="#700*")
    counted(ours(stack, "orders.sync"), 0, "discovered", "orders", [])
    counted(matches(stack, "orders.process"), 7, "unprocessed", "orders")
    wanted = counted(matches(stack, "orders.process", tags="*[late]*", amount="<60"), 3, "unprocessed", "orders", ["#7001", "#7003", "#7005"])
    counted(matches(stack, 30103, financial_status="Voided"), 0, "unprocessed", "orders", [])
    told = stack.cli("entry", "matches", "orders.process", "--shop", "DEMO", "--amount", ">20", json_out=False).stdout
    expect(told == "5 of the orders that have no document yet\n  #7003, #7004, #7005, #7006, #7007\n", told)
    stack.api("POST", "/v1/entries", {"name": "late ones", "operation": "orders.process", "arguments": {"shop": "DEMO", "tags": "*[late]*"},
                                      "manual": True})
    expect(stack.cli("entry", "matches", "late ones")["count"] == 4, "an entry has arguments of its own")
    ended = run(stack, "orders.process", tags="*[late]*", amount="<60")
    expect(ended["counts"]["created"] == wanted["count"], f"{wanted} was told, and the run did {ended['counts']}")
    counted(matches(stack, "orders.process"), 4, "unprocessed", "orders", ["#7002", "#7004", "#7006", "#7007"])


def shipments_due(stack):
    numbers = {}
    for name in ("#7001", "#7003", "#7005"):
        stack.sandbox("shopify", "POST", f"orders/%23{name[1:]}/hold", {"reason": "OTHER"})  # so that they stay due
        stack.sandbox("bc", "POST", f"documents/{stack.cli('order', 'show', name)['document']['number']}", {"ship": True})

    def all_read():
        run(stack, "shipments.sync")
        for name in ("#7001", "#7003", "#7005"):
            for shipment in stack.cli("order", "show", name)["shipments"]:
                numbers[name] = shipment["number"]
        return len(numbers) == 3
    stack.wait("the shipments are read", 30, all_read)
    counted(matches(stack, "shipments.sync"), 3, "shipments-due", "shipments")
    counted(matches(stack, "shipments.sync", shipment_no=numbers["#7003"]), 1, "shipments-due", "shipments", [numbers["#7003"]])
    counted(matches(stack, "shipments.sync", posting_date="..2001-01-01"), 0, "shipments-due", "shipments", [])


def what_a_peer_must_be_asked_is_not_counted(stack):
    for operation, arguments, code, says in (
            ("orders.sync", {"named": "#7001"}, "asked-of-shopify", "at Shopify"),
            ("orders.sync", {"from_time": "2026-01-01"}, "asked-of-shopify", "at Shopify"),
            ("sales-orders.post", {"post_when": "paid"}, "asked-of-business-central", "cartage post preview"),
            ("sync.count", {"what": "orders", "from": "2026-01-01T00:00:00Z"}, "asked-of-peers", "when it runs")):
        found = matches(stack, operation, **arguments)
        expect(found["code"] == code and "count" not in found and says in found["text"], f"{operation}: {found}")
        expect(found["text"].startswith("not counted"), f"{found}")


def what_no_entry_could_hold_is_refused(stack):
    for body, says in (
            ({"arguments": {}}, "operation"), ({"operation": "orders.proces", "arguments": {"shop": "DEMO"}}, "orders.process"),
            ({"operation": "orders.process"}, "argument shop is missing"),
            ({"operation": "orders.process", "arguments": {"shop": "NONE"}}, "NONE"),
            ({"operation": "orders.process", "arguments": {"shop": "DEMO", "amount": ">x"}}, "amount"),
            ({"operation": "orders.process", "shop": "DEMO", "filter": "x"}, "filter")):
        status, problem = stack.refused("POST", "/v1/entries/matches", body)
        expect(status in (400, 404) and says in problem["detail"], f"{body}: {status} {problem}")
    answer = stack.cli("entry", "matches", "no such entry", check=False, json_out=False)
    expect(answer.returncode == 5 and "no such entry" in answer.stderr, f"{answer.returncode}: {answer.stderr}")


TESTS = [discovered, unprocessed, shipments_due, what_a_peer_must_be_asked_is_not_counted, what_no_entry_could_hold_is_refused]


def main():
    with Stack() as stack:
        stack.start(data="synthetic", shopify=["--index-lag", "0"], bc=["--replica-lag", "0"])
        furnish(stack)
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
