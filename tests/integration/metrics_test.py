#!/usr/bin/env python3
"""metrics_test.py - what a monitor reads of a producer and a worker, and whether what is built on it exists.

An independent parser reads the text (Debian's python3-prometheus-client), promtool the rules (Debian's prometheus); without
them these tests are skipped and the others run.

    python3 tests/integration/metrics_test.py
    python3 tests/integration/metrics_test.py --table    prints the tables for docs/observability.md
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import DEMO, ROOT, SECRETS, Skipped, Stack, end_with, expect, free_port, run_tests  # noqa: E402

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's, where another Python comes first
try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
except ImportError:
    text_string_to_metric_families = None

TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_count", "_sum")}
NAME = re.compile(r"\bcartage_[a-z0-9_]+\b")


def scrape(stack, port=None):
    """Of the worker at this port, or of the producer."""
    if port is None:
        with stack.open("GET", "/metrics") as answer:
            kind, text = answer.headers["Content-Type"], answer.read().decode()
    else:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            kind, text = answer.headers["Content-Type"], answer.read().decode()
    expect(kind == TYPE, f"content type {kind}")
    return text


def families(text):
    """{name: (kind, help)} as the text says it; and how often each sample stands there."""
    found = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            expect(name not in found, f"{name} stands twice")
            found[name] = [kind, ""]
        elif line.startswith("# HELP "):
            _, _, name, words = line.split(" ", 3)
            found[name][1] = words
    return found


def value(text, sample, otherwise=None):
    """Of one sample, named as it is written: cartage_calls_total{...}."""
    for line in text.splitlines():
        if line.startswith(sample + " "):
            return float(line.rsplit(" ", 1)[1])
    return otherwise


def total(text, name, **labels):
    """The sum of all samples of this name that have these labels."""
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
               if re.match(name + r"[{ ]", line) and all(f'{label}="{word}"' in line for label, word in labels.items()))


def sample_names(stack):
    return {name + suffix for text in (scrape(stack), scrape(stack, stack.port))
            for name, (kind, _) in families(text).items() for suffix in SUFFIXES[kind]}


def an_independent_parser_takes_both(stack):
    if not text_string_to_metric_families:
        raise Skipped("python3-prometheus-client is not installed; scripts/install test")
    for text in (scrape(stack), scrape(stack, stack.port)):
        read = {family.name: family for family in text_string_to_metric_families(text)}
        expect(set(read) == set(families(text)), f"it reads {sorted(set(families(text)) ^ set(read))} otherwise")
        for family in read.values():
            for sample in family.samples:
                expect(all(len(word) < 64 for word in sample.labels.values()), f"{sample}")


def a_run_leaves_its_figures(stack):
    before = scrape(stack, stack.port)
    run = stack.cli("sync", "orders", "--shop", "DEMO", "--follow")
    expect(run["outcome"] in ("ok", "idle"), f"{run}")
    counts = run["counts"]

    def told(text):
        ended = total(text, "cartage_attempts_total", operation="orders.sync") - total(before, "cartage_attempts_total", operation="orders.sync")
        return text if ended >= 1 else None
    after = stack.wait("its figures are told", 10, lambda: told(scrape(stack, stack.port)))
    for name, want in (("cartage_calls_total", counts["calls"]), ("cartage_points_total", counts["points"])):
        got = total(after, name, operation="orders.sync") - total(before, name, operation="orders.sync")
        asked = name == "cartage_calls_total"  # a run does not count that it asked for a token
        expect(0 < want <= got <= want + asked, f"{name} grew by {got}, the run says {want}")
    expect(total(after, "cartage_attempts_total", operation="orders.sync", outcome=run["outcome"]) >= 1, "no outcome of it")
    for name, label, word in (("cartage_lag_seconds_count", "category", "SHPFY"), ("cartage_call_seconds_count", "peer", "shopify"),
                              ("cartage_attempt_seconds_count", "operation", "orders.sync")):
        expect(total(after, name, **{label: word}) > total(before, name, **{label: word}), f"{name} did not grow")
    expect(0 < total(after, "cartage_points_available") <= total(after, "cartage_points_maximum"), "no budget is told")
    expect(total(after, "cartage_limiter_asks_total", answer="granted", limit="points") > 0, "the limiter was not asked")


def the_queue_is_told_as_it_is(stack):
    entry = stack.cli("entry", "list")["entries"][0]
    expect(value(scrape(stack), "cartage_redis_up") == 1, "Redis is up")
    stack.first.stop()
    stack.cli("sync", "orders", "--shop", "DEMO", "--tags=a")  # granted, and nobody is there
    stack.cli("sync", "orders", "--shop", "DEMO", "--tags=b")  # waits for the permit
    category = 'category="SHPFY"'

    def told():
        text = scrape(stack)
        return text if value(text, f"cartage_queue_ready{{{category}}}") == 1 and value(text, f"cartage_queue_waiting{{{category}}}") == 1 else None
    text = stack.wait("both are told", 15, told)
    expect(value(text, f'cartage_permits{{{category},state="held"}}') == 1, "one permit is held")
    expect(value(text, f'cartage_permits{{{category},state="all"}}') == 1, f"of one; entry {entry['name'] if 'name' in entry else ''}")
    expect(value(text, f"cartage_queue_running{{{category}}}") == 0, "nothing runs")
    stack.wait("their ages grow", 10, lambda: value(scrape(stack), f"cartage_queue_ready_age_seconds{{{category}}}") > 0.5 and
               value(scrape(stack), f"cartage_queue_waiting_age_seconds{{{category}}}") > 0.5)
    stack.first = start_worker(stack)
    text = stack.wait("a worker takes them", 40, lambda: (lambda text: text if not total(text, "cartage_queue_ready") and
                                                          not total(text, "cartage_queue_waiting") and not total(text, "cartage_permits", state="held") else None)(scrape(stack)))
    expect(total(text, "cartage_leases") == 0 and value(text, "cartage_queue_due") == 0, "something is left over")


def a_lie_about_a_worker_is_no_answer(stack):
    for method, path in (("GET", "/"), ("POST", "/metrics"), ("GET", "/metrics/x")):
        request = urllib.request.Request(f"http://127.0.0.1:{stack.port}{path}", method=method, data=b"x" if method == "POST" else None)
        try:
            urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as answer:
            expect(answer.code == 404, f"{method} {path}: {answer.code}")
        else:
            expect(False, f"{method} {path} was answered")


def no_secret_is_a_label(stack):
    text = scrape(stack) + scrape(stack, stack.port)
    for word in [*SECRETS.values(), stack.token(), "@"]:
        expect(word not in text, f"/metrics says {word}")


# ---- what is built on it ----

def expressions():
    """(where, expression) of everything that names a metric."""
    rules = (ROOT / "deploy/prometheus/cartage-alerts.yml").read_text()
    yield "alert rules", "\n".join(re.findall(r"^ +expr: (.*(?:\n {10,}.*)*)", rules, re.M))
    board = json.loads((ROOT / "deploy/grafana/cartage.json").read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield f"panel \"{panel['title']}\"", target["expr"]
    yield "KEDA", "\n".join(re.findall(r"query: (.*)", (ROOT / "deploy/keda/cartage-worker.yaml").read_text()))


def every_metric_that_is_named_exists(stack):
    there, named = sample_names(stack), 0
    for where, expression in expressions():
        names = set(NAME.findall(expression))
        expect(names, f"{where} names none: {expression}")
        expect(names <= there, f"{where} names {sorted(names - there)}, which no program tells")
        named += len(names)
    expect(named > 40, f"only {named} were found")


def promtool_takes_the_rules(stack):
    if not shutil.which("promtool"):
        raise Skipped("promtool is not installed (Debian's prometheus); scripts/install test")
    for words in (["check", "rules", ROOT / "deploy/prometheus/cartage-alerts.yml"],
                  ["test", "rules", ROOT / "tests/integration/alerts.yml"]):
        done = subprocess.run(["promtool", *map(str, words)], capture_output=True, text=True, check=False)
        expect(done.returncode == 0, f"promtool {words[0]}: {done.stdout}{done.stderr}")
    config = stack.dir / "prometheus.yml"  # beside its rules, without the token's file, which is not here
    shutil.copy(ROOT / "deploy/prometheus/cartage-alerts.yml", stack.dir)
    text = (ROOT / "deploy/prometheus/prometheus.yml").read_text().replace("/etc/prometheus/cartage-token", stack.env["CARTAGE_TOKEN_FILE"])
    config.write_text(text)
    done = subprocess.run(["promtool", "check", "config", config], capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"promtool check config: {done.stdout}{done.stderr}")


def the_dashboard_is_laid_out(stack):
    board = json.loads((ROOT / "deploy/grafana/cartage.json").read_text())
    ids = [panel["id"] for panel in board["panels"]]
    expect(len(set(ids)) == len(ids) > 10 and board["title"] and board["schemaVersion"] >= 36, "panels have no ids of their own")
    taken = set()
    for panel in board["panels"]:
        at = panel["gridPos"]
        expect(at["x"] + at["w"] <= 24 and panel["title"] and panel["type"] in ("row", "stat", "timeseries"), f"{panel['title']}")
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        expect(not cells & taken, f"{panel['title']} lies on another")
        taken |= cells


def table(stack):
    """The rows of docs/observability.md."""
    texts = scrape(stack), scrape(stack, stack.port)
    sources = [(ROOT / f"common/metrics/{name}.h").read_text() for name in ("metrics", "series")]
    labels = {}
    for name, said in re.findall(r'X\(\w+, \w+, "(\w+)",\s*\\?\s*"((?:[^"\\]|\\.)*)"', "\n".join(sources)):
        keys = re.findall(r"(\w+)=", said) if "=" in said else [word.rstrip("*") for word in said.split(",") if word]
        labels.setdefault(name, list(dict.fromkeys(keys)))
    for name, (kind, words) in families(texts[0]).items():
        shown = name + ("_total" if kind == "counter" else "")
        yield f"| `{shown}` | {kind} | {', '.join(f'`{label}`' for label in labels[name])} | {words} |"


def the_documentation_has_them_all(stack):
    text = (ROOT / "docs/observability.md").read_text()
    there = [line for line in text.splitlines() if line.startswith("| `cartage_")]
    expect(there == list(table(stack)), "the table in docs/observability.md differs: metrics_test.py --table prints it")


TESTS = [an_independent_parser_takes_both, a_run_leaves_its_figures, an_independent_parser_takes_both, the_queue_is_told_as_it_is,
         a_lie_about_a_worker_is_no_answer, no_secret_is_a_label, every_metric_that_is_named_exists, promtool_takes_the_rules,
         the_dashboard_is_laid_out, the_documentation_has_them_all]


def start_worker(stack):
    stack.port = free_port()
    worker = stack.worker(metrics=f"127.0.0.1:{stack.port}")

    def answers():
        try:
            return scrape(stack, stack.port)
        except OSError:
            return None
    stack.wait("the worker tells its figures", 20, answers, worker)
    return worker


def main():
    with Stack() as stack:
        stack.start(data="synthetic")
        path = stack.dir / "company.yaml"  # nothing runs but what the tests ask for
        path.write_text(DEMO.read_text().replace("every: 1 minute", 'every: 1 day\n        start: "2099-01-01T00:00:00Z"'))
        stack.cli("apply", "-f", path)
        stack.first = start_worker(stack)
        if "--table" in sys.argv:
            print("\n".join(table(stack)))
            return 0
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
