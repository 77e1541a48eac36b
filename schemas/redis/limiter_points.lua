-- limiter_points: one leaky bucket per store and app, shared by the fleet (shopify-api 2.6).
--
-- KEYS 1 hash    available, maximum, rate (a second), updated (bucket ms), next (place counter), throttled;
--                u0 to u59: "<minute>:<points>" that a minute of the latest hour has used, for people
--      2 zset    open reservations: member "<id>:<cost>", score = deadline (real ms)
--      3 zset    waiters in order of arrival: member = waiter, score = place
--      4 hash    waiter -> "<cost>:<floor percent>:<lease, real ms>"
-- ARGV 1 verb, 2 time scale (bucket time runs so many times real time), then
--   take      id, cost, floor percent, deadline from now (ms), waiter -> {1} or {0, wait ms}
--   settle    id, actual, maximum, available, rate; numbers < 0 = not said -> {1}
--   throttled id, requested, maximum, available, rate                  -> {1, wait ms}
--   leave     waiter                                                   -> {1}
--
-- Waiting is first come, first served: what stands in front is held back for those in front, so that a
-- large read is not starved by small mutations. A waiter with a deeper floor (backfill) does not hold
-- back one with a shallower floor. A place is a lease: who does not come back in time has left.
local bucket, open, queue, waiters = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local verb, scale = ARGV[1], tonumber(ARGV[2])
local PLACE_GRACE_MS, KEEP_S = 3000, 86400
local PARK_MS, PARKED_GRACE_MS = 5000, 8000 -- a parked task comes back by way of the queue

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + tonumber(clock[2]) / 1000
local state = redis.call('HMGET', bucket, 'available', 'maximum', 'rate', 'updated')
local maximum, rate = tonumber(state[2]) or 2000, tonumber(state[3]) or 100
local available = tonumber(state[1]) or maximum
local passed = math.max(0, now - (tonumber(state[4]) or now)) * scale / 1000
available = math.min(maximum, available + rate * passed)

local function save()
  redis.call('HSET', bucket, 'available', string.format('%.3f', available), 'maximum', tostring(maximum),
             'rate', tostring(rate), 'updated', string.format('%.3f', now))
  redis.call('EXPIRE', bucket, KEEP_S)
end

local function count_used(points)
  local minute = math.floor(now / 60000)
  local field = 'u' .. minute % 60
  local at, sum = string.match(redis.call('HGET', bucket, field) or '', '^(%d+):(%d+)$')
  if tonumber(at) ~= minute then sum = 0 end
  redis.call('HSET', bucket, field, string.format('%d:%d', minute, sum + points))
end

-- Drops what died; answers the points still out.
local function open_points()
  redis.call('ZREMRANGEBYSCORE', open, '-inf', string.format('%.0f', now))
  local sum = 0
  for _, member in ipairs(redis.call('ZRANGE', open, 0, -1)) do
    sum = sum + tonumber(string.match(member, ':(%d+)$'))
  end
  return sum
end

-- Takes a reservation away; answers its cost, 0 when its deadline has already dropped it.
local function close(id)
  for _, member in ipairs(redis.call('ZRANGE', open, 0, -1)) do
    local name, cost = string.match(member, '^(.*):(%d+)$')
    if name == id then
      redis.call('ZREM', open, member)
      return tonumber(cost)
    end
  end
  return 0
end

-- Adopts what the peer says. Lower than ours: somebody else uses the token, or drift. Higher: true only
-- as far as the open reservations, which may not have reached the peer yet, allow.
local function adopt(said_maximum, said_available, said_rate)
  if said_maximum > 0 then maximum = said_maximum end
  if said_rate > 0 then rate = said_rate end
  if said_available >= 0 then
    available = math.min(available, said_available)
    available = math.max(available, said_available - open_points())
  end
  available = math.min(available, maximum)
end

local function leave(waiter)
  redis.call('ZREM', queue, waiter)
  redis.call('HDEL', waiters, waiter)
end

-- Points held back for living waiters in front of `place` whose floor is not deeper than ours.
local function held(place, floor)
  local sum = 0
  local rows = redis.call('ZRANGE', queue, 0, -1, 'WITHSCORES')
  for i = 1, #rows, 2 do
    local row = redis.call('HGET', waiters, rows[i])
    local cost, deep, lease = string.match(row or '', '^(%d+):(%d+):(%d+)$')
    if not cost or tonumber(lease) < now then
      leave(rows[i])
    elseif (tonumber(rows[i + 1]) < place and tonumber(deep) <= floor) or tonumber(deep) < floor then
      sum = sum + tonumber(cost)
    end
  end
  return sum
end

if verb == 'take' then
  local id, cost, floor, deadline, waiter = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
  local place = tonumber(redis.call('ZSCORE', queue, waiter) or math.huge)
  local reserve = math.max(0, math.min(maximum * floor / 100, maximum - cost))
  local missing = math.min(cost, maximum) + reserve + held(place, floor) - available
  if missing <= 0 then
    leave(waiter)
    available = available - cost
    redis.call('ZADD', open, string.format('%.0f', now + deadline), id .. ':' .. string.format('%d', cost))
    redis.call('PEXPIRE', open, deadline + 60000)
    save()
    return {1}
  end
  if place == math.huge then
    redis.call('ZADD', queue, redis.call('HINCRBY', bucket, 'next', 1), waiter)
  end
  local wait = math.ceil(missing / rate * 1000 / scale)
  local grace = wait > PARK_MS and PARKED_GRACE_MS or PLACE_GRACE_MS
  redis.call('HSET', waiters, waiter, string.format('%d:%d:%.0f', cost, floor, now + wait + grace))
  redis.call('PEXPIRE', queue, wait + 60000)
  redis.call('PEXPIRE', waiters, wait + 60000)
  save()
  return {0, wait}
end

if verb == 'settle' then
  local charged, actual = close(ARGV[3]), tonumber(ARGV[4])
  if actual >= 0 and charged > 0 then available = math.min(maximum, available + charged - actual) end
  if charged > 0 then count_used(actual >= 0 and actual or charged) end
  adopt(tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]))
  save()
  return {1}
end

if verb == 'throttled' then
  local requested = tonumber(ARGV[4])
  available = available + close(ARGV[3]) -- nothing ran, nothing was charged
  adopt(tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]))
  redis.call('HINCRBY', bucket, 'throttled', 1)
  save()
  return {1, math.ceil(math.max(0, requested - available) / rate * 1000 / scale)}
end

if verb == 'leave' then
  leave(ARGV[3])
  return {1}
end

return redis.error_reply('limiter_points: unknown verb ' .. verb)
