#!/usr/bin/env python3
"""toggle_test.py - "run syncs in background", on and off, as a program and a person at a terminal meet it.

Real processes: a worker that runs the sync, a store that takes its time, a receiver that is told of the end, and the
command on a terminal of its own, which asks when Ctrl-C is pressed. What the API alone has to say of the toggle stands
in api_toggle_test.c, with a worker that is played by hand.

    python3 tests/integration/toggle_test.py
"""
import json
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from receiver import Receiver  # noqa: E402
from stack import COMPANY, Stack, end_with, expect, run_tests  # noqa: E402
from terminal import Terminal  # noqa: E402
from why_test import CONFIG  # noqa: E402

LEFT = 130
SLOW = {"rules": [{"match": {"path": "graphql"}, "every": 1, "action": {"kind": "hang_before", "ms": 2500}}]}
SLOWER = {"rules": [{"match": {"path": "graphql"}, "every": 1, "action": {"kind": "hang_before", "ms": 8000}}]}  # outlives a beat
BROKEN = {"rules": [{"match": {"path": "graphql"}, "every": 1, "action": {"kind": "status", "status": 401}}]}


def configure(stack, background):
    config = stack.dir / "config.yaml"
    notify = f"    notify: {{targets: [{{name: page, kind: webhook, address: \"{stack.receiver.url}/page\", on: manual}}]}}\n"
    shop = f"      - {{code: DEMO, background: {'true' if background else 'false'},"
    config.write_text(CONFIG.replace("    shops:\n", notify + "    shops:\n").replace("      - {code: DEMO,", shop))
    stack.cli("apply", "-f", config)


def run_of(stack, no):
    return stack.api("GET", f"/v1/runs/{no}?company={COMPANY}")


def no_entry_is_left(stack):
    stack.wait("no entry is left", 20, lambda: not stack.cli("entry", "list")["entries"])


def open_sync(stack, **more):
    """The answer of the API, line by line, as a page reads it."""
    return stack.open("POST", f"/v1/sync?company={COMPANY}", {"operation": "orders.sync", "shop": "DEMO", **more})


def lines(answer):
    return (json.loads(line) for line in answer if line.strip())


def started_in_background(stack, way):
    """How long the answer took, and how long it was until it ran, in seconds."""
    stack.receiver.clear()
    begin = time.time()
    if way == "api":
        run = stack.api("POST", f"/v1/sync?company={COMPANY}", {"operation": "orders.sync", "shop": "DEMO", "notify": "page"})
    else:
        run = stack.cli("sync", "orders", "--shop", "DEMO", "--notify", "page")
    took = time.time() - begin
    expect(run["no"] > 0, f"{way}: {run}")
    started_ms = stack.wait(f"{way}: it runs", 20, lambda: run_of(stack, run["no"])["started_ms"])
    told = stack.wait(f"{way}: a note of its end", 20, lambda: stack.receiver.of("page"))[0]
    expect(told["runs"][0]["no"] == run["no"] and told["runs"][0]["outcome"] in ("ok", "idle"), f"{told}")
    rows = stack.api("GET", run["log"])["records"]
    expect(len(rows) == 1 and rows[0]["kind"] == "attempt" and rows[0]["entry"] == run["entry"], f"{way}: its log says {rows}")
    no_entry_is_left(stack)
    return took, started_ms / 1000 - begin


def on_answers_at_once_runs_and_tells(stack):
    configure(stack, background=True)
    for way in ("api", "cli"):
        seen = []  # what else this machine does is not the toggle's: the best of five counts
        while len(seen) < 5 and not any(took < 1 and runs < 2 for took, runs in seen):
            seen.append(started_in_background(stack, way))
        expect(seen[-1][0] < 1 and seen[-1][1] < 2, f"{way}: answers after, and runs after s: {seen}")


def off_shows_progress_and_counts(stack):
    configure(stack, background=False)
    seen = list(lines(open_sync(stack)))
    expect(seen[-1]["state"] == "finished" and seen[-1]["outcome"] in ("ok", "idle") and "read" in seen[-1]["counts"], f"{seen[-1]}")
    expect(len({line["no"] for line in seen}) == 1, f"more than one run: {seen}")
    no_entry_is_left(stack)


def off_while_busy_names_what_it_waits_for(stack):
    stack.sandbox("shopify", "POST", "faults", SLOW)
    first = lines(open_sync(stack, on_leave="cancel"))
    line = next(line for line in first if line["state"] == "running")
    waits = next(line for line in lines(open_sync(stack, arguments={"order_no": "<>''"})) if line["state"] == "gated")
    expect(waits["waits_for"] == f"waits for category SHPFY: run {line['no']} (orders.sync) runs in it", f"{waits}")
    stack.sandbox("shopify", "DELETE", "faults")
    expect(list(first)[-1]["outcome"] in ("ok", "idle"), "the first run did not end well")
    no_entry_is_left(stack)


def off_tells_the_error_and_its_next_step(stack):
    stack.sandbox("shopify", "POST", "faults", BROKEN)
    last = list(lines(open_sync(stack)))[-1]
    stack.sandbox("shopify", "DELETE", "faults")
    expect(last["outcome"] not in ("ok", "idle") and "demo.myshopify.com" in last["error"] and "401" in last["error"], f"{last}")
    no_entry_is_left(stack)


def a_closed_page_does_as_it_was_told(stack):
    for word in ("cancel", "goes-on"):
        stack.sandbox("shopify", "POST", "faults", SLOWER if word == "cancel" else SLOW)
        answer = open_sync(stack, on_leave=word)
        run = next(line for line in lines(answer) if line["state"] == "running")
        answer.close()
        if word == "cancel":
            stack.wait("it is told to stop", 10, lambda: run_of(stack, run["no"]).get("cancel"))
        stack.sandbox("shopify", "DELETE", "faults")
        ended = stack.wait("it ends", 40, lambda: next((r for r in [run_of(stack, run["no"])] if r["state"] == "finished"), None))
        want = ("cancelled",) if word == "cancel" else ("ok", "idle")
        expect(ended["outcome"] in want, f"{word}: {ended}")
        no_entry_is_left(stack)


def ctrl_c_asks(stack):
    for reply, said, want in (("y\n", "goes on; see", ("ok", "idle")), ("n\n", "is cancelled", ("cancelled",)),
                              (None, "is cancelled", ("cancelled",))):
        stack.sandbox("shopify", "POST", "faults", SLOWER if want == ("cancelled",) else SLOW)
        command = Terminal(stack, "sync", "orders", "--shop", "DEMO")
        run = stack.wait("it runs", 20, lambda: next((r for r in stack.cli("run", "list")["runs"] if r["state"] == "running"), None))
        command.proc.send_signal(signal.SIGINT)
        command.until("Shall the run go on without you?")
        if reply:
            command.type(reply)
        else:
            command.proc.send_signal(signal.SIGINT)
        if want == ("cancelled",):
            stack.wait("it is told to stop", 10, lambda: run_of(stack, run["no"]).get("cancel") or run_of(stack, run["no"])["state"] == "finished")
        stack.sandbox("shopify", "DELETE", "faults")
        command.until(f"run {run['no']} {said}")
        expect(command.end() == LEFT, f"exit code after {reply!r}")
        ended = stack.wait("it ends", 40, lambda: next((r for r in [run_of(stack, run["no"])] if r["state"] == "finished"), None))
        expect(ended["outcome"] in want, f"{reply!r}: {ended}")
        no_entry_is_left(stack)


TESTS = [on_answers_at_once_runs_and_tells, off_shows_progress_and_counts, off_while_busy_names_what_it_waits_for,
         off_tells_the_error_and_its_next_step, a_closed_page_does_as_it_was_told, ctrl_c_asks]


def main():
    with Stack() as stack:
        stack.receiver = Receiver()
        stack.start(data="synthetic")
        configure(stack, background=True)
        stack.worker(lease_ms=2000)
        stack.cli("sync", "orders", "--shop", "DEMO", "--follow")  # the store's orders are read; syncs are short from now on
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
