#!/usr/bin/env python3
"""doctor_test.py - every check of doctor is provoked once with real parts, and its advice, followed, clears it.

What a row offers as a command is run as it stands; what only a person can do (set a machine's clock, give a disk room)
is done as the advice says.

    python3 tests/integration/doctor_test.py
"""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import DEMO, ROOT, Failed, Stack, end_with, expect, free_port, run_tests  # noqa: E402
from told import told  # noqa: E402


def rows(stack, code=None):
    return [row for row in told(stack.api("GET", "/v1/doctor")["checks"]) if code in (None, row["code"])]


def state(stack, code):
    """The worst of the check's rows; a check that leaves no row would be missed."""
    found = rows(stack, code)
    expect(found, f"no row says {code}")
    return max((row["state"] for row in found), key=["ok", "warn", "bad"].index)


def becomes(stack, code, wanted, seconds=40):
    stack.wait(f"{code} is {wanted}", seconds, lambda: rows(stack, code) and state(stack, code) == wanted)
    return next(row for row in rows(stack, code) if row["state"] == wanted)


def advised(row):
    expect(row["state"] != "ok" and row["advice"], f"no advice: {row}")
    expect(row["values"], f"no values: {row}")
    return row


def follow(stack, row):
    """Runs the commands of a row as they stand; a program that stays is left running."""
    advised(row)
    expect(row["actions"], f"nothing to do is offered: {row}")
    env = {**stack.env, "PATH": f"{getattr(stack, 'tools', stack.bin)}:{stack.bin}:{os.environ['PATH']}"}
    for action in row["actions"]:
        if action["command"].startswith("cartage-worker"):
            stack.workers += 1
            stack.run(f"worker-{stack.workers}", *["bash", "-c", f"exec {action['command']}"],
                      env={"PATH": env["PATH"]})
            continue
        done = subprocess.run(action["command"], shell=True, env=env, capture_output=True, text=True, timeout=60)
        expect(done.returncode == 0 and "ERR" not in done.stdout,
               f"{action['command']}: {done.returncode} {done.stdout}{done.stderr}")


# ---- Redis ----

def redis_that_keeps_too_little(stack):
    for setting, value, wanted in (("appendfsync", "everysec", "warn"), ("appendfsync", "no", "bad"),
                                   ("appendonly", "no", "bad")):
        stack.redis("CONFIG", "SET", setting, value)
        row = becomes(stack, "redis.durability", wanted)
        follow(stack, row)
        becomes(stack, "redis.durability", "ok")


def redis_that_does_not_tell(stack):
    """Whoever runs Redis lets nobody see its settings."""
    stack.redis("ACL", "SETUSER", "default", "-config")
    row = advised(becomes(stack, "redis.durability", "warn"))
    expect("does not tell" in row["text"] and "+config|get" in row["advice"] and not row["actions"], f"{row}")
    stack.redis("ACL", "SETUSER", "default", "+config|get")
    becomes(stack, "redis.durability", "ok")
    stack.redis("ACL", "SETUSER", "default", "+config")


def redis_that_throws_away(stack):
    stack.redis("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    row = becomes(stack, "redis.policy", "bad")
    expect("allkeys-lru" in row["text"], row["text"])
    follow(stack, row)
    becomes(stack, "redis.policy", "ok")


def redis_that_is_nearly_full(stack):
    for share, wanted in ((0.85, "warn"), (0.99, "bad")):
        used = int(next(line for line in stack.redis("INFO").decode().splitlines()
                        if line.startswith("used_memory:")).split(":")[1])
        stack.redis("CONFIG", "SET", "maxmemory", int(used / share))
        row = becomes(stack, "redis.memory", wanted)
        follow(stack, row)
        becomes(stack, "redis.memory", "ok")


def redis_whose_folder_is_gone(stack):
    folder = stack.dir / "appendonlydir"
    stack.wait("no rewrite is under way", 20, lambda: b"aof_rewrite_in_progress:0" in stack.redis("INFO"))
    folder.rename(stack.dir / "taken away")
    folder.write_text("something else of this name")  # a folder that is only gone, Redis would make again
    try:
        stack.redis("BGREWRITEAOF")
    except Failed:
        pass  # it says at once that it cannot
    row = becomes(stack, "redis.disk", "bad")
    folder.unlink()
    (stack.dir / "taken away").rename(folder)  # "give the folder its owner back"
    follow(stack, row)
    becomes(stack, "redis.disk", "ok")


class OldRedis:
    """The real one behind a wire that makes its version an old one; it can be cut and mended."""

    def __init__(self, port):
        self.target, self.port, self.ends = port, free_port(), []
        self.mend()

    def mend(self):
        self.server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.serve, args=(self.server,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()

    def cut(self):
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        for end in self.ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # closed by itself
        self.ends = []

    def serve(self, server):
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            redis = socket.create_connection(("127.0.0.1", self.target))
            self.ends += [client, redis]
            threading.Thread(target=self.pass_on, args=(client, redis, False), daemon=True).start()
            threading.Thread(target=self.pass_on, args=(redis, client, True), daemon=True).start()

    @staticmethod
    def pass_on(source, target, aged):
        try:
            while data := source.recv(1 << 20):
                target.sendall(data.replace(b"redis_version:7", b"redis_version:6") if aged else data)
            target.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def redis_that_is_too_old(stack):
    with OldRedis(stack.redis_port) as old, stack.second_producer(1, redis=f"127.0.0.1:{old.port}"):
        advised(becomes(stack, "redis.version", "bad"))
    becomes(stack, "redis.version", "ok")  # "replace it": the one that the other producer uses


def redis_that_is_away(stack):
    """A producer whose wire to Redis is cut, and mended."""
    with OldRedis(stack.redis_port) as wire, stack.second_producer(2, redis=f"127.0.0.1:{wire.port}"):
        becomes(stack, "redis.version", "bad")
        wire.cut()
        advised(becomes(stack, "redis", "bad"))
        wire.mend()  # "start Redis again"
        stack.wait("Redis is seen", 20, lambda: not rows(stack, "redis"))


def what_cannot_be_looked_at(stack):
    """Redis refuses an answer: of the check that asked is said so, and the others say what they see."""
    def unseen():
        return {row["code"] for row in rows(stack) if row["state"] == "bad" and row["text"].startswith("could not be looked at")}
    expect(not unseen(), f"{unseen()}")
    stack.redis("ACL", "SETUSER", "default", "-info")
    row = advised(becomes(stack, "redis", "bad"))
    expect("info" in row["text"].lower() and unseen() == {"redis"}, f"{row} {unseen()}")
    stack.redis("ACL", "SETUSER", "default", "+info")  # "cure what the error says"
    expect(not unseen(), f"{unseen()}")
    key = f"ct:{stack.env['CARTAGE_ENV']}:companies"
    stack.redis("RENAME", key, f"{key}.kept")
    stack.redis("SET", key, "no hash")
    asks = {"workers", "credentials", "entries", "category-conflict", "peers", "webhooks", "bc.templates"}
    stack.wait("each that asks for companies says so", 10, lambda: unseen() == asks)
    for row in rows(stack):
        if row["code"] in asks:
            expect("WRONGTYPE" in advised(row)["text"], f"{row}")
    stack.redis("DEL", key)
    stack.redis("RENAME", f"{key}.kept", key)
    expect(not unseen(), f"{unseen()}")


# ---- what can be read on the way ----

def what_leaves_this_machine_in_the_clear(stack):
    """0.0.0.0 leads here, too, but nobody can tell that from the address."""
    for code in ("redis.transport", "brokers.transport"):
        expect(becomes(stack, code, "ok")["values"] == {"how": "loopback"}, f"{rows(stack, code)}")
    elsewhere = {name: stack.env[f"CARTAGE_{name.upper()}"].replace("127.0.0.1", "0.0.0.0") for name in ("redis", "kafka")}
    with stack.second_producer(6, **elsewhere):
        for code, setting in (("redis.transport", "--redis-ca-file"), ("brokers.transport", "--kafka-security-protocol")):
            row = advised(becomes(stack, code, "warn"))
            expect(row["values"] == {"how": "plain"} and setting in row["advice"], f"{row}")


# ---- brokers ----

def brokers_that_keep_nothing_or_are_away(stack):
    """The embedded broker is for a laptop; where none answers, doctor says so. A real Kafka clears both."""
    if not os.environ.get("TEST_KAFKA"):
        row = advised(becomes(stack, "brokers", "warn"))
        expect(row["text"].endswith("is for a local stack"), f"{row}")
    with stack.second_producer(4, kafka=f"127.0.0.1:{free_port()}"):
        advised(becomes(stack, "brokers", "bad"))
    with stack.second_producer(5, kafka=kafka_of(stack)):  # "set CARTAGE_KAFKA to it, and restart"
        becomes(stack, "brokers", "ok")


def kafka_of(stack):
    """A real Kafka: the one that was given, else one of our own."""
    if os.environ.get("TEST_KAFKA"):
        return os.environ["TEST_KAFKA"]
    if not getattr(stack, "kafka", None):
        proc = stack.run("kafka", "bash", ROOT / "tests" / "kafka" / "start", "--dir", stack.dir / "kafka",
                         "--address-file", stack.dir / "kafka.address")
        stack.kafka = stack.address_of(proc, 300)
    return stack.kafka


def topics_that_forget(stack):
    """On a real Kafka somebody lets the witness be deleted and tickets be gone after a minute; Kafka's own tool, called as
    the rows say, sets both right. A data set of its own, whose witness is a topic."""
    kafka = kafka_of(stack)
    tool = stack.dir / "tools" / "kafka-configs.sh"
    tool.parent.mkdir(exist_ok=True)
    tool.write_text(f'#!/bin/sh\nexec java -Xmx128m -XX:TieredStopAtLevel=1 -cp "{ROOT}/var/cache/kafka/*" kafka.admin.ConfigCommand "$@"\n')
    tool.chmod(0o755)
    own = {"CARTAGE_ENV": f"k{os.getpid()}", "CARTAGE_KAFKA": kafka, "CARTAGE_WITNESS": ""}
    usual = {name: stack.env[name] for name in own}
    stack.env.update(own)
    stack.tools = tool.parent
    try:
        subprocess.run([stack.bin / "cartage-producer", "--init"], env=stack.env, check=True, capture_output=True, timeout=120)
        with stack.second_producer(6):
            stack.cli("apply", "-f", DEMO)
            stack.wait("the topics are there", 60, lambda: any(
                row["values"].get("topics", 0) >= 3 for row in rows(stack, "brokers.topics")))
            for topic, setting, wanted in (("witness", "cleanup.policy=delete", "bad"), ("task.shpfy", "retention.ms=60000", "warn"),
                                           ("task.shpfy", "cleanup.policy=compact", "warn")):
                subprocess.run([tool, "--bootstrap-server", kafka, "--alter", "--entity-type", "topics", "--entity-name",
                                f"cartage.{own['CARTAGE_ENV']}.{topic}", "--add-config", setting], check=True, capture_output=True,
                               timeout=120)
                follow(stack, becomes(stack, "brokers.topics", wanted))
                becomes(stack, "brokers.topics", "ok")
    finally:
        stack.env.update(usual)


# ---- the fleet ----

def a_clock_that_is_set_wrong(stack):
    shift = {"LD_PRELOAD": str(stack.bin / "clock-shift.so")}
    for ms, wanted in ((5000, "warn"), (-120000, "bad")):
        proc = stack.worker(other={**shift, "CLOCK_SHIFT_MS": str(ms)})
        row = advised(becomes(stack, "clocks", wanted))
        expect(abs(row["values"]["ahead_ms"] - ms) < 1500, f"{ms}: {row}")
        proc.stop()  # "let a time service set the clock, then restart the worker"
        again = stack.worker()
        becomes(stack, "clocks", "ok")
        again.stop()


def nobody_serves_a_category(stack):
    """Workers of other categories do not count; one that was killed is missed soon."""
    other = stack.worker(categories="OTHER")

    def unserved():
        return {row["values"].get("category"): row for row in rows(stack, "workers") if row["state"] == "bad"}
    stack.wait("the categories of the demo are unserved", 20, lambda: {"SHPFY", "POST", "SHPFY-PAY"} <= set(unserved()))
    of_category = [entry for entry in stack.api("GET", "/v1/entries")["entries"] if entry["category"] == "SHPFY"]
    expect(unserved()["SHPFY"]["values"]["entries"] == len(of_category) > 0, f"{unserved()['SHPFY']}")
    first = len(stack.procs)
    for row in unserved().values():
        follow(stack, row)
    becomes(stack, "workers", "ok")
    stack.procs[first].kill()
    becomes(stack, "workers", "bad", 40)
    expect(len(unserved()) == 1, f"{unserved()}")
    other.stop()
    stack.worker()
    becomes(stack, "workers", "ok")


def no_worker_and_nothing_to_do(stack):
    """An environment that is new: nothing waits, and nothing would run."""
    own = {"CARTAGE_ENV": f"n{os.getpid()}", "CARTAGE_WITNESS": str(stack.dir / "witness-new")}
    usual = {name: stack.env[name] for name in own}
    stack.env.update(own)
    try:
        subprocess.run([stack.bin / "cartage", "init"], env=stack.env, check=True, capture_output=True, timeout=60)
        with stack.second_producer(8):
            follow(stack, becomes(stack, "workers", "warn"))
            becomes(stack, "workers", "ok")
    finally:
        stack.env.update(usual)


def zone_rules_that_are_old(stack):
    """A producer that reads other rules than the system's: of long ago, then some that says its age."""
    zones = stack.dir / "zones"
    shutil.copytree("/usr/share/zoneinfo", zones, symlinks=True)
    then = 1e9 + 600 * 86400
    os.utime(zones / "tzdata.zi", (then, then))
    with stack.second_producer(3, other={"TZDIR": str(zones)}):
        row = advised(becomes(stack, "zones", "warn"))
        expect("apt-get" in row["actions"][0]["command"], f"{row}")
        shutil.copy2("/usr/share/zoneinfo/tzdata.zi", zones / "tzdata.zi")  # what the command brings
        becomes(stack, "zones", "ok")
        (zones / "tzdata.zi").unlink()
        row = becomes(stack, "zones", "warn")
        expect("do not say" in row["text"] and row["advice"], f"{row}")
        shutil.copy2("/usr/share/zoneinfo/tzdata.zi", zones / "tzdata.zi")
        becomes(stack, "zones", "ok")


def the_command_line_says_the_same(stack):
    done = stack.cli("doctor", json_out=False, check=False)
    for row in rows(stack):
        expect(row["code"] in done.stdout, f"{row['code']} is missing in: {done.stdout}")
    stack.redis("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    done = stack.cli("doctor", json_out=False, check=False)
    expect(done.returncode == 1 and "maxmemory-policy noeviction" in done.stdout, f"{done}")
    stack.redis("CONFIG", "SET", "maxmemory-policy", "noeviction")
    done = stack.cli("doctor", json_out=False, check=False)
    expect(done.returncode == 0, f"{done}")


TESTS = [
    redis_that_keeps_too_little, redis_that_does_not_tell, redis_that_throws_away, redis_that_is_nearly_full, redis_whose_folder_is_gone,
    redis_that_is_too_old, redis_that_is_away, what_cannot_be_looked_at,
    what_leaves_this_machine_in_the_clear,
    brokers_that_keep_nothing_or_are_away, topics_that_forget, a_clock_that_is_set_wrong, nobody_serves_a_category, no_worker_and_nothing_to_do,
    zone_rules_that_are_old,
    the_command_line_says_the_same,
]


def main():
    with Stack() as stack:
        stack.start(durable=True)
        stack.cli("apply", "-f", DEMO)
        chosen = [test for test in TESTS if not sys.argv[1:] or test.__name__ in sys.argv[1:]]
        return run_tests(chosen, stack)


if __name__ == "__main__":
    end_with(main)
