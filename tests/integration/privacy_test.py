#!/usr/bin/env python3
"""privacy_test.py - a customer who is forgotten is gone from all that is kept, and does not come back.

Real processes, both simulated peers. One customer has everything that cartage keeps of anybody: a link, an order with a
document, an order that waits, one that Business Central has refused, a skip, a file of a data request. Whatever of him a value in Redis holds is looked for in all
keys, plain or deflated.

    python3 tests/integration/privacy_test.py
"""
import json
import pathlib
import sys
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from kill_points_test import CONFIG  # noqa: E402
from stack import COMPANY, Stack, end_with, expect, run_tests  # noqa: E402

PERSON = {"id": "7500000000001", "firstName": "Zebedee", "lastName": "Quillfeather", "email": "zebedee@quill.example", "phone": "+441179555001"}
TRACES = ("zebedee", "quillfeather", "117955500", "17 feather", "ring twice", "for aunt")
STREET = "17 Feather Lane"
OTHER = {"id": "7500000000002", "firstName": "Una", "lastName": "Stays", "email": "una@stays.example", "phone": None}


def address(person):
    return {"firstName": person["firstName"], "lastName": person["lastName"], "company": None, "address1": STREET if person is PERSON else "1 Other Road", "address2": None,
            "zip": "BA1 5AQ", "city": "Bath", "countryCode": "GB", "phone": person["phone"]}


def place(stack, name, person):
    return stack.sandbox("shopify", "POST", "orders", {
        "name": name, "customer": person["id"], "email": person["email"], "shippingAddress": address(person),
        **({"note": "ring twice", "attributes": {"gift": "for aunt"}} if person is PERSON else {}),
        "lines": [{"sku": "1896-S", "quantity": 1, "price": "10.00"}],
        "shipping": [{"title": "Free", "code": "free", "price": "0.00"}]})


def run(stack, operation, **arguments):
    no = stack.api("POST", "/v1/sync", {"operation": operation, "shop": "DEMO", "detach": True, "arguments": arguments})["no"]
    ended = stack.wait(f"{operation}, run {no}, ends", 60, lambda: next(
        (run for run in [stack.api("GET", f"/v1/runs/{no}")] if run["state"] == "finished"), None))
    expect(ended["outcome"] in ("ok", "idle"), f"{operation}: {ended['outcome']}: {ended['error']}")
    return ended


def values(stack, key):
    kind = stack.redis("TYPE", key)
    if kind == "string":
        return [stack.redis("GET", key)]
    if kind == "hash":
        return stack.redis("HGETALL", key)
    if kind == "zset":
        return stack.redis("ZRANGE", key, 0, -1)
    if kind == "set":
        return stack.redis("SMEMBERS", key)
    if kind == "list":
        return stack.redis("LRANGE", key, 0, -1)
    return [part for _, fields in stack.redis("XRANGE", key, "-", "+") for part in fields]


def plain(value):
    """A packed whole as its text."""
    if value[:1] == b"z" and b" " in value[:10]:
        try:
            return zlib.decompress(value[value.index(b" ") + 1:])
        except zlib.error:
            pass
    return value


def traces(stack):
    """Keys that hold anything of the person for more than a day, with what."""
    found = []
    for key in stack.redis("KEYS", "*"):
        if 0 < stack.redis("TTL", key) <= 86400:
            continue
        for value in values(stack, key):
            text = plain(value or b"").decode(errors="replace").lower()
            found += [f"{key.decode()}: {trace}" for trace in TRACES if trace in text]
    return sorted(set(found))


def furnish(stack):
    stack.start(data="synthetic", shopify=("--index-lag", "0"), bc=("--replica-lag", "0"))
    config = stack.dir / "config.yaml"
    config.write_text(CONFIG + "        customer_import: all\n        shopify_can_update_customers: true\n        shipping_account: '6610'\n"
                      "        auto_create_customers: true\n")
    stack.cli("apply", "-f", config)
    stack.worker()
    now = stack.sandbox("shopify", "GET", "time")["business"]
    for person in (PERSON, OTHER):
        stack.sandbox("shopify", "POST", "customers", {**person, "createdAt": now, "updatedAt": now, "addresses": [address(person)]})
    run(stack, "customers.sync")
    for n, person in ((1, PERSON), (2, PERSON), (3, OTHER)):
        place(stack, f"#880{n}", person)
    run(stack, "orders.sync", order_no="#880*")
    run(stack, "orders.process", order_no="#8801|#8803")
    place(stack, "#8804", PERSON)
    run(stack, "orders.sync", order_no="#8804")
    stack.sandbox("business-central", "POST", "faults", {"rules": [
        {"match": {"method": "POST", "path": "salesOrders"}, "every": 1, "action": {"kind": "status", "status": 400, "body": json.dumps(
            {"error": {"code": "Application_FieldValidationException", "message": "Zebedee Quillfeather is not valid."}})}}]})
    run(stack, "orders.process", order_no="#8804")
    stack.sandbox("business-central", "DELETE", "faults")
    skip = next(skip for skip in stack.api("GET", "/v1/skips?shop=DEMO")["skips"] if skip["record"] == "#8804")
    expect("Zebedee" in skip["detail"], f"what Business Central has said of him does not stand in the skip: {skip}")


def order_of(stack, name):
    return next(row for row in stack.api("GET", f"/v1/orders?find=%23{name[1:]}")["orders"] if row["name"] == name)


def what_is_kept_is_one_file(stack):
    expect(traces(stack), "nothing of him is kept: this test looks at nothing")
    kept = stack.cli("data", "customer", PERSON["id"])
    expect({order["name"] for order in kept["orders"]} == {"#8801", "#8802", "#8804"}, f"{kept}")
    expect(kept["orders"][0]["email"] == PERSON["email"] and kept["orders"][0]["shippingAddress"]["address1"] == STREET, f"{kept}")
    expect(any(link.get("number") for link in kept["links"]), f"{kept['links']}")
    status, problem = stack.refused("GET", "/v1/customers/zebedee/data")
    expect(status == 400 and "Shopify's number" in problem["detail"], f"{status} {problem}")


def a_forgotten_customer_is_gone_and_does_not_come_back(stack):
    document = order_of(stack, "#8801")["document"]
    told = stack.cli("forget", "customer", PERSON["id"], json_out=False).stdout
    expect(told == f"customer {PERSON['id']} is erased, and with him the names in 3 orders\n", told)
    expect(traces(stack) == [], f"left: {traces(stack)}")
    expect(stack.cli("data", "customer", PERSON["id"])["links"] == [], "links are left")
    row = order_of(stack, "#8801")
    expect((row["document"], row["total"]) == (document, "10"), f"{row}")
    changed = stack.cli("audit", "--limit", "5")["changes"]
    expect(any(PERSON["id"] in json.dumps(change) for change in changed), f"the audit does not tell of it: {changed}")

    # Shopify goes on to speak of him: a change of his, of his orders.
    stack.sandbox("shopify", "POST", f"customers/{PERSON['id']}", {"address": {"city": "Bristol"}})
    for name in ("8801", "8802", "8804"):
        stack.sandbox("shopify", "POST", f"orders/%23{name}", {"tags": ["touched"]})
    run(stack, "customers.sync")
    run(stack, "orders.sync", order_no="#880*")
    run(stack, "orders.process")
    run(stack, "customers.add", customer_no="*")
    expect(traces(stack) == [], f"came back: {traces(stack)}")
    skips = {skip["record"]: skip["reason"] for skip in stack.api("GET", "/v1/skips?shop=DEMO")["skips"]}
    expect(skips.get("#8802") == "customer-erased", f"an order of his without a document is no skip: {skips}")
    expect(order_of(stack, "#8803")["state"] == "processed", "another one's order has suffered")


def no_log_has_ever_named_him(stack):
    logs = [path for kind in ("producer", "worker") for path in stack.dir.glob(f"{kind}-*.log")]
    expect(len(logs) >= 2, f"only {logs}")
    for path in logs:
        text = path.read_text(errors="replace").lower()
        found = [trace for trace in TRACES if trace in text]
        expect(text and not found, f"{path.name} says {found}")


def main():
    with Stack() as stack:
        furnish(stack)
        return run_tests((what_is_kept_is_one_file, a_forgotten_customer_is_gone_and_does_not_come_back, no_log_has_ever_named_him), stack)


if __name__ == "__main__":
    end_with(main)
