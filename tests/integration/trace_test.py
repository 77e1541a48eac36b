#!/usr/bin/env python3
"""trace_test.py - one trace shows a sync from its trigger through ticket and worker to every call to both peers.

The collector and what stands in front of the peers are the test's own: what they saw has to agree.

    python3 tests/integration/trace_test.py
"""
import json
import pathlib
import re
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from peephole import Collector, Peephole  # noqa: E402
from webhooks_test import call as webhook, utc  # noqa: E402
from stack import DEMO, SECRETS, Stack, end_with, expect, run_tests  # noqa: E402

TRACEPARENT = re.compile(r"^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]$")
KEY = "collector-secret 7"
PRODUCER, WORKER = "cartage-producer", "cartage-worker"
SERVER, CLIENT, CONSUMER = 2, 3, 5


def trigger(stack, trace, operation, **more):
    """Sends one event; its trace context stands in the event, another one in the message around it."""
    body = {"specversion": "1.0", "id": trace, "source": "/test", "type": "cartage.wake",
            "traceparent": f"00-{trace}-00000000000000a1-01", "data": {"operation": operation, "shop": "DEMO"}, **more}
    with stack.open("POST", "/v1/triggers", body, {"Content-Type": "application/cloudevents+json",
                                                   "traceparent": f"00-{'e' * 32}-00000000000000e1-01"}) as answer:
        return json.loads(answer.read())["woken"]


def of(spans, service, kind):
    return [span for span in spans if span["resource"]["service.name"] == service and span["kind"] == kind]


def ended(collector, trace, attempts=1):
    """The spans of a trace once its attempts' own have come, which end last."""
    spans = collector.of(trace)
    return spans if len(of(spans, WORKER, CONSUMER)) == attempts else None


def one(spans, service, kind):
    found = of(spans, service, kind)
    expect(len(found) == 1, f"{service} has {len(found)} spans of kind {kind}: {[span['name'] for span in spans]}")
    return found[0]


def whole(spans, trace, peers):
    """The trigger's span, or an attempt before it, caused each attempt's, these each call's; and both peers saw exactly these calls."""
    event, attempts = one(spans, PRODUCER, CONSUMER), {span["spanId"]: span for span in of(spans, WORKER, CONSUMER)}
    calls = [span for span in spans if span["kind"] == CLIENT]
    for attempt in attempts.values():
        expect(attempt["parentSpanId"] in [event["spanId"], *attempts], "the attempt is not caused by the trigger")
        expect(attempt["facts"]["cartage.outcome"] in ("ok", "idle") and attempt["facts"]["cartage.shop"] == "DEMO", f"{attempt}")
    for span in calls:
        attempt = attempts.get(span["parentSpanId"])
        expect(attempt, f"{span['name']} is not caused by an attempt")
        expect(attempt["start"] <= span["end"] <= attempt["end"] and "http.response.status_code" in span["facts"], f"{span}")
    for peer, prefix in zip(peers, ("shopify", "bc")):
        seen = peer.traceparents()
        expect(seen, f"{prefix} was not called")
        for what, said in seen:
            expect(said and TRACEPARENT.match(said), f"{what} came with traceparent {said}")
            expect(said[3:35] == trace, f"{what} belongs to another trace")
        told = {span["spanId"]: span["name"] for span in calls if span["name"].startswith(prefix + " ") and "storage" not in span["name"]}
        ids = {said[36:52] for _, said in seen}  # files go to an address that the store names, past the peephole
        expect(len(ids) == len(seen) and ids == set(told), f"{prefix} saw {seen}, the spans tell of {told}")
    return event


def one_trace_from_the_trigger_to_every_call(stack, collector, peers):
    trace = "0af7651916cd43dd8448eb211c80319c"
    for peer in peers:
        peer.clear()
    woken = trigger(stack, trace, "orders.process")
    expect(woken and woken[0]["answer"] in ("done", "added"), f"woken: {woken}")
    spans = stack.wait("the trace is whole", 60, lambda: ended(collector, trace))
    event, attempt = whole(spans, trace, peers), one(spans, WORKER, CONSUMER)
    expect(event["parentSpanId"] == "00000000000000a1", f"the trigger's cause is {event['parentSpanId']}")
    expect(attempt["name"] == "orders.process", f"{attempt}")


def tell(stack, name, traceparent):
    """An order is placed, and its webhook comes."""
    order = int(place(stack, name)["id"].rsplit("/", 1)[-1])
    answer = webhook(stack, json.dumps({"id": order, "updated_at": utc()}).encode(), traceparent=traceparent)
    expect(answer == (200, {"woken": 1, "doubles": 0}), f"{answer}")  # orders.sync; orders.process follows it


def one_trace_from_a_webhook_to_every_call(stack, collector, peers):
    trace = "1bf7651916cd43dd8448eb211c80319c"
    for peer in peers:
        peer.clear()
    tell(stack, "#7102", f"00-{trace}-00000000000000b1-01")
    spans = stack.wait("the trace is whole", 60, lambda: ended(collector, trace, 2))
    event, request = whole(spans, trace, peers), one(spans, PRODUCER, SERVER)
    expect(request["parentSpanId"] == "00000000000000b1" and request["name"] == "POST /v1/hooks/shopify", f"{request}")
    expect(event["name"] == "orders/create" and event["parentSpanId"] == request["spanId"], f"{event}")
    caused = {span["name"]: span["parentSpanId"] for span in of(spans, WORKER, CONSUMER)}
    first = next(span["spanId"] for span in of(spans, WORKER, CONSUMER) if span["name"] == "orders.sync")
    expect(caused == {"orders.sync": event["spanId"], "orders.process": first}, f"{caused}")
    expect(stack.cli("order", "show", "#7102")["state"] == "processed", "the order has no document")


def a_webhook_that_says_no_trace_begins_one(stack, collector, peers):
    for peer in peers:
        peer.clear()
    tell(stack, "#7103", None)
    stack.wait("the order has its document", 60, lambda: (stack.cli("order", "show", "#7103", check=False) or {}).get("state") == "processed")
    traces = {said[3:35] for peer in peers for _, said in peer.traceparents()}
    expect(len(traces) == 1, f"traces: {traces}")
    spans = stack.wait("the trace is whole", 60, lambda: ended(collector, *traces, 2))
    expect("parentSpanId" not in one(spans, PRODUCER, SERVER), "who began it?")


def a_planned_run_is_a_trace_of_its_own(stack, collector, peers):
    peers[0].clear()
    run = stack.cli("sync", "orders", "--shop", "DEMO", "--follow")
    expect(run["outcome"] in ("ok", "idle"), f"{run}")
    seen = [said[3:35] for _, said in peers[0].traceparents()]
    expect(seen and len(set(seen)) == 1, f"traces: {set(seen)}")
    spans = stack.wait("its trace is whole", 30, lambda: ended(collector, seen[0]))
    expect("parentSpanId" not in one(spans, WORKER, CONSUMER), "who began it?")


def who_does_not_want_spans_gets_none(stack, collector, peers):
    trace = "00000000000000000000000000000abc"
    peers[1].clear()
    trigger(stack, trace, "inventory.sync", traceparent=f"00-{trace}-00000000000000a1-00")
    seen = stack.wait("it calls", 60, lambda: [said for _, said in peers[1].traceparents() if said and said[3:35] == trace])
    expect(all(said.endswith("-00") for said in seen), f"{seen}")
    stack.wait("it ends", 60, lambda: all(run["state"] == "finished" for run in stack.api("GET", "/v1/runs")["runs"]))
    one_trace = stack.cli("sync", "orders", "--shop", "DEMO", "--follow")  # spans of later runs come behind
    expect(one_trace["outcome"] in ("ok", "idle") and not collector.of(trace), "spans of it came all the same")


def what_the_collector_gets_is_no_secret(stack, collector, peers):
    expect(not collector.problems, f"{collector.problems}")
    text = "\n".join(collector.bodies)
    for word in [*SECRETS.values(), stack.token(), KEY, "Bearer", "@example.com", "filter="]:
        expect(word not in text, f"a span says {word}")
    expect(all(headers.get("api-key") == KEY for headers in collector.requests), "OTLP_HEADERS was not sent as it is")
    names = {(span["resource"]["service.name"], span["resource"]["deployment.environment.name"]) for span in collector.spans}
    expect(names == {(PRODUCER, stack.env["CARTAGE_ENV"]), (WORKER, stack.env["CARTAGE_ENV"])}, f"{names}")


def a_collector_that_hangs_holds_nothing_up(stack, collector, peers):
    stack.first.stop()
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # takes connections, and never answers
        worker = stack.worker(otlp_endpoint=f"http://127.0.0.1:{deaf.getsockname()[1]}")
        run = stack.cli("sync", "orders", "--shop", "DEMO", "--follow")
        expect(run["outcome"] in ("ok", "idle"), f"{run}")
        expect(worker.stop(10) == 0, "it did not end well")  # waits for the collector two seconds at most
    expect("outage.began" in worker.tail(50), worker.tail(50))


TESTS = [one_trace_from_the_trigger_to_every_call, one_trace_from_a_webhook_to_every_call, a_webhook_that_says_no_trace_begins_one,
         a_planned_run_is_a_trace_of_its_own, who_does_not_want_spans_gets_none,
         what_the_collector_gets_is_no_secret, a_collector_that_hangs_holds_nothing_up]


def place(stack, name):
    order = stack.sandbox("shopify", "POST", "orders", {
        "name": name, "lines": [{"sku": "1896-S", "quantity": 2, "price": "12.50"}], "email": "anna@example.com",
        "shipping": [{"title": "Free", "code": "free", "price": "0.00"}]})
    stack.sandbox("shopify", "POST", "time", {"bucket_ms": 2500})
    return order


def main():
    with Stack() as stack:
        collector = Collector()
        stack.env.update(OTEL_EXPORTER_OTLP_ENDPOINT=collector.url + "/", OTEL_EXPORTER_OTLP_HEADERS="api-key=collector-secret%207")
        stack.start(data="synthetic")
        peers = Peephole(stack.shopify), Peephole(stack.bc)
        stack.env["SHOPIFY_URL"], stack.env["BUSINESS_CENTRAL_URL"] = (peer.url for peer in peers)
        path = stack.dir / "company.yaml"  # nothing runs but what the tests ask for
        text = re.sub(r"public_address:.*", "", DEMO.read_text())  # nor is anything told by the peers themselves
        path.write_text(text.replace("every: 1 minute", 'every: 1 day\n        start: "2099-01-01T00:00:00Z"'))
        stack.cli("apply", "-f", path)
        stack.first = stack.worker()
        stack.cli("shop", "set", "DEMO", "customer_mapping=default", "default_customer=WEB")
        place(stack, "#7101")
        stack.cli("sync", "orders", "--shop", "DEMO", "--follow")
        return run_tests(TESTS, stack, collector, peers)


if __name__ == "__main__":
    end_with(main)
