"""bed - the processes of a bench of the queue: Redis with a durability that the row states, the embedded broker or
a Kafka given by TEST_KAFKA, one producer, workers with operations that bring no work of their own."""
import datetime
import os
import pathlib
import subprocess
import time

import lib  # noqa: F401  (puts tests/support on the path)
from stack import ROOT, Failed, Redis, Stack, free_port

NOTHING = '{"steps":0}'  # for bench.steps: a task that does nothing
TICK = os.sysconf("SC_CLK_TCK")


class Bed(Stack):
    Failed = Failed

    def __init__(self, flags, fsync="everysec"):
        super().__init__(flags.build)
        self.env["CARTAGE_LOG_LEVEL"] = "warn"
        self.env["CARTAGE_ENV"] = "bench"
        self.redis_port = free_port()
        self.address = f"127.0.0.1:{self.redis_port}"
        redis = self.run("redis", "redis-server", "--port", self.redis_port, "--bind", "127.0.0.1", "--dir", self.dir, "--save", "",
                         "--appendonly", "yes", "--appendfsync", fsync, "--auto-aof-rewrite-percentage", 0,
                         "--maxmemory-policy", "noeviction")

        def answers():
            try:
                self.redis = Redis(self.redis_port)
                return self.redis("PING") == "PONG"
            except (OSError, Failed):
                return False
        self.wait("Redis answers", 20, answers, redis)
        self.env["CARTAGE_REDIS"] = self.address

    def stack_up(self, broker="embedded"):
        if broker == "kafka":
            kafka = self.run("kafka", ROOT / "tests" / "kafka" / "start", "--dir", self.dir / "kafka",
                             "--address-file", self.dir / "kafka.address")
            self.env["CARTAGE_KAFKA"] = self.address_of(kafka, 120)
        elif os.environ.get("TEST_KAFKA"):
            self.env["CARTAGE_KAFKA"] = os.environ["TEST_KAFKA"]
        else:
            broker = self.run("broker", self.bin / "cartage-broker", "--address-file", self.dir / "broker.address")
            self.env["CARTAGE_KAFKA"] = self.address_of(broker)
        token = self.dir / "token"
        token.write_text("test-" + os.urandom(12).hex())
        token.chmod(0o600)
        self.env.update(CARTAGE_TOKEN_FILE=str(token), CARTAGE_WITNESS=str(self.dir / "witness"), CARTAGE_LISTEN="127.0.0.1:0")
        subprocess.run([self.bin / "cartage-producer", "--init"], env=self.env, check=True,
                       stdout=subprocess.DEVNULL, stderr=open(self.dir / "init.log", "wb"))
        self.producer()

    def worker(self, executors=8, **env):
        self.workers += 1
        return self.run(f"worker-{self.workers}", self.bin / "bench-worker",
                        env={"CARTAGE_EXECUTORS": str(executors), **{f"CARTAGE_{k.upper()}": str(v) for k, v in env.items()}})

    def tool(self, *words):
        done = subprocess.run([str(self.bin / "bench-queue"), *map(str, words)], capture_output=True, text=True, timeout=1800)
        if done.returncode:
            raise Failed(f"bench-queue {words[0]}: {done.stderr}")
        return done.stdout

    def fill(self, count, first, companies, category="SHPFY", operation="bench.steps", arguments=NOTHING):
        """Adds one-off tasks that are due now; the ids of the companies."""
        return self.tool("fill", self.address, "bench", count, first, companies, category, operation, arguments).split()

    def warm_up(self):
        """Until the workers have joined their group: an idle worker looks in Redis after a second,
        a joined one is told at once (the tick comes twice a second)."""
        quick = 0
        while quick < 3:
            begun = time.monotonic()
            self.fill(1, 0, 1)
            self.wait("a first task ends", 60, lambda: self.due_now() + self.places("open", "run") == 0)
            quick = quick + 1 if time.monotonic() - begun < 0.9 else 0

    def lanes(self, companies, what, category="SHPFY"):
        """Pauses or resumes the category of all these companies."""
        done = subprocess.run([str(self.bin / "bench-lanes"), self.address, "bench", self.env["CARTAGE_KAFKA"], category, what],
                              input="".join(f"{company}\n" for company in companies), capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise Failed(done.stderr.strip())

    def keys(self, pattern):
        return self.redis("KEYS", pattern)

    def places(self, *names):
        """How many entries stand in these indexes, over all buckets."""
        return sum(self.redis("ZCARD", f"ct:{{bench/{bucket:02x}}}:{name}") for name in names for bucket in range(16))


    def redis_ms(self):
        seconds, micros = self.redis("TIME")
        return int(seconds) * 1000 + int(micros) / 1000

    def due_now(self):
        """How many entries wait for a tick."""
        now = int(self.redis_ms())
        return sum(self.redis("ZCOUNT", f"ct:{{bench/{bucket:02x}}}:due", "-inf", now) for bucket in range(16))

    def recorded(self, *events):
        """{event: {task: [ms, ...]}} of the history that Redis still holds."""
        found = {event: {} for event in events}
        for key in self.keys("ct:{bench/*}:hist"):
            for _, (_, text) in self.redis("XRANGE", key, "-", "+"):
                at, *lines = text.decode().split("\n")
                for line in lines:
                    event, _, _, _, task = line.split("\t")[:5]
                    if event in found:
                        found[event].setdefault(task, []).append(int(at))
        return found

    def logged_runs(self, key):
        """Of the log of a company: (outcome, slot, started, at) of each attempt that ended."""
        for _, (_, text) in self.redis("XRANGE", key, "-", "+"):
            row = text.decode().split("\t")
            if row[1] == "attempt":
                yield row[13], int(row[10]), int(row[12]), int(row[0])

    def log_keys(self, companies):
        """The keys of these companies' logs."""
        buckets = dict(zip(*[iter(self.redis("HGETALL", "ct:bench:companies"))] * 2))
        return [f"ct:{{bench/{int(buckets[company.encode()]):02x}}}:log:{company}" for company in companies]

    def lines(self, prefix, event):
        """(ms, facts) of this event in the logs of these processes."""
        for proc in self.procs:
            if not proc.name.startswith(prefix):
                continue
            for line in open(proc.log, errors="replace"):
                if f" event={event} " in line:
                    facts = dict(word.split("=", 1) for word in line.split() if "=" in word)
                    yield datetime.datetime.fromisoformat(facts["time"]).timestamp() * 1000, facts

    def logged(self, prefix, event, fact):
        """{value of the fact: ms} of the first line of each."""
        found = {}
        for at, facts in self.lines(prefix, event):
            found.setdefault(facts.get(fact), at)
        return found


def median(values):
    return sorted(values)[len(values) // 2]


def p99(values):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))]


def seconds_of(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def profile(bed, before=None):
    """Processor seconds of every process of the bed, since `before`."""
    now = {proc.name: seconds_of(proc.popen.pid) for proc in bed.procs if proc.alive()}
    return {name: round(value - (before or {}).get(name, 0), 2) for name, value in now.items()}


def checked(flags, bed):
    """The history that Redis still holds keeps every promise."""
    done = subprocess.run(["python3", str(ROOT / "tests/checker/check.py"), f"redis://{bed.address}/bench"],
                          capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise Failed(f"the checker: {done.stdout}{done.stderr}")
