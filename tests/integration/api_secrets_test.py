#!/usr/bin/env python3
"""api_secrets_test.py - what is secret is in clear nowhere, after a full run of the demo company with every kind of trouble.

Planted are the API's token and one that was made, the client secrets of both peers (one sealed, one of the
environment), a notification's signing key, the key that seals, and the keys of the addresses that both peers tell of changes; the
peers' own access tokens are known by their form.
Looked through are all logs, every value in Redis, every message in Kafka, what every GET of the API and every page
answers, what the command line prints, traces of failed calls, notifications and the audit log.

    python3 tests/integration/api_secrets_test.py
"""
import json
import pathlib
import re
import socket
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from receiver import Receiver  # noqa: E402
from webhooks_test import BC_KEY, STATE, key_of  # noqa: E402
from stack import COMPANY, DEMO, SECRETS, Failed, Refused, Stack, end_with, expect, run_tests  # noqa: E402

SEAL_KEY = "planted-seal-key-0123456789"
SIGNING_KEY = "planted-signing-key-0123456789"
WRONG_SECRET = "planted-wrong-secret-0123456789"
FORMS = {"a Shopify access token": rb"shpat_[0-9a-f]{32}", "a Business Central access token": rb"eyJ0eXAi\.[\w-]+\.[\w-]+",
         "a basic authorization": rb"Basic [A-Za-z0-9+/]{8,}=*", "a bearer authorization": rb"Bearer [A-Za-z0-9._-]{16,}"}
# Few, and at Business Central none that hits a write: one of unknown outcome is looked for until the server's own limit is over.
GETS = {"match": {"method": "GET"}, "every": 5, "times": 4, "action": {"kind": "status_after", "status": 500}}
POSTS = {"match": {"method": "POST"}, "every": 3, "times": 3, "action": {"kind": "status", "status": 503}}
FAULTS = {"shopify": [GETS, POSTS], "bc": [GETS]}


class Kafka:
    """Enough of the protocol to read every message of a broker as bytes: Metadata v1, Fetch v4, nothing compressed."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.sock, self.asked = socket.create_connection((host, int(port)), timeout=30), 0

    def ask(self, key, version, body):
        self.asked += 1
        head = struct.pack(">hhi", key, version, self.asked) + self.text("test")
        self.sock.sendall(struct.pack(">i", len(head + body)) + head + body)
        return self.take(struct.unpack(">i", self.take(4))[0])[4:]

    def take(self, size):
        data = b""
        while len(data) < size:
            part = self.sock.recv(size - len(data))
            if not part:
                raise Failed("the broker closed the connection")
            data += part
        return data

    @staticmethod
    def text(value):
        return struct.pack(">h", len(value)) + value.encode()

    def partitions(self):
        """(topic, partition) of all."""
        data, at = self.ask(3, 1, struct.pack(">i", -1)), 0

        def number(form, size):
            nonlocal at
            value, at = struct.unpack_from(">" + form, data, at)[0], at + size
            return value

        def word():
            nonlocal at
            size = number("h", 2)
            value, at = data[at:at + max(size, 0)], at + max(size, 0)
            return value.decode()
        for _ in range(number("i", 4)):
            number("i", 4), word(), number("i", 4), word()
        number("i", 4)
        found = []
        for _ in range(number("i", 4)):
            number("h", 2)
            topic = word()
            number("b", 1)
            for _ in range(number("i", 4)):
                number("h", 2)
                found.append((topic, number("i", 4)))
                number("i", 4)
                for _ in range(2):
                    for _ in range(number("i", 4)):
                        number("i", 4)
        return found

    def messages(self, topic, partition):
        """The raw answers from the first message on, until there is no more."""
        offset, read = 0, b""
        while True:
            body = struct.pack(">iiiib", -1, 50, 1, 8 << 20, 0) + struct.pack(">i", 1) + self.text(topic)
            body += struct.pack(">iiqi", 1, partition, offset, 4 << 20)
            data = self.ask(1, 4, body)
            # throttle 4, topics 4, name, partitions 4, partition 4, error 2, high watermark 8, last stable 8, aborted 4
            at = 8 + 2 + len(topic) + 4 + 4
            high, aborted = struct.unpack_from(">q", data, at + 2)[0], struct.unpack_from(">i", data, at + 18)[0]
            at += 22 + 16 * max(aborted, 0)
            size = struct.unpack_from(">i", data, at)[0]
            records = data[at + 4:at + 4 + max(size, 0)]
            last = None
            while len(records) >= 61:
                first, length = struct.unpack_from(">qi", records)
                last = first + struct.unpack_from(">i", records, 23)[0]
                read += records[:12 + length]
                records = records[12 + length:]
            if last is None or last + 1 >= high:
                return read
            offset = last + 1


def secrets_of(stack):
    return {"the token file's token": stack.token(), "a token that was made": stack.made, "Shopify's client secret": SECRETS["SHOPIFY_SECRET"],
            "Business Central's client secret": SECRETS["BC_SECRET"], "the key of a notification": SIGNING_KEY,
            "a secret that was wrong": WRONG_SECRET, "the key that seals": SEAL_KEY,
            "the key of Shopify's address": key_of(SECRETS["SHOPIFY_SECRET"]), "the key of Business Central's address": BC_KEY,
            "the state that proves its notices": STATE}


def look_through(stack, where, data, but=()):
    found = [what for what, secret in secrets_of(stack).items() if what not in but and secret.encode() in data]
    found += [what for what, form in FORMS.items() if what not in but and re.search(form, data)]
    expect(not found, f"{where} holds {', '.join(found)}")


def the_company_is_set_up_with_secrets(stack):
    text = DEMO.read_text()
    sealed = text.replace("{ env: SHOPIFY_SECRET }", '{ value: "${SHOPIFY_SECRET}" }')
    expect(sealed != text, "demo.yaml gives Shopify's secret in another way")
    sealed += f"""    notify:
      collect_seconds: 0
      targets:
        - name: ops
          kind: webhook
          address: {stack.receiver.url}/ops
          secret: {{ value: {SIGNING_KEY} }}
"""
    stack.apply_file = stack.dir / "company.yaml"
    stack.apply_file.write_text(sealed)
    stack.cli("apply", "-f", stack.apply_file)
    stack.made = stack.cli("token", "add", "ann", "--role", "operate")["token"]


def both_peers_tell_of_changes(stack):
    stack.cli("webhooks", "check", check=False, json_out=False)
    told = stack.sandbox("shopify", "GET", "webhooks")["subscriptions"] + stack.sandbox("bc", "GET", "webhooks")["subscriptions"]
    addresses = {row.get("uri") or row["notificationUrl"] for row in told}
    expect({address.rsplit("/", 1)[1] for address in addresses} == {key_of(SECRETS["SHOPIFY_SECRET"]), BC_KEY}, f"other keys: {addresses}")
    expect({row["clientState"] for row in told if "clientState" in row} == {STATE}, "another state")
    stack.sandbox("shopify", "POST", "orders", {"lines": [{"sku": "1896-S", "quantity": 1, "price": "12.50"}]})
    stack.wait("an order is told of", 30, lambda: b"event=hook.taken topic=orders/create" in (stack.dir / "producer-0.log").read_bytes())


def it_runs_through_every_kind_of_trouble(stack):
    for peer in ("shopify", "bc"):
        stack.sandbox(peer, "POST", "faults", {"rules": FAULTS[peer]})
    stack.worker(lease_ms=2000, log_level="debug")
    entries = stack.cli("entry", "list")["entries"]
    stack.wait("all entries ran", 120, lambda: all(e.get("last") for e in stack.cli("entry", "list")["entries"]))
    for peer in ("shopify", "bc"):
        stack.sandbox(peer, "DELETE", "faults")
    both_peers_tell_of_changes(stack)
    for entry in entries:
        stack.cli("entry", "hold", entry["id"])
    stack.cli("sync", "orders.process", "--shop", "DEMO", "--follow")
    # A secret that is wrong: refused by Business Central, told to people and to the notification's receiver.
    stack.api("PUT", "/v1/credentials/demo-bc", {"kind": "bc-oauth", "client_id": "cartage-bc", "client_secret": {"value": WRONG_SECRET}})
    stack.sandbox("bc", "POST", "tokens", {})
    stack.cli("sync", "sales-orders.post", "--shop", "DEMO", "--follow", check=False, json_out=False)
    stack.cli("sync", "orders.process", "--shop", "DEMO", "--follow", check=False, json_out=False)


def no_log_tells_a_secret(stack):
    logs = sorted(stack.dir.glob("*.log"))
    expect(len(logs) >= 6, f"only {len(logs)} logs")
    for log in logs:
        if log.stem not in ("shopify", "business-central"):  # the simulated peers' own
            look_through(stack, log.name, log.read_bytes())


def no_value_in_redis_is_a_secret_in_clear(stack):
    keys = stack.redis("KEYS", "*")
    read = {b"string": ("GET",), b"hash": ("HGETALL",), b"set": ("SMEMBERS",), b"zset": ("ZRANGE", 0, -1), b"list": ("LRANGE", 0, -1),
            b"stream": ("XRANGE", "-", "+")}

    def flat(value):
        return b"\n".join(map(flat, value)) if isinstance(value, list) else value if isinstance(value, bytes) else str(value).encode()
    expect(len(keys) > 50, f"only {len(keys)} keys")
    for key in keys:
        kind = stack.redis("TYPE", key)
        if kind == "none":
            continue  # its time was over between the two looks
        verb, *more = read[kind if isinstance(kind, bytes) else kind.encode()]
        look_through(stack, key.decode(), key + b"\n" + flat(stack.redis(verb, key, *more)))


def no_message_in_kafka_tells_a_secret(stack):
    kafka = Kafka(stack.env["CARTAGE_KAFKA"])
    sizes = {}
    for topic, partition in kafka.partitions():
        data = kafka.messages(topic, partition)
        sizes[topic] = sizes.get(topic, 0) + len(data)
        look_through(stack, f"topic {topic}", data)
    expect(sum(1 for size in sizes.values() if size) >= 2, f"hardly any messages were read: {sizes}")
    expect(any("history" in topic and size > 1000 for topic, size in sizes.items()), f"no history was read: {sizes}")


def get(stack, path):
    try:
        with stack.open("GET", path) as answer:
            return str(answer.headers).encode() + answer.read()
    except Refused as answer:
        return str(answer.headers).encode() + answer.body


def no_answer_and_no_page_tells_a_secret(stack):
    document = json.loads(get(stack, "/openapi.json").split(b"\n\n", 1)[1])
    orders = [row["id"] for row in stack.cli("skips")["skips"]][:3] or ["1"]
    runs = [str(run["no"]) for run in stack.cli("run", "list", "--limit", 40)["runs"]]
    entries = [entry["id"] for entry in stack.cli("entry", "list")["entries"]]
    fill = {"company": [COMPANY], "shop": ["DEMO"], "entry": entries, "run": runs, "kind": ["products", "customers"], "order": orders,
            "category": ["SHPFY", "POST", "-"]}
    asked = 0
    for path, methods in document["paths"].items():
        if "get" not in methods:
            continue
        names = re.findall(r"\{(\w+)\}", path)
        for value in fill.get(names[0], ["x"]) if names else [None]:
            url = re.sub(r"\{\w+\}", str(value), path)
            query = "?traces=true&limit=200" if url.endswith("/log") else "?find=%231001" if url == "/v1/orders" else ""
            look_through(stack, f"GET {url}", get(stack, url + query), but=FORMS if url == "/openapi.json" else ())
            asked += 1
    expect(asked > 60, f"only {asked} answers")
    traces = get(stack, f"/v1/companies/{COMPANY}/log?traces=true&limit=200")
    expect(b'"trace":"' in traces, "no failed call left a trace")
    changes = get(stack, "/v1/audit?limit=200")
    expect(b'"credential demo-bc"' in changes and b"hidden" in changes, "the audit log does not tell the credential's change")


def the_command_line_prints_no_secret(stack):
    for words in (("shop", "show", "DEMO"), ("log", "--traces", "--limit", "1000"), ("audit", "--limit", "1000"), ("token", "list"),
                  ("run", "list", "--limit", "200"), ("cues",), ("skips",), ("entry", "list"), ("me",)):
        done = stack.cli(*words, check=False, json_out=False)
        expect(done.returncode == 0, f"cartage {' '.join(words)}: {done.stderr}")
        look_through(stack, f"cartage {' '.join(words)}", (done.stdout + done.stderr).encode())


def no_notification_tells_a_secret(stack):
    stack.wait("somebody was told", 60, lambda: stack.receiver.got)
    for _, headers, body in list(stack.receiver.got):
        look_through(stack, "a notification", str(headers).encode() + body)


def the_search_finds_what_is_there(stack):
    """A search that finds nothing anywhere proves nothing: of each secret a trace is laid and found."""
    forms = {"a Shopify access token": "shpat_" + "0a" * 16, "a Business Central access token": "eyJ0eXAi.e30.x-_9",
             "a basic authorization": "Basic YWRtaW46a2V5", "a bearer authorization": "Bearer 0123456789abcdef"}
    for what, secret in {**secrets_of(stack), **forms}.items():
        stack.redis("SET", "planted", f"x{secret}y")
        try:
            no_value_in_redis_is_a_secret_in_clear(stack)
        except Failed as found:
            expect(what in str(found), f"{what} was found as: {found}")
        else:
            raise Failed(f"{what} stood in Redis and was not found")
    stack.redis("DEL", "planted")


TESTS = [the_company_is_set_up_with_secrets, it_runs_through_every_kind_of_trouble, no_log_tells_a_secret,
         no_value_in_redis_is_a_secret_in_clear, no_message_in_kafka_tells_a_secret, no_answer_and_no_page_tells_a_secret,
         the_command_line_prints_no_secret, no_notification_tells_a_secret, the_search_finds_what_is_there]


def main():
    with Stack() as stack:
        stack.receiver = Receiver()
        seal = stack.dir / "seal"
        seal.write_text(SEAL_KEY + "\n")
        seal.chmod(0o600)
        stack.env.update(CARTAGE_SEAL_KEY_FILE=str(seal), CARTAGE_LOG_LEVEL="debug", CARTAGE_HISTORY="kafka")
        stack.start(data="synthetic")
        return run_tests(TESTS, stack)


if __name__ == "__main__":
    end_with(main)
