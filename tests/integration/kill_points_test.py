#!/usr/bin/env python3
"""kill_points_test.py - a worker killed at every named point of an order run, one point after the other.

First a worker runs one round (orders.sync, then orders.process) with CARTAGE_FAULT_LOG and so names every point it
passes: before and after each script and each HTTP exchange. Then, for each of them, new orders are placed, a
worker is started that dies by SIGKILL at that point, and a second one is started once it is dead. Checked for each:
the round ends, by another worker, with a higher attempt number, within 25 s of the rescue; each order stands
exactly once in the ERP with the total Shopify shows; and at the end no two attempts of a category overlap in
the history.

    python3 tests/integration/kill_points_test.py [--points REGEX] [--every N] [--lanes N]
"""
import argparse
import collections
import json
import os
import pathlib
import queue
import re
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, ROOT, Failed, Stack, end_with  # noqa: E402

LEASE_MS = 1500
# How long the ERP may still finish a call that nobody waits for (bc_late_s below): only then is a create whose
# answer is unknown sent again. Eight and a half minutes in life; the sandbox answers at once.
ORDERS_A_ROUND = 3
REDO_SECONDS = 25
ENDED = ("finished",)

CONFIG = f"""
credentials:
  - name: shopify
    kind: shopify-client-credentials
    client_id: cartage-demo
    client_secret: {{ env: SHOPIFY_SECRET }}
  - name: bc
    kind: bc-oauth
    client_id: cartage-bc
    client_secret: {{ env: BC_SECRET }}
companies:
  - name: CRONUS UK Ltd.
    id: {COMPANY}
    bc_tenant: sandbox
    bc_environment: Production
    bc_origin: ${{BUSINESS_CENTRAL_URL}}
    bc_login: ${{BUSINESS_CENTRAL_URL}}
    bc_credential: bc
    bc_late_s: 4
    shops:
      - code: DEMO
        store: demo.myshopify.com
        origin: ${{SHOPIFY_URL}}
        credential: shopify
        enabled: true
        default_customer: WEB
        sku_mapping: item-no
"""


class Rounds:
    def __init__(self, stack):
        self.stack = stack
        self.placed = {}  # name -> total

    def place(self):
        world = self.stack.world
        for n in range(ORDERS_A_ROUND):
            pick = len(self.placed) + n
            variant = world["variants"][pick % len(world["variants"])]
            customer = world["customers"][pick % len(world["customers"])]
            order = self.stack.sandbox("shopify", "POST", "orders", {
                "customer": customer, "lines": [{"variant": variant["id"], "quantity": 1 + pick % 3, "price": variant["price"]}]})
            self.placed[order["name"]] = None

    def start(self, operation):
        run = self.stack.api("POST", f"/v1/sync?company={COMPANY}", {"operation": operation, "shop": "DEMO", "detach": True})
        return run["no"]

    def run(self, no):
        return self.stack.api("GET", f"/v1/runs/{no}?company={COMPANY}")

    def finish(self, no, seconds):
        def ended():
            run = self.run(no)
            return run if run["state"] in ENDED else None
        return self.stack.wait(f"run {no} ends", seconds, ended)

    def documents(self):
        found = collections.Counter()
        answer = self.stack.sandbox("business-central", "GET", "documents")
        for document in answer["documents"] if isinstance(answer, dict) else answer:
            if document["status"] != "Corrective":  # what takes an invoice back carries its number, too
                found[document["externalDocumentNumber"]] += 1
        return found

    def known(self, name):
        """What cartage says of an order: its skip, or its staged fields."""
        for skip in self.stack.api("GET", f"/v1/skips?company={COMPANY}")["skips"]:
            if skip["record"] == name:
                return f"skip {skip['reason']}, {skip.get('detail', '')}"
        for key in self.stack.redis("KEYS", f"ct:*:s:{COMPANY}:order:*"):
            fields = self.stack.redis("HGETALL", key)
            row = {fields[i].decode(): fields[i + 1][:60].decode(errors="replace") for i in range(0, len(fields), 2)}
            if row.get("name") == name:
                return f"staged: {row}"
        return "cartage does not know it"

    def wrong(self):
        """Orders that do not stand exactly once, as text for people."""
        found = self.documents()
        once = {name.upper() for name in self.placed}
        bad = [f"{name}: {found.get(name, 0)} documents ({self.known(name)})" for name in sorted(once) if found.get(name, 0) != 1]
        return bad + [f"{name}: a document nobody ordered" for name in found if name not in once]


def usable(stack):
    """Customers and products of the demo world that no trouble hangs on."""
    text = subprocess.run(["node", "--input-type=module", "-e",
                           f"import {{world}} from '{ROOT}/sandbox/data/world.mjs';"
                           "const w = world({}); const c = w.companies[0];"
                           "const good = new Set(c.customers.filter((x) => !x.blocked && x.email).map((x) => x.email.toLowerCase()));"
                           "const items = new Set(c.items.filter((x) => !x.blocked).map((x) => x.number));"
                           "const s = w.stores[0];"
                           "console.log(JSON.stringify({customers: s.customers.filter((x) => x.email && good.has(x.email.toLowerCase())).map((x) => x.id),"
                           "variants: s.products.flatMap((p) => p.variants).filter((v) => items.has(v.sku)).map((v) => ({id: v.id, price: v.price}))}));"],
                          check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return json.loads(text)


def slowly(stack, yes):
    """A beat comes after a fifth of the lease: with peers that answer at once a run may be over by then."""
    for peer in ("shopify", "business-central"):
        stack.sandbox(peer, "POST", "latency", {"profile": "real" if yes else "none"})


def name_points(stack, rounds):
    """One undisturbed round; the points it passes, in order of first passing, and how often."""
    log = stack.dir / "points"
    slowly(stack, True)
    worker = stack.worker(executors=2, fault_log=log)
    rounds.place()
    for operation in ("orders.sync", "orders.process"):
        run = rounds.finish(rounds.start(operation), 60)
        if run["outcome"] != "ok":
            raise Failed(f"{operation} without any fault: {run['outcome']}: {run.get('error')}")
    worker.stop()
    slowly(stack, False)
    passed = collections.Counter(log.read_text().split("\n"))
    passed.pop("", None)
    return passed


def one_point(stack, rounds, point):
    """Runs a round whose first worker dies at `point`; returns None or what went wrong."""
    rounds.place()
    doomed = stack.worker(executors=2, fault_at=f"{point}:1")
    second = None
    for operation in ("orders.sync", "orders.process"):
        no = rounds.start(operation)
        if second is None:
            stack.wait(f"the worker dies at {point}, or {operation} ends", 60,
                       lambda n=no: doomed.killed() or rounds.run(n)["state"] in ENDED)
        if second is None and doomed.killed():
            attempt = rounds.run(no)["attempt"]
            started = time.monotonic()
            second = stack.worker(executors=2)
            run = rounds.finish(no, REDO_SECONDS)
            taken = time.monotonic() - started
            if run["outcome"] not in ("ok", "idle"):
                return f"{operation} ended {run['outcome']}: {run.get('error')}"
            claimed = run["state"] in ENDED and run["attempt"] > attempt
            # Killed before its claim was stored, the attempt was never begun: the same number runs.
            if not claimed and not re.search(r"redis\.(before|after):(claim|look|beat|finish|alive)|limiter|bus", point):
                return f"{operation} ended as attempt {run['attempt']}, no higher than before the kill"
            if taken > REDO_SECONDS:
                return f"{operation} took {taken:.1f} s after the kill"
        else:
            run = rounds.finish(no, 60)
            if run["outcome"] not in ("ok", "idle"):
                return f"{operation} ended {run['outcome']}: {run.get('error')}"
    if second is None:
        doomed.stop()
        return "the worker never died there"
    second.stop()
    # What was uncertain at the kill may need one more round to be looked for.
    bad = rounds.wrong()
    return "; ".join(bad) if bad else None


def prepared(stack):
    """The store's own orders are taken in first, so that a round is only what it placed."""
    stack.start(data="synthetic", shopify=("--index-lag", "0"), lease_ms=LEASE_MS)
    stack.world = usable(stack)
    config = stack.dir / "config.yaml"
    config.write_text(CONFIG)
    stack.cli("apply", "-f", config)
    rounds = Rounds(stack)
    drain = stack.worker()
    for operation in ("orders.sync", "orders.process"):
        rounds.finish(rounds.start(operation), 120)
    drain.stop()
    for name in list(rounds.documents()):
        rounds.placed[name] = None
    return rounds


def checked(stack):
    """No two attempts of a category overlap in the history."""
    found = subprocess.run([stack.bin.parent / "tests" / "checker", f"redis://{stack.env['CARTAGE_REDIS']}/{stack.env['CARTAGE_ENV']}"],
                           capture_output=True, text=True)
    return found.returncode == 0, found.stdout.strip() or found.stderr.strip()


class Tally:
    """What the lanes have found; they say it one at a time."""

    def __init__(self):
        self.lock, self.passed, self.failed = threading.Lock(), 0, 0

    def add(self, good, text):
        with self.lock:
            self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
            print(text, flush=True)


def kill_at_each(stack, rounds, points, tally):
    """Takes points as long as there are some: the other lanes take from the same queue."""
    while True:
        try:
            point = points.get_nowait()
        except queue.Empty:
            break
        slowly(stack, ":beat" in point)
        problem = one_point(stack, rounds, point)
        tally.add(not problem, f"{'FAIL' if problem else 'ok  '} {point}{': ' + problem if problem else ''}")
        if problem:  # one lost order would fail every point behind it too
            stack.keep = True
            break
    tally.add(*checked(stack))


def lane(points, tally):
    try:
        with Stack() as stack:
            kill_at_each(stack, prepared(stack), points, tally)
    except Exception as failure:  # noqa: BLE001 whatever it is, the points of this lane were not all shown
        tally.add(False, f"FAIL a lane: {failure}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--points", default="", help="only points that match this")
    # Every point on the embedded broker; a broker changes nothing between two of them, so on a Kafka each third.
    parser.add_argument("--every", type=int, default=3 if os.environ.get("TEST_KAFKA") else 1, help="only each N-th point")
    parser.add_argument("--lanes", type=int, default=3, help="so many stacks side by side: a kill is mostly waited for")
    flags = parser.parse_args()
    points, tally = queue.Queue(), Tally()
    others = [threading.Thread(target=lane, args=(points, tally)) for _ in range(flags.lanes - 1)]
    with Stack() as stack:
        rounds = prepared(stack)
        named = name_points(stack, rounds)
        print(f"{len(named)} named points in one round, passed {sum(named.values())} times")
        chosen = [point for point in named if re.search(flags.points, point)][::flags.every]
        if not flags.points and len(chosen) * flags.every < 20:
            tally.add(False, f"FAIL only {len(chosen)} points: an order run has at least twenty")
        for point in chosen:
            points.put(point)
        for other in others:
            other.start()
        kill_at_each(stack, rounds, points, tally)
        for other in others:
            other.join()
    return tally.passed, tally.failed


if __name__ == "__main__":
    end_with(main)
