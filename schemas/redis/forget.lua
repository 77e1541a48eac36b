-- forget: skips that nobody has to do anything about go so many days after they were last seen. KEYS[1] prefix. ARGV time, company,
-- days, list... (below `s:<company>:`): lists of skips by reason. At most STEP a call, the oldest of each list. Answers how many went.
local p, now = L.begin()
local STEP = 200
local base, before, gone = p .. 's:' .. ARGV[2] .. ':', now - num(ARGV[3]) * 86400000, 0
for i = 4, #ARGV do
  if gone >= STEP then break end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', base .. ARGV[i], '-inf', '(' .. N(before), 'LIMIT', 0, STEP - gone)) do
    L.skip_out(base, id)
    redis.call('ZREM', base .. ARGV[i], id) -- also where its record is gone
    gone = gone + 1
  end
end
return gone
