#!/usr/bin/env python3
"""webhook_storm_test.py [EVENTS] - a storm of webhooks for one shop: the first starts at once, a minute of them gives at most three runs, none is missed.

The store's index lags by an hour, so each order that is staged has been read by the number that its webhook named. More than
1,000 that wait for one entry mean "all": then the index is current, and the run finds them by its walk.
"""
import concurrent.futures
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, Stack, end_with, expect, run_tests  # noqa: E402

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 300
CONFIG = f"""
credentials:
  - {{ name: shopify, kind: shopify-client-credentials, client_id: cartage-demo, client_secret: {{ env: SHOPIFY_SECRET }} }}
companies:
  - name: CRONUS
    id: {COMPANY}
    public_address: "${{CARTAGE_URL}}"
    shops:
      - {{ code: DEMO, store: demo.myshopify.com, origin: "${{SHOPIFY_URL}}", credential: shopify, enabled: true }}
    entries:
      - {{ name: orders, operation: orders.sync, arguments: {{ shop: DEMO }}, every: 1 day, start: "2099-01-01T00:00:00Z" }}
"""


def staged(stack):
    found = stack.redis("KEYS", f"ct:{{{stack.env['CARTAGE_ENV']}/*}}:s:{COMPANY}:order:*")
    return {key.decode().rsplit(":", 1)[-1] for key in found}


def runs(stack):
    return [run for run in stack.api("GET", "/v1/runs")["runs"] if run["operation"] == "orders.sync"]


def place(stack):
    answer = stack.sandbox("shopify", "POST", "orders", {
        "customer": "7300000000000", "lines": [{"sku": "1896-S", "quantity": 1, "price": "12.50"}]})
    return answer["id"].rsplit("/", 1)[-1]


def a_storm_is_at_most_three_runs_and_loses_nothing(stack):
    first_ms = time.time() * 1000
    first = place(stack)
    stack.wait("the first event starts a run", 10, lambda: runs(stack))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        orders = {first, *pool.map(lambda _: place(stack), range(EVENTS - 1))}
    sent = stack.sandbox("shopify", "GET", "webhooks")
    expect(all(row["status"] == 200 for row in sent["deliveries"]), f"refused: {[row for row in sent['deliveries'] if row['status'] != 200][:3]}")
    stack.wait("every order is staged", 60 + EVENTS / 50, lambda: orders <= staged(stack))
    stack.wait("nothing waits to be told", 30, lambda: not stack.sandbox("shopify", "GET", "webhooks")["waiting"])
    all_runs = runs(stack)
    begun = sorted(run["started_ms"] for run in all_runs)
    expect(begun[0] - first_ms < 5000, f"the first run began {begun[0] - first_ms:.0f} ms after the first event")
    expect(len([at for at in begun if at < begun[0] + 60000]) <= 3, f"runs in a minute: {[at - begun[0] for at in begun]}")
    print(f"     {EVENTS} events in {(time.time() * 1000 - first_ms) / 1000:.0f} s: {len(all_runs)} runs, the first after {begun[0] - first_ms:.0f} ms")


def main():
    with Stack() as stack:
        stack.start(data="synthetic", shopify=("--index-lag", "0" if EVENTS > 1000 else "3600000"))
        path = stack.dir / "company.yaml"
        path.write_text(CONFIG)
        stack.worker()
        stack.cli("apply", "-f", path)
        stack.worker_lives()
        stack.cli("webhooks", "register")
        return run_tests([a_storm_is_at_most_three_runs_and_loses_nothing], stack)


if __name__ == "__main__":
    end_with(main)
