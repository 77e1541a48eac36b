"""scale - 200,000 entries of 10,000 shops, and a million: loading them, what they keep of memory, and ticks among them.

An entry is a recurring one as a shop has it, planned for tomorrow. Load time is that of adding them, with two clients,
and until a producer has planned them all. Memory is Redis' own, the capped history left out, by entry. Then a thousand
one-off entries fall due each second beside them; lateness is from an entry's time to its grant, by the history. A tick
is one round over all buckets that fired something, by the producer's log.
"""
import json
import subprocess
import time

from queue_cases.bed import Bed, median, p99
from stack import Failed

SHOPS, FIRST, DAY_MS = 10000, 1, 86400000
RATE = 1000
BYTES, LATE_MS = 800, 50
LOADERS = 2


def recurring(company, number, start_ms):
    """Every five minutes, from tomorrow on; those of a shop stand in twenty categories at most."""
    return {"company": company, "category": f"C{number % 20:02}", "operation": "bench.steps", "priority": "normal",
            "arguments": {"shop": "SHOP", "steps": 0}, "every_ms": 300000, "start_ms": start_ms}


def once(company, start_ms):
    return {"company": company, "category": "SHPFY", "operation": "bench.steps", "priority": "normal",
            "arguments": {"steps": 0}, "start_ms": start_ms}


def add(bed, rows):
    """Adds them through several clients at once; rows are made while they are sent."""
    loaders = [subprocess.Popen([str(bed.bin / "bench-entries"), bed.address, "bench"], stdin=subprocess.PIPE,
                                stdout=subprocess.DEVNULL, text=True) for _ in range(LOADERS)]
    for number, row in enumerate(rows):
        loaders[number % LOADERS].stdin.write(json.dumps(row) + "\n")
    for loader in loaders:
        loader.stdin.close()
    if any([loader.wait() for loader in loaders]):
        raise Failed("bench-entries did not take all entries")


def memory(bed):
    used = next(int(line.split(":")[1]) for line in bed.redis("INFO", "memory").decode().splitlines()
                if line.startswith("used_memory:"))
    return used - sum(bed.redis("MEMORY", "USAGE", key, "SAMPLES", 0) for key in bed.keys("ct:{bench/*}:hist"))


def fall_due(bed, companies, seconds):
    """A thousand a second; how late each was granted, in ms, and how long the ticks took."""
    begin = int(bed.redis_ms()) + 2000 + seconds * 400  # after the last of them is added
    count = RATE * seconds
    add(bed, (once(companies[n % len(companies)], begin + n * 1000 // RATE) for n in range(count)))
    if bed.redis_ms() > begin:
        raise Failed("the entries that shall fall due were not added in time")
    bed.wait("all of them fell due", seconds + 120, lambda: bed.redis_ms() > begin + 1000 * seconds and
             bed.places("open", "run") == 0 and bed.due_now() == 0)
    late = [at[0] - int(task.rpartition(".")[2]) for task, at in bed.recorded("grant")["grant"].items()
            if int(task.rpartition(".")[2]) >= begin]
    if len(late) != count:
        raise Failed(f"{len(late)} of {count} grants are in the history")
    return late, [int(facts["ms"]) for at, facts in bed.lines("producer", "tick.round") if at >= begin]


def run(flags, count):
    with Bed(flags) as bed:
        bed.env["CARTAGE_LOG_LEVEL"] = "debug"
        bed.stack_up()
        companies = bed.fill(0, FIRST, max(1, min(SHOPS, count // 20)))
        empty, begun = memory(bed), time.monotonic()
        tomorrow = int(bed.redis_ms()) + DAY_MS
        add(bed, (recurring(companies[n % len(companies)], n // len(companies), tomorrow) for n in range(count)))
        added = time.monotonic() - begun
        bed.wait("all entries are planned", 1800, lambda: bed.due_now() == 0)
        planned = time.monotonic() - begun
        size = (memory(bed) - empty) / count
        for _ in range(flags.workers):
            bed.worker(flags.executors)
        bed.warm_up()
        late, ticks = fall_due(bed, companies, flags.seconds)
    return added, planned, size, late, ticks


def measure(flags, report):
    missed = []
    for count in flags.entries or (200000, 1000000):
        name, found = f"scale, {count:,} entries", {}
        for _ in range(flags.runs):
            added, planned, size, late, ticks = run(flags, count)
            for what, value, unit in (("added", added, "s"), ("added and planned", planned, "s"), ("memory an entry", size, "bytes"),
                                      ("tick, p50", median(ticks), "ms"), ("tick, p99", p99(ticks), "ms"),
                                      ("late, p50", median(late), "ms"), ("late, p99", p99(late), "ms")):
                found.setdefault((what, unit), []).append(value)
            print(f"{name}: {added:.0f} s, {size:.0f} bytes each, tick p99 {p99(ticks)} ms, late p99 {p99(late)} ms", flush=True)
        for (what, unit), values in found.items():
            report.add(f"{name}, {what}", "cartage", values, unit)
        size, late = median(found["memory an entry", "bytes"]), median(found["late, p99", "ms"])
        if size > BYTES:
            missed.append(f"{name}: {size:.0f} bytes an entry, wanted {BYTES}")
        if late > LATE_MS:
            missed.append(f"{name}: late p99 {late} ms, wanted {LATE_MS}; a tick's p99 is {median(found['tick, p99', 'ms'])} ms")
    return missed
