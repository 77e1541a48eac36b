#!/usr/bin/env python3
"""old_backup_test.py - Redis is lost, or an old backup takes its place: nothing is done twice, nothing stays undone.

Three losses, one after the other, on one stack of real processes: an old copy of Redis' files is put back; all of Redis is
gone; an old copy is put back while a create is still under way at Business Central, of which nobody knows any more. Each time
producers and workers refuse and name what to do, a person adopts and rebuilds, and the ordinary tasks do the rest. The loss
comes in the middle of the work: there are orders, refunds and shipments in each state, begun before the backup and after it.
Checked for each: every order stands exactly once in the ERP and is posted, every refund has one credit memo, every shipment
one fulfillment; links, watermarks and cues are those of a fleet that has lost nothing.

    python3 tests/integration/old_backup_test.py
"""
import json
import pathlib
import shutil
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from kill_points_test import CONFIG, Rounds, usable  # noqa: E402
from stack import COMPANY, Failed, Redis, Stack, end_with  # noqa: E402

LATE_S = 25  # how long the ERP may finish a call that nobody waits for; eight and a half minutes in life
WORK = ("orders.sync", "orders.process", "sales-orders.post", "sales-invoices.post", "shipments.sync")
# Each is an entry that nothing but this test and `cartage rebuild` starts.
ENTRIES = "".join(f"""
      - name: {operation}
        operation: {operation}
        arguments: {{ shop: DEMO{", post_when: paid" if "post" in operation else ""} }}
        manual: true
        category: {"POST" if "post" in operation else "SHPFY"}""" for operation in WORK)
FLEET = f"""{CONFIG}        late_s: 2
        shipping_account: 6610
        custom_line_account: 6110
        gift_card_account: 5420
        return_and_refund_process: auto-create
        refund_account: 6130
        refund_account_non_restock: 6130
    entries:{ENTRIES}
"""


class Fleet:
    """The stack, one worker, and what a person does after a loss."""

    def __init__(self, stack):
        self.stack, self.rounds, self.worker, self.files = stack, Rounds(stack), None, stack.dir / "appendonlydir"
        self.own = []  # names of the orders that this test has placed

    def start(self):
        self.stack.producer()
        self.worker = self.stack.worker()

    def stop(self, kill=False):
        for proc in self.stack.procs:
            if proc.name.startswith(("worker", "producer")) and proc.alive():
                proc.kill() if kill else proc.stop()

    def apply(self, late_s):
        path = self.stack.dir / "config.yaml"
        path.write_text(FLEET.replace("bc_late_s: 4", f"bc_late_s: {late_s}"))
        self.stack.cli("apply", "-f", path)

    def begin(self, operation):
        return self.stack.api("POST", f"/v1/entries/{operation}/run?company={COMPANY}")["no"]

    def go(self, *operations, seconds=120):
        # The last one reads the times that our own writes to Shopify gave the orders.
        for operation in operations or (*WORK, "orders.sync"):
            run = self.rounds.finish(self.begin(operation), seconds)
            if run["outcome"] not in ("ok", "idle"):
                raise Failed(f"{operation} ended {run['outcome']}: {run.get('error')}")

    # ---- what customers do ----

    def place(self):
        """Three orders; their names."""
        before = set(self.rounds.placed)
        self.rounds.place()
        placed = sorted(set(self.rounds.placed) - before)
        self.own += placed
        return placed

    def at_shopify(self, name, action=""):
        return f"orders/{urllib.parse.quote(name, safe='')}{action}"

    def give_back(self, name):
        """One unit comes back, and its money goes."""
        answer = self.stack.sandbox("shopify", "POST", self.at_shopify(name, "/refund"),
                                    {"lines": [{"line": 0, "quantity": 1, "restock": "RETURN"}]})
        self.rounds.placed[f"{name}-R{answer['refund'].rsplit('/', 1)[1]}"] = None

    def cancel(self, name):
        number = self.stack.cli("order", "show", name)["document"]["posted_number"]
        self.stack.sandbox("business-central", "POST", f"documents/{number}", {"cancel": True})

    def taken_back(self, name):
        """Orders of its day whose invoices the balance calls cancelled."""
        balance = self.stack.cli("balance", "--shop", "DEMO", "--day", self.stack.cli("order", "show", name)["created"][:10])
        return [row["record"] for row in balance["differences"] if row["reason"] == "posting-cancelled"]

    def live(self):
        """Orders from placing to fulfillment, one of them given back, and its credit memo."""
        placed = self.place()
        self.go()
        self.give_back(placed[0])
        self.go()
        return placed

    def be_busy(self):
        """The work in each of its states: posted and not told, refunded and not credited, made and not posted, not even read."""
        told = self.live()
        self.place()
        self.go("orders.sync", "orders.process", "sales-orders.post")
        self.give_back(told[1])
        self.place()
        self.go("orders.sync", "orders.process")
        self.give_back(told[2])
        self.place()

    # ---- what a person does ----

    def backup(self, name):
        shutil.copytree(self.files, self.stack.dir / name)

    def witnessed(self):
        return json.loads(pathlib.Path(self.stack.env["CARTAGE_WITNESS"]).read_text())["n"]

    def outpace(self):
        """More records of the witness than a failover explains: each start of a producer bears one."""
        target = self.witnessed() + 5
        n = 100
        while self.witnessed() < target:
            before, n = self.witnessed(), n + 1
            extra = self.stack.producer(n)
            self.stack.wait("a producer bears witness", 20, lambda b=before: self.witnessed() > b, extra)
            extra.stop()

    def replace(self, name):
        """Redis starts again with the files of a backup; None: with nothing."""
        stack = self.stack
        redis = [proc for proc in stack.procs if proc.name == "redis"][-1]
        redis.stop()
        stack.redis.close()
        shutil.rmtree(self.files)
        if name:
            shutil.copytree(stack.dir / name, self.files)
        again = stack.run("redis", *redis.popen.args)

        def answers():
            try:
                stack.redis = Redis(stack.redis_port)
                return stack.redis("PING") == "PONG"
            except (OSError, Failed):
                return False
        stack.wait("Redis answers again", 20, answers, again)

    def says(self, program, *flags):
        done = subprocess.run([self.stack.bin / program, *flags], env=self.stack.env, capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def refused(self, program, *flags):
        code, said = self.says(program, *flags)
        if code != 1 or "`cartage adopt`" not in said or "`cartage rebuild`" not in said:
            raise Failed(f"{program} {' '.join(flags)} ended with {code} and did not say what to do: {said}")

    def all_refuse(self):
        for program in ("cartage-producer", "cartage-worker"):
            self.refused(program)

    def adopt(self):
        code, said = self.says("cartage", "adopt")
        if code or "cartage rebuild" not in said:
            raise Failed(f"cartage adopt ended with {code}: {said}")

    def rebuild(self):
        told = self.stack.cli("rebuild")
        ran = [run["operation"] for run in told["runs"]]
        if ran != ["orders.sync", "orders.process", "shipments.sync"]:
            raise Failed(f"cartage rebuild ran {ran}")
        return told

    # ---- what is compared ----

    def staged(self, pattern, fields=None):
        """Each record's fields; `fields`: only these, where times and runs are others after a loss."""
        found = {}
        for key in self.stack.redis("KEYS", f"ct:*:s:{COMPANY}:{pattern}"):
            values = self.stack.redis("HGETALL", key)
            row = {name.decode(): value.decode(errors="replace") for name, value in zip(values[::2], values[1::2])}
            found[key.decode()] = {name: row.get(name, "") for name in fields} if fields is not None else row
        return found

    def picture(self):
        cues = self.stack.api("GET", "/v1/cues")
        marks = self.staged("mark:*", [])
        return {"links": self.staged("link:order:*", ["external", "state"]), "watermarks": marks,
                "refunds": self.staged("refund:*", ["state"]),  # a memo that is found posted has another number
                "shipments": self.staged("shipment:*", ["number", "order", "marker", "fulfillments", "sent"]),
                "fulfillments": self.staged("fulfillment:*", ["shipment", "order", "sent"]),  # updated: when its order was seen last
                "cues": {cue["name"]: cue["value"] for cue in cues["cues"]}, "documents": dict(self.rounds.documents())}

    def same(self, before):
        now = self.picture()
        for part, value in before.items():
            if now[part] == value:
                continue
            names = [name for name in {**value, **now[part]} if value.get(name) != now[part].get(name)]
            raise Failed(f"{part}: " + "; ".join(f"{name} was {value.get(name)}, is {now[part].get(name)}" for name in names[:5]))

    def documents_of(self, name):
        found = self.stack.sandbox("business-central", "GET", f"documents?external={urllib.parse.quote(name.upper(), safe='')}")
        return found["documents"]

    def unfinished(self):
        """What of our own orders is not exactly once and whole at both peers, as text for people."""
        bad = self.rounds.wrong()
        for name in self.own:
            bad += [f"{name}: {row['number']} is not posted" for row in self.documents_of(name)
                    if row["kind"] == "order" or row["status"] == "Draft"]
            order = self.stack.sandbox("shopify", "GET", self.at_shopify(name))
            sold = sum(line["quantity"] for line in order["lines"])
            told = [sum(line["quantity"] for line in made["lines"]) for made in order["fulfillments"]]
            if told != [sold]:
                bad.append(f"{name}: {sold} units were shipped, fulfillments of {told} stand ({self.rounds.known(name)})")
        return bad

    def all_done(self):
        bad = self.unfinished()
        if bad:
            raise Failed("; ".join(bad))

    def goes_on(self):
        """Orders and refunds of after the loss are taken, too, and none beside them."""
        self.live()
        self.all_done()


def an_old_backup(fleet):
    fleet.live()
    fleet.be_busy()
    fleet.backup("old")
    fleet.go()
    fleet.be_busy()
    fleet.outpace()
    before = fleet.picture()
    fleet.stop()
    fleet.replace("old")
    if len(fleet.staged("link:order:*")) >= len(before["links"]) or len(fleet.staged("shipment:*")) >= len(before["shipments"]):
        raise Failed("the backup lacks nothing: this test would show nothing")
    fleet.all_refuse()
    fleet.adopt()
    fleet.start()
    fleet.rebuild()
    fleet.go()
    fleet.all_done()
    fleet.goes_on()


def everything_is_lost(fleet):
    fleet.be_busy()
    fleet.stop()
    fleet.replace(None)
    fleet.refused("cartage", "init")
    fleet.all_refuse()
    fleet.adopt()
    fleet.start()
    code, said = fleet.says("cartage", "rebuild")
    if code != 5 or "cartage apply -f" not in said:
        raise Failed(f"rebuilt without what was configured: {code}: {said}")
    fleet.apply(4)
    fleet.rebuild()
    fleet.go()
    fleet.all_done()
    fleet.goes_on()


def a_finished_fleet_is_rebuilt_as_it_was(fleet):
    before = fleet.picture()
    cancelled = fleet.own[-1]
    fleet.cancel(cancelled)  # nobody here has noticed when Redis is lost
    fleet.stop()
    fleet.replace(None)
    fleet.adopt()
    fleet.start()
    fleet.apply(4)
    told = fleet.rebuild()
    made = sum(run["counts"].get("created", 0) for run in told["runs"] if run["operation"] != "orders.sync")
    if made:
        raise Failed(f"{made} were created although all stood: {told['runs']}")
    fleet.go("orders.sync")
    fleet.same(before)
    fleet.all_done()
    found = fleet.taken_back(cancelled)
    fleet.go("sales-orders.post", "sales-invoices.post")
    if [found, fleet.taken_back(cancelled)] != [[cancelled]] * 2:
        raise Failed(f"the invoice of {cancelled} was cancelled before the loss, the balance names {found}")


def a_create_outlives_redis(fleet):
    stack, rounds = fleet.stack, fleet.rounds
    fleet.apply(LATE_S)
    fleet.backup("older")
    fleet.outpace()
    fleet.place()
    fleet.go("orders.sync")
    stack.sandbox("business-central", "POST", "faults", {"rules": [
        {"match": {"method": "POST", "path": "salesOrders"}, "action": {"kind": "hold", "late": True}}]})
    fleet.begin("orders.process")
    stack.wait("the creates are out", 30, lambda: stack.sandbox("business-central", "GET", "faults")["rules"][0]["hits"] >= 3)
    fleet.stop(kill=True)
    fleet.replace("older")
    fleet.refused("cartage-worker")
    fleet.adopt()
    fleet.start()
    fleet.go("orders.sync")
    no = fleet.begin("orders.process")
    stack.wait("the run waits for creates that nobody knows of", 30, lambda: rounds.run(no)["attempt"] > 1)
    if sum(rounds.documents().values()) != len(rounds.placed) - 3:
        raise Failed("the creates came through before anybody looked: this test would show nothing")
    stack.sandbox("business-central", "DELETE", "faults")
    run = rounds.finish(no, 2 * LATE_S + 30)
    if run["outcome"] != "ok" or rounds.wrong():
        raise Failed(f"orders.process ended {run['outcome']}: {run.get('error')}; {'; '.join(rounds.wrong())}")


CASES = (an_old_backup, everything_is_lost, a_finished_fleet_is_rebuilt_as_it_was, a_create_outlives_redis)


def main():
    passed = failed = 0
    with Stack() as stack:
        stack.start(data="synthetic", shopify=("--index-lag", "0"), both=(), lease_ms=1500)
        stack.world = usable(stack)
        # What was posted is to be seen at once: this test counts, it does not wait.
        stack.sandbox("business-central", "POST", "settings", {"replicaLagMs": 0})
        fleet = Fleet(stack)
        fleet.worker = stack.worker()
        fleet.apply(4)
        fleet.go()
        fleet.rounds.placed.update(dict.fromkeys(fleet.rounds.documents()))
        for case in CASES:
            try:
                case(fleet)
                passed += 1
                print(f"ok   {case.__name__}", flush=True)
            except Failed as problem:  # the next case builds on this one
                failed += 1
                stack.keep = True
                print(f"FAIL {case.__name__}: {problem}", flush=True)
                break
        checker = subprocess.run([stack.bin.parent / "tests" / "checker",
                                  f"redis://{stack.env['CARTAGE_REDIS']}/{stack.env['CARTAGE_ENV']}"], capture_output=True, text=True)
        print(checker.stdout.strip() or checker.stderr.strip())
        passed, failed = passed + (checker.returncode == 0), failed + (checker.returncode != 0)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    end_with(main)
