"""witnesses.py - what workers wrote themselves (I1, I2, I12, I17, I20), and when something was broken on purpose.

Workers are told apart by their fences; times are CLOCK_BOOTTIME, which all processes of a machine share, and
"clock.compared" lines say how they stand to Redis' clock.
"""
import bisect
import collections
import re
from datetime import datetime

FACT = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S*)')
SLICE_MS = 10_000
MARGIN_MS = 5000 # a fault is felt a while longer: leases run out, groups join again


class Faults:
    """Intervals in which something was broken, in Redis' time; None = nobody wrote them down."""

    def __init__(self, rows):
        self.known = rows is not None
        self.spans = sorted((int(row["from"]), int(row["to"])) for row in rows or [])
        self.ends, most = [], 0
        for _, end in self.spans:
            most = max(most, end)
            self.ends.append(most)

    def near(self, begin, end, margin=MARGIN_MS):
        if not self.known:
            return True
        at = bisect.bisect_right(self.spans, (end + margin, float("inf")))
        return at > 0 and self.ends[at - 1] >= begin - margin


def facts(line):
    return {name: value[1:-1] if value.startswith('"') else value for name, value in FACT.findall(line)}


def moment(text):
    return round(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


class Logs:
    EVENTS = ("attempt.claimed", "attempt.finished", "attempt.fenced", "effect", "ticket.seen", "clock.compared", "worker.started",
              "worker.ending")

    def __init__(self, paths, breach):
        self.breach = breach
        self.claimed, self.effects, self.offsets = {}, [], []
        self.seen = collections.defaultdict(set)
        self.workers = {}  # id -> (started, last heard of, executors)
        for path in paths:
            self.read(path)
        self.summary = (f"{len(paths)} workers' logs: {len(self.claimed)} claims, {len(self.effects)} effects, "
                        f"{sum(map(len, self.seen.values()))} tickets")

    def read(self, path):
        worker = heard = None
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if worker is not None and line.startswith("time="):
                    heard = line[5:].partition(" ")[0]
                event = line.partition(" event=")[2].partition(" ")[0].strip()
                if event not in self.EVENTS:
                    continue
                row = facts(line)
                if event == "attempt.claimed":
                    self.claimed[row["fence"]] = row["task"]
                elif event == "effect":
                    self.effects.append((int(row["from"]), int(row["to"]), row["task"], row["fence"], row["what"], row["result"]))
                elif event == "ticket.seen":
                    self.seen[row["topic"], int(row["partition"])].add(int(row["offset"]))
                elif event == "worker.started":
                    worker, began, executors = row["id"], line[5:].partition(" ")[0], int(row["executors"])
                elif event == "clock.compared":
                    # All three are cut to whole milliseconds: what was answered at 7 was answered before 8.
                    self.offsets.append((int(row["redis"]) - int(row["answered"]) - 1, int(row["redis"]) + 1 - int(row["asked"])))

        if worker is not None:
            self.workers[worker] = (moment(began), moment(heard or began), executors)

    def ahead(self):
        """Redis' time less the monotonic one: no less than, and no more than. Each question bounds it by its way there
        and back; a clock that is put right meanwhile by more than that leaves the widest bounds."""
        if not self.offsets:
            return 0, 0
        least, most = max(low for low, _ in self.offsets), min(high for _, high in self.offsets)
        if least > most:
            least, most = min(low for low, _ in self.offsets), max(high for _, high in self.offsets)
        return least, most

    def judge(self, checker, faults):
        """I1, I12: what a worker says it claimed stands in the history. I2: no effect outside its own claim."""
        for fence, task in self.claimed.items():
            known = checker.fences.get(fence)
            if known is None or known[0] != task:
                self.breach("I1", f"{task}: a worker says it claimed it with {fence}; the history does not")
        least, most = self.ahead()
        later = self.later_claims(checker)
        for begin, end, task, fence, what, result in self.effects:
            known = checker.fences.get(fence)
            if known is None:
                self.breach("I12", f"{task}: {what} under {fence}, which claimed nothing")
                continue
            if begin + most < known[2]:
                self.breach("I2", f"{task}: {what} at {begin + most} before its claim at {known[2]}")
            if what == "write" and result != "ok":
                continue # it was refused: nothing happened
            if what == "write" and known[3] is not None and begin + least > known[3]:
                self.breach("I12", f"{task}: a write under {fence} was accepted after its end at {known[3]}")
            following = later(known)
            if following is not None and begin + least > following:
                self.breach("I2", f"{task}: {what} under {fence} passed the gate {begin + least - following} ms after a later claim")

        self.room(checker, faults)

    def room(self, checker, faults):
        """I20: no grant stays open while an executor has nothing to do, and nothing is broken."""
        runs = collections.defaultdict(list) # (worker, ten seconds) -> what it ran then
        for fence, (_, _, begin, end) in checker.fences.items():
            for slice_ in range(begin // SLICE_MS, (end or checker.latest) // SLICE_MS + 1):
                runs[fence.partition(".")[0], slice_].append((begin, end or checker.latest))
        for granted, claimed, task in checker.waited:
            if faults.near(granted, claimed):
                continue
            for worker, (began, heard, executors) in self.workers.items():
                if began + MARGIN_MS > granted or heard < claimed:
                    continue
                slices = range(granted // SLICE_MS, claimed // SLICE_MS + 1)
                inside = {run for n in slices for run in runs.get((worker, n), ()) if run[0] <= claimed and run[1] >= granted}
                most = max((sum(b <= at <= e for b, e in inside) for at, _ in inside), default=0)
                if max(most, sum(b <= granted <= e for b, e in inside)) < executors:
                    self.breach("I20", f"{task}: open for {claimed - granted} ms while worker {worker} had room")
                    break

    def later_claims(self, checker):
        """For a claim the time of the next one of its task, or of its lane where that has one permit."""
        by = collections.defaultdict(list)
        for task, lane, at, _ in checker.fences.values():
            by[task].append(at)
            if not lane.endswith(":") and checker.lane(lane).permits == 1:
                by[lane].append(at)
        for times in by.values():
            times.sort()

        def later(known):
            found = []
            for name in known[:2]:
                times = by.get(name, ())
                at = bisect.bisect_right(times, known[2])
                if at < len(times):
                    found.append(times[at])
            return min(found, default=None)
        return later

    def tickets(self, committed):
        """I17: below what was committed each ticket has its answer in somebody's log."""
        for row in committed:
            place = row["topic"], int(row["partition"])
            missing = [n for n in range(int(row.get("from", 0)), int(row["offset"])) if n not in self.seen[place]]
            if missing:
                self.breach("I17", f"{place[0]} {place[1]}: {len(missing)} tickets passed over without an answer, the first at {missing[0]}")
