#!lua
-- category: what a person says about one category of a company. KEYS[1] prefix. ARGV time, company, category, then field
-- (permits, paused, order) and value, ...; '' = as if nobody had said anything.
-- Another order scores anew who waits; what a change sets free is granted. Both are bounded: answers {tickets, same or
-- changed, 1 = call again, without fields, until it says 0}.
local p, now = L.begin()
local company, category = ARGV[2], ARGV[3]
local lane = company .. ':' .. category
local key, waiting, changed = p .. 'cat:' .. lane, p .. 'wait:' .. lane, false
for i = 4, #ARGV, 2 do
  if (redis.call('HGET', key, ARGV[i]) or '') ~= ARGV[i + 1] then
    changed = true
    if ARGV[i + 1] == '' then redis.call('HDEL', key, ARGV[i]) else redis.call('HSET', key, ARGV[i], ARGV[i + 1]) end
  end
end
local settings = L.lane_settings(lane)
if changed then
  redis.call('SADD', p .. 'cats:' .. company, category)
  L.hist('category', {id = '', company = company, category = category, status = '-', sub = '-', was = '-/-', lane = lane},
    {permits = settings.permits, paused = settings.paused and '1' or '0', order = settings.strict and 'strict' or 'bounded'})
end
-- Keys of the strict order are negative, those of the other are not.
local other = redis.call('ZRANGEBYSCORE', waiting, settings.strict and '0' or '-inf', settings.strict and '+inf' or '(0', 'LIMIT', 0, LOOP)
for _, id in ipairs(other) do
  local e = L.entry(id)
  if e and e.sub == 'gated' then redis.call('ZADD', waiting, N(L.order_key(e)), id) else redis.call('ZREM', waiting, id) end
end
if #other < LOOP then L.grant(lane) end
return {L.tickets, changed and 'changed' or 'same', (#other == LOOP or #L.tickets == LOOP) and 1 or 0}
