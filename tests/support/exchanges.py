"""exchanges.py - every single HTTP exchange of a piece of work goes wrong once, in every way it can.

A topic says what a life is: how its records are placed, which operations carry them along, when it is over and what
would be wrong then. This file lives it once undisturbed, lists the exchanges that took place at both peers, and then
lives it again for each of them and each way to fail. Nobody helps: the operations are only started again and again,
as their schedule would.

What may go wrong with one exchange:
    before   the connection dies before anything happens
    after    the effect takes place, the answer is lost
    late     the effect takes place only after we gave up and looked once (writes only)
    garbled  the effect takes place, the answer breaks off in its middle
    timeout  the effect takes place, no answer comes within the client's patience
    429      refused for its rate
    500      the effect takes place, a failure is answered
    503      refused, nothing happened
    killed   the worker dies right before it is sent, and right after its answer came
and each of them at two exchanges in a row; the worker that follows a killed one dies at its first.

What a worker learns once (tokens, the company, its level) is asked by each life of the first kind of lane: such a case
begins with a new worker that knows nothing. Other records of the run are to be done while the one waits.

The peers and the client's patience run SCALE times real time (CARTAGE_TIME_SCALE).
"""
import collections
import queue
import re
import threading
import time

from stack import ROOT, Failed, Stack

SCALE = 40
PATIENCE_MS = {"shopify": 1000, "business-central": 3000}  # of the client, at this scale (http.h: never below a second)
POSTING_MS = 13500
LATE_S = 6   # bc_late_s of the company, late_s of the shop: until then an effect may come that nobody waits for
LEASE_MS = 1500
SETTLE_S = 150  # Shopify may carry out a lost mutation for a minute
PEERS = ("shopify", "business-central")
TOKENS = ("oauth", "POST token")
# What the fleet asks on its own account, once in six hours and at no moment of a subject's life.
OWN_ACCOUNT = ("WebhooksList", "WebhookCreate", "WebhookDelete", "GET subscriptions", "POST subscriptions", "PATCH subscriptions",
               "DELETE subscriptions")

Exchange = collections.namedtuple("Exchange", "peer operation nth")
Case = collections.namedtuple("Case", "exchange kind twice")


def is_write(exchange):
    """Does it change something at the peer? Shopify's mutations are named by what they do."""
    if exchange.peer == "business-central":
        return not exchange.operation.startswith("GET ") and exchange.operation not in TOKENS
    return exchange.operation in MUTATIONS


# Names of the documents in schemas/shopify that are mutations.
MUTATIONS = {found[1] for path in (ROOT / "schemas/shopify").glob("*.graphql") if (found := re.search(r"(?m)^mutation (\w+)", path.read_text()))}


LOOKS = {"shopify": "Order|Fulfillment", "business-central": "sales"}


def actions(case, looks=None):
    """The rules of the sandbox that play this case; `looks` names the reads by which a late effect is looked for."""
    peer, operation, nth = case.exchange
    patience_ms = POSTING_MS if operation.startswith("POST Microsoft.NAV.") else PATIENCE_MS[peer]
    late = {"kind": "later", "looks": 1, "match": (looks or LOOKS)[peer],
            "bucket_ms": LATE_S * 1000 - 2000}
    action = {
        "before": {"kind": "reset_before"},
        "after": {"kind": "reset_after"},
        "late": late,
        "garbled": {"kind": "truncate"},
        "timeout": {"kind": "hang_after", "ms": patience_ms + 2000},
        "429": {"kind": "throttled"},
        "500": {"kind": "internal_after"},
        "503": {"kind": "status", "status": 503},
    }[case.kind]
    if operation in TOKENS:  # another house, which has failures of its own
        action = {"429": {"kind": "status", "status": 429}, "500": {"kind": "status_after", "status": 500}}.get(case.kind, action)
    return [{"match": {"operation": operation}, "nth": nth + n, "action": action} for n in range(2 if case.twice else 1)]


class Lane:
    """One stack of its own, on which one case after the other is played."""

    def __init__(self, topic, stack):
        self.topic, self.stack, self.worker, self.case = topic, stack, None, None
        self.subject, self.late_others, self.once, self.deaths = None, [], set(), 0
        stack.env["CARTAGE_LEASE_MS"] = str(LEASE_MS)
        topic.prepare(self)
        self.worker = self.new_worker()

    def new_worker(self, **env):
        return self.stack.worker(executors=2, time_scale=SCALE, **env)

    def begin_anew(self):
        """A new worker, in a fleet that has no token."""
        self.worker.stop()
        for key in self.stack.redis("KEYS", "ct:{*}:token"):
            self.stack.redis("DEL", key)
        self.worker = self.new_worker()

    def counts(self):
        found = collections.Counter()
        for peer in PEERS:
            for operation, row in self.stack.sandbox(peer, "GET", "ledger")["by_operation"].items():
                if not operation.startswith("$batch ") and operation not in OWN_ACCOUNT:  # a batch's members; the whole is an exchange
                    found[peer, operation] = row["calls"]
        return found

    # ---- one life ----

    def start(self, operation, arguments):
        body = {"operation": operation, "shop": self.topic.shop, "detach": True, "arguments": arguments}
        return self.stack.api("POST", f"/v1/sync?company={self.topic.company}", body)["no"]

    def state(self, no):
        run = self.stack.api("GET", f"/v1/runs/{no}?company={self.topic.company}")
        return "parked" if run["state"] == "due" and run["attempt"] > 1 else run["state"]

    def run(self, operation):
        """Starts an operation and waits until it is over, parks and new attempts included. While it is parked another
        one looks at the same records, as a schedule would have it."""
        self.topic.between(self, self.subject, operation)
        arguments = self.topic.arguments(operation)
        no = self.start(operation, arguments)
        state = self.stack.wait(f"{operation}, run {no}, ends or is parked", SETTLE_S, lambda: self.ended_as(no, "finished", "parked"))
        if state == "parked":
            self.late_others += self.lagging()
            other = {**arguments, **self.topic.others(operation)}
            # With the same arguments it would be the same entry, which would run once more after it.
            for each in ([self.start(operation, other)] if other != arguments else []) + [no]:
                self.stack.wait(f"{operation}, run {each}, ends", SETTLE_S, lambda n=each: self.ended_as(n, "finished"))

    def ended_as(self, no, *states):
        state = self.state(no)
        return state if state in states else None

    def round(self):
        for operation in self.topic.operations:
            self.run(operation)

    def lagging(self):
        """Records, besides those of the case itself, that were not done when the run was parked because of it."""
        if not self.case or self.case.kind.startswith("killed") or not self.took_place(self.case):
            return []
        behind = self.topic.behind(self, self.subject, self.case.exchange)
        return behind[2 if self.case.twice else 1:]

    def live(self, subject):
        """Rounds until the topic says that it is settled."""
        self.subject, self.late_others = subject, []
        deadline = time.monotonic() + SETTLE_S
        while True:
            self.round()
            missing = self.topic.missing(self, subject)
            if not missing:
                return
            if time.monotonic() > deadline:
                raise Failed(f"not settled within {SETTLE_S} s: {missing}")

    def one_life(self):
        """The exchanges of one undisturbed life: a Counter."""
        self.topic.forget(self)
        subject = self.topic.place(self)
        before = self.counts()
        self.live(subject)
        return self.counts() - before

    def enumerate(self):
        """All exchanges of a life, in no order, and the names of those that only a new worker has. What one of two lives alone
        had, a page more say, is chance: it would be waited for in vain."""
        self.one_life()
        usual = self.one_life()
        anew = []
        for _ in range(2):
            self.begin_anew()
            anew.append(self.one_life())
        first = anew[0] & anew[1]
        once = set(first) - set(usual)
        grown = (usual & first) + collections.Counter({name: first[name] for name in once})
        listed = [Exchange(peer, operation, n + 1) for (peer, operation), calls in sorted(grown.items()) for n in range(calls)]
        return listed + list(getattr(self.topic, "unlisted", ())), once  # what no ledger counts

    # ---- one case ----

    def play(self, case):
        """None, or what went wrong."""
        self.topic.forget(self)
        self.case, subject = None, self.topic.place(self)
        killed = case.kind.startswith("killed")
        if case.exchange[:2] in self.once:
            self.begin_anew()
        self.case = case
        if killed:
            self.worker.stop()
            point = f"http.{case.kind.split('-')[1]}:{self.topic.label(case.exchange)}:{self.topic.nth(case.exchange)}"
            self.worker = self.new_worker(fault_at=point)
        else:
            self.stack.sandbox(case.exchange.peer, "POST", "faults", {"rules": actions(case, getattr(self.topic, "looks", None))})
        try:
            return self.outcome(case, subject, killed)
        finally:
            if not killed:
                self.stack.sandbox(case.exchange.peer, "DELETE", "faults")
            if killed and not self.took_place(case):
                self.worker.kill()  # it is to die still
            if not self.worker.alive():
                self.worker = self.new_worker()

    def outcome(self, case, subject, killed):
        rescuer = threading.Thread(target=self.rescue, daemon=True) if killed else None
        self.ended, self.deaths = False, 0
        if rescuer:
            rescuer.start()
        try:
            self.live(subject)
            deadline = time.monotonic() + SETTLE_S
            while True:  # whatever is done twice by one more round shows; and a life may take fewer rounds than the first one
                self.round()
                if self.took_place(case) or time.monotonic() > deadline:
                    break
        finally:
            self.ended = True
            if rescuer:
                rescuer.join()
        if not self.took_place(case):
            return "no such exchange took place"
        wrong = self.topic.wrong(self, subject) + [f"{name} was not done meanwhile" for name in self.late_others]
        return "; ".join(wrong) or None

    def took_place(self, case):
        if case.kind.startswith("killed"):
            return self.deaths > (1 if case.twice else 0)
        return self.stack.sandbox(case.exchange.peer, "GET", "faults")["rules"][0]["hits"] > 0

    def rescue(self):
        """A worker that died is followed by another one, as an orchestrator would have it."""
        while not self.ended:
            if self.worker.killed():
                self.deaths += 1
                again = self.case.twice and self.deaths == 1
                self.worker = self.new_worker(**({"fault_at": f"http.{self.case.kind.split('-')[1]}:*:1"} if again else {}))
            time.sleep(0.05)


def cases(exchanges, kinds, twice=(False, True)):
    found = []
    for exchange in exchanges:
        for kind in kinds:
            if kind == "late" and not is_write(exchange):
                continue
            for both in twice:
                found.append(Case(exchange, kind, both))
    return found


def client_name(exchange):
    """The client's name of it, as its kill points have it; a topic whose client names a call otherwise has a `label` of its own."""
    operation = "oauth" if exchange.operation in TOKENS else exchange.operation
    return f"{'shopify' if exchange.peer == 'shopify' else 'bc'} {operation}"


KINDS = ("before", "after", "late", "garbled", "timeout", "429", "500", "503", "killed-before", "killed-after")


def play_all(new_topic, lanes, choose=None, kinds=KINDS, twice=(False, True)):
    """Plays all cases on so many lanes side by side; (passed, failed)."""
    work, results, lock = queue.Queue(), [], threading.Lock()

    def lane_main():
        try:
            with Stack() as stack:
                lane = Lane(new_topic(), stack)
                lane.once = once
                while True:
                    try:
                        case = work.get_nowait()
                    except queue.Empty:
                        return
                    begun = time.monotonic()
                    try:
                        problem = lane.play(case)
                    except Failed as failure:
                        problem = str(failure)
                    name = f"{lane.topic.name}: {case.exchange.peer} {case.exchange.operation} {case.exchange.nth}, {case.kind}{' twice' if case.twice else ''}"
                    with lock:
                        results.append(problem)
                        print(f"{'FAIL' if problem else 'ok  '} {name} ({time.monotonic() - begun:.1f} s){': ' + problem if problem else ''}", flush=True)
                    stack.keep |= bool(problem)
        except Failed as failure:
            with lock:
                results.append(str(failure))
                print(f"FAIL a lane: {failure}", flush=True)

    with Stack() as stack:
        lane = Lane(new_topic(), stack)
        exchanges, once = lane.enumerate()
    for case in cases(exchanges, kinds, twice):
        if choose is None or choose(case):
            work.put(case)
    planned = work.qsize()
    print(f"{lane.topic.name}: {len(exchanges)} exchanges, {planned} cases on {lanes} lanes", flush=True)
    threads = [threading.Thread(target=lane_main) for _ in range(min(lanes, work.qsize()))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    good = sum(1 for problem in results if not problem)
    return good, max(planned, len(results)) - good  # what a lane that broke left behind has failed, too
