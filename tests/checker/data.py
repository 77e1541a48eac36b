"""data.py - what the checker reads from Redis: the history streams, and the data set as it stands (I11)."""
import collections
import json
import socket

# One look at a bucket, all at once: its entries and the members of its indexes.
LOOK = """
local p, rows, lists = ARGV[1], {}, {}
local names = {'status', 'sub', 'company', 'category', 'lane', 'due', 'task', 'schedule'}
local function add(kind, name, members) lists[#lists + 1] = {kind, name, members} end
local at = '0'
repeat
  local page = redis.call('SCAN', at, 'MATCH', string.gsub(p, '[%[%]]', '?') .. '*', 'COUNT', 1000)
  at = page[1]
  for _, key in ipairs(page[2]) do
    local rest = string.sub(key, #p + 1)
    if string.sub(rest, 1, 2) == 'e:' then
      rows[#rows + 1] = {string.sub(rest, 3), redis.call('HMGET', key, unpack(names))}
    elseif rest == 'due' or rest == 'open' or rest == 'run' or string.match(rest, '^wait:') or string.match(rest, '^rest:') then
      add('index', rest, redis.call('ZRANGE', key, 0, -1, 'WITHSCORES'))
    elseif string.match(rest, '^permit:') then
      add('permit', string.sub(rest, 8), redis.call('SMEMBERS', key))
    elseif string.match(rest, '^conf:') then
      add('conf', string.sub(rest, 6), {redis.call('HGET', key, 'company') or ''})
    elseif string.match(rest, '^cat:') then
      add('lane', string.sub(rest, 5), redis.call('HMGET', key, 'permits', 'paused'))
    end
  end
until at == '0'
return {rows, lists}
"""


class Redis:
    """The little of Redis' protocol that reading takes."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), 10)
        self.socket.settimeout(60)
        self.stream = self.socket.makefile("rwb")

    def close(self):
        self.stream.close()
        self.socket.close()

    def ask(self, *words):
        words = [str(word).encode() for word in words]
        self.stream.write(b"*%d\r\n" % len(words))
        for word in words:
            self.stream.write(b"$%d\r\n%s\r\n" % (len(word), word))
        self.stream.flush()
        return self.reply()

    def reply(self):
        line = self.stream.readline()
        if not line:
            raise OSError("Redis closed the connection")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise OSError(rest.decode())
        if kind == b"*":
            return [self.reply() for _ in range(int(rest))] if int(rest) >= 0 else None
        if kind == b"$":
            if int(rest) < 0:
                return None
            return self.stream.read(int(rest) + 2)[:-2].decode("utf-8", "replace")
        return rest.decode()


def opened(address):
    """(connection, environment, number of buckets)"""
    place, _, environment = address.removeprefix("redis://").partition("/")
    host, _, port = place.rpartition(":")
    redis = Redis(host or "127.0.0.1", int(port))
    buckets = int(redis.ask("HGET", f"ct:{environment}:incarnation", "buckets") or 0)
    if not buckets:
        raise OSError(f"no data of environment {environment!r} there")
    return redis, environment, buckets


def prefix(environment, bucket):
    return f"ct:{{{environment}/{bucket:02x}}}:"


# What a line of the history says, in this order; behind them names and values in turn.
COLUMNS = ("event", "company", "category", "entry", "task", "attempt", "epoch", "fence", "slot", "due", "from", "to", "lane",
           "ready", "prio", "retries", "lost")


def stream(redis, environment, bucket, last="-"):
    """Records of a bucket's history behind `last`, and the id of the script call that each is of."""
    while page := redis.ask("XRANGE", prefix(environment, bucket) + "hist", last, "+", "COUNT", 100):
        for name, (form, text) in page:
            if form != "v1":
                raise OSError(f"{name} in bucket {bucket}: records of a form {form!r} are unknown")
            at, *lines = text.split("\n")
            for seq, line in enumerate(lines, int(name.split("-")[0]) - len(lines) + 1):
                values = line.split("\t")
                more = values[len(COLUMNS):]
                yield name, {"at": at, **dict(zip(COLUMNS, values)), **dict(zip(more[::2], more[1::2])), "bucket": bucket, "seq": seq}
        last = "(" + page[-1][0]


def from_redis(address):
    redis, environment, buckets = opened(address)
    for bucket in range(buckets):
        for _, record in stream(redis, environment, bucket):
            yield record


class Data:
    """The data set at one moment of each bucket."""

    def __init__(self):
        self.entries, self.places, self.lanes, self.zones = {}, collections.defaultdict(list), {}, {}
        self.permits = collections.defaultdict(set)

    def read(self, redis, environment, bucket):
        rows, lists = redis.ask("EVAL", LOOK, 0, prefix(environment, bucket))
        for key, fields in rows:
            self.entries[key] = fields
        for kind, name, members in lists:
            if kind == "index":
                for key, score in zip(members[::2], members[1::2]):
                    self.places[key].append((name, float(score)))
            elif kind == "permit":
                self.permits[name] = set(members)
            elif kind == "conf":
                self.zones[name] = (json.loads(members[0]) if members[0] else {}).get("time_zone") or ""
            else:
                self.lanes[name] = members

    def check(self, checker):
        """I11: each entry in exactly the index of its (status, sub); a lane's permits are its granted and running ones."""
        holders = collections.defaultdict(set)
        for key, (status, sub, company, category, lane, due, _, _) in self.entries.items():
            home = {"due": "due", "gated": f"wait:{company}:{category}", "granted": "open", "running": "run",
                    "rest": f"rest:{company}"}.get(sub)
            found = self.places.get(key, [])
            if [name for name, _ in found] != [home]:
                checker.breach("I11", f"{key}: {status}/{sub} stands in {', '.join(n for n, _ in found) or 'no index'}, not in {home}")
            elif sub == "due" and found[0][1] != float(due):
                checker.breach("I11", f"{key}: due at {due}, its score says {found[0][1]:.0f}")
            if sub in ("granted", "running"):
                holders[lane].add(key)
        for key in self.places.keys() - self.entries.keys():
            checker.breach("I11", f"{key}: stands in {self.places[key][0][0]}, but there is no such entry")
        for lane in holders.keys() | self.permits.keys():
            if holders[lane] != self.permits[lane]:
                checker.breach("I11", f"lane {lane}: permits of {sorted(self.permits[lane])}, granted or running {sorted(holders[lane])}")

    def agree(self, checker):
        """Of a whole history: it ends where the data set stands."""
        for key, entry in checker.entries.items():
            there = self.entries.get(key)
            now = f"{there[0]}/{there[1]}" if there else "nowhere"
            if entry.place and entry.place != now:
                checker.breach("I11", f"{key}: the history ends at {entry.place}, the data at {now}")
        for key in self.entries.keys() - checker.entries.keys():
            checker.breach("I18", f"{key}: stands in the data, and the history does not know it")


def read_data(address):
    redis, environment, buckets = opened(address)
    data = Data()
    for bucket in range(buckets):
        data.read(redis, environment, bucket)
    redis.close()
    return data
