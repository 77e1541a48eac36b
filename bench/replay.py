"""replay - real sales placed at the sandboxes, and what each task spends on them by the ledgers that these keep."""
import collections
import datetime
import pathlib
import time

import lib  # noqa: F401  (puts tests/support on the path)
from stack import COMPANY, ROOT, Failed, Stack

Spent = collections.namedtuple("Spent", "calls points erp_calls operations counts")


class Replay(Stack):
    """A stack with the demo's company and no entries: tasks are started by hand, one after the other."""

    def __init__(self, build, orders):
        super().__init__(build)
        self.orders = orders

    def place(self, count, latency="none", plan="plus", scale="1", durable=False, shop=()):
        """Whole days of sales, at least `count` orders; how many there are. `shop` = settings that are not the demo's."""
        self.start(latency=latency, plan=plan, durable=durable, both=("--orders", self.orders, "--days", "14", "--time-scale", scale),
                   shopify=("--index-lag", "0"))
        config = (pathlib.Path(ROOT) / "sandbox/demo/demo.yaml").read_text()
        path = self.dir / "config.yaml"
        config = "".join(line for line in config.splitlines(True) if "public_address" not in line)  # webhooks have points of their own
        path.write_text(config.split("    entries:")[0] + "".join(f"        {name}: {value}\n" for name, value in shop))
        self.cli("apply", "-f", path)
        day = datetime.date.fromisoformat(self.sandbox("shopify", "GET", "time")["business"][:10])
        placed = 0
        while placed < count:
            day += datetime.timedelta(days=1)
            placed += self.sandbox("shopify", "POST", "replay", {"until": day.isoformat()})["orders"]
            self.sandbox("business-central", "POST", "time", {"business": f"{day}T00:00:00Z"})
        return placed

    def pass_time(self, **span):
        """At both peers; `span` as timedelta takes it."""
        for peer in ("shopify", "business-central"):
            now = datetime.datetime.fromisoformat(self.sandbox(peer, "GET", "time")["business"].replace("Z", "+00:00"))
            then = (now + datetime.timedelta(**span)).astimezone(datetime.timezone.utc)
            self.sandbox(peer, "POST", "time", {"business": then.strftime("%Y-%m-%dT%H:%M:%SZ")})

    def forget(self):
        for peer in ("shopify", "business-central"):
            self.sandbox(peer, "DELETE", "ledger")

    def run_ok(self, operation, seconds=3600, **arguments):
        no = self.api("POST", f"/v1/sync?company={COMPANY}",
                      {"operation": operation, "shop": "DEMO", "detach": True, "arguments": arguments})["no"]

        def ended():
            run = self.api("GET", f"/v1/runs/{no}?company={COMPANY}")
            return run if run["state"] == "finished" else None
        run = self.wait(f"{operation}, run {no}, ends", seconds, ended)
        if run["outcome"] not in ("ok", "idle"):
            raise Failed(f"{operation}: {run['outcome']}: {run.get('error')}")
        return run

    def held_back(self):
        """Shipments that are no fulfilments, and why: goods that were given back before they were sent, postage alone."""
        skips = self.api("GET", f"/v1/skips?company={COMPANY}")["skips"]
        return [f"{skip['detail']}: {skip['reason']}" for skip in skips if skip["id"].startswith("shipment-")]

    def under_way(self):
        """Bulk operations that nobody has taken the answers of."""
        return self.redis("KEYS", f"ct:*:s:{COMPANY}:bulk:DEMO:*")

    def told(self):
        """Orders whose document's number Shopify does not have; orders that are closed there."""
        untold = [self.redis("ZCARD", key) for key in self.redis("KEYS", f"ct:*:s:{COMPANY}:attributes:DEMO")]
        closed = [self.redis("HGET", key, "closed") for key in self.redis("KEYS", f"ct:*:s:{COMPANY}:order:*")]
        return sum(untold), closed.count(b"1")

    def wait_due(self):
        """Until it is time to look at them again."""
        def due():
            return all(int(self.redis("HGET", key, "due") or 0) <= time.time() * 1000 for key in self.under_way())
        self.wait("bulk operations are looked at again", 90, due)

    def spent(self, operation, **arguments):
        """What one run of it costs, by the peers' own count."""
        self.forget()
        return self.spent_by(operation, self.run_ok(operation, **arguments))

    def spent_by(self, operation, run):
        shop, erp = (self.sandbox(peer, "GET", "ledger") for peer in ("shopify", "business-central"))
        self.effects = collections.Counter(effect["kind"] for effect in erp["effects"] + shop["effects"])
        print(f"{operation}: {run['counts']}", flush=True)
        return Spent(shop["calls"], shop["points"], erp["calls"],
                     {name: row for name, row in {**shop["by_operation"], **erp["by_operation"]}.items()},
                     run["counts"])
