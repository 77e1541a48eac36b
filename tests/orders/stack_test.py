#!/usr/bin/env python3
"""stack_test.py - 2,000 nasty orders through everything: both simulated peers, orders.sync, orders.process.

The simulated Shopify reckons what an order comes to, the simulated Business Central what its documents do; each total is
held against the other by the oracle, and cartage's own record must explain each difference. TEST_STACK_ORDERS is how many.
"""
import collections
import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import forms  # noqa: E402
import sales  # noqa: E402
from money import split_at, text_of  # noqa: E402
from oracle import Expected  # noqa: E402
from stack import COMPANY, Failed, Stack, end_with  # noqa: E402

COUNT, SEED, SHOWN = int(os.environ.get("TEST_STACK_ORDERS", "2000")), 1, 15
SETTINGS = {**{name: number for name, (number, _) in forms.ACCOUNTS.items()},
            "shipment_accounts": {forms.UNTAXED_TITLE: forms.UNTAXED_ACCOUNT[0]}, "return_and_refund_process": "auto-create"}
SHOPS = {"HOME": {**SETTINGS, "currency_handling": "shop"}, "SHOWN": {**SETTINGS, "currency_handling": "presentment"}}
IDENTIFIER = {number: group[1] for number, group in [*forms.ACCOUNTS.values(), forms.UNTAXED_ACCOUNT]}
IDENTIFIER.update({forms.sku(i): forms.group_of(i)[1] for i in range(forms.ITEMS)})


def config():
    def shop(code, settings):
        rows = {"code": code, "store": "demo.myshopify.com", "origin": "${SHOPIFY_URL}", "credential": "shopify",
                "enabled": "true", "default_customer": "WEB", "sku_mapping": "item-no", **settings}
        lines = [f"        {key}: {json.dumps(value) if isinstance(value, dict) else value}" for key, value in rows.items()]
        return "      -" + "\n".join(lines)[7:]
    shops = "\n".join(shop(code, settings) for code, settings in SHOPS.items())
    return f"""
credentials:
  - {{name: shopify, kind: shopify-client-credentials, client_id: cartage-demo, client_secret: {{ env: SHOPIFY_SECRET }}}}
  - {{name: bc, kind: bc-oauth, client_id: cartage-bc, client_secret: {{ env: BC_SECRET }}}}
companies:
  - name: CRONUS UK Ltd.
    id: {COMPANY}
    bc_tenant: sandbox
    bc_environment: Production
    bc_origin: ${{BUSINESS_CENTRAL_URL}}
    bc_login: ${{BUSINESS_CENTRAL_URL}}
    bc_credential: bc
    shops:
{shops}
"""


def prepare(stack):
    """Both sides know the goods, the customers and the taxes on them."""
    bc = lambda path, body: stack.sandbox("business-central", "POST", path, body)
    bc("tax-rates", {"rates": [{"vatBus": bus, "vatProd": group, "percent": rate if bus == "DOMESTIC" else 0}
                               for bus in ("DOMESTIC", "EXPORT") for group, rate in forms.RATES.items()]})
    for number, group in [*forms.ACCOUNTS.values(), forms.UNTAXED_ACCOUNT]:
        bc("accounts", {"number": number, "displayName": f"Account {number}", "directPosting": True, "vatProd": group[0]})
    for kind, id_ in forms.CUSTOMERS.items():
        email = f"{kind}@example.com"
        bc("customers", {"number": f"N-{kind.upper()}", "displayName": kind, "email": email, "pricesIncludeTax": kind == "gross",
                         "vatBus": "EXPORT" if kind == "exempt" else "DOMESTIC"})
        stack.sandbox("shopify", "POST", "customers", {
            "id": id_, "firstName": "Ada", "lastName": kind, "email": email, "phone": None, "addresses": [],
            "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"})
    for i in range(forms.ITEMS):
        bc("items", {"number": forms.sku(i), "displayName": f"Thing {i}", "unitPrice": 10, "vatProd": forms.group_of(i)[0]})
        stack.sandbox("shopify", "POST", "products", {
            "id": str(8_200_000_990_000 + i), "handle": f"thing-{i}", "title": f"Thing {i}", "vendor": "Maker",
            "productType": "Thing", "status": "ACTIVE", "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
            "variants": [{"id": forms.variant_id(i), "sku": forms.sku(i), "barcode": None, "price": "10.00", "title": "Default"}]})
    path = stack.dir / "config.yaml"
    path.write_text(config())
    stack.cli("apply", "-f", path)


def run(stack, operation, shop, **arguments):
    """Whether all went well; what did not stands in the run's error."""
    no = stack.api("POST", f"/v1/sync?company={COMPANY}",
                   {"operation": operation, "detach": True, "shop": shop, "arguments": arguments})["no"]
    path = f"/v1/runs/{no}?company={COMPANY}"
    stack.wait(f"{operation} ends", 600, lambda: stack.api("GET", path)["state"] == "finished")
    ended = stack.api("GET", path)
    if ended["outcome"] != "ok":
        print(f"{operation} of {shop}: {ended['error']}")
    return ended["outcome"] == "ok"


class Shop(sales.Shop):
    """The simulated Shopify that already runs."""

    def __init__(self, address):  # pylint: disable=super-init-not-called
        self.connection = sales.connection_to(address)


def documents_of(stack):
    found = collections.defaultdict(list)
    for document in stack.sandbox("business-central", "GET", "documents")["documents"]:
        found[document["externalDocumentNumber"]].append(document)
    return found


class Check:
    def __init__(self, stack):
        self.documents = documents_of(stack)
        self.deviations = []
        self.counts = collections.Counter()

    def differ(self, where, field, wanted, found):
        self.deviations.append(f"{where}: {field}: want {wanted}, got {found}")

    def order(self, order):
        shop = "SHOWN" if "shown" in order["tags"] else "HOME"
        want = Expected(order, SHOPS[shop])
        is_left = want.may_skip and order["name"].upper() not in self.documents  # fees without goods may do without
        self.one(order["name"], order["name"].upper(), want.skips or is_left, want.document)
        for id_, (skips, memo) in want.refunds.items():
            where = f"{order['name']}-R{id_}"
            self.one(where, where.upper(), skips is None or skips - {""}, memo)

    def one(self, where, external, is_skipped, want):
        found = self.documents.get(external, [])
        if is_skipped or want is None:
            self.counts["skipped"] += 1
            if found:
                self.differ(where, "documents", 0, len(found))
            return
        if len(found) != 1:
            self.differ(where, "documents", 1, len(found))
            return
        self.counts["credit memos" if "-R" in where else "orders"] += 1
        document, digits = found[0], want.digits
        total, is_finer = split_at(str(document["totalAmountIncludingTax"]), digits)
        currency = document["currencyCode"] or "GBP"
        if currency != want.currency:
            self.differ(where, "currency", want.currency, currency)
        wanted = want.total if "-R" in where else want.come_to([IDENTIFIER[line[2]] for line in want.lines])
        self.counts["differences"] += wanted != want.total
        if total != wanted or is_finer:
            self.differ(where, "total", text_of(wanted, digits), text_of(total, digits))


def staged(stack):
    """What cartage itself has to say: {reason of a difference: how many}."""
    reasons = collections.Counter()
    for kind in ("order", "refund"):
        for key in stack.redis("KEYS", f"ct:*:s:{COMPANY}:{kind}:*"):
            reason = stack.redis("HGET", key, "difference_reason")
            if reason:
                reasons[reason.decode()] += 1
    return reasons


def main():
    start = time.monotonic()
    with Stack() as stack:
        stack.start(data="none", shopify=("--index-lag", "0"))
        prepare(stack)
        for number in range(COUNT):
            stack.sandbox("shopify", "POST", "orders", forms.form_of(SEED, number))
        stack.worker()
        run(stack, "orders.sync", shop="SHOWN", tags="*[shown]*")
        run(stack, "orders.sync", shop="HOME", tags="<>*[shown]*")
        for shop in SHOPS:
            run(stack, "orders.process", shop=shop)
        check = Check(stack)
        for order in sales.orders_of(Shop(stack.shopify)):
            check.order(order)
        reasons = staged(stack)
    for deviation in check.deviations[:SHOWN]:
        print(deviation)
    print(f"{dict(check.counts)}, {dict(reasons)}, {len(check.deviations)} deviations, {time.monotonic() - start:.0f} s")
    checks = (not check.deviations, not reasons["unexplained"], check.counts["orders"] > COUNT * 0.8,
              check.counts["credit memos"] > COUNT * 0.2, sum(reasons.values()) == check.counts["differences"] > 0)
    print(f"{sum(checks)} passed, {len(checks) - sum(checks)} failed")
    return 0 if all(checks) else 1


if __name__ == "__main__":
    end_with(main)
