#!lua flags=no-writes
-- due: entries whose time has come, for a producer's tick. KEYS[1] prefix. ARGV time, most.
-- Answers {earliest score that stays (0 = none), {id, {field, value, ...}, ...}}, each with the zone of its company where
-- the calendar asks for one, and the time at which this was so. Read only.
local p, now = L.begin()
local ids = redis.call('ZRANGEBYSCORE', p .. 'due', '-inf', N(now), 'LIMIT', 0, math.min(num(ARGV[2]), LOOP))
local next = redis.call('ZRANGEBYSCORE', p .. 'due', '(' .. N(now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local rows, zones = {}, {}
local function zone_of(company)
  if zones[company] == nil then
    local known, settings = pcall(cjson.decode, redis.call('HGET', p .. 'conf:' .. company, 'company') or '')
    zones[company] = known and type(settings) == 'table' and tostring(settings.time_zone or '') or ''
  end
  return zones[company]
end
for _, id in ipairs(ids) do
  rows[#rows + 1] = id
  local row = redis.call('HGETALL', p .. 'e:' .. id)
  local e = {}
  for i = 1, #row, 2 do e[row[i]] = row[i + 1] end
  if e.company and e.schedule ~= 'at' and not e.zone then
    row[#row + 1] = 'company_zone'
    row[#row + 1] = zone_of(e.company)
  end
  rows[#rows + 1] = row
end
return {next[2] and N(num(next[2])) or '0', rows, N(now)}
