-- entries_page: entries of one company, in order of creation. KEYS[1] its list. ARGV prefix, number after which to begin, most.
-- Reads only. Answers {number of the last one looked at, '' = there are no more, id, its hash, id, its hash, ...}.
local most = tonumber(ARGV[3])
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[2], '+inf', 'WITHSCORES', 'LIMIT', 0, most + 1)
local rows = {''}
for i = 1, math.min(#ids, 2 * most), 2 do
  local e = redis.call('HGETALL', ARGV[1] .. 'e:' .. ids[i])
  if #ids > 2 * most then rows[1] = ids[i + 1] end
  if #e > 0 then
    rows[#rows + 1] = ids[i]
    rows[#rows + 1] = e
  end
end
return rows
