"""almanac.py - planned times, written from the promises of the queue alone: zones by Python's zoneinfo, weekdays,
windows, periods, date formulas, Business Central's own next run. It shares no line with common/calendar.

All instants are milliseconds since 1970, UTC. A local time inside a gap is the first instant after it, one that comes
twice is the first.
"""
import calendar
import functools
import os
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, reset_tzpath

EPOCH = datetime(1970, 1, 1)
DAY = timedelta(days=1)
DAY_MS, FLOOR_MS, IDLE_MS = 86_400_000, 1000, 300_000
NEVER_MS = 4_102_444_800_000
if os.environ.get("TZDIR"):
    reset_tzpath([os.environ["TZDIR"]])


class Zone:
    def __init__(self, name):
        self.name, self.info = name, ZoneInfo(name)

    def shown(self, seconds):
        """What the clock there shows, without a zone."""
        return datetime.fromtimestamp(seconds, self.info).replace(tzinfo=None)

    def instant(self, local):
        """The first second at which it shows this; the end of the gap where it never does."""
        first = int(local.replace(tzinfo=self.info, fold=0).timestamp())
        if self.shown(first) == local:
            return first
        low, high = int(local.replace(tzinfo=self.info, fold=1).timestamp()) - 1, first
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.shown(middle) < local else (low, middle)
        return high


@functools.lru_cache(maxsize=None)
def zone(name):
    return Zone(name) if name and name != "UTC" else None


@functools.lru_cache(maxsize=100_000)
def instant(name, day, tod):
    """The instant of a local day (number since 1970) and a time of day in ms."""
    where = zone(name)
    if where is None:
        return day * DAY_MS + tod
    at = EPOCH + timedelta(days=day, milliseconds=tod // 1000 * 1000)
    first = where.instant(at)
    return first * 1000 + (tod % 1000 if where.shown(first) == at else 0) # behind a gap: its very end


def local(name, at):
    """(day, time of day in ms) that the clock there shows."""
    where = zone(name)
    if where is None:
        return divmod(at, DAY_MS)
    shown = where.shown(at // 1000)
    return divmod((shown - EPOCH) // timedelta(milliseconds=1) + at % 1000, DAY_MS)


# ---- date formulas, by walking ----

def month_of(day, months):
    index = day.year * 12 + day.month - 1 + months
    return index // 12, index % 12 + 1


def clamp(year, month, number):
    return date(year, month, min(number, calendar.monthrange(year, month)[1]))


def apply(terms, day):
    for sign, kind, number, unit in terms:
        if kind == "add":
            if unit in "DW":
                day += timedelta(days=sign * number * (7 if unit == "W" else 1))
            else:
                day = clamp(*month_of(day, sign * number * {"M": 1, "Q": 3, "Y": 12}[unit]), day.day)
        elif kind == "current":
            key = {"D": lambda d: d, "W": lambda d: (d - timedelta(days=d.weekday())), "M": lambda d: (d.year, d.month),
                   "Q": lambda d: (d.year, (d.month - 1) // 3), "Y": lambda d: d.year}[unit]
            while key(day + sign * DAY) == key(day):
                day += sign * DAY
        else:
            day += sign * DAY
            fits = (lambda d: d.isoweekday() == number) if unit == "WD" else (lambda d: d == clamp(d.year, d.month, number))
            while not fits(day):
                day += sign * DAY
    return day


def terms_of(text):
    found = []
    for sign, current, number, unit, named, nth in re.findall(
            r"([+-]?)(?:C([DWMQY])|(\d+)([DWMQY])|(WD|D)(\d+))", re.sub(r"[\s<>]", "", text.upper())):
        kind = "current" if current else "add" if unit else "next"
        found.append((-1 if sign == "-" else 1, kind, int(number or nth or 0), current or unit or named))
    return found


# ---- Business Central, line by line as its rules are told ----

def clock(moment):
    return moment - datetime.combine(moment.date(), datetime.min.time())


def fit(moment, days, start, end):
    cross = end is not None and (start or timedelta()) > end
    t, ahead = clock(moment), 0
    if cross and end < t < start:
        t = start
    elif not cross and end is not None and t > end:
        t, ahead = start or timedelta(), 1
    for k in range(8):
        if days >> (moment.date() + DAY * (ahead + k)).weekday() & 1:
            ahead += k
            break
    if not cross and start is not None and t < start:
        t = start
    if ahead > 0 and t > (start or timedelta()):
        t = start or timedelta()
    return datetime.combine(moment.date() + DAY * ahead, datetime.min.time()) + t


# ---- an entry's plan ----

class Plan:
    """What a definition asks for. `company_zone` counts where the entry names none."""

    def __init__(self, definition, company_zone=""):
        number = lambda name: int(definition.get(name) or 0)
        self.schedule = definition.get("schedule", "at")
        self.start, self.period = number("start"), number("every")
        self.days, self.begin, self.end = number("days"), number("from"), number("to")
        self.terms = terms_of(definition.get("formula") or "")
        self.zone = definition.get("zone") or company_zone or ""
        self.catch_up = definition.get("catch_up") or "skip"
        self.grace, self.backlog = number("grace"), number("backlog") or 100
        self.bc = definition.get("mode") == "bc"
        self.idle, self.expires = number("idle"), number("expires")
        self.max_retry, self.retry_ms = int(definition.get("max_retry") or 0), number("retry_ms")
        self.stops, self.ephemeral = definition.get("stop_on_exhausted") == "1", definition.get("ephemeral") == "1"
        self.at_once = definition.get("run_at_start") == "1"
        self.recurring, self.manual = self.schedule != "at", self.schedule == "manual"
        self.patient = definition.get("backoff") == "bc" # retries wait as in Business Central
        self.windowed = bool(self.days or self.begin or self.end)
        self.all_day = not self.begin and not self.end and self.days in (0, 127)
        self.anchor_day, tod = local(self.zone, self.start) if self.recurring else (0, 0)
        self.tod = self.begin if self.windowed else tod
        self.stride = max(1, self.period // DAY_MS)

    # -- slots --

    def fits(self, day):
        if self.days and not self.days >> (day + 3) % 7 & 1:
            return False
        if self.days and self.stride % 7 == 0:
            return ((day + 3) // 7 - (self.anchor_day + 3) // 7) % (self.stride // 7) == 0
        return (day - self.anchor_day) % self.stride == 0

    def span(self, day):
        """First and last moment of the window that begins on that day; None where the zone left the day out."""
        if instant(self.zone, day, 0) == instant(self.zone, day + 1, 0):
            return None
        first = instant(self.zone, day, self.tod)
        if self.end and self.windowed:
            last = instant(self.zone, day + (self.end < self.begin) + self.end // DAY_MS, self.end % DAY_MS)
        else:
            last = instant(self.zone, day + 1, 0) - 1
        return first, max(first, last)

    def next(self, after):
        """The first slot after that moment; None = there is none."""
        if self.manual: # no time is its own: it is looked at in 2100
            return NEVER_MS
        if self.schedule == "formula":
            if self.start > after:
                return self.start
            day = EPOCH.date() + timedelta(days=local(self.zone, after)[0])
            try:
                slot = instant(self.zone, (apply(self.terms, day) - EPOCH.date()).days, self.begin)
            except (OverflowError, ValueError):
                return None
            return slot if slot > after else None
        after = max(after, self.start - 1)
        if not self.windowed and self.period % DAY_MS:
            return self.start + ((after - self.start) // self.period + 1) * self.period
        day = local(self.zone, after)[0] - 2
        for day in range(day, day + 8 * self.stride + 7):
            span = self.span(day) if self.fits(day) else None
            if not span or span[1] <= after:
                continue
            if after < span[0]:
                return span[0]
            slot = span[0] + ((after - span[0]) // self.period + 1) * self.period
            if self.period < DAY_MS and slot <= span[1]:
                return slot
        return None

    def is_slot(self, at, first):
        """Is it one, counting from a slot at or before it?"""
        if self.schedule != "formula":
            return self.next(at - 1) == at
        slot = first
        while slot is not None and slot < at: # a formula goes from date to date
            slot = self.next(slot)
        return slot == at

    def until(self, at):
        """Last moment of the window open at that time; 0 = no bound, None = closed."""
        if self.bc:
            return self.bc_until(at)
        if self.schedule == "formula" or self.all_day:
            return 0
        today, _ = local(self.zone, at)
        for day in (today - 1, today, today + 1):
            span = self.span(day)
            if span and (not self.days or self.days >> (day + 3) % 7 & 1) and span[0] <= at <= span[1]:
                return span[1]
        return None

    # -- mode = bc --

    def bc_until(self, at):
        if self.schedule == "formula" or not (self.begin or self.end):
            return 0
        day, t = local(self.zone, at)
        end = self.end % DAY_MS
        if self.end and self.begin > end:
            if end < t < self.begin:
                return None
            return self.bc_end(at, day + (t >= self.begin), end)
        if self.end and self.begin != end:
            return self.bc_end(at, day, end) if self.begin <= t <= end else None
        return instant(self.zone, day + 1, 0) - 1 if t >= self.begin else None

    def bc_end(self, at, day, end):
        """In the second hour of an overlap the end is what the clock shows then."""
        last = instant(self.zone, day, end)
        if last < at and zone(self.zone):
            shown = EPOCH + timedelta(days=day, milliseconds=end)
            last = round(shown.replace(tzinfo=zone(self.zone).info, fold=1).timestamp() * 1000)
        return last

    def bc_fit(self, at):
        day, t = local(self.zone, at)
        moment = EPOCH + timedelta(days=day, milliseconds=t)
        ms = lambda value: timedelta(milliseconds=value)
        fitted = fit(moment, self.days, ms(self.begin) if self.begin else None, ms(self.end % DAY_MS) if self.end else None)
        if fitted == moment:
            return at # unchanged, also where the hour comes twice
        day, t = divmod((fitted - EPOCH) // timedelta(milliseconds=1), DAY_MS)
        return instant(self.zone, day, t)

    def bc_after(self, ended, idle):
        """Business Central's next run, before its floor of a second."""
        day = local(self.zone, ended)[0]
        if self.schedule == "formula":
            return instant(self.zone, (apply(self.terms, EPOCH.date() + timedelta(days=day)) - EPOCH.date()).days, self.begin)
        if idle:
            return self.bc_fit(ended + (self.idle or IDLE_MS))
        if self.period:
            return self.bc_fit(ended + self.period)
        return self.bc_fit(instant(self.zone, day + 1, 0))

    def bc_first(self, at):
        base = max(at, self.start)
        return base if self.schedule == "formula" else self.bc_fit(base)
