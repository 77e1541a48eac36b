"""lib.py - what every bench prints and writes: rows beside a limit of the same run, medians of several runs.

The JSON form is {"machine":{…},"rows":[{"case","system","value","unit","min","max","runs","values"}]}. A run that goes on with
such a file adds its values to those that stand there, so that a long bench can be run in pieces.
Systems are `cartage`, `limit` (the computed least on the same work), `original` (the connector, by the formulas of
docs/) and peers by name.
"""
import argparse
import json
import os
import pathlib
import platform
import shutil
import signal
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "support"))


MISSED = "MISSED: "


def plan_of(tier):
    """The sandbox's plan of a tier of Shopify's budget: Basic and Grow share the standard one."""
    return {"standard": "basic"}.get(tier, tier)


def arguments(about, **more):
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON too")
    parser.add_argument("--go-on", action="store_true", help="add what is measured to what stands in the file of --json")
    parser.add_argument("--build", default=os.environ.get("CARTAGE_BUILD", "build/release"), help="default build/release")
    for name, options in more.items():
        parser.add_argument("--" + name.replace("_", "-"), **options)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # whoever is ended stops the processes that it started, too
    return parser.parse_args()


def machine():
    model = "unknown"
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    redis = subprocess.run(["redis-server", "--version"], capture_output=True, text=True).stdout if shutil.which("redis-server") else ""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": model, "cores": os.cpu_count(), "memory_gib": round(memory / 2**30), "kernel": platform.release(),
            "redis": redis.partition("v=")[2].split(" ")[0]}


class Report:
    def __init__(self, flags=None):
        self.rows, self.notes = [], []
        if flags and flags.go_on and flags.json and os.path.exists(flags.json):
            with open(flags.json) as old:
                found = json.load(old)
            self.rows = found["rows"]
            again = tuple(MISSED + case for case in getattr(flags, "case", None) or [""])
            self.notes = [text for text in found["notes"] if not text.startswith(again)]

    def add(self, case, system, values, unit):
        """Adds values to a row; the median of all that it has."""
        values = values if isinstance(values, list) else [values]
        old = next((row for row in self.rows if (row["case"], row["system"]) == (case, system)), None)
        values = [*(old["values"] if old else []), *values]
        row = {"case": case, "system": system, "value": round(statistics.median(values), 3), "unit": unit,
               "min": round(min(values), 3), "max": round(max(values), 3), "runs": len(values),
               "values": [round(value, 3) for value in values]}
        if old:
            self.rows[self.rows.index(old)] = row
        else:
            self.rows.append(row)
        return row["value"]

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def write(self, path):
        found = machine()
        print(f"machine: {found['processor']}, {found['cores']} cores, {found['memory_gib']} GiB")
        print(f"{'case':34} {'system':10} {'median':>12} {'min':>12} {'max':>12} {'runs':>5}  unit")
        for row in self.rows:
            print(f"{row['case']:34} {row['system']:10} {row['value']:>12} {row['min']:>12} {row['max']:>12} {row['runs']:>5}  {row['unit']}")
        for text in self.notes:
            print(text)
        if path:
            with open(path, "w") as out:
                json.dump({"machine": found, "rows": self.rows, "notes": self.notes}, out, indent=1)
