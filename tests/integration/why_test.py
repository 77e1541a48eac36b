#!/usr/bin/env python3
"""why_test.py - each thing that a run or an entry may wait for, provoked with real processes, read, and cured.

The answer names one blocker by a code, its values and, where a person can do something, the call and the command.
Each test ends with that call made, and the run gone on.

    python3 tests/integration/why_test.py
"""
import datetime
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, Stack, end_with, expect, run_tests  # noqa: E402

CONFIG = """
credentials:
  - {name: s, kind: shopify-client-credentials, client_id: cartage-demo, client_secret: {env: SHOPIFY_SECRET}}
  - {name: b, kind: bc-oauth, client_id: cartage-bc, client_secret: {env: BC_SECRET}}
companies:
  - name: CRONUS
    id: %s
    bc_tenant: sandbox
    bc_origin: ${BUSINESS_CENTRAL_URL}
    bc_login: ${BUSINESS_CENTRAL_URL}
    bc_credential: b
    bc_late_s: 2
    time_zone: Europe/London
    shops:
      - {code: DEMO, store: demo.myshopify.com, origin: "${SHOPIFY_URL}", credential: s, enabled: true, bulk_from: 1,
         default_customer: WEB, sku_mapping: item-no, shipping_account: "6610"}
""" % COMPANY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HANG = {"rules": [{"match": {"path": "graphql"}, "every": 1, "action": {"kind": "hold"}}]}  # until the fault is taken away
LONG_HANG = {"rules": [{"match": {"path": "graphql"}, "every": 1, "action": {"kind": "hang_before", "ms": 13000}}]}  # no time-out yet


def why(stack, what):
    """The answer of the API; the command says the same."""
    folder = "runs" if isinstance(what, int) else "entries"
    answer = stack.api("GET", f"/v1/{folder}/{what}/why?company={COMPANY}")
    for field in ("code", "text", "values", "action"):
        expect(field in answer, f"{field} is missing in {answer}")
    return answer


def waits(stack, what, code, seconds=20):
    answer = stack.wait(f"{what} waits for {code}, not {why(stack, what)}", seconds,
                        lambda: next((a for a in [why(stack, what)] if a["code"] == code), None))
    told = stack.cli("why", what, json_out=False).stdout
    command = (answer["action"] or {}).get("command")
    if code not in ("running", "handed_out"):  # these pass while we look
        expect(answer["text"] in told and (not command or f"next: {command}" in told), f"the command said: {told}")
    return answer


def act(stack, answer):
    """Does what the answer offers, as the page would."""
    action = answer["action"]
    return stack.api(action["method"], action["path"], action.get("body"))


def sync(stack, operation="orders.sync", **more):
    return stack.api("POST", f"/v1/sync?company={COMPANY}", {"operation": operation, "shop": "DEMO", **more})["no"]


def ended(stack, run, outcomes=("ok", "idle")):
    return stack.wait(f"run {run} ends as {outcomes}, not {why(stack, run)}", 40, lambda: next(
        (r for r in [stack.cli("run", "show", run)] if r["state"] == "finished" and r["outcome"] in outcomes), None))


def worker(stack):
    return stack.worker(executors=1, lease_ms=2000)


def no_worker(stack):
    run = sync(stack)
    answer = waits(stack, run, "no_worker")
    expect(answer["values"]["category"] == "SHPFY" and answer["action"]["command"] == "cartage-worker --categories SHPFY",
           f"{answer}")
    worker(stack)
    ended(stack, run)
    expect(why(stack, run)["code"] == "ended" and why(stack, run)["action"] is None, f"{why(stack, run)}")


def a_busy_category_names_its_task(stack):
    stack.sandbox("shopify", "POST", "faults", HANG)
    first = sync(stack)
    waits(stack, first, "running")
    second = sync(stack, "orders.process")
    answer = waits(stack, second, "category_busy")
    expect(answer["values"]["run"] == first and answer["values"]["operation"] == "orders.sync"
           and answer["values"]["category"] == "SHPFY" and f"run {first} (orders.sync)" in answer["text"], f"{answer}")
    expect(act(stack, answer)["no"] == first, "the action shows another run")
    stack.sandbox("shopify", "DELETE", "faults")
    ended(stack, first)
    ended(stack, second)


def busy_workers(stack):
    stack.sandbox("shopify", "POST", "faults", HANG)
    first = sync(stack)
    waits(stack, first, "running")
    entry = stack.cli("entry", "add", "orders.process", "--shop", "DEMO", "--category", "OTHER")["id"]
    answer = waits(stack, entry, "workers_busy")
    expect(answer["values"]["workers"] == 1 and answer["values"]["executors"] == 1, f"{answer}")
    worker(stack)
    stack.wait("a second worker takes it", 20, lambda: gone(stack, entry))
    stack.sandbox("shopify", "DELETE", "faults")
    ended(stack, first)


def gone(stack, entry):
    """A one-off is deleted when it has ended well."""
    return all(row["id"] != entry for row in stack.cli("entry", "list")["entries"])


def a_paused_category(stack):
    stack.cli("category", "pause", "SHPFY")
    run = sync(stack)
    answer = waits(stack, run, "category_paused")
    expect(answer["action"]["command"] == "cartage category resume SHPFY", f"{answer}")
    expect("busy" not in answer["text"], f"{answer}")
    act(stack, answer)
    ended(stack, run)


def a_hold(stack):
    entry = stack.cli("entry", "add", "orders.sync", "--shop", "DEMO", "--every", "1h", "--name", "held",
                      "--at", "2099-01-01T00:00:00Z")["id"]
    expect(waits(stack, entry, "time")["values"]["until_ms"] == 4070908800000, f"{why(stack, entry)}")
    stack.cli("entry", "hold", "held")
    answer = waits(stack, "held", "hold")
    expect(answer["action"]["command"] == f"cartage entry ready {entry}", f"{answer}")
    act(stack, answer)
    answer = waits(stack, entry, "time")
    run = act(stack, answer)["no"]  # once, now
    ended(stack, run)
    stack.cli("entry", "delete", entry)


def a_window(stack):
    today = datetime.datetime.now(datetime.timezone.utc).weekday()
    day = DAYS[(today + 3) % 7]
    entry = stack.cli("entry", "add", "orders.sync", "--shop", "DEMO", "--every", "1h", "--days", day,
                      "--window", "08:00-18:00", "--name", "windowed")["id"]
    answer = waits(stack, entry, "window")
    values = answer["values"]
    expect(values["days"] == day and values["window"] == "08:00-18:00" and values["zone"] == "Europe/London", f"{answer}")
    first = datetime.datetime.fromtimestamp(values["until_ms"] / 1000, datetime.timezone.utc)
    expect(DAYS[first.weekday()] == day and first.minute == 0 and first.hour in (7, 8), f"next at {first}")
    ended(stack, act(stack, answer)["no"])
    stack.cli("entry", "delete", entry)


def no_time_of_its_own(stack):
    entry = stack.cli("entry", "add", "orders.sync", "--shop", "DEMO", "--manual", "--name", "by hand")["id"]
    answer = waits(stack, entry, "manual")
    ended(stack, act(stack, answer)["no"])
    stack.cli("entry", "delete", entry)


def a_disabled_shop(stack):
    entry = stack.cli("entry", "add", "orders.sync", "--shop", "DEMO", "--every", "1h", "--name", "off",
                      "--at", "2099-01-01T00:00:00Z")["id"]
    stack.cli("shop", "disable", "DEMO")
    answer = waits(stack, entry, "shop_disabled")
    expect(answer["values"]["shop"] == "DEMO" and answer["action"]["command"] == "cartage shop enable DEMO", f"{answer}")
    act(stack, answer)
    expect(waits(stack, entry, "time")["code"] == "time", "it still waits for its shop")
    stack.cli("entry", "delete", entry)


def a_retry(stack):
    stack.sandbox("shopify", "POST", "faults", {"rules": [
        {"match": {"path": "graphql"}, "every": 1, "action": {"kind": "status", "status": 503}}]})
    run = sync(stack)
    answer = waits(stack, run, "retry", 60)
    values = answer["values"]
    expect(values["retry"] == 1 and values["until_ms"] > 0 and "503" in values["error"], f"{answer}")
    stack.sandbox("shopify", "DELETE", "faults")
    act(stack, answer)  # anew, now
    waits(stack, run, "ended")
    stack.wait("the new run has ended", 40, lambda: not stack.cli("entry", "list")["entries"])


def a_used_up_budget(stack):
    stack.sandbox("shopify", "POST", "faults", {"rules": [
        {"match": {"path": "graphql"}, "every": 1, "action": {"kind": "throttled"}}]})
    run = sync(stack)
    answer = waits(stack, run, "budget", 60)
    expect(answer["values"]["until_ms"] > 0 and "demo.myshopify.com" in answer["text"] and answer["action"] is None, f"{answer}")
    stack.sandbox("shopify", "DELETE", "faults")
    ended(stack, run)


def a_limit_of_business_central(stack):
    stack.sandbox("bc", "POST", "faults", {"rules": [
        {"match": {"path": "salesOrders|orderImports|customers|items"}, "every": 1,
         "action": {"kind": "status", "status": 429, "headers": {"retry-after": "9"}}}]})
    run = sync(stack, "orders.process")
    answer = waits(stack, run, "bc_limit", 60)
    expect(answer["values"]["until_ms"] > 0 and "Business Central" in answer["text"] and answer["action"] is None, f"{answer}")
    stack.sandbox("bc", "DELETE", "faults")
    ended(stack, run)


def what_may_have_been_written(stack):
    """The call that makes a document dies without an answer, and none is found: it may still come."""
    stack.sandbox("shopify", "POST", "orders", {
        "name": "#7700", "customer": "7300000000000", "email": "nobody@example.com", "lines": [{"sku": "1896-S", "quantity": 1, "price": "9.00"}],
        "shipping": [{"title": "Free", "code": "free", "price": "0.00"}]})
    stack.sandbox("shopify", "POST", "time", {"bucket_ms": 2500})  # what a search's index lags behind
    ended(stack, sync(stack, arguments={"order_no": "#7700"}))
    stack.sandbox("bc", "POST", "faults", {"rules": [
        {"match": {"path": "salesOrders", "method": "POST"}, "every": 1, "action": {"kind": "reset_before"}}]})
    run = sync(stack, "orders.process", arguments={"order_no": "#7700"})
    answer = waits(stack, run, "uncertain", 60)
    expect(answer["values"]["until_ms"] > 0 and "#7700" in answer["text"] and answer["action"] is None, f"{answer}")
    stack.sandbox("bc", "DELETE", "faults")
    ended(stack, run)
    expect(stack.cli("order", "show", "#7700")["document"]["number"], "no document stands")


def a_bulk_operation(stack):
    """The first documents' numbers go to the store as one operation, which it keeps for itself."""
    stack.sandbox("shopify", "POST", "bulk", {"hold": True})
    run = sync(stack, "orders.process")
    ended(stack, run)
    answer = waits(stack, run, "bulk")
    expect(answer["values"]["purpose"] == "numbers" and answer["values"]["shop"] == "DEMO", f"{answer}")
    ended(stack, act(stack, answer)["no"])
    waits(stack, run, "bulk")
    stack.sandbox("shopify", "POST", "bulk", {})
    stack.wait("its answers are taken", 60, lambda: ended(stack, act(stack, answer)["no"]) and why(stack, run)["code"] == "ended")


def an_entry_that_stopped(stack):
    stack.sandbox("shopify", "POST", "faults", {"rules": [
        {"match": {"path": "graphql"}, "every": 1, "action": {"kind": "status", "status": 503}}]})
    entry = stack.cli("entry", "add", "orders.sync", "--shop", "DEMO", "--every", "1h", "--name", "stops", "--max-retry", "0",
                      "--on-exhausted", "stop", "--run-at-start")["id"]
    answer = waits(stack, entry, "error", 60)
    expect("503" in answer["text"] and answer["action"]["command"] == f"cartage entry restart {entry}", f"{answer}")
    stack.sandbox("shopify", "DELETE", "faults")
    act(stack, answer)
    stack.wait("it ended well", 40, lambda: stack.cli("entry", "show", entry).get("last", {}).get("outcome") in ("ok", "idle"))
    stack.cli("entry", "delete", entry)


def no_broker(stack):
    """Tickets do not travel; the one worker is busy, and takes what waits once it is idle, without a ticket."""
    next(proc for proc in stack.procs if proc.name == "worker-2").stop()
    stack.sandbox("shopify", "POST", "faults", LONG_HANG)
    first = sync(stack)
    waits(stack, first, "running")
    next(proc for proc in stack.procs if proc.name == "broker").kill()
    entry = stack.cli("entry", "add", "orders.process", "--shop", "DEMO", "--category", "OTHER")["id"]
    answer = waits(stack, entry, "no_broker")
    expect(answer["action"]["command"] == "cartage doctor" and "method" not in answer["action"], f"{answer}")
    stack.sandbox("shopify", "DELETE", "faults")
    ended(stack, first)
    stack.wait("an idle worker finds it", 40, lambda: gone(stack, entry))


TESTS = [no_worker, a_bulk_operation, a_busy_category_names_its_task, busy_workers, a_paused_category, a_hold, a_window,
         no_time_of_its_own, a_disabled_shop, a_retry, an_entry_that_stopped, a_used_up_budget, a_limit_of_business_central,
         what_may_have_been_written, no_broker]


def apply(stack):
    config = stack.dir / "config.yaml"
    config.write_text(CONFIG)
    stack.cli("apply", "-f", config)


def main():
    with Stack() as stack:
        stack.start(data="synthetic")
        apply(stack)
        if "TEST_KAFKA" not in os.environ:
            return run_tests(TESTS, stack)
        print("skip: no_broker, for this Kafka is not ours to kill", flush=True)
        return run_tests([test for test in TESTS if test is not no_broker], stack)


if __name__ == "__main__":
    end_with(main)
