#!/usr/bin/env python3
"""check.py - reads a recorded history of the queue and says which promises it breaks.

    checker FILE...                   JSON lines, one record each ("bucket" and "seq" among the fields)
    checker redis://HOST:PORT/ENV     straight from the history streams of an environment
    checker ... --json FILE           {"records", "violations": [{"invariant", "text"}, ...]}

Exit code 1 = a promise is broken, 2 = the history cannot be read. Written from the promises alone
(docs of the queue, invariants I1 to I18); it shares nothing with the programs that write the history.
"""
import argparse
import collections
import json
import socket
import sys

BLANK_PERMITS, MAX_LOST, MOST = 5, 3, 200
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


def number(record, name):
    return int(record.get(name) or 0)


class Checker:
    def __init__(self):
        self.violations = []
        self.records = 0
        self.last_seq = {}
        self.places = {}  # entry -> where it stands
        self.epochs = {}
        self.gated = collections.defaultdict(dict)  # lane -> entry -> order key
        self.running = {}  # task -> claim record
        self.attempts = {}  # task -> last claimed attempt
        self.fences = set()
        self.over = set()
        self.ok = set()
        self.permits, self.strict, self.numbers = {}, {}, {}  # lane, lane, entry -> what was said
        self.slots = {}  # entry -> highest slot that ended

    def breach(self, invariant, text):
        if len(self.violations) < MOST:
            self.violations.append({"invariant": invariant, "text": text})

    def tell(self, record):
        self.records += 1
        bucket, seq = record.get("bucket", "0"), int(record["seq"])
        if seq <= self.last_seq.get(bucket, 0):
            self.breach("I18", f"bucket {bucket}: record {seq} comes after {self.last_seq[bucket]}")
        self.last_seq[bucket] = seq
        event, entry = record["event"], record["entry"]
        if event == "category":
            self.permits[record["lane"]] = number(record, "permits")
            self.strict[record["lane"]] = record["order"] == "strict"
            return
        if event == "add":
            self.numbers[entry] = number(record, "no")
        if event == "anomaly":
            self.breach("I11", f"{entry}: the audit found that {record.get('why')}")
            self.places[entry] = record["to"]
            return
        self.moves(record)
        if event == "grant":
            self.grants(record)
        elif event == "claim":
            self.claims(record)
        elif event in ENDS:
            self.ends(record)
        if number(record, "epoch") < self.epochs.get(entry, 0):
            self.breach("I13", f"{entry}: epoch {record['epoch']} after {self.epochs[entry]}")
        self.epochs[entry] = number(record, "epoch")
        self.places[entry] = record["to"]
        for lane in self.gated.values():
            lane.pop(entry, None)
        if record["to"] == "6/gated":
            self.gated[record["company"] + ":" + record["category"]][entry] = record

    def moves(self, record):
        came, goes, event, entry = record["from"], record["to"], record["event"], record["entry"]
        # A history cut off at its beginning (a ring) starts anywhere; an added entry starts anew.
        if entry in self.places and came not in ("-", self.places[entry]):
            self.breach("I11", f"{entry}: {event} from {came}, but it stood at {self.places[entry]}")
        if came == goes:
            return
        if not any(came in a and goes in b for a, b in ALLOWED.get(event, [])):
            self.breach("I13", f"{entry}: {event} leads from {came} to {goes}")

    def key(self, record, strict):
        if strict:
            return number(record, "prio"), self.numbers.get(record["entry"], 0)
        return number(record, "ready") + PENALTY_MS.get(record["prio"], 0)

    def grants(self, record):
        lane, entry = record["lane"], record["entry"]
        strict, mine = self.strict.get(lane, False), self.gated[lane].get(entry)
        if mine is None or strict and entry not in self.numbers:
            return
        before = [e for e, other in self.gated[lane].items() if self.key(other, strict) < self.key(mine, strict) and
                  (not strict or e in self.numbers)]
        if before:
            self.breach("I15", f"lane {lane}: {entry} is granted, {before[0]} was in front")

    def claims(self, record):
        task, lane, fence, entry = (record[n] for n in ("task", "lane", "fence", "entry"))
        attempt = number(record, "attempt")
        inside = [t for t, r in self.running.items() if r["lane"] == lane]
        if len(inside) >= self.permits.get(lane, BLANK_PERMITS if lane.endswith(":") else 1):
            self.breach("I1", f"lane {lane}: {task} is claimed while {inside[0]} runs")
        if any(r["entry"] == entry for r in self.running.values()):
            self.breach("I3", f"{entry} is claimed while it runs: {task}")
        if fence in self.fences:
            self.breach("I12", f"fence {fence} claims twice: {task}")
        if task in self.over:
            self.breach("I4", f"{task} is claimed although it is over")
        if number(record, "at") < number(record, "due"):
            self.breach("I6", f"{task} is claimed before it is due")
        if task in self.attempts and attempt != self.attempts[task] + 1:
            self.breach("I10", f"{task}: attempt {attempt} after {self.attempts[task]}")
        if task != f"{entry}.{record['epoch']}.{record['slot']}":
            self.breach("I14", f"{task} is not {entry}.{record['epoch']}.{record['slot']}")
        if number(record, "epoch") < self.epochs.get(entry, 0):
            self.breach("I13", f"{task} is claimed with an old epoch")
        self.fences.add(fence)
        self.attempts[task] = attempt
        self.running[task] = record

    def ends(self, record):
        task, event, outcome = record["task"], record["event"], record.get("outcome", "")
        claim = self.running.pop(task, None)
        if claim is None:
            if task in self.attempts or record["entry"] in self.places:
                self.breach("I18", f"{task}: {event} closes what is not open")
            return
        if claim["fence"] != record["fence"]:
            self.breach("I12", f"{task}: claimed by {claim['fence']}, ended by {record['fence']}")
        if claim["attempt"] != record["attempt"]:
            self.breach("I18", f"{task}: attempt {claim['attempt']} runs, {record['attempt']} ends")
        if number(record, "at") < number(claim, "at"):
            self.breach("I18", f"{task} ends before it starts")
        if event in ("park", "retry", "lost") and outcome not in (event, "timeout"):
            self.breach("I18", f"{task}: {event} with outcome {outcome}")
        if number(record, "lost") > MAX_LOST:
            self.breach("I10", f"{task} is lost {record['lost']} times")
        if event == "retry":
            least = min(3_600_000, 5000 * 2 ** number(record, "retries")) * 8 // 10
            if number(record, "due") - number(record, "at") < least:
                self.breach("I10", f"{task}: retry {record['retries']} comes too early")
        if outcome == "ok":
            if task in self.ok:
                self.breach("I4", f"{task} is ok twice")
            self.ok.add(task)
        if event == "finish":
            self.over.add(task)
            slot, entry = number(record, "slot"), record["entry"]
            if slot <= self.slots.get(entry, -1):
                self.breach("I8", f"{entry}: slot {slot} ends after slot {self.slots[entry]}")
            self.slots[entry] = slot


def from_file(path):
    with (sys.stdin if path == "-" else open(path, encoding="utf-8")) as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


class Redis:
    """The little of Redis' protocol that reading streams takes."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), 10)
        self.stream = self.socket.makefile("rwb")

    def close(self):
        self.stream.close()
        self.socket.close()

    def ask(self, *words):
        words = [str(word).encode() for word in words]
        self.stream.write(b"*%d\r\n" % len(words))
        for word in words:
            self.stream.write(b"$%d\r\n%s\r\n" % (len(word), word))
        self.stream.flush()
        return self.reply()

    def reply(self):
        line = self.stream.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise OSError(rest.decode())
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))]
        if kind == b"$":
            if int(rest) < 0:
                return None
            return self.stream.read(int(rest) + 2)[:-2].decode("utf-8", "replace")
        return rest.decode()


def from_redis(address):
    place, _, environment = address.removeprefix("redis://").partition("/")
    host, _, port = place.rpartition(":")
    redis = Redis(host or "127.0.0.1", int(port))
    buckets = int(redis.ask("HGET", f"ct:{environment}:incarnation", "buckets") or 0)
    if not buckets:
        raise OSError(f"no data of environment {environment!r} there")
    for bucket in range(buckets):
        last = "-"
        while page := redis.ask("XRANGE", f"ct:{{{environment}/{bucket:02x}}}:hist", last, "+",
                                "COUNT", 500):
            for name, flat in page:
                yield {**dict(zip(flat[::2], flat[1::2])), "bucket": bucket, "seq": name.split("-")[0]}
            last = "(" + page[-1][0]


def main():
    parser = argparse.ArgumentParser(description="Checks a recorded history of the queue.")
    parser.add_argument("history", nargs="+", help="JSON lines, - or redis://HOST:PORT/ENVIRONMENT")
    parser.add_argument("--json", metavar="FILE", help="writes the result there")
    options = parser.parse_args()
    records, violations = 0, []
    for history in options.history:
        checker = Checker()
        try:
            source = from_redis(history) if history.startswith("redis://") else from_file(history)
            for record in source:
                checker.tell(record)
        except (OSError, ValueError, KeyError) as error:
            print(f"checker: {history}: cannot be read: {error!r}", file=sys.stderr)
            return 2
        records += checker.records
        violations += [{**violation, "history": history} for violation in checker.violations]
    for violation in violations:
        print(f"{violation['invariant']}: {violation['text']}")
    print(f"{records} records, {len(violations)} violations")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump({"records": records, "violations": violations}, out)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
