-- runs_page: runs of one company, newest first. KEYS[1] their list. ARGV prefix, company, number before which to begin (0 = the
-- newest), most, open: '1' = only those that have not ended, wherever in the list they stand. Reads only; a record and its entry are
-- read at one moment, or a run that ends between the two would seem to have ended as its last attempt but one. Answers
-- {record, entry, record, entry, ...}; an entry that does not have the run at hand any more is empty.
local p, company, before, most, open = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5] == '1'
local tasks = redis.call('ZREVRANGEBYSCORE', KEYS[1], before > 0 and '(' .. ARGV[3] or '+inf', '-inf', 'LIMIT', 0, most)

-- What runs or waits may have begun long before the newest that have ended: their entries are in few, short indexes.
if open then
  local found, numbers = {}, {}
  local function add(id)
    local e = redis.call('HMGET', p .. 'e:' .. id, 'task', 'company', 'run')
    if e[1] and e[1] ~= '' and e[2] == company and not numbers[e[1]] then
      numbers[e[1]] = tonumber(e[3]) or 0
      found[#found + 1] = e[1]
    end
  end
  local function add_all(index, last)
    for _, id in ipairs(redis.call('ZRANGE', p .. index, 0, last)) do add(id) end
  end
  add_all('run', -1) -- of all companies of the bucket: as many as the fleet has executors for them
  add_all('open', -1)
  add_all('begun:' .. company, most - 1)
  for _, category in ipairs(redis.call('SMEMBERS', p .. 'cats:' .. company)) do
    add_all('wait:' .. company .. ':' .. category, most - 1)
  end
  for _, task in ipairs(tasks) do
    if redis.call('HGET', p .. 'e:' .. string.sub(task, 1, 36), 'task') == task then add(string.sub(task, 1, 36)) end
  end
  table.sort(found, function(one, two) return numbers[one] > numbers[two] end)
  tasks = found
end

local rows = {}
for i = 1, math.min(#tasks, most) do
  local record = redis.call('HGETALL', p .. 'r:' .. tasks[i])
  if #record > 0 then
    rows[#rows + 1] = record
    local entry = p .. 'e:' .. string.sub(tasks[i], 1, 36)
    rows[#rows + 1] = redis.call('HGET', entry, 'task') == tasks[i] and redis.call('HGETALL', entry) or {}
  end
end
return rows
