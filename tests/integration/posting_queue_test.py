#!/usr/bin/env python3
"""posting_queue_test.py - posting as people meet it: entries, previews, lists, and an order named by hand.

Real processes, also such as are killed in the middle of a posting. One order goes from Shopify to its posted invoice through the queue; what a preview says is what is posted
afterwards; an entry that says nothing about which documents is refused with the field's name.

    python3 tests/integration/posting_queue_test.py
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import Stack, end_with, expect, run_tests  # noqa: E402

COMPANY_FILE = """
credentials:
  - {{name: demo-shopify, kind: shopify-client-credentials, client_id: cartage-demo, client_secret: {{env: SHOPIFY_SECRET}}}}
  - {{name: demo-bc, kind: bc-oauth, client_id: cartage-bc, client_secret: {{env: BC_SECRET}}}}
companies:
  - name: CRONUS UK Ltd.
    id: 11111111-1111-4111-8111-111111111111
    bc_tenant: sandbox
    bc_environment: Production
    bc_origin: ${{BUSINESS_CENTRAL_URL}}
    bc_login: ${{BUSINESS_CENTRAL_URL}}
    bc_credential: demo-bc
    bc_late_s: 2
    time_zone: Europe/London
    shops:
      - code: DEMO
        store: demo.myshopify.com
        origin: ${{SHOPIFY_URL}}
        credential: demo-shopify
        enabled: true
        default_customer: WEB
        sku_mapping: item-no
        shipping_account: 6610
    entries:
      - {{name: post orders, operation: 296, arguments: {arguments}, every: 1 day, on_hold: {on_hold}}}
"""


def company_file(stack, arguments, on_hold="true"):
    path = stack.dir / "company.yaml"
    path.write_text(COMPANY_FILE.format(arguments=arguments, on_hold=on_hold))
    return path


def an_entry_that_names_no_documents_is_refused(stack):
    answer = stack.cli("apply", "-f", company_file(stack, "{ shop: DEMO }"), json_out=False, check=False)
    expect(answer.returncode != 0, "an entry without a filter was taken")
    expect("post_when" in answer.stderr and "all" in answer.stderr, f"it said: {answer.stderr}")
    answer = stack.cli("entry", "add", "sales-invoices.post", "--every", "1d", json_out=False, check=False)
    expect(answer.returncode != 0 and "post_when" in answer.stderr, f"it said: {answer.stderr}")


def place(stack, number):
    stack.sandbox("shopify", "POST", "orders", {
        "name": f"#{number}", "customer": "7300000000000", "email": "nobody@example.com",
        "lines": [{"sku": "1896-S", "quantity": 2, "price": "12.50"}]})


def one_order_is_posted_through_the_queue(stack):
    stack.cli("apply", "-f", company_file(stack, "{ shop: DEMO, post_when: manual }"))
    for number in range(9001, 9004):
        place(stack, number)
    worker = stack.worker()
    stack.cli("sync", "orders", "--shop", "DEMO", "--order-no", "#90*", "--follow")
    stack.cli("sync", "orders.process", "--shop", "DEMO", "--order-no", "#90*", "--follow")
    nothing = stack.cli("post", "preview", "post orders")
    expect(nothing["post"] == 0, f"nobody has named an order: {nothing}")
    seen = stack.cli("post", "preview", "sales-orders.post", "--shop", "DEMO", "--order-no", "#9001..#9002")
    expect([row["name"] for row in seen["documents"]] == ["#9001", "#9002"] and seen["post"] == 2, f"it saw {seen}")
    stack.cli("entry", "ready", "post orders")
    marked = stack.cli("post", "#9002")
    expect(marked["marked"][0]["document"] and marked["woken"] == 1, f"it said {marked}")
    row = stack.wait("order #9002 is posted", 30, lambda: stack.cli("post", "list", "#9002")["postings"])[0]
    expect(row["state"] == "posted" and row["invoice_number"], f"its record: {row}")
    by_number = stack.cli("post", "list", row["invoice_number"])["postings"]
    expect([r["name"] for r in by_number] == ["#9002"], f"found by the invoice's number: {by_number}")
    expect(len(stack.cli("post", "list")["postings"]) == 1, "another order was posted too")
    stack.cli("entry", "hold", "post orders")
    worker.stop()


def what_is_not_ready_cannot_be_named(stack):
    answer = stack.cli("post", "#4711", json_out=False, check=False)
    expect(answer.returncode == 5 and "#4711" in answer.stderr, f"it said: {answer.stderr}")


POSTING = "bc POST salesOrders/Microsoft.NAV.shipAndInvoice"
# Before the call leaves; when it has taken effect and nobody knows; at the first and second write of the run.
POINTS = [f"http.before:{POSTING}", f"http.after:{POSTING}", "redis.before:write", "redis.after:write", "http.after:bc GET salesInvoices"]
LEASE_MS = 1000


def invoices(stack, name):
    found = stack.sandbox("bc", "GET", f"documents?external=%23{name[1:]}")["documents"]
    return [row for row in found if row["kind"] == "invoice" and row["status"] == "Open"]


def a_killed_worker_posts_nothing_twice(stack):
    for nth, point in enumerate(POINTS):
        names = [f"#{9100 + 10 * nth + k}" for k in range(2)]
        worker = stack.worker()
        for name in names:
            place(stack, int(name[1:]))
        for operation in ("orders.sync", "orders.process"):
            stack.cli("sync", operation, "--shop", "DEMO", "--order-no", f"{names[0]}..{names[1]}", "--follow")
        worker.stop()
        doomed = stack.worker(fault_at=f"{point}:1")
        run = stack.cli("sync", "sales-orders.post", "--shop", "DEMO", "--order-no", f"{names[0]}..{names[1]}", "--detach")
        stack.wait(f"the worker dies at {point}", 30, doomed.killed)
        second = stack.worker()
        stack.wait(f"the run ends after a kill at {point}", 60,
                   lambda: stack.cli("run", "show", run["no"])["state"] == "finished")
        second.stop()
        for name in names:
            expect(len(invoices(stack, name)) == 1, f"{point}: {len(invoices(stack, name))} invoices of {name}")
            rows = stack.cli("post", "list", name)["postings"]
            expect([row["state"] for row in rows] == ["posted"], f"{point}: {name} is {rows}")


TESTS = [an_entry_that_names_no_documents_is_refused, one_order_is_posted_through_the_queue,
         what_is_not_ready_cannot_be_named, a_killed_worker_posts_nothing_twice]


def main():
    with Stack() as stack:
        stack.start(data="synthetic", shopify=("--index-lag", "0"), lease_ms=LEASE_MS)
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
