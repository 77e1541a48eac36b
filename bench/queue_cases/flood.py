"""flood - one company adds 100,000 tasks beside 99 quiet ones: do the quiet ones wait for it?

The quiet companies have a hundred tasks a second among them, each at its own time; how late one starts is from that
time to its start, by the companies' log. Once alone, then while the flood is added and drained.
"""
import subprocess
import time

from queue_cases.bed import NOTHING, Bed, median, p99
from queue_cases.scale import add, once
from stack import Failed

QUIET, FIRST, LOUD, RATE = 99, 1, 5000, 100
AT_MOST = 2


def late(flags, flood):
    """How late each quiet task started, in ms; a flood has to last as long as they do."""
    with Bed(flags) as bed:
        bed.stack_up()
        for _ in range(flags.workers):
            bed.worker(flags.executors)
        bed.warm_up()
        companies = bed.fill(0, FIRST, QUIET)
        begin, count = int(bed.redis_ms()) + 1000 + 500 * flags.seconds, RATE * flags.seconds
        add(bed, (once(companies[n % QUIET], begin + n * 1000 // RATE) for n in range(count)))
        if bed.redis_ms() > begin:
            raise Failed("the quiet tasks were not added in time")
        bed.wait("their time comes", 60, lambda: bed.redis_ms() > begin)
        loud = subprocess.Popen([str(bed.bin / "bench-queue"), "fill", bed.address, "bench", str(flood), str(LOUD), "1", "SHPFY",
                                 "bench.steps", NOTHING], stdout=subprocess.DEVNULL)
        started = bed.wait("all quiet tasks started", flags.seconds + 120, lambda: starts(bed, companies, count))
        if not flood:
            return started
        left = sum(bed.redis("ZCARD", key) for key in bed.keys("ct:{bench/*}:wait:*")) + bed.places("due")
        if not left and loud.poll() is not None:
            raise Failed(f"the flood of {flood} was over before the quiet tasks were")
        loud.terminate()
        loud.wait()
        return started


def starts(bed, companies, count):
    """From a task's time to its start, once the log of the companies has all of them."""
    time.sleep(0.2)  # looking costs Redis what it shall have for the queue
    found = []
    for key in bed.log_keys(companies):
        found += [started - slot for _, slot, started, _ in bed.logged_runs(key)]
    return found if len(found) >= count else None


def measure(flags, report):
    alone, beside = [], []
    for _ in range(flags.runs):
        alone.append(late(flags, 0))
        beside.append(late(flags, flags.flood))
        print(f"flood: quiet p99 alone {p99(alone[-1])} ms, beside {flags.flood} tasks {p99(beside[-1])} ms", flush=True)
    for name, runs in (("alone", alone), ("beside the flood", beside)):
        report.add(f"flood, quiet {name}, p50", "cartage", [median(run) for run in runs], "ms")
        report.add(f"flood, quiet {name}, p99", "cartage", [p99(run) for run in runs], "ms")
    ratios = [p99(b) / max(1, p99(a)) for a, b in zip(alone, beside)]
    ratio = report.add("flood, quiet p99 by its value alone", "cartage", ratios, "times")
    return [f"flood: quiet p99 is {ratio:.1f} times its value alone, wanted {AT_MOST}"] if ratio > AT_MOST else []
