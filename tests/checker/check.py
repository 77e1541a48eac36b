#!/usr/bin/env python3
"""check.py - reads a recorded history of the queue and says which of the promises I1 to I21 it breaks.

    checker FILE...                   JSON lines, one record each ("bucket" and "seq" among the fields)
    checker redis://HOST:PORT/ENV     straight from the history streams of an environment
    checker ... --json FILE           {"records", "violations": [{"invariant", "text"}, ...]}
    checker ... --worker LOG...       what workers wrote themselves: claims, effects, tickets (LOG_LEVEL=debug)
    checker ... --faults FILE         JSON lines {"from", "to", "what"}: when something was broken on purpose
    checker ... --committed FILE      JSON lines {"topic", "partition", "offset"}: what the pool committed
    checker ... --data redis://...    the data set as it stands now: indexes, and with --settled that nothing is lost
    checker ... --settled             faults have stopped and all that was wanted has had time to end

Exit code 1 = a promise is broken, 2 = the history cannot be read. Written from the promises alone; it shares
nothing with the programs that write the history.
"""
import argparse
import collections
import heapq
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from almanac import Plan  # noqa: E402
from data import Redis, from_redis, read_data  # noqa: E402,F401
import witnesses  # noqa: E402

BLANK_PERMITS, MAX_LOST, MOST = 5, 3, 200
LATE_MS = 2000  # from due to fired, and from granted to claimed, when nothing is broken
PENALTY_MS = {"1000": 0, "2000": 300_000, "3000": 1_800_000}
ENDS = {"finish", "park", "retry", "lost"}
# Where an event may lead, from (status/place) to (status/place). A record that stays where it was
# only tells something.
DUE, GATED, GRANTED, RUNS = {"0/due", "5/due"}, {"6/gated"}, {"0/granted"}, {"1/running"}
HELD_RUNS, REST = {"3/running"}, {"2/rest", "3/rest"}
WAITS = DUE | GATED | GRANTED
ALLOWED = {
    "add": [({"-"}, {"0/due", "3/rest"})],
    "next": [(DUE, DUE)],
    "fail": [(DUE, {"2/rest"})],
    "fire": [(DUE, GATED)],
    "grant": [(GATED, GRANTED)],
    "late": [(GATED | GRANTED, {"0/due"})],
    "claim": [(GRANTED, RUNS)],
    "finish": [(RUNS, {"0/due", "5/due", "2/rest", "4/gone"}), (HELD_RUNS, {"3/rest", "4/gone"})],
    "park": [(RUNS, {"0/due", "3/rest"})],
    "retry": [(RUNS, {"0/due"})],
    "lost": [(RUNS, {"0/due"})],
    "hold": [(WAITS | REST, {"3/rest"}), (RUNS, HELD_RUNS)],
    "ready": [(REST, {"0/due"}), (HELD_RUNS, RUNS)],
    "restart": [(WAITS | REST, {"0/due"}), (HELD_RUNS, RUNS)],
    "wake": [(DUE, {"0/due"})],
    "rerun": [(DUE, {"0/due"})],
    "cancel": [(WAITS | REST, {"0/due", "4/gone"})],
    "edit": [(WAITS, {"0/due"})],
    "priority": [],
    "expire": [(DUE, {"4/gone"})],
    "delete": [(WAITS | REST, {"4/gone"})],
}
LEGAL = {event: {(a, b) for came, goes in pairs for a in came for b in goes} for event, pairs in ALLOWED.items()}


def quiet_ms(record):
    """So long an entry rests after a run before events start it again: a tenth of a second for each since that run began."""
    return min(30_000, max(1000, 100 * int(record.get("woken", 0))))


class Entry:
    """What the history has said of one entry so far."""

    __slots__ = ("place", "epoch", "company", "plan", "last_slot", "slot", "task", "since", "due", "begun", "resumed",
                 "kind", "ended", "idle", "retries", "lost", "ready", "until", "wish", "attempt", "deleting",
                 "record", "waits", "permit", "fired", "no", "priority", "edited", "last_ended")

    def __init__(self, record, at):
        self.place, self.epoch, self.company = None, 0, record.get("company", "")
        self.plan = None       # unknown: the history began after its add
        self.last_slot = None  # the highest slot that is resolved
        self.slot = None       # the planned one
        self.task = ""
        self.since = self.due = at
        self.begun = self.resumed = self.deleting = self.idle = False
        self.kind = ""         # "woken", "manual": a slot off the calendar
        self.ended = self.last_ended = 0
        self.retries = self.lost = self.ready = self.attempt = self.fired = 0
        self.until = (0, 0)    # latest start, as the least and the most generous reading has it
        self.wish = None       # a wake or rerun that no run has answered yet
        self.record = record   # the latest of its grants and claims
        self.waits = self.permit = ""  # lanes
        self.no, self.priority = None, record.get("prio", "")
        self.edited = 0       # when its schedule was changed while it ran

    def resolved(self, slot=0):
        if self.last_slot is not None:
            self.last_slot = max(self.last_slot, slot, self.edited)
        self.edited = 0
        self.slot, self.task, self.kind, self.attempt = None, "", "", 0
        self.begun = self.resumed = False
        self.retries = self.lost = self.ready = 0


class Lane:
    __slots__ = ("waits", "heap", "holders", "running", "permits", "paused", "strict", "fewer", "known")

    def __init__(self, name):
        self.waits, self.heap = {}, []  # entry -> order key
        self.holders, self.running = set(), {}
        self.permits = BLANK_PERMITS if name.endswith(":") else 1
        self.paused = self.strict = False
        self.fewer = False  # permits were taken back while more were out
        self.known = None   # of a bucket whose beginning is lost: since then it is known who holds its permit

    def first(self):
        """The least order key of those that wait."""
        while self.heap and self.waits.get(self.heap[0][1]) != self.heap[0][0]:
            heapq.heappop(self.heap)
        return self.heap[0] if self.heap else None


class Bucket:
    def __init__(self):
        self.seq = 0
        self.at = None
        self.whole = None     # it begins at its beginning
        self.touched = set()  # lanes, in the script at hand


class Checker:
    def __init__(self, zones=None, faults=None, anomalies=False):
        self.violations = []
        self.records = 0
        self.events = collections.Counter()
        self.buckets = {}
        self.entries = {}
        self.lanes = {}
        self.gone = set()
        self.fences = {}   # fence -> (task, lane, claimed, ended or None)
        self.claims = {}   # (task, attempt)
        self.ok = set()
        self.over = set()
        self.zones = zones or {}
        self.faults = faults or witnesses.Faults(None)
        self.anomalies = anomalies
        self.waited = []   # (granted, claimed, task): long ones, for the workers' logs to judge
        self.latest = 0

    def breach(self, invariant, text):
        if len(self.violations) < MOST:
            self.violations.append({"invariant": invariant, "text": text})

    def lane(self, name):
        lane = self.lanes.get(name)
        if lane is None:
            lane = self.lanes[name] = Lane(name)
        return lane

    # ---- one record ----

    def tell(self, record):
        self.records += 1
        event = record["event"]
        self.events[event] += 1
        if event == "header":
            return
        if event == "category":
            self.on_category(record)
            return
        bucket = self.buckets.get(record.get("bucket", 0))
        if bucket is None:
            bucket = self.buckets[record.get("bucket", 0)] = Bucket()
        seq = int(record["seq"])
        if event == "gap":
            self.gap(record)
            return
        if seq <= bucket.seq:
            self.breach("I18", f"bucket {record.get('bucket', 0)}: record {seq} comes after {bucket.seq}")
        bucket.seq = seq
        if bucket.whole is None:
            bucket.whole = seq == 1
        at = int(record["at"])
        if at > self.latest:
            self.latest = at
        if at != bucket.at:
            if bucket.touched:
                self.conserved(bucket)
            bucket.at = at
        key = record["entry"]
        entry = self.entries.get(key)
        if entry is None:
            entry = self.entries[key] = Entry(record, at)
        self.moves(record, entry, event, key)
        epoch = int(record["epoch"] or 0) if event != "anomaly" else entry.epoch
        if epoch < entry.epoch:
            self.breach("I13", f"{key}: epoch {epoch} after {entry.epoch}")
        handler = HANDLERS.get(event)
        if handler:
            handler(self, record, entry, key, at)
        self.places(bucket, record, entry, key, at)
        entry.epoch = max(epoch, entry.epoch)

    def gap(self, record):
        """Nothing is known of a bucket behind a gap, as at the beginning of a ring."""
        name = record.get("bucket", 0)
        for key in [k for k, e in self.entries.items() if e.record.get("bucket", 0) == name]:
            self.drop(self.buckets[name], self.entries[key], key)
        self.buckets[name] = Bucket()
        self.buckets[name].whole = False

    def moves(self, record, entry, event, key):
        came, goes = record["from"], record["to"]
        # A history cut off at its beginning (a ring) starts anywhere; an added entry starts anew.
        if event == "add":
            self.gone.discard(key)
        if entry.place is not None and came not in ("-", entry.place):
            self.breach("I11", f"{key}: {event} from {came}, but it stood at {entry.place}")
        if key in self.gone and event != "anomaly":
            self.breach("I11", f"{key}: {event}, but it was gone")
        if event == "anomaly":
            if not self.anomalies:
                self.breach("I11", f"{key}: the audit found: {record.get('why', '')}")
        elif came != goes and (came, goes) not in LEGAL.get(event, ()):
            self.breach("I13", f"{key}: {event} leads from {came} to {goes}")

    def places(self, bucket, record, entry, key, at):
        """Moves the entry to where the record says, in the lists that indexes are checked by."""
        goes, came = record["to"], entry.place
        if entry.waits:
            self.lane(entry.waits).waits.pop(key, None)
            bucket.touched.add(entry.waits)
            entry.waits = ""
        if entry.permit and goes[2:] not in ("granted", "running"):
            self.free(bucket, entry, key)
        if goes == "6/gated":
            name = record["company"] + ":" + record["category"]
            lane = self.lane(name)
            entry.ready, entry.priority = int(record["ready"] or 0), record["prio"]
            self.enqueue(lane, entry, key)
            entry.waits = name
            bucket.touched.add(name)
        if goes == "4/gone":
            self.drop(bucket, entry, key)
            self.gone.add(key)
            return
        due = int(record["due"] or 0)
        if goes != came or due != entry.due or record["event"] in ("next", "edit", "finish"):
            entry.since = at # what a producer decides it has read since
        entry.place, entry.due = goes, due

    @staticmethod
    def enqueue(lane, entry, key):
        if lane.strict:
            order = (int(entry.priority), entry.no or 0)
        else:
            order = (entry.ready + PENALTY_MS.get(entry.priority, 0), 0)
        lane.waits[key] = order
        heapq.heappush(lane.heap, (order, key))

    def drop(self, bucket, entry, key):
        if entry.waits:
            self.lane(entry.waits).waits.pop(key, None)
        if entry.permit:
            self.free(bucket, entry, key)
        self.entries.pop(key, None)

    def free(self, bucket, entry, key):
        lane = self.lane(entry.permit)
        lane.holders.discard(key)
        lane.running.pop(key, None)
        lane.fewer = lane.fewer and len(lane.holders) > lane.permits
        bucket.touched.add(entry.permit)
        entry.permit = ""

    def conserved(self, bucket):
        """I20: between two scripts no permit is free while somebody waits for it."""
        for name in bucket.touched:
            lane = self.lanes.get(name)
            if lane and (bucket.whole or lane.known is bucket) and not lane.paused and lane.waits and len(lane.holders) < lane.permits:
                self.breach("I20", f"lane {name}: a permit is free while {next(iter(lane.waits))} waits")
        bucket.touched.clear()

    # ---- events ----

    def on_add(self, record, entry, key, at):
        self.defined(record, entry)
        entry.no = int(record["no"]) if record.get("no") else None
        if entry.plan is None:
            return
        entry.last_slot = at - 1
        if record["to"] == "0/due" and not entry.plan.recurring:
            due, wanted = int(record["due"]), max(at, entry.plan.start)
            if due != wanted or int(record["slot"]) != wanted:
                self.breach("I8", f"{key}: wanted at {wanted}, planned at {record['slot']}, due at {due}")
            self.named(record, entry)
        elif record["to"] == "0/due" and entry.plan.at_once:
            self.named(record, entry)

    def defined(self, record, entry):
        if record.get("definition"):
            entry.plan = Plan(json.loads(record["definition"]), self.zones.get(record["company"], ""))

    def named(self, record, entry):
        entry.slot, entry.task, entry.attempt = int(record["slot"]), record["task"], int(record["attempt"] or 0)

    def on_edit(self, record, entry, key, at):
        self.defined(record, entry)
        if record.get("matters", "1") == "0":
            return
        if record["from"][2:] == "rest":
            entry.resolved(entry.slot or 0 if entry.task else 0)
        elif record["from"][2:] == "running":
            entry.edited = at - 1
        else:
            entry.resolved(entry.slot if entry.task else 0)
            if entry.last_slot is not None:
                entry.last_slot = max(entry.last_slot, at - 1)
            entry.ended, entry.idle = 0, False
            if entry.plan and not entry.plan.recurring:
                self.named(record, entry)

    def on_skip(self, record, entry, key, at):
        """Slots that do not run: the first unresolved to the last one passed over, both on the calendar."""
        first, last, plan = int(record["skip_from"]), int(record["skip_to"]), entry.plan
        if plan is None or entry.last_slot is None or not plan.recurring:
            return
        named = entry.task != ""
        if not plan.bc and not named:
            if first != plan.next(entry.last_slot) and first != entry.slot:
                self.breach("I5", f"{key}: skips from {first}; the first slot after {entry.last_slot} is {plan.next(entry.last_slot)}")
            if not plan.is_slot(last, first):
                self.breach("I8", f"{key}: skips to {last}, which is no slot")
        if plan.catch_up == "all" and not named and not entry.idle and not plan.bc:
            slot = last
            for _ in range(plan.backlog):
                slot = plan.next(slot)
                if slot is None or slot > at:
                    self.breach("I5", f"{key}: skips to {last} with fewer than {plan.backlog} slots behind it")
                    break
        entry.last_slot = max(entry.last_slot, last)
        if plan.bc: # what follows counts from now, no longer from the end of the last run
            entry.ended = 0
        if entry.slot is not None and not named and entry.slot <= last:
            entry.slot = None

    def on_next(self, record, entry, key, at):
        slot, due, plan = int(record["slot"] or 0), int(record["due"]), entry.plan
        if entry.task and record["task"] != entry.task: # it was given up: its window is closed, or it is late by policy
            if plan and not plan.bc and entry.slot is not None:
                self.dropped(entry, at)
            entry.ended = at
            entry.resolved(entry.slot or 0)
            if slot: # and it was asked for once more meanwhile
                self.named(record, entry)
                entry.kind = "woken"
            return
        if plan and entry.last_slot is not None and plan.recurring:
            if slot <= entry.last_slot:
                self.breach("I8", f"{key}: next slot {slot} is not behind {entry.last_slot}")
            if plan.bc:
                self.next_bc(entry, key, at, slot)
            elif not entry.task:
                rested = entry.ended + plan.idle - 1 if entry.idle and entry.slot is None else 0 # found nothing to do
                wanted = entry.slot if entry.slot is not None else plan.next(max(entry.last_slot, rested))
                if slot != wanted:
                    self.breach("I8", f"{key}: next slot {slot}, should be {wanted}")
            later = plan.catch_up == "all" and (due > slot or entry.task) and plan.next(due - 1) == due
            if due != slot and not later and not plan.manual:
                self.breach("I6", f"{key}: slot {slot} is due at {due}")
        entry.slot = slot

    def next_bc(self, entry, key, at, slot):
        plan, lo = entry.plan, min(entry.since, at)
        if entry.slot is not None and entry.ended == 0 and entry.slot <= at: # a planned one was out of its window
            bounds = [plan.bc_first(lo), plan.bc_first(at)]
        elif entry.ended:
            bounds = [plan.bc_after(entry.ended, entry.idle)] * 2
        else:
            bounds = [plan.bc_first(lo), plan.bc_first(at)]
        least = max(min(bounds), min(lo + 1000, max(bounds)), entry.last_slot + 1)
        most = max(max(bounds), at + 1000, entry.last_slot + 1) if max(bounds) <= at + 1000 else max(max(bounds), entry.last_slot + 1)
        if not least <= slot <= most:
            self.breach("I9", f"{key}: next at {slot}, Business Central's is between {least} and {most}")

    def dropped(self, entry, at):
        """A task may be given up unstarted when its window has closed or its grace is over, and only then."""
        plan, slot, lo = entry.plan, entry.slot, min(entry.since, at)
        own = plan.until(slot)
        closed = plan.until(lo) is None or plan.until(at) is None or own is None or bool(own) and own < at
        late = plan.catch_up == "none" and not entry.begun and at - slot > plan.grace
        if not closed and not late:
            self.breach("I5", f"{entry.task}: given up although it could have started")

    def on_fire(self, record, entry, key, at):
        slot, plan, lo = int(record["slot"]), entry.plan, min(max(entry.since, entry.due), at)
        if entry.due > at:
            self.breach("I6", f"{key}: fired at {at}, due at {entry.due}")
        late = at - max(entry.due, entry.since)
        if late > LATE_MS and not self.faults.near(at - late, at):
            self.breach("I19", f"{key}: fired {late} ms after it was due, and nothing was broken")
        if plan is not None and entry.last_slot is not None:
            self.fired(record, entry, key, at, slot, plan, lo)
        if entry.task == record["task"] and entry.attempt and entry.attempt != int(record["attempt"]):
            self.breach("I10", f"{entry.task}: attempt {record['attempt']} is fired, {entry.attempt} was due")
        ready = int(record["ready"] or 0)
        if entry.ready and entry.resumed:
            if ready != entry.ready:
                self.breach("I15", f"{key}: waits since {entry.ready}, its place in the order counts from {ready}")
        elif not lo <= ready <= at and entry.place is not None:
            self.breach("I15", f"{key}: fired at {at}, its place in the order counts from {ready}")
        entry.ready, entry.fired, entry.idle = ready, at, False
        self.named(record, entry)

    def fired(self, record, entry, key, at, slot, plan, lo):
        if entry.resumed or not plan.recurring:
            if entry.slot is not None and slot != entry.slot:
                self.breach("I8", f"{key}: slot {entry.slot} was planned, {slot} runs")
            if not entry.resumed and plan.expires and lo >= plan.expires:
                self.breach("I7", f"{record['task']}: fired after {plan.expires}, when it expired")
            last = plan.expires - 1 if plan.expires and not entry.resumed else 0
            entry.until = (last, last)
            return
        if plan.expires and lo >= plan.expires:
            self.breach("I7", f"{record['task']}: fired after {plan.expires}, when it expired")
        if entry.task:
            if entry.slot is not None and slot != entry.slot:
                self.breach("I8", f"{key}: slot {entry.slot} was planned, {slot} runs")
        elif not plan.bc:
            wanted = plan.next(entry.last_slot)
            if slot != wanted:
                self.breach("I8", f"{key}: slot {slot} runs, the first after {entry.last_slot} is {wanted}")
            follows = plan.next(slot)
            if plan.catch_up != "all" and follows is not None and follows <= lo:
                self.breach("I8", f"{key}: slot {slot} runs although {follows} has come")
        elif entry.slot is not None and slot != entry.slot:
            self.breach("I9", f"{key}: {entry.slot} was planned, {slot} runs")
        if slot > at and not entry.kind:
            self.breach("I6", f"{key}: slot {slot} is fired at {at}")
        entry.until = self.latest_start(entry, key, at, slot, plan, lo)

    def latest_start(self, entry, key, at, slot, plan, lo):
        """(least, most generous) bound on the start of what is fired here; 0 = none."""
        bounds = []
        if entry.kind != "manual":
            own = not plan.bc and plan.catch_up != "all" and not (entry.kind == "woken" and slot >= lo)
            ends = [plan.until(slot)] if own else [plan.until(t) for t in {lo, at, max(lo, min(slot, at))}]
            ends = [end for end in ends if end is not None]
            if not ends or own and ends[0] and ends[0] < lo:
                self.breach("I7", f"{key}: slot {slot} is fired at {at}, outside its window")
            elif all(ends):
                bounds.append((min(ends), max(ends)))
        if plan.catch_up == "none" and not plan.bc and not entry.begun and not entry.kind:
            if lo - slot > plan.grace:
                self.breach("I6", f"{key}: slot {slot} is fired at {at}, later than its grace")
            bounds.append((slot + plan.grace, slot + plan.grace))
        if plan.expires:
            bounds.append((plan.expires - 1, plan.expires - 1))
        if not bounds:
            return (0, 0)
        return min(low for low, _ in bounds), min(high for _, high in bounds)

    def on_grant(self, record, entry, key, at):
        name = record["lane"]
        lane = self.lane(name)
        mine, first = lane.waits.get(key), lane.first()
        known = not lane.strict or entry.no is not None and all(self.entries[e].no is not None for e in [first[1]] if first)
        if mine is not None and first and first[0] < mine and known:
            self.breach("I15", f"lane {name}: {key} is granted, {first[1]} was in front")
        if lane.paused:
            self.breach("I20", f"lane {name}: {key} is granted while the category is paused")
        lane.holders.add(key)
        entry.permit = name
        if lane.permits == 1: # whoever held it before, it is this one now
            lane.known = self.buckets.get(record.get("bucket", 0))
        if len(lane.holders) > lane.permits:
            self.breach("I11", f"lane {name}: {len(lane.holders)} permits are out, there are {lane.permits}")
        entry.record = record

    def on_late(self, record, entry, key, at):
        least = entry.until[0]
        if entry.plan is not None and entry.fired and (not least or at <= least) and entry.task:
            self.breach("I7", f"{entry.task}: called late at {at}, it may start until {least or 'any time'}")

    def on_claim(self, record, entry, key, at):
        task, name, fence, attempt = record["task"], record["lane"], record["fence"], int(record["attempt"])
        lane = self.lane(name)
        if len(lane.running) >= lane.permits and not lane.fewer:
            self.breach("I1", f"lane {name}: {task} is claimed while {next(iter(lane.running.values()))} runs")
        if entry.place is not None and entry.place[2:] == "running":
            self.breach("I3", f"{key} is claimed while it runs: {task}")
        if fence in self.fences:
            self.breach("I12", f"fence {fence} claims twice: {task}")
        if (task, attempt) in self.claims:
            self.breach("I4", f"{task}: attempt {attempt} is claimed twice")
        if task in self.over:
            self.breach("I4", f"{task} is claimed although it is over")
        if at < int(record["due"]):
            self.breach("I6", f"{task} is claimed before it is due")
        if entry.task == task and entry.attempt and attempt != entry.attempt:
            self.breach("I10", f"{task}: attempt {attempt}, {entry.attempt} was due")
        if task != f"{key}.{record['epoch']}.{record['slot']}":
            self.breach("I14", f"{task} is not {key}.{record['epoch']}.{record['slot']}")
        if entry.deleting:
            self.breach("I13", f"{task} is claimed although its entry is deleted")
        most = entry.until[1]
        if most and at > most and entry.fired:
            by_policy = entry.plan and entry.plan.catch_up == "none" and most == int(record["slot"]) + entry.plan.grace
            self.breach("I6" if by_policy else "I7", f"{task} is claimed at {at}, it might start until {most}")
        granted = entry.record
        if granted["event"] == "grant" and at - int(granted["at"]) > LATE_MS:
            self.waited.append((int(granted["at"]), at, task))
        lane.running[key] = task
        lane.holders.add(key)
        entry.permit = name
        entry.task, entry.attempt, entry.record, entry.slot = task, attempt, record, int(record["slot"])
        self.fences[fence] = [task, name, at, None]
        self.claims[task, attempt] = fence
        if attempt == 1:
            entry.wish = None

    def on_end(self, record, entry, key, at):
        task, event, outcome = record["task"], record["event"], record.get("outcome", "")
        claim = entry.record if entry.record["event"] == "claim" and entry.record["task"] == task else None
        running = entry.place is not None and entry.place[2:] == "running"
        if claim is None or not running:
            if entry.place is not None:
                self.breach("I18", f"{task}: {event} closes what is not open")
            return
        self.closes(record, claim, task, event, outcome, at)
        fence = self.fences.get(claim["fence"])
        if fence:
            fence[3] = at
        if event == "finish":
            self.finished(record, entry, key, at, outcome, task)
        else:
            self.goes_back(record, entry, at, task, event)

    def closes(self, record, claim, task, event, outcome, at):
        if claim["fence"] != record["fence"]:
            self.breach("I12", f"{task}: claimed by {claim['fence']}, ended by {record['fence']}")
        if claim["attempt"] != record["attempt"]:
            self.breach("I18", f"{task}: attempt {claim['attempt']} runs, {record['attempt']} ends")
        if at < int(claim["at"]):
            self.breach("I18", f"{task} ends before it starts")
        if event != "finish" and outcome != event and (event, outcome) != ("retry", "timeout"):
            self.breach("I18", f"{task}: lost with outcome {outcome}")
        if outcome == "ok":
            if task in self.ok:
                self.breach("I4", f"{task} is ok twice")
            self.ok.add(task)

    def goes_back(self, record, entry, at, task, event):
        retries, lost, plan = int(record["retries"] or 0), int(record["lost"] or 0), entry.plan
        if lost > MAX_LOST:
            self.breach("I10", f"{task} is lost {lost} times")
        if event == "retry" and plan is not None and retries > plan.max_retry:
            self.breach("I10", f"{task}: retry {retries} of {plan.max_retry}")
        if (retries, lost) != (entry.retries + (event == "retry"), entry.lost + (event == "lost")):
            self.breach("I10", f"{task}: {event} after {entry.retries} retries and {entry.lost} losses counts {retries} and {lost}")
        if event == "retry":
            growing = min(3_600_000, 5000 * 2 ** retries) * 8 // 10
            if plan and plan.patient:
                growing = 10 ** retries if retries <= 7 else 21_600_000
            least = growing + (plan.retry_ms if plan else 0)
            if int(record["due"]) - at < least:
                self.breach("I10", f"{task}: retry {retries} comes too early")
        entry.retries, entry.lost = retries, lost
        entry.attempt += 1
        entry.begun, entry.resumed = True, event != "retry"
        if event == "park":
            entry.ready = at
        elif event == "retry":
            entry.ready = 0

    def finished(self, record, entry, key, at, outcome, task):
        self.over.add(task)
        slot, goes, plan = int(record["slot"]), record["to"], entry.plan
        if entry.last_slot is not None and slot <= entry.last_slot:
            self.breach("I8", f"{key}: slot {slot} ends after slot {entry.last_slot}")
        failed = outcome not in ("ok", "idle", "cancelled")
        held = record["from"] == "3/running"
        wish = entry.wish
        wanted = None
        if entry.deleting:
            wanted = {"4/gone"}
        elif held:
            wanted = {"3/rest"}
        elif plan is None:
            pass
        elif wish and not plan.ephemeral:
            wanted = {"0/due"}
            if goes == "0/due" and int(record["due"]) != at + quiet_ms(record):
                self.breach("I21", f"{key}: asked to run again, due at {record['due']}, should be {at + quiet_ms(record)}")
        elif not plan.recurring:
            wanted = {"2/rest"} if failed and not plan.ephemeral else {"4/gone"}
        elif plan.stops and failed:
            wanted = {"2/rest"}
        else:
            wanted = {"5/due"} if outcome == "idle" else {"0/due"}
        if wanted and goes not in wanted:
            self.breach("I21" if wish else "I18", f"{task}: {outcome} leads to {goes}, should be {' or '.join(wanted)}")
        entry.resolved(slot)
        entry.ended, entry.idle = at, goes == "5/due"
        entry.last_ended = at
        if goes == "0/due" and wish and not held: # planned by the same script: a slot of its own
            entry.kind, entry.attempt = "woken", 1
            if entry.last_slot is not None:
                entry.slot = max(int(record["due"]), entry.last_slot + 1)
                entry.task = f"{key}.{record['epoch']}.{entry.slot}"

    def on_hold(self, record, entry, key, at):
        if record["to"] == "3/rest":
            entry.resolved(entry.slot or 0 if entry.task else 0)
            entry.wish = None

    def on_ready(self, record, entry, key, at):
        if record["to"][2:] == "running":
            if record["event"] == "restart":
                entry.wish = record
            return
        if record["event"] == "ready" and entry.task and record["task"] == entry.task:
            return # it parked until a person says so: the same task goes on
        entry.resolved(entry.slot or 0 if entry.task else 0)
        if entry.last_slot is not None:
            entry.last_slot = max(entry.last_slot, at - 1)
        entry.ended, entry.idle = 0, False
        if record["event"] == "restart" or entry.plan is None or not entry.plan.recurring:
            self.named(record, entry)
            entry.kind = "manual"
        elif entry.plan.at_once:
            self.named(record, entry)

    def on_wake(self, record, entry, key, at):
        slot, due = int(record["slot"]), int(record["due"])
        wanted = max(at, entry.last_ended + quiet_ms(record))
        if due > wanted or entry.last_ended and due < wanted:
            self.breach("I21", f"{key}: woken at {at}, due at {due}, should be {wanted}")
        if entry.kind == "woken" and entry.task == record["task"]: # the same run, later: more events came
            return
        plan = entry.plan
        rests = plan is not None and (plan.manual or entry.place == "5/due" and (plan.idle or plan.bc))
        if entry.last_slot is not None and entry.slot is not None and not rests: # the planned slot is covered
            entry.last_slot = max(entry.last_slot, entry.slot)
        if slot <= (entry.last_slot or 0):
            self.breach("I8", f"{key}: woken for slot {slot}, which is not behind {entry.last_slot}")
        self.named(record, entry)
        entry.kind, entry.wish = "woken", record

    def on_rerun(self, record, entry, key, at):
        entry.wish = record

    def on_cancel(self, record, entry, key, at):
        if record["from"][2:] == "running":
            return
        entry.resolved(entry.slot or 0)
        entry.ended = at

    def on_delete(self, record, entry, key, at):
        if record["to"][2:] == "running":
            entry.deleting = True

    def on_expire(self, record, entry, key, at):
        plan = entry.plan
        if plan is None or not plan.recurring and plan.expires and at >= plan.expires:
            return
        if not plan.expires:
            self.breach("I7", f"{key}: expired, but it never expires")
        elif at < plan.expires and entry.last_slot is not None and not plan.bc:
            # A slot whose window or grace has passed does not keep it.
            kept = plan.all_day and plan.catch_up != "none" or plan.schedule == "formula"
            rested = entry.ended + plan.idle - 1 if entry.idle and plan.idle else 0
            follows = plan.next(max(entry.last_slot if kept else max(entry.last_slot, at), rested))
            if follows is not None and follows < plan.expires:
                self.breach("I7", f"{key}: expired at {at}, although its slot {follows} lies before {plan.expires}")

    def on_fail(self, record, entry, key, at):
        plan = entry.plan
        if plan is not None and not entry.task and entry.last_slot is not None and plan.recurring and not plan.bc:
            if plan.next(entry.last_slot) is not None:
                self.breach("I5", f"{key}: ends in error, although its slot {plan.next(entry.last_slot)} could run")
        entry.resolved(entry.slot or 0 if entry.task else 0)

    def on_priority(self, record, entry, key, at):
        self.defined(record, entry)

    def on_category(self, record):
        """A person said how many of a lane may run, whether any, and in which order."""
        bucket = self.buckets.setdefault(record.get("bucket", 0), Bucket())
        bucket.seq = max(bucket.seq, int(record["seq"]))
        if int(record["at"]) != bucket.at: # a script of its own: what held before it, holds by what was said before
            self.conserved(bucket)
            bucket.at = int(record["at"])
        lane = self.lane(record["lane"])
        lane.permits, lane.paused = int(record["permits"]), record["paused"] == "1"
        lane.fewer = len(lane.holders) > lane.permits
        if lane.strict != (record["order"] == "strict"):
            lane.strict, lane.heap = not lane.strict, []
            for key in list(lane.waits):
                self.enqueue(lane, self.entries[key], key)

    # ---- the end ----

    def done(self, settled, data=None):
        for bucket in self.buckets.values():
            self.conserved(bucket)
        if settled:
            for key, entry in self.entries.items():
                self.left_over(key, entry)
        if data:
            data.check(self)
            if settled:
                data.agree(self)

    def left_over(self, key, entry):
        """I5, I21: once faults have stopped everything ends, and no wish is forgotten."""
        place = entry.place or ""
        if place[2:] in ("gated", "granted", "running"):
            self.breach("I5", f"{key}: still {place} at the end: {entry.task}")
        elif place[2:] == "due" and entry.due < self.latest - LATE_MS:
            self.breach("I5", f"{key}: due at {entry.due}, nothing has come of it by {self.latest}")
        if entry.wish and place[2:] == "due" and entry.due <= self.latest - LATE_MS:
            self.breach("I21", f"{key}: {entry.wish['event']} at {entry.wish['at']} has led to no run")


HANDLERS = {
    "add": Checker.on_add, "edit": Checker.on_edit, "skip": Checker.on_skip, "next": Checker.on_next, "fire": Checker.on_fire,
    "grant": Checker.on_grant, "late": Checker.on_late, "claim": Checker.on_claim, "hold": Checker.on_hold,
    "ready": Checker.on_ready, "restart": Checker.on_ready, "wake": Checker.on_wake, "rerun": Checker.on_rerun,
    "cancel": Checker.on_cancel, "delete": Checker.on_delete, "expire": Checker.on_expire, "fail": Checker.on_fail,
    "priority": Checker.on_priority, **{event: Checker.on_end for event in ENDS},
}


def from_file(path):
    with (sys.stdin if path == "-" else open(path, encoding="utf-8")) as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def check(history, options):
    faults = witnesses.Faults(from_file(options.faults) if options.faults else None)
    data = read_data(options.data or history) if options.data or history.startswith("redis://") else None
    checker = Checker(zones=data.zones if data else None, faults=faults, anomalies=options.anomalies)
    for record in from_redis(history) if history.startswith("redis://") else from_file(history):
        checker.tell(record)
    checker.done(options.settled, data)
    if options.worker or options.committed:
        logs = witnesses.Logs(options.worker, checker.breach)
        logs.judge(checker, faults)
        if options.committed:
            logs.tickets(from_file(options.committed))
        print(logs.summary)
    return checker


def main():
    parser = argparse.ArgumentParser(description="Checks a recorded history of the queue.")
    parser.add_argument("history", nargs="+", help="JSON lines, - or redis://HOST:PORT/ENVIRONMENT")
    parser.add_argument("--json", metavar="FILE", help="writes the result there")
    parser.add_argument("--worker", metavar="LOG", nargs="+", default=[], help="logs of workers")
    parser.add_argument("--faults", metavar="FILE", help="when something was broken on purpose")
    parser.add_argument("--committed", metavar="FILE", help="offsets the pool committed")
    parser.add_argument("--data", metavar="redis://...", help="the data set as it stands")
    parser.add_argument("--settled", action="store_true", help="all that was wanted has had time to end")
    parser.add_argument("--anomalies", action="store_true", help="the data was damaged on purpose: the audit may find it")
    options = parser.parse_args()
    records, violations, events = 0, [], collections.Counter()
    for history in options.history:
        try:
            checker = check(history, options)
        except (OSError, ValueError, KeyError) as error:
            print(f"checker: {history}: cannot be read: {error!r}", file=sys.stderr)
            return 2
        records += checker.records
        events += checker.events
        violations += [{**violation, "history": history} for violation in checker.violations]
    for violation in violations:
        print(f"{violation['invariant']}: {violation['text']}")
    print(f"{records} records, {len(violations)} violations")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump({"records": records, "violations": violations, "events": events}, out)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
