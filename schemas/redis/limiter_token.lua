-- limiter_token: a token of a peer, refreshed by one process at a time, read by all.
--
-- KEYS 1 hash  value (sealed), digest, expires, refresh (both real ms), fence, lock (real ms), asked (real ms: when
--              the last refusal led to a new value being asked for)
-- ARGV 1 verb, then
--   get      digest of a value the peer refused ('' = none), lock ms, least ms between two refusals
--            -> {value or '', expires, fence or '0', wait ms, now, digest}
--               fence: the caller holds the lock and asks the peer. wait -1: refused again too soon.
--   put      fence, sealed value, digest, life ms -> {1}, or {0} when the lock has passed on
--   abandon  fence                                -> {1}
--   drop     digest                               -> {1}: a value that does not open is no value
--
-- At 80 % of its life a value is refreshed by whoever asks first; the others use the old one meanwhile.
local key, verb = KEYS[1], ARGV[1]
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local ASK_AGAIN_MS = 50

if verb == 'get' then
  local refused, lock_ms, gap_ms = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
  local row = redis.call('HMGET', key, 'value', 'digest', 'expires', 'refresh', 'asked', 'lock')
  local value, expires = row[1] or '', tonumber(row[3]) or 0
  local locked = (tonumber(row[6]) or 0) > now
  local usable = value ~= '' and expires > now
  local due = not usable or (tonumber(row[4]) or 0) <= now
  if refused ~= '' and refused == row[2] then
    if not locked and now - (tonumber(row[5]) or 0) < gap_ms then return {'', 0, '0', -1, now, ''} end
    usable, due = false, true
    if not locked then redis.call('HSET', key, 'asked', tostring(now)) end
  end
  if due and not locked then
    local fence = redis.call('HINCRBY', key, 'fence', 1)
    redis.call('HSET', key, 'lock', tostring(now + lock_ms))
    return {usable and value or '', expires, tostring(fence), 0, now, row[2] or ''}
  end
  if usable then return {value, expires, '0', 0, now, row[2]} end
  return {'', 0, '0', ASK_AGAIN_MS, now, ''}
end

if verb == 'put' then
  if redis.call('HGET', key, 'fence') ~= ARGV[2] then return {0} end
  local life = tonumber(ARGV[5])
  redis.call('HSET', key, 'value', ARGV[3], 'digest', ARGV[4], 'expires', tostring(now + life),
             'refresh', tostring(now + math.floor(life * 0.8)), 'lock', '0')
  redis.call('PEXPIRE', key, life + 86400000)
  return {1}
end

if verb == 'abandon' then
  if redis.call('HGET', key, 'fence') == ARGV[2] then redis.call('HSET', key, 'lock', '0') end
  return {1}
end

if verb == 'drop' then
  if redis.call('HGET', key, 'digest') == ARGV[2] then redis.call('HDEL', key, 'value', 'digest', 'expires', 'refresh') end
  return {1}
end

return redis.error_reply('limiter_token: unknown verb ' .. verb)
