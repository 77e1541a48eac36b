-- limiter_places: bulk operations of one kind at one store and app, which Shopify runs five at a time.
--
-- KEYS 1 zset    taken: member = who ("<company>/<shop>/<purpose>"), score = end of its lease (real ms)
-- ARGV 1 verb, then
--   take  who, places, lease ms -> {1} or {0, how many are taken}; who has one keeps it, for so long again
--   give  who                   -> {1}
--
-- A place is a lease: who starts an operation looks at it again and again, and each look takes its place
-- anew. What nobody looks at any more may still run at Shopify; there the sixth is refused all the same.
local places, verb, who = KEYS[1], ARGV[1], ARGV[2]

if verb == 'give' then
  redis.call('ZREM', places, who)
  return {1}
end

if verb == 'take' then
  local most, lease = tonumber(ARGV[3]), tonumber(ARGV[4])
  local clock = redis.call('TIME')
  local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
  redis.call('ZREMRANGEBYSCORE', places, '-inf', string.format('%.0f', now))
  local taken = redis.call('ZCARD', places)
  if taken >= most and not redis.call('ZSCORE', places, who) then return {0, taken} end
  redis.call('ZADD', places, string.format('%.0f', now + lease), who)
  redis.call('PEXPIRE', places, lease + 60000)
  return {1}
end

return redis.error_reply('limiter_places: unknown verb ' .. verb)
