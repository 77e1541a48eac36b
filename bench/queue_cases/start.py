"""start - from a person's request to the start of the task, at 200 a second, on the embedded broker and on Apache Kafka.

Each task is "run now" of an entry of a company of its own, asked of the HTTP API. From the request to the claim:

    script   the request, read; added, fired and granted by their scripts (the history's grant)
    publish  the ticket handed to Kafka (the producer's log)
    fetch    the ticket taken by a worker (the worker's log)
    claim    claimed, by the history: the task has started

One machine, one clock; whole milliseconds. Kafka is skipped where Java or its jars are not here.
"""
import http.client
import json
import pathlib
import shutil
import threading
import time

from fleet import add_entries
from queue_cases.bed import Bed, median, p99, profile
from stack import ROOT, Failed

RATE, CALLERS, FIRST = 200, 16, 10000
DAY_MS = 86400000
BOUNDS = {"embedded": 15, "kafka": 10}
PARTS = ("script", "publish", "fetch", "claim")


def ask(connection, headers, company, entry):
    """Asks for a run of this entry; its task and when it was asked for."""
    begun = time.time() * 1000
    connection.request("POST", f"/v1/entries/{entry}/run?company={company}", b"{}", headers)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 202:
        raise Failed(f"run now: {answer.status} {text[:200]!r}")
    return json.loads(text)["task"], begun


def ask_all(bed, entries):
    """Every (company, entry) at its time; {task: when it was asked for}."""
    token = pathlib.Path(bed.env["CARTAGE_TOKEN_FILE"]).read_text().strip()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    found, problems, begin = {}, [], time.monotonic() + 0.2

    def caller(own):
        try:
            connection = http.client.HTTPConnection(bed.url.split("//")[1], timeout=30)
            for number in range(own, len(entries), CALLERS):
                time.sleep(max(0, begin + number / RATE - time.monotonic()))
                task, at = ask(connection, headers, *entries[number])
                found[task] = at
        except (OSError, Failed, http.client.HTTPException) as problem:
            problems.append(str(problem))
    callers = [threading.Thread(target=caller, args=(n,)) for n in range(CALLERS)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    if problems:
        raise Failed(problems[0])
    return found


def once(flags, broker):
    """Of each task: {part: ms} and the whole; how many came without a ticket."""
    with Bed(flags) as bed:
        bed.env["CARTAGE_LOG_LEVEL"] = "debug"
        bed.stack_up(broker)
        for _ in range(flags.workers):
            bed.worker(16)
        bed.warm_up()
        later = int(time.time() * 1000) + DAY_MS
        companies = bed.fill(0, FIRST, flags.starts)
        entries = add_entries(bed, [{"company": company, "category": "SHPFY", "operation": "bench.steps", "priority": "normal",
                                     "arguments": {"steps": 0}, "every_ms": DAY_MS, "start_ms": later} for company in companies])
        bed.wait("the entries are planned", 60, lambda: not bed.due_now())
        before = profile(bed)
        asked = ask_all(bed, list(zip(companies, entries)))
        bed.wait("all is done", 60, lambda: bed.places("open", "run") == 0)
        shares = profile(bed, before)
        history = bed.recorded("grant", "claim")
        published = bed.logged("producer", "ticket.published", "task")
        taken = bed.logged("worker", "ticket.taken", "task")
    rows, looked = [], 0
    for task, begun in asked.items():
        marks = [begun, history["grant"][task][0], published.get(task), taken.get(task), history["claim"][task][0]]
        row = {"whole": marks[4] - marks[0]}
        if None in marks:
            looked += 1
        else:
            row.update({part: marks[n + 1] - marks[n] for n, part in enumerate(PARTS)})
        rows.append(row)
    return rows, looked, shares


def measure_on(broker, flags, report):
    figures, looked = {}, []
    for _ in range(flags.runs):
        rows, missing, shares = once(flags, broker)
        looked.append(missing)
        for part in ("whole", *PARTS):
            values = [row[part] for row in rows if part in row]
            figures.setdefault((part, "p50"), []).append(median(values))
            figures.setdefault((part, "p99"), []).append(p99(values))
        print(f"start, {broker}: p99 {figures['whole', 'p99'][-1]:.0f} ms, {missing} without a ticket; {shares}", flush=True)
    for (part, share), values in figures.items():
        report.add(f"start, {broker}, {part if part != 'whole' else 'enqueue to start'}, {share}", "cartage", values, "ms")
    report.add(f"start, {broker}, taken without a ticket", "cartage", looked, "tasks")
    late = median(figures["whole", "p99"])
    if late > BOUNDS[broker]:
        parts = ", ".join(f"{part} {median(figures[part, 'p99']):.0f}" for part in PARTS)
        return [f"start, {broker}: p99 {late:.0f} ms, wanted {BOUNDS[broker]}; p99 of its parts: {parts}; processor seconds: {shares}"]
    return []


def measure(flags, report):
    missed = measure_on("embedded", flags, report)
    if not shutil.which("java") or not (ROOT / "var" / "cache" / "kafka").is_dir():
        report.note("start, kafka: skipped, Kafka is not here (scripts/install kafka, tests/kafka/install)")
        return missed
    return missed + measure_on("kafka", flags, report)
