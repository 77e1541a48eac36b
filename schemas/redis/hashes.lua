-- hashes: all fields of many hashes in one round trip. KEYS hashes; reads only. Answers one list of fields and values a key.
local rows = {}
for i, key in ipairs(KEYS) do rows[i] = redis.call('HGETALL', key) end
return rows
