#!/usr/bin/env python3
"""proxy.py - stands between one process and its Redis or Kafka, so that the two can be cut off from each other; and
a peer that notes what arrives.

Asked in JSON lines: {"open": NAME, "kind": "redis" | "kafka", "to": PORT} answers {"port": N}; {"mode": "pass" | "stall" |
"drop", "of": NAME} (stall: nothing moves; drop: connections break and none is let in); {"to": PORT, "of": NAME}: the
server has moved; {"sink": FILE} answers {"port": N}.

Kafka tells its clients where brokers are: that place becomes ours in every answer that names it.
"""
import asyncio
import json
import struct
import sys
import time

HOST = b"127.0.0.1"


class Gate:
    def __init__(self, kind, to):
        self.kind, self.to, self.port, self.mode = kind, to, 0, "pass"
        self.links = set()

    def set(self, mode):
        self.mode = mode
        for link in list(self.links):
            if mode == "drop":
                link.end()
            else:
                link.flow(mode == "pass")


class Link:
    """One connection of a client, and ours to the server."""

    def __init__(self, gate):
        self.gate, self.sides, self.early = gate, {}, b""
        self.kept = b""
        gate.links.add(self)

    def end(self):
        self.gate.links.discard(self)
        for side in self.sides.values():
            side.abort()

    def flow(self, on):
        for side in self.sides.values():
            try:
                side.resume_reading() if on else side.pause_reading()
            except RuntimeError:
                pass  # it is closing

    async def connect(self):
        try:
            await asyncio.get_running_loop().create_connection(lambda: Side(self, "server"), "127.0.0.1", self.gate.to)
        except OSError:
            self.end()
            return
        if self.early and "server" in self.sides:
            self.sides["server"].write(self.early)
            self.early = b""

    def data(self, side, data):
        if side == "client":
            if "server" in self.sides:
                self.sides["server"].write(data)
            else:
                self.early += data
        elif "client" in self.sides:
            self.sides["client"].write(data if self.gate.kind == "redis" else self.frames(data))

    def frames(self, data):
        """Whole answers of Kafka only, each naming us instead of the broker."""
        self.kept += data
        end = 0
        while len(self.kept) >= end + 4:
            size = struct.unpack_from(">i", self.kept, end)[0] + 4
            if len(self.kept) < end + size:
                break
            end += size
        whole, self.kept = self.kept[:end], self.kept[end:]
        return whole.replace(HOST + struct.pack(">i", self.gate.to), HOST + struct.pack(">i", self.gate.port))


class Side(asyncio.Protocol):
    def __init__(self, link, name):
        self.link, self.name = link, name

    def connection_made(self, transport):
        self.link.sides[self.name] = transport
        if self.link.gate.mode == "stall":
            transport.pause_reading()
        if self.name == "client":
            if self.link.gate.mode == "drop":
                self.link.end()
            else:
                asyncio.ensure_future(self.link.connect())

    def data_received(self, data):
        self.link.data(self.name, data)

    def connection_lost(self, _):
        self.link.end()


class Sink(asyncio.Protocol):
    """Answers 200 to every POST, and notes who sent it and when."""

    def __init__(self, out):
        self.out, self.kept = out, b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.kept += data
        while b"\r\n\r\n" in self.kept:
            head, _, rest = self.kept.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
            size = int(fields.get("Content-Length", 0))
            if len(rest) < size:
                return
            self.kept = rest[size:]
            row = {"at": time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000, "task": fields["Idempotency-Key"],
                   "attempt": fields["X-Attempt"], "fence": fields["X-Fence"]}
            self.out.write(json.dumps(row) + "\n")
            self.out.flush()
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")


async def obey(gates, line):
    ask = json.loads(line)
    loop = asyncio.get_running_loop()
    if "open" in ask:
        gate = gates[ask["open"]] = Gate(ask["kind"], ask["to"])
        server = await loop.create_server(lambda: Side(Link(gate), "client"), "127.0.0.1", 0, backlog=512)
        gate.port = server.sockets[0].getsockname()[1]
        return {"port": gate.port}
    if "sink" in ask:
        out = open(ask["sink"], "a", encoding="utf-8")
        server = await loop.create_server(lambda: Sink(out), "127.0.0.1", 0)
        return {"port": server.sockets[0].getsockname()[1]}
    gate = gates[ask["of"]]
    if "to" in ask:
        gate.to = ask["to"]
    else:
        gate.set(ask["mode"])
    return {}


async def main():
    loop, gates = asyncio.get_running_loop(), {}
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        print(json.dumps(await obey(gates, line)), flush=True)


asyncio.run(main())
