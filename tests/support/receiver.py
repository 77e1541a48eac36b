"""receiver.py - takes what notifications post to it, answers 204, and keeps what came."""
import http.server
import json
import threading


class Receiver:
    def __init__(self, port=0):
        self.got, self.lock = [], threading.Lock()  # (target, headers, body); a target is what the path ends with
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with owner.lock:
                    owner.got.append((self.path[1:], self.headers, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, target):
        with self.lock:
            return [json.loads(body) for path, _, body in self.got if path == target]

    def headers(self, target):
        with self.lock:
            return [(headers, body) for path, headers, body in self.got if path == target]

    def clear(self):
        with self.lock:
            self.got.clear()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
