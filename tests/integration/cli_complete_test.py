#!/usr/bin/env python3
"""cli_complete_test.py - the command line can do what the API can, and explains itself.

Every example of every command is played against a server that answers as the OpenAPI document describes, and keeps
what was asked: each route is asked by a command, or stands in NOT_OURS with the reason. Manual pages and completions,
made of the same tables, are read by the programs that will read them.

    python3 tests/integration/cli_complete_test.py
"""
import http.server
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stack import ROOT, end_with, expect, run_tests  # noqa: E402

BUILD = ROOT / os.environ.get("CARTAGE_BUILD", "build/release")
CARTAGE = BUILD / "bin" / "cartage"
DOCUMENT = json.loads((ROOT / "schemas/openapi/openapi.json").read_text())
# Routes that no command asks, and why.
NOT_OURS = {
    "GET /": "the page itself",
    "GET /openapi.json": "for programs; the same text stands in schemas/openapi",
    "GET /v1/credentials/{name}": "for programs that compare what they would set; a person sets a credential by apply",
    "GET /v1/health": "for load balancers",
    "GET /metrics": "for Prometheus",
    "GET /v1/runs/{run}/events": "for pages and programs; run show --follow asks for the same and waits",
    "GET /v1/hooks/bc/{company}/{key}": "for Business Central, which shakes hands there",
    "POST /v1/hooks/bc/{company}/{key}": "for Business Central, which tells of changes there",
    "POST /v1/hooks/shopify/{company}/{shop}/{key}": "for Shopify, which sends its webhooks there",
    "PUT /v1/entries/{entry}": "for programs that have an entry whole; a person changes a part of one: entry edit",
    "POST /v1/triggers": "for programs that tell of events; a person runs an entry: entry run, entry restart",
}
# Query parameters that no command gives, and why: of all routes, or of one.
UNSAID = {
    "company": "every command takes --company", "shop": "one command has it for many routes: --shop", "limit": "as after",
    "after": "the commands go from page to page by themselves", "before": "as after", "wait": "--follow", "since": "--follow",
    "GET /v1/cues cures": "for the page, which has the actions of its lists",
}
PAGES = {"cartage": 1, "cartage-producer": 8, "cartage-worker": 8, "cartage.yaml": 5}


def say(*words, **more):
    return subprocess.run([str(CARTAGE), *words], capture_output=True, text=True, timeout=20, **more)


# ---- a server that answers as described ----

def resolved(schema):
    while "$ref" in schema:
        target = DOCUMENT
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema


def sample(schema, depth=0, name=""):
    """A value of this type; of a choice the last, which is the end of what has states, and what ends, ends well."""
    schema = resolved(schema)
    if "oneOf" in schema or "anyOf" in schema:
        return sample((schema.get("oneOf") or schema["anyOf"])[0], depth)
    if "enum" in schema:
        return schema["enum"][-1]
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {} if depth > 5 else {name: sample(child, depth + 1, name) for name, child in schema.get("properties", {}).items()}
    if kind == "array":
        return [] if depth > 5 else [sample(schema.get("items", {}), depth + 1)]
    return {"outcome": "ok", "error": ""}[name] if name in ("outcome", "error") else {"string": "1001", "integer": 1, "number": 1, "boolean": True}.get(kind)


def route_of(method, path):
    """The path of the document that fits; one without parameters first."""
    known = [p for p, methods in DOCUMENT["paths"].items() if method.lower() in methods]
    for pattern in sorted(known, key=lambda p: p.count("{")):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", pattern), path):
            return pattern
    return None


# Where a command looks for one record of a kind in the answer.
ANSWERS = {"GET /v1/shops/{shop}": {"code": "MAIN", "store": "main.myshopify.com", "shipment_accounts": {"Post": "6610"}},
           "GET /v1/shops/{shop}/times": {"times": [{"name": "orders", "operation": "orders.sync", "at": "2027-01-01T00:00:00Z",
                                                     "reset": ""}], "history_start": ""},
           "GET /v1/entries/{entry}": {"id": "1", "operation": "orders.sync", "arguments": {"shop": "MAIN"}, "schedule": "every",
                                       "every_ms": 60000}}


def answer_of(method, pattern):
    if f"{method} {pattern}" in ANSWERS:
        return 200, ANSWERS[f"{method} {pattern}"]
    responses = DOCUMENT["paths"][pattern][method.lower()]["responses"]
    good = sorted(c for c in responses if c.startswith("2"))
    code = next((c for c in good if "application/json" in responses[c].get("content", {})), good[0])
    content = responses[code].get("content", {})
    value = sample(content["application/json"]["schema"]) if "application/json" in content else {}
    if isinstance(value, dict):
        value.pop("next", None)  # the last page of a list, or there would be no end of it
    return int(code), value


class Server(http.server.ThreadingHTTPServer):
    def __init__(self):
        self.asked, self.queries = set(), set()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def play(self):
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                pattern = route_of(self.command, self.path.split("?")[0])
                route = f"{self.command} {pattern or self.path}"
                server.asked.add(route)
                server.queries |= {(route, name) for name in urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)}
                code, value = answer_of(self.command, pattern) if pattern else (404, {"detail": "no such route"})
                kind = "application/json"
                if pattern == "/v1/sync" and json.loads(sent).get("wait"):  # who waits gets the run as a stream
                    code, kind, value = 200, "application/x-ndjson", sample({"$ref": "#/components/schemas/Run"})
                body = json.dumps(value).encode() + b"\n"
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = play

            def log_message(self, *_):
                pass
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


# ---- the examples of the manual ----

def plain(text):
    return text.replace("\\&", "").replace("\\-", "-").replace("\\e", "\\")


def examples():
    """Words of each, up to what a shell would do with the answer."""
    page = plain(say("manual", "cartage").stdout)
    for line in re.findall(r"(?m)^ {4}cartage (.+)$", page):
        yield shlex.split(re.split(r" [|>] ", line)[0], comments=True)


CONFIG = """
credentials:
  - {name: shopify, kind: shopify-token, token: {env: NONE}}
companies:
  - name: CRONUS
    id: 11111111-1111-4111-8111-111111111111
    shops: [{code: MAIN, store: main.myshopify.com, credential: shopify}]
    categories: [{name: SHPFY, order: strict}]
    entries: [{name: orders, operation: orders.sync, arguments: {shop: MAIN}, every: 5 minutes}]
"""


def each_route_is_asked_by_a_command():
    server, played = Server(), 0
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "company.yaml"
        config.write_text(CONFIG)
        environment = {**os.environ, "CARTAGE_URL": f"http://127.0.0.1:{server.server_port}", "PATH": "/nonexistent"}
        for words in examples():
            try:
                done = say(*words, env=environment, cwd=folder) if "--follow" not in words else \
                    subprocess.run([str(CARTAGE), *words], env=environment, capture_output=True, text=True, timeout=2)
            except subprocess.TimeoutExpired:
                expect("--follow" in words, f"`cartage {shlex.join(words)}` did not end")
                continue
            asks = "is missing" in done.stderr and words[0] == "connect"  # a person at a terminal, that is
            expect(done.returncode != 2 or asks, f"the example `cartage {shlex.join(words)}` is wrong: {done.stderr}")
            played += 1
    expect(played > 60, f"only {played} examples were found")
    described = {f"{method.upper()} {path}" for path, methods in DOCUMENT["paths"].items()
                 for method in methods if method in ("get", "post", "put", "patch", "delete")}
    pages = {route for route in described if not re.match(r"\w+ /(v1/|openapi)", route)}
    missing = sorted(described - server.asked - pages - set(NOT_OURS))
    expect(not missing, f"no command asks {missing}")
    expect(not server.asked - described, f"the API has not {sorted(server.asked - described)}")
    stale = sorted(set(NOT_OURS) - described | set(NOT_OURS) & server.asked)
    expect(not stale, f"NOT_OURS names what is ours, or gone: {stale}")
    each_parameter_is_given(server)


def each_parameter_is_given(server):
    """Of every route that a command asks: what it can be narrowed by, a flag says."""
    known = {(f"{method.upper()} {path}", resolved(given)["name"]) for path, methods in DOCUMENT["paths"].items()
             for method, route in methods.items() if method != "parameters"
             for given in methods.get("parameters", []) + route.get("parameters", []) if resolved(given)["in"] == "query"}
    missing = {(route, name) for route, name in known - server.queries if route in server.asked}
    said = lambda route, name: UNSAID.get(f"{route} {name}", UNSAID.get(name))  # noqa: E731
    left = sorted(f"{route} {name}" for route, name in missing if not said(route, name))
    expect(not left, f"no command gives {left}")
    expect(not server.queries - known, f"the API knows no {sorted(server.queries - known)}")


# ---- manual pages ----

def manual_pages_read_well():
    for page, part in PAGES.items():
        text = say("manual", page).stdout
        expect(text.startswith(f".TH {page.upper()} {part} "), f"{page} begins {text[:40]!r}")
        if shutil.which("groff"):
            done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8"], input=text, capture_output=True, text=True)
            expect(not done.stderr and done.returncode == 0, f"{page}: {done.stderr}")
        if shutil.which("mandoc"):
            done = subprocess.run(["mandoc", "-Tlint", "-Wwarning"], input=text, capture_output=True, text=True)
            said = [line for line in done.stdout.splitlines() if "missing date" not in line]  # pages have none: a build says the same twice
            expect(not said, f"{page}: {said}")
        expect((BUILD / "man" / f"{page}.{part}").read_text() == text, f"the build's page {page} is another")
    expect(say("manual", "nothing").returncode == 2, "an unknown page is no wrong use")


def each_command_and_flag_stands_in_the_manual():
    page = plain(say("manual").stdout)
    for words in set(re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?) ", say("--help").stdout)):
        if say(*words.split(), "--help").stdout.startswith(f"usage: cartage {words}"):
            expect(re.search(rf"(?m)^\.SS {words}\b", page), f"{words} is not in the manual")
    yaml = plain(say("manual", "cartage.yaml").stdout)
    for name in ("bc_tenant", "default_customer", "every", "catch_up", "post_when", "start"):
        expect(f"\\fB{name}\\fR" in yaml, f"{name} is not in cartage.yaml(5)")
    for program in ("producer", "worker"):
        helped = subprocess.run([str(BUILD / "bin" / f"cartage-{program}"), "--help"], capture_output=True, text=True).stdout
        page = plain(say("manual", f"cartage-{program}").stdout)
        for flag in re.findall(r"(?m)^  (--[a-z-]+[a-z])", helped):
            expect(flag in ("--config", "--kafka", "--help") or f"\\fB{flag}\\fR" in page, f"{flag} is not in cartage-{program}(8)")


# ---- completion ----

def complete_bash(*words):
    """What bash offers for the last word."""
    script = 'source "$0"; COMP_WORDS=(cartage "$@"); COMP_CWORD=$#; _cartage; printf "%s\\n" "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "--norc", "-c", script, str(BUILD / "completion" / "cartage"), *words], capture_output=True, text=True)
    expect(not done.stderr, f"bash: {done.stderr}")
    return done.stdout.split()


def bash_completes():
    expect("entry" in complete_bash("") and "sync" in complete_bash("sy"), f"{complete_bash('')}")
    expect({"list", "hold", "add"} <= set(complete_bash("entry", "")), f"{complete_bash('entry', '')}")
    expect("--every" in complete_bash("entry", "add", "--e"), f"{complete_bash('entry', 'add', '--e')}")
    expect("--every" not in complete_bash("entry", "list", "--"), "a flag of another command is offered")
    expect("orders.sync" in complete_bash("sync", "--shop", "MAIN", "ord"), "no operation is offered")
    expect("all" in complete_bash("sync", "a"), "the second word of a command that is also one word")


def zsh_and_fish_read_theirs():
    for shell, file in (("zsh", "_cartage"), ("fish", "cartage.fish")):
        if not shutil.which(shell):
            print(f"     {shell} is not here")
            continue
        path = BUILD / "completion" / file
        done = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True)
        expect(done.returncode == 0 and not done.stderr, f"{shell}: {done.stderr}")
    if shutil.which("zsh"):
        script = f'source {BUILD}/completion/_cartage; emulate sh; _cartage_words entry add'
        done = subprocess.run(["zsh", "-f", "-c", script], capture_output=True, text=True)
        expect("--every" in done.stdout.split() and not done.stderr, f"zsh: {done.stdout} {done.stderr}")
    if shutil.which("fish"):
        script = f'source {BUILD}/completion/cartage.fish; complete -C "cartage entry add --ev"'
        done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True)
        expect(done.stdout.startswith("--every"), f"fish: {done.stdout} {done.stderr}")
    expect(say("completion", "tcsh").returncode == 2, "an unknown shell is no wrong use")


def an_installation_has_them():
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["cmake", "--install", str(BUILD), "--prefix", folder], capture_output=True, text=True)
        expect(done.returncode == 0, done.stderr)
        for path in ("bin/cartage", "share/man/man1/cartage.1", "share/man/man8/cartage-producer.8", "share/man/man8/cartage-worker.8",
                     "share/man/man5/cartage.yaml.5", "share/bash-completion/completions/cartage",
                     "share/zsh/site-functions/_cartage", "share/fish/vendor_completions.d/cartage.fish"):
            expect((pathlib.Path(folder) / path).stat().st_size > 200, f"{path} is not installed")


TESTS = [each_route_is_asked_by_a_command, manual_pages_read_well, each_command_and_flag_stands_in_the_manual,
         bash_completes, zsh_and_fish_read_theirs, an_installation_has_them]

if __name__ == "__main__":
    end_with(lambda: run_tests(TESTS))
