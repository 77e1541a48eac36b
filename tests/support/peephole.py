"""peephole.py - what the programs send over HTTP, seen from outside: a forwarder that notes headers, and a collector of spans."""
import gzip
import http.client
import http.server
import json
import threading
import urllib.parse


class _Server:
    """One HTTP/1.1 server of its own on a free loopback port; `answer(handler, body)` does the work."""

    def __init__(self, answer):
        self.lock = threading.Lock()
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                size = int(self.headers.get("Content-Length") or 0)
                answer(self, self.rfile.read(size))

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Peephole(_Server):
    """Stands in front of a peer; `seen` is [(method, path, headers)] in the order in which requests came."""

    def __init__(self, peer):
        self.seen = []
        self.peer = urllib.parse.urlsplit(peer).netloc
        super().__init__(self._forward)

    def _forward(self, handler, body):
        with self.lock:
            self.seen.append((handler.command, handler.path, dict(handler.headers)))
        there = http.client.HTTPConnection(self.peer, timeout=60)
        there.putrequest(handler.command, handler.path, skip_host=True, skip_accept_encoding=True)
        for name, value in handler.headers.items():
            there.putheader(name, value)
        there.endheaders(body or None)
        answer = there.getresponse()
        text = answer.read()
        handler.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "keep-alive"):
                handler.send_header(name, value)
        if answer.status != 204:
            handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text)
        there.close()

    def traceparents(self):
        with self.lock:
            return [(f"{method} {path}", {name.lower(): value for name, value in headers.items()}.get("traceparent"))
                    for method, path, headers in self.seen]

    def clear(self):
        with self.lock:
            self.seen.clear()


class Collector(_Server):
    """Takes spans as OTLP's JSON at /v1/traces; as strict as the protocol says a collector may be."""

    def __init__(self):
        self.spans, self.bodies, self.requests, self.problems = [], [], [], []
        super().__init__(self._take)

    def _take(self, handler, body):
        if handler.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        try:
            found = list(self._read(handler, json.loads(body)))
            status = 200
        except (AssertionError, KeyError, ValueError, TypeError) as wrong:
            found, status = [], 400
            self.problems.append(repr(wrong))
        with self.lock:
            self.bodies.append(body.decode())
            self.requests.append(dict(handler.headers))
            self.spans.extend(found)
        handler.send_response(status)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"{}")

    @staticmethod
    def _facts(list_):
        facts = {}
        for attribute in list_:
            (kind, value), = attribute["value"].items()
            assert kind in ("stringValue", "intValue", "boolValue", "doubleValue"), kind
            assert attribute["key"] not in facts, f"{attribute['key']} stands twice"
            facts[attribute["key"]] = int(value) if kind == "intValue" else value
        return facts

    def _read(self, handler, tree):
        assert handler.path == "/v1/traces" and handler.command == "POST", handler.path
        assert handler.headers["Content-Type"] == "application/json", handler.headers["Content-Type"]
        for of_resource in tree["resourceSpans"]:
            resource = self._facts(of_resource["resource"]["attributes"])
            for of_scope in of_resource["scopeSpans"]:
                for span in of_scope["spans"]:
                    for name, size in (("traceId", 32), ("spanId", 16), ("parentSpanId", 16)):
                        text = span.get(name, "")
                        assert (name == "parentSpanId" and not text) or (len(text) == size and int(text, 16)), f"{name} {text}"
                    assert 1 <= span["kind"] <= 5 and span["name"], span
                    start, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
                    assert isinstance(span["startTimeUnixNano"], str) and 0 < start <= end, (start, end)
                    yield {**span, "resource": resource, "facts": self._facts(span["attributes"]), "start": start, "end": end}

    def of(self, trace):
        with self.lock:
            return [span for span in self.spans if span["traceId"] == trace]
