#!/usr/bin/env python3
"""balance_test.py - the daily balance: a day whose books agree, and a day with one difference of each kind planted, which are
named, and nothing else is.

    python3 tests/integration/balance_test.py
"""
import csv
import io
import pathlib
import sys
import time
from datetime import datetime
from zoneinfo import ZoneInfo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import paid_shop  # noqa: E402
from kill_points_test import usable  # noqa: E402
from stack import Stack, end_with, expect, run_tests  # noqa: E402

READ = ("orders.sync", "orders.process")
POST = ("sales-orders.post", "sales-invoices.post")


class Books(paid_shop.Shop):
    def __init__(self, stack):
        super().__init__(stack)
        self.world, self.placed = usable(stack), 0
        self.day = datetime.now(ZoneInfo("Europe/London")).strftime("%Y-%m-%d")  # days begin where the company is

    def sell(self, **form):
        pick = self.placed
        self.placed += 1
        variant = self.world["variants"][pick % len(self.world["variants"])]
        customer = self.world["customers"][pick % len(self.world["customers"])]
        return self.stack.sandbox("shopify", "POST", "orders", {
            "customer": customer, "lines": [{"variant": variant["id"], "quantity": 2, "price": variant["price"]}], **form})

    def give_back(self, order, **form):
        self.stack.sandbox("shopify", "POST", f"orders/%23{order['name'][1:]}/refund",
                           form or {"lines": [{"line": 0, "quantity": 1, "restock": "RETURN"}]})

    def story(self, order):
        return self.stack.cli("order", "show", order["name"])

    def carry(self, *operations):
        for operation in operations:
            self.run(operation, **({"post_when": "created"} if operation.endswith(".post") else {}))

    def a_day_later(self):
        """Business Central is asked what people have done there."""
        self.redis("HSET", self.key("mark:posted"), "at", int(time.time() * 1000) - 86_400_000)
        self.carry("orders.process")

    def balance(self):
        return self.stack.cli("balance", "--shop", "DEMO", "--day", self.day)


def names(balance):
    return sorted((row["kind"], row["record"]) for row in balance["differences"])


def a_day_whose_books_agree(books):
    orders = [books.sell() for _ in range(4)]
    books.carry(*READ)
    books.give_back(orders[0])
    books.carry(*READ, *POST)
    books.pay("payout")
    books.run("payouts.sync")
    balance = books.balance()
    expect(names(balance) == [], f"nothing differs: {balance['differences']}")
    sales, = balance["sales"]
    expect((sales["orders"], sales["invoices"], sales["refunds"], sales["memos"]) == (4, 4, 1, 1), f"{sales}")
    expect((sales["sold"], sales["given_back"]) == (sales["invoiced"], sales["credited"]), f"sold is invoiced: {sales}")
    payout, = balance["payouts"]
    parts = sum(float(payout[part]) for part in ("orders", "refunds", "fees", "disputes", "reserves", "retried", "advances", "adjustments"))
    expect(abs(parts - float(payout["net"])) < 0.001, f"the parts are the payout: {payout}")


def gift_cards_are_in_the_books(books):
    """One paid a part of an order, one a whole order and got a part back, one was sold: an order is worth the same whoever pays."""
    card = {"id": "990017", "last": "a1b2"}
    in_parts = books.sell(payments=[{"kind": "SALE", "amount": "1.00", "giftCard": card}])
    books.stack.sandbox("shopify", "POST", f"orders/%23{in_parts['name'][1:]}/pay", {"gateway": "shopify_payments"})
    whole = books.sell(lines=[{"title": "Custom work", "quantity": 2, "price": "20.00"}],
                       payments=[{"kind": "SALE", "amount": "40.00", "giftCard": card}])
    sold = books.place("25.00", lines=[{"title": "Gift card", "quantity": 1, "price": "25.00", "giftCard": True}])
    books.carry(*READ)
    for order in (in_parts, whole):
        books.give_back(order)
    books.carry(*READ, *POST)
    books.pay("payout")
    books.run("payouts.sync")
    expect(names(books.balance()) == [], f"nothing differs: {books.balance()['differences']}")
    payout = books.last("payouts")
    stories = {name: books.story(order) for name, order in (("parts", in_parts), ("whole", whole), ("sold", sold))}
    invoices = {name: story["document"]["posted_number"] for name, story in stories.items()}

    def told(name, *fields):
        return [tuple(row.get(field, "") for field in fields) for row in stories[name]["transactions"]]
    rest = f"{in_parts['total'] / 100 - 1:.2f}"
    found = told("parts", "kind", "amount", "gift_card", "payout", "invoice")
    expect(found[:2] == [("SALE", "1.00", card["id"], "", invoices["parts"]), ("SALE", rest, "", payout, invoices["parts"])], f"{found}")
    expect([bool(fee) for fee, in told("parts", "fee")] == [False, True, False], f"only Shopify Payments keeps a fee: {stories['parts']}")
    found = told("whole", "kind", "amount", "gift_card", "payout", "invoice")
    expect(found == [("SALE", "40.00", card["id"], "", invoices["whole"]), ("REFUND", "20.00", card["id"], "", "")], f"{found}")
    for name, at in (("parts", 2), ("whole", 1)):
        row, refund = stories[name]["transactions"][at], stories[name]["refunds"][0]
        expect(row["refund"] == refund["id"] and row["memo"], f"what is given back names its refund and credit memo: {row}")
    expect(told("sold", "kind", "payout", "invoice") == [("SALE", payout, invoices["sold"])], f"{stories['sold']}")
    documents = books.stack.sandbox("bc", "GET", "documents?external=%23" + sold["name"][1:])["documents"]
    booked = [(line["lineObjectNumber"], line["unitPrice"]) for line in documents[0]["lines"]]
    expect(booked == [("5420", 25)], f"on its account: {booked}")
    text = books.stack.cli("order", "show", whole["name"], json_out=False).stdout
    expect(f"SALE 40.00 GBP by Gift card, gift card {card['id']}, invoice {invoices['whole']}" in text, text)


def one_planted_difference_of_each_kind_is_named(books):
    before = books.balance()
    expect(names(before) == [], "the day was even")
    missing, wrong, refunded, never = [books.sell(tags=["wholesale"] if n == 3 else []) for n in range(4)]
    books.pay("book")
    lines = books.stack.sandbox("shopify", "GET", "payments")["lines"]
    line = next(each for each in lines if each["order"] == wrong["name"])
    books.pay("correct-line", id=line["id"], fee="77.77")
    books.run("orders.sync", tags="<>*[wholesale]*")
    books.run("orders.process", order_no="|".join((wrong["name"], refunded["name"])))
    books.carry(*POST)
    books.give_back(refunded)
    books.run("orders.sync", tags="<>*[wholesale]*")
    books.pay("payout")
    books.run("payouts.sync")
    balance = books.balance()
    found = names(balance)
    memo = next((record for kind, record in found if kind == "no-memo"), "")
    expect(memo.startswith(f"{refunded['name']}-R"), f"the refund is named: {found}")
    wanted = sorted([("no-invoice", missing["name"]), ("wrong-fee", wrong["name"]), ("no-memo", memo), ("not-imported", never["name"])])
    expect(found == wanted, f"exactly these: {found}")
    rows = {row["kind"]: row for row in balance["differences"]}
    expect(round(float(rows["no-invoice"]["amount"]) * 100) == missing["total"], f"with its amount: {rows['no-invoice']}, {missing}")
    orders = {kind: row["order"] for kind, row in rows.items()}
    expect(orders == {"no-invoice": books.story(missing)["id"], "wrong-fee": books.story(wrong)["id"],
                      "no-memo": books.story(refunded)["id"], "not-imported": ""}, f"orders that the page leads to: {orders}")
    expect(rows["wrong-fee"]["payout"] and float(rows["wrong-fee"]["amount"]) < 0, f"{rows['wrong-fee']}")
    sales, = balance["sales"]
    shop = float(sales["sold"]) - float(sales["given_back"])
    erp = float(sales["invoiced"]) - float(sales["credited"])
    opened = sum(float(row["amount"]) for row in sales["open"])
    expect(abs(shop - erp - opened) < 0.001, f"what is open is the whole difference: {sales}")


def an_uneven_payout_and_an_unknown_type_are_named(books):
    books.pay("line", type="SOMETHING_NEW", newer=True, amount="1.00")
    payout = books.pay("payout")[0]
    line = next(each for each in books.stack.sandbox("shopify", "GET", "payments")["lines"] if each["payout"] == payout["id"])
    known = set(names(books.balance()))
    books.pay("correct-line", id=line["id"], amount="3.00")
    books.run("payouts.sync")
    new = set(names(books.balance())) - known
    expect(new == {("unknown-type", line["id"]), ("uneven-payout", payout["id"])}, f"{new}")


def people_read_it_as_text_and_as_csv(books):
    text = books.stack.cli("balance", "--shop", "DEMO", "--day", books.day, json_out=False).stdout
    expect("no-invoice" in text and "PAYOUT" in text and "open: " in text, text)
    table = books.stack.cli("balance", "--shop", "DEMO", "--from", books.day, "--to", books.day, "--csv", json_out=False).stdout
    rows = list(csv.DictReader(io.StringIO(table)))
    whats = {row["what"] for row in rows}
    expect(whats == {"payout", "line", "difference"}, f"{whats}")
    charged = [row for row in rows if row["what"] == "line" and row["kind"] == "CHARGE" and row["invoice"]]
    refunds = [row for row in rows if row["what"] == "line" and row["kind"] == "REFUND"]
    expect([bool(row["memo"]) for row in refunds] == [True, True, False], f"a refund names its posted credit memo, where it has one: {refunds}")
    expect(len(charged) >= 4, f"lines name the posted invoice of their order: {[row for row in rows if row['what'] == 'line'][:6]}")


def an_order_shows_what_became_of_its_money(books):
    payout = books.stack.sandbox("shopify", "GET", "payments")["payouts"][0]["id"]
    text = books.stack.cli("order", "show", "#1001", json_out=False).stdout
    expect(f"payout {payout} SCHEDULED" in text and "CHARGE" in text, text)


def disputes_show_the_days_that_are_left(books):
    order = books.sell()
    due = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5.5 * 86400))
    books.pay("dispute", order=order["name"], dueBy=due)
    books.run("disputes.sync")
    row, = books.stack.api("GET", "/v1/disputes?shop=DEMO")["disputes"]
    expect((row["order_name"], row["open"], row["days_left"]) == (order["name"], True, 5), f"{row}")
    text = books.stack.cli("dispute", "list", "--shop", "DEMO", json_out=False).stdout
    expect("5 days left" in text and order["name"] in text, text)


def an_order_of_an_older_version_is_named_until_it_is_read_again(books):
    """It kept nothing of refunds and fees."""
    order = books.sell()
    books.carry(*READ, *POST)
    known = set(names(books.balance()))
    books.redis("DEL", books.key(f"money:{books.stack.cli('order', 'show', order['name'])['id']}"))
    expect(set(names(books.balance())) - known == {("not-booked", order["name"])}, f"{names(books.balance())}")
    books.run("orders.sync", named=order["name"])
    expect(set(names(books.balance())) == known, f"it is read again: {names(books.balance())}")


def what_people_post_and_cancel_there_is_found_within_a_day(books):
    orders = by_hand, taken_back = [books.sell() for _ in range(2)]
    books.carry(*READ)
    known = set(names(books.balance())) - {("no-invoice", order["name"]) for order in orders}
    document = books.story(by_hand)["document"]["number"]
    books.stack.sandbox("bc", "POST", "time", {"business": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})  # as everybody's clock
    books.stack.sandbox("bc", "POST", f"documents/{document}", {"post": True})
    books.give_back(by_hand)
    books.carry(*READ)
    refund = f"{by_hand['name']}-R{books.story(by_hand)['refunds'][0]['id']}"
    books.stack.sandbox("bc", "POST", f"documents/{books.story(by_hand)['refunds'][0]['document']}", {"post": True})
    opened = {("no-invoice", by_hand["name"]), ("no-memo", refund), ("no-invoice", taken_back["name"])}
    expect(set(names(books.balance())) - known == opened, f"nobody asks at every run: {names(books.balance())}")
    books.a_day_later()
    expect(set(names(books.balance())) - known == {("no-invoice", taken_back["name"])}, f"{books.balance()['differences']}")
    story = books.story(by_hand)
    expect(["posted"] * 2 == [event["event"] for event in story["life"] if event["event"] == "posted"], f"its life tells it: {story['life']}")
    expect([bool(row.get("invoice") or row.get("memo")) for row in story["transactions"]] == [True, True], f"{story['transactions']}")
    books.carry(*POST)
    number = books.story(taken_back)["document"]["posted_number"]
    books.stack.sandbox("bc", "POST", f"documents/{number}", {"cancel": True})
    for _ in range(2):  # once more changes nothing
        books.a_day_later()
        balance = books.balance()
        expect(set(names(balance)) - known == {("no-invoice", taken_back["name"])}, f"{names(balance)}")
        row, = (row for row in balance["differences"] if row["record"] == taken_back["name"])
        expect((row["reason"], round(float(row["amount"]) * 100)) == ("posting-cancelled", taken_back["total"]), f"{row}")
        life = [event["detail"] for event in books.story(taken_back)["life"] if event["event"] == "posting-cancelled"]
        expect(life == [number], f"its life tells it once: {life}")


def cash_and_other_currencies_agree_with_their_documents(books):
    """Cash is rounded, on an account of its own; documents may be in the customer's currency."""
    known = names(books.balance())
    books.sell(gateway="cash", cashRounding="0.02")
    books.stack.cli("shop", "set", "DEMO", "currency_handling=presentment")
    euros = books.sell(presentment={"currency": "EUR", "rate": "1.17"})
    books.run("orders.sync")
    opened, = (row for row in books.balance()["differences"] if row["record"] == euros["name"])
    expect((opened["kind"], opened["currency"]) == ("no-invoice", "EUR"), f"what its document will be in: {opened}")
    books.carry("orders.process")
    books.give_back(euros)
    books.carry(*READ, *POST)
    balance = books.balance()
    expect(names(balance) == known, f"nothing new: {[row for row in balance['differences'] if (row['kind'], row['record']) not in known]}")
    sales, = (row for row in balance["sales"] if row["currency"] == "EUR")
    expect((sales["orders"], sales["invoices"], sales["refunds"], sales["memos"]) == (1, 1, 1, 1), f"{sales}")
    expect(sales["sold"] == sales["invoiced"] == opened["amount"] and sales["given_back"] == sales["credited"], f"{sales}, {opened}")


def what_is_asked_wrongly_is_refused_by_name(books):
    for query, word in (("day=2027-13-01", "day"), ("from=2027-01-02&to=2027-01-01", "to"), ("day=2027-01-01&from=2027-01-01", "day"),
                        ("from=2026-01-01&to=2027-01-01", "to")):
        status, problem = books.stack.refused("GET", f"/v1/balance?shop=DEMO&{query}")
        expect(status == 400 and problem["detail"].startswith(word), f"{query}: {problem}")
    status, problem = books.stack.refused("GET", "/v1/balance?shop=NONE")
    expect(status == 404 and "NONE" in problem["detail"], f"{problem}")


TESTS = (a_day_whose_books_agree, gift_cards_are_in_the_books, one_planted_difference_of_each_kind_is_named, an_uneven_payout_and_an_unknown_type_are_named,
         people_read_it_as_text_and_as_csv, an_order_shows_what_became_of_its_money, disputes_show_the_days_that_are_left,
         an_order_of_an_older_version_is_named_until_it_is_read_again, what_people_post_and_cancel_there_is_found_within_a_day,
         cash_and_other_currencies_agree_with_their_documents, what_is_asked_wrongly_is_refused_by_name)


def main():
    with Stack() as stack:
        return run_tests(TESTS, Books(stack))


if __name__ == "__main__":
    end_with(main)
