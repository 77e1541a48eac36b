#!lua flags=allow-oom
-- audit: does each entry stand in exactly the index of its (status, sub), and has each permit its entry? KEYS[1] prefix.
-- ARGV time, lease ms, then one of
--   entries, id...           these entries, against every index
--   index, name, from        members of one index from this rank on, against their entries; a permit set at once
-- What is wrong is put right in place and recorded. An entry that may be running is never made due: its worker may live.
-- Answers {tickets, where to go on in the index (0 = its end), {entry, what was wrong, ...}}.
local p, now = L.begin()
local lease = num(ARGV[2])
local found, lanes, on = {}, {}, 0

local KINDS = {due = 'due', wait = 'gated', open = 'granted', run = 'running', rest = 'rest'} -- index -> sub
local LEGAL = { -- sub -> its statuses; the first where none of them stands
  due = {'0', '5'}, gated = {'6'}, granted = {'0'}, running = {'1', '2', '3'}, rest = {'3', '2'}}

local function anomaly(e, what)
  found[#found + 1], found[#found + 2] = e.id, what
  L.hist('anomaly', e, {why = what})
end

local function nobody(id, company)
  return {id = id, company = company, category = '', operation = '', status = '4', sub = 'gone', was = '4/gone', attempt = '0',
    slot = '0', due = '0'}
end

-- Where it belongs: index, and the score that must stand there (nil = any), or is put there.
local function home(e)
  if e.sub == 'due' then return 'due', num(e.due), num(e.due)
  elseif e.sub == 'gated' then return 'wait:' .. L.lane_of(e), L.order_key(e), L.order_key(e)
  elseif e.sub == 'granted' then return 'open', nil, num(e.granted)
  elseif e.sub == 'running' then return 'run', nil, now + lease
  else return 'rest:' .. e.company, nil, now end
end

local function check_status(e)
  if not LEGAL[e.sub] then
    L.set(e, {status = '2', sub = 'rest', due = '0', err = 'the audit found it in no state that exists; see it, then set it ready'})
    return anomaly(e, 'its state did not exist')
  end
  for _, status in ipairs(LEGAL[e.sub]) do
    if e.status == status then return end
  end
  L.set(e, {status = LEGAL[e.sub][1]})
  anomaly(e, 'its status did not fit its place')
end

local function check_places(e)
  local own, want, put = home(e)
  local score = redis.call('ZSCORE', p .. own, e.id)
  if score and want and e.sub == 'gated' and (num(score) < 0) ~= (want < 0) then
    redis.call('ZADD', p .. own, N(put), e.id) -- its lane changes its order just now
  elseif not score or (want and num(score) ~= want) then
    redis.call('ZADD', p .. own, N(put), e.id)
    anomaly(e, score and 'it stood in ' .. own .. ' at another time' or 'it was missing in ' .. own)
    if e.sub == 'gated' then lanes[L.lane_of(e)] = 'repaired' end
  end
  for _, other in ipairs({'due', 'open', 'run', 'rest:' .. e.company, 'wait:' .. L.lane_of(e)}) do
    if other ~= own and redis.call('ZREM', p .. other, e.id) == 1 then anomaly(e, 'it stood in ' .. other .. ', too') end
  end
end

local function check_permit(e)
  if e.sub == 'granted' or e.sub == 'running' then
    local lane = e.lane or L.lane_of(e)
    if not e.lane then
      L.set(e, {lane = lane})
      anomaly(e, 'it did not know its lane')
    end
    if redis.call('SADD', p .. 'permit:' .. lane, e.id) == 1 then anomaly(e, 'it had no permit') end
    return
  end
  local lane = e.lane or L.lane_of(e)
  if e.lane then L.set(e, {lane = false}) end
  if redis.call('SREM', p .. 'permit:' .. lane, e.id) == 1 then
    lanes[lane] = 'repaired'
    anomaly(e, 'it held a permit it no longer needs')
  end
end

local function check_names(e)
  if redis.call('ZADD', p .. 'list:' .. e.company, 'NX', e.no or '0', e.id) == 1 then
    anomaly(e, 'it was missing in the list of its company')
  end
  -- Not an anomaly: a newer entry took the key while this one was held, and is gone by now.
  if e.coalesce_key and e.status ~= '3' then redis.call('HSETNX', p .. 'key:' .. e.company, e.coalesce_key, e.id) end
end

local function check(id)
  local e = L.entry(id)
  if not e then return end
  for _, name in ipairs({'status', 'sub', 'company', 'category', 'operation', 'epoch'}) do
    if not e[name] then -- a part of an entry says nothing that could be run
      redis.call('DEL', p .. 'e:' .. id)
      for _, index in ipairs({'due', 'open', 'run'}) do redis.call('ZREM', p .. index, id) end
      return anomaly(nobody(id, e.company or ''), 'a part of an entry was left')
    end
  end
  check_status(e)
  check_places(e)
  check_permit(e)
  check_names(e)
end

-- Does an entry with these fields belong into this index?
local function belongs(kind, scope, sub, company, category, lane)
  if not sub then return false end
  if kind == 'permit' then return (sub == 'granted' or sub == 'running') and lane == scope end
  if kind == 'list' then return company == scope end
  if kind == 'wait' and (company or '') .. ':' .. (category or '') ~= scope then return false end
  if kind == 'rest' and company ~= scope then return false end
  return sub == KINDS[kind]
end

local function check_index(name, from)
  local kind, scope = string.match(name, '^(%a+):?(.*)$')
  local ids = kind == 'permit' and redis.call('SMEMBERS', p .. name) or redis.call('ZRANGE', p .. name, from, from + LOOP - 1)
  local gone = 0
  if kind == 'wait' then lanes[scope] = 'seen' end
  for _, id in ipairs(ids) do
    local f = redis.call('HMGET', p .. 'e:' .. id, 'sub', 'company', 'category', 'lane', 'status')
    if not belongs(kind, scope, f[1], f[2], f[3], f[4]) then
      redis.call(kind == 'permit' and 'SREM' or 'ZREM', p .. name, id)
      gone = gone + 1
      if kind == 'permit' then lanes[scope] = 'repaired' end
      local e = f[1] and f[5] and L.entry(id) or nobody(id, string.sub(scope, 1, 36))
      anomaly(e, (f[1] and 'it does not belong into ' or 'no entry, but a place in ') .. name)
      check(id)
    end
  end
  on = kind ~= 'permit' and #ids == LOOP and from + LOOP - gone or 0
end

if ARGV[3] == 'entries' then
  for i = 4, math.min(#ARGV, 3 + LOOP) do check(ARGV[i]) end
else
  check_index(ARGV[4], num(ARGV[5]))
end
for lane, why in pairs(lanes) do
  local before = #L.tickets
  L.grant(lane)
  if why == 'seen' and #L.tickets > before then anomaly(L.entry(L.tickets[before + 1][2]), 'it waited beside a free permit') end
end
return {L.tickets, on, found}
