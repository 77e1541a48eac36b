"""sales.py - all orders of a file of real sales, as the simulated Shopify answers them.

    python3 tests/orders/sales.py FILE.csv.gz > orders.jsonl

Starts the simulated Shopify on the file, has it bring all of its days, and asks for every order with the documents of
schemas/shopify: what an order is, its further lines, what was given back.
"""
import contextlib
import http.client
import json
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BATCH, END = 25, "2100-01-01"


class Shop:
    """The simulated Shopify with one store's orders of the file."""

    def __init__(self, file, folder):
        self.address_file = pathlib.Path(folder) / "address"
        self.log = open(pathlib.Path(folder) / "log", "wb")
        self.process = subprocess.Popen(
            ["node", ROOT / "sandbox/shopify/main.mjs", "--data", "retail", "--orders", file, "--address-file", self.address_file,
             "--index-lag", "0", "--quiet"], stdout=self.log, stderr=self.log)
        self.connection = None

    def __enter__(self):
        deadline = time.monotonic() + 120
        while not (self.address_file.exists() and self.address_file.read_text().strip()):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("the simulated Shopify did not start: " + pathlib.Path(self.log.name).read_text()[-500:])
            time.sleep(0.02)
        self.connection = connection_to(self.address_file.read_text().strip())
        self.post("/_sandbox/plan", {"plan": "plus", "maximum": 10 ** 8, "rate": 10 ** 7})
        return self

    def __exit__(self, *_):
        self.connection.close()
        self.process.terminate()
        self.process.wait(20)
        self.log.close()

    def post(self, path, body):
        self.connection.request("POST", path, json.dumps(body), {
            "Content-Type": "application/json", "X-Shopify-Access-Token": "shpat_sandbox"})
        return json.loads(self.connection.getresponse().read())

    def query(self, text, **variables):
        answer = self.post("/admin/api/2026-10/graphql.json", {"query": text, "variables": variables})
        if "errors" in answer:
            raise SystemExit(f"the simulated Shopify refuses {text[:60]!r}: {answer['errors']}")
        return answer["data"]


def connection_to(address):
    return http.client.HTTPConnection(address.removeprefix("http://"), timeout=300)


def document(name):
    return (ROOT / "schemas/shopify" / f"{name}.graphql").read_text()


def orders_of(shop):
    """Every order, all lines and refunds on it, in the shape of orders-by-ids with refunds and returns whole."""
    by_ids, refunds, more = document("orders-by-ids"), document("orders-refunds"), document("order-lines-page")
    returns = document("orders-returns")
    for ids in batches(shop):
        orders = shop.query(by_ids, ids=ids, lines=50, fulfillmentOrders=1)["nodes"]
        given = [order["id"] for order in orders if order["refunds"]]
        whole = {node["id"]: node["refunds"] for node in shop.query(refunds, ids=given)["nodes"]} if given else {}
        given = [order["id"] for order in orders if order["returnStatus"] != "NO_RETURN"]
        back = {node["id"]: node["returns"] for node in shop.query(returns, ids=given)["nodes"]} if given else {}
        for order in orders:
            lines = order["lineItems"]
            while lines["pageInfo"]["hasNextPage"]:
                page = shop.query(more, id=order["id"], after=lines["pageInfo"]["endCursor"])["order"]["lineItems"]
                lines["nodes"] += page["nodes"]
                lines["pageInfo"] = page["pageInfo"]
            order["refunds"] = whole.get(order["id"], [])
            for refund in order["refunds"]:
                if refund["refundLineItems"]["pageInfo"]["hasNextPage"]:
                    rest(shop, refund)
                transactions = {entry["id"]: entry for entry in order["transactions"]}
                refund["transactions"]["nodes"] = [transactions[entry["id"]] for entry in refund["transactions"]["nodes"]]
            order["returns"] = back.get(order["id"], {"nodes": []})
            yield order


def rest(shop, refund):
    text, lines = document("refund-lines-page"), refund["refundLineItems"]
    while lines["pageInfo"]["hasNextPage"]:
        page = shop.query(text, id=refund["id"], after=lines["pageInfo"]["endCursor"])["refund"]["refundLineItems"]
        lines["nodes"] += page["nodes"]
        lines["pageInfo"] = page["pageInfo"]


def batches(shop):
    text = "query Ids($after: String) { orders(first: 250, after: $after, sortKey: ID) { pageInfo { hasNextPage endCursor }" \
           " nodes { id } } }"
    after = None
    while True:
        page = shop.query(text, after=after)["orders"]
        ids = [node["id"] for node in page["nodes"]]
        yield from (ids[at:at + BATCH] for at in range(0, len(ids), BATCH))
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


@contextlib.contextmanager
def orders_in(file):
    """All orders of the file, one after the other."""
    with tempfile.TemporaryDirectory() as folder, Shop(file, folder) as shop:
        shop.post("/_sandbox/replay", {"until": END})
        yield orders_of(shop)


if __name__ == "__main__":
    with orders_in(sys.argv[1]) as rows:
        for row in rows:
            json.dump(row, sys.stdout)
            sys.stdout.write("\n")
