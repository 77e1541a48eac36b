#!/usr/bin/env python3
"""image_exchanges_test.py - a failure at every single HTTP exchange of images.sync, in either direction (tests/support/exchanges.py).

To Shopify: a new product and its variant get a picture each, and later another one. From Shopify: a new product gets two
images, one of which is replaced under its id and the other by another one. Afterwards, with nobody helping, each shows what
it is to show, the gallery has two images, and the store has no file beside them.

    python3 tests/integration/image_exchanges_test.py [--whole] [--match REGEX] [--lanes N] [--direction out|in]

Without --whole each exchange to Shopify is played with one kind of failure, another one for each, and no worker dies
(integration/images_run_test.c has those): a death costs three quarters of a minute here.
"""
import argparse
import base64
import hashlib
import itertools
import pathlib
import re
import struct
import sys
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import exchanges  # noqa: E402
from stack import COMPANY, DEMO, end_with  # noqa: E402

LAST = 2  # stages of a life
# In short: new bytes of a file whose fate is not known park the run for a minute, which the whole form sits out.
QUICK = {"FileUpdate": "killed-after"}


def picture(look):
    """A PNG of one pixel, another one for each look."""
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    dot = zlib.compress(b"\0" + look.to_bytes(3, "big"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", dot) + chunk(b"IEND", b"")


class Images:
    """What both directions have: a product with one variant, which is an item with one item variant."""
    company, shop = COMPANY, "DEMO"
    operations = ("images.sync",)

    def prepare(self, lane):
        self.stack, self.made, self.drawn = lane.stack, itertools.count(1), itertools.count(1)
        self.stack.start(data="none", shopify=("--index-lag", "0", "--media-lag", "0"), bc=("--replica-lag", "0"))
        config = pathlib.Path(DEMO).read_text().split("    entries:")[0]
        path = self.stack.dir / "config.yaml"
        path.write_text(config.replace("sync_images: to-shopify", f"sync_images: {self.direction}") +
                        f"        late_s: {exchanges.LATE_S}\n")
        self.stack.cli("apply", "-f", path)
        conf = self.stack.redis("KEYS", f"ct:*{COMPANY}*")[0].decode()
        self.prefix = f"{conf[:conf.index('}') + 1]}:s:{COMPANY}:"
        worker = lane.new_worker()
        self.forget(lane)
        lane.subject = self.place(lane)  # from here on a run is not the first one
        lane.live(lane.subject)
        worker.stop()

    def redis(self, *words):
        return self.stack.redis(*words)

    def record(self, key):
        flat = self.redis("HGETALL", self.prefix + key)
        return {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}

    def bc(self, path, **body):
        return self.stack.sandbox("business-central", "POST", path, body)

    def arguments(self, operation):
        return {}

    def others(self, operation):
        return {}

    def forget(self, lane):
        """Earlier products are no part of a life."""
        for key in ("shop-products:DEMO", "shop-variants:DEMO", "images-made:DEMO", "images-due:DEMO"):
            self.redis("DEL", self.prefix + key)

    def place(self, lane):
        made = next(self.made)
        number, product, shown = f"PIC-{made}", str(8900000000000 + made), str(48900000000000 + made)
        item = self.bc("items", number=number, displayName=number, type="Inventory", baseUnitOfMeasureCode="PCS")["id"]
        variant = self.bc("variants", item=number, code="RED", description="Red")["id"]
        self.stack.sandbox("shopify", "POST", "products", {"id": product, "title": number, "variants": [
            {"id": shown, "sku": f"{number}-RED", "price": "1.00"}]})
        now = int(self.redis("TIME")[0]) * 1000
        for key, score, row in (
                (f"product:DEMO:{product}", product, ("item", item, "item_number", number, "variants", shown)),
                (f"variant:DEMO:{shown}", shown, ("product", product, "item", item, "item_number", number,
                                                  "item_variant", variant, "variant_code", "RED"))):
            self.redis("HSET", f"{self.prefix}shop-{key}", *row)
            self.redis("ZADD", f"{self.prefix}shop-{key.split(':')[0]}s:DEMO", now, score)
        self.redis("SET", f"{self.prefix}item-product:DEMO:{item}", product)
        subject = {"stage": 0, "number": number, "item": item, "variant": variant, "product": product, "shown": shown}
        self.move(subject)
        return subject

    def between(self, lane, subject, operation):
        """The second stage begins when the first one is over."""
        if subject["stage"] < LAST and not self.differing(subject):
            self.move(subject)

    def missing(self, lane, subject):
        return self.differing(subject) or ("more is to happen" if subject["stage"] < LAST else "")

    def behind(self, lane, subject, exchange):
        return []

    def gallery(self, subject):
        return self.stack.sandbox("shopify", "GET", f"products/{subject['product']}")

    def wrong(self, lane, subject):
        left = [index for index in ("images-made", "images-due") if self.redis("ZCARD", f"{self.prefix}{index}:DEMO")]
        found = [f"something is left in {index}" for index in left]
        images = [file["id"] for file in self.gallery(subject)["media"]]
        if len(images) != self.images:
            found.append(f"the gallery has {images}")
        return found + [text for text in (self.differing(subject),) if text]

    def label(self, exchange):
        """The client names a call of Business Central by its first set, the ledger by its last."""
        peer, operation, nth = exchange
        if operation in exchanges.TOKENS:
            operation = "oauth"
        known = {"upload": "storage upload", "download": "image download"}
        if peer == "shopify":
            return f"shopify {known.get(operation, operation)}"
        return "bc " + operation.replace("pictureContent", "items" if nth % 2 else "itemVariants")

    def nth(self, exchange):
        """Of a run that goes to Shopify: first a listing, then a picture of that set."""
        nth = exchange.nth
        if exchange.operation == "GET pictureContent":
            return nth + nth % 2
        if exchange.operation == "PATCH pictureContent":
            return (nth + 1) // 2
        return nth * 2 - 1 if exchange.operation in ("GET items", "GET itemVariants") else nth


class Out(Images):
    name, direction, images = "to Shopify", "to-shopify", 2
    unlisted = [exchanges.Exchange("shopify", "upload", n + 1) for n in range(4)]

    def move(self, subject):
        subject["stage"] += 1
        subject["looks"] = [picture(next(self.drawn)) for _ in range(2)]
        for which, look in zip(({}, {"variant": "RED"}), subject["looks"]):
            self.bc("pictures", item=subject["number"], content=base64.b64encode(look).decode(), **which)

    def differing(self, subject):
        gallery = self.gallery(subject)
        shows = {file["id"]: file["content"]["digest"] for file in gallery["media"] if file["content"]}
        wanted = [hashlib.sha256(look).hexdigest() for look in subject["looks"]]
        if sorted(shows.values()) != sorted(wanted):
            return f"product {subject['product']} shows {shows}, wanted are {wanted}"
        own = (gallery["variants"][0]["media"] or {}).get("id")
        if shows.get(own) != wanted[1]:
            return f"its variant shows {own} of {shows}, wanted is {wanted[1]}"
        kept = [self.record(f"shop-{kind}:DEMO:{subject[key]}").get("image_digest") for kind, key in (("product", "product"), ("variant", "shown"))]
        return "" if kept == wanted else f"staged is {kept}, wanted is {wanted}"

    def wrong(self, lane, subject):
        """No file of this product's stands beside those that are shown."""
        found = super().wrong(lane, subject)
        effects = self.stack.sandbox("shopify", "GET", "ledger")["effects"]
        made = [row["key"] for row in effects if row["kind"] == "fileCreate" and f"cartage-{subject['product']}" in row["filename"]]
        gone = {row["key"] for row in effects if row["kind"] == "fileDelete"}
        stand = [file for file in made if file not in gone]
        return found + ([f"files {stand} stand"] if len(stand) != 2 else [])


class In(Images):
    name, direction = "from Shopify", "from-shopify"
    unlisted = [exchanges.Exchange("shopify", "download", n + 1) for n in range(4)]

    @property
    def images(self):
        return 3  # the merchant's own: what they have replaced by another one stays in the gallery

    def upload(self, subject, look, **more):
        body = {"base64": base64.b64encode(look).decode(), **more}
        return self.stack.sandbox("shopify", "POST", f"products/{subject['product']}/image", body)["id"].split("/")[-1]

    def move(self, subject):
        subject["stage"] += 1
        subject["looks"] = [picture(next(self.drawn)) for _ in range(2)]
        first, second = subject["looks"]
        sku = f"{subject['number']}-RED"
        if subject["stage"] == 1:
            subject["image"] = self.upload(subject, first)
        else:
            self.stack.sandbox("shopify", "POST", f"images/{subject['image']}", {"base64": base64.b64encode(first).decode()})
        self.upload(subject, second, variant=sku)

    def differing(self, subject):
        companies = self.stack.sandbox("business-central", "GET", "dump")["companies"]
        rows = {row["id"]: row["_bytes"] for company in companies for row in company["tables"].get("pictures", [])}
        has = [rows.get(subject[key], "") for key in ("item", "variant")]
        wanted = [base64.b64encode(look).decode() for look in subject["looks"]]
        return "" if has == wanted else f"item {subject['number']} has {has}, wanted are {wanted}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--whole", action="store_true", help="every kind at every exchange, once and twice in a row")
    parser.add_argument("--match", default="", help="only cases whose name matches this")
    parser.add_argument("--lanes", type=int, default=2)
    parser.add_argument("--direction", choices=("out", "in"), help="one of them alone")
    flags = parser.parse_args()
    kinds = [kind for kind in exchanges.KINDS if kind != "late"]
    passed = failed = 0
    for direction in (Out, In):
        if direction.__name__.lower() != (flags.direction or ("" if flags.whole else "out")) and (flags.direction or not flags.whole):
            continue
        numbers = {}

        def choose(case):
            name = f"{case.exchange.peer} {case.exchange.operation} {case.exchange.nth}, {case.kind}"
            number = numbers.setdefault(case.exchange, len(numbers))
            short = QUICK.get(case.exchange.operation, kinds[number % len(kinds)])
            quick = case.kind == short and not case.twice and not short.startswith("killed")
            return bool(re.search(flags.match, name)) and (flags.whole or quick)

        counts = exchanges.play_all(direction, flags.lanes, choose, kinds)
        passed, failed = passed + counts[0], failed + counts[1]
    return passed, failed


if __name__ == "__main__":
    end_with(main)
