#!lua flags=allow-oom
-- finish: an attempt is over. KEYS[1] prefix. ARGV time, lease ms, then for each: task, fence, outcome, at, error, why,
-- counts, has cursor, cursor, code (the peer's number of the error), trace (its last calls), next, lane.
-- next: a fence under which the worker goes on with the next task of this lane, if it is one of the same operation: granted
-- and claimed here, without a ticket ('' = no). Asked again with the same fence, it gets the same task.
-- Answers {tickets, {word...}, {which, ticket, sheet, ...}}: done (now, or before with this very fence) or fenced; which = the
-- finish, from 1, whose worker goes on.
local p, now = L.begin()
local answers, nexts, all, on = {}, {}, {}, {} -- nexts: by lane
local lease = num(ARGV[2])

-- A reply was lost: what was claimed then holds a permit of the lane.
local function claimed_before(lane, fence)
  for _, id in ipairs(redis.call('SMEMBERS', p .. 'permit:' .. lane)) do
    local e = L.entry(id)
    if e and e.sub == 'running' and e.fence == fence then
      L.lease(e.id, lease) -- its worker's gate counts from this call
      return e
    end
  end
end

local function goes_on(which, e)
  on[#on + 1], on[#on + 2], on[#on + 3] = which, L.ticket_of(e), L.sheet(e)
end

local which = 0
for i = 3, #ARGV, 13 do
  local task, fence, next = ARGV[i], ARGV[i + 1], ARGV[i + 11]
  local e = L.entry(string.sub(task, 1, 36))
  local answer = 'fenced'
  which = which + 1
  if e and e.sub == 'running' and e.fence == fence and e.task == task then
    local operation = e.operation
    if ARGV[i + 7] == '1' then L.set(e, {cursor = ARGV[i + 8]}) end
    e.code, e.trace = ARGV[i + 9], ARGV[i + 10] -- of the log, no fields of the entry
    local lane = L.settle(e, ARGV[i + 2], num(ARGV[i + 3]), ARGV[i + 4], ARGV[i + 6], ARGV[i + 5])
    L.freed(lane)
    if lane and next ~= '' then
      local on_it, other = {which = which, operation = operation, fence = next, lease = lease}, nexts[lane]
      all[#all + 1] = on_it
      if other then other[#other + 1] = on_it else nexts[lane] = {on_it} end
    end
    answer = 'done'
  elseif redis.call('HGET', L.run_key(task), 'fence') == fence then
    local claimed = next ~= '' and claimed_before(ARGV[i + 12], next)
    if claimed then goes_on(which, claimed) end
    answer = 'done'
  end
  answers[#answers + 1] = answer
end
L.grant_freed(nexts)
for _, next in ipairs(all) do
  if next.taken then goes_on(next.which, next.taken) end
end
return {L.tickets, answers, on}
