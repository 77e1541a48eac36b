#!lua flags=allow-oom
-- trim: logs of a bucket's companies keep what the company's settings say: log_records of them (10,000), log_days (30).
-- KEYS[1] prefix. ARGV time, company... Answers {records removed, companies that may have more to remove}.
-- At most STEP records a company and call. Ids are counts, so how old a record is stands in its field `at`, its first.
local p, now = L.begin()
local STEP, DAY_MS = 200, 86400000
local removed, more = 0, 0

local function kept_by(company)
  local known, settings = pcall(cjson.decode, redis.call('HGET', p .. 'conf:' .. company, 'company') or '')
  settings = known and type(settings) == 'table' and settings or {}
  return num(settings.log_records or 10000), now - num(settings.log_days or 30) * DAY_MS
end

for i = 2, #ARGV do
  local log = p .. 'log:' .. ARGV[i]
  local length = redis.call('XLEN', log)
  if length > 0 then
    local records, oldest = kept_by(ARGV[i])
    local over = length - records
    local function goes(row, n) return n <= over or num(row[2][2]) < oldest end
    local rows = redis.call('XRANGE', log, '-', '+', 'COUNT', 1)
    if goes(rows[1], 1) then
      rows = redis.call('XRANGE', log, '-', '+', 'COUNT', STEP + 1)
      local n = 1
      while n <= #rows and n <= STEP and goes(rows[n], n) do n = n + 1 end
      if n > #rows then
        redis.call('DEL', log)
      else
        redis.call('XTRIM', log, 'MINID', rows[n][1])
      end
      removed = removed + n - 1
      if n > STEP then more = more + 1 end
    end
  end
end
return {removed, more}
