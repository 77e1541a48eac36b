#!/usr/bin/env python3
"""zones.py SLOTS - the calendar against an independent implementation, which shares no line with it.

For every change of the clocks from 1970 to 2040, of every zone: hourly slots around it, daily ones whose
time lies in its gap or comes twice, weekdays, night windows, the end of the month. Python's zoneinfo reads
the same zone files. Then date formulas and Business Central's next run on random inputs. Zero differences.

A sample of the zones; all of them with CARTAGE_TEST_LONG=1.
"""
import calendar
import os
import random
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import reset_tzpath

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "checker"))
import almanac  # noqa: E402
from almanac import apply, fit  # noqa: E402

FOLDER = os.environ.get("TZDIR", "/usr/share/zoneinfo")
EPOCH = datetime(1970, 1, 1)
DAY = timedelta(days=1)
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
ALWAYS = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "Africa/El_Aaiun",
          "America/Sao_Paulo", "Asia/Gaza", "Europe/Dublin", "Antarctica/Troll", "Asia/Tehran", "America/Nuuk",
          "Pacific/Kwajalein", "Africa/Monrovia", "America/Scoresbysund"]


# ---- the reference: local times by looking, day by day ----

class Zone(almanac.Zone):
    def changes(self, first, last):
        """Seconds at which the offset changes, found by halving."""
        step, at = 12 * 3600, first
        offset = lambda s: datetime.fromtimestamp(s, self.info).utcoffset()
        before = offset(at)
        while at < last:
            after = offset(at + step)
            if after != before:
                low, high = at, at + step
                while high - low > 1:
                    middle = (low + high) // 2
                    low, high = (middle, high) if offset(middle) == before else (low, middle)
                yield high
            at, before = at + step, after


def in_days(zone, first, last, days, start, end, period):
    """Slots of the daily grid in (first, last]; start and end in ms of the day, end None = midnight."""
    found = set()
    day = datetime.combine(zone.shown(first).date() - 2 * DAY, datetime.min.time())
    stop = zone.shown(last) + 2 * DAY
    while day <= stop:
        exists = zone.shown(zone.instant(day)).date() == day.date()
        if exists and days >> day.weekday() & 1:
            begin = zone.instant(day + timedelta(milliseconds=start)) * 1000
            if end is None:
                until = zone.instant(day + DAY) * 1000 - 1
            else:
                until = zone.instant(day + timedelta(milliseconds=end) + (DAY if end < start else timedelta())) * 1000
            slot = begin
            while slot <= max(until, begin):
                found.add(slot)
                if period >= DAY_MS:
                    break
                slot += period
        day += DAY
    return sorted(s for s in found if first * 1000 < s <= last * 1000)


def month_ends(zone, first, last, start):
    """1D+CM from the date of each slot."""
    found, at = [], first
    while True:
        tomorrow = zone.shown(at).date() + DAY
        end = tomorrow.replace(day=calendar.monthrange(tomorrow.year, tomorrow.month)[1])
        at = zone.instant(datetime.combine(end, datetime.min.time()) + timedelta(milliseconds=start))
        if at > last:
            return found
        found.append(at * 1000)


def questions(zone, change):
    before, after = zone.shown(change - 1) + timedelta(seconds=1), zone.shown(change)
    middle = min(before, after) + abs(after - before) / 2
    tod = (middle - datetime.combine(middle.date(), datetime.min.time())) // timedelta(milliseconds=1) // 1000 * 1000
    night = [(tod - 2 * HOUR_MS) % DAY_MS, (tod + 3 * HOUR_MS) % DAY_MS or DAY_MS]
    near = (change - 2 * 86400 - 1, change + 2 * 86400)
    week = (change - 4 * 86400, change + 4 * 86400)
    months = (change - 40 * 86400, change + 40 * 86400)
    rows = [("hourly", HOUR_MS, 127, 0, None, near), ("daily", DAY_MS, 127, tod, None, week),
            ("weekdays", DAY_MS, 31, tod, None, week), ("window", 25 * 60_000, 127, night[0], night[1], near),
            ("night of a weekend", 50 * 60_000, 96, night[0], night[1], week)]
    for name, period, days, start, end, (first, last) in rows:
        line = f"slots {zone.name} {period} {days} {start} {end or 0} - 0 {first * 1000} {last * 1000}"
        yield name, line, in_days(zone, first, last, days, start, end, period)
        if name != "night of a weekend":
            want = in_days(zone, first - 9 * 86400, change, days, start, end, period)
            yield name + ", back", f"back {zone.name} {period} {days} {start} {end or 0} - 0 {change * 1000} 0", want[-1:]
    first, last = months
    yield "month's end", f"slots {zone.name} 0 0 {tod} 0 1D+CM 0 {first * 1000} {last * 1000}", month_ends(zone, first, last, tod)


# ---- date formulas, by walking ----

def random_formula(chance):
    terms, text = [], ""
    for i in range(chance.randint(1, 3)):
        sign, kind = chance.choice([1, 1, -1]), chance.choice(["add", "current", "next"])
        unit = chance.choice("DWMQY") if kind != "next" else chance.choice(["D", "WD"])
        number = chance.randint(1, 40) if kind == "add" else chance.randint(1, 31 if unit == "D" else 7)
        terms.append((sign, kind, number, unit))
        body = f"{number}{unit}" if kind == "add" else f"C{unit}" if kind == "current" else f"{unit}{number}"
        text += ("-" if sign < 0 else "+" if i else "") + body
    return terms, text


def formulas(count, chance):
    while count:
        terms, text = random_formula(chance)
        if len(text) > 20:
            continue
        day = date(1990, 1, 1) + timedelta(days=chance.randint(0, 25000))
        want = (apply(terms, day) - EPOCH.date()).days
        yield f"{text} from {day}", f"formula {text} {(day - EPOCH.date()).days}", [want]
        count -= 1


# ---- Business Central, line by line as its rules are told ----

def business_central(count, chance):
    for _ in range(count):
        days = chance.choice([127, 31, 96, chance.randint(0, 127)])
        minutes = chance.choice([0, 1, 10, 60, 1440, chance.randint(1, 50000)])
        start = chance.choice([None, timedelta(minutes=chance.randint(1, 1439))])
        end = chance.choice([None, timedelta(minutes=chance.randint(1, 1439))])
        finished = datetime(2024, 1, 1) + timedelta(seconds=chance.randint(0, 10 ** 8))
        if minutes:
            base = finished + timedelta(minutes=minutes)
        else:
            base = datetime.combine(finished.date() + DAY, datetime.min.time())
        want = (fit(base, days, start, end) - EPOCH) // timedelta(milliseconds=1)
        ms = lambda t: 0 if t is None else t // timedelta(milliseconds=1)
        line = f"bc UTC {minutes * 60000} {days} {ms(start)} {ms(end)} - 0 {(finished - EPOCH) // timedelta(milliseconds=1)} 0"
        yield f"bc {minutes} min, days {days}, {start} to {end}, finished {finished}", line, [want]


# ---- whatever a definition may ask for, against the plan that the checker of histories reads it by ----

def definitions(count, chance, names):
    for _ in range(count):
        zone, minute = chance.choice(names), 60_000
        windowed = chance.random() < 0.6
        days = chance.choice([0, 127, 31, 96, chance.randint(0, 127)]) if windowed else 0
        begin = chance.choice([0, chance.randint(0, 1439) * minute]) if windowed else 0
        end = chance.choice([0, chance.randint(1, 1440) * minute]) if windowed else 0
        period = chance.choice([1000, minute, 90 * minute, DAY_MS, 2 * DAY_MS, 7 * DAY_MS, 14 * DAY_MS, chance.randint(1, 5000) * minute])
        anchor = chance.randint(0, 60 * 365) * DAY_MS + chance.randint(0, 86399) * 1000
        after = anchor + chance.randint(-2, 400) * DAY_MS + chance.randint(0, DAY_MS)
        plan = almanac.Plan({"schedule": "every", "start": anchor, "every": period, "days": days, "from": begin, "to": end, "zone": zone})
        first = plan.next(after)
        if first is None:
            continue
        line = f"slots {zone} {period} {days} {begin} {end} - {anchor} {after} {first}"
        yield f"the first after {after}", line, [first]


# ---- asking and comparing ----

def compare(program, rows):
    """Differences; the program answers a line each, in order."""
    rows = list(rows)
    answers = subprocess.run([program], input="".join(line + "\n" for _, line, _ in rows), capture_output=True, text=True)
    if answers.returncode:
        sys.exit(f"{program}: {answers.stderr}")
    lines = answers.stdout.splitlines()
    assert len(lines) == len(rows), f"{len(lines)} answers to {len(rows)} questions"
    slots = sum(len(want) for _, _, want in rows)
    wrong = [(name, line, want, got) for (name, line, want), got in zip(rows, lines) if [int(x) for x in got.split()] != want]
    return wrong, len(rows), slots


def zone_names():
    """One name for each different file."""
    seen, names = set(), []
    for path in sorted(Path(FOLDER).rglob("*")):
        name = str(path.relative_to(FOLDER))
        if path.is_dir() or name.startswith(("posix/", "right/", "localtime", "posixrules")) or path.read_bytes()[:4] != b"TZif":
            continue
        content = path.read_bytes()
        if content not in seen or name in ALWAYS:
            names.append(name)
        seen.add(content)
    return names


def main():
    program, whole = sys.argv[1], os.environ.get("CARTAGE_TEST_LONG") == "1"
    reset_tzpath([FOLDER])
    chance = random.Random(int(os.environ.get("SEED", "1")))
    names = zone_names()
    if not whole:
        names = [name for i, name in enumerate(names) if name in ALWAYS or i % 12 == 0]
    assert len(names) >= 20, f"{FOLDER} holds {len(names)} zones"
    failed = changes = asked = slots = 0
    from_s, to_s = int(datetime(1970, 1, 1, tzinfo=timezone.utc).timestamp()), int(datetime(2041, 1, 1, tzinfo=timezone.utc).timestamp())

    def tell(wrong):
        for name, line, want, got in wrong[:3]:
            print(f"{name}: {line}\n  want {want}\n  got  {got}")
        return len(wrong)

    for name in names:
        zone = Zone(name)
        rows = []
        for change in zone.changes(from_s + 50 * 86400, to_s):
            changes += 1
            rows += questions(zone, change)
        wrong, lines, count = compare(program, rows)
        failed, asked, slots = failed + tell(wrong), asked + lines, slots + count
    assert changes > 1000 and slots > 50 * changes, f"{changes} changes, {slots} slots: too few to prove a thing"
    print(f"{len(names)} zones, {changes} changes of the clocks, {asked} questions, {slots} slots: {failed} differences")
    for what, rows in (("date formulas", formulas(200_000 if whole else 20_000, chance)),
                       ("definitions", definitions(100_000 if whole else 20_000, chance, ["UTC", *names])),
                       ("next runs of Business Central", business_central(200_000 if whole else 20_000, chance))):
        wrong, lines, _ = compare(program, rows)
        failed += tell(wrong)
        print(f"{lines} {what}: {len(wrong)} differences")
    sys.exit(1 if failed else 0)


main()
