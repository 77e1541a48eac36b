#!/usr/bin/env python3
"""company_exchanges_test.py - a failure at every single HTTP exchange of companies.sync, companies.add and companies.add-locations.

As customer_exchanges_test.py, whose flags it has. A life to Business Central: one company of the store is made there, one is
found there and changed; one of its customers is added to the store with contact, role and catalog, another one as a location
of a company that stands. A life to Shopify: one company is found, and its location changed there. Afterwards, with nobody
helping, each stands once on both sides, as it should.

    python3 tests/integration/company_exchanges_test.py [--whole] [--topics A,B] [--match REGEX] [--lanes N]
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from customer_exchanges_test import NEW, OLD, Customers, main  # noqa: E402
from stack import end_with  # noqa: E402

ROLE = "Ordering only"


class Companies(Customers):
    looks = {"shopify": "Compan|Catalog|PriceList|Customer", "business-central": "customers"}
    reads, skipped, due = "company_import: all", "skip:c*", "companies-due*"

    def firm(self, name, email, street):
        self.stack.sandbox("shopify", "POST", "companies", {
            "name": name, "contact": {"email": email, "firstName": "Ann", "lastName": "Test"}, "role": ROLE,
            "locations": [{"name": "Main", "address": {"address1": street, "city": "Bath", "zip": "BA1 5AQ"}}]})

    def firms(self, name):
        return [row for row in self.stack.sandbox("shopify", "GET", "companies") if row["name"] == name]


def place_is_whole(place, email, street):
    return place["billingAddress"]["address1"] == street and place["roles"] == [{"email": email, "role": ROLE}]


class ToErp(Companies):
    name = "companies to Business Central"
    operations = ("companies.sync", "companies.add", "companies.add-locations")
    settings = ("auto_create_companies: true", "shopify_can_update_companies: true", "auto_create_catalog: true", f"contact_role: {ROLE.lower().replace(' ', '-')}")

    def prepare(self, lane):
        self.parent = None
        super().prepare(lane)
        self.firm("Parent Ltd", "parent@example.com", OLD)
        [parent] = self.firms("Parent Ltd")
        self.parent = parent["id"]

    def arguments(self, operation):
        return {"companies.add": {"customer_no": "NEW*"},
                "companies.add-locations": {"company": self.parent or "4100000000", "customer_no": "PLACE*"}}.get(operation, {})

    def place(self, lane):
        self.placed += 1
        n = self.placed
        emails = {kind: f"{kind}{n}@example.com" for kind in ("made", "changed", "added", "branch")}
        self.firm(f"Made {n}", emails["made"], OLD)
        self.firm(f"Changed {n}", emails["changed"], NEW)
        self.card(f"OLD{n}", emails["changed"], OLD)
        self.card(f"NEW{n}", emails["added"], OLD)
        self.card(f"PLACE{n}", emails["branch"], OLD)
        return {**emails, "n": n}

    def added(self, number, email):
        """What is wrong with the company that a customer has become."""
        firms = [row for row in self.stack.sandbox("shopify", "GET", "companies") if row["externalId"] == number]
        if len(firms) != 1 or len(firms[0]["locations"]) != 1:
            return f"at Shopify stand {firms}"
        [firm], [place] = firms, firms[0]["locations"]
        whole = (firm["mainContact"] or {}).get("email") == email and place_is_whole(place, email, OLD)
        catalogs = [row for row in self.stack.sandbox("shopify", "GET", "catalogs") if place["id"] in [at["id"] for at in row["contexts"]]]
        listed = len(catalogs) == 1 and catalogs[0]["priceList"] and catalogs[0]["status"] == "ACTIVE"
        return None if whole and listed else f"at Shopify stands {firm} with {catalogs}"

    def branch(self, number, email):
        places = [row for row in self.stack.sandbox("shopify", "GET", f"companies/{self.parent}")["locations"] if row["externalId"] == number]
        return None if len(places) == 1 and place_is_whole(places[0], email, OLD) else f"of its company stand {places}"

    def differing(self, subject):
        if not subject:
            return {}
        n = subject["n"]
        found = {f"Made {n}": self.one_card(subject["made"], OLD), f"Changed {n}": self.one_card(subject["changed"], NEW),
                 f"NEW{n}": self.added(f"NEW{n}", subject["added"]), f"PLACE{n}": self.branch(f"PLACE{n}", subject["branch"])}
        return {name: problem for name, problem in found.items() if problem}


class ToShopify(Companies):
    name = "companies to Shopify"
    operations = ("companies.sync",)
    settings = ("can_update_shopify_companies: true",)

    def place(self, lane):
        self.placed += 1
        email = f"told{self.placed}@example.com"
        self.firm(f"Told {self.placed}", email, OLD)
        self.card(f"TOLD{self.placed}", email, NEW)
        return {"told": email, "n": self.placed}

    def differing(self, subject):
        if not subject:
            return {}
        name, number = f"Told {subject['n']}", f"TOLD{subject['n']}"
        firms = [row for row in self.stack.sandbox("shopify", "GET", "companies") if row["externalId"] == number]
        streets = [place["billingAddress"]["address1"] for firm in firms for place in firm["locations"]]
        cards = self.one_card(subject["told"], NEW)
        return {name: cards or f"at Shopify stand {streets}"} if cards or streets != [NEW] else {}


if __name__ == "__main__":
    end_with(lambda: main({"erp": ToErp, "shopify": ToShopify}, __doc__))
