#!lua flags=allow-oom
-- alive: a process says that it lives, and what it is. KEYS[1] zset process -> when it was heard of last (ms), KEYS[2] hash
-- process -> by how much its clock was ahead of ours (ms), a blank, its facts. ARGV process, what its clock shows, its facts
-- (JSON, '' = it ends), how long others stay that are not heard of (ms).
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
if ARGV[3] == '' then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
  return 0
end
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], string.format('%.0f ', tonumber(ARGV[2]) - now) .. ARGV[3])
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - tonumber(ARGV[4])), 'LIMIT', 0, 64)
for _, process in ipairs(gone) do
  redis.call('ZREM', KEYS[1], process)
  redis.call('HDEL', KEYS[2], process)
end
return 1
