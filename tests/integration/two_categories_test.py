#!/usr/bin/env python3
"""two_categories_test.py - entries of two categories make documents at the same instant: the category-conflict warning
was ignored, and the locks of what is created hold.

Two shops of a company, each with a category of its own, meet customers whom nobody knows yet. Then two entries of one
shop meet the same orders.

By seed: guests of one e-mail address, of one phone number, one with both and one with the phone alone, and a person
with an account at Shopify order in both shops; both entries are started together, and Business Central answers late
by the seed's draw. Each pair of orders must end at one customer, no more customers be made than there are people, and each order have one document.
Products that no item fits are read in both categories, too: one with a number, one that gets its number from the series. Each is one item.

    python3 tests/integration/two_categories_test.py [--seeds N] [--first SEED]
"""
import argparse
import json
import pathlib
import random
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from kill_points_test import CONFIG, usable  # noqa: E402
from stack import Stack, end_with, expect, run_tests  # noqa: E402

SHOPS = ("ONE", "TWO")
SHOP = """      - code: {code}
        store: demo.myshopify.com
        origin: ${{SHOPIFY_URL}}
        credential: shopify
        enabled: true
        sku_mapping: item-no
        auto_create_customers: true
        sync_item: from-shopify
        auto_create_items: true
"""
ENTRY = """      - name: {name} {category}
        operation: {operation}
        arguments: {{ shop: {code} }}
        manual: true
        category: {category}
"""
SETTLED_S = 60  # one that the other run makes is looked for after two seconds


def config():
    shops = "".join(SHOP.format(code=code) for code in SHOPS)
    entries = "".join(ENTRY.format(name=name, operation=operation, code=shop or code, category=code) for code in SHOPS
                      for name, operation, shop in (("process", "orders.process", ""), ("same shop", "orders.process", SHOPS[0]),
                                                    ("products", "products.sync", SHOPS[0])))
    head, _ = CONFIG.split("      - code: DEMO")
    return f"{head}{shops}    entries:\n{entries}"


def people(seed):
    """The fields of each person's two orders, of shop ONE and of shop TWO."""
    mail, phone = f"p{seed}.{{}}@example.com", f"+44 20 {7000000 + seed * 10:07d}"[:-1] + "{}"
    return {
        "one e-mail": ({"email": mail.format("a")}, {"email": mail.format("A")}),
        "one phone": ({"phone": phone.format(1)}, {"phone": phone.format(1).replace("+44 20 ", "020 ")}),
        "e-mail and phone, and the phone alone": ({"email": mail.format("c"), "phone": phone.format(2)}, {"phone": phone.format(2)}),
        "the phone alone, and e-mail and phone": ({"phone": phone.format(3)}, {"email": mail.format("d"), "phone": phone.format(3)}),
        "one name and e-mail, two phones": ({"email": mail.format("e"), "phone": phone.format(4)},
                                            {"email": mail.format("e"), "phone": phone.format(5)}),
    }


class Race:
    def __init__(self, stack):
        self.stack, self.next, self.both_ran = stack, 1, False
        self.variant = usable(stack)["variants"][0]

    def place(self, seed):
        """Names of both orders by person."""
        placed = {}
        for person, orders in people(seed).items():
            names = []
            for shop, fields in zip(SHOPS, orders):
                name = f"#{shop[0]}{self.next}"
                self.stack.sandbox("shopify", "POST", "orders", {
                    "name": name, "tags": [shop.lower()], "lines": [{"variant": self.variant["id"], "quantity": 1,
                                                                     "price": self.variant["price"]}],
                    "shippingAddress": {"firstName": "Guest", "lastName": f"{seed} {person}"[:30], "company": None,
                                        "address1": "1 Long Lane", "address2": None, "city": "London", "zip": "N1 1AA",
                                        "countryCode": "GB", "phone": fields.get("phone")}, **fields})
                names.append(name)
            self.next += 1
            placed[person] = names
        return placed

    def run_both(self, name):
        """At the same instant."""
        begun, gate = {}, threading.Barrier(len(SHOPS))

        def start(code):
            gate.wait()
            begun[code] = self.stack.cli("entry", "run", f"{name} {code}")["no"]
        threads = [threading.Thread(target=start, args=(code,)) for code in SHOPS]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect(len(begun) == len(SHOPS), f"both were not started: {begun}")

        def ended():
            runs = [run for run in self.stack.api("GET", "/v1/runs?limit=20")["runs"] if run["no"] in begun.values()]
            running = {run["category"] for run in runs if run["state"] == "running"}
            self.both_ran |= running == set(SHOPS)
            return runs if len(runs) == len(SHOPS) and all(run["state"] == "finished" for run in runs) else None
        runs = self.stack.wait(f"both runs of {name} end", SETTLED_S, ended)
        for run in runs:
            expect(run["outcome"] == "ok", f"{name} {run['category']} ended as {run['outcome']}: {run.get('error')}")

    def read(self):
        for code in SHOPS:
            run = self.stack.cli("sync", "orders.sync", "--shop", code, "--tags", f"*[{code.lower()}]*", "--follow")
            expect(run["outcome"] == "ok", f"orders of {code} were not read: {run}")

    def delays(self, seed, path):
        draw = random.Random(f"{seed} {path}")

        def rule(method, most_ms):
            return {"match": {"path": path, "method": method}, "probability": draw.choice((0.3, 0.6, 1)),
                    "action": {"kind": draw.choice(("hang_before", "hang_after", "late")), "ms": draw.randint(1, most_ms)}}
        self.stack.sandbox("bc", "POST", "faults", {"rules": [rule("GET", 80), rule("POST", 150), rule("GET", 30)]})

    def made(self, what):
        return self.stack.sandbox("bc", "GET", "ledger")["by_operation"].get(f"POST {what}", {}).get("calls", 0)

    def documents(self):
        """External number -> customers of its documents."""
        found = {}
        for document in self.stack.sandbox("bc", "GET", "documents")["documents"]:
            found.setdefault(document["externalDocumentNumber"], []).append(document["customerNumber"])
        return found

    def race(self, entries, seed, path):
        placed = self.place(seed)
        self.read()
        self.delays(seed, path)
        self.run_both(entries)
        self.stack.sandbox("bc", "DELETE", "faults")
        return placed

    def two_shops(self, seed):
        before = self.made("customers")
        placed = self.race("process", seed, "customers")
        documents = self.documents()
        for person, names in placed.items():
            owners = [owner for name in names for owner in documents.get(name, [])]
            expect(len(owners) == 2, f"seed {seed}, {person}: {names} are of {owners}; {self.stack.cli('skips')}")
            expect(len(set(owners)) == 1, f"seed {seed}, {person}: {names} are of two customers, {owners}")
        made = self.made("customers") - before
        expect(made == len(placed), f"seed {seed}: {made} customers were made for {len(placed)} people")

    def one_shop(self, seed):
        placed = self.race("same shop", seed + 100_000, "sales")
        documents = self.documents()
        for person, names in placed.items():
            expect(len(documents.get(names[0], [])) == 1, f"seed {seed}, {person}: {names[0]} has documents of {documents.get(names[0])}")

    def one_catalogue(self, seed):
        """Titles are names of items there, so that they can be counted."""
        titles = {}
        for number, sku in ((8_300_000_000_000 + 10 * seed, f"RACED-{seed}"), (8_300_000_000_005 + 10 * seed, "")):
            titles[f"Raced {number}"] = sku
            self.stack.sandbox("shopify", "POST", "products", {
                "id": str(number), "handle": f"raced-{number}", "title": f"Raced {number}", "vendor": "V", "productType": "", "status": "ACTIVE",
                "variants": [{"id": str(number + 40_000_000_000_000), "sku": sku, "barcode": None, "price": "9.00", "title": "Default Title"}]})
        self.delays(seed, "items")
        self.run_both("products")
        self.stack.sandbox("bc", "DELETE", "faults")
        self.run_both("products")  # what one left to the other, and nothing else
        books = json.dumps(self.stack.sandbox("bc", "GET", "dump")["companies"])
        for title in titles:
            made = books.count(f'"displayName": "{title}"')
            expect(made == 1, f"seed {seed}: {made} items are called {title}; {self.stack.cli('skips')}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first", type=int, default=1)
    asked = parser.parse_args()
    with Stack() as stack:
        stack.start(data="none", shopify=("--index-lag", "0"))
        path = stack.dir / "config.yaml"
        path.write_text(config())
        told = stack.cli("apply", "-f", path, json_out=False).stderr
        for _ in SHOPS:
            stack.worker()
        race = Race(stack)

        def the_warning_was_given(_stack):
            expect("\"process ONE\" (ONE) and \"process TWO\" (TWO)" in told, f"apply said nothing of it: {told}")

        def nobody_is_made_twice(_stack):
            for seed in range(asked.first, asked.first + asked.seeds):
                race.two_shops(seed)
                race.one_shop(seed)
                race.one_catalogue(seed)

        def both_categories_were_seen_running_at_the_same_time(_stack):
            stack.sandbox("bc", "POST", "faults", {"rules": [
                {"match": {"method": "GET"}, "every": 1, "action": {"kind": "hang_before", "ms": 300}}]})
            race.both_ran = False
            race.place(asked.first + asked.seeds)
            race.read()
            race.run_both("process")
            stack.sandbox("bc", "DELETE", "faults")
            expect(race.both_ran, "the runs of two categories were never seen together")
        return run_tests([the_warning_was_given, nobody_is_made_twice, both_categories_were_seen_running_at_the_same_time], stack)


if __name__ == "__main__":
    end_with(main)
