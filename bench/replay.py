"""replay - real sales placed at the sandboxes, and what each task spends on them by the ledgers that these keep."""
import collections
import datetime
import pathlib

import lib  # noqa: F401  (puts tests/support on the path)
from stack import COMPANY, ROOT, Failed, Stack

Spent = collections.namedtuple("Spent", "calls points erp_calls operations")


class Replay(Stack):
    """A stack with the demo's company and no entries: tasks are started by hand, one after the other."""

    def __init__(self, build, orders):
        super().__init__(build)
        self.orders = orders

    def place(self, count, latency="none", plan="plus", scale="1", durable=False):
        """Whole days of sales, at least `count` orders; how many there are."""
        self.start(latency=latency, plan=plan, durable=durable, both=("--orders", self.orders, "--days", "14", "--time-scale", scale),
                   shopify=("--index-lag", "0"))
        config = (pathlib.Path(ROOT) / "sandbox/demo/demo.yaml").read_text()
        path = self.dir / "config.yaml"
        path.write_text(config.split("    entries:")[0])
        self.cli("apply", "-f", path)
        day = datetime.date.fromisoformat(self.sandbox("shopify", "GET", "time")["business"][:10])
        placed = 0
        while placed < count:
            day += datetime.timedelta(days=1)
            placed += self.sandbox("shopify", "POST", "replay", {"until": day.isoformat()})["orders"]
            self.sandbox("business-central", "POST", "time", {"business": f"{day}T00:00:00Z"})
        return placed

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

    def spent(self, operation, **arguments):
        """What one run of it costs, by the peers' own count."""
        self.forget()
        run = self.run_ok(operation, **arguments)
        shop, erp = (self.sandbox(peer, "GET", "ledger") for peer in ("shopify", "business-central"))
        self.effects = collections.Counter(effect["kind"] for effect in erp["effects"] + shop["effects"])
        print(f"{operation}: {run['counts']}", flush=True)
        return Spent(shop["calls"], shop["points"], erp["calls"],
                     {name: row for name, row in {**shop["by_operation"], **erp["by_operation"]}.items()})
