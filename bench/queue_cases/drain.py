"""drain - 50,000 no-op tasks of 500 companies: how many a second, with every record that a task leaves.

`cartage`: a producer, the embedded broker, Redis and two workers, each task an entry of its own in its company's
category: added, fired, granted, published, claimed, run, finished, its history, log and run record written.
`limit`: the very same scripts on the same entries, called in bundles of 32 by one bare client that does nothing else.
Both are timed by the records they leave: from the first claim to the last finish, by Redis' clock.
Other queues stand beside them with the same number of jobs: see peers.py. What is asked for is asked for with `everysec`;
`always`, with which Redis writes each round to the disk before it answers, is a second row.
"""
from queue_cases import peers
from queue_cases.bed import Bed, checked, profile

COMPANIES = 500


def timed(bed, tasks):
    """Tasks a second, from the log that each finished attempt wrote."""
    first, last, count = 1 << 62, 0, 0
    for key in bed.keys("*}:log:*"):
        if key.decode().endswith(bed.warm_company):
            continue
        for outcome, _, started, at in bed.logged_runs(key):
            count += outcome == "ok"
            first, last = min(first, started), max(last, at)
    if count != tasks:
        raise bed.Failed(f"{count} of {tasks} tasks are in the log")
    return tasks / ((last - first) / 1000)


def load(flags, bed):
    """All tasks wait in their categories, which are paused."""
    bed.warm_company = bed.fill(0, 0, 1)[0]
    bed.companies = bed.fill(0, 1, COMPANIES)
    bed.lanes(bed.companies, "pause")
    bed.fill(flags.tasks, 1, COMPANIES)
    bed.wait("all is fired", 120, lambda: bed.places("due") == 0)


def cartage(flags, fsync):
    with Bed(flags, fsync) as bed:
        bed.stack_up()
        load(flags, bed)
        for _ in range(flags.workers):
            bed.worker(flags.executors)
        bed.warm_up()
        before = profile(bed)
        bed.lanes(bed.companies, "resume")
        bed.wait("all is done", 300, lambda: bed.places("open", "run") == 0)
        shares = profile(bed, before)
        checked(flags, bed)
        return timed(bed, flags.tasks), shares


def limit(flags, fsync):
    with Bed(flags, fsync) as bed:
        bed.stack_up()
        load(flags, bed)
        bed.lanes(bed.companies, "resume")
        for proc in bed.procs:
            if proc.name in ("producer-0", "broker"):
                proc.stop()
        bed.tool("limit", bed.address, "bench", 32)
        return timed(bed, flags.tasks)


def measure(flags, report):
    missed, field = [], peers.Field(report)
    for fsync in flags.fsync or ("everysec", "always"):
        ours, least = [], []
        for _ in range(flags.runs):
            value, shares = cartage(flags, fsync)
            ours.append(value)
            least.append(limit(flags, fsync))
            print(f"drain, {fsync}: {ours[-1]:.0f} tasks/s, limit {least[-1]:.0f}; {shares}", flush=True)
            field.round(flags, fsync)
        report.add(f"drain, {fsync}", "cartage", ours, "tasks/s")
        report.add(f"drain, {fsync}", "limit", least, "tasks/s")
        ratios = [100 * a / b for a, b in zip(ours, least)]
        if report.add(f"drain, {fsync}, of limit", "cartage", ratios, "%") < 70 and fsync == "everysec":
            missed.append(f"drain, {fsync}: less than 70 % of the limit; processor time by process: {shares}")
        missed += field.close(fsync, ours)
    return missed
