-- _prelude: what the ledger's scripts share; the loader puts what a script uses of it in front of the script. A piece
-- begins with `local` or `function` at the beginning of a line; nothing else may stand there.
--
-- KEYS[1] is the bucket's prefix `ct:{<env>/<bb>}:`; every key is made from it, so that a script touches one hash
-- slot. Rules for all scripts: read, decide, then write, so that nothing after the first write can fail; what leaves
-- an index enters another; what frees a permit ends with grant; loops are bounded; numbers are written by N().
local LOOP = 64               -- members a call at most
local MAX_LOST = 3
local RETRY_MS = 30000        -- events bring a retry forward, but no sooner after its last attempt was granted
local EVENT_MS, QUIET_LEAST_MS, QUIET_MOST_MS = 100, 1000, 30000 -- L.edge
local RUN_KEEP_MS = 604800000 -- run records: 7 days after their end (trim.lua)
local RUNS_KEEP, ATTEMPTS_KEEP = 10000, 50
local HIST_KEEP = 14000 -- numbers of `~seq`: about 10,000 records of the history, the others are the logs'
local LOG_MOST, MESSAGE_MOST = '100000', 2048 -- producers trim a log to its company's setting (trim.lua)
local TRACE_KEEP_MS = 2592000000 -- 30 days
-- Fields of a definition that are left out where they say nothing: a million entries would pay for them.
local OPTIONAL = {days = 1, from = 1, to = 1, formula = 1, zone = 1, catch_up = 1, grace = 1, backlog = 1, mode = 1, idle = 1,
  run_at_start = 1, notify = 1, description = 1, run_as = 1, every = 1, retry_ms = 1, expires = 1, stop_on_exhausted = 1, ephemeral = 1,
  kind = 1, backoff = 1, credential = 1, lang = 1}
local function says_nothing(name, value) return OPTIONAL[name] and (value == '' or value == '0') end
local REPUBLISH_MS, REPUBLISH_MAX_MS = 30000, 600000
local SEEN_MS, SEEN_KEEP = 86400000, 100000 -- events by their ids: a day, of a company
local SUBJECTS_MOST = 1000

-- Behind the constants: all this is made anew for each call, and a function looks for each local that it uses among all that
-- others have used, the latest first.
local L = {}
local texts = {} -- numbers that this call has written: most of them come again
local function N(number)
  local text = texts[number]
  if not text then
    text = string.format('%.0f', number)
    texts[number] = text
  end
  return text
end
local function num(text) return tonumber(text) or 0 end

-- ARGV[1]: 0 = Redis TIME; another value counts only where the data set is a simulation.
function L.begin()
  L.p = KEYS[1]
  local given = num(ARGV[1])
  if given > 0 and redis.call('EXISTS', L.p .. 'simulation') == 1 then
    L.now = given
  else
    local t = redis.call('TIME')
    L.now = num(t[1]) * 1000 + math.floor(num(t[2]) / 1000)
  end
  L.tickets = {}
  return L.p, L.now
end

-- Numbers of the streams' records, one count a bucket; kept by L.flush. A stream's id is such a number, never a time: a
-- clock that steps back would make XADD an error.
local seq
function L.seq(count)
  seq = (seq or num(redis.call('GET', L.p .. 'seq'))) + (count or 1)
  return string.format('%.0f', seq)
end

-- Entries that this call knows, by id, as they are after what it has done so far; their changed fields are written once,
-- when the script is over (L.flush, which the loader calls behind it).
local known, changed, order = {}, {}, {}

-- A new one, or one that is read: its fields are what Redis holds.
local function keep(e)
  known[e.id] = e
  order[#order + 1] = e
  return e
end

function L.new(id) return keep({id = id, was = '-'}) end

function L.entry(id)
  local e = known[id]
  if e ~= nil then return e or nil end -- false: it is no more
  local flat = redis.call('HGETALL', L.p .. 'e:' .. id)
  if #flat == 0 then return nil end
  -- With room for as many fields as there mostly are (32): a table that grows while it is filled costs more than reading it.
  e = {id = id, was = nil, schedule = nil, company = nil, operation = nil, category = nil, status = nil, priority = nil, task = nil,
    sub = nil, timeout = nil, slot = nil, attempt = nil, epoch = nil, last_slot = nil, arguments = nil, max_retry = nil, run = nil,
    start = nil, no = nil, rev = nil, due = nil, ready = nil, granted = nil, lane = nil, fence = nil, started = nil}
  for i = 1, #flat, 2 do e[flat[i]] = flat[i + 1] end
  e.was = (e.status or '?') .. '/' .. (e.sub or '?')
  return keep(e)
end

local function changes_of(e)
  local names = {status = nil, sub = nil, lane = nil, granted = nil, fence = nil, started = nil, epoch = nil, last_slot = nil}
  changed[e] = names
  return names
end

-- Sets one field of an entry, a text or nil: for what each task goes through.
local function put(e, name, value)
  if e[name] ~= value then
    e[name] = value
    local names = changed[e] or changes_of(e)
    names[name] = true
  end
end

-- Sets fields of an entry. false = the field goes.
function L.set(e, fields)
  local names = changed[e] or changes_of(e)
  for name, value in pairs(fields) do
    if value == false then
      value = nil
    elseif type(value) == 'number' then
      value = N(value)
    end
    if e[name] ~= value then
      e[name] = value
      names[name] = true
    end
  end
end

-- The entry is no more: nothing is written behind its deletion.
local deleted, unwritten = {}, {}
local function forget(e)
  deleted[#deleted + 1] = L.p .. 'e:' .. e.id
  known[e.id], changed[e] = false, unwritten
end

-- Moves between indexes, of which a place is left and one is entered, whatever an entry went through in between. `wait` is
-- not among them: it is read again in the call that changes it.
local moves = {} -- index -> {entry -> score, or false: it leaves}
function L.place(index, id, score)
  local there = moves[index]
  if not there then
    there = {}
    moves[index] = there
  end
  there[id] = score
end

-- Permits that this call frees leave their set at its end, behind those it gives: mostly one for one, and the set stays.
local given_back = {} -- lane -> {entry, ...}

local function write_moves(index, there)
  local left, entered = {}, {}
  for id, score in pairs(there) do
    if score then
      entered[#entered + 1] = N(score)
      entered[#entered + 1] = id
    else
      left[#left + 1] = id
    end
  end
  if #left > 0 then redis.call('ZREM', L.p .. index, unpack(left)) end
  if #entered > 0 then redis.call('ZADD', L.p .. index, unpack(entered)) end
end

local function write_entry(e, names)
  local key, set, n, gone = L.p .. 'e:' .. e.id, {}, 0, nil
  for name in pairs(names) do
    local value = e[name]
    if value == nil then
      gone = gone or {}
      gone[#gone + 1] = name
    else
      set[n + 1], set[n + 2] = name, value
      n = n + 2
    end
  end
  if n > 0 then redis.call('HSET', key, unpack(set)) end
  if gone then redis.call('HDEL', key, unpack(gone)) end
end

-- What a call tells is one record of the stream: the time, and a line for each change. Its id is the number of the last.
local told = {}
-- Leases are given by the clock of Redis. Where it goes back and comes forward again between two looks of a reaper, those given
-- meanwhile are over at once, and nothing shows it. So whoever gives one notes the time, and counts where it has gone back.
local LEAP_MS, NOTE_MS = 500, 100
local leased = false
function L.leaps()
  local said = redis.call('HMGET', L.p .. 'clock', 'at', 'leaps')
  local at, leaps = num(said[1]), num(said[2])
  if L.now < at - LEAP_MS then
    leaps = leaps + 1
  elseif L.now < at + NOTE_MS then
    return leaps
  end
  redis.call('HSET', L.p .. 'clock', 'at', N(L.now), 'leaps', N(leaps))
  return leaps
end
function L.lease(id, ms)
  L.place('run', id, L.now + ms)
  leased = true
end

function L.flush()
  if leased then L.leaps() end
  for lane, entries in pairs(given_back) do redis.call('SREM', L.p .. 'permit:' .. lane, unpack(entries)) end
  for index, there in pairs(moves) do write_moves(index, there) end
  if #deleted > 0 then redis.call('DEL', unpack(deleted)) end
  for _, e in ipairs(order) do
    if known[e.id] and changed[e] then write_entry(e, changed[e]) end
  end
  if #told > 0 then
    local last = L.seq(#told)
    redis.call('XADD', L.p .. 'hist', 'MINID', '~', N(math.max(0, seq - HIST_KEEP)), last .. '-0', 'v1',
      N(L.now) .. '\n' .. table.concat(told, '\n'))
  end
  if seq then redis.call('SET', L.p .. 'seq', N(seq)) end
end

-- What has happened to an order (schemas/staging/life.md). The same event of the same run stands once, so a repeated script
-- adds nothing; behind the point of its time stands where it came in the script.
local LIFE_KEEP, lives = 50, 0
function L.life(base, order, event, run, detail)
  local key = base .. 'life:' .. order
  lives = math.min(lives + 1, 999)
  local at = string.format('%.3f', L.now + lives / 1000)
  redis.call('ZADD', key, 'NX', at, event .. '\t' .. run .. '\t' .. detail)
  redis.call('ZREMRANGEBYRANK', key, 0, -LIFE_KEEP - 1)
end

-- Lists of what needs a person (schemas/staging/lists.md). A skip stands in its shop's list, in the group of its reason, and
-- while it is open among those that ask for somebody.
local SKIP_KINDS = {shipment = 'shipment', item = 'item', product = 'item', catalog = 'item', customer = 'customer',
  company = 'customer'}
local function skip_group(base, shop, id, reason)
  local kind = string.match(id, '^%d+$') and 'order' or string.match(id, '^(refund):')
    or SKIP_KINDS[string.match(id, '^(%l+)%-') or ''] or 'posting'
  return base .. 'skips-of:' .. shop .. ':' .. kind .. '/' .. reason
end
function L.skip_out(base, id)
  local key = base .. 'skip:' .. id
  local row = redis.call('HMGET', key, 'shop', 'reason', 'find')
  if not row[1] then return end
  redis.call('ZREM', base .. 'skips:' .. row[1], id)
  redis.call('ZREM', base .. 'skips-open:' .. row[1], id)
  redis.call('ZREM', skip_group(base, row[1], id, row[2]), id)
  redis.call('ZREM', skip_group(base, row[1], id, 'done'), id)
  if row[3] then redis.call('ZREM', base .. 'find-skip', row[3] .. ':' .. id) end
  redis.call('DEL', key)
end
function L.skip_in(base, id, skip)
  local was = redis.call('HMGET', base .. 'skip:' .. id, 'reason', 'first', 'count')
  local again = was[1] == skip.reason
  L.skip_out(base, id)
  redis.call('HSET', base .. 'skip:' .. id, 'record', skip.record, 'reason', skip.reason, 'detail', skip.detail, 'shop', skip.shop,
    'version', skip.version, 'first', again and was[2] or N(L.now), 'last', N(L.now), 'count', again and N(num(was[3]) + 1) or '1')
  redis.call('ZADD', base .. 'skips:' .. skip.shop, N(L.now), id)
  redis.call('ZADD', skip_group(base, skip.shop, id, skip.reason), N(L.now), id)
  if skip.open then redis.call('ZADD', base .. 'skips-open:' .. skip.shop, N(L.now), id) end
  if skip.find ~= '' then
    redis.call('HSET', base .. 'skip:' .. id, 'find', skip.find)
    redis.call('ZADD', base .. 'find-skip', '0', skip.find .. ':' .. id)
  end
end
-- Somebody has dealt with it. false = it asked for nobody.
function L.skip_done(base, id)
  local row = redis.call('HMGET', base .. 'skip:' .. id, 'shop', 'reason', 'last')
  if not row[1] or redis.call('ZREM', base .. 'skips-open:' .. row[1], id) == 0 then return false end
  redis.call('ZREM', skip_group(base, row[1], id, row[2]), id)
  redis.call('ZADD', skip_group(base, row[1], id, 'done'), row[3], id)
  return true
end

-- A customer, product or company of a shop without a partner: in the shop's list, in the group of why, and under the words by which
-- people look for it; `at:<shop>` of the record remembers the latter two, so that they go with it.
local WORDS = {customer = 'customers', product = 'products', company = 'companies'}
function L.mapped(base, kind, id, shop)
  local list, key = base .. 'unmapped-' .. WORDS[kind], base .. kind .. ':' .. id
  redis.call('ZREM', list .. ':' .. shop, id)
  local code
  for word in string.gmatch(redis.call('HGET', key, 'at:' .. shop) or '', '%S+') do
    redis.call('ZREM', code and list .. '-words:' .. shop or list .. '-of:' .. shop .. ':' .. word, code and word .. ' ' .. id or id)
    code = word
  end
  redis.call('HDEL', key, 'at:' .. shop)
end
function L.unmapped(base, kind, id, shop, code, words)
  local list, key = base .. 'unmapped-' .. WORDS[kind], base .. kind .. ':' .. id
  local since, at = redis.call('ZSCORE', list .. ':' .. shop, id), code .. ' ' .. words
  if since and redis.call('HGET', key, 'at:' .. shop) == at then return end
  since = since or N(L.now)
  L.mapped(base, kind, id, shop)
  redis.call('HSET', key, 'at:' .. shop, at)
  redis.call('ZADD', list .. ':' .. shop, since, id)
  redis.call('ZADD', list .. '-of:' .. shop .. ':' .. code, since, id)
  for word in string.gmatch(words, '%S+') do redis.call('ZADD', list .. '-words:' .. shop, '0', word .. ' ' .. id) end
end

function L.task_of(e, slot) return e.id .. '.' .. e.epoch .. '.' .. N(slot) end
function L.lane_of(e) return e.company .. ':' .. e.category end
function L.run_key(task) return L.p .. 'r:' .. task end

-- A line of the history, in the same script as the change it tells of: from where to where, and what holds now. `more`: other
-- names and values, or their text as it stands in the line; `was`: what has ended, where the entry has moved on.
local NOTHING_MORE = {}
local function plain(text) return (string.gsub(text, '[\t\n]', ' ')) end
function L.hist(event, e, more, was)
  was = was or e
  local to = e.status .. '/' .. e.sub
  local line = event .. '\t' .. e.company .. '\t' .. e.category .. '\t' .. e.id .. '\t' .. (was.task or '') .. '\t' ..
    (was.attempt or '0') .. '\t' .. (e.epoch or '0') .. '\t' .. (was.fence or '') .. '\t' .. (was.slot or e.slot or '0') .. '\t' ..
    (e.due or '0') .. '\t' .. e.was .. '\t' .. to .. '\t' .. (e.lane or '') .. '\t' .. (e.ready or '0') .. '\t' ..
    (e.priority or '') .. '\t' .. (e.retries or '0') .. '\t' .. (e.lost or '0')
  if type(more) == 'string' then
    line, more = line .. more, nil
  elseif more then
    for name, value in pairs(more) do
      line = line .. '\t' .. name .. '\t' .. (type(value) == 'number' and N(value) or plain(value))
    end
  end
  e.was = to
  told[#told + 1] = line
  L.log_event(event, e, more or NOTHING_MORE)
end

-- ---- the log: what people read, one record for each attempt that closed and for all that did not run as planned ----

local function cell(text)
  if not text or text == '' then return '' end
  return string.find(text, '\t', 1, true) and plain(text) or text
end
function L.log(event, e, more)
  local id = L.seq() .. '-0'
  local err = more.error
  if err and #err > MESSAGE_MOST then err = string.sub(err, 1, MESSAGE_MOST) end
  redis.call('XADD', L.p .. 'log:' .. e.company, 'MAXLEN', '~', LOG_MOST, id, 'v1', N(L.now) .. '\t' .. event .. '\t' .. e.id .. '\t' ..
    (e.task or '') .. '\t' .. (e.run or '') .. '\t' .. (e.operation or '') .. '\t' .. (e.category or '') .. '\t' ..
    cell(e.description) .. '\t' .. (e.attempt or '0') .. '\t' .. (e.fence or '') .. '\t' .. (e.slot or '0') .. '\t' ..
    (e.due or '0') .. '\t' .. (e.started or '0') .. '\t' .. (more.outcome or '') .. '\t' .. (more.code or '') .. '\t' ..
    cell(err) .. '\t' .. cell(more.why) .. '\t' .. cell(more.counts) .. '\t' ..
    (more.times or '1') .. '\t' .. (more.since or N(L.now)) .. '\t' .. (more.to or ''))
  return id
end

local LOGGED = {skip = 'skip', covered = 'skip', late = 'defer', expire = 'expire', hold = 'hold', fail = 'fail', anomaly = 'anomaly'}
function L.log_event(event, e, more)
  local word = LOGGED[event]
  if event == 'next' and num(e.slot) > 0 and num(e.due) > num(e.slot) then word = 'defer' end
  if not word or e.company == '' then return end -- a member of an index that no entry explains has no company
  local why = more.why or event == 'covered' and 'a run that was woken before it covers it' or event == 'late' and
    'the time in which it may start had passed' or word == 'defer' and 'its window is closed' or nil
  L.log(word, e, {why = why, error = event == 'fail' and e.err or nil, since = more.skip_from and N(more.skip_from),
    to = more.skip_to and N(more.skip_to)})
end

-- Runs of a recurring entry that found nothing to do are one record with a count: the newest takes the place of the
-- one before. `quiet` of the entry is that record's id, count and beginning.
local NOTHING = '"read":0,"created":0,"updated":0,"skipped":0,"failed":0,'
function L.log_close(e, outcome, err, counts, why)
  local more = {outcome = outcome, code = e.code, error = err, why = why, counts = counts}
  local quiet = e.schedule ~= 'at' and (outcome == 'idle' or outcome == 'ok' and string.find(counts, NOTHING, 1, true))
  if quiet and e.quiet then
    local id, times, since = string.match(e.quiet, '^(%S+) (%d+) (%d+)$')
    redis.call('XDEL', L.p .. 'log:' .. e.company, id)
    more.times, more.since = N(num(times) + 1), since
  end
  if e.trace and e.trace ~= '' then
    redis.call('SET', L.p .. 'trace:' .. e.task .. ':' .. e.attempt, e.trace, 'PX', TRACE_KEEP_MS)
  end
  local id = L.log(outcome == 'lost' and 'lost' or e.fence and 'attempt' or 'dropped', e, more)
  if quiet then
    L.set(e, {quiet = id .. ' ' .. (more.times or '1') .. ' ' .. (more.since or N(L.now))})
  elseif e.quiet then
    L.set(e, {quiet = false})
  end
end

-- What an entry shall do, for the record of an add or edit: whoever reads the history needs nothing else to plan it.
local DEFINED = {'schedule', 'start', 'every', 'days', 'from', 'to', 'formula', 'zone', 'catch_up', 'grace', 'backlog', 'mode',
  'idle', 'run_at_start', 'backoff', 'expires', 'priority', 'max_retry', 'retry_ms', 'stop_on_exhausted', 'ephemeral', 'rev', 'operation'}
function L.definition(e)
  local found = {}
  for _, name in ipairs(DEFINED) do found[name] = e[name] end
  return cjson.encode(found)
end

-- ---- places: each entry stands in exactly the index of its (status, sub) ----

local INDEX = {due = 'due', granted = 'open', running = 'run'}
function L.leave(e)
  if INDEX[e.sub] then L.place(INDEX[e.sub], e.id, false)
  elseif e.sub == 'gated' then redis.call('ZREM', L.p .. 'wait:' .. L.lane_of(e), e.id)
  elseif e.sub == 'rest' then L.place('rest:' .. e.company, e.id, false) end
end

function L.free_permit(e)
  if e.lane then
    local lane = e.lane
    local back = given_back[lane]
    if not back then
      back = {}
      given_back[lane] = back
    end
    back[#back + 1] = e.id
    put(e, 'lane', nil)
    return lane
  end
end

function L.to_due(e, at, status)
  L.leave(e)
  L.set(e, {status = status or '0', sub = 'due', due = at})
  L.place('due', e.id, at)
end

function L.to_rest(e, status)
  L.leave(e)
  L.set(e, {status = status, sub = 'rest', due = '0'})
  L.place('rest:' .. e.company, e.id, L.now)
end

local PENALTY = {['1000'] = 0, ['2000'] = 300000, ['3000'] = 1800000}
local STRICT_MOST = 1e13

-- What people said about a lane, read once a call. Nobody but the script `category` changes it.
local lanes = {}
function L.lane_settings(lane)
  if not lanes[lane] then
    local said = redis.call('HMGET', L.p .. 'cat:' .. lane, 'permits', 'paused', 'order')
    local blank = string.sub(lane, -1) == ':'
    lanes[lane] = {permits = tonumber(said[1]) or (blank and 5 or 1), paused = said[2] == '1', strict = said[3] == 'strict'}
  end
  return lanes[lane]
end

-- Bounded overtaking: a later one passes an earlier one by its penalty at most. Strict, as in Business Central: by priority,
-- then by age of the entry; negative, so that both kinds are told apart while a lane changes over.
function L.order_key(e)
  if L.lane_settings(L.lane_of(e)).strict then return num(e.priority) * 1e9 + num(e.no) - STRICT_MOST end
  return num(e.ready) + (PENALTY[e.priority] or 0)
end

function L.to_wait(e)
  L.leave(e)
  L.set(e, {status = '6', sub = 'gated'})
  redis.call('ZADD', L.p .. 'wait:' .. L.lane_of(e), N(L.order_key(e)), e.id)
end

-- A company's run numbers are given when an occurrence is planned; people see them at once.
function L.number_run(e)
  if e.run then return end
  L.set(e, {run = redis.call('HINCRBY', L.p .. 'no:' .. e.company, 'run', 1)})
end

-- The occurrence at hand gets its task id (again, when the epoch has moved), its record and its place in the list.
function L.name_task(e)
  local task = L.task_of(e, num(e.slot))
  if e.task == task then return end
  L.number_run(e)
  local key, list = L.run_key(task), L.p .. 'runs:' .. e.company
  if e.task and e.task ~= '' then
    redis.call('ZREM', list, e.task)
    for _, part in ipairs({'', ':attempts'}) do
      if redis.call('EXISTS', L.run_key(e.task) .. part) == 1 then redis.call('RENAME', L.run_key(e.task) .. part, key .. part) end
    end
  end
  L.set(e, {task = task})
  redis.call('HSET', key, 'task', task, 'entry', e.id, 'company', e.company, 'no', e.run, 'operation', e.operation,
    'category', e.category, 'arguments', e.arguments, 'description', e.description or '', 'run_as', e.run_as or '',
    'kind', e.task_kind or e.kind or '0', 'slot', e.slot)
  redis.call('ZADD', list, e.run, task)
  for _, old in ipairs(redis.call('ZRANGE', list, 0, -RUNS_KEEP - 1)) do -- what leaves the list is no longer seen to by trim
    redis.call('ZREM', list, old)
    for _, part in ipairs({'', ':attempts'}) do redis.call('PEXPIRE', L.run_key(old) .. part, RUN_KEEP_MS) end
  end
end

function L.ticket_of(e)
  return {e.task, e.id, e.company, e.category, e.operation, e.epoch, e.attempt, e.task_kind or e.kind or '0', e.granted,
    e.traceparent or ''}
end
function L.ticket(e) L.tickets[#L.tickets + 1] = L.ticket_of(e) end

-- ---- events from outside ----

-- `event` stands for an event and what it asked for here; '' = it has no id, so doubles of it are not known.
function L.seen(company, event)
  local at = event ~= '' and redis.call('ZSCORE', L.p .. 'seen:' .. company, event)
  return at and num(at) > L.now - SEEN_MS
end

function L.see(company, event)
  if event == '' then return end
  local key = L.p .. 'seen:' .. company
  redis.call('ZADD', key, N(L.now), event)
  local old = redis.call('ZRANGEBYSCORE', key, '-inf', N(L.now - SEEN_MS), 'LIMIT', 0, LOOP)
  if #old > 0 then redis.call('ZREM', key, unpack(old)) end
  local over = redis.call('ZCARD', key) - SEEN_KEEP
  if over > 0 then redis.call('ZREMRANGEBYRANK', key, 0, over - 1) end
  redis.call('PEXPIRE', key, SEEN_MS)
end

function L.words(text)
  local words = {}
  for word in string.gmatch(text, '%S+') do words[#words + 1] = word end
  return words
end

function L.subjects_key(e) return L.p .. 's:' .. e.company .. ':subjects:' .. e.id end

-- Records that the entry's next run reads first. A score is used once, so that a run takes away what it has read and
-- not what an event said meanwhile. '*' = more than a list is good for: all.
function L.note_subjects(e, ids)
  if #ids == 0 then return end
  local key, last, flat = L.subjects_key(e), num(e.subjects), {}
  for i, id in ipairs(ids) do
    flat[#flat + 1] = N(last + i)
    flat[#flat + 1] = id
  end
  L.set(e, {subjects = last + #ids})
  redis.call('ZADD', key, unpack(flat))
  if redis.call('ZSCORE', key, '*') or redis.call('ZCARD', key) > SUBJECTS_MOST then
    redis.call('DEL', key)
    redis.call('ZADD', key, N(last + #ids), '*')
  end
end

-- Everything a worker needs to run what it has claimed. Settings are read once a call.
local conf = {}
local function setting(company, field)
  local key = company .. field
  conf[key] = conf[key] or redis.call('HGET', L.p .. 'conf:' .. company, field) or ''
  return conf[key]
end

local function shop_setting(e)
  if not string.find(e.arguments, '"shop"', 1, true) then return '' end
  local known, arguments = pcall(cjson.decode, e.arguments)
  local shop = known and type(arguments) == 'table' and arguments.shop
  return shop and setting(e.company, 'shop:' .. tostring(shop)) or ''
end

function L.sheet(e)
  return {'ok', e.arguments, e.description or '', e.run, e.slot or '0', e.due, e.timeout, e.started, e.retries or '0', e.max_retry,
    e.cursor or '', setting(e.company, 'company'), shop_setting(e), e.cursor and '1' or '0', e.ran or '0',
    e.idle and '1' or '0', e.credential or '', e.lang or ''}
end

-- A granted entry runs from now on, under this fence. It stands in `open` no longer, or never did.
function L.claim(e, fence, lease)
  L.lease(e.id, lease)
  put(e, 'status', '1')
  put(e, 'sub', 'running')
  put(e, 'fence', fence)
  put(e, 'started', N(L.now))
  put(e, 'timeouts', nil)
  if e.attempt == '1' then -- this run sees what the wish was about
    put(e, 'rerun', nil)
    put(e, 'woken', nil)
  end
  L.hist('claim', e)
end

-- Who may go on with a lane: {{operation, fence, lease}, ...}. The first of the entry's operation claims it at once and
-- keeps it in `taken`; then it needs no ticket.
local function take_next(e, nexts)
  for _, next in ipairs(nexts or {}) do
    if not next.taken and next.operation == e.operation then
      L.claim(e, next.fence, next.lease)
      next.taken = e
      return true
    end
  end
end

-- Hands out permits of a lane while one is free: best order key first, expired ones back to the due-set.
function L.grant(lane, nexts)
  if not lane then return end
  local settings = L.lane_settings(lane)
  if settings.paused then return end
  local permit = L.p .. 'permit:' .. lane
  local held = redis.call('SCARD', permit) - (given_back[lane] and #given_back[lane] or 0)
  for _ = 1, LOOP do
    if held >= settings.permits then return end
    local popped = redis.call('ZPOPMIN', L.p .. 'wait:' .. lane)
    local best = popped[1]
    if not best then return end
    local e = L.entry(best)
    local till = e and num(e['until'])
    local waited = e and e.sub == 'gated'
    if waited then e.sub = 'none' end -- it waits no more
    if not waited then -- the audit says more about it
    elseif till > 0 and L.now > till then
      L.to_due(e, L.now)
      L.hist('late', e)
    else
      redis.call('SADD', permit, e.id)
      put(e, 'status', '0')
      put(e, 'sub', 'granted')
      put(e, 'lane', lane)
      put(e, 'granted', N(L.now))
      put(e, 'published', nil)
      put(e, 'again', nil)
      L.hist('grant', e, '\tkey\t' .. popped[2])
      held = held + 1
      if not take_next(e, nexts) then
        L.place('open', e.id, L.now)
        L.ticket(e)
      end
    end
  end
end

-- Lanes with a permit or a member more, in the order in which they came to it: a script ends with them.
local freed = {}
function L.freed(lane)
  if not lane or freed[lane] then return end
  freed[lane] = true
  freed[#freed + 1] = lane
end
function L.grant_freed(nexts)
  for _, lane in ipairs(freed) do L.grant(lane, nexts and nexts[lane]) end
end

-- ---- the end of an occurrence ----

-- A command that came while the entry ran: its epoch moves when the run is over, so that a task keeps its id.
function L.bump_later(e) L.set(e, {bump = num(e.bump) + 1}) end

-- The slot counts as resolved: what is planned next is a new occurrence.
local RESOLVED = {'bump', 'edited', 'slot', 'task', 'run', 'retries', 'lost', 'parks', 'ran', 'cursor', 'progress', 'counts', 'ready',
  'cancel', 'timeouts', 'begun', 'resumed', 'task_kind', 'first_started', 'until', 'why', 'ended', 'traceparent'}
function L.resolve(e)
  if e.begun then redis.call('ZREM', L.p .. 'begun:' .. e.company, e.id) end
  -- A slot that was only planned, not yet fired, is not resolved by a hold or restart before it.
  local last_slot = math.max(num(e.last_slot), e.task and num(e.slot) or 0, num(e.edited))
  if e.bump then put(e, 'epoch', N(num(e.epoch) + num(e.bump))) end
  put(e, 'last_slot', N(last_slot))
  put(e, 'attempt', '0')
  for i = 1, #RESOLVED do
    if e[RESOLVED[i]] ~= nil then put(e, RESOLVED[i], nil) end
  end
end

-- When an entry that events wake may run again: its last run has ended, and for each event since that run began a tenth of a
-- second has passed, at least one second and at most thirty. So a busy shop hardly waits, and a storm is a run each half minute.
function L.edge(e)
  local quiet = math.max(QUIET_LEAST_MS, math.min(QUIET_MOST_MS, num(e.woken) * EVENT_MS))
  return math.max(L.now, num(e.last_ended) + quiet)
end

-- Where a run that events asked for waits already, more of them make it wait for longer: the same run, later.
function L.event_more(e)
  L.set(e, {woken = num(e.woken) + 1})
  local at = L.edge(e)
  if e.sub == 'due' and e.task_kind == '4' and not e.begun and num(e.due) > L.now and num(e.due) < at then
    L.to_due(e, at)
    L.hist('wake', e, {woken = e.woken})
  end
end

-- A slot that nobody planned: wake, run now, restart, rerun.
function L.plan_now(e, at, kind)
  L.set(e, {slot = math.max(at, num(e.last_slot) + 1), attempt = '1', retries = false, lost = false, ran = false, task_kind = kind or false})
  L.name_task(e)
  L.to_due(e, at)
end

function L.delete(e)
  L.leave(e)
  local lane = L.free_permit(e)
  redis.call('ZREM', L.p .. 'list:' .. e.company, e.id)
  if e.coalesce_key and redis.call('HGET', L.p .. 'key:' .. e.company, e.coalesce_key) == e.id then
    redis.call('HDEL', L.p .. 'key:' .. e.company, e.coalesce_key)
  end
  if L.cued(e) then L.error_out(e) end
  if e.subjects then redis.call('DEL', L.subjects_key(e)) end
  if e.begun then redis.call('ZREM', L.p .. 'begun:' .. e.company, e.id) end
  forget(e)
  e.status, e.sub = '4', 'gone'
  return lane
end

-- May it stand among those whose latest run failed?
local GOOD = {ok = 1, idle = 1, cancelled = 1, park = 1}
function L.cued(e)
  return e.err and e.err ~= '' or e.last_outcome and not GOOD[e.last_outcome]
end

-- Entries whose latest run failed, since when: of the company, and of the shop that it is for ('' = of none). How often that has
-- happened is counted for good; a run that somebody waited for does not count, who saw it.
local function errors_of(e)
  local shop = string.upper(string.match(e.arguments or '', '"shop" *: *"([^"]+)"') or '')
  return L.p .. 'errors:' .. e.company, L.p .. 'errors:' .. e.company .. ':' .. shop, shop
end
function L.error_in(e, since) -- since: it stood there before, and no run has failed
  local all, own, shop = errors_of(e)
  redis.call('ZADD', all, 'NX', since or N(L.now), e.id)
  redis.call('ZADD', own, 'NX', since or N(L.now), e.id)
  if not since and e.ephemeral ~= '1' then redis.call('HINCRBY', L.p .. 'no:' .. e.company, 'failed:' .. shop, 1) end
end
function L.error_out(e)
  local all, own = errors_of(e)
  local since = redis.call('ZSCORE', all, e.id)
  redis.call('ZREM', all, e.id)
  redis.call('ZREM', own, e.id)
  return since
end

-- Attempts that closed before the last one, which stands in the run record itself.
local function keep_attempt(e, key, outcome, err, counts, why)
  redis.call('RPUSH', key .. ':attempts', cjson.encode({attempt = num(e.attempt), outcome = outcome, error = err,
    why = why, worker = string.match(e.fence, '^[^.]*'), started_ms = num(e.started), finished_ms = L.now, counts = counts}))
  redis.call('LTRIM', key .. ':attempts', -ATTEMPTS_KEEP, -1)
end

-- What somebody may want to hear of goes into the outbox with the change itself, so that it cannot be lost; a producer
-- decides who hears of it (outbox.lua). `was`: the entry's failures in a row before; a person's restart begins them anew,
-- so `hurt` remembers that a success is still news.
local WINDOW_MS, FAILURES_KEEP = 86400000, 500
function L.tell(e, outcome, err, was)
  local good = outcome == 'ok' or outcome == 'idle'
  local failed = num(e.failures) > was and e.ephemeral ~= '1' -- its caller waits, and sees it
  if not failed and not e.notify and not (good and e.hurt) then return end
  if redis.call('HEXISTS', L.p .. 'conf:' .. e.company, 'notify') == 0 then return end
  local id = L.seq() .. '-0'
  redis.call('XADD', L.p .. 'outbox', id, 'at', N(L.now), 'company', e.company, 'entry', e.id, 'task', e.task or '', 'no',
    e.run or '', 'operation', e.operation, 'category', e.category, 'description', e.description or '', 'outcome', outcome,
    'error', string.sub(err, 1, MESSAGE_MOST), 'failed', failed and '1' or '0', 'fails', N(failed and num(e.failures) or was),
    'again', good and e.hurt or '0', 'notify', e.notify or '')
  if failed then
    local key = L.p .. 'failures:' .. e.company
    redis.call('ZADD', key, N(L.now), id)
    redis.call('ZREMRANGEBYRANK', key, 0, -FAILURES_KEEP - 1)
    redis.call('PEXPIRE', key, WINDOW_MS)
    if not e.hurt then L.set(e, {hurt = '1'}) end
  elseif good and e.hurt then
    L.set(e, {hurt = false})
  end
end

-- Closes the attempt: the run record for people and for a repeated FINISH, one log row. `last`: nothing is left of the entry
-- but what this tells.
function L.close(e, outcome, err, counts, why, final, last)
  local key = L.run_key(e.task)
  local failed = outcome ~= 'ok' and outcome ~= 'idle'
  local first = final and e.attempt == '1' -- then the run record says all of it
  if e.fence then -- it ran: what waited only and was dropped is no attempt
    -- A late finish of a lost attempt must not pass for a repeated one.
    redis.call('HSET', key, 'outcome', outcome, 'attempt', e.attempt, 'finished', N(L.now), 'started', e.first_started or e.started or '0',
      'fence', outcome ~= 'lost' and e.fence or '', 'counts', counts, 'worker', string.match(e.fence, '^[^.]*'))
    if not first then keep_attempt(e, key, outcome, err, counts, why) end
  else
    redis.call('HSET', key, 'outcome', outcome, 'attempt', e.attempt, 'finished', N(L.now), 'started', e.first_started or e.started or '0')
  end
  if not first or err ~= '' or why ~= '' then -- a first record leaves out what says nothing
    redis.call('HSET', key, 'error', err, 'why', why, 'retries', e.retries or '0', 'lost', e.lost or '0')
  end
  L.log_close(e, outcome, err, counts, why)
  if final then
    -- A cue counts entries whose latest run failed (platform 7, corrected).
    local was = num(e.failures)
    if failed and outcome ~= 'cancelled' and outcome ~= 'park' then -- a park that a hold has ended is no failure
      L.error_in(e)
      L.set(e, {failures = num(e.failures) + 1}) -- in a row: what a person sees of an entry that goes on failing
    elseif L.cued(e) then
      L.error_out(e)
      if e.failures and not failed then L.set(e, {failures = false}) end
    end
    if not last or failed then
      put(e, 'last_run', e.run or '0')
      put(e, 'last_outcome', outcome)
      put(e, 'last_finished', N(L.now))
      put(e, 'last_error', failed and err or '')
    end
    L.tell(e, outcome, err, was)
  end
end

local function jitter(task, n)
  local hash = 0
  for i = 1, #task do hash = (hash * 31 + string.byte(task, i)) % 100003 end
  return 0.8 + 0.4 * ((hash + n * 7919) % 100003) / 100003
end
function L.retry_delay(e, n)
  if e.backoff == 'bc' then return math.max(1000, num(e.retry_ms) + (n <= 7 and 10 ^ n or 21600000)) end
  return num(e.retry_ms) + math.floor(math.min(3600000, 5000 * 2 ^ n) * jitter(e.task, n))
end

-- The same task goes back to the queue: attempt + 1, its cursor kept, no longer anybody's. `at` < 0: it rests with what it
-- has until a person says that it may go on.
function L.again(e, at, event, ended)
  local lane = L.free_permit(e)
  L.set(e, {attempt = num(e.attempt) + 1, fence = false, first_started = e.first_started or e.started, started = false, begun = '1',
    resumed = event ~= 'retry' and '1' or false, -- a retry is a new start: one that overran has its whole time again
    ran = event ~= 'retry' and num(e.ran) + math.max(0, L.now - num(e.started)) or false})
  redis.call('ZADD', L.p .. 'begun:' .. e.company, e.run, e.id)
  if at < 0 then L.to_rest(e, '3') else L.to_due(e, at) end
  L.hist(event, e, '\toutcome\t' .. ended.outcome, ended)
  return lane
end

-- A one-off whose end this is, if nobody holds it.
local function ends(e, outcome)
  if e.schedule ~= 'at' then return false end
  return e.ephemeral == '1' or not e.rerun and (outcome == 'ok' or outcome == 'idle' or outcome == 'cancelled')
end

-- What a finish leads to (job-queue 23): the first row that fits. `at` in ms, 0 = by the rules, < 0 = never
-- (of a park).
local COMES_BACK = {park = 1, retry = 1, timeout = 1}
function L.settle(e, outcome, at, err, counts, why)
  if e.cancel and COMES_BACK[outcome] then outcome, why = 'cancelled', '' end -- it ended before it heard of the cancel
  local ended = {outcome = outcome, fence = e.fence or '', attempt = e.attempt, task = e.task}
  local held = e.status == '3' or e.status == '2'
  if not e.deleting and not held then
    if outcome == 'park' then
      L.close(e, outcome, err, counts, why, false)
      L.set(e, {parks = num(e.parks) + 1, why = why, ready = L.now, ['until'] = false})
      return L.again(e, at < 0 and at or math.max(at, L.now), 'park', ended)
    end
    if (outcome == 'retry' or outcome == 'timeout') and num(e.retries) < num(e.max_retry) and e.ephemeral ~= '1' then
      local n = num(e.retries) + 1
      L.close(e, outcome, err, counts, why, false)
      L.set(e, {retries = n, err = err, ready = false, why = false})
      return L.again(e, math.max(at, L.now + L.retry_delay(e, n)), 'retry', ended)
    end
    if outcome == 'lost' and num(e.lost) < MAX_LOST then
      L.close(e, outcome, err, counts, why, false)
      L.set(e, {lost = num(e.lost) + 1, err = err, why = false, ['until'] = false})
      return L.again(e, L.now, 'lost', ended)
    end
  end
  local last = e.deleting or not held and ends(e, outcome)
  L.close(e, outcome, err, counts, why, true, last)
  local good, woken = outcome == 'ok' or outcome == 'idle', e.rerun and '\twoken\t' .. (e.woken or '0') or ''
  ended.slot = e.slot
  if last then changed[e] = unwritten end
  local lane = L.free_permit(e)
  put(e, 'fence', nil)
  put(e, 'started', nil)
  if last then
    if not e.deleting then -- resolved, as the history shall tell
      e.epoch = N(num(e.epoch) + num(e.bump))
      e.ready, e.retries, e.lost = nil, nil, nil
    end
    L.delete(e)
  else
    put(e, 'last_ended', N(L.now))
    put(e, 'err', good and '' or err)
    L.resolve(e)
    L.go_on(e, outcome, held)
  end
  L.hist('finish', e, '\toutcome\t' .. outcome .. woken, ended)
  return lane
end

-- Where an entry goes when its occurrence is resolved.
function L.go_on(e, outcome, held)
  local failed = outcome ~= 'ok' and outcome ~= 'idle' and outcome ~= 'cancelled'
  if held then
    L.to_rest(e, e.status)
  elseif e.rerun and e.ephemeral ~= '1' then
    L.set(e, {rerun = false, traceparent = e.rerun ~= '1' and e.rerun})
    L.plan_now(e, L.edge(e), '4')
  elseif ends(e, outcome) then
    L.delete(e)
  elseif e.schedule == 'at' then
    L.to_rest(e, '2')
  elseif e.stop_on_exhausted == '1' and failed then
    L.to_rest(e, '2')
  else
    L.set(e, {ended = L.now}) -- a schedule may count from here
    L.to_due(e, L.now, outcome == 'idle' and '5' or '0')
  end
end
