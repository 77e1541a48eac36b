-- staged: reads fields of many hashes in one round trip. KEYS hashes, ARGV fields. Answers one row a hash.
local rows = {}
for i, key in ipairs(KEYS) do rows[i] = redis.call('HMGET', key, unpack(ARGV)) end
return rows
