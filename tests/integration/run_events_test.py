#!/usr/bin/env python3
"""run_events_test.py - a run as server-sent events: each change until its end, told once, and nothing changes for a listener.

    python3 tests/integration/run_events_test.py
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, Stack, end_with, expect, http_open, run_tests  # noqa: E402
from why_test import CONFIG  # noqa: E402

SLOW = {"rules": [{"match": {"path": "graphql"}, "every": 1, "action": {"kind": "hang_before", "ms": 2500}}]}


def begin(stack):
    stack.sandbox("shopify", "POST", "faults", SLOW)
    return stack.api("POST", f"/v1/sync?company={COMPANY}", {"operation": "orders.sync", "shop": "DEMO", "detach": True})


def ended(stack, run):
    stack.sandbox("shopify", "DELETE", "faults")
    return stack.wait("it ends", 40, lambda: next((r for r in [stack.api("GET", f"/v1/runs/{run['no']}?company={COMPANY}")]
                                                   if r["state"] == "finished"), None))


def listen(stack, run, seen=None):
    return stack.open("GET", f"/v1/runs/{run['no']}/events?company={COMPANY}", headers={"Last-Event-ID": seen} if seen else None)


def events(answer):
    """(name, id, data) of each event; comments are left out."""
    event = {}
    for line in answer:
        text = line.decode().rstrip("\n")
        if text and not text.startswith(":"):
            field, _, value = text.partition(": ")
            event[field] = value
        elif not text and event:
            yield event.get("event"), event.get("id"), json.loads(event["data"])
            event = {}


def each_change_until_the_end(stack):
    run = begin(stack)
    answer = listen(stack, run)
    expect(answer.headers["Content-Type"] == "text/event-stream", answer.headers["Content-Type"])
    heard = events(answer)
    for name, _, data in heard:
        expect(name == "run" and data["no"] == run["no"], f"{name} {data}")
        if data["state"] == "running":
            break
        expect(data["waits"]["code"] and data["waits"]["values"] is not None, f"no reason to wait in {data}")
    stack.sandbox("shopify", "DELETE", "faults")
    rest = list(heard)
    expect(rest and rest[-1][2]["state"] == "finished" and rest[-1][2]["outcome"] in ("ok", "idle"), f"its end is not told: {rest[-1:]}")
    ids = [number for _, number, _ in rest]
    expect(all(ids) and len(set(ids)) == len(ids), f"an event is told twice: {ids}")


def what_was_seen_is_not_told_again(stack):
    run = begin(stack)
    answer = listen(stack, run)
    seen = next(number for _, number, data in events(answer) if data["state"] == "running")
    answer.close()
    ended(stack, run)
    rest = list(events(listen(stack, run, seen)))
    expect(len(rest) == 1 and rest[0][2]["state"] == "finished", f"after a break: {rest}")
    again = listen(stack, run, rest[0][1])
    expect(again.status == 204 and not again.read(), f"whoever has heard all is not sent away: {again.status}")


def leaving_changes_nothing(stack):
    run = begin(stack)
    answer = listen(stack, run)
    next(data for _, _, data in events(answer) if data["state"] == "running")
    answer.close()
    expect(ended(stack, run)["outcome"] in ("ok", "idle"), "a listener that left has ended the run")


def who_waits_may_ask_for_events(stack):
    answer = stack.open("POST", f"/v1/sync?company={COMPANY}", {"operation": "orders.sync", "shop": "DEMO", "wait": True},
                        headers={"Accept": "text/event-stream"})
    heard = list(events(answer))
    expect(answer.headers["Content-Type"] == "text/event-stream" and heard[-1][2]["state"] == "finished", f"{heard[-1:]}")


def an_unknown_run_and_a_stranger_are_refused(stack):
    status, problem = stack.refused("GET", f"/v1/runs/999999/events?company={COMPANY}")
    expect(status == 404 and "999999" in problem["detail"], f"{status} {problem}")
    try:
        http_open("GET", f"{stack.url}/v1/runs/1/events?company={COMPANY}")
        expect(False, "a stranger listens")
    except Exception as refusal:  # noqa: BLE001
        expect(getattr(refusal, "status", 0) == 401, str(refusal))


TESTS = [each_change_until_the_end, what_was_seen_is_not_told_again, leaving_changes_nothing, who_waits_may_ask_for_events,
         an_unknown_run_and_a_stranger_are_refused]


def main():
    with Stack() as stack:
        stack.start(data="synthetic")
        config = stack.dir / "config.yaml"
        config.write_text(CONFIG)
        stack.cli("apply", "-f", config)
        stack.worker(lease_ms=2000)
        stack.cli("sync", "orders", "--shop", "DEMO", "--follow")  # the store's orders are read; syncs are short from now on
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
