-- entries_of: the recurring entries of an operation, of one company. KEYS[1] its list, ARGV prefix, operation. Reads only.
-- Answers {entry, arguments, ...}, of the company's first 1,000 entries.
local rows = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, 999)) do
  local e = redis.call('HMGET', ARGV[1] .. 'e:' .. id, 'operation', 'schedule', 'arguments', 'deleting')
  if e[1] == ARGV[2] and e[2] ~= 'at' and not e[4] then
    rows[#rows + 1] = id
    rows[#rows + 1] = e[3]
  end
end
return rows
