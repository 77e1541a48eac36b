"""prove.py - the proof that what becomes of orders comes to what Shopify says, against the oracle.

    python3 tests/orders/prove.py [--count 100000] [--seed 1] [--first 0] [--jobs 2]     generated orders
                                  --sales FILE                                           real ones
                                  --order N [--seed 1]                                   one, with all that is known of it
                                  --planted                                              errors in the oracle are found

Orders are generated (generate.py), or those of a file of real sales (sales.py); each goes through build/release/tests/plan under one of the PROFILES of settings. Every deviation is printed with the order, the
field and both values; exit 1 if there is one. --planted puts one unit into each formula of the oracle, one at a time, and
wants it found.
"""
import argparse
import collections
import itertools
import json
import multiprocessing
import os
import pathlib
import random
import subprocess
import sys
import time

from compare import deviations_of
from generate import order_of
from money import text_of
from oracle import Expected, Planted

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CARTAGE_BUILD", ROOT / "build/release"))
CHUNK, SHOWN = 250, int(os.environ.get("SHOWN", "20"))

ACCOUNTS = {"shipping_account": "8100", "custom_line_account": "8200", "gift_card_account": "8300", "tip_account": "8400",
            "cash_rounding_account": "8500", "duties_account": "8600", "fees_account": "8700", "refund_account": "8800",
            "refund_account_non_restock": "8900"}
SHOP = {"code": "WEB", "store": "web.myshopify.com", "return_and_refund_process": "auto-create", **ACCOUNTS}


def without(*names):
    return {key: value for key, value in SHOP.items() if key not in names}


EXTRAS = ("cash_rounding_account", "duties_account", "fees_account")
PROFILES = [
    SHOP,
    {**SHOP, "currency_handling": "presentment"},
    without(*EXTRAS),
    {**SHOP, "rounding_account": "8990", "external_document_prefix": "WEB-"},
    {**SHOP, "currency_handling": "presentment", "order_no_on_line": True, "shipment_accounts": {"Express": "8110"},
     "shipment_items": {"Freight": "FREIGHT"}},
    {**without(*EXTRAS), "rounding_account": "8990", "currency_handling": "presentment",
     "create_fulfilled_orders_as_invoices": False},
    without("refund_account", "refund_account_non_restock"),
    without("shipping_account", "custom_line_account", "gift_card_account", "tip_account"),
]


def erp_of(want, number):
    """What the ERP is said to have made of the document: that total, one in other groups of tax, or one a unit off."""
    document = want.document
    if not document:
        return None
    way = number % 4
    if way == 0:
        return None
    groups, units = None, document.predicted
    if way == 3 and not document.includes_tax and "order_no_on_line" not in want.settings:
        chance = random.Random(number)
        groups = [chance.choice("AB") for _ in document.lines]
        units = document.come_to(groups)
        groups += ["N"] if document.evened else []
    units += document.evened + (1 if way == 2 else 0)
    told = {"units": units, "is_off": way == 2, "said": {"total": text_of(units, document.digits)}}
    if groups:
        told["said"]["groups"] = groups
    return told


def plan_of(rows):
    """What the program answers to lines of input, each with its answer."""
    program = BUILD / "tests/plan"
    ran = subprocess.run([program], input="".join(json.dumps(row) + "\n" for row in rows), text=True, capture_output=True,
                         check=False)
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    if len(answers) != sum("order" in row for row in rows):
        raise SystemExit(f"{program} ended with {ran.returncode} after {len(answers)} answers: {ran.stderr[:500]}")
    return answers


def asked(number, order, settings, planted=Planted(), is_real=False):
    """What the program is asked about an order, and what the oracle makes of it."""
    flag = None if is_real else {5: True, 6: False}.get(number % 8)
    handling = None
    if number % 8 == 7 and not is_real:  # its document was made when the setting was the other one
        handling = "shop" if settings.get("currency_handling") == "presentment" else "presentment"
    want = Expected(order, settings, planted, handling)
    told = erp_of(want, number) if flag is None and not is_real else None
    row = {"order": order, "handling": handling, "erp_prices_include_tax": flag, "erp": told and told["said"]}
    return {key: value for key, value in row.items() if value is not None}, want, flag, told


def compared(orders, settings, is_real=False):
    """Deviations of orders, (number, order) each, under one shop's settings."""
    rows = [(number, *asked(number, order, settings, is_real=is_real)) for number, order in orders]
    answers = plan_of([{"settings": settings}, *(row[1] for row in rows)])
    found, counts = [], collections.Counter()
    for (number, _, want, flag, told), have in zip(rows, answers):
        found += [(number, *deviation) for deviation in deviations_of(want, have, flag, told)]
        tell(want, have, counts)
    return found, counts


def tell(want, have, counts):
    """What was seen, so that a run that met nothing of a kind is noticed."""
    counts["orders"] += 1
    counts[f"skip {have['skip']}" if have["skip"] else "documents"] += 1
    documents = [have["document"], *(refund["document"] for refund in have["refunds"])]
    counts["credit memos"] += sum(1 for document in documents[1:] if document)
    for document in documents:
        if document:
            counts[f"{document['places']} decimals"] += 1
            counts["taxes in" if document["prices_include_tax"] else "taxes on top"] += 1
            for kind, reason in (("difference", document["reason"]), ("evened", document["evened_for"])):
                if reason:
                    counts[f"{kind} {reason}"] += 1


def profile_of(number):
    return PROFILES[number // CHUNK % len(PROFILES)]


def generated(task):
    seed, first, count = task
    orders = [(number, order_of(seed, number)) for number in range(first, first + count)]
    return compared(orders, profile_of(first))


def proof(seed, first, count, jobs):
    tasks = [(seed, at, min(CHUNK, first + count - at)) for at in range(first, first + count, CHUNK)]
    found, counts = [], collections.Counter()
    with multiprocessing.Pool(jobs) as pool:
        for some, told in pool.imap_unordered(generated, tasks):
            found += some
            counts += told
        pool.close()
        pool.join()
    return sorted(found, key=lambda row: (row[0], str(row))), counts


def report(found):
    for number, document, field, wanted, have in found[:SHOWN]:
        print(f"order {number}, {document}: {field}: want {wanted}, got {have}")
    if len(found) > SHOWN:
        kinds = collections.Counter(field.rstrip("0123456789") for _, _, field, _, _ in found)
        print(f"… {len(found)} deviations of {len({row[0] for row in found})} orders: {dict(kinds)}")


def planted_errors(seed, chunks=3 * len(PROFILES)):
    """Each formula of the oracle, a unit off, must be noticed: {formula: the first deviation, or None}."""
    seen = dict.fromkeys(Planted.FORMULAS)
    for first in range(0, chunks * CHUNK, CHUNK):
        settings = profile_of(first)
        orders = [(number, order_of(seed, number)) for number in range(first, first + CHUNK)]
        rows = [asked(number, order, settings) for number, order in orders]
        answers = plan_of([{"settings": settings}, *(row[0] for row in rows)])
        for formula in [formula for formula, found in seen.items() if not found]:
            seen[formula] = next(filter(None, (
                deviation_by(formula, order, settings, row, have)
                for (_, order), row, have in zip(orders, rows, answers))), None)
        if all(seen.values()):
            break
    return seen


def deviation_by(formula, order, settings, row, have):
    """The first deviation that a planted error makes of an order without any."""
    asked_of, _, flag, _ = row
    off = Expected(order, settings, Planted(formula), asked_of.get("handling"))
    found = [entry for entry in deviations_of(off, have, flag) if entry[1] != "explained"]  # not by its own doubts alone
    return found[0] if found and not deviations_of(row[1], have, flag) else None


def real(file):
    """Deviations of all orders of a file of real sales, in the settings of a shop that has all accounts."""
    from sales import orders_in  # needs node
    found, counts = [], collections.Counter()
    with orders_in(file) as orders:
        rows = enumerate(orders)
        while chunk := list(itertools.islice(rows, CHUNK)):
            some, told = compared(chunk, SHOP, is_real=True)
            found += some
            counts += told
    return found, counts


def show(seed, number):
    order, settings = order_of(seed, number), profile_of(number)
    print(json.dumps(order, ensure_ascii=False, indent=1))
    print(json.dumps(plan_of([{"settings": settings}, asked(number, order, settings)[0]])[0], ensure_ascii=False, indent=1))
    report(compared([(number, order)], settings)[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--order", type=int)
    parser.add_argument("--planted", action="store_true")
    parser.add_argument("--sales")
    args = parser.parse_args()
    if args.order is not None:
        show(args.seed, args.order)
        return 0
    if args.planted:
        seen = planted_errors(args.seed)
        for formula, found in seen.items():
            print(f"{formula}: {found or 'NOT FOUND'}")
        return 0 if all(seen.values()) else 1
    start = time.monotonic()
    found, counts = real(args.sales) if args.sales else proof(args.seed, args.first, args.count, args.jobs)
    report(found)
    print(", ".join(f"{key} {value}" for key, value in sorted(counts.items())))
    print(f"{len(found)} deviations in {time.monotonic() - start:.0f} s")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
