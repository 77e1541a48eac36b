#!/usr/bin/env python3
"""history_kafka_test.py - HISTORY=kafka: the topic holds every record that Redis does, whoever copies.

Two producers, one of which has the turn: the topic and the streams agree; the one with the turn is killed: they agree
again; nobody copies while the ring forgets: a gap is told, and what is left follows. The checker reads all of it.
"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, Failed, Stack, end_with  # noqa: E402

BUCKETS = 16


class History:
    def __init__(self, stack):
        self.stack, self.environment = stack, stack.env["CARTAGE_ENV"]
        self.path = stack.dir / "copied.jsonl"
        self.tools = stack.bin.parent / "tests"
        self.people = subprocess.Popen([self.tools / "people", "--redis", stack.env["CARTAGE_REDIS"], "--env", self.environment,
                                        "--kafka", stack.env["CARTAGE_KAFKA"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        stack.run("copier", self.tools / "recorder", "--kafka", stack.env["CARTAGE_KAFKA"], "--env", self.environment, "--out", self.path)
        self.say(verb="company", company=COMPANY, settings=json.dumps({"id": COMPANY, "name": "Test"}))

    def say(self, **what):
        self.people.stdin.write(json.dumps(what) + "\n")
        self.people.stdin.flush()
        answer = self.people.stdout.readline().strip()
        if answer != "ok":
            raise Failed(f"{what}: {answer}")

    def add(self, count):
        for _ in range(count):
            self.say(verb="add", company=COMPANY, id=str(uuid.uuid4()), schedule="at", arguments='{"none":true}')

    def streams(self):
        """What Redis holds: (bucket, seq) of each record."""
        found = collections.Counter()
        for bucket in range(BUCKETS):
            for name, (_, text) in self.stack.redis("XRANGE", self.key(bucket, "hist"), "-", "+"):
                for back in range(text.count(b"\n")):  # the id is the last one's
                    found[bucket, int(name.split(b"-")[0]) - back] += 1
        return found

    def key(self, bucket, name):
        return f"ct:{{{self.environment}/{bucket:02x}}}:{name}"

    def rows(self):
        lines = self.path.read_text().splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]

    def copied(self):
        return collections.Counter((row["bucket"], row["seq"]) for row in self.rows() if row["event"] not in ("header", "gap"))

    def agree(self, what):
        self.stack.wait(f"the topic holds what Redis holds: {what}", 40, lambda: self.streams() and self.streams() == self.copied())

    def holder(self):
        return (self.stack.redis("GET", f"ct:{self.environment}:historian") or b"").decode()


def producers(stack):
    found = {}
    for proc in stack.procs:
        told = re.search(r"event=producer.started .* id=([0-9a-f]{16})", proc.tail(1000))
        if told and proc.alive():
            found[told[1]] = proc
    return found


def main():
    passed = failed = 0

    def say(good, text):
        nonlocal passed, failed
        passed, failed = passed + bool(good), failed + (not good)
        print(f"{'ok  ' if good else 'FAIL'} {text}", flush=True)

    with Stack() as stack:
        stack.env["CARTAGE_HISTORY"] = "kafka"
        stack.start(producers=2)
        history = History(stack)
        stack.run("worker", stack.bin / "test-worker", "--executors", 4)
        history.add(20)
        history.agree("two producers, one copies")
        say(history.rows()[0]["event"] == "header" and history.rows()[0]["zones"], "it begins with the data set and the version of the zones")

        first = stack.wait("somebody has the turn", 10, history.holder)
        producers(stack)[first].kill()
        history.add(20)
        history.agree("after the one that copied was killed")
        say(history.holder() != first, "the other producer goes on")

        for proc in producers(stack).values():
            proc.kill()
        history.add(20) # rest in the due-set: nobody fires them either
        bucket, key = max(((b, history.key(b, "hist")) for b in range(BUCKETS)), key=lambda pair: stack.redis("XLEN", pair[1]))
        stack.redis("XTRIM", key, "MAXLEN", 5)
        before = len(history.rows())
        stack.producer(2)
        gaps = stack.wait("the gap is told", 40, lambda: [row for row in history.rows()[before:] if row["event"] == "gap"])
        say([row["bucket"] for row in gaps] == [bucket] and gaps[0]["after"] < gaps[0]["before"], "what the ring had forgotten is a gap")
        stack.wait("what it still held follows", 40, lambda: not history.streams() - history.copied())

        checker = subprocess.run([history.tools / "checker", history.path], capture_output=True, text=True)
        say(checker.returncode == 0, f"the checker reads it: {checker.stdout.strip() or checker.stderr.strip()}")
        history.people.stdin.close()
        history.people.wait(20)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    end_with(main)
