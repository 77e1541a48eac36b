#!/usr/bin/env python3
"""check_test.py - the checker accepts a true history and finds each lie that is put into it.

    check_test.py CHECKER SIMULATE
"""
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from data import Redis  # noqa: E402
from story import COMPANY, DAY, HOUR, START, Story  # noqa: E402

CHECKER, SIMULATE = sys.argv[1:3]
SEED = sys.argv[3] if len(sys.argv) > 3 else "13"


def simulate(folder):
    """A history in which Redis' clock does not step and every zone is known: what the records say is all there is."""
    subprocess.run([SIMULATE, "--seeds", "1", "--first", SEED, "--without", "clock of Redis,zone", "--record", folder],
                   check=True, stdout=subprocess.DEVNULL)



def check(records, folder, *flags):
    path = pathlib.Path(folder, "history.jsonl")
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    result = pathlib.Path(folder, "result.json")
    run = subprocess.run([CHECKER, str(path), "--json", str(result), *flags], capture_output=True, text=True)
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
        simulate(cls.folder.name)
        lines = pathlib.Path(cls.folder.name, f"{SEED}.jsonl").read_text().splitlines()
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
            simulate(again)
            self.assertEqual(pathlib.Path(self.folder.name, f"{SEED}.jsonl").read_text(),
                             pathlib.Path(again, f"{SEED}.jsonl").read_text())

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
        self.assertTrue({"I3", "I4"} <= self.lie(change))

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


class Promises(unittest.TestCase):
    """Each promise: a history that keeps it passes, one that breaks it is caught by its name."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.folder.cleanup()

    def file(self, name, rows):
        path = pathlib.Path(self.folder.name, name)
        path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
        return str(path)

    def found(self, story, *flags):
        return check(story.records, self.folder.name, *flags)

    def keeps(self, story, *flags):
        self.assertEqual(set(), self.found(story, *flags))

    def breaks(self, invariant, story, *flags):
        self.assertEqual({invariant}, self.found(story, *flags))

    # -- I1, I2, I12, I17, I20: what workers say --

    def log(self, *lines):
        head = ["time=2025-12-31T23:00:00Z level=info program=worker event=worker.started environment=t id=aa executors=2",
                f"time=2025-12-31T23:00:00Z level=debug program=worker event=clock.compared redis={START} asked=0 answered=0"]
        tail = ["time=2026-01-01T05:00:00Z level=info program=worker event=worker.ending signal=15"]
        return self.file("worker.log", [*head, *(f"time=2026-01-01T00:00:00Z level=debug program=worker event={x}" for x in lines), *tail])

    def two_claims(self):
        """One task, lost by aa.1 and run by aa.2; one millisecond is one of the workers' clocks, too."""
        story = Story().add().start()
        return story.later(20_000).back("lost", lost=1).later(10).start().later(100).finish()

    def test_i1_a_claim_that_only_its_worker_knows(self):
        story = self.two_claims()
        task = story.records[0]["task"]
        self.keeps(story, "--worker", self.log(f"attempt.claimed task={task} attempt=1 fence=aa.1"))
        self.breaks("I1", story, "--worker", self.log(f"attempt.claimed task={task} attempt=1 fence=aa.9"))

    def test_i1_more_run_than_there_are_permits(self):
        story = Story().add("e1").add("e2").start("e1").fire(entry="e2")
        self.keeps(story)
        self.assertIn("I1", self.found(story.grant("e2").claim("e2")))

    def test_i1_permits_that_people_gave(self):
        story = Story()
        story.records.append({"bucket": 0, "seq": 0.5, "at": str(START), "event": "category", "entry": "", "lane": f"{COMPANY}:A",
                              "permits": "2", "paused": "0", "order": "bounded", "from": "-/-", "to": "-/-", "company": COMPANY})
        story.records[0]["seq"] = story.seq = 1
        self.keeps(story.add("e1").add("e2").start("e1").start("e2"))
        self.assertIn("I1", self.found(story.add("e3").start("e3")))

    def test_i2_an_effect_behind_a_later_claim(self):
        story = self.two_claims()
        task = story.records[0]["task"]
        effect = lambda begin, fence: f'effect task={task} attempt=1 fence={fence} what="http sink" key="" from={begin} to={begin + 5} result=200'
        self.keeps(story, "--worker", self.log(effect(100, "aa.1"), effect(20_050, "aa.2")))
        self.breaks("I2", story, "--worker", self.log(effect(20_050, "aa.1")))
        self.breaks("I2", story, "--worker", self.log(effect(19_000, "aa.2")))

    def test_i12_a_write_under_a_fence_that_is_over(self):
        story = self.two_claims()
        write = lambda begin, fence, result: f"effect task={story.records[0]['task']} attempt=1 fence={fence} what=write key=\"\" from={begin} to={begin + 5} result={result}"
        self.keeps(story, "--worker", self.log(write(100, "aa.1", "ok"), write(20_005, "aa.1", "fenced")))
        self.breaks("I12", story, "--worker", self.log(write(20_005, "aa.1", "ok")))
        # Both clocks are cut to milliseconds, so that one may be ahead by nearly one more than it seems.
        self.keeps(story, "--worker", self.log(write(20_001, "aa.1", "ok")))
        self.breaks("I12", story, "--worker", self.log(write(20_002, "aa.1", "ok")))
        self.breaks("I12", story, "--worker", self.log(write(100, "bb.1", "ok")))

    def test_i17_a_ticket_without_an_answer(self):
        seen = [f"ticket.seen topic=t partition=0 offset={n} answer=ok" for n in (0, 1, 3)]
        self.keeps(Story(), "--worker", self.log(*seen), "--committed", self.file("offsets", [{"topic": "t", "partition": 0, "offset": 2}]))
        self.breaks("I17", Story(), "--worker", self.log(*seen), "--committed", self.file("offsets", [{"topic": "t", "partition": 0, "offset": 4}]))

    def test_i20_a_grant_stays_open_while_there_is_room(self):
        calm, storm = self.file("calm", []), self.file("storm", [{"from": START - 100, "to": START + 100, "what": "worker killed"}])
        quick, slow = (Story().later(HOUR).add().fire().grant().later(ms).claim() for ms in (1500, 2500))
        self.keeps(quick, "--worker", self.log(), "--faults", calm)
        self.breaks("I20", slow, "--worker", self.log(), "--faults", calm)
        self.keeps(Story().add().fire().grant().later(2500).claim(), "--worker", self.log(), "--faults", storm)

    # -- from here on the history alone --

    def test_i4_ok_twice(self):
        story = Story().add(schedule="every", every=HOUR).later(1).next(START + HOUR).later(HOUR).start().finish(to="0/due")
        self.keeps(story)
        story.records.append({**story.records[-1], "seq": story.seq + 1})
        self.assertIn("I4", self.found(self.again(story)))

    def again(self, story):
        """The same claim and finish once more, as if a replayed ticket had been taken (I16)."""
        claim = next(r for r in story.records if r["event"] == "claim")
        del story.records[-1]
        for record in ({**claim, "from": "0/due"}, story.records[-1]):
            story.seq += 1
            story.records.append({**record, "seq": story.seq, "at": str(story.at)})
        return story

    def test_i5_slots_that_nobody_had_to_skip(self):
        daily = lambda: Story().add(schedule="every", every=DAY, start=START).later(1).next(START + DAY)
        self.keeps(daily().later(3 * DAY).skip(START + DAY, START + 2 * DAY).start(slot=START + 3 * DAY))
        self.assertIn("I5", self.found(daily().later(3 * DAY).skip(START + 2 * DAY, START + 2 * DAY).start(slot=START + 3 * DAY)))
        all_ = Story().add(schedule="every", every=DAY, start=START, catch_up="all", backlog=5).later(1).next(START + DAY)
        self.assertIn("I5", self.found(all_.later(3 * DAY).skip(START + DAY, START + 2 * DAY).start(slot=START + 3 * DAY)))

    def test_i5_nothing_is_left_behind(self):
        self.keeps(Story().add().start().finish(), "--settled")
        self.breaks("I5", Story().add().start(), "--settled")
        self.breaks("I5", Story().add("e1").later(HOUR).add("e2").start("e2").finish(entry="e2"), "--settled")

    def test_i6_later_than_its_grace(self):
        story = lambda late: Story().add(schedule="every", every=DAY, start=START, catch_up="none", grace=60_000).later(1).next(
            START + DAY).later(DAY + late).start(slot=START + DAY)
        self.keeps(story(30_000))
        self.breaks("I6", story(90_000))

    def test_i6_before_it_is_due(self):
        story = Story().add(start=START + HOUR).start()
        self.assertIn("I6", self.found(story))

    def window(self, *at, zone="", **more):
        """A working day from 8 to 10, each half hour."""
        story = Story().add(schedule="every", every=HOUR // 2, start=START, days=31, to=10 * HOUR, zone=zone, **{"from": 8 * HOUR, **more})
        return story.later(1)

    def test_i7_the_window_holds(self):
        self.keeps(self.window().next(START + 8 * HOUR).later(8 * HOUR).start())
        late = self.window().next(START + 8 * HOUR).later(13 * HOUR).skip(START + 8 * HOUR, START + 9 * HOUR + HOUR // 2)
        self.assertIn("I7", self.found(late.start(slot=START + 10 * HOUR)))
        at_the_end = self.window().next(START + 8 * HOUR).later(8 * HOUR).fire().grant().later(2 * HOUR + 1)
        self.breaks("I7", at_the_end.claim())

    def test_i7_expiry(self):
        story = lambda wait: Story().add(expires=START + HOUR).later(wait).fire().grant().claim()
        self.keeps(story(HOUR - 1))
        self.assertIn("I7", self.found(Story().add(expires=START + HOUR).later(1).fire().grant().later(HOUR).claim()))
        self.breaks("I7", Story().add().tell("expire", "e1", "4/gone"))

    def test_i7_late_without_being_late(self):
        story = self.window().next(START + 8 * HOUR).later(8 * HOUR).fire()
        self.breaks("I7", story.tell("late", "e1", "0/due", due=story.at))

    def test_i8_the_next_slot(self):
        self.breaks("I8", self.window().next(START + 8 * HOUR + HOUR // 2))
        self.keeps(self.window(zone="Europe/Berlin").next(START + 7 * HOUR))
        self.breaks("I8", self.window(zone="Europe/Berlin").next(START + 8 * HOUR))

    def test_i8_where_the_clocks_change(self):
        # 2:30 in Berlin does not exist on 29 March: the first moment behind the gap, 1:00 UTC.
        before = START + 86 * DAY + 3 * HOUR
        story = lambda slot: Story().later(86 * DAY + 3 * HOUR).add(schedule="every", every=DAY, start=before, zone="Europe/Berlin", days=127,
                                                                    **{"from": 5 * HOUR // 2}).later(1).next(slot)
        self.keeps(story(START + 87 * DAY + HOUR))
        self.breaks("I8", story(START + 87 * DAY + HOUR + HOUR // 2))

    def test_i8_an_old_slot_runs_although_a_new_one_has_come(self):
        story = Story().add(schedule="every", every=DAY, start=START).later(1).next(START + DAY)
        story.tell("hold", "e1", "3/rest").later(5 * DAY).tell("ready", "e1", "0/due", due=START + 5 * DAY + 1, epoch=2)
        self.assertIn("I8", self.found(story.later(DAY).start(slot=START + DAY)))

    def test_i8_slots_before_an_edit_are_not_caught_up(self):
        def story(slot):
            told = Story().add(schedule="every", every=DAY, catch_up="all").later(1).next(START + DAY).later(DAY).start().later(7 * HOUR)
            told.edit(every=2 * HOUR, start=START, catch_up="all").records[-1]["matters"] = "1"
            return told.later(2 * HOUR).finish(to="0/due").later(1).fire(slot).grant()
        self.keeps(story(START + DAY + 8 * HOUR))
        self.breaks("I8", story(START + DAY + 2 * HOUR))

    def test_i9_business_central(self):
        drift = lambda slot: Story().add(schedule="every", every=DAY, start=START + 16 * HOUR, days=31, mode="bc", **{"from": 16 * HOUR}).later(
            1).next(START + 16 * HOUR).later(16 * HOUR).start().later(300_000).finish(to="0/due").later(5).next(slot)
        self.keeps(drift(START + DAY + 16 * HOUR + 300_002))
        self.breaks("I9", drift(START + DAY + 16 * HOUR))

    def test_i9_date_formulas(self):
        story = lambda slot: Story().add(schedule="formula", formula="1D+CM", start=0, **{"from": 11 * HOUR}).later(1).next(slot)
        self.keeps(story(START + 30 * DAY + 11 * HOUR))
        self.breaks("I8", story(START + 31 * DAY + 11 * HOUR))

    def test_i8_no_time_of_its_own(self):
        never = 4_102_444_800_000
        story = lambda: Story().add(schedule="manual", every=0)
        self.keeps(story().next(never))
        self.breaks("I8", story().next(START + DAY))
        woken = story().next(never).later(DAY).tell("wake", "e1", "0/due", slot=START + DAY + 1, due=START + DAY + 1,
                                                    task=f"e1.1.{START + DAY + 1}", attempt=1)
        self.keeps(woken.start().finish(to="0/due", slot=START + DAY + 1).next(never))

    def test_i10_budgets(self):
        lost = lambda n: Story().add().start().later(20_000).back("lost", lost=n)
        self.keeps(lost(1))
        self.breaks("I10", lost(2))
        self.breaks("I10", Story().add().start().back("park", retries=1))
        retry = lambda wait, most: Story().add(max_retry=most).start().back("retry", retries=1, due=START + wait)
        self.keeps(retry(8000, 1))
        self.breaks("I10", retry(7999, 1))
        self.breaks("I10", retry(9000, 0))
        patient = lambda wait, n: Story().add(backoff="bc", retry_ms=100).start().back("retry", retries=n, due=START + wait)
        self.keeps(patient(1000, 1)) # as Business Central waits: 10 ms beside the fixed pause
        self.breaks("I10", patient(109, 1))
        self.assertIn("I10", self.found(lost(1).fire(attempt=3).grant().claim()))

    def test_i11_the_audit_found_something(self):
        story = Story().add().tell("anomaly", "e1", "0/due", why="it stood nowhere")
        self.breaks("I11", story)
        self.keeps(story, "--anomalies")

    def test_i11_more_permits_than_there_are(self):
        self.assertIn("I11", self.found(Story().add("e1").add("e2").start("e1").fire(entry="e2").grant("e2")))

    def test_i13_a_deleted_entry_runs_again(self):
        story = Story().add(schedule="every", every=DAY).later(1).next(START + DAY).later(DAY).start().tell("delete", "e1", "1/running")
        self.assertTrue(self.found(story.back("park").start()) & {"I13"})

    def test_i14_is_told_by_its_id(self):
        story = Story().add().start()
        story.records[-1]["task"] = story.records[-1]["task"].replace(".1.", ".2.")
        self.assertIn("I14", self.found(story))

    def test_i15_a_lost_task_keeps_its_place(self):
        story = lambda ready: Story().add().start().later(20_000).back("lost", lost=1).later(10).fire(ready=ready).grant()
        self.keeps(story(START))
        self.breaks("I15", story(START + 20_000))

    def test_i15_strict_by_priority_and_age(self):
        def story(first, second):
            told = Story()
            told.add("e0", no=9).start("e0").later(5)
            told.add("e1", no=1).add("e2", no=2).fire(entry="e2").later(5).fire(entry="e1")
            told.seq += 1
            told.records.append({"bucket": 0, "seq": told.seq, "at": str(told.at), "event": "category", "entry": "", "lane": f"{COMPANY}:A",
                                 "permits": "1", "paused": "0", "order": "strict", "from": "-/-", "to": "-/-", "company": COMPANY})
            return told.later(5).finish(entry="e0").grant(first).claim(first).finish(entry=first).grant(second)
        self.keeps(story("e1", "e2"))
        self.breaks("I15", story("e2", "e1"))

    def test_i18_outcome_and_status_agree(self):
        self.keeps(Story().add().start().finish("fatal", to="2/rest"))
        self.breaks("I18", Story().add().start().finish("fatal"))
        self.breaks("I18", Story().add().start().finish("ok", to="2/rest"))
        every = lambda to: Story().add(schedule="every", every=HOUR).later(1).next(START + HOUR).later(HOUR).start().finish("idle", to=to)
        self.keeps(every("5/due"))
        self.breaks("I18", every("0/due"))

    def test_i18_a_gap_is_no_lie(self):
        story = Story().add("e1").start("e1")
        story.seq += 1
        story.records.append({"bucket": 0, "seq": story.seq, "event": "gap", "after": story.seq - 1, "before": story.seq + 1})
        self.keeps(story.add("e2").start("e2").later(5).finish(entry="e1").finish(entry="e2"))
        # Somebody behind the gap may hold the permit that another waits for.
        story = Story().add("e1").start("e1")
        story.seq += 1
        story.records.append({"bucket": 0, "seq": story.seq, "event": "gap", "after": story.seq - 1, "before": story.seq + 1})
        self.keeps(story.add("e2").fire(entry="e2").later(5).add("e3"))

    def test_i19_due_and_not_fired(self):
        calm, storm = self.file("calm", []), self.file("storm", [{"from": START, "to": START + 1, "what": "redis killed"}])
        late = lambda: Story().add().later(3000).fire().grant()
        self.keeps(Story().add().later(1500).fire().grant(), "--faults", calm)
        self.breaks("I19", late(), "--faults", calm)
        self.keeps(late(), "--faults", storm)

    def test_i20_somebody_waits_for_a_free_permit(self):
        story = Story().add("e1").fire(entry="e1")
        self.breaks("I20", story.later(1).add("e2"))

    def test_i21_asked_to_run_again(self):
        asked = lambda: Story().add(schedule="every", every=HOUR).later(1).next(START + HOUR).later(HOUR).start().later(10).tell(
            "rerun", "e1", "1/running").later(10)
        self.keeps(asked().finish(to="0/due", due=START + HOUR + 1022))
        self.keeps(asked().finish(to="0/due", due=START + HOUR + 5022, woken=50))
        self.breaks("I21", asked().finish(to="0/due", due=START + HOUR + 1022, woken=50))
        self.breaks("I21", asked().finish(to="0/due", due=START + 2 * HOUR))
        once = Story().add().start().tell("rerun", "e1", "1/running")
        self.breaks("I21", once.finish())

    def test_i21_a_wake_that_led_to_nothing(self):
        woken = lambda: Story().add(schedule="every", every=DAY).later(1).next(START + DAY).later(HOUR)
        soon = woken().tell("wake", "e1", "0/due", slot=START + DAY + 1, due=START + HOUR + 2, attempt=1, task=f"e1.1.{START + DAY + 1}")
        self.keeps(soon)
        self.assertIn("I21", self.found(soon.later(HOUR).add("e2").start("e2").finish(entry="e2"), "--settled"))
        late = woken().tell("wake", "e1", "0/due", slot=START + DAY + 1, due=START + 2 * HOUR, attempt=1, task=f"e1.1.{START + DAY + 1}")
        self.breaks("I21", late)

    def test_i21_more_events_than_the_quiet_time_was_for(self):
        ended, slot = START + HOUR + 12, START + HOUR + 1012
        story = lambda due: Story().add(schedule="every", every=HOUR).later(1).next(START + HOUR).later(HOUR).start().later(10).tell(
            "rerun", "e1", "1/running").finish(to="0/due", due=slot, woken=3).later(500).tell(
            "wake", "e1", "0/due", slot=slot, due=due, attempt=1, task=f"e1.1.{slot}", woken=40).later(5000)
        self.keeps(story(ended + 4000).start(slot=slot))
        self.breaks("I21", story(ended + 30_000))
        self.breaks("I21", story(ended + 3000))


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
                return Redis("127.0.0.1", self.port)
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

    def tell(self, bucket, seq, *records):
        """One script call's record of the stream; its id is the number of the last line."""
        known = ("event company category entry task attempt epoch fence slot due from to lane ready prio retries lost").split()
        lines = [[record[name] for name in known] + [word for name in record if name not in ["at", *known] for word in (name, record[name])]
                 for record in records]
        self.redis.ask("XADD", f"ct:{{t/{bucket:02x}}}:hist", f"{seq}-0", "v1", "\n".join([records[0]["at"], *map("\t".join, lines)]))

    def test_streams_of_every_bucket(self):
        record = {"at": "10", "event": "claim", "company": "c", "category": "A", "entry": "e",
                  "task": "e.1.5", "attempt": "1", "epoch": "1", "fence": "f.1", "slot": "5",
                  "due": "9", "from": "0/granted", "to": "1/running", "lane": "c:A", "ready": "5",
                  "prio": "2000", "retries": "0", "lost": "0"}
        self.redis.ask("HSET", "ct:t:incarnation", "buckets", "16")
        for bucket in (0, 15):
            for seq in range(1, 1201):  # more than one page
                told = {**record, "event": "covered", "from": "0/due", "to": "0/due"}
                self.tell(bucket, seq, told)
        good = self.run_checker("t")
        self.assertEqual((0, "2400 records, 0 violations\n"), (good.returncode, good.stdout), good.stderr)
        self.tell(15, 1203, {**record, "event": "covered", "from": "0/due", "to": "0/due", "why": "two in a call"}, {**record, "due": "11"})
        bad = self.run_checker("t")
        self.assertEqual(1, bad.returncode)
        self.assertIn("I6", bad.stdout)

    def test_nothing_there_is_no_success(self):
        self.assertEqual(2, self.run_checker("nobody").returncode)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
