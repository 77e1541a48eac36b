"""lib.py - what every bench prints and writes: rows beside a limit of the same run, medians of several runs.

The JSON form is {"machine":{…},"rows":[{"case","system","value","unit","min","max","runs"}]}.
Systems are `cartage`, `limit` (the computed least on the same work), `original` (the connector, by the formulas of
docs/) and peers by name.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "support"))


def arguments(about, **more):
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON too")
    parser.add_argument("--build", default=os.environ.get("CARTAGE_BUILD", "build/release"), help="default build/release")
    for name, options in more.items():
        parser.add_argument("--" + name.replace("_", "-"), **options)
    return parser.parse_args()


def machine():
    model = "unknown"
    for line in open("/proc/cpuinfo"):
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": model, "cores": os.cpu_count(), "memory_gib": round(memory / 2**30), "kernel": platform.release()}


class Report:
    def __init__(self):
        self.rows, self.notes = [], []

    def add(self, case, system, values, unit):
        values = values if isinstance(values, list) else [values]
        self.rows.append({"case": case, "system": system, "value": round(statistics.median(values), 3), "unit": unit,
                          "min": round(min(values), 3), "max": round(max(values), 3), "runs": len(values)})

    def note(self, text):
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
