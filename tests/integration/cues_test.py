#!/usr/bin/env python3
"""cues_test.py - each cue is raised by its real cause, its list says why, the action it offers is sent, and the cue is green.

Real processes, both simulated peers. Orders are read by name, so that a cue counts what its test has placed and nothing else. An
action goes to the API as the list gives it, with the values that it asks for; what it names as `then` is sent behind it. At one record
a cue is yellow, at five red; what cures one record is tried on one, what cures a group on five.

    python3 tests/integration/cues_test.py
"""
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, Stack, end_with, expect, run_tests  # noqa: E402

GREEN_MS = 2000  # from the answer to an action, or the end of the run that it starts
ITEM = "1896-S"
KNOWN = {"customer": "7300000000000", "email": "nobody@example.com"}
FREE = [{"title": "Free", "code": "free", "price": "0.00"}]
SHOP = {"store": "demo.myshopify.com", "credential": "shopify", "enabled": True, "sku_mapping": "item-no", "shipping_account": "6610",
        "custom_line_account": "6110", "gift_card_account": "5420", "tip_account": "6620", "cash_rounding_account": "9140"}
UNABLE = {"data": {"fulfillmentCreate": {"fulfillment": None, "userErrors": [{"field": ["fulfillment"], "message": "Not today."}]}},
          "extensions": {"cost": {"requestedQueryCost": 11, "actualQueryCost": 11, "throttleStatus": {
              "maximumAvailable": 20000, "currentlyAvailable": 19000, "restoreRate": 1000}}}}


# ---- the world ----

def furnish(stack):
    put = lambda path, body: stack.api("PUT", path, body)  # noqa: E731
    put("/v1/credentials/shopify", {"kind": "shopify-client-credentials", "client_id": "cartage-demo", "client_secret": {"env": "SHOPIFY_SECRET"}})
    put("/v1/credentials/bc", {"kind": "bc-oauth", "client_id": "cartage-bc", "client_secret": {"env": "BC_SECRET"}})
    put(f"/v1/companies/{COMPANY}", {
        "name": "CRONUS UK Ltd.", "bc_tenant": "sandbox", "bc_environment": "Production", "bc_origin": stack.bc, "bc_login": stack.bc,
        "bc_credential": "bc", "time_zone": "Europe/London"})
    put("/v1/shops/DEMO", {**SHOP, "origin": stack.shopify})
    stack.worker()


def place(stack, name, **form):
    order = stack.sandbox("shopify", "POST", "orders", {
        "name": name, "lines": [{"sku": ITEM, "quantity": 2, "price": "12.50"}], "shipping": FREE, **form})
    return order["id"].rsplit("/", 1)[1]


def settled(stack, no):
    return stack.wait(f"run {no} ends", 30, lambda: next(
        (run for run in [stack.api("GET", f"/v1/runs/{no}")] if run["state"] == "finished"), None))


def run(stack, operation, **arguments):
    no = stack.api("POST", "/v1/sync", {"operation": operation, "shop": "DEMO", "detach": True, "arguments": arguments})["no"]
    ended = settled(stack, no)
    expect(ended["outcome"] in ("ok", "idle"), f"{operation}: {ended['outcome']}: {ended['error']}")
    return ended


def read(stack, names):
    stack.sandbox("shopify", "POST", "time", {"bucket_ms": 2500})  # what a search's index lags behind
    run(stack, "orders.sync", order_no=names)


def processed(stack, names):
    read(stack, names)
    run(stack, "orders.process")


def shipped(stack, names):
    """Their shipments are posted by a person; whoever reads lists of Business Central sees them a little later."""
    for name in names:
        number = stack.cli("order", "show", name)["document"]["number"]
        stack.sandbox("bc", "POST", f"documents/{number}", {"ship": True})
    stack.wait("the shipments are read", 30, lambda: run(stack, "shipments.sync") and all(
        stack.cli("order", "show", name)["shipments"] for name in names))


# ---- cues and their lists ----

def cue(stack, name):
    return next(row for row in stack.api("GET", "/v1/cues")["cues"] if row["name"] == name)


def rows(stack, name, **query):
    return stack.api("GET", f"/v1/cues/{name}/rows" + "".join(f"{'&' if n else '?'}{k}={v}" for n, (k, v) in enumerate(query.items())))


def raised(stack, name, value, colour, code):
    """The cue as it must be, and its list: rows of this reason, one group of them."""
    found = cue(stack, name)
    expect(found["value"] == value and found["shops"]["DEMO"] == value, f"{name} counts {found['value']}, not {value}: {found['cure']}")
    expect(found["colour"] == colour, f"{name} is {found['colour']} at {value}, not {colour}")
    expect(bool(found["cure"]) == (value > 0), f"{name} at {value} names {found['cure']}")
    listed = rows(stack, found["list"].split("/")[3])
    expect([(group["code"], group["count"]) for group in listed["groups"]] == [(code, value)], f"groups of {name}: {listed['groups']}")
    expect(len(listed["rows"]) == value and all(row["code"] == code for row in listed["rows"]), f"rows of {name}: {listed['rows']}")
    for row in listed["rows"]:
        expect(row["text"] and row["actions"] and row["first_ms"] > 1700000000000 and row["last_ms"] >= row["first_ms"], f"{row}")
    return listed


def act(stack, action, given=None):
    """Sends an action and what follows it, waits for the runs that they start; when the last of it was over."""
    while action:
        body = {**action.get("body", {}), **{ask["name"]: (given or {})[ask["name"]] for ask in action.get("asks", [])}}
        answer = stack.api(action["method"], action["path"], body)
        if "no" in (answer or {}):
            settled(stack, answer["no"])
        action = action.get("then")
    return time.monotonic()


def green(stack, name, since):
    stack.wait(f"{name} is green", GREEN_MS / 1000, lambda: cue(stack, name)["value"] == 0)
    expect(time.monotonic() - since < GREEN_MS / 1000, f"{name} was green only after {time.monotonic() - since:.1f} s")
    found = cue(stack, name)
    expect(found["colour"] == "green" and not found["cure"], f"{found}")
    expect(rows(stack, name)["rows"] == [], f"{rows(stack, name)}")


def first(listed, code):
    return next(action for action in listed["rows"][0]["actions"] if action["code"] == code)


# ---- the tests ----

def unmapped_customers(stack):
    place(stack, "#8001", email="ann@example.com")
    processed(stack, "#8001")
    listed = raised(stack, "unmapped_customers", 1, "yellow", "no-customer")
    expect(listed["rows"][0]["orders"][0]["name"] == "#8001", f"{listed['rows']}")
    green(stack, "unmapped_customers", act(stack, first(listed, "map"), {"number": "WEB"}))
    expect(cue(stack, "unprocessed_orders")["value"] == 0, "the order was not processed")
    for n in range(5):
        place(stack, f"#801{n}", email=f"bob{n}@example.com")
    processed(stack, "#801*")
    listed = raised(stack, "unmapped_customers", 5, "red", "no-customer")
    expect(len(rows(stack, "unmapped_customers", search="bob3@example.com")["rows"]) == 1, "nobody has this e-mail")
    expect(rows(stack, "unmapped_customers", search="bob9@example.com")["rows"] == [], "somebody has this e-mail")
    green(stack, "unmapped_customers", act(stack, listed["groups"][0]["action"], {"number": "WEB"}))
    expect(rows(stack, "unmapped_customers", search="bob3@example.com")["rows"] == [], "he is found although he is mapped")


def unmapped_companies(stack):
    shop = {**SHOP, "origin": stack.shopify}
    stack.api("PUT", "/v1/shops/DEMO", {**shop, "company_import": "all"})

    def firm(n):
        stack.sandbox("shopify", "POST", "companies", {
            "name": f"Proseware {n}", "contact": {"email": f"buyer{n}@proseware.example"},
            "locations": [{"address": {"address1": f"{n} Mill Lane", "city": "York"}}]})
        stack.sandbox("shopify", "POST", "time", {"bucket_ms": 2500})
    firm(9)
    run(stack, "companies.sync")
    listed = raised(stack, "unmapped_companies", 1, "yellow", "no-customer")
    green(stack, "unmapped_companies", act(stack, first(listed, "map"), {"number": "WEB"}))
    for n in range(5):
        firm(n)
    stack.sandbox("shopify", "POST", "time", {"bucket_ms": 2500})
    run(stack, "companies.sync")
    listed = raised(stack, "unmapped_companies", 5, "red", "no-customer")
    expect(len(rows(stack, "unmapped_companies", search="buyer3@proseware.example")["rows"]) == 1, "nobody has this e-mail")
    stack.cli("map", "company", listed["rows"][0]["id"], "WEB")
    expect(cue(stack, "unmapped_companies")["value"] == 4, "one that is mapped by the command is counted")
    green(stack, "unmapped_companies", act(stack, listed["groups"][0]["action"], {"number": "WEB"}))
    run(stack, "companies.sync")
    expect(cue(stack, "unmapped_companies")["value"] == 0, "they come back")
    stack.api("PUT", "/v1/shops/DEMO", shop)


def unmapped_products(stack):
    for n in range(6):
        number = 8_199_000_000_000 + 10 * n
        stack.sandbox("shopify", "POST", "products", {
            "id": str(number), "handle": f"chair-{n}", "title": f"Ёлка Chair {n}", "vendor": "V", "productType": "Office", "status": "ACTIVE",
            "isGiftCard": False, "createdAt": "2026-01-05T10:00:00Z", "updatedAt": "2026-09-01T10:00:00Z",
            "variants": [{"id": str(number + 40_000_000_000_000), "sku": f"CHAIR-{n}", "barcode": None, "price": "9.00", "title": "Default Title"}]})

    def order(n):
        place(stack, f"#82{n:02}", **KNOWN, lines=[{"sku": f"CHAIR-{n}", "quantity": 1, "price": "9.00"}])
    order(0)
    processed(stack, "#8200")
    listed = raised(stack, "unmapped_products", 1, "yellow", "no-item")
    waiting = rows(stack, "unprocessed_orders")
    expect(waiting["groups"][0]["action"]["list"] == "unmapped_products", f"{waiting['groups']}")
    expect(waiting["rows"][0]["name"] == "#8200" and waiting["rows"][0]["actions"][0]["code"] == "map", f"{waiting['rows']}")
    green(stack, "unmapped_products", act(stack, first(listed, "map"), {"number": ITEM}))
    green(stack, "unprocessed_orders", time.monotonic())
    for n in range(1, 6):
        order(n)
    processed(stack, "#82*")
    listed = raised(stack, "unmapped_products", 5, "red", "no-item")
    for search, count in (("chair", 5), ("CHAIR-3", 1), ("%D1%91%D0%BB%D0%BA%D0%B0%203", 1), ("hair", 0), ("chair%20stool", 0), ("8199000000040", 1)):
        found = rows(stack, "unmapped_products", search=search)["rows"]
        expect(len(found) == count, f"{search} finds {len(found)}")
    page = rows(stack, "unmapped_products", limit=2)
    names = [row["name"] for row in page["rows"]]
    while page["next"]:
        page = rows(stack, "unmapped_products", limit=2, after=page["next"])
        names += [row["name"] for row in page["rows"]]
    expect(len(names) == len(set(names)) == 5, f"the pages show {names}")
    green(stack, "unmapped_products", act(stack, listed["groups"][0]["action"], {"number": ITEM}))


def unprocessed_orders(stack):
    stack.api("PATCH", "/v1/shops/DEMO", {"shipping_account": ""})
    paid = [{"title": "Standard", "code": "standard", "price": "4.95"}]
    place(stack, "#8301", **KNOWN, shipping=paid)
    processed(stack, "#8301")
    listed = raised(stack, "unprocessed_orders", 1, "yellow", "shipping-account")
    green(stack, "unprocessed_orders", act(stack, first(listed, "set"), {"shipping_account": "6610"}))
    stack.api("PATCH", "/v1/shops/DEMO", {"shipping_account": ""})
    for n in range(5):
        place(stack, f"#831{n}", **KNOWN, shipping=paid)
    processed(stack, "#831*")
    listed = raised(stack, "unprocessed_orders", 5, "red", "shipping-account")
    expect([row["name"] for row in rows(stack, "unprocessed_orders", search="8312")["rows"]] == ["#8312"], "it is not found by its number")
    found = rows(stack, "unprocessed_orders", search="nobody@example.com")["rows"]
    expect(len(found) == 5, f"{len(found)} are found by their e-mail address")
    green(stack, "unprocessed_orders", act(stack, listed["groups"][0]["action"], {"shipping_account": "6610"}))


def order_updates(stack):
    def changed(names):
        for name in names:
            stack.sandbox("shopify", "POST", f"orders/%23{name[1:]}/cancel", {"reason": "CUSTOMER"})
        read(stack, ",".join(names) if len(names) == 1 else names[0][:4] + "*")
    changed(["#8301"])
    listed = raised(stack, "order_updates", 1, "yellow", "order-changed")
    green(stack, "order_updates", act(stack, first(listed, "resolve")))
    changed([f"#831{n}" for n in range(5)])
    listed = raised(stack, "order_updates", 5, "red", "order-changed")
    green(stack, "order_updates", act(stack, listed["groups"][0]["action"]))


def synchronization_errors(stack):
    def entry(n):
        # Another day, so that only a restart runs it.
        return stack.api("POST", "/v1/entries", {
            "name": f"read {n}", "description": f"read orders {n}", "operation": "orders.sync", "arguments": {"shop": "DEMO", "order_no": f"#89{n}*"},
            "every_ms": 86400000, "start_ms": 4102444800000, "max_retry": 0})["id"]

    def restart(ids):
        for each in ids:  # one that runs would be restarted afterwards
            stack.wait("it does not run", 20, lambda: stack.api("GET", f"/v1/entries/{each}")["sub"] in ("due", "rest"))
            stack.api("POST", f"/v1/entries/{each}/restart", {})
        stack.wait("they have failed", 20, lambda: cue(stack, "synchronization_errors")["value"] == len(ids))
    ids = [entry(n) for n in range(5)]
    historic = cue(stack, "synchronization_errors")["historic"]
    stack.sandbox("shopify", "POST", "faults", {"rules": [
        {"match": {"path": "graphql"}, "every": 1, "action": {"kind": "status", "status": 403, "body": "no"}}]})
    restart(ids[:1])
    listed = raised(stack, "synchronization_errors", 1, "yellow", "run-failed")
    expect(listed["rows"][0]["name"] == "read orders 0" and listed["rows"][0]["run"], f"{listed['rows']}")
    stack.sandbox("shopify", "DELETE", "faults")
    act(stack, first(listed, "restart"))
    green(stack, "synchronization_errors", time.monotonic())
    # Green it is as soon as it is started anew; that run must be over before the shop is switched off.
    stack.wait("the restarted run ends", 20, lambda: stack.api("GET", f"/v1/entries/{ids[0]}")["last"]["outcome"] in ("ok", "idle"))
    stack.api("POST", "/v1/shops/DEMO/disable", {})
    restart(ids)
    listed = raised(stack, "synchronization_errors", 5, "red", "shop-disabled")
    found = rows(stack, "synchronization_errors", search="orders%203")["rows"]
    expect([row["name"] for row in found] == ["read orders 3"], f"{found}")
    act(stack, listed["groups"][0]["action"])
    green(stack, "synchronization_errors", time.monotonic())
    expect(cue(stack, "synchronization_errors")["historic"] == historic + 6, "past failures are not counted")
    for each in ids:
        stack.api("DELETE", f"/v1/entries/{each}")


def shipments(stack):
    names = [f"#850{n}" for n in range(6)]
    for name in names:
        place(stack, name, **KNOWN)
    processed(stack, "#850*")
    for name in names:
        stack.sandbox("shopify", "POST", f"orders/%23{name[1:]}/hold", {"reason": "OTHER"})
    shipped(stack, names[:1])
    listed = raised(stack, "unprocessed_shipments", 1, "yellow", "fulfillment-held")
    stack.sandbox("shopify", "POST", "orders/%238500/release", {})
    green(stack, "unprocessed_shipments", act(stack, first(listed, "send")))
    shipped(stack, names[1:])
    listed = raised(stack, "unprocessed_shipments", 5, "red", "fulfillment-held")
    expect(len(rows(stack, "unprocessed_shipments", search="8503")["rows"]) == 1, "it is not found by its order")
    number = listed["rows"][2]["name"]
    expect([row["name"] for row in rows(stack, "unprocessed_shipments", search=number, reason="fulfillment-held")["rows"]] == [number],
           "it is not found by its number")
    for name in names[1:]:
        stack.sandbox("shopify", "POST", f"orders/%23{name[1:]}/release", {})
    green(stack, "unprocessed_shipments", act(stack, listed["groups"][0]["action"]))


def shipment_errors(stack):
    def fail():
        stack.sandbox("shopify", "POST", "faults", {"rules": [
            {"match": {"operation": "FulfillmentCreate"}, "every": 1, "action": {"kind": "status", "status": 200, "body": json.dumps(UNABLE)}}]})
    names = [f"#860{n}" for n in range(6)]
    for name in names:
        place(stack, name, **KNOWN)
    processed(stack, "#860*")
    fail()
    shipped(stack, names[:1])
    listed = raised(stack, "shipment_errors", 1, "yellow", "fulfillment-refused")
    stack.sandbox("shopify", "DELETE", "faults")
    green(stack, "shipment_errors", act(stack, first(listed, "retry")))
    fail()
    shipped(stack, names[1:])
    listed = raised(stack, "shipment_errors", 5, "red", "fulfillment-refused")
    stack.sandbox("shopify", "DELETE", "faults")
    green(stack, "shipment_errors", act(stack, listed["groups"][0]["action"]))
    run(stack, "shipments.sync")
    expect(cue(stack, "unprocessed_shipments")["value"] == 0, "they were not told")


def skipped_records(stack):
    def order(name):
        place(stack, name, **KNOWN, channelLiable=True, taxRate=20)
    order("#8700")
    processed(stack, "#8700")
    listed = raised(stack, "skipped_records", 1, "yellow", "channel-tax")
    green(stack, "skipped_records", act(stack, first(listed, "done")))
    for n in range(1, 6):
        order(f"#870{n}")
    processed(stack, "#870*")
    listed = raised(stack, "skipped_records", 5, "yellow", "channel-tax")
    expect([row["name"] for row in rows(stack, "skipped_records", search="8703")["rows"]] == ["#8703"], "it is not found by its number")
    ids = [row["id"] for row in listed["rows"]]
    expect([row["id"] for row in rows(stack, "skipped_records", search=ids[0])["rows"]] == ids[:1], "its number at Shopify does not find it once")
    green(stack, "skipped_records", act(stack, listed["groups"][0]["action"]))
    left = rows(stack, "left_alone", search="8703")["rows"]
    expect(len(left) == 1 and left[0]["actions"] == [], f"{left}")


def differences(stack):
    place(stack, "#8800", **KNOWN, duties="7.50")
    processed(stack, "#8800")
    listed = raised(stack, "differences", 1, "yellow", "duty-or-fee")
    green(stack, "differences", act(stack, first(listed, "accept")))
    for n in range(1, 6):
        place(stack, f"#880{n}", **KNOWN, duties="7.50")
    processed(stack, "#880*")
    listed = raised(stack, "differences", 5, "red", "duty-or-fee")
    green(stack, "differences", act(stack, listed["groups"][0]["action"]))


def what_nobody_can_do_has_a_list_of_its_own(stack):
    place(stack, "#8900", **KNOWN, test=True)
    place(stack, "#8901", **KNOWN, cancelledAt="2026-11-02T09:00:00Z", cancelReason="CUSTOMER")
    before = cue(stack, "unprocessed_orders")
    processed(stack, "#890*")
    after = cue(stack, "unprocessed_orders")
    expect(after["value"] == before["value"] and after["original"] == before["original"] + 2, f"{before} {after}")
    groups = {group["code"]: group for group in rows(stack, "left_alone")["groups"]}
    expect(groups["test"]["count"] == groups["cancelled"]["count"] == 1 and groups["test"]["action"] is None, f"{groups}")
    left = rows(stack, "left_alone", reason="test")["rows"]
    expect([row["name"] for row in left] == ["#8900"] and left[0]["text"] == "a test order", f"{left}")


def thresholds_hold(stack):
    def colours():
        return {row["name"]: row["colour"] for row in stack.api("GET", "/v1/cues")["cues"]}
    place(stack, "#8950", email="carl@example.com")
    processed(stack, "#8950")
    expect(colours()["unmapped_customers"] == "yellow", "one is not yellow")
    stack.cli("threshold", "set", "unmapped_customers", 2, 3, "--company", "CRONUS UK Ltd.")
    expect(colours()["unmapped_customers"] == "green", "the company's threshold does not count")
    stack.cli("threshold", "set", "unmapped_customers", 1, 1)
    expect(colours()["unmapped_customers"] == "red", "the person's own does not go before it")
    found = next(row for row in stack.cli("threshold", "list")["thresholds"] if row["cue"] == "unmapped_customers")
    expect((found["yellow_from"], found["red_from"], found["of"]) == (1, 1, "user"), f"{found}")
    made = stack.cli("token", "add", "ann", "--role", "view")
    other = stack.dir / "ann"
    other.write_text(made["token"])
    other.chmod(0o600)
    mine, stack.env["CARTAGE_TOKEN_FILE"] = stack.env["CARTAGE_TOKEN_FILE"], str(other)
    try:
        expect(colours()["unmapped_customers"] == "green", "somebody else's threshold counts")
        refused = stack.cli("threshold", "set", "unmapped_customers", 1, "--company", "CRONUS UK Ltd.", check=False, json_out=False)
        expect(refused.returncode == 4 and "role operate" in refused.stderr, f"{refused.returncode}: {refused.stderr}")
        stack.cli("threshold", "set", "unmapped_customers", 1)
        expect(colours()["unmapped_customers"] == "yellow", "her own does not count")
    finally:
        stack.env["CARTAGE_TOKEN_FILE"] = mine
    stack.cli("threshold", "reset", "unmapped_customers")
    expect(colours()["unmapped_customers"] == "green", "the company's does not come back")
    for yellow, red in ((0, 3), (3, 2), ("x", 3)):
        refused = stack.cli("threshold", "set", "unmapped_customers", yellow, red, check=False, json_out=False)
        expect(refused.returncode == 2 and refused.stderr, f"{yellow} {red}: {refused.returncode}: {refused.stderr}")


def entries_have_pages_and_are_found(stack):
    ids = [stack.api("POST", "/v1/entries", {
        "name": f"paged {n}", "description": f"Nightly reading {n}", "operation": "orders.sync", "arguments": {"shop": "DEMO"},
        "category": f"PAGED{n % 2}", "every_ms": 86400000, "start_ms": 4102444800000})["id"] for n in range(12)]

    def listed(**query):
        return stack.api("GET", "/v1/entries?" + "&".join(f"{k}={v}" for k, v in query.items()))
    page, names = listed(limit=5, search="nightly"), []
    while True:
        names += [entry["description"] for entry in page["entries"]]
        if not page.get("next"):
            break
        page = listed(limit=5, search="nightly", after=page["next"].replace(" ", "%20"))
    expect(names == [f"Nightly reading {n}" for n in range(12)], f"the pages show {names}")
    for query, count in (({"category": "PAGED1"}, 6), ({"search": "reading 11"}, 1), ({"search": ids[3]}, 1), ({"search": "ightly"}, 0),
                         ({"shop": "OTHER"}, 0), ({"category": "paged0", "status": "ready"}, 6), ({"category": "PAGED0", "status": "on%20hold"}, 0)):
        query = {name: value.replace(" ", "%20") for name, value in query.items()}
        expect(len(listed(**query)["entries"]) == count, f"{query} finds {len(listed(**query)['entries'])}")
    stack.api("POST", f"/v1/entries/{ids[4]}/hold", {})
    held = listed(status="on%20hold", search="nightly")["entries"]
    expect([entry["id"] for entry in held] == [ids[4]], f"on hold are {held}")
    stack.api("PATCH", f"/v1/entries/{ids[5]}", {"category": "PAGED9"})
    expect([entry["id"] for entry in listed(category="PAGED9")["entries"]] == [ids[5]], "an edit is not seen")
    for each in ids:
        stack.api("DELETE", f"/v1/entries/{each}")
    expect(listed(search="nightly")["entries"] == [], "what is deleted is found")


TESTS = [unmapped_customers, unmapped_companies, unmapped_products, unprocessed_orders, order_updates, synchronization_errors, shipments, shipment_errors,
         skipped_records, differences, what_nobody_can_do_has_a_list_of_its_own, thresholds_hold,
         entries_have_pages_and_are_found]


def main():
    with Stack() as stack:
        stack.start(data="synthetic", shopify=["--index-lag", "0"], bc=["--replica-lag", "0"])
        furnish(stack)
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
