#!/usr/bin/env python3
"""freshness_test.py - how long changes take to arrive: orders, stock and prices through real runs, against the shop's target.

Both peers' time is set to now first: until then they are weeks behind, and what was placed in that time is history.

    python3 tests/integration/freshness_test.py
"""
import datetime
import pathlib
import re
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from inventory_queue_test import link  # noqa: E402
from stack import COMPANY, DEMO, Stack, end_with, expect, free_port, run_tests  # noqa: E402


def apply(stack):
    stack.cli("apply", "-f", stack.path)
    stack.cli("shop", "set", "DEMO", "customer_mapping=default", "default_customer=WEB")


def place(stack, name):
    stack.sandbox("shopify", "POST", "orders", {
        "name": name, "email": "anna@example.com", "lines": [{"sku": "1896-S", "quantity": 1, "price": "12.50"}],
        "shipping": [{"title": "Free", "code": "free", "price": "0.00"}]})
    stack.sandbox("shopify", "POST", "time", {"bucket_ms": 2500})  # what a search's index lags behind


def sync(stack, operation):
    run = stack.cli("sync", operation, "--shop", "DEMO", "--follow")
    expect(run["outcome"] in ("ok", "idle"), f"{operation}: {run['outcome']}: {run['error']}")


def told(stack, kind):
    """The row of this kind, or None."""
    return next((row for row in stack.api("GET", "/v1/freshness?shop=DEMO")["freshness"] if row["kind"] == kind), None)


def figure(stack, name, **labels):
    with urllib.request.urlopen(f"http://127.0.0.1:{stack.port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines
               if re.match(name + r"[{ ]", line) and all(f'{label}="{word}"' in line for label, word in labels.items()))


def history_is_not_late(stack):
    place(stack, "#7201")
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for peer in ("shopify", "bc"):
        stack.sandbox(peer, "POST", "time", {"business": now})
    sync(stack, "orders")
    sync(stack, "orders.process")
    expect(stack.cli("order", "show", "#7201")["state"] == "processed", "it has no document")
    expect(told(stack, "orders") is None, f"an order of weeks ago is told of: {told(stack, 'orders')}")


def an_order_is_timed_from_its_placing(stack):
    place(stack, "#7202")
    sync(stack, "orders")
    sync(stack, "orders.process")
    row = told(stack, "orders")
    expect(row and row["count"] == 1 and row["late"] == 0 and row["colour"] == "green", f"{row}")
    expect(row["company"] == COMPANY and 0 < row["p50_ms"] == row["p99_ms"] <= row["target_ms"] == 75000, f"{row}")
    labels = {"shop": "DEMO", "kind": "orders", "company": COMPANY}
    expect(figure(stack, "cartage_freshness_seconds_count", **labels) == 1, "no figure of it")
    expect(0 < figure(stack, "cartage_freshness_seconds_sum", **labels) < 75, "it is not between its placing and now")
    expect(figure(stack, "cartage_fresh_total", within="yes", **labels) == 1, "it is not told to be within the target")


def what_takes_longer_is_late(stack):
    stack.cli("shop", "set", "DEMO", "freshness_target_s=0")
    place(stack, "#7203")
    sync(stack, "orders")
    sync(stack, "orders.process")
    row = told(stack, "orders")
    expect(row["count"] == 2 and row["late"] == 1 and row["colour"] == "red" and row["target_ms"] == 0, f"{row}")
    expect(figure(stack, "cartage_fresh_total", within="no", kind="orders") == 1, "Prometheus is not told")
    lines = stack.cli("freshness", json_out=False).stdout.splitlines()
    expect(re.match(r"DEMO +orders +2 +1 .*red$", lines[1]), f"{lines}")
    stack.cli("shop", "set", "DEMO", "freshness_target_s=75")


def stock_is_timed_from_the_last_look(stack):
    link(stack, "1900-S")
    sync(stack, "inventory")
    expect(told(stack, "stock") is None, "nobody had looked before, so nobody knows")
    stack.sandbox("bc", "POST", "items/1900-S", {"inventory": 7})
    sync(stack, "inventory")
    row = told(stack, "stock")
    expect(row and row["count"] == 1 and row["late"] == 0, f"{row}")
    sync(stack, "inventory")
    expect(told(stack, "stock")["count"] == 1, "nothing has changed")


def wakes(stack):
    return [run for run in stack.api("GET", "/v1/runs")["runs"] if run["operation"] == "orders.sync" and run["kind"] == "wake"]


def a_busy_shop_hardly_waits(stack):
    stack.env["PUBLIC_URL"] = stack.url
    apply(stack)
    stack.cli("webhooks", "register", "--shop", "DEMO")
    before = told(stack, "orders")["count"]
    woken = [run["no"] for run in wakes(stack)]
    for n in range(5):
        place(stack, f"#73{n}")
        stack.wait("the store has told of it", 20, lambda: not stack.sandbox("shopify", "GET", "webhooks")["waiting"])
        if n == 0:  # the others come after it has begun: it does not cover them
            stack.wait("a run has begun", 20, lambda: any(run["started_ms"] for run in wakes(stack) if run["no"] not in woken))
    row = stack.wait("all have documents", 30, lambda: told(stack, "orders") if told(stack, "orders")["count"] == before + 5 else None)
    expect(row["late"] == 1, f"{row}")  # that of the test above
    stack.wait("what ran has ended", 20, lambda: all(run["state"] == "finished" for run in stack.api("GET", "/v1/runs")["runs"]))
    runs = sorted(wakes(stack), key=lambda run: run["started_ms"])
    gaps = [after["started_ms"] - run["finished_ms"] for run, after in zip(runs, runs[1:])]
    expect(len(runs) > 1 and all(gap <= 10000 for gap in gaps), f"from a run's end to the next one's start: {gaps} ms")


TESTS = [history_is_not_late, an_order_is_timed_from_its_placing, what_takes_longer_is_late, stock_is_timed_from_the_last_look,
         a_busy_shop_hardly_waits]


def main():
    with Stack() as stack:
        stack.start(data="none")
        stack.path = stack.dir / "company.yaml"  # nothing runs but what the tests ask for
        stack.path.write_text(DEMO.read_text().replace("every: 1 minute", 'every: 1 day\n        start: "2099-01-01T00:00:00Z"'))
        apply(stack)
        stack.port = free_port()
        stack.worker(metrics=f"127.0.0.1:{stack.port}")
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
