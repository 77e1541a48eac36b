#!/usr/bin/env python3
"""api_cards_test.py - the shop card and the categories, as people change them: by API, by file, at the command line.

Every row of the card is set and read back, each of its values; every contradiction is tried in each way that a setting
can be changed, refused with both names and the cure, and let in after the cure. Entries of different categories that
change the same records are told wherever an entry is put there, and each offered action ends it. No worker runs.

    python3 tests/integration/api_cards_test.py
"""
import json
import pathlib
import shlex
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, DEMO, Stack, end_with, expect, run_tests  # noqa: E402

BASE = {"store": "cards.myshopify.com"}

# What a text of some form may be, and what a setting needs beside it.
TEXTS = {"store": "other.myshopify.com", "origin": "http://127.0.0.1:7", "api_version": "2026-07", "credential": "card-token",
         "currency": "GBP", "order_history_start": "2027-01-31", "variant_prefix": "X-"}
ROWS = {"payment_priorities": {"Cash": "10"}, "stock_calculations": {"82000000001": "non-reserved", "82000000002": "disabled"},
        "stock_quantities": {"82000000001": "available"}, "location_filters": {"82000000001": "EAST|WEST"},
        "product_metafields": {"custom.material": "Material"}, "customer_metafields": {"custom.site": "website"},
        "company_metafields": {"custom.credit": "creditLimit"}, "product_collections": {"8100000000001": "CHAIR|DESK"},
        "safety_stock": {"*": "1", "1896-S@82000000001": "2"},
        "catalogs": {"Cash": "price_group=GOLD, line_discounts=no", "A, b": "include_vat=yes"},
        "item_template": {"type": "Service", "base_unit": "PCS"}}
BESIDE = {"customer_mapping": {"default_customer": "WEB"}, "company_mapping": {"default_company": "WEB"},
          "tax_area_priority": {"tax_areas": {"US-CA": "CA"}},
          "shipment_agent_services": {"shipment_agents": {"Cash": "DHL", "A, b": "RM"}}, "payment_priorities": {"payment_methods": {"Cash": "CASH"}}}

# Each contradiction: the setting that is set last, what stands before, and the cure.
CONTRADICTIONS = {
    "sku-separator-missing": ({"sku_separator": ""}, {"sku_mapping": "item-no-variant"}, {"sku_separator": "/"}),
    "both-update": ({"can_update_shopify_products": True}, {"shopify_can_update_items": True}, {"can_update_shopify_products": False}),
    "default-customer-missing": ({}, {"customer_mapping": "default"}, {"default_customer": "WEB"}),
    "nobody-unknown": ({"default_customer": "WEB", "customer_mapping": "default"}, {"auto_create_customers": True},
                       {"customer_mapping": "bill-to"}),
    "customers-both-ways": ({"can_update_shopify_customers": True}, {"shopify_can_update_customers": True},
                            {"can_update_shopify_customers": False}),
    "companies-both-ways": ({"can_update_shopify_companies": True}, {"shopify_can_update_companies": True},
                            {"can_update_shopify_companies": False}),
    "default-company-missing": ({}, {"company_mapping": "default"}, {"default_company": "WEB"}),
    "no-company-unknown": ({"default_company": "WEB", "company_mapping": "default"}, {"auto_create_companies": True},
                           {"company_mapping": "tax-id"}),
    "options-twice": ({"option_attributes": "Colour"}, {"uom_as_variant": True}, {"option_attributes": ""}),
    "currency-twice": ({"currency": "GBP"}, {"currency_handling": "presentment"}, {"currency": ""}),
    "tax-areas-missing": ({}, {"tax_area_priority": "ship-sell-bill"}, {"tax_areas": {"US-CA": "CA"}}),
    "agent-missing": ({"shipment_agents": {"Express": "DHL"}}, {"shipment_agent_services": {"Post": "X"}},
                      {"shipment_agents": {"Express": "DHL", "Post": "RM"}}),
    "payment-method-missing": ({}, {"payment_priorities": {"Cash": "1"}}, {"payment_methods": {"cash": "CASH"}}),
    "title-twice": ({"shipment_accounts": {"Express": "6620"}}, {"shipment_items": {"express": "FREIGHT"}},
                    {"shipment_accounts": {}}),
}


def put(stack, settings):
    stack.api("PUT", "/v1/shops/CARD", {**BASE, **settings})


def shop(stack):
    return stack.api("GET", "/v1/shops/CARD")


def word(name, value):
    """NAME=VALUE as a person types it."""
    if isinstance(value, bool):
        return f"{name}={str(value).lower()}"
    return f"{name}={json.dumps(value) if isinstance(value, dict) else value}"


def the_file_is_applied(stack):
    stack.cli("apply", "-f", DEMO)
    stack.api("PUT", "/v1/credentials/card-token", {"kind": "shopify-token", "token": {"env": "T"}})
    put(stack, {})


def values_of(row):
    if row["type"] == "boolean":
        return [not row["default"], row["default"]]
    if row["type"] == "choice":
        return row["choices"]
    if row["type"] == "map":
        return [ROWS.get(row["name"], {"Cash": "X", "A, b": "Y"}), {}]
    if row["type"] == "amount":
        return ["0.05"]
    return [TEXTS.get(row["name"], "7" if row["type"] == "number" else "CODE")]


def every_row_is_set_by_api_and_by_command(stack):
    card = stack.api("GET", "/v1/settings")
    stands = {name for name in shop(stack) if name != "company"}
    expect({row["name"] for row in card["settings"]} == stands, "the card and a shop have other settings")
    changes = 0
    for row in card["settings"]:
        name = row["name"]
        if name == "code":
            continue
        for value in values_of(row):
            wanted = int(value) if row["type"] == "number" else value
            beside = BESIDE.get(name, {})
            for way in ("api", "cli"):
                put(stack, beside)
                if way == "api":
                    stack.api("PATCH", "/v1/shops/CARD", {name: value})
                else:
                    stack.cli("shop", "set", "CARD", word(name, value))
                got = shop(stack)[name]
                expect(got == wanted, f"{name} by {way}: {value} was set, {got} stands")
                changes += 1
    expect(changes > 2 * len(stands), f"only {changes} changes were tried")


def every_row_is_explained(stack):
    card = stack.api("GET", "/v1/settings")
    shown = stack.cli("shop", "show", "CARD", json_out=False).stdout
    listed = stack.cli("setting", "list", json_out=False).stdout
    for row in card["settings"]:
        text = stack.cli("setting", "explain", row["name"], json_out=False).stdout
        for part in (row["title"], row["explain"], *(one["reason"] for one in row["excludes"])):
            expect(part in text, f"{row['name']}: \"{part}\" is not explained in:\n{text}")
        for page in (shown, listed):
            expect(row["title"] in page and row["name"] in page, f"{row['name']} is missing in:\n{page}")
    expect(all(group["title"] in shown for group in card["groups"]), f"groups are missing in:\n{shown}")
    wrong = stack.cli("setting", "explain", "nothing", check=False, json_out=False)
    expect(wrong.returncode == 5 and "cartage setting list" in wrong.stderr, f"{wrong.returncode} {wrong.stderr}")
    only = stack.cli("setting", "list", "refunds")["settings"]
    expect({"refund_account", "return_location"} <= {row["name"] for row in only} and len(only) < 10, f"{only}")


def one_row_of_a_map_changes_alone(stack):
    put(stack, {"shipment_accounts": {"Express": "6620", "Courier": "6630"}})
    stack.cli("shop", "set", "CARD", "shipment_accounts.express=6650", "shipment_accounts.Bike=6660")
    expect(shop(stack)["shipment_accounts"] == {"express": "6650", "Courier": "6630", "Bike": "6660"}, f"{shop(stack)}")
    stack.cli("shop", "set", "CARD", "shipment_accounts.Courier=")
    expect(shop(stack)["shipment_accounts"] == {"express": "6650", "Bike": "6660"}, f"{shop(stack)}")
    wrong = stack.cli("shop", "set", "CARD", "background.x=1", check=False, json_out=False)
    expect(wrong.returncode == 2 and "is no map" in wrong.stderr, f"{wrong.returncode} {wrong.stderr}")


def tell_of(code, text, names):
    for part in names:
        expect(part in text, f"{code}: {part} is not named in: {text}")


def every_contradiction_is_refused_in_every_way(stack):
    card = stack.api("GET", "/v1/settings")
    told = {one["code"]: {row["name"], one["setting"]} for row in card["settings"] for one in row["excludes"]}
    cures = {one["code"]: one["cure"] for row in card["settings"] for one in row["excludes"]}
    expect(set(told) == set(CONTRADICTIONS), f"the card has {sorted(told)}")
    for code, (before, change, cure) in CONTRADICTIONS.items():
        names = [*told[code], cures[code]]
        put(stack, before)
        for method, body in (("PATCH", change), ("PUT", {**BASE, **before, **change})):
            status, problem = stack.refused(method, "/v1/shops/CARD", body)
            expect(status == 422 and problem["code"] == code, f"{code} by {method}: {status} {problem}")
            expect({problem["values"]["setting"], problem["values"]["other"]} == told[code], f"{problem}")
            tell_of(code, problem["detail"], names)
        (name, value), = change.items()
        done = stack.cli("shop", "set", "CARD", word(name, value), check=False, json_out=False)
        expect(done.returncode != 0, f"{code} was let in by the command")
        tell_of(code, done.stderr, names)
        path = stack.dir / "card.yaml"
        path.write_text(json.dumps({"companies": [{"name": "CRONUS UK Ltd.", "id": COMPANY, "shops": [
            {"code": "CARD", **BASE, **before, **change}]}]}))
        done = stack.cli("apply", "-f", path, check=False, json_out=False)
        expect(done.returncode != 0, f"{code} was let in by apply")
        tell_of(code, done.stderr, names)
        expect({name: shop(stack)[name] for name in change} != change, f"{code}: it stands all the same")
        stack.api("PATCH", "/v1/shops/CARD", {**change, **cure})
        expect({name: shop(stack)[name] for name in change} == change, f"{code}: the cure did not help")
    stack.cli("apply", "-f", DEMO)  # the file of the refused ones has named the company anew


def what_stood_before_can_be_disabled(stack):
    put(stack, {"enabled": True})
    key, = stack.redis("KEYS", f"*conf:{COMPANY}")
    stands = json.loads(stack.redis("HGET", key, "shop:CARD"))
    stack.redis("HSET", key, "shop:CARD", json.dumps({**stands, "customer_mapping": "default"}))
    stack.cli("shop", "disable", "CARD")
    expect(shop(stack)["enabled"] is False and shop(stack)["customer_mapping"] == "default", f"{shop(stack)}")
    status, problem = stack.refused("PATCH", "/v1/shops/CARD", {"sku_mapping": "item-no-variant", "sku_separator": ""})
    expect(status == 422 and problem["code"] == "sku-separator-missing", f"another one is let in: {problem}")
    put(stack, {})


# ---- categories ----

def warnings(stack):
    return stack.api("GET", f"/v1/warnings?company={COMPANY}")["warnings"]


def doctors(stack):
    return [row for row in stack.api("GET", "/v1/doctor")["checks"] if row["code"] == "category-conflict"]


def the_default_entries_give_no_warning(stack):
    expect(len(stack.api("GET", "/v1/entries")["entries"]) >= 4, "the demo has fewer entries")
    expect(warnings(stack) == [], f"{warnings(stack)}")
    expect([row["state"] for row in doctors(stack)] == ["ok"], f"{doctors(stack)}")
    done = stack.cli("warnings", json_out=False)
    expect("no two entries" in done.stdout, done.stdout)


def add(stack, name, category, code="CARD"):
    """As the command line adds it: what it answers, and what it tells a person."""
    words = ("entry", "add", "orders.process", "--shop", code, "--every", "1 hour", "--name", name, "--category", category, "--on-hold")
    told = stack.cli(*words, json_out=False)
    return stack.cli(*words), told.stderr


def orders_here_and_customers_there_collide(stack):
    """Of one shop, in two categories, as the documentation warns: told at the command line, by the API, by doctor."""
    words = ("entry", "add", "customers.sync", "--shop", "DEMO", "--every", "1 hour", "--name", "customers beside", "--category", "B")

    def auto(on):
        stack.api("PATCH", "/v1/shops/DEMO", {"auto_create_customers": on})
    auto(False)
    expect(stack.cli(*words)["warnings"] == [] and warnings(stack) == [], f"with the setting off nothing collides: {warnings(stack)}")
    auto(True)
    told = stack.cli(*words, json_out=False).stderr
    row = next(row for row in stack.cli(*words)["warnings"] if {entry["name"] for entry in row["entries"]} == {"make sales orders", "customers beside"})
    named = ["make sales orders", "customers beside", "SHPFY", "(B)", "both change customers", "auto_create_customers of shop DEMO"]
    tell_of("the API", row["text"], named)
    tell_of("the command", told, [*named, *(action["command"] for action in row["actions"])])
    expect(any(check["state"] == "warn" and check["text"] == row["text"] and check["actions"] == row["actions"] for check in doctors(stack)), f"{doctors(stack)}")
    expect(len(row["actions"]) == 2, f"a move, and the switch: {row['actions']}")
    for action in row["actions"]:
        auto(True)
        stack.cli("entry", "set", "customers beside", "--category", "B")
        expect(warnings(stack), "it collides again")
        stack.api(action["method"], action["path"], action["body"])
        expect(warnings(stack) == [] and [check["state"] for check in doctors(stack)] == ["ok"], f"{action} did not end it: {warnings(stack)}")
    stack.cli("entry", "delete", "customers beside")


def two_shops_that_make_customers_collide(stack):
    """Two stores share no orders; their customers are the company's."""
    stack.api("PATCH", "/v1/shops/DEMO", {"auto_create_customers": True})
    put(stack, {"auto_create_customers": False})
    first, told = add(stack, "other shop", "B")
    expect(not first["warnings"] and not told, f"one on hold is no trouble: {first} {told}")
    stack.cli("entry", "ready", "other shop")
    expect(warnings(stack) == [], f"with the setting off nothing collides: {warnings(stack)}")
    put(stack, {"auto_create_customers": True})
    pairs = {frozenset(entry["name"] for entry in warning["entries"]): warning for warning in warnings(stack)}
    names = frozenset({"make sales orders", "other shop"})
    expect(set(pairs) == {names, frozenset({"bring customers in step", "other shop"})}, f"they name {set(pairs)}")
    warning = pairs[names]
    expect(warning["family"] == "customers" and warning["setting"] == "auto_create_customers", f"{warning}")
    tell_of("text", warning["text"], [*names, "customers", "auto_create_customers", "SHPFY", "(B)"])
    rows = doctors(stack)
    expect(all(row["state"] == "warn" and "one category" in row["advice"] for row in rows), f"{rows}")
    expect(any(row["actions"] == warning["actions"] for row in rows), f"{rows}")
    again, told = add(stack, "other shop", "B")
    expect(len(again["warnings"]) == len(pairs), f"{again}")
    tell_of("the command", told, ["warning: ", "customers", *(action["command"] for action in warning["actions"])])
    expect("cartage entry set" in stack.cli("warnings", json_out=False).stdout, "the list lacks the cure")


def each_offered_action_ends_it(stack):
    count = len(warnings(stack)[0]["actions"])
    expect(count == 3, f"a move, and the switch of either shop: {warnings(stack)}")
    for at in range(count):
        for way in ("api", "cli"):
            put(stack, {"auto_create_customers": True})
            stack.api("PATCH", "/v1/shops/DEMO", {"auto_create_customers": True})
            stack.cli("entry", "set", "other shop", "--category", "B")
            action = warnings(stack)[0]["actions"][at]
            if way == "api":
                stack.api(action["method"], action["path"], action["body"])
            else:
                stack.cli(*shlex.split(action["command"])[1:])
            expect(warnings(stack) == [], f"{action} by {way} did not end it: {warnings(stack)}")
            expect([row["state"] for row in doctors(stack)] == ["ok"], f"{doctors(stack)}")


def several_permits_let_entries_of_one_category_collide(stack):
    """Each order may then be made by one entry while another reads it: it is said, and one permit ends it."""
    for way in ("api", "cli"):
        stack.cli("category", "set", "SHPFY", "permits=2")
        told = warnings(stack)
        expect(told and all({row["category"] for row in warning["entries"]} == {"SHPFY"} for warning in told), f"{told}")
        row = doctors(stack)[0]
        expect(row["state"] == "warn" and "one permit" in row["advice"], f"{row}")
        action = told[0]["actions"][0]
        expect(action["body"] == {"permits": 1}, f"{action}")
        if way == "api":
            stack.api(action["method"], action["path"], action["body"])
        else:
            stack.cli(*shlex.split(action["command"])[1:])
        expect(warnings(stack) == [], f"{action} by {way} did not end it: {warnings(stack)}")


def only_the_category_of_an_entry_changes(stack):
    """Whatever else it was added with."""
    kinds = {
        "every": {"every_ms": 900000, "days": "mon-fri", "window": "08:00-18:00", "zone": "Europe/London", "max_retry": 0,
                  "run_at_start": True, "idle_ms": 60000, "catch_up": "none", "grace_ms": 60000},
        "formula": {"formula": "1D+CM", "at_time": "06:00", "priority": "low", "on_exhausted": "stop", "max_retry": 3},
        "manual": {"manual": True, "lang": "de-DE", "timeout_ms": 60000},
        "bc": {"every_ms": 3600000, "mode": "bc", "backoff": "bc", "retry_ms": 30000},
        "later": {"start_ms": 4000000000000, "description": "once, much later"},
        "all": {"every_ms": 3600000, "catch_up": "all", "max_backlog": 5, "expires_ms": 4000000000000},
        "posting": {"operation": "sales-orders.post", "arguments": {"post_when": "manual"}, "manual": True},
        "free": {"every_ms": 3600000, "category": "-"},
    }
    for name, more in kinds.items():
        body = {"name": name, "operation": "orders.process", "arguments": {"shop": "CARD"}, "category": "X", "on_hold": True, **more}
        entry = stack.api("POST", "/v1/entries", body)["id"]
        before = stack.api("GET", f"/v1/entries/{entry}")
        after = stack.api("PATCH", f"/v1/entries/{entry}", {"category": "y"})
        expect(after["category"] == "Y", f"{name}: {after}")
        differs = {key for key in set(before) | set(after) if before.get(key) != after.get(key)}
        expect(differs <= {"category", "rev", "epoch", "warnings", "slot_ms", "due_ms"}, f"{name}: {differs} changed, too")
        same = stack.api("POST", "/v1/entries", {**body, "category": "Y"})
        expect(same["change"] == "unchanged", f"{name}: the file differs from it now: {same}")
        both = stack.api("PATCH", f"/v1/entries/{entry}", {"category": "Z", "priority": "high"})
        expect(both["category"] == "Z" and both["priority"] == "high", f"{name}: {both}")
        stack.api("DELETE", f"/v1/entries/{entry}")


def main():
    with Stack() as stack:
        stack.start()
        return run_tests([
            the_file_is_applied,
            the_default_entries_give_no_warning,
            every_row_is_explained,
            every_row_is_set_by_api_and_by_command,
            one_row_of_a_map_changes_alone,
            every_contradiction_is_refused_in_every_way,
            what_stood_before_can_be_disabled,
            orders_here_and_customers_there_collide,
            two_shops_that_make_customers_collide,
            each_offered_action_ends_it,
            several_permits_let_entries_of_one_category_collide,
            only_the_category_of_an_entry_changes,
        ], stack)


if __name__ == "__main__":
    end_with(main)
