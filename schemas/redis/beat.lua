#!lua flags=allow-oom
-- beat: the lease goes on. KEYS[1] prefix. ARGV time, lease ms, then for each: task, fence, has progress, progress, has
-- cursor, cursor. Answers {tickets, {word...}}: ok, fenced, cancel, timeout, yield. After the third timeout its lease is not
-- renewed any more: the reaper takes the task when no write of the attempt can be on its way, even if this reply is lost.
local p, now = L.begin()
local answers = {}
local YIELD_RUN_MS, YIELD_WAIT_MS, YIELD_OPEN_MS, YIELD_LOOK = 30000, 10000, 5000, 8
local TIMEOUTS_MOST = 3

-- Hand-over: a task of higher priority has waited long enough, or a grant that no worker had room for. One that ten
-- minutes of hand-overs did not place waits for a worker that serves its category at all: stopping others is no help.
local function must_yield(e)
  if e.mode == 'bc' or now - num(e.started) < YIELD_RUN_MS then return false end
  local open = redis.call('ZRANGEBYSCORE', p .. 'open', N(now - REPUBLISH_MAX_MS), '(' .. N(now - YIELD_OPEN_MS), 'LIMIT', 0, 1)
  if open[1] then return true end
  if L.lane_settings(e.lane).paused then return false end -- its permit would go to nobody
  for _, id in ipairs(redis.call('ZRANGE', p .. 'wait:' .. e.lane, 0, YIELD_LOOK - 1)) do
    local other = redis.call('HMGET', p .. 'e:' .. id, 'priority', 'ready')
    if num(other[1]) < num(e.priority) and num(other[2]) < now - YIELD_WAIT_MS then return true end
  end
  return false
end

for i = 3, #ARGV, 6 do
  local e = L.entry(string.sub(ARGV[i], 1, 36))
  local answer = 'fenced'
  if e and e.sub == 'running' and e.fence == ARGV[i + 1] and num(e.timeouts) < TIMEOUTS_MOST then
    L.lease(e.id, num(ARGV[2]))
    local fields = {}
    if ARGV[i + 2] == '1' then fields.progress = ARGV[i + 3] end
    if ARGV[i + 4] == '1' then fields.cursor = ARGV[i + 5] end
    L.set(e, fields)
    answer = 'ok'
    if num(e.ran) + now - num(e.started) > num(e.timeout) then
      L.set(e, {timeouts = num(e.timeouts) + 1})
      answer = num(e.timeouts) < TIMEOUTS_MOST and 'timeout' or 'fenced'
    end
    if e.cancel then
      if answer ~= 'fenced' then answer = 'cancel' end -- but one that does not heed it overruns like any other
    elseif answer == 'ok' and must_yield(e) then
      answer = 'yield'
    end
  end
  answers[#answers + 1] = answer
end
return {L.tickets, answers}
