-- entries_of: the recurring entries of an operation, of one company. KEYS[1] its list, ARGV prefix, operation, how many of
-- its entries were looked at before. Reads only. Answers {looked at now, entry, arguments, ...}; 0 = there are no more.
local ids = redis.call('ZRANGE', KEYS[1], tonumber(ARGV[3]), tonumber(ARGV[3]) + 499)
local rows = {#ids}
for _, id in ipairs(ids) do
  local e = redis.call('HMGET', ARGV[1] .. 'e:' .. id, 'operation', 'schedule', 'arguments', 'deleting')
  if e[1] == ARGV[2] and e[2] ~= 'at' and not e[4] then
    rows[#rows + 1] = id
    rows[#rows + 1] = e[3]
  end
end
return rows
