#!/usr/bin/env python3
"""payouts_test.py - payouts.sync and disputes.sync against a simulated Shopify: what is staged, what a second run asks, what
changes late, and a store without Shopify Payments.

    python3 tests/integration/payouts_test.py [NAME...]    only those whose names begin so
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import paid_shop  # noqa: E402
from stack import Stack, end_with, expect, run_tests  # noqa: E402


def is_even(record):
    return float(record["net"]) == float(record["lines_net"])  # each has as many decimals as it needs


def one_payout_of_one_order(shop):
    order = shop.place("100.00")
    payout = shop.pay("payout")[0]
    shop.run("orders.sync")
    counts = shop.run("payouts.sync")
    expect(counts["created"] == 3, f"a payout, a sale and the transfer: {counts}")
    staged = shop.record("payout", payout["id"])
    expect((staged["net"], staged["lines_net"], staged["lines"]) == ("96.8", "96.8", "1"), f"100.00 less 3.20: {staged}")
    lines = [shop.record("balance", line) for line in shop.members("payout-lines", payout["id"])]
    sale = next(line for line in lines if line["type"] == "CHARGE")
    expect((sale["order_name"], sale["amount"], sale["fee"], sale["net"]) == (order["name"], "100.0", "3.2", "96.8"), f"{sale}")
    expect(shop.members("order-lines", sale["order"]), "the line is found by its order")


def a_second_run_asks_once_and_writes_nothing(shop):
    shop.pay("change-payout", id=shop.last("payouts"), status="PAID")
    shop.run("payouts.sync")
    before = shop.everything()
    counts = shop.run("payouts.sync")
    asked = shop.asked()
    expect(asked == {"PayoutsPage": 1}, f"one page: {asked}")
    expect(counts["created"] == counts["updated"] == 0 and shop.everything() == before, f"nothing is written: {counts}")


def a_line_gets_its_payout_later(shop):
    shop.place("40.00")
    shop.pay("book")
    shop.run("payouts.sync")
    waiting = shop.zset("balances-open")
    expect(len(waiting) == 1, f"no payout has it: {waiting}")
    payout = shop.pay("payout")[0]
    shop.run("payouts.sync")
    expect(not shop.zset("balances-open"), "a payout has it now")
    expect(shop.record("balance", waiting[0])["payout"] == payout["id"], "and which one")
    expect(shop.record("payout", payout["id"])["lines"] == "1", "the payout knows its line")


def a_payout_that_failed_is_paid_with_the_next(shop):
    first = shop.last("payouts")
    shop.pay("change-payout", id=first, status="FAILED")
    shop.place("10.00")
    second = shop.pay("payout")[0]
    shop.run("payouts.sync")
    expect(shop.record("payout", first)["status"] == "FAILED", "its status is read again")
    record = shop.record("payout", second["id"])
    failed = shop.record("payout", first)
    expect(record["retried"] == failed["net"] and is_even(record), f"the next has its money: {record}")


def ids_out_of_order_are_found_by_the_sum(shop):
    """Two lines of a payout come to be known late: one below the mark, both with ids that say nothing of the time."""
    shop.pay("line", type="SHIPPING_LABEL", amount="-3.50", id=17)
    shop.pay("line", type="SOMETHING_NEW", newer=True, amount="1.25", fee="0.05")
    payout = shop.pay("payout")[0]
    shop.run("payouts.sync")
    record = shop.record("payout", payout["id"])
    expect(is_even(record), f"the line with the low id is there too: {record}")
    expect(shop.record("balance", "17")["type"] == "SHIPPING_LABEL", "under its own id")
    unknown = [shop.record("balance", line)["type"] for line in shop.zset("balances-unknown")]
    expect(unknown == ["SOMETHING_NEW"], f"a type nobody knows is kept under its name: {unknown}")


def what_changes_late_is_read_again_once_a_day(shop):
    line = next(each for each in shop.zset("balances") if shop.record("balance", each)["type"] == "CHARGE")
    shop.pay("correct-line", id=line, fee="9.99")
    shop.run("payouts.sync")
    expect(shop.record("balance", line)["fee"] != "9.99", "nobody asks for all lines at every run")
    shop.redis("HSET", shop.key("mark:payouts:demo"), "again", 1)
    shop.run("payouts.sync")
    expect(shop.record("balance", line)["fee"] == "9.99", "a day later it is known")


def several_currencies_have_payouts_of_their_own(shop):
    shop.pay("line", type="ADJUSTMENT", amount="7.00", currency="EUR")
    shop.place("20.00")
    made = {payout["currency"]: payout["id"] for payout in shop.pay("payout")}
    expect(sorted(made) == ["EUR", "GBP"], f"one each: {made}")
    shop.run("payouts.sync")
    records = {currency: shop.record("payout", payout) for currency, payout in made.items()}
    expect(records["EUR"]["net"] == "7.0" and records["EUR"]["currency"] == "EUR", f"{records}")
    expect(all(is_even(record) for record in records.values()), f"each is its own lines: {records}")


def every_documented_type_is_known_and_added_up(shop):
    """All that Shopify documents, by turns in three currencies, with ids that come as they like: 113 types of 2026-10."""
    text = (pathlib.Path(__file__).resolve().parents[2] / "common/model/payments.c").read_text()
    types = [name for name in re.findall(r'\{"([A-Z_]+)",\s+LINE_', text) if name != "TRANSFER"]  # which the payout makes itself
    expect(len(types) == 112, f"the schema has 113 (tests/sandbox/shopify/payouts.test.mjs): {len(types)}")
    unknown, known = shop.zset("balances-unknown"), shop.known_lines()
    for n, name in enumerate(types):
        shop.pay("line", type=name, amount=f"{n - 50}.07", fee="0.02", currency=("GBP", "EUR", "USD")[n % 3], id=70_000 + n * 7919 % 10_007)
    made = {payout["currency"]: payout["id"] for payout in shop.pay("payout")}
    expect(sorted(made) == ["EUR", "GBP", "USD"], f"{made}")
    counts = shop.run("payouts.sync")
    lines = shop.known_lines() - known
    expect(len(lines) == 112 + 3 and counts["created"] == 112 + 3 + 3, f"lines, transfers, payouts: {len(lines)}, {counts}")
    staged = [shop.record("balance", line) for line in lines]
    expect(sorted(line["type"] for line in staged) == sorted(types + 3 * ["TRANSFER"]), "each under its type")
    expect(shop.zset("balances-unknown") == unknown, "none of them is unknown")
    for currency, payout in made.items():
        record = shop.record("payout", payout)
        expect(record["currency"] == currency and is_even(record), f"{record}")


def defect_3_open_disputes_are_followed_to_their_end(shop):
    """The original reads open ones through a wrapper that the answer does not have, and takes the day that evidence is due
    for the day that it was sent."""
    orders = [shop.place("30.00")["name"] for _ in range(5)]
    ids = [shop.pay("dispute", order=order, type="INQUIRY" if n == 0 else "CHARGEBACK")[0]["id"] for n, order in enumerate(orders)]
    shop.run("disputes.sync")
    for dispute in ids:
        record = shop.record("dispute", dispute)
        expect(record["status"] == "NEEDS_RESPONSE" and record["due"] and not record.get("sent"), f"open: {record}")
    shop.pay("change-dispute", id=ids[0], type="CHARGEBACK")
    shop.pay("change-dispute", id=ids[1], status="UNDER_REVIEW")
    shop.run("disputes.sync")
    expect(shop.record("dispute", ids[0])["type"] == "CHARGEBACK", "an inquiry becomes a chargeback under its id")
    reviewed = shop.record("dispute", ids[1])
    expect(reviewed["status"] == "UNDER_REVIEW" and reviewed["sent"] and reviewed["sent"] != reviewed["due"],
           f"evidence was sent when it was sent: {reviewed}")
    ends = dict(zip(ids, ("WON", "LOST", "ACCEPTED", "PREVENTED", "CHARGE_REFUNDED")))
    for dispute, status in ends.items():
        shop.pay("change-dispute", id=dispute, status=status)
    shop.run("disputes.sync")
    for dispute, status in ends.items():
        record = shop.record("dispute", dispute)
        expect(record["status"] == status and record["finalized"], f"{status}: {record}")
    expect(not shop.zset("disputes-open"), "nothing is open")
    shop.run("disputes.sync")
    expect(shop.asked() == {"DisputesList": 1}, f"what is over is not asked for again: {shop.asked()}")


def the_money_of_disputes_is_in_the_payouts(shop):
    payout = shop.pay("payout")[0]
    shop.run("payouts.sync")
    record = shop.record("payout", payout["id"])
    expect(is_even(record) and float(record["adjustments"]) < 0, f"taken, and given back where won: {record}")


def a_run_that_dies_is_done_again(shop):
    """At each exchange in turn; nothing is lost or doubled."""
    for point in ("http.before:shopify PayoutsPage:1", "http.after:shopify PayoutsPage:1", "http.after:shopify PayoutsByIds:1",
                  "http.before:shopify BalanceByIds:1"):
        shop.place("15.00")
        shop.pay("book")
        shop.run("payouts.sync")
        payout = shop.pay("payout")[0]
        shop.worker.stop()
        doomed = shop.stack.worker(fault_at=point)
        no = shop.start("payouts.sync")
        shop.stack.wait(f"the worker dies at {point}", 30, doomed.killed)
        shop.worker = shop.stack.worker()
        shop.ended("payouts.sync", no)
        record = shop.record("payout", payout["id"])
        expect(is_even(record), f"{point}: {record}")
        expect(len(shop.members("payout-lines", payout["id"])) == 2, f"{point}: the sale and the transfer, once each")
    expect(set(shop.zset("balances")) == shop.known_lines(), "all of Shopify's lines, and no other")


def no_shopify_payments_is_a_quiet_end(shop):
    with Stack() as stack:
        other = paid_shop.Shop(stack, payments=False)
        for operation in ("payouts.sync", "disputes.sync"):
            counts = other.run(operation)
            expect(not counts.get("read") and not counts.get("failed"), f"{operation}: {counts}")


TESTS = (one_payout_of_one_order, a_second_run_asks_once_and_writes_nothing, a_line_gets_its_payout_later,
         a_payout_that_failed_is_paid_with_the_next, ids_out_of_order_are_found_by_the_sum,
         what_changes_late_is_read_again_once_a_day, several_currencies_have_payouts_of_their_own, every_documented_type_is_known_and_added_up,
         defect_3_open_disputes_are_followed_to_their_end, the_money_of_disputes_is_in_the_payouts,
         a_run_that_dies_is_done_again, no_shopify_payments_is_a_quiet_end)


def main():
    named = [test for test in TESTS if not sys.argv[1:] or test.__name__.startswith(tuple(sys.argv[1:]))]
    with Stack() as stack:
        return run_tests(named, paid_shop.Shop(stack))


if __name__ == "__main__":
    end_with(main)
