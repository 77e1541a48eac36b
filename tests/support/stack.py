"""stack.py - the whole local stack for tests and benches that look at it from outside.

Real processes on free loopback ports: Redis, the embedded broker (or a Kafka given by TEST_KAFKA), both
simulated peers, producer, workers. Everything is waited for by its state, with a bound. Standard library only.

    with Stack(build) as stack:
        stack.start(data="none")
        worker = stack.worker(lease_ms=600)
        stack.cli("apply", "-f", path)
        stack.wait("orders staged", 10, lambda: ...)
"""
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEMO = ROOT / "sandbox" / "demo" / "demo.yaml"
COMPANY = "11111111-1111-4111-8111-111111111111"
# A worker that was killed is missed in Kafka's group after three seconds, not ten: until then all tickets wait to be taken from Redis.
GROUP = {"CARTAGE_KAFKA_SESSION_TIMEOUT_MS": "3000", "CARTAGE_KAFKA_HEARTBEAT_INTERVAL_MS": "500"}
SECRETS = {"SHOPIFY_SECRET": "sandbox-secret", "BC_SECRET": "sandbox-bc-secret"}


class Failed(Exception):
    pass


class Skipped(Exception):
    """What a test wants is not on this machine."""


class Refused(Failed):
    """An answer of 400 or more."""

    def __init__(self, method, url, answer):
        self.status, self.headers, self.body = answer.code, answer.headers, answer.read()
        super().__init__(f"{method} {url}: {self.status} {self.body.decode(errors='replace')}")


def expect(truth, what):
    if not truth:
        raise Failed(what)


def end_with(main):
    """Ends the process with what main() returns, a code or the counts of run_tests; a stack that does not stand up is
    one failed test."""
    try:
        ended = main()
    except Failed as problem:
        print(problem)
        ended = 0, 1
    if isinstance(ended, tuple):
        print(f"{ended[0]} passed, {ended[1]} failed" + (f", {ended[2]} skipped" if ended[2:] and ended[2] else ""))
        ended = 1 if ended[1] else 0
    sys.exit(ended)


def run_tests(tests, *given):
    """Runs each in turn with what it is given and prints how it went; how many (passed, failed, skipped)."""
    counts = {"ok  ": 0, "FAIL": 0, "skip": 0}
    for test in tests:
        begun, how, said = time.monotonic(), "ok  ", ""
        try:
            test(*given)
        except Failed as failure:
            how, said = "FAIL", f": {failure}"
        except Skipped as missing:
            how, said = "skip", f": {missing}"
        except Exception:  # the tests behind it are run all the same
            how, said = "FAIL", f": {traceback.format_exc()}"
        counts[how] += 1
        print(f"{how} {test.__name__} ({time.monotonic() - begun:.1f} s){said}", flush=True)
    return tuple(counts.values())


def free_port():
    """Below those that the system gives to whoever asks for any, so that nobody gets it before it is used."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", random.randrange(20000, 32000)))
            return probe.getsockname()[1]


def http_open(method, url, body=None, headers=None):
    """The answer as it comes: its headers, and lines that can be read one by one."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method,
                                     headers={"Content-Type": "application/json", **(headers or {})})
    try:
        return urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as answer:
        raise Refused(method, url, answer) from None


def http_json(method, url, body=None, headers=None):
    with http_open(method, url, body, headers) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class Redis:
    """Enough of RESP for looking at keys from outside."""

    def __init__(self, port):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.file = self.sock.makefile("rb")

    def __call__(self, *words):
        parts = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        self.sock.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
        return self._reply()

    def _reply(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if kind == b"-":
            raise Failed("Redis: " + rest.decode())
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self.file.read(size + 2)[:-2]
        if kind == b"*":
            return None if int(rest) < 0 else [self._reply() for _ in range(int(rest))]
        raise Failed(f"Redis answered {line!r}")

    def close(self):
        self.file.close()
        self.sock.close()


def variables(other, cartage):
    return {**(other or {}), **{f"CARTAGE_{name.upper()}": str(value) for name, value in cartage.items()}}


class Proc:
    def __init__(self, name, argv, log, env):
        self.name, self.log = name, log
        with open(log, "ab") as out:
            self.popen = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env,
                                          start_new_session=True)

    def alive(self):
        return self.popen.poll() is None

    def killed(self):
        return self.popen.poll() == -signal.SIGKILL

    def send(self, number):
        if self.alive():
            os.killpg(self.popen.pid, number)

    def stop(self, seconds=20):
        self.send(signal.SIGTERM)
        try:
            self.popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"{self.name} did not end within {seconds} s of SIGTERM; log {self.log}")
        return self.popen.returncode

    def kill(self):
        self.send(signal.SIGKILL)
        self.popen.wait()

    def tail(self, lines=15):
        try:
            return "\n".join(pathlib.Path(self.log).read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


class Stack:
    def __init__(self, build=None, keep=False):
        build = build or os.environ.get("CARTAGE_BUILD", "build/release")
        self.bin = (ROOT / build / "bin") if not os.path.isabs(build) else pathlib.Path(build) / "bin"
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="cartage-stack-"))
        self.keep = keep
        self.procs = []
        self.workers = 0
        self.env = {**os.environ, **SECRETS, **GROUP, "CARTAGE_ENV": "test"}

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        for proc in reversed(self.procs):
            try:
                proc.stop(10)
            except Failed as late:
                print(late)
        if kind is None and not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)
        else:
            print(f"logs are in {self.dir}")

    def run(self, name, *argv, env=None):
        proc = Proc(name, [str(a) for a in argv], self.dir / f"{name}.log", {**self.env, **(env or {})})
        self.procs.append(proc)
        return proc

    def wait(self, what, seconds, done, proc=None):
        """The value of done() once it is truthy; fails with `what` after the bound."""
        deadline = time.monotonic() + seconds
        while True:
            value = done()
            if value:
                return value
            if proc is not None and not proc.alive():
                raise Failed(f"{proc.name} ended before: {what}\n{proc.tail()}")
            if time.monotonic() > deadline:
                raise Failed(f"not within {seconds} s: {what}" + (f"\n{proc.tail()}" if proc else ""))
            time.sleep(0.05)  # between two looks; the wait itself is bounded by the state

    def address_of(self, proc, seconds=60):
        path = self.dir / f"{proc.name}.address"
        self.wait(f"{proc.name} answers", seconds, lambda: path.exists() and path.read_text().strip(), proc)
        return path.read_text().strip()

    def start(self, data="none", latency="none", plan="plus", seed=1, durable=False, both=(), shopify=(), bc=(), producers=1, lease_ms=None):
        """`lease_ms`: of producers and workers alike, as in life: who declares a worker lost waits as long as its own lease says."""
        if lease_ms:
            self.env["CARTAGE_LEASE_MS"] = str(lease_ms)
        port = free_port()
        redis = self.run("redis", "redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", self.dir,
                         "--save", "", "--appendonly", "yes", "--appendfsync", "always" if durable else "no",
                         "--maxmemory-policy", "noeviction")
        self.redis_port = port

        def answers():
            try:
                self.redis = Redis(port)
                return self.redis("PING") == "PONG"
            except (OSError, Failed):
                return False
        self.wait("Redis answers", 20, answers, redis)
        self.env["CARTAGE_REDIS"] = f"127.0.0.1:{port}"

        if os.environ.get("TEST_KAFKA"):
            self.env["CARTAGE_KAFKA"] = os.environ["TEST_KAFKA"]
            self.env["CARTAGE_ENV"] = "t" + os.urandom(6).hex()  # stacks side by side share the Kafka, not its topics
        else:
            broker = self.run("broker", self.bin / "cartage-broker", "--address-file", self.dir / "broker.address")
            self.env["CARTAGE_KAFKA"] = self.address_of(broker)

        peers = {}
        for peer in ("shopify", "business-central"):
            flags = [*both, *(["--plan", plan, *shopify] if peer == "shopify" else bc)]
            peers[peer] = self.run(peer, "node", ROOT / "sandbox" / peer / "main.mjs", "--listen", "127.0.0.1:0",
                                   "--address-file", self.dir / f"{peer}.address", "--data", data, "--latency", latency,
                                   "--seed", seed, *flags)
        self.shopify = self.address_of(peers["shopify"])
        self.bc = self.address_of(peers["business-central"])
        self.env["SHOPIFY_URL"], self.env["BUSINESS_CENTRAL_URL"] = self.shopify, self.bc

        token = self.dir / "token"
        token.write_text("test-" + os.urandom(12).hex())
        token.chmod(0o600)
        self.env.update(CARTAGE_TOKEN_FILE=str(token), CARTAGE_WITNESS=str(self.dir / "witness"),
                        CARTAGE_LISTEN="127.0.0.1:0")
        subprocess.run([self.bin / "cartage", "init"], env=self.env, check=True,
                       stdout=subprocess.DEVNULL, stderr=open(self.dir / "init.log", "wb"))
        for n in range(producers):
            self.producer(n)

    def producer(self, n=0, other=None, **env):
        """Keyword arguments are CARTAGE_ variables; those of other names stand in `other`."""
        name = f"producer-{n}"
        (self.dir / f"{name}.address").unlink(missing_ok=True)  # of one that was killed
        proc = self.run(name, self.bin / "cartage-producer", "--address-file", self.dir / f"{name}.address",
                        env=variables(other, env))
        address = self.address_of(proc)
        if n == 0:
            self.ask_at(address)
        return proc

    def ask_at(self, address):
        self.url = self.env["CARTAGE_URL"] = self.env["PUBLIC_URL"] = address

    @contextlib.contextmanager
    def second_producer(self, n, other=None, **env):
        """A producer beside the first: as long as it is there, it is the one that api and cli ask."""
        proc, first = self.producer(n, other, **env), self.url
        self.ask_at(self.address_of(proc))
        try:
            yield
        finally:
            self.ask_at(first)
            proc.stop()

    def worker(self, other=None, **env):
        """As with producer(): lease_ms=600, fault_at="http.after:...:1"."""
        self.workers += 1
        return self.run(f"worker-{self.workers}", self.bin / "cartage-worker", env=variables(other, env))

    def worker_lives(self):
        """Waits for it: the peers are asked through a worker, and one that was just started has not reported yet."""
        self.wait("a worker lives", 30, lambda: any(
            row["code"] == "workers" and row["state"] == "ok" for row in self.api("GET", "/v1/doctor")["checks"]))

    def cli(self, *words, check=True, json_out=True):
        argv = [str(self.bin / "cartage"), *[str(w) for w in words], *(["--json"] if json_out else [])]
        done = subprocess.run(argv, env=self.env, capture_output=True, text=True, timeout=120)
        if check and done.returncode:
            raise Failed(f"cartage {' '.join(map(str, words))}: exit {done.returncode}\n{done.stderr}")
        if not json_out:
            return done
        return json.loads(done.stdout) if done.stdout.strip() else None

    def token(self):
        return pathlib.Path(self.env["CARTAGE_TOKEN_FILE"]).read_text().strip()

    def open(self, method, path, body=None, headers=None):
        return http_open(method, self.url + path, body, {"Authorization": f"Bearer {self.token()}", **(headers or {})})

    def api(self, method, path, body=None):
        return http_json(method, self.url + path, body, {"Authorization": f"Bearer {self.token()}"})

    def refused(self, method, path, body=None):
        """The status and the problem of a call that must be refused."""
        try:
            self.api(method, path, body)
        except Refused as answer:
            return answer.status, json.loads(answer.body)
        raise Failed(f"{method} {path} {body} was answered as if it were right")

    def sandbox(self, peer, method, path, body=None):
        base = self.shopify if peer == "shopify" else self.bc
        return http_json(method, f"{base}/_sandbox/{path}", body)
