"""peers - the same no-op jobs on other queues: filled first, then drained by as many workers as serve each best on
two cores; jobs a second from the first start to the last end, as their workers saw them.

Each peer keeps and removes a job as it does by default. What it keeps of one decides what it can be compared with:
beanstalkd, asynq and BullMQ know each job by its id and in which state it is; Sidekiq, Celery and JetStream only
which messages were not taken or not acknowledged yet. Those on Redis get the same Redis as ours, with the same
durability. None of them runs one job of a company at a time, nor keeps a history.
"""
import os
import shutil
import socket
import subprocess
import time

from queue_cases.bed import Bed
from stack import ROOT, Failed, free_port

HERE = ROOT / "bench" / "peers"
MADE = ROOT / "var" / "cache" / "peers"  # by scripts/install bench
PROCESSES = 2
SECONDS = 300


class Peer:
    """One queue: what it needs, how its server starts, and the commands of its client."""
    needs, server, states = (), None, False

    def missing(self):
        return [need for need in self.needs if not shutil.which(str(need)) and not os.path.exists(need)]

    def environment(self, address):
        return {}

    def durable(self, fsync):
        """The durability of this row in the peer's own words, None where it has no such thing."""
        return f"appendfsync {fsync}"

    def start(self, bed, fsync):
        return bed.address


class Go(Peer):
    needs = (MADE / "peers-go",)

    def fill(self, address, jobs):
        return [self.needs[0], self.name, "fill", address, jobs]

    def drain(self, address, jobs):
        return [[self.needs[0], self.name, "drain", address, jobs]]


class Asynq(Go):
    name, states = "asynq", True


class Beanstalkd(Go):
    name, states = "beanstalkd", True
    needs = (*Go.needs, "beanstalkd")

    def durable(self, fsync):
        return {"everysec": "binlog -f1000", "always": "binlog -f0"}[fsync]

    def start(self, bed, fsync):
        folder, port = bed.dir / "binlog", free_port()
        folder.mkdir()
        bed.run("beanstalkd", "beanstalkd", "-l", "127.0.0.1", "-p", port, "-b", folder, self.durable(fsync).split()[1])
        return f"127.0.0.1:{port}"


class Jetstream(Go):
    name = "jetstream"
    needs = (*Go.needs, "nats-server")

    def durable(self, fsync):
        # Debian's version has no setting for it: file stores are synced every minute or two.
        return "file store, synced by its own clock" if fsync == "everysec" else None

    def start(self, bed, fsync):
        port = free_port()
        bed.run("nats-server", "nats-server", "-a", "127.0.0.1", "-p", port, "-js", "-sd", bed.dir / "jetstream")
        return f"127.0.0.1:{port}"


class Bullmq(Peer):
    name, states = "bullmq", True
    needs = ("node", MADE / "node" / "node_modules" / "bullmq")

    def script(self):
        """Node looks for modules beside the script, so it runs from where they are."""
        for file in ("bullmq.mjs", "tally.mjs"):
            shutil.copy(HERE / file, MADE / "node" / file)
        return MADE / "node" / "bullmq.mjs"

    def fill(self, address, jobs):
        return ["node", self.script(), "fill", address, jobs]

    def drain(self, address, jobs):
        return [["node", self.script(), "drain", address, jobs]] * PROCESSES


class Sidekiq(Peer):
    name = "sidekiq"
    needs = ("ruby", "sidekiq")

    def environment(self, address):
        return {"REDIS_URL": f"redis://{address}/0"}

    def fill(self, address, jobs):
        return ["ruby", HERE / "sidekiq.rb", jobs]

    def drain(self, address, jobs):
        return [["sidekiq", "-r", HERE / "sidekiq.rb", "-q", "bench", "-c", 10]] * PROCESSES


class Celery(Peer):
    name = "celery"
    needs = (MADE / "python" / "bin" / "celery",)

    def environment(self, address):
        return {"REDIS_URL": f"redis://{address}/0", "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1"}

    def fill(self, address, jobs):
        return [MADE / "python" / "bin" / "python", HERE / "tasks.py", jobs]

    def drain(self, address, jobs):
        return [[self.needs[0], "-A", "tasks", "worker", "-c", PROCESSES, "-l", "ERROR", "--without-gossip",
                 "--without-mingle", "--without-heartbeat"]]


PEERS = [Beanstalkd(), Jetstream(), Bullmq(), Sidekiq(), Celery(), Asynq()]


def said(workers):
    """The last tally of each process, added up: count, first start, last end. Celery's share one log,
    so theirs have a fourth word."""
    count, first, last = 0, 1 << 62, 0
    for worker in workers:
        lines = {}
        for line in open(worker.log, errors="replace"):
            words = line.split()
            if len(words) in (3, 4) and all(word.isdigit() for word in words):
                lines[words[3] if len(words) == 4 else ""] = [int(word) for word in words[:3]]
        for own, begun, ended in lines.values():
            count, first, last = count + own, min(first, begun), max(last, ended)
    return count, first, last


def answers(address):
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
        return True
    except OSError:
        return False


def speed(peer, flags, fsync):
    with Bed(flags, fsync) as bed:
        address = peer.start(bed, fsync)
        bed.wait(f"{peer.name} answers", 20, lambda: answers(address))
        env = peer.environment(address)
        done = subprocess.run([str(word) for word in peer.fill(address, flags.tasks)], env={**bed.env, **env},
                              capture_output=True, text=True, timeout=SECONDS)
        if done.returncode:
            raise Failed(f"{peer.name} could not be filled: {done.stderr[-2000:]}")
        workers = [bed.run(f"{peer.name}-{n}", *command, env=env)
                   for n, command in enumerate(peer.drain(address, flags.tasks))]

        def all_done():
            time.sleep(0.1)  # reading their logs costs them processor time
            for worker in workers:
                if not worker.alive():
                    raise Failed(f"{worker.name} ended early\n{worker.tail()}")
            return said(workers)[0] >= flags.tasks
        bed.wait(f"{peer.name} is drained", SECONDS, all_done)
        count, first, last = said(workers)
        for worker in workers:
            worker.kill()
        if count != flags.tasks:
            raise Failed(f"{peer.name} ran {count} of {flags.tasks} jobs")
        return count / ((last - first) / 1000)


class Field:
    """The peers that are here, one measurement of each a round, beside ours."""

    def __init__(self, report):
        self.report, self.here, self.rows = report, [], {}
        for peer in PEERS:
            missing = peer.missing()
            report.notes = [text for text in report.notes if not text.startswith(f"{peer.name}: skipped")]
            if missing:
                names = ", ".join(os.path.basename(str(need)) for need in missing)
                report.note(f"{peer.name}: skipped, {names} is not here (scripts/install bench)")
            else:
                self.here.append(peer)

    def round(self, flags, fsync):
        for peer in self.here:
            if peer.durable(fsync):
                value = speed(peer, flags, fsync)
                self.rows.setdefault((fsync, peer.name), []).append(value)
                print(f"drain, {fsync}: {peer.name} {value:.0f} jobs/s", flush=True)

    def close(self, fsync, ours):
        """Their rows and ours as a multiple of each; the texts of what is missed."""
        stateful = []
        for peer in self.here:
            values = self.rows.get((fsync, peer.name))
            if not values:
                self.report.note(f"drain, {fsync}: {peer.name} has no such durability")
                continue
            self.report.add(f"drain, {fsync}", peer.name, values, "tasks/s")
            ratios = [a / b for a, b in zip(ours, values)]
            self.report.add(f"drain, {fsync}, ours by theirs", peer.name, ratios, "times")
            self.report.note(f"drain, {fsync}: {peer.name}: {peer.durable(fsync)}; knows each job's state: "
                             f"{'yes' if peer.states else 'no'}")
            if peer.states:
                stateful.append((sorted(ratios)[len(ratios) // 2], peer.name))
        if stateful and min(stateful)[0] < 1.5 and fsync == "everysec":
            return [f"drain, {fsync}: {min(stateful)[0]:.2f} times {min(stateful)[1]}, wanted 1.5"]
        return []
