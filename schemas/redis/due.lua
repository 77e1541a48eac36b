#!lua flags=no-writes
-- due: entries whose time has come, for a producer's tick. KEYS[1] prefix. ARGV time, most.
-- Answers {earliest score that stays (0 = none), {id, {field, value, ...}, ...}}. Read only.
local p, now = L.begin()
local ids = redis.call('ZRANGEBYSCORE', p .. 'due', '-inf', N(now), 'LIMIT', 0, math.min(num(ARGV[2]), LOOP))
local next = redis.call('ZRANGEBYSCORE', p .. 'due', '(' .. N(now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local rows = {}
for _, id in ipairs(ids) do
  rows[#rows + 1] = id
  rows[#rows + 1] = redis.call('HGETALL', p .. 'e:' .. id)
end
return {next[2] and N(num(next[2])) or '0', rows}
