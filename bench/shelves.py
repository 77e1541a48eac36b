"""shelves - a catalogue of any size in Business Central and an empty shop, and what each task of the catalogue spends on it.

The least and the original's figures are those of the table "fewest calls": P products of V variants at L locations.
"""
import math
import re
import threading
import time

from lib import plan_of
from queue_cases.worker import memory_mb
from replay import Replay
from stack import COMPANY, DEMO, Failed

# Shopify's locations and which of Business Central's each takes.
PLACES = {"70000000001": "MAIN", "70000000002": "EAST", "70000000005": "MAIN|EAST"}
CHUNK = 500  # items a call of the sandbox's admin side
PIXEL = "R0lGODlhAgADAIAAAP///wAAACwAAAAAAgADAAACAoRRADs="
SCALE = 5  # limits and patience run faster than real time: what is counted here stays the same
STAGED = 11  # points: a place for a file
BULK_CALLS, BULK_POINTS = 4, 25  # a bulk mutation: place, file, start, look, answers
CHANGED = 250  # levels that change between two runs


class Shelves(Replay):
    def __init__(self, build, products, variants, bulk):
        super().__init__(build, None)
        self.products, self.variants, self.bulk = products, variants, bulk

    def open(self, latency="none", plan="plus", scale=SCALE, shops=()):
        """`shops`: further ones of the same store."""
        self.start(latency=latency, plan=plan, both=("--time-scale", scale),
                   bc=("--level", "extension", "--replica-lag", "0"), shopify=("--index-lag", "0", "--media-lag", "0", "--no-products"))
        config = DEMO.read_text().split("    entries:")[0]
        config = "\n".join(line for line in config.split("\n") if not re.match(r"\s+(public_address|stock_calculations|sku_mapping):", line))
        filters = ", ".join(f'"{place}": "{codes}"' for place, codes in PLACES.items())
        more = {"location_filters": f"{{ {filters} }}", "sku_mapping": "item-no-variant", "sales_channels": "online_store",
                "bulk_from": self.bulk}
        path = self.dir / "config.yaml"
        text = config + "".join(f"        {name}: {value}\n" for name, value in more.items())
        shop = text[text.index("      - code: DEMO"):]
        path.write_text(text + "".join(shop.replace("DEMO", name, 1) for name in shops))
        self.cli("apply", "-f", path)
        self.cli("entry", "add", "inventory.sync", "--shop", "DEMO", "--name", "stock", "--manual")

    def items(self, count=None, **fields):
        """So many of the catalogue's items are as `fields` say: made, or changed."""
        left, at = count or self.products, 1
        while left > 0:
            size = min(left, CHUNK)
            self.sandbox("bc", "POST", "many-items", {"prefix": "A-", "from": at, "count": size, **fields})
            left, at = left - size, at + size

    def by_schedule(self, operation):
        """What a run costs that no person has asked for: an event wakes the operation's entry."""
        before = {run["no"] for run in self.runs(operation)}
        self.forget()
        self.api("POST", "/v1/triggers", {"operation": operation, "shop": "DEMO", "company": COMPANY})
        run = self.wait(f"{operation} is woken and ends", 3600, lambda: next(
            (run for run in self.runs(operation) if run["no"] not in before and run["state"] == "finished"), None))
        if run["outcome"] not in ("ok", "idle"):
            raise Failed(f"{operation}: {run['outcome']}: {run.get('error')}")
        return self.spent_by(operation, run)

    def runs(self, operation):
        return [run for run in self.api("GET", f"/v1/runs?company={COMPANY}")["runs"] if run["operation"] == operation]

    def stage_key(self, rest):
        some = next(key.decode() for key in self.redis("KEYS", f"ct:*:s:{COMPANY}:mark:*"))
        return some[:some.index(COMPANY) + len(COMPANY) + 1] + rest

    def one_changes_alone(self):
        """A second of Shopify's clock, which no other change shares: what shares the last one is listed by every run."""
        self.pass_time(minutes=1)
        [product] = self.redis("ZRANGE", self.stage_key("shop-products:DEMO"), 0, 0)
        self.sandbox("shopify", "POST", f"products/{product.decode()}", {"title": "Alone"})

    def day_later(self):
        """Stock is looked at again at Shopify."""
        self.pass_time(days=1)
        self.redis("HSET", self.stage_key("shop-locations:DEMO"), "checked", 1)


def figures(p, v, l):  # noqa: E741  (as the table names them)
    """{case: ((least calls, points), (the original's calls, points))}; None = the table does not say."""
    n = p * v
    idle = (p * (1 + v), 10 * p * (1 + v))
    levels = (l * math.ceil(n / 100), 48 * l * math.ceil(n / 100))
    sets = math.ceil(n * l / 250)
    singly = math.ceil(p / 90) + math.ceil(p / 99)
    original_import = (math.ceil(p / 200) + p * (2 + v), 12 * math.ceil(p / 200) + p * (11 + 13 + 13 * v))
    return {
        "products.create": ((singly, (20 + 0.2 * v) * p), (5 * p, 39 * p)),
        "products.create by bulk operation": ((8, 60), (5 * p, 39 * p)),
        "products.idle": ((0, 0), idle),
        "products.change": ((1, 20 + 0.2 * v), (idle[0] + 2, idle[1] + 20)),
        "prices.change": ((math.ceil((10 * p + 0.2 * n) / 1000), 10 * p + 0.2 * n), (4, 22)),
        "prices.change by bulk operation": ((BULK_CALLS, BULK_POINTS), (4, 22)),
        "inventory.full": ((sets, 10 * sets), (levels[0] + sets, levels[1] + 10 * sets)),
        "inventory.idle": ((0, 0), levels),
        "inventory.change": ((math.ceil(CHANGED / 250), 10 * math.ceil(CHANGED / 250)), (levels[0] + 1, levels[1] + 10)),
        "inventory.drift": ((3, 22), levels),
        "inventory.drift, all of them ours": ((3, 22), levels),
        "images.new": ((math.ceil(p / 250) + p + math.ceil(p / 84), STAGED * math.ceil(p / 250) + 11.9 * p), (3 * p, 31 * p)),
        "images.idle": ((0, 0), (0, 0)),
        "products.import": ((math.ceil(p / 250) + math.ceil(p / 125), 13 * math.ceil(p / 250) + 21 * math.ceil(p / 125)), original_import),
        "products.import by bulk operation": ((6, 22), original_import),
        "products.import-idle": ((1, 13), (1, 12)),
    }


class Table:
    """Rows of one catalogue; `missed` names what costs more than twice the least."""
    MOST = 2

    def __init__(self, report, products, variants):
        self.report, self.missed = report, []
        self.figures = figures(products, variants, len(PLACES))

    def add(self, case, spent, judge=("calls", "points")):
        (calls, points), (old_calls, old_points) = self.figures[case]
        rows = {"calls": (spent.calls, calls, old_calls), "points": (spent.points, points, old_points)}
        for unit, (value, least, original) in rows.items():
            self.report.add(f"{case}, {unit}", "cartage", value, unit)
            self.report.add(f"{case}, {unit}", "limit", round(least, 1), unit)
            self.report.add(f"{case}, {unit}", "original", round(original, 1), unit)
            if unit in judge and value > self.MOST * least:
                self.missed.append(f"{case}: {value:g} {unit}, more than {self.MOST} times {least:g}")
        self.report.add(f"{case}, Business Central", "cartage", spent.erp_calls, "calls")
        print(f"  {case}: {spent.calls} calls, {spent.points} points, {spent.erp_calls} at Business Central; {spent.operations}", flush=True)


def measure(build, products, variants, report, bulk):
    """One shop from its first day on; `bulk`: is everything of a hundred changes or more sent by bulk operation?"""
    table = Table(report, products, variants)
    by = " by bulk operation" if bulk else ""
    singly = ("calls", "points") if bulk else ("points",)  # one product a document: points are the measure
    drift = ("calls", "points") if bulk else ()  # the least is a bulk query
    with Shelves(build, products, variants, 100 if bulk else 0) as stack:
        stack.open()
        stack.items(variants=variants, stock={"MAIN": 7, "EAST": 3}, card={"unitPrice": 20, "unitCost": 9})
        stack.worker(time_scale=SCALE)
        table.add(f"products.create{by}", stack.spent("products.add", item_no="A-*"), singly)
        if stack.spent("products.add", item_no="A-*").calls > 0:
            table.missed.append("products.add with nothing new asks Shopify")
        stack.spent("products.sync")
        table.add("products.idle", stack.spent("products.sync"))
        table.add("inventory.full", stack.by_schedule("inventory.sync"))
        table.add("inventory.idle", stack.by_schedule("inventory.sync"))
        stack.items(1, card={"displayName": "Another name", "unitPrice": 21})
        table.add("products.change", stack.spent("products.sync"))
        stack.items(card={"unitPrice": 22})
        table.add(f"prices.change{by}", stack.spent("products.sync", only_prices=True), singly)
        stack.items(math.ceil(CHANGED / variants / 2), stock={"MAIN": 6})
        table.add("inventory.change", stack.by_schedule("inventory.sync"))
        stack.day_later()
        table.add("inventory.drift, all of them ours", stack.by_schedule("inventory.sync"), drift)
        for day in range(2):  # the look after that knows what was ours
            stack.day_later()
            stack.sandbox("shopify", "POST", "stock", {"sku": "A-000001|V1", "location": "Main Warehouse", "delta": 5})
            spent = stack.by_schedule("inventory.sync")
        table.add("inventory.drift", spent, drift)
        stack.items(picture=PIXEL)
        table.add("images.new", stack.spent("images.sync"))
        table.add("images.idle", stack.spent("images.sync"))
        stack.api("PATCH", f"/v1/shops/DEMO?company={COMPANY}", {"can_update_shopify_products": False, "sync_item": "from-shopify"})
        table.add(f"products.import{by}", stack.spent("products.sync"))
        stack.one_changes_alone()
        stack.spent("products.sync")
        stack.redis("HSET", stack.stage_key("mark:products-in:DEMO"), "reached", 1)  # minutes later
        stack.spent("products.sync")
        table.add("products.import-idle", stack.spent("products.sync"))
    report.note(f"catalogue: {products} products of {variants} variants at {len(PLACES)} locations")
    return table.missed


# Of a plan: its bucket of points, what it gets back in a second, and how much more than these a first export may take.
PLANS = {"standard": (2000, 100, 1.1), "plus": (20000, 1000, 1.25)}
PACE = {"standard": 10, "plus": 1}  # times real time: what the machine itself takes is to be little beside the peers' time


def first_export(build, products, variants, report, plan):
    """How long it takes until a whole catalogue stands at Shopify, one call a product, by the peer's own clock: with its
    latencies, beside what its points allow."""
    bucket, rate, most = PLANS[plan]
    case = f"first export one by one, {plan}, {products} products"
    least = max(0, (20 + 0.2 * variants) * products - bucket) / rate
    with Shelves(build, products, variants, 0) as stack:
        scale = PACE[plan]
        stack.open(latency="real", plan=plan_of(plan), scale=scale)
        stack.items(variants=variants, stock={"MAIN": 7, "EAST": 3}, card={"unitPrice": 20, "unitCost": 9})
        stack.worker(time_scale=scale)
        stack.spent("products.add", item_no="NONE")  # the peer has read its schema, the worker knows both
        began = stack.sandbox("shopify", "GET", "time")["bucket_ms"]
        spent = stack.spent("products.add", item_no="A-*")
        seconds = (stack.sandbox("shopify", "GET", "time")["bucket_ms"] - began) / 1000
    report.add(case, "cartage", round(seconds, 1), "s")
    report.add(case, "limit", round(least, 1), "s")
    report.note(f"{case}: {spent.points / products:.1f} points a product")
    return [f"{case}: {seconds:.0f} s, more than {most} times {least:.0f}"] if seconds > most * least else []


# By bulk operation: so much more than Shopify's own times, and so many megabytes of the worker's own memory.
TOGETHER_MOST, TOGETHER_REST_S, TOGETHER_MB = 1.1, 60, 48
LINES_A_SECOND = 100  # of a bulk mutation


class Watch:
    """Looks at a run twice a second of real time: is an executor held while Shopify works, and how large is the worker?"""

    def __init__(self, stack, worker):
        self.stack, self.worker, self.over = stack, worker, threading.Event()
        self.before = self.most = memory_mb(worker.popen.pid)[0]
        self.looks = self.held = 0
        self.thread = threading.Thread(target=self.look)

    def works(self):
        return any(row["status"] == "RUNNING" for row in self.stack.sandbox("shopify", "GET", "bulk")["operations"])

    def look(self):
        was = False
        while not self.over.wait(0.5):
            self.most = max(self.most, memory_mb(self.worker.popen.pid)[0])
            if self.works():
                runs = self.stack.runs("products.add")
                here = any(run["state"] == "running" for run in runs)
                self.looks += 1
                self.held += here and was  # one that is about to park, or has just come to look, is no held one
                was = here

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def first_export_together(build, products, variants, report, plan):
    """The same by bulk operation: products, then their publishing, each a line; beside Shopify's own pace."""
    case = f"first export by bulk operation, {plan}, {products} products"
    own = 2 * products / LINES_A_SECOND
    with Shelves(build, products, variants, 100) as stack:
        stack.open(latency="real", plan=plan_of(plan), scale=1)
        stack.items(variants=variants, stock={"MAIN": 7, "EAST": 3}, card={"unitPrice": 20, "unitCost": 9})
        worker = stack.worker(executors=1)
        stack.spent("products.add", item_no="NONE")
        began = stack.sandbox("shopify", "GET", "time")["bucket_ms"]
        with Watch(stack, worker) as watch:
            spent = stack.spent("products.add", item_no="A-*")
        seconds = (stack.sandbox("shopify", "GET", "time")["bucket_ms"] - began) / 1000
    most = TOGETHER_MOST * own + TOGETHER_REST_S
    grown = watch.most - watch.before
    for name, system, value, unit in ((case, "cartage", seconds, "s"), (case, "limit", own, "s"),
                                      (f"{case}, memory", "cartage", grown, "MB"), (f"{case}, memory", "limit", TOGETHER_MB, "MB"),
                                      (f"{case}, calls", "cartage", spent.calls, "calls")):
        report.add(name, system, round(value, 1), unit)
    report.note(f"{case}: an executor is held in {watch.held} of {watch.looks} looks while Shopify works")
    said = [(seconds > most, f"{seconds:.0f} s, more than {TOGETHER_MOST} times {own:.0f} and {TOGETHER_REST_S}"),
            (grown > TOGETHER_MB, f"{grown:.0f} MB more than idle, more than {TOGETHER_MB}"),
            (watch.held > 0, f"an executor is held in {watch.held} looks"), (watch.looks == 0, "Shopify was never seen at work")]
    return [f"{case}: {text}" for missed, text in said if missed]


EXECUTOR_MB = 8  # of the worker's own memory, for each executor beside the first that is at work


def executors(build, products, variants, report, count):
    """How much larger a worker is for each further executor: first one shop makes its products, then so many at once."""
    shops = [f"S{n}" for n in range(count + 1)]
    grown = []
    with Shelves(build, products, variants, 0) as stack:
        stack.open(scale=1, shops=shops)  # in real time: nobody gives up while all are at work
        for shop in shops:
            for at in range(1, products + 1, CHUNK):
                stack.sandbox("bc", "POST", "many-items", {
                    "prefix": f"{shop}-", "from": at, "count": min(CHUNK, products + 1 - at), "variants": variants,
                    "card": {"unitPrice": 20, "unitCost": 9}, "stock": {"MAIN": 7}})
        for some in (shops[:1], shops[1:]):
            worker = stack.worker(executors=len(some))
            stack.spent("products.add", item_no="NONE")
            before = most = memory_mb(worker.popen.pid)[0]
            known = {run["no"] for run in stack.runs("products.add")}
            for shop in some:
                stack.cli("entry", "add", "products.add", "--shop", shop, "--name", shop, "--category", shop, "--item-no", f"{shop}-*")
            ended = []
            while len(ended) < len(some):
                most = max(most, memory_mb(worker.popen.pid)[0])
                ended = [run for run in stack.runs("products.add") if run["no"] not in known and run["state"] == "finished"]
                time.sleep(0.2)
            wrong = [run for run in ended if run["outcome"] != "ok"]
            if wrong:
                raise Failed(f"products.add: {wrong[0].get('error')}")
            grown.append(most - before)
            worker.stop()
    further = (grown[1] - grown[0]) / (count - 1)
    case = f"products.add, {products} products, memory of each of {count - 1} further executors"
    report.add(case, "cartage", round(further, 1), "MB")
    report.add(case, "limit", EXECUTOR_MB, "MB")
    report.note(f"with one executor the worker grows by {grown[0]:.1f} MB, with {count} by {grown[1]:.1f}")
    return [f"{case}: {further:.1f} MB"] if further > EXECUTOR_MB else []
