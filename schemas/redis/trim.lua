#!lua flags=allow-oom
-- trim: logs of a bucket's companies keep what the company's settings say: log_records of them (10,000), log_days (30);
-- records of runs go 7 days after their end. KEYS[1] prefix. ARGV time, company... Answers {log's records removed,
-- companies that may have more to remove}. At most STEP records, and RUNS runs, a company and call. Ids are counts, so how old a record is stands at its beginning.
local p, now = L.begin()
local STEP, RUNS, DAY_MS = 200, 100, 86400000
local removed, more = 0, 0

local function kept_by(company)
  local known, settings = pcall(cjson.decode, redis.call('HGET', p .. 'conf:' .. company, 'company') or '')
  settings = known and type(settings) == 'table' and settings or {}
  return num(settings.log_records or 10000), now - num(settings.log_days or 30) * DAY_MS
end

-- Oldest first; an older one that is not over yet stays. Not an expiry of each key: that would cost every lookup of all.
local function trim_runs(company)
  local list, gone = p .. 'runs:' .. company, {}
  for _, task in ipairs(redis.call('ZRANGE', list, 0, RUNS - 1)) do
    local ended = num(redis.call('HGET', L.run_key(task), 'finished'))
    if ended > now - RUN_KEEP_MS then break end
    local over = redis.call('HGET', p .. 'e:' .. string.sub(task, 1, 36), 'task') ~= task
    if over then gone[#gone + 1] = task end
  end
  for _, task in ipairs(gone) do redis.call('DEL', L.run_key(task), L.run_key(task) .. ':attempts') end
  if #gone > 0 then redis.call('ZREM', list, unpack(gone)) end
  return #gone > 0
end

for i = 2, #ARGV do
  local log = p .. 'log:' .. ARGV[i]
  if trim_runs(ARGV[i]) then more = more + 1 end
  local length = redis.call('XLEN', log)
  if length > 0 then
    local records, oldest = kept_by(ARGV[i])
    local over = length - records
    local function goes(row, n) return n <= over or num(string.match(row[2][2], '^%d+')) < oldest end
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
