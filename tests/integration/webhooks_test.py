#!/usr/bin/env python3
"""webhooks_test.py - Shopify tells of an order, Business Central of an item: registered, proved, woken; and what is not taken, and why.

The store's index lags by an hour, so an order that is staged here has been read by the id that its webhook named.
"""
import base64
import hashlib
import hmac
import json
import pathlib
import sys
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, SECRETS, Stack, end_with, expect, http_json, run_tests  # noqa: E402

SECRET = SECRETS["SHOPIFY_SECRET"]
OLDER = "the secret before"
CONFIG = f"""
credentials:
  - {{ name: shopify, kind: shopify-client-credentials, client_id: cartage-demo, client_secret: {{ env: SHOPIFY_SECRET }},
      previous_secret: {{ env: OLDER_SECRET }} }}
  - {{ name: bc, kind: bc-oauth, client_id: cartage-bc, client_secret: {{ env: BC_SECRET }} }}
companies:
  - name: CRONUS
    id: {COMPANY}
    public_address: "${{CARTAGE_URL}}"
    bc_tenant: sandbox
    bc_origin: "${{BUSINESS_CENTRAL_URL}}"
    bc_login: "${{BUSINESS_CENTRAL_URL}}"
    bc_credential: bc
    shops:
      - {{ code: DEMO, store: demo.myshopify.com, origin: "${{SHOPIFY_URL}}", credential: shopify, enabled: true }}
    entries:
      - {{ name: orders, operation: orders.sync, arguments: {{ shop: DEMO }}, every: 1 day, start: "2099-01-01T00:00:00Z" }}
      - {{ name: products, operation: products.sync, arguments: {{ shop: DEMO }}, every: 1 day, start: "2099-01-01T00:00:00Z" }}
"""


def key_of(secret, shop="DEMO"):
    """As hooks.h says: what nobody guesses who does not know the secret."""
    return hmac.new(secret.encode(), f"cartage hook {COMPANY} {shop}".encode(), hashlib.sha256).hexdigest()[:32]


def signed(body, secret=SECRET):
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def utc(ago=0.0):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - ago)) + ".123456789Z"


def call(stack, body, path=None, secret=SECRET, traceparent=None, **changes):
    """Status and answer of one delivery; changes are headers, None = left out."""
    headers = {"Content-Type": "application/json", "X-Shopify-Topic": "orders/create", "X-Shopify-Event-Id": "event",
               "X-Shopify-Hmac-Sha256": signed(body, secret), "X-Shopify-Shop-Domain": "demo.myshopify.com",
               "X-Shopify-Webhook-Id": "delivery", "X-Shopify-Triggered-At": utc(), "X-Shopify-API-Version": "2026-10", "traceparent": traceparent}
    for name, value in changes.items():
        headers["X-Shopify-" + name.replace("_", "-")] = value
    url = stack.url + (path or f"/v1/hooks/shopify/{COMPANY}/DEMO/{key_of(SECRET)}")
    request = urllib.request.Request(url, body, {k: v for k, v in headers.items() if v is not None}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as answer:
        return answer.code, json.loads(answer.read())


def subscriptions(stack):
    return stack.sandbox("shopify", "GET", "webhooks")["subscriptions"]


def graphql(stack, query, variables):
    return http_json("POST", f"{stack.shopify}/admin/api/2026-10/graphql.json", {"query": query, "variables": variables},
                     {"X-Shopify-Access-Token": "shpat_sandbox"})["data"]


def registered_by_itself(stack):
    topics = stack.wait("a producer has the webhooks registered", 60, lambda: subscriptions(stack))
    stack.wait("all of orders", 20, lambda: len(subscriptions(stack)) == 6)
    expect({row["topic"] for row in subscriptions(stack)} ==
           {"orders/create", "orders/updated", "orders/cancelled", "orders/edited", "refunds/create", "returns/update"},
           f"registered: {topics}")
    expect(all(row["uri"] == f"{stack.url}/v1/hooks/shopify/{COMPANY}/DEMO/{key_of(SECRET)}" for row in topics),
           f"registered: {topics}")
    stack.wait("doctor says so of both peers", 20, lambda: sum(
        row["code"] == "webhooks" and row["case"] == "stand" for row in stack.api("GET", "/v1/doctor")["checks"]) == 2)


def an_order_is_staged_because_its_webhook_came(stack):
    answer = stack.sandbox("shopify", "POST", "orders", {
        "customer": "7300000000000", "lines": [{"sku": "1896-S", "quantity": 2, "price": "12.50"}]})
    order = answer["id"].rsplit("/", 1)[-1]
    stack.wait("it is staged, and no search knows it", 15, lambda: stack.redis(
        "KEYS", f"ct:{{{stack.env['CARTAGE_ENV']}/*}}:s:{COMPANY}:order:{order}"))


def doubles_and_older_secrets(stack):
    body = json.dumps({"id": 5900000009999, "updated_at": utc()}).encode()
    first, again = call(stack, body), call(stack, body, Webhook_Id="another")
    expect(first[0] == 200 and first[1]["woken"] == 1, f"first: {first}")
    expect(again == (200, {"woken": 0, "doubles": 1}), f"again: {again}")
    other = call(stack, body, Event_Id="held again")
    expect(other == (200, {"woken": 1, "doubles": 0}), f"another event with the same body: {other}")
    older = call(stack, body, path=f"/v1/hooks/shopify/{COMPANY}/DEMO/{key_of(OLDER)}", secret=OLDER, Event_Id="older")
    expect(older[0] == 200, f"signed with the secret before: {older}")


def our_own_writes_wake_nobody(stack):
    at = utc()[:19] + "Z"
    key = stack.redis("KEYS", f"ct:{{{stack.env['CARTAGE_ENV']}/*}}:s:{COMPANY}:order:*")[0].decode()
    stack.redis("HSET", key, "echo", at)
    order = int(key.rsplit(":", 1)[-1])
    own = call(stack, json.dumps({"id": order, "updated_at": at}).encode(), Topic="orders/updated", Event_Id="own")
    expect(own == (200, {"woken": 0, "doubles": 0}), f"our own write: {own}")
    other = call(stack, json.dumps({"id": order, "updated_at": utc(-1)[:19] + "Z"}).encode(), Topic="orders/updated", Event_Id="other")
    expect(other == (200, {"woken": 1, "doubles": 0}), f"a later change: {other}")


REFUSALS = (
    ("another secret", 401, {"secret": "somebody else"}),
    ("no signature", 401, {"Hmac_Sha256": None}),
    ("half a signature", 401, {"Hmac_Sha256": signed(b"{}")[:20]}),
    ("the signature of another body", 401, {"Hmac_Sha256": signed(b"{ }")}),
    ("another store", 403, {"Shop_Domain": "other.myshopify.com"}),
    ("no store", 403, {"Shop_Domain": None}),
    ("of yesterday", 409, {"Triggered_At": utc(86460)}),
    ("of tomorrow", 409, {"Triggered_At": utc(-86400)}),
    ("without a time", 400, {"Triggered_At": None}),
    ("a topic that wakes nothing", 422, {"Topic": "themes/publish"}),
    ("another key", 404, {"path": f"/v1/hooks/shopify/{COMPANY}/DEMO/{key_of(SECRET, 'OTHER')}"}),
    ("another shop", 404, {"path": f"/v1/hooks/shopify/{COMPANY}/OTHER/{key_of(SECRET, 'OTHER')}"}),
    ("another company", 404, {"path": f"/v1/hooks/shopify/{COMPANY[:-1]}2/DEMO/{key_of(SECRET)}"}),
    ("no JSON", 400, {"body": b"no json"}),
    ("too large", 413, {"body": b"{\"a\":\"" + b"x" * (1 << 20) + b"\"}"}),
)


def what_is_not_taken_has_its_status_and_tells_nothing(stack):
    unknown = set()
    for what, status, change in REFUSALS:
        change = dict(change)
        got = call(stack, change.pop("body", b"{}"), **change)
        expect(got[0] == status, f"{what}: {got}")
        text = json.dumps(got[1])
        expect(SECRET not in text and OLDER not in text and key_of(SECRET) not in text, f"{what} tells: {text}")
        if status == 404:
            unknown.add(got[1]["detail"])
    expect(len(unknown) == 1, f"it shows what of the address is wrong: {unknown}")
    log = (stack.dir / "producer-0.log").read_text()
    expect("hook.refused" in log, "nobody is told of refusals")
    for secret in (SECRET, OLDER, key_of(SECRET), key_of(OLDER)):
        expect(secret not in log, "a secret stands in the log")


def what_is_missing_is_told_and_mended(stack):
    node = graphql(stack, "{ webhookSubscriptions(first: 100) { nodes { id topic } } }", {})["webhookSubscriptions"]["nodes"][0]
    graphql(stack, "mutation ($id: ID!) { webhookSubscriptionDelete(id: $id) { userErrors { message } } }", {"id": node["id"]})
    graphql(stack, "mutation ($uri: String!) { webhookSubscriptionCreate(topic: ORDERS_PAID, webhookSubscription: {uri: $uri}) "
            "{ userErrors { message } } }", {"uri": f"{stack.url}/v1/hooks/shopify/{COMPANY}/DEMO/old"})
    listed = stack.cli("webhooks", "list", "--shop", "DEMO", check=False)
    states = {row["topic"]: row["state"] for row in listed["found"][COMPANY]["webhooks:DEMO"]["topics"]}
    expect(states.get("ORDERS_PAID") == "wrong" and list(states.values()).count("missing") == 1, f"listed: {states}")
    expect(listed["state"] == "warn" and len(subscriptions(stack)) == 6, f"list has changed something: {listed}")
    checked = stack.cli("webhooks", "check")
    states = sorted(row["state"] for row in checked["found"][COMPANY]["webhooks:DEMO"]["topics"])
    expect(checked["state"] == "ok" and states == ["made"] + ["ok"] * 5 + ["removed"], f"checked: {checked}")
    expect(len(subscriptions(stack)) == 6, f"mended: {subscriptions(stack)}")


# ---- Business Central ----

BC_KEY = hmac.new(SECRETS["BC_SECRET"].encode(), f"cartage hook {COMPANY} ".encode(), hashlib.sha256).hexdigest()[:32]
STATE = hmac.new(SECRETS["BC_SECRET"].encode(), f"cartage state {COMPANY} ".encode(), hashlib.sha256).hexdigest()[:32]


def bc_webhooks(stack):
    return stack.sandbox("business-central", "GET", "webhooks")


def bc_call(stack, body, path=f"/v1/hooks/bc/{COMPANY}/{BC_KEY}", method="POST"):
    request = urllib.request.Request(stack.url + path, body, {"Content-Type": "application/json; charset=utf-8"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(), answer.headers.get("Content-Type")
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode(), answer.headers.get("Content-Type")


def notice(state=STATE, resource=f"api/v2.0/companies({COMPANY})/items({COMPANY})", **more):
    return json.dumps({"value": [{"subscriptionId": "1", "clientState": state, "resource": resource, "changeType": "updated",
                                  "lastModifiedDateTime": "2026-11-01T10:00:00.123Z", **more}]}).encode()


def runs_of(stack, operation):
    return [run for run in stack.api("GET", "/v1/runs")["runs"] if run["operation"] == operation]


def a_change_of_an_item_wakes_what_reads_items(stack):
    sets = {row["resource"].rsplit("/", 1)[-1] for row in bc_webhooks(stack)["subscriptions"]}
    expect(sets == {"items", "itemVariants"}, f"subscribed: {sets}")
    expect(not runs_of(stack, "products.sync"), "it has run before anything has changed")
    stack.sandbox("business-central", "POST", "items/1896-S", {"unitPrice": 1234.5})
    expect(not bc_webhooks(stack)["deliveries"], "told at once")
    stack.sandbox("business-central", "POST", "time", {"bucket_ms": 30001})
    sent = stack.wait("it is told", 10, lambda: bc_webhooks(stack)["deliveries"])
    expect(sent[0]["status"] == 200, f"told: {sent}")
    stack.wait("what reads items runs", 20, lambda: runs_of(stack, "products.sync"))


def what_business_central_does_not_say_is_refused(stack):
    answer = bc_call(stack, b"", f"/v1/hooks/bc/{COMPANY}/{BC_KEY}?validationToken=a%20token%3C1%3E")
    expect(answer[:2] == (200, "a token<1>") and answer[2].startswith("text/plain"), f"the handshake: {answer}")
    asked = bc_call(stack, None, f"/v1/hooks/bc/{COMPANY}/{BC_KEY}?validationToken=x", "GET")
    expect(asked[:2] == (200, "x"), f"the handshake by GET: {asked}")
    for what, status, body, path in (
            ("another state", 403, notice("another"), None), ("no state", 403, notice(""), None),
            ("no JSON", 400, b"no json", None), ("no notices", 400, b"{}", None),
            ("another key", 404, notice(), f"/v1/hooks/bc/{COMPANY}/{STATE}"),
            ("a handshake at another key", 404, b"", f"/v1/hooks/bc/{COMPANY}/{STATE}?validationToken=x"),
            ("another company", 404, notice(), f"/v1/hooks/bc/{COMPANY[:-1]}2/{BC_KEY}")):
        got = bc_call(stack, body, *([path] if path else []))
        expect(got[0] == status and STATE not in got[1] and BC_KEY not in got[1], f"{what}: {got}")
    whole = f"api/v2.0/companies({COMPANY})/items?$filter=lastModifiedDateTime%20gt%202026-11-01T10:00:00Z"
    first = bc_call(stack, notice(resource=whole, changeType="collection"))
    expect(first[0] == 200 and json.loads(first[1])["woken"] == 1, f"many at once: {first}")
    again = bc_call(stack, notice(resource=whole, changeType="collection"))
    expect(json.loads(again[1]) == {"woken": 0, "doubles": 1}, f"the same again: {again}")
    other = bc_call(stack, notice(resource=f"api/v2.0/companies({COMPANY})/vendors({COMPANY})"))
    expect(json.loads(other[1]) == {"woken": 0, "doubles": 0}, f"of no matter: {other}")


def subscriptions_are_renewed_and_made_again(stack):
    before = {row["subscriptionId"]: row["expirationDateTime"] for row in bc_webhooks(stack)["subscriptions"]}
    expect(stack.cli("webhooks", "check")["state"] == "ok", "not all is well")
    after = {row["subscriptionId"]: row["expirationDateTime"] for row in bc_webhooks(stack)["subscriptions"]}
    expect(before.keys() == after.keys() and all(after[key] > before[key] for key in before), f"renewed: {before} {after}")
    stack.sandbox("business-central", "DELETE", "webhooks")
    listed = stack.cli("webhooks", "list", check=False)
    expect([row["state"] for row in listed["found"][COMPANY]["webhooks"]["topics"]] == ["missing"] * 2, f"listed: {listed}")
    expect(stack.cli("webhooks", "check")["state"] == "ok" and len(bc_webhooks(stack)["subscriptions"]) == 2, "not made again")


def a_company_wakes_what_reads_companies(stack):
    config = stack.dir / "company.yaml"
    config.write_text(CONFIG + '      - { name: companies, operation: companies.sync, arguments: { shop: DEMO }, every: 1 day, start: "2099-01-01T00:00:00Z" }\n')
    stack.cli("apply", "-f", config)
    stack.cli("shop", "set", "DEMO", "company_import=all", "auto_create_companies=true")
    expect(stack.cli("webhooks", "check")["state"] == "ok", "not all is well")
    topics = {row["topic"] for row in subscriptions(stack)}
    wanted = {f"{kind}/{change}" for kind in ("companies", "company_locations", "company_contacts") for change in ("create", "update", "delete")}
    expect(wanted | {"company_contact_roles/assign", "company_contact_roles/revoke"} <= topics, f"registered: {topics}")
    expect(not runs_of(stack, "companies.sync"), "it has run before anything has changed")
    company = stack.sandbox("shopify", "POST", "companies", {"name": "Told Ltd.", "locations": [{"name": "One"}]})
    first = stack.wait("what reads companies runs", 20, lambda: runs_of(stack, "companies.sync"))
    stack.wait("it has ended", 20, lambda: all(run["state"] == "finished" for run in runs_of(stack, "companies.sync")))
    stack.sandbox("shopify", "POST", f"companies/{company['id']}/locations/{company['locations'][0]['id']}", {"phone": "+442079460000"})
    stack.wait("and again for a change of a location", 40, lambda: len(runs_of(stack, "companies.sync")) > len(first))


def a_request_to_erase_is_carried_out(stack):
    body = json.dumps({"shop_id": 1, "shop_domain": "demo.myshopify.com", "customer": {"id": 7300000000000}, "orders_to_redact": []}).encode()
    got = call(stack, body, Topic="customers/redact")
    expect(got[0] == 200, f"customers/redact: {got}")
    expect(stack.redis("KEYS", f"ct:{{{stack.env['CARTAGE_ENV']}/*}}:s:{COMPANY}:erased*"), "nobody remembers whom to forget")
    nobody = call(stack, b"{}", Topic="customers/redact", Event_Id="nobody")
    expect(nobody[0] == 400, f"of nobody: {nobody}")


TESTS = [registered_by_itself, an_order_is_staged_because_its_webhook_came, doubles_and_older_secrets, our_own_writes_wake_nobody,
         what_is_not_taken_has_its_status_and_tells_nothing, what_is_missing_is_told_and_mended,
         a_change_of_an_item_wakes_what_reads_items, what_business_central_does_not_say_is_refused,
         subscriptions_are_renewed_and_made_again, a_company_wakes_what_reads_companies, a_request_to_erase_is_carried_out]


def main():
    with Stack() as stack:
        stack.env["OLDER_SECRET"] = OLDER
        stack.start(data="synthetic", shopify=("--index-lag", "3600000"))
        path = stack.dir / "company.yaml"
        path.write_text(CONFIG)
        stack.worker()
        stack.cli("apply", "-f", path)
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
