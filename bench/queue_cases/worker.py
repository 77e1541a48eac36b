"""worker - what an idle worker keeps of memory, and how soon after its start it claims.

Memory is that of the shipped worker, with its default of executors, once it has joined its group and claimed nothing: private
is its own alone (unshared pages), resident with the libraries that it shares with others. Start to first claim: a task
stands granted when the worker is started; a worker with an executor free looks for it while its group still joins. The
bound is 100 ms and the time that its group takes to join, which its own log tells.
"""
import time

from queue_cases.bed import Bed, median

PRIVATE_MB, CLAIM_MS = 8, 100
SETTLE_S = 5


def memory_mb(pid):
    """(private, resident) in MB, as the kernel counts them."""
    private = resident = 0
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        for line in rollup:
            words = line.split()
            if words[0] in ("Private_Clean:", "Private_Dirty:"):
                private += int(words[1])
            elif words[0] == "Rss:":
                resident = int(words[1])
    return private / 1024, resident / 1024


def offer(bed):
    """A task whose ticket stands in a topic, and that was open for more than the second after which any worker may take it."""
    bed.fill(1, 1, 1)
    bed.wait("its ticket is published", 20, lambda: bed.logged("producer", "ticket.published", "task"))
    published = bed.redis_ms()
    bed.wait("a second has passed", 5, lambda: bed.redis_ms() > published + 1000)


def idle(flags):
    with Bed(flags) as bed:
        bed.env["CARTAGE_LOG_LEVEL"] = "debug"
        bed.stack_up()
        offer(bed)  # of an operation that the shipped worker leaves to others
        proc = bed.run("worker", bed.bin / "cartage-worker")
        bed.wait("the worker has joined", 60, lambda: bed.logged("worker", "kafka.rebalance", "what"), proc)
        time.sleep(SETTLE_S)  # what it only needs while it starts has to be back by then
        return memory_mb(proc.popen.pid)


def started(flags):
    """Milliseconds from its start to its first claim, and to its place in the group."""
    with Bed(flags) as bed:
        bed.env["CARTAGE_LOG_LEVEL"] = "debug"
        bed.stack_up()
        offer(bed)
        begun = time.time() * 1000
        proc = bed.worker(8)
        claim = bed.wait("it is claimed", 60, lambda: list(bed.recorded("claim")["claim"].values()), proc)[0][0]
        joined = bed.wait("the worker has joined", 60, lambda: bed.logged(proc.name, "kafka.rebalance", "what"), proc)
        return claim - begun, min(joined.values()) - begun


def measure(flags, report):
    private, resident, claim, join = [], [], [], []
    for _ in range(flags.runs):
        for values, value in zip((private, resident), idle(flags)):
            values.append(value)
        for values, value in zip((claim, join), started(flags)):
            values.append(value)
        print(f"worker: {private[-1]:.1f} MB private, {resident[-1]:.1f} resident; first claim {claim[-1]:.0f} ms after its start, "
              f"joined after {join[-1]:.0f} ms", flush=True)
    beyond = [max(0, a - b) for a, b in zip(claim, join)]
    report.add("worker, idle, private", "cartage", private, "MB")
    report.add("worker, idle, resident", "cartage", resident, "MB")
    report.add("worker, start to group joined", "cartage", join, "ms")
    report.add("worker, start to first claim", "cartage", claim, "ms")
    report.add("worker, first claim beyond the join", "cartage", beyond, "ms")
    missed = []
    if median(private) > PRIVATE_MB:
        missed.append(f"worker: {median(private):.1f} MB private while idle, wanted {PRIVATE_MB}")
    if median(beyond) > CLAIM_MS:
        missed.append(f"worker: first claim {median(beyond):.0f} ms after the group join, wanted {CLAIM_MS}")
    return missed
