#!/usr/bin/env python3
"""needs_test.py - the permissions that docs/getting-started.md names are those that the tasks use: the demo company's
entries run, and every set of Business Central that was asked stands in the page with the right that was used.

    python3 tests/integration/needs_test.py
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import DEMO, ROOT, Stack, end_with, expect, run_tests  # noqa: E402

RIGHTS = {"GET": "read", "POST": "insert", "PATCH": "modify", "DELETE": "delete"}
# Lines belong to their document; the rest is no table of the company's, or the level's own business (bc.level).
PARTS = {"salesOrderLines": "salesOrders", "salesInvoiceLines": "salesInvoices", "salesCreditMemoLines": "salesCreditMemos",
         "salesShipmentLines": "salesShipments", "picture": "items", "pictureContent": "items"}
OTHERS = {"companies", "$metadata", "token", "$batch", "root", "postedShipments", "PostedSalesShipments", "subscriptions"}


def page_rights():
    """{set: rights} over all operations of the page."""
    text = (ROOT / "docs" / "getting-started.md").read_text()
    table = text[text.index("| Operation | API v2.0 |"):].split("\n\n")[0].splitlines()[2:]
    rights = {}
    for row in table:
        _, _, name, right = [cell.strip().strip("`") for cell in row.split("|")][:4]
        rights.setdefault(name, set()).update(re.split(", ", right))
    return rights


def every_set_that_is_asked_stands_in_the_page(stack):
    stack.cli("apply", "-f", DEMO)
    stack.worker()

    def entries():
        return stack.cli("entry", "list")["entries"]
    stack.wait("every entry ran", 120, lambda: all(e.get("last") for e in entries()))
    stack.cli("sync", "orders.process", "--shop", "DEMO", "--follow")
    stack.cli("sync", "sales-orders.post", "--post-when", "paid", "--follow")
    calls = stack.sandbox("bc", "GET", "ledger")["by_operation"]
    rights, asked = page_rights(), set()
    for call in calls:
        verb, name = call.removeprefix("$batch ").split(" ")
        name = PARTS.get(name, name)
        if name in OTHERS or name.startswith("Microsoft.NAV."):
            continue
        asked.add(name)
        expect(name in rights, f"{call}: the page names no permission for {name}")
        expect(RIGHTS[verb] in rights[name], f"{call}: the page names {sorted(rights[name])} for {name}")
    expect({"salesOrders", "customers", "items", "salesShipments"} <= asked, f"only {sorted(asked)} were asked")


def main():
    with Stack() as stack:
        stack.start(data="synthetic")
        return run_tests([every_set_that_is_asked_stands_in_the_page], stack)


if __name__ == "__main__":
    end_with(main)
