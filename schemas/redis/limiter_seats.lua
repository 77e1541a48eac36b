-- limiter_seats: calls in flight and their rate for one Business Central credential, fleet-wide.
--
-- KEYS 1 hash    tokens, updated (bucket ms), until (real ms: nobody calls before), next (place counter)
--      2 zset    seats taken: member = seat, score = end of its lease (real ms)
--      3 zset    waiters in order of arrival: member = waiter, score = place
--      4 hash    waiter -> end of its place's lease (real ms)
-- ARGV 1 verb, 2 time scale, then
--   take    seat to give back first ('' = none), new seat, waiter, seats, rate a second, burst, weight, lease ms
--                                          -> {1} or {0, wait ms}
--   give    seat                           -> {1}
--   renew   lease ms, seat...              -> {how many still stood}
--   backoff wait ms (of bucket time)       -> {1}
--   leave   waiter                         -> {1}
--
-- A holder that goes on with another call gives its seat back and asks anew in one step: where nobody
-- waits it keeps it, where others wait it stands behind them.
local state, seats, queue, waiters = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local verb, scale = ARGV[1], tonumber(ARGV[2])
local PLACE_LEASE_MS, ASK_AGAIN_MS, KEEP_S = 1500, 40, 86400

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + tonumber(clock[2]) / 1000
local function ms(value) return string.format('%.0f', value) end

local function leave(waiter)
  redis.call('ZREM', queue, waiter)
  redis.call('HDEL', waiters, waiter)
end

-- Living waiters in front of `place`.
local function in_front(place)
  local count = 0
  local rows = redis.call('ZRANGE', queue, 0, -1, 'WITHSCORES')
  for i = 1, #rows, 2 do
    if tonumber(redis.call('HGET', waiters, rows[i]) or '0') < now then
      leave(rows[i])
    elseif tonumber(rows[i + 1]) < place then
      count = count + 1
    end
  end
  return count
end

if verb == 'take' then
  local old, seat, waiter = ARGV[3], ARGV[4], ARGV[5]
  local most, rate, burst, weight, lease = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
  if old ~= '' then redis.call('ZREM', seats, old) end
  redis.call('ZREMRANGEBYSCORE', seats, '-inf', ms(now))

  local row = redis.call('HMGET', state, 'tokens', 'updated', 'until')
  local passed = math.max(0, now - (tonumber(row[2]) or now)) * scale / 1000
  local tokens = math.min(burst, (tonumber(row[1]) or burst) + rate * passed)
  local place = tonumber(redis.call('ZSCORE', queue, waiter) or math.huge)
  local front = in_front(place)
  local free = most - redis.call('ZCARD', seats) - front
  local wait = 0
  if free <= 0 then wait = ASK_AGAIN_MS * (1 - free) end
  if tokens < 1 + front then wait = math.max(wait, math.ceil((1 + front - tokens) / rate * 1000 / scale)) end
  wait = math.max(wait, math.ceil((tonumber(row[3]) or 0) - now))

  if wait <= 0 then
    tokens = tokens - weight -- a batch may go into debt; the next call waits for it
    leave(waiter)
    redis.call('ZADD', seats, ms(now + lease), seat)
    redis.call('PEXPIRE', seats, lease + 60000)
  else
    if place == math.huge then
      redis.call('ZADD', queue, redis.call('HINCRBY', state, 'next', 1), waiter)
    end
    redis.call('HSET', waiters, waiter, ms(now + wait + PLACE_LEASE_MS))
    redis.call('PEXPIRE', queue, ms(wait + 60000))
    redis.call('PEXPIRE', waiters, ms(wait + 60000))
  end
  redis.call('HSET', state, 'tokens', string.format('%.3f', tokens), 'updated', string.format('%.3f', now))
  redis.call('EXPIRE', state, KEEP_S)
  if wait <= 0 then return {1} end
  return {0, wait}
end

if verb == 'give' then
  redis.call('ZREM', seats, ARGV[3])
  return {1}
end

if verb == 'renew' then
  local lease, stood = tonumber(ARGV[3]), 0
  for i = 4, #ARGV do
    if redis.call('ZSCORE', seats, ARGV[i]) then stood = stood + 1 end
    redis.call('ZADD', seats, ms(now + lease), ARGV[i]) -- the call is out there: it counts
  end
  redis.call('PEXPIRE', seats, lease + 60000)
  return {stood}
end

if verb == 'backoff' then
  local till = now + tonumber(ARGV[3]) / scale
  if till > (tonumber(redis.call('HGET', state, 'until') or '0')) then
    redis.call('HSET', state, 'until', ms(till))
    redis.call('EXPIRE', state, KEEP_S)
  end
  return {1}
end

if verb == 'leave' then
  leave(ARGV[3])
  return {1}
end

return redis.error_reply('limiter_seats: unknown verb ' .. verb)
