"""least.py - calls and points of a run beside the least that the work needs and what the original spends on it."""

MOST = 2  # times the least


class Least:
    def __init__(self, report):
        self.report, self.missed = report, []

    def add(self, case, spent, least, original):
        """`least` and `original`: calls and points."""
        for unit, value, low, theirs in (("calls", spent.calls, least[0], original[0]), ("points", spent.points, least[1], original[1])):
            name = f"{case}, {unit}"
            self.report.add(name, "cartage", value, unit)
            self.report.add(name, "limit", low, unit)
            self.report.add(name, "original", theirs, unit)
            if value > MOST * low:
                self.missed.append(f"{name}: {value:g}, more than {MOST * low:g}")
