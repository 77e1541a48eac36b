#!/usr/bin/env python3
"""notices_test.py - who is told of what, with real processes: a receiver of webhooks, a command, a fake sendmail.

Runs fail because their shop's store is not there, and go well again when it is. Receivers are down, producers are
killed between sending and saying so, two of them share the work.

    python3 tests/integration/notices_test.py
"""
import email
import email.header
import email.policy
import hashlib
import hmac
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from receiver import Receiver  # noqa: E402
from stack import COMPANY, Failed, Stack, end_with, expect, free_port  # noqa: E402

KEY = "the-key-of-the-hook"
SETTINGS = """
credentials:
  - {{name: shopify, kind: shopify-client-credentials, client_id: cartage-demo, client_secret: {{env: SHOPIFY_SECRET}}}}
companies:
  - name: Käse & Söhne
    id: {company}
    notify:
      collect_seconds: {collect}
      group_minutes: {group}
      targets:
        - {{name: hook, kind: webhook, address: "{hook}/hook", secret: {{env: HOOK_KEY}}}}
        - {{name: patient, kind: webhook, address: "{hook}/patient", on: failure, after: 3}}
        - {{name: many, kind: webhook, address: "{hook}/many", on: failure, after: 1000, window_failures: 5}}
        - {{name: asked, kind: webhook, address: "{hook}/asked", on: manual}}
        - {{name: away, kind: webhook, address: "{away}/away", on: manual}}
        - {{name: program, kind: command, address: [told, one, two words]}}
        - {{name: mail, kind: mailbox, address: ops@example.com}}
    shops:
      - {{code: DEMO, store: demo.myshopify.com, origin: "{origin}", credential: shopify, enabled: true}}
"""
TOLD = """#!/bin/sh
{{ printf '%s\\n' "$@"; env; echo ---; cat; echo; echo ===; }} >> {out}
"""
SENDMAIL = """#!/bin/sh
{{ printf '%s\\n' "$@"; echo ---; cat; echo ===; }} >> {out}
"""


class House:
    """One company with a shop whose store is there, or not."""

    def __init__(self, stack):
        self.stack, self.receiver = stack, Receiver()
        self.nowhere = f"http://127.0.0.1:{free_port()}"
        self.away_port = free_port()
        self.entries = 0

    def apply(self, well, collect=0, group=0):
        path = self.stack.dir / "notify.yaml"
        path.write_text(SETTINGS.format(company=COMPANY, hook=self.receiver.url, collect=collect, group=group,
                                        away=f"http://127.0.0.1:{self.away_port}",
                                        origin=self.stack.shopify if well else self.nowhere))
        return self.stack.cli("apply", "-f", path)

    def entry(self, **fields):
        self.entries += 1
        body = {"operation": "orders.sync", "shop": "DEMO", "name": f"n{self.entries}", "max_retry": 0,
                "category": f"C{self.entries}", **fields}
        return self.stack.api("POST", f"/v1/entries?company={COMPANY}", body)["id"]

    def failed(self, entry):
        path = f"/v1/companies/{COMPANY}/log?entry={entry}&kind=attempt"
        self.stack.wait(f"{entry} has failed", 30, lambda: self.stack.api("GET", path)["records"])

    def wait(self, target, count, seconds=20):
        self.stack.wait(f"{target} is told {count} times", seconds, lambda: len(self.receiver.of(target)) >= count)
        return self.receiver.of(target)

    def quiet(self):
        """Nothing is under way: no event, no notice, in any bucket."""
        redis, env = self.stack.redis, self.stack.env["CARTAGE_ENV"]
        return all(redis("XLEN", f"ct:{{{env}/{b:02x}}}:outbox") == 0 and redis("ZCARD", f"ct:{{{env}/{b:02x}}}:notices") == 0
                   for b in range(16))

    def settle(self, seconds=30):
        self.stack.wait("no notice is under way", seconds, self.quiet)

    def restart(self, entry):
        self.stack.api("POST", f"/v1/entries/{entry}/restart?company={COMPANY}")


def bucket_keys(stack, name):
    found = [stack.redis("KEYS", f"ct:*:{name}")]
    return [key.decode() for keys in found for key in keys]


def a_failure_is_told_in_three_ways(house):
    stack = house.stack
    house.apply(well=False)
    entry = house.entry(description="Größe <b>7</b>")
    told = house.wait("hook", 1)[0]
    house.settle()
    expect(told["event"] == "failure" and told["count"] == 1 and told["company"] == COMPANY, f"it said {told}")
    expect(told["company_name"] == "Käse & Söhne" and told["runs"][0]["entry"] == entry, f"it said {told}")
    expect("no connection" in told["error"] and told["runs"][0]["outcome"] == "failed", f"it said {told}")

    headers, body = house.receiver.headers("hook")[0]
    want = "sha256=" + hmac.new(KEY.encode(), headers["Cartage-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    expect(headers["Cartage-Signature"] == want, "the signature is not that of the body")
    expect(abs(int(headers["Cartage-Timestamp"]) - time.time()) < 60, "the time of the signature is not now")
    expect(headers["Cartage-Notice-Id"] == told["id"] == headers["Idempotency-Key"], "the id is not the message's")

    text = (stack.dir / "told").read_text()
    head, rest = text.split("---\n", 1)
    expect(head.startswith("one\ntwo words\n"), f"its arguments: {head}")
    names = sorted(line.split("=")[0] for line in head.splitlines()[2:] if "=" in line)
    expect(set(names) <= {"CARTAGE_NOTICE_EVENT", "CARTAGE_NOTICE_ID", "LANG", "PATH", "PWD", "SHLVL", "_", "OLDPWD"}, f"its environment has {names}")
    expect(json.loads(rest.split("===")[0])["runs"][0]["description"] == "Größe <b>7</b>", "its input is not the notice")

    mail = (stack.dir / "mails").read_text()
    expect(mail.startswith("-t\n-i\n---\n"), f"sendmail was called with {mail.split('---')[0]}")
    message = email.message_from_string(mail.split("---\n", 1)[1].split("===")[0], policy=email.policy.default)
    raw = mail.split("Subject: ")[1].split("\nMessage-ID")[0]
    expect(raw.isascii() and "=?UTF-8?B?" in raw, f"the subject is {raw}")
    expect(message["Subject"] == "Käse & Söhne: orders.sync failed (run 1)", f"the subject reads {message['Subject']}")
    expect(message["To"] == "ops@example.com", f"it goes to {message['To']}")
    expect("Größe <b>7</b>" in message.get_content() and "no connection" in message.get_content(), "the text lacks the failure")
    for where, said in (("hook", body.decode()), ("command", text), ("mail", mail + message.get_content())):
        expect(KEY not in said and "sandbox-secret" not in said, f"a secret reached the {where}")

    house.apply(well=True)
    house.restart(entry)
    told = house.wait("hook", 2)[1]
    expect(told["event"] == "recovery" and told["runs"][0]["entry"] == entry, f"after the cure it said {told}")
    house.settle()
    expect(not house.receiver.of("patient"), "one failure is not three")


def three_in_a_row_and_five_in_a_window(house):
    stack = house.stack
    house.receiver.clear()
    house.apply(well=False)
    entry = house.entry(every_ms=1000)
    third = house.wait("patient", 1)[0]["runs"][0]
    expect(third["failures"] == 3 and third["entry"] == entry, f"first told of failure {third['failures']}")
    fifth = house.wait("many", 1)[0]["runs"][0]
    stack.api("POST", f"/v1/entries/{entry}/hold?company={COMPANY}")
    stack.wait("its last run has ended", 30, lambda: stack.api("GET", f"/v1/entries/{entry}?company={COMPANY}")["sub"] == "rest")
    rows = stack.api("GET", f"/v1/companies/{COMPANY}/log?kind=attempt&limit=200")["records"]
    before = [row for row in rows if row["outcome"] != "ok" and row["at_ms"] <= fifth["at_ms"]]
    expect(len(before) == 5, f"first told of failure {len(before)} of the company")
    house.settle()


def many_of_one_cause_are_one_message(house):
    house.settle()
    house.receiver.clear()
    house.apply(well=False, collect=8)
    entries = [house.entry() for _ in range(12)]
    for entry in entries:
        house.failed(entry)
    house.settle()
    told = house.receiver.of("hook")
    expect(sum(n["count"] for n in told) == 12, f"{sum(n['count'] for n in told)} of 12 failures were told")
    expect(len(told) == 1, f"{len(told)} messages for one cause: {[n['error'] for n in told]}")
    expect(sorted(row["entry"] for row in told[0]["runs"]) == sorted(entries), "the list is not that of the entries")
    expect("12 runs of orders.sync failed" in told[0]["text"], f"its text: {told[0]['text']}")


def whoever_asked_is_told(house):
    house.settle()
    house.receiver.clear()
    house.apply(well=True)
    run = house.stack.cli("sync", "orders.sync", "--shop", "DEMO", "--notify", "asked")
    told = house.wait("asked", 1)[0]
    expect(told["event"] == "manual" and told["runs"][0]["no"] == run["no"] and told["runs"][0]["outcome"] == "ok", f"it said {told}")
    done = house.stack.cli("sync", "orders.sync", "--shop", "DEMO", "--notify", "hook", check=False, json_out=False)
    expect(done.returncode and "manual" in done.stderr, f"a target that is not told of such runs: {done.stderr}")
    done = house.stack.cli("sync", "orders.sync", "--shop", "DEMO", "--notify", "nobody", check=False, json_out=False)
    expect(done.returncode and "no target nobody" in done.stderr, f"an unknown target: {done.stderr}")
    house.settle()


def a_receiver_that_was_down_hears_it_later(house):
    house.stack.cli("sync", "orders.sync", "--shop", "DEMO", "--notify", "away")
    log = house.stack.dir / "producer-0.log"
    house.stack.wait("it was tried twice", 30, lambda: log.read_text().count("event=notice.failed") >= 2)
    receiver = Receiver(house.away_port)
    try:
        house.stack.wait("it is told at last", 30, lambda: receiver.of("away"))
        house.settle()
        expect(len(receiver.of("away")) == 1, "it was told more than once")
    finally:
        receiver.close()


def a_producer_killed_between_sending_and_saying_so(house):
    stack = house.stack
    house.settle()
    house.receiver.clear()
    for proc in stack.procs:
        if proc.name.startswith("producer-"):
            proc.stop()
    dies = stack.producer(0, fault_at="notice.sent:1")
    stack.cli("sync", "orders.sync", "--shop", "DEMO", "--notify", "asked")
    stack.wait("it died after sending", 30, lambda: dies.killed())
    expect(len(house.receiver.of("asked")) == 1, "it died before it sent")
    keys = bucket_keys(stack, "notices")
    expect(len(keys) == 1, "the notice is gone with the producer")
    score = float(stack.redis("ZRANGE", keys[0], 0, 0, "WITHSCORES")[1])
    expect(score > time.time() * 1000 + 10000, "no lease holds it")
    stack.producer(0)
    stack.producer(1)
    stack.redis("ZADD", keys[0], 1, stack.redis("ZRANGE", keys[0], 0, 0)[0])  # the lease is over
    told = house.wait("asked", 2)
    expect(told[0]["id"] == told[1]["id"], "the second message has another id")
    house.settle()
    expect(len(house.receiver.of("asked")) == 2, "it was sent a third time")


def two_producers_send_nothing_twice(house):
    house.receiver.clear()
    count = 40
    for _ in range(count):
        house.entry(notify="asked")
    house.wait("asked", count, 60)
    house.settle()
    told = house.receiver.of("asked")
    expect(len(told) == count == len({n["id"] for n in told}), f"{len(told)} messages, {len({n['id'] for n in told})} ids")
    sent = [(house.stack.dir / f"producer-{n}.log").read_text().count("event=notice.delivered") for n in (0, 1)]
    expect(all(sent), f"one of them did all the work: {sent}")


def the_log_tells_it_all(house):
    stack = house.stack
    rows = stack.cli("log", "--kind", "notice", "--limit", "200")["records"]
    outcomes = {row["outcome"] for row in rows}
    expect(outcomes == {"delivered"} and {"hook", "mail", "program", "asked"} <= {row["target"] for row in rows}, f"notices: {rows}")
    failed = [row for row in stack.cli("log", "--traces", "--limit", "500")["records"] if row.get("error")]
    expect(failed and all("no connection" in row["trace"] for row in failed), "a failed attempt has no trace")
    expect(all(row["worker"] and row["delay_ms"] >= 0 for row in failed), "an attempt lacks its worker or delay")
    text = stack.cli("log", "--limit", "5", json_out=False).stdout
    bad = stack.cli("log", "--kind", "gossip", check=False, json_out=False)
    expect(bad.returncode == 2 and "anomaly" in bad.stderr, f"a kind that is none: {bad.returncode} {bad.stderr}")
    expect(text.startswith("TIME") and len(text.splitlines()) == 6, f"people read {text}")
    again = house.apply(well=True)
    expect(again["changed"] == 0, f"the same file again: {again}")
    company = stack.api("GET", f"/v1/companies/{COMPANY}")
    expect(company["notify"]["targets"][0]["secret"] == {"env": "HOOK_KEY"}, "the section does not stand as given")


TESTS = [a_failure_is_told_in_three_ways, three_in_a_row_and_five_in_a_window, many_of_one_cause_are_one_message,
         whoever_asked_is_told, a_receiver_that_was_down_hears_it_later, a_producer_killed_between_sending_and_saying_so,
         two_producers_send_nothing_twice, the_log_tells_it_all]


def program(path, text, out):
    path.write_text(text.format(out=out))
    path.chmod(0o755)


def main():
    failed = 0
    with Stack() as stack:
        commands = stack.dir / "commands"
        commands.mkdir()
        program(commands / "told", TOLD, stack.dir / "told")
        program(stack.dir / "sendmail", SENDMAIL, stack.dir / "mails")
        stack.env.update(HOOK_KEY=KEY, CARTAGE_NOTIFY_COMMANDS=str(commands), CARTAGE_SENDMAIL=str(stack.dir / "sendmail"))
        stack.start()
        stack.worker(executors=16)  # twelve fail side by side
        house = House(stack)
        for test in TESTS:
            began = time.monotonic()
            try:
                test(house)
                print(f"ok {test.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
            except (Failed, OSError) as problem:
                failed += 1
                print(f"FAILED {test.__name__}: {problem}", flush=True)
        stack.keep = failed > 0
    print(f"{len(TESTS) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    end_with(main)
