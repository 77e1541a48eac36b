#!lua
-- claim: a worker takes tickets. KEYS[1] prefix. ARGV time, lease ms, then for each: task, attempt, epoch, fence.
-- Answers {tickets, {answer, sheet...}, ...}. The current ticket gets ok or late; every other one a refusal that
-- changes nothing; the fence that already holds the entry is answered ok again (a reply was lost), with a lease of its own.
local p, now = L.begin()
local answers = {}

for i = 3, #ARGV, 4 do
  local task, attempt, epoch, fence = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local e = L.entry(string.sub(task, 1, 36))
  local answer
  if not e then
    answer = {'unknown'}
  elseif e.fence == fence and e.sub == 'running' then
    L.lease(e.id, num(ARGV[2])) -- its worker's gate counts from this claim, not the first
    answer = L.sheet(e)
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
      L.claim(e, fence, num(ARGV[2]))
      answer = L.sheet(e)
    end
  elseif e.task == task and e.attempt == attempt and e.sub == 'running' then
    answer = {'dup'}
  else
    answer = {'stale'}
  end
  answers[#answers + 1] = answer
end
return {L.tickets, answers}
