#!lua
-- claim: a worker takes tickets. KEYS[1] prefix. ARGV time, lease ms, then for each: task, attempt, epoch, fence.
-- Answers {tickets, {answer, sheet...}, ...}. The current ticket gets ok or late; every other one a refusal that
-- changes nothing; the fence that already holds the entry is answered ok again (a reply was lost), with a lease of its own.
local p, now = L.begin()
local answers = {}

local settings = {} -- read once a call
local function setting(company, field)
  local key = company .. field
  settings[key] = settings[key] or redis.call('HGET', p .. 'conf:' .. company, field) or ''
  return settings[key]
end

local function shop_setting(e)
  if not string.find(e.arguments, '"shop"', 1, true) then return '' end
  local known, arguments = pcall(cjson.decode, e.arguments)
  local shop = known and type(arguments) == 'table' and arguments.shop
  return shop and setting(e.company, 'shop:' .. tostring(shop)) or ''
end

local function sheet(e)
  return {'ok', e.arguments, e.description or '', e.run, e.slot or '0', e.due, e.timeout, e.started, e.retries or '0', e.max_retry,
    e.cursor or '', setting(e.company, 'company'), shop_setting(e), e.cursor and '1' or '0', e.ran or '0',
    e.idle and '1' or '0', e.credential or '', e.lang or ''}
end

for i = 3, #ARGV, 4 do
  local task, attempt, epoch, fence = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local e = L.entry(string.sub(task, 1, 36))
  local answer
  if not e then
    answer = {'unknown'}
  elseif e.fence == fence and e.sub == 'running' then
    redis.call('ZADD', p .. 'run', N(now + num(ARGV[2])), e.id) -- its worker's gate counts from this claim, not the first
    answer = sheet(e)
  elseif e.sub == 'granted' and e.task == task and e.attempt == attempt and e.epoch == epoch then
    local till = num(e['until'])
    if till > 0 and now > till then
      local lane = L.free_permit(e)
      L.to_due(e, now)
      L.hist('late', e)
      L.grant(lane)
      answer = {'late'}
    else
      L.leave(e)
      redis.call('ZADD', p .. 'run', N(now + num(ARGV[2])), e.id)
      L.set(e, {status = '1', sub = 'running', fence = fence, started = now, first_started = e.first_started or now,
        timeouts = false})
      if e.attempt == '1' then L.set(e, {rerun = false}) end -- this run sees what the wish was about
      L.hist('claim', e)
      answer = sheet(e)
    end
  elseif e.task == task and e.attempt == attempt and e.sub == 'running' then
    answer = {'dup'}
  else
    answer = {'stale'}
  end
  answers[#answers + 1] = answer
end
return {L.tickets, answers}
