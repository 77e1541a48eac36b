#!/usr/bin/env python3
"""old_backup_test.py - Redis is lost, or an old backup takes its place: nothing is created twice, nothing stays lost.

Three losses, one after the other, on one stack of real processes: an old copy of Redis' files is put back; all of Redis is
gone; an old copy is put back while a create is still under way at Business Central, of which nobody knows any more. Each time
producers and workers refuse and name what to do, a person adopts, and the ordinary tasks do the rest. Checked for each: every
order stands exactly once in the ERP, links and watermarks are those of before the loss, cues too.

    python3 tests/integration/old_backup_test.py
"""
import json
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from kill_points_test import CONFIG, Rounds, usable  # noqa: E402
from stack import COMPANY, Failed, Redis, Stack, end_with  # noqa: E402

LATE_S = 25  # how long the ERP may finish a call that nobody waits for; eight and a half minutes in life
EFFECT_MS = 15000  # when the call that outlives Redis takes effect there


class Fleet:
    """The stack, one worker, and what a person does after a loss."""

    def __init__(self, stack):
        self.stack, self.rounds, self.worker, self.files = stack, Rounds(stack), None, stack.dir / "appendonlydir"

    def start(self):
        (self.stack.dir / "producer-0.address").unlink(missing_ok=True)  # of one that was killed
        self.stack.producer()
        self.worker = self.stack.worker(lease_ms=1500)

    def stop(self, kill=False):
        for proc in self.stack.procs:
            if proc.name.startswith(("worker", "producer")) and proc.alive():
                proc.kill() if kill else proc.stop()

    def apply(self, late_s):
        path = self.stack.dir / "config.yaml"
        path.write_text(CONFIG.replace("bc_late_s: 4", f"bc_late_s: {late_s}"))
        self.stack.cli("apply", "-f", path)

    def go(self, *operations, seconds=120):
        # The last one reads the times that our own writes to Shopify gave the orders.
        for operation in operations or ("orders.sync", "orders.process", "orders.sync"):
            run = self.rounds.finish(self.rounds.start(operation), seconds)
            if run["outcome"] not in ("ok", "idle"):
                raise Failed(f"{operation} ended {run['outcome']}: {run.get('error')}")

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
        if code != 1 or "cartage-producer --adopt" not in said or "link the documents" not in said:
            raise Failed(f"{program} {' '.join(flags)} ended with {code} and did not say what to do: {said}")

    def adopt(self):
        code, said = self.says("cartage-producer", "--adopt")
        if code:
            raise Failed(f"--adopt ended with {code}: {said}")

    # ---- what is compared ----

    def staged(self, pattern):
        found = {}
        for key in self.stack.redis("KEYS", f"ct:*:s:{COMPANY}:{pattern}"):
            fields = self.stack.redis("HGETALL", key)
            found[key] = dict(zip(fields[::2], fields[1::2]))
        return found

    def picture(self):
        cues = self.stack.api("GET", "/v1/cues")
        return {"links": self.staged("link:order:*"), "watermarks": self.staged("mark:*"), "cues": cues["cues"],
                "documents": dict(self.rounds.documents())}

    def same(self, before):
        now = self.picture()
        for part, value in before.items():
            if now[part] != value:
                raise Failed(f"{part} before the loss: {value}\nnow: {now[part]}")
        bad = self.rounds.wrong()
        if bad:
            raise Failed("; ".join(bad))

    def created_once(self):
        """The fleet goes on: an order of after the loss is made, too, and no other beside it."""
        self.rounds.place()
        self.go()
        bad = self.rounds.wrong()
        if bad:
            raise Failed("; ".join(bad))


def an_old_backup(fleet):
    fleet.backup("old")
    fleet.rounds.place()
    fleet.go()
    fleet.rounds.place()
    fleet.go()
    before = fleet.picture()
    fleet.outpace()
    fleet.stop()
    fleet.replace("old")
    if len(fleet.staged("link:order:*")) >= len(before["links"]):
        raise Failed("the backup lacks nothing: this test would show nothing")
    fleet.refused("cartage-producer")
    fleet.refused("cartage-worker")
    fleet.adopt()
    fleet.start()
    fleet.go()
    fleet.same(before)
    fleet.created_once()


def everything_is_lost(fleet):
    before = fleet.picture()
    fleet.stop()
    fleet.replace(None)
    fleet.refused("cartage-producer", "--init")
    for program in ("cartage-producer", "cartage-worker"):
        code, said = fleet.says(program)
        if code != 1 or "--adopt" not in said:
            raise Failed(f"{program} on an empty Redis ended with {code}: {said}")
    fleet.adopt()
    fleet.start()
    fleet.apply(4)
    fleet.go()
    fleet.same(before)
    fleet.created_once()


def a_create_outlives_redis(fleet):
    stack, rounds = fleet.stack, fleet.rounds
    fleet.apply(LATE_S)
    fleet.backup("older")
    fleet.outpace()
    rounds.place()
    fleet.go("orders.sync")
    stack.sandbox("business-central", "POST", "faults", {"rules": [
        {"match": {"method": "POST", "path": "salesOrders"}, "action": {"kind": "late", "ms": EFFECT_MS}}]})
    rounds.start("orders.process")
    stack.wait("the creates are out", 30, lambda: stack.sandbox("business-central", "GET", "faults")["rules"][0]["hits"] >= 3)
    fleet.stop(kill=True)
    stack.sandbox("business-central", "DELETE", "faults")
    fleet.replace("older")
    fleet.refused("cartage-worker")
    fleet.adopt()
    fleet.start()
    fleet.go("orders.sync")
    no = rounds.start("orders.process")
    stack.wait("the run waits for creates that nobody knows of", 30, lambda: rounds.run(no)["attempt"] > 1)
    if sum(rounds.documents().values()) != len(rounds.placed) - 3:
        raise Failed("the creates came through before anybody looked: this test would show nothing")
    run = rounds.finish(no, 2 * LATE_S + 30)
    if run["outcome"] != "ok" or rounds.wrong():
        raise Failed(f"orders.process ended {run['outcome']}: {run.get('error')}; {'; '.join(rounds.wrong())}")


def main():
    passed = failed = 0
    with Stack() as stack:
        stack.start(data="synthetic", shopify=("--index-lag", "0"))
        stack.world = usable(stack)
        fleet = Fleet(stack)
        fleet.worker = stack.worker(lease_ms=1500)
        fleet.apply(4)
        fleet.go()
        fleet.rounds.placed.update(dict.fromkeys(fleet.rounds.documents()))
        for case in (an_old_backup, everything_is_lost, a_create_outlives_redis):
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
