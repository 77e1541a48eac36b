#!/usr/bin/env python3
"""payments_quarter_test.py - 90 days of a shop whose money moves: 3,000 orders, refunds, disputes won and lost, fees and corrections,
two payouts a week of which one fails and is repeated. Each payout balances to the cent from its lines, each line finds its
order, and a second run reads one page and writes nothing.

    python3 tests/integration/payments_quarter_test.py [--days N] [--orders N] [--seed N]
"""
import argparse
import datetime
import pathlib
import random
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import paid_shop  # noqa: E402
from stack import Stack, end_with, expect  # noqa: E402

STAGED = ("payout", "balance", "dispute", "order-lines", "order-disputes", "mark:payouts", "mark:disputes")


def cents(text):
    return round(float(text) * 100)


class Quarter:
    def __init__(self, books, flags):
        self.books, self.chance = books, random.Random(flags.seed)
        self.days, self.orders = flags.days, flags.orders
        self.sold, self.disputes, self.failed, self.counts = [], {}, None, {"refunds": 0, "won": 0, "lost": 0}

    def live(self):
        start = datetime.datetime.fromisoformat(self.books.stack.sandbox("shopify", "GET", "time")["business"].replace("Z", "+00:00"))
        for day in range(self.days):
            now = start + datetime.timedelta(days=day + 1)
            self.books.stack.sandbox("shopify", "POST", "time", {"business": now.strftime("%Y-%m-%dT%H:%M:%SZ")})
            self.day_of_sales(self.orders * (day + 1) // self.days - self.orders * day // self.days)
            self.banks()
            if day % 3 == 2:
                self.pay_out(day)
            self.books.run("payouts.sync")
            if day % 5 == 4:
                self.books.run("disputes.sync")
            if day % 15 == 14:
                self.books.run("orders.sync")
                self.books.redis("HSET", self.books.key("mark:payouts:demo"), "again", 1)  # the daily reading again is due
        for dispute in self.disputes:
            self.end(dispute)
        self.books.pay("payout")
        for payout in self.has()["payouts"]:
            if payout["status"] == "SCHEDULED":
                self.books.pay("change-payout", id=payout["id"], status="PAID")
        for operation in ("orders.sync", "payouts.sync", "disputes.sync"):
            self.books.run(operation)

    def has(self):
        return self.books.stack.sandbox("shopify", "GET", "payments")

    def day_of_sales(self, count):
        for _ in range(count):
            self.sold.append(self.books.place(f"{self.chance.randrange(500, 20000) / 100:.2f}")["name"])
        for name in self.chance.sample(self.sold[-60:], min(2, len(self.sold))):
            self.counts["refunds"] += 1
            self.books.stack.sandbox("shopify", "POST", f"orders/{urllib.parse.quote(name)}/refund", {"amount": f"{self.chance.randrange(50, 200) / 100:.2f}"})
        self.books.pay("book", backwards=self.chance.random() < 0.3)  # ids that do not follow the time
        if self.chance.random() < 0.2:
            self.books.pay("line", type=self.chance.choice(("SHIPPING_LABEL", "REFERRAL_FEE", "ADJUSTMENT")), amount="-2.35")
        if self.chance.random() < 0.1:
            self.books.pay("line", type="ADJUSTMENT", amount="0.75", id=1000 + len(self.sold))  # far below all others

    def banks(self):
        if self.chance.random() < 0.3:
            made = self.books.pay("dispute", order=self.chance.choice(self.sold[-200:]), type=self.chance.choice(("INQUIRY", "CHARGEBACK")))
            self.disputes[made[0]["id"]] = "open"
        for dispute in [each for each, state in self.disputes.items() if state == "open" and self.chance.random() < 0.2]:
            self.end(dispute)

    def end(self, dispute):
        if self.disputes[dispute] == "open":
            self.disputes[dispute] = self.chance.choice(("won", "lost"))
            self.counts[self.disputes[dispute]] += 1
            self.books.pay("change-dispute", id=dispute, status=self.disputes[dispute].upper())

    def pay_out(self, day):
        for payout in self.has()["payouts"]:
            if payout["status"] == "SCHEDULED":
                fails = self.failed is None and day > self.days // 2
                self.failed = payout["id"] if fails else self.failed
                self.books.pay("change-payout", id=payout["id"], status="FAILED" if fails else "PAID")
        self.books.pay("payout")

    # ---- what is to hold ----

    def check(self):
        has, books = self.has(), self.books
        expect(len(self.sold) == self.orders and self.failed, f"{len(self.sold)} orders, {self.failed} failed")
        expect(all(self.counts.values()), f"all of it happened: {self.counts}")
        expect(set(books.zset("balances")) == {line["id"] for line in has["lines"]}, "all lines, and no other")
        for payout in has["payouts"]:
            staged = books.record("payout", payout["id"])
            lines = [books.record("balance", line) for line in books.members("payout-lines", payout["id"])]
            net = sum(cents(line["net"]) for line in lines if line["type"] != "TRANSFER")
            expect(net == payout["net"] == cents(staged["net"]) == cents(staged["lines_net"]), f"payout {payout}: {net}, {staged}")
            for line in lines:
                expect(not line.get("order") or books.record("order", line["order"]).get("name") == line["order_name"],
                       f"its order is staged: {line}")
        for line in has["lines"]:
            expect(books.record("balance", line["id"]).get("order_name", "") == (line["order"] or ""), f"line {line}")
        retried = [payout for payout in has["payouts"] if float(books.record("payout", payout["id"])["retried"])]
        expect(len(retried) == 1, f"the money of the one that failed came once more: {retried}")
        for dispute in has["disputes"]:
            expect(books.record("dispute", dispute["id"])["status"] == dispute["status"], f"{dispute}")

    def idle(self):
        before = self.staged()
        counts = self.books.run("payouts.sync")
        expect(self.books.asked() == {"PayoutsPage": 1}, f"one page: {self.books.asked()}")
        expect(counts["created"] == counts["updated"] == 0 and self.staged() == before, f"nothing is written: {counts}")

    def staged(self):
        return self.books.everything(STAGED)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--orders", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    flags = parser.parse_args()
    with Stack() as stack:
        quarter = Quarter(paid_shop.Shop(stack), flags)
        quarter.live()
        quarter.check()
        print(f"ok   {flags.orders} orders of {flags.days} days: {quarter.counts}, {len(quarter.has()['payouts'])} payouts", flush=True)
        quarter.idle()
        print("ok   a second run", flush=True)
    return 2, 0


if __name__ == "__main__":
    end_with(main)
