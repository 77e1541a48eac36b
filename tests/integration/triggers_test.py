#!/usr/bin/env python3
"""triggers_test.py - an event names an order that no search knows yet: the whole way from POST /v1/triggers to staging.

The store's index lags by an hour, so what is staged here has been read by its id. The second order's first worker dies
between reading and staging it. The lines with kcat are those of docs/triggers.md.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, ROOT, Skipped, Stack, end_with, expect, run_tests  # noqa: E402

LEASE_MS = 1500
CONFIG = f"""
credentials:
  - {{ name: shopify, kind: shopify-client-credentials, client_id: cartage-demo, client_secret: {{ env: SHOPIFY_SECRET }} }}
companies:
  - name: CRONUS
    id: {COMPANY}
    shops:
      - {{ code: DEMO, store: demo.myshopify.com, origin: "${{SHOPIFY_URL}}", credential: shopify, enabled: true }}
    entries:
      - {{ name: orders, operation: orders.sync, arguments: {{ shop: DEMO }}, every: 1 day, start: "2099-01-01T00:00:00Z" }}
"""


def place(stack, name):
    answer = stack.sandbox("shopify", "POST", "orders", {
        "name": name, "customer": "7300000000000", "lines": [{"sku": "1896-S", "quantity": 2, "price": "12.50"}]})
    return answer["id"].rsplit("/", 1)[-1]


def send(stack, event, order):
    """The whole answer; an event of this id about this order."""
    body = {"specversion": "1.0", "id": event, "source": "/test", "type": "cartage.wake",
            "data": {"operation": "orders.sync", "shop": "DEMO", "ids": [f"gid://shopify/Order/{order}"]}}
    with stack.open("POST", "/v1/triggers", body, {"Content-Type": "application/cloudevents+json"}) as answer:
        return json.loads(answer.read())["woken"]


def keys(stack, rest):
    return stack.redis("KEYS", f"ct:{{{stack.env['CARTAGE_ENV']}/*}}:s:{COMPANY}:{rest}")


def an_order_is_staged_before_a_search_finds_it(stack):
    order = place(stack, "#9001")
    woken = send(stack, "1", order)
    expect([row["answer"] for row in woken] == ["done"], f"woken: {woken}")
    expect(keys(stack, "subjects:*"), "the order is not noted")
    worker = stack.worker()
    stack.wait("the order is staged", 30, lambda: keys(stack, f"order:{order}"), worker)
    stack.wait("and no longer noted", 10, lambda: not keys(stack, "subjects:*"), worker)
    stack.wait("its run ends", 30, lambda: all(run["state"] == "finished" for run in stack.api("GET", "/v1/runs")["runs"]),
               worker)
    worker.stop()


def a_worker_that_dies_loses_no_record(stack):
    order = place(stack, "#9002")
    woken = send(stack, "2", order)
    expect([row["answer"] for row in woken] in (["done"], ["later"]), f"woken: {woken}")
    first = stack.worker(fault_at="http.after:shopify OrdersByIds:1")
    stack.wait("the first worker dies", 60, first.killed)
    expect(not keys(stack, f"order:{order}"), "it had staged the order before it died")
    expect(keys(stack, "subjects:*"), "the order is forgotten")
    second = stack.worker()
    stack.wait("the order is staged by another", 30, lambda: keys(stack, f"order:{order}"), second)
    stack.wait("and no longer noted", 10, lambda: not keys(stack, "subjects:*"), second)
    again = send(stack, "2", order)
    expect([row["answer"] for row in again] == ["double"], f"the same event again: {again}")


def what_the_docs_say_to_kcat_wakes(stack):
    if not shutil.which("kcat"):
        raise Skipped("kcat is not installed; scripts/install test")
    text = (pathlib.Path(ROOT) / "docs/triggers.md").read_text()
    lines = [line for block in re.findall(r"```sh\n(.*?)```", text, re.S) if "kcat" in block for line in block.strip().split("\n\n")]
    expect(len(lines) == 2, f"structured and binary: {lines}")
    order = place(stack, "#9003")
    for form, line in zip(("structured", "binary"), lines):
        for was, now in (("5900000001241", order), ("MAIN", "DEMO"), ("My Company", "CRONUS")):
            line = line.replace(was, now)
        before = len(stack.api("GET", "/v1/runs")["runs"])
        subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], env=stack.env, check=True, timeout=60)
        stack.wait(f"the {form} line leads to a run", 60, lambda: len(stack.api("GET", "/v1/runs")["runs"]) > before)
        stack.wait("the order that it names is staged", 30, lambda: keys(stack, f"order:{order}"))
        stack.wait("its run ends", 30, lambda: all(run["state"] == "finished" for run in stack.api("GET", "/v1/runs")["runs"]))


TESTS = [an_order_is_staged_before_a_search_finds_it, a_worker_that_dies_loses_no_record, what_the_docs_say_to_kcat_wakes]


def main():
    with Stack() as stack:
        stack.start(data="synthetic", shopify=("--index-lag", "3600000"), lease_ms=LEASE_MS)
        path = stack.dir / "company.yaml"
        path.write_text(CONFIG)
        stack.cli("apply", "-f", path)
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
