"""story.py - small histories for tests of the checker: an entry's life, record by record, as the queue would tell it."""
import json

COMPANY = "11111111-1111-4111-8111-111111111111"
START = 1_767_225_600_000 # Thursday, 1 January 2026, 00:00 UTC
HOUR, DAY = 3_600_000, 86_400_000


class Story:
    """Each method tells one event of `entry`; what it says may be changed by keyword."""

    def __init__(self, category="A", company=COMPANY):
        self.category, self.company, self.records = category, company, []
        self.at, self.seq, self.fences = START, 0, 0
        self.state = {}

    def later(self, ms):
        self.at += ms
        return self

    def tell(self, event, entry, to, **changes):
        now = self.state.setdefault(entry, dict(
            place="-", epoch="1", slot="0", due="0", task="", attempt="0", lane="", fence="", ready="0", prio="2000", retries="0",
            lost="0"))
        self.seq += 1
        known = {name: changes.pop(name) for name in list(changes) if name in now}
        now.update({name: str(value) for name, value in known.items()})
        record = {"bucket": 0, "seq": self.seq, "at": str(self.at), "event": event, "company": self.company,
                  "category": self.category, "entry": entry, "from": now["place"], "to": to,
                  **{name: value for name, value in now.items() if name != "place"}, **{n: str(v) for n, v in changes.items()}}
        now["place"] = to
        if to == "4/gone":
            del self.state[entry]
        self.records.append(record)
        return self

    def add(self, entry="e1", no=1, **definition):
        recurring = definition.get("schedule", "at") != "at"
        if recurring: # so that START itself is past, and no slot of it
            self.later(1)
        definition = {"schedule": "at", "start": START if recurring else self.at, "max_retry": 5, "retry_ms": 0, **definition}
        text = json.dumps({name: str(value) for name, value in definition.items()})
        if definition["schedule"] == "at":
            due = max(self.at, int(definition["start"]))
            return self.tell("add", entry, "0/due", definition=text, no=no, slot=due, due=due, attempt=1, task=f"{entry}.1.{due}")
        return self.tell("add", entry, "0/due", definition=text, no=no, due=self.at)

    def edit(self, entry="e1", **definition):
        text = json.dumps({"schedule": "every", "max_retry": "5", **{name: str(value) for name, value in definition.items()}})
        return self.tell("edit", entry, self.state[entry]["place"], definition=text, matters=0)

    def next(self, slot, entry="e1", **more):
        return self.tell("next", entry, "0/due", slot=slot, due=more.pop("due", slot), **more)

    def skip(self, first, last, entry="e1"):
        return self.tell("skip", entry, self.state[entry]["place"], skip_from=first, skip_to=last)

    def fire(self, slot=None, entry="e1", **more):
        now = self.state[entry]
        slot = slot or int(now["slot"])
        ready = more.pop("ready", self.at if now["ready"] == "0" else now["ready"])
        attempt = more.pop("attempt", max(1, int(now["attempt"])))
        return self.tell("fire", entry, "6/gated", slot=slot, attempt=attempt, ready=ready, task=f"{entry}.{now['epoch']}.{slot}", **more)

    def grant(self, entry="e1", **more):
        return self.tell("grant", entry, "0/granted", lane=f"{self.company}:{self.category}", **more)

    def claim(self, entry="e1", **more):
        self.fences += 1
        return self.tell("claim", entry, "1/running", fence=more.pop("fence", f"aa.{self.fences}"), **more)

    def start(self, entry="e1", slot=None):
        return self.fire(slot, entry).grant(entry).claim(entry)

    def finish(self, outcome="ok", entry="e1", to="4/gone", **more):
        self.tell("finish", entry, to, outcome=outcome, due=more.pop("due", self.at), **more)
        if entry in self.state:
            self.state[entry].update(task="", slot="0", attempt="0", lane="", fence="", ready="0", retries="0", lost="0")
        return self

    def back(self, event, entry="e1", **more):
        """park, retry or lost: the same task goes back."""
        self.tell(event, entry, "0/due", outcome=more.pop("outcome", event), due=more.pop("due", self.at), **more)
        now = self.state[entry]
        now.update(attempt=str(int(now["attempt"]) + 1), lane="", fence="")
        if event == "retry":
            now["ready"] = "0"
        elif event == "park":
            now["ready"] = str(self.at)
        return self
