"""paid_shop.py - a shop of the demo company whose money moves: orders are placed, paid, paid out and disputed at the simulated
Shopify, and what is staged of it is read from Redis."""
import pathlib
import time

from stack import COMPANY, DEMO, Failed


class Shop:
    def __init__(self, stack, payments=True, settings=()):
        stack.start(data="none", shopify=("--index-lag", "0"), lease_ms=1000)
        self.join(stack, settings)
        if not payments:
            stack.sandbox("shopify", "POST", "payments/account", {"off": True})
        self.worker = stack.worker()

    @classmethod
    def of(cls, stack):
        """Of a stack that stands already, whose workers are somebody else's."""
        shop = cls.__new__(cls)
        shop.join(stack, ())
        return shop

    def join(self, stack, settings):
        self.stack, self.redis = stack, stack.redis
        path = stack.dir / "config.yaml"
        config = "\n".join(line for line in pathlib.Path(DEMO).read_text().split("    entries:")[0].split("\n")
                           if "public_address" not in line)  # what Shopify tells by itself would start runs of its own
        path.write_text(config + "".join(f"        {name}: {value}\n" for name, value in settings))
        stack.cli("apply", "-f", path)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        stack.sandbox("shopify", "POST", "time", {"business": now})

    # ---- what happens at Shopify ----

    def place(self, amount, **form):
        return self.stack.sandbox("shopify", "POST", "orders", {
            "taxRate": 0, "lines": [{"title": "Custom work", "quantity": 1, "price": amount}], **form})

    def pay(self, action, **arguments):
        return self.stack.sandbox("shopify", "POST", f"payments/{action}", arguments)["made"]

    def known_lines(self):
        return {row["id"] for row in self.stack.sandbox("shopify", "GET", "payments")["lines"]}

    # ---- runs ----

    def start(self, operation, **arguments):
        self.stack.sandbox("shopify", "DELETE", "ledger")
        body = {"operation": operation, "shop": "DEMO", "detach": True, "arguments": arguments}
        return self.stack.api("POST", f"/v1/sync?company={COMPANY}", body)["no"]

    def ended(self, operation, no, seconds=120):
        def over():
            run = self.stack.api("GET", f"/v1/runs/{no}?company={COMPANY}")
            return run if run["state"] == "finished" else None
        run = self.stack.wait(f"{operation}, run {no}, ends", seconds, over)
        if run["outcome"] not in ("ok", "idle"):
            raise Failed(f"{operation}: {run['outcome']}: {run.get('error')}")
        return run["counts"]

    def run(self, operation, seconds=120, **arguments):
        return self.ended(operation, self.start(operation, **arguments), seconds)

    def asked(self):
        """{GraphQL operation: calls} of the last run."""
        rows = self.stack.sandbox("shopify", "GET", "ledger")["by_operation"]
        return {name: row["calls"] for name, row in rows.items() if "oauth" not in name}

    # ---- what is staged ----

    def key(self, rest):
        if not hasattr(self, "prefix"):
            known = self.redis("KEYS", f"ct:*:s:{COMPANY}:*")[0].decode()
            self.prefix = known[:known.index(COMPANY) + len(COMPANY) + 1]
        return self.prefix + rest

    def record(self, kind, record):
        flat = self.redis("HGETALL", self.key(f"{kind}:{record}"))
        return {flat[i].decode(): flat[i + 1].decode(errors="replace") for i in range(0, len(flat), 2)}

    def members(self, kind, record):
        return sorted(each.decode() for each in self.redis("SMEMBERS", self.key(f"{kind}:{record}")))

    def zset(self, index, of="demo"):
        return [each.decode() for each in self.redis("ZRANGE", self.key(f"{index}:{of}"), 0, -1)]

    def last(self, index):
        return max(self.zset(index), key=int)

    def everything(self, kinds=("",)):
        """All staged keys of the company, or those of some kinds, with what they hold."""
        found = {}
        for key in sorted(key for kind in kinds for key in self.redis("KEYS", f"{self.key(kind)}*")):
            kind = self.redis("TYPE", key)
            read = {"hash": ("HGETALL", key), "zset": ("ZRANGE", key, 0, -1, "WITHSCORES"), "set": ("SMEMBERS", key), "string": ("GET", key)}[kind]
            held = self.redis(*read)
            found[key] = sorted(held) if kind == "set" else held
        return found
