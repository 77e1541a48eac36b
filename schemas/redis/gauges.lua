#!lua flags=no-writes
-- gauges: how much work there is. KEYS[1] prefix. ARGV time, 1 = tell of the bucket, too, company...
-- Answers {{now, due, when the first of them was, leases, leases that are over, failed entries},
-- {category, waiting, ready of the next, permits, permits held, granted, when the first of them was, ...}}; a time is 0 where
-- there is none. Of more than a thousand granted entries the latest are told of under the category `other`.
local p, now = L.begin()
local MOST = 1000
local rows, by, failed = {}, {}, 0

local function row(category)
  if not by[category] then
    by[category] = {category = category, waiting = 0, next = 0, permits = 0, held = 0, granted = 0, first = 0}
    rows[#rows + 1] = by[category]
  end
  return by[category]
end
local function earlier(a, b) return (a == 0 or b > 0 and b < a) and b or a end

for i = 3, #ARGV do
  failed = failed + redis.call('ZCARD', p .. 'errors:' .. ARGV[i])
  for _, category in ipairs(redis.call('SMEMBERS', p .. 'cats:' .. ARGV[i])) do
    local lane, of = ARGV[i] .. ':' .. category, row(category)
    local head = redis.call('ZRANGE', p .. 'wait:' .. lane, 0, 0)[1]
    of.permits = of.permits + L.lane_settings(lane).permits
    of.held = of.held + redis.call('SCARD', p .. 'permit:' .. lane)
    if head then
      of.waiting = of.waiting + redis.call('ZCARD', p .. 'wait:' .. lane)
      of.next = earlier(of.next, num(redis.call('HGET', p .. 'e:' .. head, 'ready')))
    end
  end
end

local bucket = {N(now), '0', '0', '0', '0', N(failed)}
if ARGV[2] == '1' then
  local first = redis.call('ZRANGE', p .. 'due', 0, 0, 'WITHSCORES')[2]
  bucket[2] = N(redis.call('ZCOUNT', p .. 'due', '-inf', N(now)))
  bucket[3] = first and num(first) <= now and N(num(first)) or '0'
  bucket[4] = N(redis.call('ZCARD', p .. 'run'))
  bucket[5] = N(redis.call('ZCOUNT', p .. 'run', '-inf', N(now)))
  local open = redis.call('ZRANGE', p .. 'open', 0, MOST - 1, 'WITHSCORES')
  for i = 1, #open, 2 do
    local of = row(redis.call('HGET', p .. 'e:' .. open[i], 'category') or '')
    of.granted = of.granted + 1
    of.first = earlier(of.first, num(open[i + 1]))
  end
  local more = redis.call('ZCARD', p .. 'open') - #open / 2
  if more > 0 then row('other').granted = row('other').granted + more end
end

local flat = {}
for _, of in ipairs(rows) do
  for _, value in ipairs({of.category, N(of.waiting), N(of.next), N(of.permits), N(of.held), N(of.granted), N(of.first)}) do
    flat[#flat + 1] = value
  end
end
return {bucket, flat}
