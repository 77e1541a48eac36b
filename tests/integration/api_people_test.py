#!/usr/bin/env python3
"""api_people_test.py - a person's day with real processes: apply, look at the cues, do what they say, all green.

The demo company on the made-up store. Every command that a cue names is run as it stands (NUMBER of an unmapped product
is the one thing a person must know); customers are unblocked in Business Central, as the cue says. Then the
toggle with a real worker, and a store that takes its time.

    python3 tests/integration/api_people_test.py
"""
import json
import pathlib
import re
import shlex
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, DEMO, Failed, Stack, end_with, expect, http_json, run_tests  # noqa: E402

ITEM = "1896-S"
LEFT = 130


def entries(stack):
    return stack.cli("entry", "list")["entries"]


def cues(stack):
    return {cue["name"]: cue for cue in stack.cli("cues")["cues"]}


def the_same_file_again_changes_nothing(stack):
    first = stack.cli("apply", "-f", DEMO)
    expect(first["changed"] == len(first["records"]) >= 6, f"the first apply changed {first}")
    again = stack.cli("apply", "-f", DEMO)
    expect(again["changed"] == 0, f"the second apply changed {again}")


def the_first_round_starts_by_itself(stack):
    stack.worker()
    stack.wait("all entries ran", 180, lambda: all(e.get("last") for e in entries(stack)))
    for entry in entries(stack):
        expect(entry["last"]["outcome"] == "ok", f"{entry['description']}: {entry['last']}")
    # They were due within milliseconds, so either may have been first: what was read is processed now.
    stack.cli("sync", "orders.process", "--shop", "DEMO", "--follow")


def what_each_cue_says_turns_it_green(stack):
    # A run of the minute must not come between the cues and their cures.
    for entry in entries(stack):
        stack.cli("entry", "hold", entry["id"])
    before = cues(stack)
    bad = [name for name, cue in before.items() if cue["colour"] != "green"]
    for name in ("unmapped_customers", "unmapped_products", "unprocessed_orders"):
        expect(name in bad, f"{name} is green in a store with trouble of every kind")
    for cue in before.values():
        expect((cue["colour"] == "green") == (not cue["cure"]), f"{cue['name']} is {cue['colour']}, cures: {cue['cure']}")
    for name in bad:
        for cure in before[name]["cure"]:
            for number in re.findall(r"customer (\d+) is blocked", cure):
                stack.sandbox("bc", "POST", f"customers/{number}", {"blocked": ""})
            if not cure.startswith("cartage sync") and cure.startswith("cartage "):
                stack.cli(*shlex.split(cure.replace("NUMBER", ITEM), comments=True)[1:])
    stack.cli("sync", "orders.process", "--shop", "DEMO", "--follow")
    after = cues(stack)
    left = {name: (cue["value"], cue["cure"]) for name, cue in after.items() if cue["colour"] != "green"}
    expect(not left, f"not green after its cures: {left}")
    expect(stack.cli("unmapped", "products")["unmapped"] == [], "unmapped products are left")


def off_waits_for_a_real_worker(stack):
    stack.cli("shop", "set", "DEMO", "background=false")
    done = stack.cli("sync", "orders", "--shop", "DEMO", "--tags", "<>*[wholesale]*", json_out=False)
    expect(re.match(r"run \d+ ok: ", done.stdout), f"it printed: {done.stdout}")
    expect(all(entry["schedule"] == "every" for entry in entries(stack)), "a foreground entry is left behind")


def what_orders_name_is_listed_until_it_has_a_code(stack):
    named = [row for row in stack.cli("titles", "--shop", "DEMO")["titles"] if row["setting"] == "shipment_methods"]
    expect(named and all(row["shop"] == "DEMO" and row["order"] for row in named), f"shipping titles: {named}")
    title = named[0]["title"]
    stack.cli("shop", "set", "DEMO", "shipment_methods=" + json.dumps({title: "EXW"}))
    left = [row["title"] for row in stack.cli("titles")["titles"] if row["setting"] == "shipment_methods"]
    expect(sorted(left) == sorted(row["title"] for row in named[1:]), f"{title} has a code, still listed are {left}")
    stack.cli("shop", "set", "DEMO", "shipment_methods={}")
    expect(any(row["setting"] == "payment_methods" for row in stack.cli("titles")["titles"]), "no payment gateway is listed")


def a_table_of_a_shop_is_set_as_json(stack):
    stack.cli("shop", "set", "DEMO", 'payment_methods={"shopify_payments/Visa":"CARD"}', 'payment_priorities={"shopify_payments/Visa":1}')
    shop = stack.cli("shop", "show", "DEMO")
    expect(shop["payment_methods"] == {"shopify_payments/Visa": "CARD"}, f"it is {shop['payment_methods']}")
    stack.cli("shop", "set", "DEMO", "payment_priorities={}", "payment_methods={}")
    shop = stack.cli("shop", "show", "DEMO")
    expect(shop["payment_methods"] == shop["payment_priorities"] == {}, "the tables are not empty again")


def ctrl_c_ends_the_run_at_the_worker(stack):
    # The store answers after eight seconds: so long the run goes on, longer than from beat to beat.
    stack.sandbox("shopify", "POST", "faults", {"rules": [
        {"match": {"path": "graphql"}, "every": 1, "action": {"kind": "hang_before", "ms": 8000}}]})
    caller = stack.run("caller", stack.bin / "cartage", "sync", "orders", "--shop", "DEMO")
    running = stack.wait("the run has begun", 20, lambda: next(
        (run for run in stack.cli("run", "list")["runs"] if run["kind"] == "foreground" and run["state"] == "running"), None),
        caller)
    caller.send(signal.SIGINT)
    try:
        code = caller.popen.wait(20)
    except subprocess.TimeoutExpired:
        raise Failed(f"the command did not end\n{caller.tail()}")
    expect(code == LEFT, f"exit code {code}\n{caller.tail()}")
    run = stack.wait("the run is over", 20, lambda: next(
        (r for r in [stack.cli("run", "show", running["no"])] if r["state"] == "finished"), None))
    stack.sandbox("shopify", "DELETE", "faults")
    expect(run["outcome"] == "cancelled", f"it ended as {run['outcome']}: {run['error']}")
    expect(all(entry["schedule"] == "every" for entry in entries(stack)), "a foreground entry is left behind")


# What openapi.json uses of JSON Schema; anything else in it fails here, so that nothing goes unchecked.
KEYWORDS = {"type", "properties", "required", "items", "enum", "additionalProperties", "description", "minimum", "maximum",
            "default", "$ref", "oneOf"}
TYPES = {"number": (int, float), "object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


def mismatch(document, schema, value, path):
    """Where `value` is not as `schema` says; None = it is."""
    if "$ref" in schema:
        target = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return mismatch(document, target, value, path)
    unknown = set(schema) - KEYWORDS
    if unknown:
        return f"{path}: this test does not know {unknown}"
    want = schema.get("type")
    if isinstance(want, list):
        problems = [mismatch(document, {**schema, "type": one}, value, path) for one in want]
        return None if None in problems else problems[0]
    if want and (not isinstance(value, TYPES[want]) or (want == "integer" and isinstance(value, bool))):
        return f"{path}: {value!r} is no {want}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{path}: {value!r} is none of {schema['enum']}"
    if want == "array":
        return next(filter(None, (mismatch(document, schema["items"], v, f"{path}[{i}]") for i, v in enumerate(value))), None)
    if want != "object":
        return None
    for name in schema.get("required", []):
        if name not in value:
            return f"{path}: {name} is missing"
    properties, more = schema.get("properties", {}), schema.get("additionalProperties", not schema.get("properties"))
    for name, child in value.items():
        if name not in properties and more is False:
            return f"{path}: {name} is not described"
        inner = properties.get(name, more if isinstance(more, dict) else {})
        problem = mismatch(document, inner, child, f"{path}.{name}")
        if problem:
            return problem
    return None


def every_answer_is_as_described(stack):
    document = http_json("GET", stack.url + "/openapi.json")
    entry = entries(stack)[0]["id"]
    fill = {"{company}": COMPANY, "{shop}": "DEMO", "{entry}": entry, "{run}": "1", "{kind}": "products",
            "{category}": "SHPFY", "{name}": "demo-bc",
            "{cue}": "unprocessed_orders", "{order}": stack.cli("skips")["skips"][0]["id"], "find": "%231001"}
    stack.cli("post", "preview", "post sales orders")
    preview = next(run["no"] for run in stack.cli("run", "list")["runs"] if run.get("arguments", {}).get("preview"))
    seen = 0
    for path, methods in document["paths"].items():
        answer = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {}).get("application/json")
        if not answer or path.endswith("/plan") or "{key}" in path or "{id}" in path:
            # No run of the demo waits with a plan: inventory_queue_test has one; webhooks_test and privacy_test know the others.
            continue
        fill["{run}"] = str(preview) if path.endswith("/preview") else "1"
        url = re.sub(r"\{\w+\}", lambda name: fill[name.group()], path)
        needed = [p["name"] for p in methods["get"].get("parameters", []) if p.get("required") and p.get("in") == "query"]
        url += "".join(f"?{name}={fill[name]}" for name in needed)
        problem = mismatch(document, answer["schema"], stack.api("GET", url), path)
        expect(not problem, f"{problem}")
        seen += 1
    expect(seen >= 14, f"only {seen} routes were asked")


def a_disabled_shop_refuses(stack):
    stack.cli("shop", "disable", "DEMO")
    done = stack.cli("sync", "orders", "--shop", "DEMO", check=False, json_out=False)
    expect(done.returncode == 6 and "cartage shop enable DEMO" in done.stderr, f"{done.returncode}: {done.stderr}")


TESTS = [the_same_file_again_changes_nothing, the_first_round_starts_by_itself, every_answer_is_as_described,
         what_each_cue_says_turns_it_green,
         off_waits_for_a_real_worker, what_orders_name_is_listed_until_it_has_a_code, a_table_of_a_shop_is_set_as_json, ctrl_c_ends_the_run_at_the_worker, a_disabled_shop_refuses]


def main():
    with Stack() as stack:
        stack.start(data="synthetic")
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
