#!/usr/bin/env python3
"""doctor_peers_test.py - the way to both peers: `cartage connect` before anything is stored, and doctor's checks of what is.

Each check is provoked once at a real (simulated) peer, and its advice, followed, clears it. Connecting changes nothing at
the peers, and no secret is seen anywhere.

    python3 tests/integration/doctor_peers_test.py
"""
import calendar
import json
import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import COMPANY, DEMO, ROOT, Stack, end_with, expect, run_tests  # noqa: E402
from terminal import Terminal  # noqa: E402
from told import told  # noqa: E402

STORE = "demo.myshopify.com"
SECRET, BC_SECRET = "sandbox-secret", "sandbox-bc-secret"
TYPED = "typed-secret-that-nobody-sees"


def rows(stack, code=None):
    return [row for row in told(stack.api("GET", "/v1/doctor")["checks"]) if code in (None, row["code"])]


def one(stack, code, state):
    found = [row for row in rows(stack, code) if row["state"] == state]
    expect(found, f"no {code} is {state}: {rows(stack, code)}")
    return found[0]


def advised(row):
    expect(row["advice"] and row["values"], f"no advice: {row}")
    return row


def act(stack, row):
    """Does what the row offers, through the API as the page does, else as the command that it prints."""
    expect(advised(row)["actions"], f"nothing to do is offered: {row}")
    for action in row["actions"]:
        if "path" in action:
            stack.api(action["method"], action["path"], action.get("body", {}))
        else:
            command(stack, action["command"])


def command(stack, line):
    env = {**stack.env, "PATH": f"{stack.bin}:{os.environ['PATH']}"}
    done = subprocess.run(line, shell=True, env=env, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    expect(done.returncode == 0, f"{line}: {done.returncode} {done.stdout}{done.stderr}")


def cleared(stack, code):
    left = [row for row in rows(stack, code) if row["state"] != "ok"]
    expect(rows(stack, code) and not left, f"{code} is not cleared: {left}")


def probe(stack):
    stack.api("POST", "/v1/checks", {"operation": "doctor.probe"})


def connect(stack, kind, *flags):
    argv = [str(stack.bin / "cartage"), "connect", kind, *flags, "--json"]
    done = subprocess.run(argv, env=stack.env, capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL)
    answer = json.loads(done.stdout) if done.stdout.strip() else None
    return done, {row["code"]: row for row in (answer or {"checks": []})["checks"]}


def shopify_flags(stack, store=STORE, env="SHOPIFY_SECRET"):
    return ["--store", store, "--origin", stack.shopify, "--credential", "shopify-main", "--client-id", "cartage-demo",
            "--secret-env", env]


def bc_flags(stack, tenant="sandbox", environment="Production", company=COMPANY, env="BC_SECRET"):
    return ["--bc-origin", stack.bc, "--bc-login", stack.bc, "--bc-tenant", tenant, "--bc-environment", environment,
            *(["--bc-company", company] if company else []), "--credential", "bc-main", "--client-id", "cartage-bc",
            "--secret-env", env]


# ---- connect ----

def nobody_looks_without_a_worker(stack):
    """Said at once, with what to do; done, the same call works (in the next test)."""
    done, _ = connect(stack, "shopify", *shopify_flags(stack))
    expect(done.returncode == 6 and "cartage-worker" in done.stderr, f"{done}")
    stack.worker()
    stack.worker_lives()


def connecting_a_store_names_what_is_wrong(stack):
    """Before any company is stored. Each step in turn: no worker knows the variable, wrong secret, wrong store, a store at
    an address where nobody is, an old version, a scope that was not approved; then all is well."""
    done, found = connect(stack, "shopify", *shopify_flags(stack, env="NOT_SET_ANYWHERE"))
    expect(done.returncode == 1 and "NOT_SET_ANYWHERE" in found["shopify.credential"]["text"], f"{found}")
    _, found = connect(stack, "shopify", *shopify_flags(stack, env="WRONG_SECRET"))
    expect("invalid_client" in advised(found["shopify.token"])["text"], f"{found}")
    _, found = connect(stack, "shopify", *shopify_flags(stack, store="no-such-store.myshopify.com"))
    expect("no-such-store" in advised(found["shopify.address"])["text"], f"{found}")
    _, found = connect(stack, "shopify", *shopify_flags(stack), "--origin", "http://127.0.0.1:9")
    expect(advised(found["shopify.address"])["state"] == "bad", f"{found}")
    _, found = connect(stack, "shopify", *shopify_flags(stack), "--api-version", "2025-01")
    row = advised(found["shopify.version"])
    expect("2025-01" in row["text"] and row["values"]["newest"] in row["advice"], f"{row}")

    approved = stack.sandbox("shopify", "GET", "scopes")["scopes"]
    stack.sandbox("shopify", "POST", "scopes", {"scopes": [s for s in approved if s != "read_payment_terms"]})
    done, found = connect(stack, "shopify", *shopify_flags(stack))
    expect(done.returncode == 1 and found["shopify.scopes"]["values"]["operation"] == "orders.sync", f"{found}")
    expect("read_payment_terms" in found["shopify.scopes"]["advice"], f"{found}")
    stack.sandbox("shopify", "POST", "scopes", {"scopes": approved})

    done, found = connect(stack, "shopify", *shopify_flags(stack))
    expect(done.returncode == 0 and all(row["state"] == "ok" for row in found.values()), f"{found}")
    expect({"shopify.store", "shopify.token", "shopify.scopes", "shopify.version", "clocks.peer"} <= set(found), f"{set(found)}")


def connecting_business_central_names_what_is_wrong(stack):
    _, found = connect(stack, "bc", *bc_flags(stack, tenant="nobody.example"))
    expect("90002" in advised(found["bc.token"])["text"], f"{found}")
    _, found = connect(stack, "bc", *bc_flags(stack, env="WRONG_SECRET"))
    expect("7000215" in advised(found["bc.token"])["text"], f"{found}")
    _, found = connect(stack, "bc", *bc_flags(stack, environment="Sandbox9"))
    expect(advised(found["bc.environment"])["state"] == "bad", f"{found}")
    _, found = connect(stack, "bc", *bc_flags(stack, company=None))
    row = advised(found["bc.company"])
    expect(any(c["id"] == COMPANY for c in row["values"]["companies"]) and COMPANY in row["advice"], f"{row}")
    _, found = connect(stack, "bc", "--bc-instance", "BC", "--bc-origin", stack.bc, "--bc-company", COMPANY, "--credential",
                       "bc-own", "--client-id", "cartage", "--secret-env", "WRONG_SECRET")
    expect("bc.token" in found or "bc.access" in found, f"{found}")
    _, found = connect(stack, "bc", *bc_flags(stack), "--bc-origin", "http://127.0.0.1:9")
    expect(advised(found["bc.address"])["state"] == "bad", f"{found}")

    stack.sandbox("bc", "POST", "settings", {"denied": "salesOrders"})
    _, found = connect(stack, "bc", *bc_flags(stack))
    row = advised(found["bc.permissions"])
    expect("Sales Header" in row["text"] and "D365 SALES DOC" in row["advice"], f"{row}")
    stack.sandbox("bc", "POST", "settings", {"denied": ""})
    done, found = connect(stack, "bc", *bc_flags(stack))
    expect(done.returncode == 0 and all(row["state"] == "ok" for row in found.values()), f"{found}")
    expect(found["bc.level"]["values"]["level"] == "api", f"{found}")


def the_piece_for_the_apply_file_is_one(stack):
    """What both end with, put together as a person would, is a file that applies; the same again changes nothing."""
    pieces = []
    for kind, flags in (("bc", bc_flags(stack)), ("shopify", shopify_flags(stack))):
        argv = [str(stack.bin / "cartage"), "connect", kind, *flags]
        done = subprocess.run(argv, env=stack.env, capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL)
        expect(done.returncode == 0, f"{done.stdout}{done.stderr}")
        pieces.append(done.stdout.split("In the apply file:\n\n")[1])
    (bc_credential, company), (credential, shop) = pieces[0].split("companies:\n"), pieces[1].split("    shops:", 1)
    path = stack.dir / "pieces.yaml"
    path.write_text(bc_credential + credential.replace("credentials:\n", "") + "companies:\n" + company + "    shops:" + shop)
    first = stack.cli("apply", "-f", path)
    expect([r["kind"] for r in first["records"]] == ["credential", "credential", "company", "shop"], f"{first}")
    expect(stack.cli("apply", "-f", path)["changed"] == 0, "the same file again changed something")
    probe(stack)
    bad = [row for row in rows(stack) if row["state"] == "bad"]
    expect(not bad, f"{bad}")
    stack.cli("apply", "-f", DEMO)  # the settings that the pieces do not name


def nothing_was_changed_or_stored(stack):
    for peer in ("shopify", "bc"):
        effects = stack.sandbox(peer, "GET", "ledger")["effects"]
        expect(not effects, f"{peer} was changed: {effects}")
    expect(stack.api("GET", "/v1/companies")["companies"] == [] and stack.api("GET", "/v1/shops")["shops"] == [], "stored")
    expect(stack.api("GET", "/v1/entries")["entries"] == [], "an entry was left behind")


def saving_stores_what_was_checked(stack):
    done, _ = connect(stack, "bc", *bc_flags(stack), "--save")
    expect(done.returncode == 0, done.stderr)
    company = stack.api("GET", f"/v1/companies/{COMPANY}")
    expect(company["bc_credential"] == "bc-main" and company["bc_tenant"] == "sandbox", f"{company}")
    done, _ = connect(stack, "shopify", *shopify_flags(stack), "--code", "FIRST", "--save")
    expect(done.returncode == 0, done.stderr)
    shop = stack.api("GET", "/v1/shops/FIRST")
    expect(shop["store"] == STORE and shop["credential"] == "shopify-main" and not shop["enabled"], f"{shop}")


def at_a_terminal_it_asks(stack):
    """Typed answers; the secret is not shown, goes to the API once, and is stored sealed."""
    terminal = Terminal(stack, "connect", "shopify", "--origin", stack.shopify)
    for question, answer in (("Store (name", STORE), ("Name of the credential", "typed"), ("Client id", "cartage-demo"), ("Secret", TYPED)):
        terminal.until(question, 60)
        terminal.type(answer + "\n")
    code = terminal.end(60)
    expect("invalid_client" in terminal.shown and TYPED not in terminal.shown, terminal.shown)
    expect(code == 1, f"{code} {terminal.shown}")
    stored = stack.redis("HGET", f"ct:{stack.env['CARTAGE_ENV']}:credentials", "typed").decode()
    expect("sealed" in stored and TYPED not in stored, stored)


# ---- doctor ----

def peers_that_nobody_has_looked_at(stack):
    stack.cli("apply", "-f", DEMO)
    row = one(stack, "peers", "warn")
    act(stack, row)
    cleared(stack, "peers")
    key = stack.redis("KEYS", "*:probe")[0]
    for field in stack.redis("HKEYS", key):
        facts = json.loads(stack.redis("HGET", key, field))
        facts["at_ms"] = facts.get("at_ms", 0) - 90_000_000  # a day and an hour ago
        stack.redis("HSET", key, field, json.dumps(facts))
    act(stack, one(stack, "peers", "warn"))
    cleared(stack, "peers")


def each_step_on_the_way(stack):
    """What connect tells of a way that is still to be stored, doctor tells of the stored one; each is mended as its advice says."""
    company = {"name": "CRONUS UK Ltd.", "bc_tenant": "sandbox", "bc_environment": "Production", "bc_origin": stack.bc, "bc_login": stack.bc,
               "bc_credential": "demo-bc", "time_zone": "Europe/London"}

    def shopify_secret(name):
        return lambda: stack.api("PUT", "/v1/credentials/demo-shopify", {
            "kind": "shopify-client-credentials", "client_id": "cartage-demo", "client_secret": {"env": name}})

    def bc_secret(name):
        return lambda: stack.api("PUT", "/v1/credentials/demo-bc", {"kind": "bc-oauth", "client_id": "cartage-bc", "client_secret": {"env": name}})

    def company_with(**other):
        return lambda: stack.api("PUT", f"/v1/companies/{COMPANY}", {**company, **other})

    def fault(peer, status, **match):
        return lambda: stack.sandbox(peer, "POST", "faults", {"rules": [
            {"match": match, "every": 1, "action": {"kind": "status", "status": status, "body": json.dumps({"error": {"code": "No", "message": "No."}})}}]})

    def unread(do):
        """A worker reads the metadata once: another one."""
        def restarted():
            for proc in stack.procs:
                if proc.name.startswith("worker-") and proc.alive():
                    proc.stop()
            do()
            stack.worker()
            stack.worker_lives()
        return restarted

    for code, provoke, says in (
            ("shopify.credential", shopify_secret("NOT_SET_ANYWHERE"), "NOT_SET_ANYWHERE"),
            ("shopify.address", lambda: stack.cli("shop", "set", "DEMO", "origin=http://127.0.0.1:9"), "port 9"),
            ("shopify.versions", fault("shopify", 403, operation="ApiVersions"), "403"),
            ("bc.credential", bc_secret("NOT_SET_ANYWHERE"), "NOT_SET_ANYWHERE"),
            ("bc.address", company_with(bc_origin="http://127.0.0.1:9"), "port 9"),
            ("bc.token", bc_secret("WRONG_SECRET"), "7000215"),
            ("bc.environment", company_with(bc_environment="Sandbox9"), "Sandbox9"),
            ("bc.companies", fault("bc", 400, path="/companies$"), "400"),
            ("bc.company", company_with(bc_company="99999999-9999-4999-8999-999999999999"), "9999"),
            ("bc.metadata", unread(fault("bc", 400, path=r"\$metadata")), "400")):
        provoke()
        probe(stack)
        row = advised(one(stack, code, "bad"))
        expect(says in row["text"] + row["advice"], f"{code} does not say {says}: {row}")
        stack.sandbox("shopify", "DELETE", "faults")
        stack.sandbox("bc", "DELETE", "faults")
        stack.cli("apply", "-f", DEMO)
        act(stack, row)  # "then check again"
        peer = code.split(".")[0]
        left = [row for row in rows(stack) if row["code"].startswith(peer) and row["state"] == "bad"]
        expect(not left, f"{code} is not cleared: {left}")


def each_scope_that_a_task_lacks(stack):
    """The store's owner approves one scope less than each need has, and doctor names the task; approved again, it is ok."""
    approved = stack.sandbox("shopify", "GET", "scopes")["scopes"]
    wanted = {"orders.sync": "read_returns", "shipments.sync": "fulfillment_orders", "orders.process": "write_orders"}
    for operation, scope in wanted.items():
        left = [s for s in approved if scope not in s] + (["read_orders"] if scope == "write_orders" else [])
        stack.sandbox("shopify", "POST", "scopes", {"scopes": left})
        probe(stack)
        lacking = [row for row in rows(stack, "shopify.scopes") if row["values"].get("operation") == operation]
        expect(lacking and scope in lacking[0]["text"], f"{operation} lacks {scope}: {rows(stack, 'shopify.scopes')}")
        optional = lacking[0]["values"]["optional"]
        expect(lacking[0]["state"] == ("warn" if optional else "bad"), f"{lacking}")
        stack.sandbox("shopify", "POST", "scopes", {"scopes": approved})  # "add it and approve it"
        act(stack, lacking[0])  # "then check again"
        cleared(stack, "shopify.scopes")


def a_version_that_is_no_longer_served(stack):
    stack.cli("shop", "set", "DEMO", "api_version=2025-01")
    probe(stack)
    row = one(stack, "shopify.version", "bad")
    expect("2025-01" in row["text"], f"{row}")
    act(stack, row)
    cleared(stack, "shopify.version")


def a_version_that_ends_soon(stack):
    """On 15 December 2026 by the producer's clock, 2026-01 has 17 days left."""
    stack.cli("shop", "set", "DEMO", "api_version=2026-01")
    probe(stack)
    then = calendar.timegm((2026, 12, 15, 12, 0, 0))
    late = {"LD_PRELOAD": str(stack.bin / "clock-shift.so"), "CLOCK_SHIFT_MS": str(int((then - time.time()) * 1000))}
    with stack.second_producer(7, other=late):
        row = one(stack, "shopify.version", "warn")
        expect("2027-01-01" in row["text"] and "30 days" in row["advice"], f"{row}")
        act(stack, row)
        cleared(stack, "shopify.version")


def a_store_that_lets_nobody_in(stack):
    """A store that has not paid answers every call alike; it is cleared when the store is open again."""
    stack.sandbox("shopify", "POST", "faults", {"rules": [
        {"match": {"path": "graphql.json"}, "action": {"kind": "status", "status": 402, "body": {"errors": "Unavailable Shop"}}}]})
    probe(stack)
    row = one(stack, "shopify.store", "bad")
    stack.sandbox("shopify", "DELETE", "faults")  # "do what the error says"
    act(stack, row)
    cleared(stack, "shopify.store")


def an_app_that_is_not_registered(stack):
    """Entra knows the app, Business Central does not: every call is refused."""
    refusal = {"error": {"code": "Authentication_InvalidCredentials", "message": "The server has rejected the client credentials."}}
    stack.sandbox("bc", "POST", "faults", {"rules": [
        {"match": {"path": "/companies"}, "action": {"kind": "status", "status": 401, "body": json.dumps(refusal)}}]})
    probe(stack)
    row = one(stack, "bc.access", "bad")
    expect("Microsoft Entra Applications" in row["advice"], f"{row}")
    stack.sandbox("bc", "DELETE", "faults")  # "add the client id, set its state to Enabled"
    act(stack, row)
    expect(not rows(stack, "bc.access"), f"{rows(stack, 'bc.access')}")
    cleared(stack, "bc.token")


def a_token_that_is_refused(stack):
    """The app's secret was changed in the Dev Dashboard; the credential is stored again with the right one."""
    stack.api("PUT", "/v1/credentials/demo-shopify", {"kind": "shopify-client-credentials", "client_id": "cartage-demo",
                                                       "client_secret": {"env": "WRONG_SECRET"}})
    probe(stack)
    row = advised(one(stack, "shopify.token", "bad"))
    stack.cli("apply", "-f", DEMO)
    act(stack, row)
    cleared(stack, "shopify.token")


def a_level_that_does_not_carry_a_setting(stack):
    stack.sandbox("bc", "POST", "settings", {"level": "extension"})
    probe(stack)
    stack.cli("shop", "set", "DEMO", "use_shopify_order_no=true")
    stack.sandbox("bc", "POST", "settings", {"level": "api"})
    probe(stack)
    row = one(stack, "bc.level", "bad")
    expect(row["values"]["setting"] == "use_shopify_order_no" and "extension" in row["advice"], f"{row}")
    stack.sandbox("bc", "POST", "settings", {"level": "extension"})  # "install the app"
    act(stack, row)
    cleared(stack, "bc.level")
    stack.cli("shop", "set", "DEMO", "use_shopify_order_no=false")
    stack.sandbox("bc", "POST", "settings", {"level": "odata-page"})
    probe(stack)
    row = one(stack, "bc.level", "warn")
    expect("version 30" in advised(row)["text"] + row["advice"], f"{row}")
    stack.sandbox("bc", "POST", "settings", {"level": "extension"})
    probe(stack)
    cleared(stack, "bc.level")
    stack.sandbox("bc", "POST", "settings", {"level": "api"})


def permissions_that_are_missing(stack):
    stack.sandbox("bc", "POST", "settings", {"denied": "salesShipments,items"})
    probe(stack)
    lacking = {(row["values"]["operation"], row["values"]["set"]) for row in rows(stack, "bc.permissions")}
    expect({("shipments.sync", "salesShipments"), ("orders.process", "items")} <= lacking, f"{lacking}")
    row = one(stack, "bc.permissions", "bad")
    stack.sandbox("bc", "POST", "settings", {"denied": ""})  # "give the client a permission set"
    act(stack, row)
    cleared(stack, "bc.permissions")


def a_peer_whose_clock_is_off(stack):
    """The same store answered by a process whose clock is set wrong; a static token is good at both."""
    stack.api("PUT", "/v1/credentials/static", {"kind": "shopify-token", "token": {"env": "STATIC_TOKEN"}})
    wrong = stack.run("shopify-late", "node", ROOT / "sandbox" / "shopify" / "main.mjs", "--listen", "127.0.0.1:0",
                      "--address-file", stack.dir / "shopify-late.address", "--data", "none", "--latency", "none",
                      env={"LD_PRELOAD": str(stack.bin / "clock-shift.so"), "CLOCK_SHIFT_MS": "-90000"})
    address = stack.address_of(wrong)
    stack.cli("shop", "set", "DEMO", f"origin={address}", "credential=static")
    probe(stack)
    row = one(stack, "clocks.peer", "bad")
    expect(abs(row["values"]["ahead_ms"] + 90000) < 5000, f"{row}")
    stack.cli("shop", "set", "DEMO", f"origin={stack.shopify}")  # the clocks agree again
    act(stack, row)
    cleared(stack, "clocks.peer")
    expect("does not end" in one(stack, "shopify.token", "ok")["text"], "a static token ends")
    stack.cli("apply", "-f", DEMO)
    wrong.stop()


def a_credential_that_is_lost_or_does_not_open(stack):
    key = f"ct:{stack.env['CARTAGE_ENV']}:credentials"
    stack.redis("HDEL", key, "demo-bc")
    row = advised(one(stack, "credentials", "bad"))
    expect("demo-bc" in row["text"], f"{row}")
    stack.cli("apply", "-f", DEMO)  # "store it under that name in the apply file"
    cleared(stack, "credentials")

    stack.api("PUT", "/v1/credentials/demo-bc", {"kind": "bc-oauth", "client_id": "cartage-bc",
                                                 "client_secret": {"value": BC_SECRET}})
    other = stack.dir / "other-key"
    other.write_text(os.urandom(32).hex())
    with stack.second_producer(1, seal_key_file=other):
        advised(one(stack, "credentials", "bad"))
    cleared(stack, "credentials")  # the producer with the key that it was sealed with
    stack.cli("apply", "-f", DEMO)


def entries_that_do_not_run(stack):
    entry = next(e for e in stack.cli("entry", "list")["entries"] if e["operation"] == "shipments.sync")
    stack.cli("entry", "hold", entry["id"])
    row = one(stack, "entries", "warn")
    act(stack, row)
    cleared(stack, "entries")

    stack.cli("shop", "disable", "DEMO")
    stack.cli("entry", "add", "orders.sync", "--shop", "DEMO", "--name", "stops", "--every", "1 minute", "--run-at-start",
              "--max-retry", "0", "--on-exhausted", "stop")
    stack.wait("an entry is in error", 60, lambda: [r for r in rows(stack, "entries") if r["state"] == "bad"])
    row = one(stack, "entries", "bad")
    expect("not enabled" in row["text"], f"{row}")
    stack.cli("shop", "enable", "DEMO")  # "do what its error says"
    for bad in [r for r in rows(stack, "entries") if r["state"] == "bad"]:
        act(stack, bad)
    stack.wait("no entry is in error", 30, lambda: not [r for r in rows(stack, "entries") if r["state"] == "bad"])
    stack.cli("entry", "delete", "stops")


def a_template_rule_that_is_missing(stack):
    """New customers come without posting groups; the first order of one waits, and doctor names it."""
    for entry in stack.cli("entry", "list")["entries"]:
        stack.cli("entry", "hold", entry["id"])
    rule = stack.sandbox("bc", "POST", f"template?company={COMPANY}", {})
    stack.sandbox("bc", "POST", f"template?company={COMPANY}", {"customerGroup": ""})
    stack.cli("shop", "set", "DEMO", "auto_create_customers=true")
    stack.sandbox("shopify", "POST", "orders", {
        "name": "#9001", "email": "new.one@example.com", "financialStatus": "PAID",
        "shippingAddress": {"firstName": "New", "lastName": "One", "company": "", "address1": "1 High Street", "address2": "",
                            "city": "London", "zip": "W1A 1AA", "countryCode": "GB", "phone": ""},
        "lines": [{"title": "Custom work", "quantity": 1, "price": "30.00"}]})
    # A search sees it after a while (index lag): read until it is there.
    stack.wait("the order waits", 60, lambda: stack.cli("sync", "orders", "--shop", "DEMO", "--follow") and
               stack.cli("sync", "orders.process", "--shop", "DEMO", "--follow") and
               [r for r in rows(stack, "bc.templates") if r["state"] == "bad"])
    row = advised(one(stack, "bc.templates", "bad"))
    expect("API Setup" in row["advice"] and "Customer" in row["text"], f"{row}")
    number = re.search(r"No\.=(\w+)", row["values"]["error"]).group(1)
    stack.sandbox("bc", "POST", f"template?company={COMPANY}", {"customerGroup": rule["customerGroup"]})
    stack.sandbox("bc", "POST", f"customers/{number}?company={COMPANY}", {"customerPostingGroup": rule["customerGroup"]})
    act(stack, row)
    stack.wait("it is ok", 30, lambda: not [r for r in rows(stack, "bc.templates") if r["state"] != "ok"])


def checks_of_nobody_do_not_pile_up(stack):
    """The log of the checks that were asked for before there was any company is trimmed as those of companies."""
    key = stack.redis("KEYS", "*:log:00000000-0000-0000-0000-000000000000")[0]
    last, fields = stack.redis("XREVRANGE", key, "+", "-", "COUNT", 1)[0]
    for n in range(1, 10_100):
        stack.redis("XADD", key, f"{int(last.split(b'-')[0]) + n}-0", *fields)
    with stack.second_producer(9):  # one that starts looks at once
        stack.wait("it is trimmed", 30, lambda: stack.redis("XLEN", key) == 10_000)


def no_secret_is_anywhere(stack):
    for path in stack.dir.glob("*.log"):
        text = path.read_text(errors="replace")
        for secret in (SECRET, BC_SECRET, TYPED):
            expect(secret not in text.replace("sandbox-bc-secret", BC_SECRET), f"{path.name} holds a secret")
    for key in stack.redis("KEYS", "*"):
        dumped = stack.redis("DUMP", key)
        for secret in (SECRET, BC_SECRET, TYPED):
            expect(secret.encode() not in (dumped or b""), f"{key} holds a secret")


TESTS = [
    nobody_looks_without_a_worker, connecting_a_store_names_what_is_wrong, connecting_business_central_names_what_is_wrong, nothing_was_changed_or_stored,
    saving_stores_what_was_checked, at_a_terminal_it_asks, peers_that_nobody_has_looked_at, each_step_on_the_way,
    each_scope_that_a_task_lacks,
    a_version_that_is_no_longer_served, a_version_that_ends_soon, a_store_that_lets_nobody_in, an_app_that_is_not_registered,
    a_token_that_is_refused, a_level_that_does_not_carry_a_setting,
    permissions_that_are_missing, a_peer_whose_clock_is_off, a_credential_that_is_lost_or_does_not_open,
    entries_that_do_not_run, the_piece_for_the_apply_file_is_one, a_template_rule_that_is_missing, checks_of_nobody_do_not_pile_up, no_secret_is_anywhere,
]


def main():
    with Stack() as stack:
        key = stack.dir / "seal-key"
        key.write_text(os.urandom(32).hex())
        stack.env.update(CARTAGE_SEAL_KEY_FILE=str(key), WRONG_SECRET="something-else", STATIC_TOKEN="shpat_sandbox")
        stack.start(durable=True)
        chosen = [test for test in TESTS if not sys.argv[1:] or test.__name__ in sys.argv[1:] or test is TESTS[0]]
        return run_tests(chosen, stack)


if __name__ == "__main__":
    end_with(main)
