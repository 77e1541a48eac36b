#!/usr/bin/env python3
"""payout_exchanges_test.py - a failure at every single HTTP exchange of payouts.sync and disputes.sync (tests/support/exchanges.py).

A life: two sales are booked, paid out and the payout reaches the bank; a dispute is opened, answered and won, and its money
comes with a second payout, of which a line comes out of order, on a day when what is of the last ones is read again. Afterwards, with nobody helping, each line, payout and dispute stands once, as Shopify has it.

    python3 tests/integration/payout_exchanges_test.py [--whole] [--match REGEX] [--lanes N]

Without --whole each exchange is played with one kind of failure, another one for each.
"""
import argparse
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import exchanges  # noqa: E402
import paid_shop  # noqa: E402
from stack import COMPANY, end_with  # noqa: E402

STAGES = 3  # rounds in which something moves at Shopify


class Payments:
    """Everything that Shopify Payments says of a store."""
    company, shop, name = COMPANY, "DEMO", "payments"
    operations = ("payouts.sync", "disputes.sync")

    def prepare(self, lane):
        lane.stack.start(data="none", shopify=("--index-lag", "0"))
        self.books, self.lives = paid_shop.Shop.of(lane.stack), 0
        worker = lane.new_worker()
        lane.subject = {"stage": STAGES}
        lane.round()
        worker.stop()

    def arguments(self, operation):
        return {}

    def others(self, operation):
        return {}

    def forget(self, lane):
        pass

    def place(self, lane):
        orders = [self.books.place("25.00")["name"] for _ in range(2)]
        self.books.pay("book")
        dispute = self.books.pay("dispute", order=orders[0])[0]["id"]
        self.lives += 1
        return {"stage": 0, "dispute": dispute}

    def between(self, lane, subject, operation):
        """What happens at Shopify before each round."""
        if operation != "payouts.sync" or subject["stage"] >= STAGES:
            return
        subject["stage"] += 1
        if subject["stage"] == 2:
            subject["payout"] = self.books.pay("payout")[0]["id"]
            self.books.pay("change-dispute", id=subject["dispute"], status="UNDER_REVIEW")
        if subject["stage"] == 3:
            self.books.pay("change-payout", id=subject["payout"], status="PAID")
            self.books.pay("change-dispute", id=subject["dispute"], status="WON")
            self.books.pay("line", type="SHIPPING_LABEL", amount="-3.50", id=1000 + self.lives)  # below the mark
            for mark, field in (("payouts", "again"), ("disputes", "asked")):
                self.books.redis("HSET", self.books.key(f"mark:{mark}:demo"), field, 1)
            self.books.pay("change-payout", id=self.books.pay("payout")[0]["id"], status="PAID")

    # ---- what is staged, beside what Shopify has ----

    def differing(self):
        books, found = self.books, []
        has = books.stack.sandbox("shopify", "GET", "payments")
        for line in has["lines"]:
            staged = books.record("balance", line["id"])
            if not staged or round(float(staged["net"]) * 100) != line["net"] or staged.get("payout", "") != (line["payout"] or ""):
                found.append(f"line {line['id']}: {line} is staged as {staged}")
        for payout in has["payouts"]:
            staged = books.record("payout", payout["id"])
            lines = sorted(line["id"] for line in has["lines"] if line["payout"] == payout["id"])
            if not staged or staged["status"] != payout["status"] or float(staged["net"]) != float(staged.get("lines_net", "nan")):
                found.append(f"payout {payout['id']}: {payout} is staged as {staged}")
            if books.members("payout-lines", payout["id"]) != lines:
                found.append(f"payout {payout['id']} has lines {lines}, staged are {books.members('payout-lines', payout['id'])}")
        for dispute in has["disputes"]:
            staged = books.record("dispute", dispute["id"])
            if not staged or staged["status"] != dispute["status"]:
                found.append(f"dispute {dispute['id']}: {dispute} is staged as {staged}")
        for index, kind in (("balances", "lines"), ("payouts", "payouts"), ("disputes", "disputes")):
            if sorted(books.zset(index)) != sorted(row["id"] for row in has[kind]):
                found.append(f"{index} lists {len(books.zset(index))}, Shopify has {len(has[kind])}")
        return found

    def missing(self, lane, subject):
        return "more is to happen" if subject["stage"] < STAGES else "; ".join(self.differing())

    def wrong(self, lane, subject):
        left = [index for index in ("balances-open", "payouts-open", "payouts-check", "disputes-open") if self.books.zset(index)]
        return self.differing() + [f"something is left in {index}" for index in left]

    def behind(self, lane, subject, exchange):
        return []

    def label(self, exchange):
        return "shopify oauth" if exchange.operation in exchanges.TOKENS else f"shopify {exchange.operation}"

    def nth(self, exchange):
        return exchange.nth


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--whole", action="store_true", help="every kind at every exchange, once and twice in a row")
    parser.add_argument("--match", default="", help="only cases whose name matches this")
    parser.add_argument("--lanes", type=int, default=2)
    flags = parser.parse_args()
    kinds = [kind for kind in exchanges.KINDS if kind != "late"]  # nothing is written
    numbers = {}

    def choose(case):
        name = f"{case.exchange.peer} {case.exchange.operation} {case.exchange.nth}, {case.kind}"
        number = numbers.setdefault(case.exchange, len(numbers))
        return bool(re.search(flags.match, name)) and (flags.whole or case.kind == kinds[number % len(kinds)] and not case.twice)

    return exchanges.play_all(Payments, flags.lanes, choose, kinds)


if __name__ == "__main__":
    end_with(main)
