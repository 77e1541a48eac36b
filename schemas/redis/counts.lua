-- counts: how many members each list has. KEYS sorted sets and sets; reads only. Answers one number a key, 0 = there is none.
local counts = {}
for i, key in ipairs(KEYS) do
  counts[i] = redis.call(redis.call('TYPE', key).ok == 'set' and 'SCARD' or 'ZCARD', key)
end
return counts
