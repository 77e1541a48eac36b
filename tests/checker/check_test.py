#!/usr/bin/env python3
"""check_test.py - the checker accepts a true history and finds each lie that is put into it.

    check_test.py CHECKER SIMULATE
"""
import importlib.machinery
import importlib.util
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

CHECKER, SIMULATE = sys.argv[1:3]


def check(records, folder):
    path = pathlib.Path(folder, "history.jsonl")
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    result = pathlib.Path(folder, "result.json")
    run = subprocess.run([CHECKER, str(path), "--json", str(result)], capture_output=True, text=True)
    assert run.returncode in (0, 1), run.stderr
    found = json.loads(result.read_text())
    assert (run.returncode == 1) == bool(found["violations"])
    return {violation["invariant"] for violation in found["violations"]}


def first(records, event, start=0):
    return next(i for i in range(start, len(records)) if records[i]["event"] == event)


def seq_again(records):
    counts = {}
    for record in records:
        bucket = record["bucket"]
        record["seq"] = counts[bucket] = counts.get(bucket, 0) + 1
    return records


class Lies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        subprocess.run([SIMULATE, "--seeds", "1", "--first", "7", "--record", cls.folder.name],
                       check=True, stdout=subprocess.DEVNULL)
        lines = pathlib.Path(cls.folder.name, "7.jsonl").read_text().splitlines()
        cls.history = [json.loads(line) for line in lines]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def lie(self, change):
        records = [dict(record) for record in self.history]
        change(records)
        return check(seq_again(records), self.folder.name)

    def test_the_truth(self):
        self.assertGreater(len(self.history), 300)
        self.assertEqual(set(), self.lie(lambda records: None))

    def test_the_same_seed_does_the_same(self):
        with tempfile.TemporaryDirectory() as again:
            subprocess.run([SIMULATE, "--seeds", "1", "--first", "7", "--record", again], check=True,
                           stdout=subprocess.DEVNULL)
            self.assertEqual(pathlib.Path(self.folder.name, "7.jsonl").read_text(),
                             pathlib.Path(again, "7.jsonl").read_text())

    def test_overlap_in_a_lane(self):
        def change(records):
            i = next(i for i, r in enumerate(records)
                     if r["event"] == "claim" and not r["lane"].endswith(":"))
            other = dict(records[i], fence="f00d.1", entry="other", task="other.1.5", epoch="1",
                         slot="5", attempt="1")
            records.insert(i + 1, other)
        self.assertIn("I1", self.lie(change))

    def test_claimed_twice(self):
        def change(records):
            i = first(records, "claim")
            records.insert(i + 1, dict(records[i], fence="f00d.1"))
        self.assertTrue({"I3", "I10"} <= self.lie(change))

    def test_a_fence_used_twice(self):
        def change(records):
            i = first(records, "claim")
            records[first(records, "claim", i + 1)]["fence"] = records[i]["fence"]
        self.assertIn("I12", self.lie(change))

    def test_too_early(self):
        def change(records):
            record = records[first(records, "claim")]
            record["due"] = str(int(record["at"]) + 1)
        self.assertEqual({"I6"}, self.lie(change))

    def test_an_attempt_left_out(self):
        def change(records):
            i = next(i for i, r in enumerate(records) if r["event"] == "claim" and r["attempt"] == "2")
            records[i]["attempt"] = "3"
        self.assertIn("I10", self.lie(change))

    def test_a_finish_left_out(self):
        self.assertTrue({"I11"} <= self.lie(lambda records: records.pop(first(records, "finish"))))

    def test_a_finish_twice(self):
        def change(records):
            i = first(records, "finish")
            records.insert(i + 1, dict(records[i]))
        self.assertIn("I18", self.lie(change))

    def test_a_foreign_fence_finishes(self):
        def change(records):
            records[first(records, "finish")]["fence"] = "f00d.1"
        self.assertEqual({"I12"}, self.lie(change))

    def test_a_move_that_is_not_allowed(self):
        def change(records):
            i = first(records, "fire")
            records[i]["to"] = "0/granted"
        self.assertIn("I13", self.lie(change))

    def test_a_task_id_of_its_own(self):
        def change(records):
            i = first(records, "claim")
            task = records[i]["task"]
            for record in records:
                if record["task"] == task:
                    record["task"] = task + "1"
        self.assertIn("I14", self.lie(change))

    def test_somebody_jumps_the_queue(self):
        def change(records):
            gated = {}
            for i, record in enumerate(records):
                lane = gated.setdefault(record["company"] + ":" + record["category"], {})
                if record["event"] == "grant" and len(lane) > 1:
                    chosen = records[lane[record["entry"]]]
                    chosen["ready"] = str(int(chosen["ready"]) + 4_000_000)
                    return
                lane.pop(record["entry"], None)
                if record["to"] == "6/gated":
                    lane[record["entry"]] = i
            raise AssertionError("nobody ever waits beside another in this history")
        self.assertIn("I15", self.lie(change))

    def test_an_order_that_runs_backwards(self):
        records = [dict(record) for record in self.history]
        records[5]["seq"] = 0
        self.assertIn("I18", check(records, self.folder.name))


def load_checker():
    loader = importlib.machinery.SourceFileLoader("checker", CHECKER)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("checker", loader))
    loader.exec_module(module)
    return module


class FromRedis(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.server = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--dir", self.folder.name], stdout=subprocess.DEVNULL)
        self.redis = self.connect()

    def connect(self):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                return load_checker().Redis("127.0.0.1", self.port)
            except ConnectionRefusedError:
                time.sleep(0.02)  # until it listens
        self.fail("redis-server does not answer")

    def tearDown(self):
        self.redis.close()
        self.server.kill()
        self.server.wait()
        self.folder.cleanup()

    def run_checker(self, environment):
        return subprocess.run([CHECKER, f"redis://127.0.0.1:{self.port}/{environment}"],
                              capture_output=True, text=True)

    def test_streams_of_every_bucket(self):
        record = {"at": "10", "event": "claim", "company": "c", "category": "A", "entry": "e",
                  "task": "e.1.5", "attempt": "1", "epoch": "1", "fence": "f.1", "slot": "5",
                  "due": "9", "from": "0/granted", "to": "1/running", "lane": "c:A", "ready": "5",
                  "prio": "2000", "retries": "0", "lost": "0"}
        self.redis.ask("HSET", "ct:t:incarnation", "buckets", "16")
        for bucket in (0, 15):
            for seq in range(1, 1201):  # more than one page
                told = {**record, "event": "covered", "from": "0/due", "to": "0/due"}
                words = [word for pair in told.items() for word in pair]
                self.redis.ask("XADD", f"ct:{{t/{bucket:02x}}}:hist", f"{seq}-0", *words)
        good = self.run_checker("t")
        self.assertEqual((0, "2400 records, 0 violations\n"), (good.returncode, good.stdout))
        words = [word for pair in {**record, "due": "11"}.items() for word in pair]
        self.redis.ask("XADD", "ct:{t/0f}:hist", "1201-0", *words)
        bad = self.run_checker("t")
        self.assertEqual(1, bad.returncode)
        self.assertIn("I6", bad.stdout)

    def test_nothing_there_is_no_success(self):
        self.assertEqual(2, self.run_checker("nobody").returncode)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
