#!/usr/bin/env python3
"""messages_test.py - what people are told when things go wrong: the record by the number they know, the reason, the next step.

Every operation runs against a store and a company that fail in each way in turn, over orders with trouble of every
kind. What was said meanwhile is collected from all places where people read: runs, their attempts, why, the log, skips,
postings, the lists of the cues, the lives of orders, and what the API answers to wrong requests. A GUID, a gid:// or
ten digits are nobody's name for a record, "unknown error" is no reason, and "failed" no next step.

    python3 tests/integration/messages_test.py
"""
import collections
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, DEMO, Stack, end_with, expect, run_tests  # noqa: E402

SCALE = 40  # pauses and patience of peers and worker run so many times real time
OPERATIONS = (("orders.sync", {}), ("orders.process", {}), ("sales-orders.post", {"post_when": "paid"}),
              ("sales-invoices.post", {"post_when": "paid"}), ("shipments.sync", {}))
# The others have less to say of records: each is refused by both peers, and loses Shopify.
FURTHER = (("products.sync", {}), ("inventory.sync", {}), ("images.sync", {}), ("customers.sync", {}), ("companies.sync", {}),
           ("catalogs.sync", {}), ("catalog-prices.sync", {}), ("payouts.sync", {}), ("disputes.sync", {}))
# What each peer does to each call, and to every other one; and which operations ask it.
STATUS = {"shopify": (401, 402, 403, 404, 423, 430, 503), "bc": (401, 403, 404, 429, 501, 503)}
OTHERS = {"shopify": ("throttled", "reset_before", "truncate"), "bc": ("reset_before", "truncate")}
LOST = {"shopify": ("reset_after", "internal_before"), "bc": ("reset_after", "internal_after", "locked")}
ASKS = {"shopify": ("orders.sync", "shipments.sync"), "bc": ("orders.process", "sales-orders.post", "shipments.sync")}
WRONG = (  # of people and programs: a path, a body
    ("POST", "sync", {"operation": "orders.dance", "shop": "DEMO"}), ("POST", "sync", {"operation": "orders.sync", "shop": "NOWHERE"}),
    ("POST", "sync", {"operation": "orders.sync"}), ("POST", "sync", {"operation": "orders.sync", "shop": "DEMO", "arguments": {"tagz": "a"}}),
    ("POST", "entries", {"operation": "orders.sync", "shop": "DEMO", "every_ms": 1}),
    ("POST", "entries", {"operation": "orders.sync", "shop": "DEMO", "formula": "perhaps"}),
    ("GET", "runs/999999", None), ("GET", "entries/nothing", None), ("POST", "runs/999999/cancel", None), ("GET", "orders/%239999999", None),
    ("PUT", "mappings/products/1", {"number": "NO-SUCH-ITEM-OF-OURS"}), ("PATCH", "shops/DEMO", {"background": "perhaps"}),
    ("PATCH", "shops/DEMO", {"colour": "red"}), ("PUT", "shops/DEMO/times/orders", {"to": "yesterday"}),
    ("GET", "cues/none/rows", None), ("GET", "companies/NONE", None), ("PATCH", "categories/SHPFY", {"permits": 0}), ("GET", "nothing", None),
)
ID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|gid://|(?<!from )(?<!to )(?<![\w#.-])\d{10,}(?![\w])", re.I)  # bounds are no ids
NO_REASON = re.compile(r"unknown error|something went wrong|an answer of an unknown kind|internal error$|no reason given", re.I)
# Words that ask a person to do something, or say that nothing is to be done.
STEP = re.compile(r"\b(check|correct|give|grant|set|use|ask|settle|look into|update|write|want|add|choose|send|name|say|see|leave|lists?|shows?|"
                  r"did you mean|try again|tried again|looked for again|unblock|release|make|do what|map|unarchive|nothing)\b|`cartage ", re.I)
# Whose trouble it is: a record by its number, or a shop, a store, a kind of record at a peer.
SUBJECT = re.compile(r"#\d|\b(order|shipment|document|shop|store|entry|run|customer|item|category|company|setting)s?\b|myshopify\.com|"
                     r"\b(find|read|load|look|write|fetch|post|send|tell|make|open) |Business Central", re.I)


class Said:
    """Messages by where they are read; each once."""

    def __init__(self):
        self.all = collections.defaultdict(dict)

    def take(self, where, text, facts):
        if text:
            self.all[where].setdefault(text, facts)

    def wrong(self, judge):
        """The texts that are, with the place."""
        return [f"{where}: {text}" for where, texts in self.all.items() for text, facts in texts.items() if judge(where, text, facts)]


def outside_commands(text):
    """What a person copies may hold ids: `cartage map product 8100016379260 1000`."""
    return re.sub(r"`?cartage [^`;]*", "", text)


def ended(stack, run):
    """As far as it gets by itself: its end, or the pause before it is tried again."""
    def over():
        now = stack.api("GET", f"/v1/runs/{run}?company={COMPANY}")
        return now if now["state"] == "finished" or now["outcome"] in ("retry", "park") and now["state"] == "due" else None
    return stack.wait(f"run {run} ends or waits", 60, over)


def play(stack, said, operation, arguments):
    no = stack.api("POST", f"/v1/sync?company={COMPANY}", {"operation": operation, "shop": "DEMO", "arguments": arguments})["no"]
    run = ended(stack, no)
    why = stack.api("GET", f"/v1/runs/{no}/why?company={COMPANY}")
    said.take("run", run["error"], {"outcome": run["outcome"], "why": why})
    for attempt in run["attempts"]:
        said.take("attempt", attempt["error"], {"outcome": attempt["outcome"], "why": why})
    said.take("why", why["text"], {"why": why})
    # Nothing is left behind, for the next one to start at once.
    for entry in stack.cli("entry", "list")["entries"]:
        if entry["schedule"] == "at" and entry["operation"] == operation:  # others are the producer's own, and go by themselves
            stack.cli("entry", "delete", entry["id"])


def troubles(stack, said):
    play(stack, said, "orders.sync", {"order_no": "..#1080"})  # something to work on, and something left to read
    for peer in ("shopify", "bc"):
        actions = [{"kind": "status", "status": status} for status in STATUS[peer]] + [{"kind": kind} for kind in OTHERS[peer]]
        for every, action in [(1, action) for action in actions] + [(2, {"kind": kind}) for kind in LOST[peer]]:
            stack.sandbox(peer, "POST", "faults", {"rules": [{"match": {}, "every": every, "action": action}]})
            for operation, arguments in OPERATIONS:
                if operation in ASKS[peer]:
                    play(stack, said, operation, arguments)
        stack.sandbox(peer, "DELETE", "faults")
        for operation, arguments in OPERATIONS:
            play(stack, said, operation, arguments)


def troubles_of_the_others(stack, said):
    stack.api("PATCH", f"/v1/shops/DEMO?company={COMPANY}", {"sync_item": "to-shopify", "can_update_shopify_products": True,
              "sync_images": "to-shopify", "customer_import": "all", "company_import": "all"})
    refused, away = {"kind": "status", "status": 403}, {"kind": "reset_before"}
    for peer, action in (("shopify", refused), ("shopify", away), ("bc", refused)):
        stack.sandbox(peer, "POST", "faults", {"rules": [{"match": {}, "every": 1, "action": action}]})
        for operation, arguments in FURTHER:
            play(stack, said, operation, arguments)
        stack.sandbox(peer, "DELETE", "faults")


def wrong_requests(stack, said):
    for method, path, body in WRONG:
        _, problem = stack.refused(method, f"/v1/{path}", body)
        said.take("API", problem["detail"], {"asked": f"{method} {path}"})


def what_stands_in_lists(stack, said):
    for row in stack.cli("skips")["skips"]:
        said.take("skip", f"{row['record']}: {row.get('text', '')}; {row.get('detail', '')}", row)
    for row in stack.api("GET", f"/v1/postings?company={COMPANY}")["postings"]:
        for field in ("detail", "error", "text"):
            said.take("posting", row.get(field), row)
    for record in stack.cli("log", "--limit", "1000")["records"]:
        said.take("log", record.get("error"), record)
    for cue in stack.cli("cues")["cues"]:
        for group in stack.api("GET", f"/v1/cues/{cue['name']}/rows?company={COMPANY}&limit=250")["groups"]:
            said.take("cue", group["text"], group)
    for order in {row["id"] for row in stack.cli("skips")["skips"] if row["id"].isdigit()}:
        for event in stack.api("GET", f"/v1/orders/{order}?company={COMPANY}")["life"]:
            if event["event"] == "held":  # the others tell what was done, not what is wrong
                said.take("order", f"was held: it waits for {event['detail']}", event)


def nobody_reads_a_bare_id(said):
    wrong = said.wrong(lambda where, text, facts: ID.search(outside_commands(text)))
    expect(not wrong, "\n  ".join([f"{len(wrong)} messages name a record by its id", *wrong[:20]]))


def each_says_a_reason(said):
    wrong = said.wrong(lambda where, text, facts: NO_REASON.search(text) or not re.search(r"\w \w", text))
    expect(not wrong, "\n  ".join([f"{len(wrong)} messages give no reason", *wrong[:20]]))


def each_says_whose_trouble_it_is(said):
    wrong = said.wrong(lambda where, text, facts: where in ("run", "attempt", "log") and facts.get("outcome") != "cancelled"
                       and facts.get("kind", "attempt") == "attempt" and not SUBJECT.search(text))
    wrong += said.wrong(lambda where, text, facts: where == "skip" and not re.match(r"#?\w[\w-]*\d", facts["record"]))
    expect(not wrong, "\n  ".join([f"{len(wrong)} messages name no record and no shop", *wrong[:20]]))


def a_next_step(where, text, facts):
    if where in ("run", "attempt"):
        why = facts["why"]
        goes_on = facts["outcome"] in ("retry", "park", "lost", "timeout", "cancelled") and (why["action"] or "until_ms" in why["values"])
        return goes_on or STEP.search(text)
    if where == "skip":  # what is quiet needs nobody
        return facts.get("class") == "quiet" or facts.get("cure") or STEP.search(text)
    if where == "API":
        return STEP.search(text)
    if where == "cue":
        return facts.get("action") or STEP.search(text)
    return True  # why has its action beside it; a log and a life tell what was


def each_says_what_to_do(said):
    wrong = said.wrong(lambda where, text, facts: not a_next_step(where, text, facts))
    expect(not wrong, "\n  ".join([f"{len(wrong)} messages give no next step", *wrong[:20]]))


def enough_was_said(said):
    """A test of nothing would pass, too."""
    counts = {where: len(texts) for where, texts in said.all.items()}
    for where, least in (("run", 20), ("why", 20), ("log", 20), ("skip", 20), ("order", 3), ("API", len(WRONG) - 4), ("cue", 3)):
        expect(counts.get(where, 0) >= least, f"of {where} there are {counts.get(where, 0)} messages only: {counts}")


TESTS = [enough_was_said, nobody_reads_a_bare_id, each_says_a_reason, each_says_whose_trouble_it_is, each_says_what_to_do]


def main():
    said = Said()
    with Stack() as stack:
        stack.start(data="synthetic", both=("--time-scale", SCALE))
        stack.cli("apply", "-f", DEMO)
        for entry in stack.cli("entry", "list")["entries"]:
            if entry["schedule"] != "at":
                stack.cli("entry", "delete", entry["id"])
        stack.worker(lease_ms=2000, time_scale=SCALE)
        begin = time.monotonic()
        troubles(stack, said)
        troubles_of_the_others(stack, said)
        wrong_requests(stack, said)
        what_stands_in_lists(stack, said)
        print(f"     {sum(map(len, said.all.values()))} messages in {time.monotonic() - begin:.0f} s")
    return run_tests(TESTS, said)


if __name__ == "__main__":
    end_with(main)
