#!lua flags=no-writes
-- look: tickets granted over a second ago that nobody has claimed, for a worker with nothing to do. KEYS[1] prefix.
-- ARGV time, most, seed, category... (none = all). Read only: the worker then claims them like any other.
local p, now = L.begin()
local most, wanted = num(ARGV[2]), nil
for i = 4, #ARGV do
  wanted = wanted or {}
  wanted[ARGV[i]] = true
end
local found = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', p .. 'open', '-inf', N(now - 1000), 'LIMIT', 0, LOOP)) do
  local e = L.entry(id)
  if e and (not wanted or wanted[e.category]) then found[#found + 1] = e end
end
-- At random among the oldest, so that many idle workers do not all reach for the same one. The seed is the worker's:
-- Redis starts every script with the same one.
math.randomseed(num(ARGV[3]))
for i = #found, 2, -1 do
  local j = math.random(i)
  found[i], found[j] = found[j], found[i]
end
for i = 1, math.min(most, #found) do L.ticket(found[i]) end
return L.tickets
