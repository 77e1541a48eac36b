-- waiting: how many orders wait for each of these records, and some of them. KEYS sets of orders; ARGV how many to name. Reads
-- only. Answers {count, order...} a key.
local rows = {}
for i, key in ipairs(KEYS) do
  local orders = redis.call('SRANDMEMBER', key, ARGV[1])
  table.sort(orders)
  rows[i] = {redis.call('SCARD', key), unpack(orders)}
end
return rows
