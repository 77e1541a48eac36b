#!/usr/bin/env python3
"""order_life_test.py - one order from its discovery on: found by each of its names, told whole, done again.

Real processes, both simulated peers. Entries are on hold, so that every run is one this test has asked for and a step of
an order's life can be told by the run's number.

    python3 tests/integration/order_life_test.py
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, DEMO, Stack, end_with, expect, run_tests  # noqa: E402

ITEM = "1896-S"
LINE = {"sku": ITEM, "quantity": 2, "price": "12.50"}
FREE = [{"title": "Free", "code": "free", "price": "0.00"}]


def place(stack, name, **form):
    order = stack.sandbox("shopify", "POST", "orders", {
        "name": name, "lines": [dict(LINE)], "shipping": FREE, "email": f"{name.strip('#')}@example.com", **form})
    stack.sandbox("shopify", "POST", "time", {"bucket_ms": 2500})  # what a search's index lags behind
    return order["id"].rsplit("/", 1)[1]


def sync(stack, operation="orders", **arguments):
    """The run's number."""
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in arguments.items()]
    run = stack.cli("sync", operation, "--shop", "DEMO", *flags, "--follow")
    expect(run["outcome"] in ("ok", "idle"), f"{operation}: {run['outcome']}: {run['error']}")
    return run["no"]


def show(stack, text, check=True):
    return stack.cli("order", "show", text, check=check)


def events(order):
    return [event["event"] for event in order["life"]]


def event(order, name):
    found = [row for row in order["life"] if row["event"] == name]
    expect(found, f"{name} is none of {events(order)}")
    return found[-1]


def a_processed_order_tells_its_life(stack):
    number = place(stack, "#7001")
    read = sync(stack, tags="<>*[wholesale]*")
    sync(stack, "orders.process")
    waits = show(stack, "#7001")["waits"]
    expect("not known" in waits["text"] and waits["cure"].startswith("cartage map customer "), f"{waits}")
    stack.cli(*waits["cure"].replace("NUMBER", "WEB").split()[1:])
    made = sync(stack, "orders.process")
    order = show(stack, "#7001")
    expect(order["id"] == number and order["company"] == COMPANY and order["shop"] == "DEMO", f"it says {order}")
    expect(order["state"] == "processed", f"it waits for {order['waits']}")
    expect(events(order) == ["discovered", "claimed", "imported", "held", "mapped", "document", "processed"], f"{events(order)}")
    for name, run in (("discovered", read), ("claimed", read), ("imported", read), ("document", made), ("processed", made)):
        expect(event(order, name)["run"] == run, f"{name} is told of run {event(order, name)['run']}, not {run}")
    expect(all(row["at_ms"] > 1700000000000 for row in order["life"]), "an event has no time")
    expect(order["state"] == "processed" and order["totals"]["shopify"] == order["totals"]["erp"] == "25", f"{order['totals']}")
    document = order["document"]
    expect(document["external"] == "#7001" and document["number"] in event(order, "document")["detail"], f"{document}")
    expect(f"page=42&filter=%27No.%27%20IS%20%27{document['number']}%27" in document["link"], document["link"])
    expect(order["link"] == f"https://admin.shopify.com/store/demo/orders/{number}", order["link"])
    expect(order["lines"][0]["item"] == ITEM and order["customer"]["number"], f"{order['lines']} {order['customer']}")
    expect("to be posted" in order["waits"]["text"], f"it waits for {order['waits']}")
    told = stack.cli("order", "show", "7001", json_out=False).stdout
    for part in (document["number"], "processed", "run", "waits for", f"item {ITEM}"):
        expect(part.lower() in told.lower(), f"{part} is not told:\n{told}")


def it_is_found_by_each_of_its_names(stack):
    order = show(stack, "#7001")
    for text in ("7001", order["id"], "7001@example.com", "7001@EXAMPLE.com", order["document"]["number"],
                 order["document"]["number"].lower()):
        expect(show(stack, text)["id"] == order["id"], f"\"{text}\" finds {show(stack, text)}")
    refused = stack.cli("order", "show", "#7999", check=False, json_out=False)
    expect(refused.returncode == 5 and "#7999" in refused.stderr, f"{refused.returncode}: {refused.stderr}")


def a_filtered_order_says_so_and_comes_by_name(stack):
    number = place(stack, "#7010", tags=["wholesale"])
    sync(stack, tags="<>*[wholesale]*")
    order = show(stack, number)
    expect(order["state"] == "" and order["held"]["reason"] == "filtered-out" and order["shop"] == "", f"{order}")
    expect(order["waits"]["cure"] == "cartage order sync '#7010'", f"{order['waits']}")
    runs = stack.cli("order", "sync", "#7010")["runs"]
    expect(len(runs) == 1 and runs[0]["operation"] == "orders.sync" and runs[0]["kind"] == "foreground", f"{runs}")
    order = show(stack, "#7010")
    expect(order["state"] == "new" and order["shop"] == "DEMO" and "held" not in order, f"{order}")
    expect(event(order, "claimed")["run"] == runs[0]["no"], f"{order['life']}")


def an_archived_order_comes_by_name_and_is_processed(stack):
    known, unknown = place(stack, "#7020"), place(stack, "#7021")
    for name in ("#7020", "#7021"):
        stack.sandbox("shopify", "POST", f"orders/%23{name[1:]}", {"closed": True})
    stack.sandbox("shopify", "POST", "time", {"bucket_ms": 2500})
    sync(stack)
    order = show(stack, "#7020")
    expect(order["state"] == "" and order["held"]["reason"] == "closed", f"{order}")
    place(stack, "#7022")  # no run has seen this one
    refused = stack.cli("order", "show", "#7022", check=False, json_out=False)
    expect(refused.returncode == 5, f"{refused.stdout}")
    runs = stack.cli("order", "sync", known, "7021", "#7022", "--process")["runs"]
    expect([run["operation"] for run in runs] == ["orders.sync", "orders.process"], f"{runs}")
    expect(runs[0]["counts"]["created"] == 3, f"{runs[0]['counts']}")
    for name in ("#7020", "#7021", "#7022"):
        expect(show(stack, name)["state"] == "waiting", f"{name}: {show(stack, name)}")
        stack.cli("map", "customer", show(stack, name)["id"], "WEB")
    runs = stack.cli("order", "sync", "#7020", "#7021", "#7022", "--process")["runs"]
    expect(runs[0]["counts"]["updated"] == 3, f"{runs}")
    expect(show(stack, unknown)["archived"] and show(stack, unknown)["state"] == "processed", f"{show(stack, unknown)}")
    expect("reread" in events(show(stack, "#7020")), f"{events(show(stack, '#7020'))}")


def a_name_that_is_none_is_told_after_the_others(stack):
    place(stack, "#7030")
    done = stack.cli("order", "sync", "#7030", "#7999", check=False, json_out=False)
    expect(done.returncode == 1 and "#7999: Shopify has no such order" in done.stderr, f"{done.returncode}: {done.stderr}")
    expect(show(stack, "#7030")["state"] == "new", "the other one was not read")


def a_time_is_read_again_without_the_watermark(stack):
    def at():
        return stack.cli("shop", "times", "DEMO")
    place(stack, "#7040", createdAt="2026-03-02T09:00:00Z")
    place(stack, "#7041", createdAt="2026-03-04T23:30:00Z")
    place(stack, "#7042", createdAt="2026-03-05T00:30:00Z")
    before = at()
    expect(before["history_start"] == "2004-01-01" and [row["name"] for row in before["times"]][0] == "orders", f"{before}")
    runs = stack.cli("order", "sync", "--from", "2026-03-02", "--to", "2026-03-04")["runs"]
    expect(runs[0]["counts"]["created"] == 2, f"{runs[0]['counts']}")
    expect(at() == before, f"the watermark was {before}, and is {at()}")
    wrong = stack.cli("order", "sync", "--from", "yesterday", check=False, json_out=False)
    expect(wrong.returncode == 2 and "2027-01-31" in wrong.stderr, f"{wrong.returncode}: {wrong.stderr}")


def a_change_is_shown_until_it_is_resolved(stack):
    stack.sandbox("shopify", "POST", "orders/%237001/cancel", {"reason": "CUSTOMER"})
    stack.sandbox("shopify", "POST", "time", {"bucket_ms": 2500})
    sync(stack)
    order = show(stack, "#7001")
    expect(order["update"]["text"] and order["waits"]["cure"].startswith("cartage order resolve '#7001'"), f"{order}")
    cue = next(cue for cue in stack.cli("cues")["cues"] if cue["name"] == "order_updates")
    expect(cue["value"] == 1 and cue["cure"][0].startswith("cartage order resolve '#7001' --shop DEMO"), f"{cue}")
    expect(stack.cli("order", "resolve", "#7001")["change"] == "changed", "it was not resolved")
    expect(stack.cli("order", "resolve", "#7001")["change"] == "unchanged", "it was resolved twice")
    stack.sandbox("shopify", "POST", "orders/%237001", {"tags": ["seen"]})
    stack.sandbox("shopify", "POST", "time", {"bucket_ms": 2500})
    sync(stack)
    order = show(stack, "#7001")
    expect("update" not in order and events(order)[-2:] == ["resolved", "changed"], f"{order}")
    expect(event(order, "resolved")["run"] == 0, "a person's doing has a run")
    cue = next(cue for cue in stack.cli("cues")["cues"] if cue["name"] == "order_updates")
    expect(cue["value"] == 0, f"{cue}")


def an_unlinked_order_finds_its_document_again(stack):
    number = show(stack, "#7022")["document"]["number"]
    asked = stack.cli("order", "unlink", "#7022", check=False, json_out=False)
    expect(asked.returncode == 6 and number in asked.stderr, f"{asked.returncode}: {asked.stderr}")
    expect(show(stack, "#7022")["state"] == "processed", "it was unlinked without a yes")
    stack.cli("order", "unlink", "#7022", "--yes")
    order = show(stack, "#7022")
    expect(order["state"] == "new" and "document" not in order, f"{order}")
    sync(stack, "orders.process")
    order = show(stack, "#7022")
    expect(order["document"]["number"] == number and event(order, "document")["detail"].endswith("found"), f"{order}")


def a_posted_order_is_found_by_its_invoice(stack):
    expect("cartage post '#7020'" == show(stack, "#7020")["waits"]["cure"], f"{show(stack, '#7020')['waits']}")
    run = stack.cli("sync", "sales-orders.post", "--order-no", "#7020", "--post-when", "paid", "--follow")
    expect(run["counts"]["created"] == 1, f"{run}")
    order = show(stack, "#7020")
    document = order["document"]
    expect(document["posting"]["state"] == "posted" and "waits" not in order, f"{order}")
    expect(event(order, "posted")["run"] == run["no"], f"{order['life']}")
    for number in (document["posted_number"], document["posted_shipment"]):
        expect(show(stack, number)["id"] == order["id"], f"{number} finds {show(stack, number)}")
    expect("page=132" in document["posted_link"], document["posted_link"])


def a_shipment_is_told_and_tried_again(stack):
    place(stack, "#7050")
    sync(stack)
    sync(stack, "orders.process")
    stack.cli("map", "customer", show(stack, "#7050")["id"], "WEB")
    sync(stack, "orders.process")
    stack.sandbox("shopify", "POST", "orders/%237050/fulfil", {})  # somebody was quicker, in Shopify
    stack.cli("sync", "sales-orders.post", "--order-no", "#7050", "--post-when", "paid", "--follow")
    # Lists of Business Central come from a copy that lags behind.
    stack.wait("the shipment is read", 60, lambda: sync(stack, "shipments.sync") and show(stack, "#7050")["shipments"])
    told = show(stack, "#7020")["shipments"][0]
    expect(told["marker"] in told["fulfillments"].split(",") and "page=130" in told["link"], f"{told}")
    expect(event(show(stack, "#7020"), "fulfilled")["run"], f"{show(stack, '#7020')['life']}")
    shipment = show(stack, "#7050")["shipments"][0]
    expect(shipment["marker"] == "-2" and shipment["reason"] == "already-fulfilled", f"{shipment}")
    expect(stack.cli("shipment", "retry", shipment["number"])["change"] == "changed", "it was not set back")
    expect(stack.cli("shipment", "retry", shipment["number"])["change"] == "unchanged", "it was set back twice")
    order = show(stack, "#7050")
    expect(order["shipments"][0]["marker"] == "0" and f"shipment {shipment['number']} is to be told" in order["waits"]["text"], f"{order}")
    cue = next(cue for cue in stack.cli("cues")["cues"] if cue["name"] == "unprocessed_shipments")
    expect(cue["value"] == 1 and "cartage sync shipments.sync --shop DEMO" in cue["cure"], f"{cue}")
    sync(stack, "shipments.sync")
    expect(show(stack, "#7050")["shipments"][0]["marker"] == "-2", "the next run did not take it")
    expect(stack.cli("shipment", "done", shipment["number"])["change"] == "unchanged", "nothing to ship, and settled all the same")
    stack.cli("shipment", "retry", shipment["number"])
    expect(stack.cli("shipment", "done", shipment["number"])["change"] == "changed", "it was not settled")
    settled = show(stack, "#7050")
    expect([settled["shipments"][0][field] for field in ("marker", "reason")] == ["-2", "settled-by-hand"], f"{settled['shipments']}")
    expect(shipment["number"] in str(event(settled, "settled")), f"{settled['life']}")
    cue = next(cue for cue in stack.cli("cues")["cues"] if cue["name"] == "unprocessed_shipments")
    expect(cue["value"] == 0, f"{cue}")
    none = stack.cli("shipment", "retry", "999999", check=False, json_out=False)
    expect(none.returncode == 5 and "999999" in none.stderr, f"{none.returncode}: {none.stderr}")


def a_refund_is_told_with_its_credit_memo(stack):
    stack.sandbox("shopify", "POST", "orders/%237021/refund", {"lines": [{"line": 0, "quantity": 1, "restock": "RETURN"}]})
    stack.sandbox("shopify", "POST", "time", {"bucket_ms": 2500})
    sync(stack)
    order = show(stack, "#7021")
    expect(len(order["refunds"]) == 1 and order["refunds"][0]["amount"] == "12.50", f"{order['refunds']}")


def a_sync_time_is_reset_after_a_look(stack):
    times = stack.cli("shop", "times", "DEMO")
    since = "2026-01-01T00:00:00Z"
    seen = stack.cli("reset", "sync", "DEMO", "orders", "--to", since)
    expect(seen["count"] > 5 and not seen["applied"], f"{seen}")
    expect(stack.cli("shop", "times", "DEMO") == times, "a look has changed it")
    done = stack.cli("reset", "sync", "DEMO", "orders", "--to", since, "--yes")
    expect(done["applied"] and done["count"] == seen["count"], f"{done}")
    expect(stack.cli("shop", "times", "DEMO")["times"][0]["reset"] == since, "the next walk does not begin there")
    sync(stack)
    expect(stack.cli("shop", "times", "DEMO")["times"][0]["reset"] == "", "the walk has not taken it over")
    record = stack.cli("log", "--kind", "reset")["records"][0]
    expect(since in record["why"] and record["operation"] == "orders.sync", f"{record}")
    late = stack.cli("reset", "sync", "DEMO", "orders", "--to", "2999-01-01T00:00:00Z", "--yes", check=False, json_out=False)
    expect(late.returncode == 2 and "has passed" in late.stderr, f"{late.returncode}: {late.stderr}")
    posted = stack.cli("reset", "sync", "DEMO", "shipments", "--to", since, "--yes")
    expect(posted["count"] >= 2 and stack.cli("shop", "times", "DEMO")["times"][1]["reset"] == since, f"{posted}")
    none = stack.cli("reset", "sync", "DEMO", "weather", "--to", since, check=False, json_out=False)
    expect(none.returncode == 5 and "weather" in none.stderr, f"{none.returncode}: {none.stderr}")


TESTS = [a_processed_order_tells_its_life, it_is_found_by_each_of_its_names, a_filtered_order_says_so_and_comes_by_name,
         an_archived_order_comes_by_name_and_is_processed, a_name_that_is_none_is_told_after_the_others,
         a_time_is_read_again_without_the_watermark, a_change_is_shown_until_it_is_resolved,
         an_unlinked_order_finds_its_document_again, a_posted_order_is_found_by_its_invoice,
         a_shipment_is_told_and_tried_again, a_refund_is_told_with_its_credit_memo, a_sync_time_is_reset_after_a_look]


def main():
    with Stack() as stack:
        stack.start(data="synthetic")
        stack.cli("apply", "-f", DEMO)
        for entry in stack.cli("entry", "list")["entries"]:
            stack.cli("entry", "hold", entry["id"])
        stack.worker()
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
