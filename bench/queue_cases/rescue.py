"""rescue - a worker is killed with SIGKILL while it runs tasks; how long until another one has claimed them.

With the shipped lease of ten seconds. From the kill to the second claim, by the history, which the checker then reads:
no two attempts of a company's category may overlap.
"""
from queue_cases.bed import Bed, checked, median, p99

TASKS, SECONDS = 16, 20
STEPS = '{"steps":1,"step_ms":120000}'


def once(flags):
    """Seconds from the kill to the second claim, of each task that the killed worker ran."""
    with Bed(flags) as bed:
        bed.env["CARTAGE_LOG_LEVEL"] = "debug"
        bed.stack_up()
        first = bed.worker(TASKS)
        bed.fill(TASKS, 1, TASKS, arguments=STEPS)
        bed.wait("the first worker runs them all", 60, lambda: bed.places("run") == TASKS, first)
        second = bed.worker(TASKS)
        bed.wait("the second worker has joined", 60, lambda: bed.logged(second.name, "kafka.rebalance", "what"), second)
        killed = bed.redis_ms()
        first.kill()

        def claimed_again():
            claims = bed.recorded("claim")["claim"].values()
            return [at[1] for at in claims] if sum(len(at) > 1 for at in claims) == TASKS else None
        again = bed.wait("all tasks are claimed again", 120, claimed_again, second)
        checked(flags, bed)
        second.kill()  # its tasks would take two minutes more
        return [(at - killed) / 1000 for at in again]


def measure(flags, report):
    runs = []
    for _ in range(flags.runs):
        runs.append(once(flags))
        print(f"rescue: p99 {p99(runs[-1]):.1f} s, no overlap", flush=True)
    late = [p99(run) for run in runs]
    report.add("rescue, p50", "cartage", [median(run) for run in runs], "s")
    report.add("rescue, p99", "cartage", late, "s")
    report.add("rescue, lease and grace", "limit", 13, "s")
    return [f"rescue: p99 {median(late):.1f} s, wanted {SECONDS}"] if median(late) >= SECONDS else []
