#!lua
-- command: what people ask of one entry. KEYS[1] prefix. ARGV time, verb, entry id, more.
--   hold (more: stop = cancel the run too), ready, restart, delete, cancel (more: task), priority (more: its number)
-- Answers {tickets, word}: done, gone (no such entry), or what it comes to: running, over.
local p, now = L.begin()
local verb, more = ARGV[2], ARGV[4] or ''
local e = L.entry(ARGV[3])
if not e or e.deleting then return {L.tickets, 'gone'} end

-- Not running: its ticket is stale from now on, its permit free.
local function withdraw()
  L.leave(e)
  e.sub = 'none'
  local lane = L.free_permit(e)
  L.set(e, {epoch = num(e.epoch) + 1})
  return lane
end
local function drop_occurrence(text)
  if e.task then L.close(e, 'cancelled', text, '', '', true) end
  L.resolve(e)
end

if verb == 'hold' then
  if e.sub == 'running' then
    L.set(e, {status = '3'}) -- the run goes on, nothing follows
    L.bump_later(e)
    if more == 'stop' then L.set(e, {cancel = '1'}) end
    L.hist('hold', e)
    return {L.tickets, 'done'}
  end
  local lane = withdraw()
  drop_occurrence('the entry was put on hold')
  L.to_rest(e, '3')
  L.hist('hold', e)
  L.grant(lane)
  return {L.tickets, 'done'}
end

if verb == 'ready' or verb == 'restart' then
  if e.sub == 'running' then
    if verb == 'ready' and e.status == '1' then return {L.tickets, 'running'} end
    L.set(e, {status = '1', rerun = verb == 'restart' and '1' or e.rerun or false})
    L.bump_later(e)
    L.hist(verb, e)
    return {L.tickets, 'done'}
  end
  if verb == 'ready' and e.sub ~= 'rest' then return {L.tickets, 'done'} end
  if verb == 'ready' and e.task then -- it parked for good: the same task goes on with its plan
    L.set(e, {err = '', why = false, ready_at = now})
    L.to_due(e, now)
    L.hist(verb, e)
    return {L.tickets, 'done'}
  end
  local lane = withdraw()
  drop_occurrence('the entry was restarted')
  L.set(e, {err = '', failures = false, ready_at = now, last_slot = math.max(num(e.last_slot), now - 1)})
  L.error_out(e)
  if verb == 'restart' or e.schedule == 'at' then
    L.plan_now(e, verb == 'restart' and now or math.max(now, num(e.start)), '3')
  elseif e.run_at_start == '1' then
    L.plan_now(e, now, '1')
  else
    L.to_due(e, now)
  end
  L.hist(verb, e)
  L.grant(lane)
  return {L.tickets, 'done'}
end

if verb == 'priority' then
  if e.sub == 'running' then
    L.hist('refused', e, {why = 'running'})
    return {L.tickets, 'running'}
  end
  if e.priority == more then return {L.tickets, 'done'} end
  L.set(e, {priority = more, rev = num(e.rev) + 1})
  if e.sub == 'gated' then L.to_wait(e) end
  L.hist('priority', e, {definition = L.definition(e)})
  return {L.tickets, 'done'}
end

if verb == 'delete' then
  if e.sub == 'running' then
    L.set(e, {deleting = '1'})
    L.hist('delete', e)
    return {L.tickets, 'running'}
  end
  if e.task then L.close(e, 'cancelled', 'the entry was deleted', '', '', true) end
  local lane = L.delete(e)
  L.hist('delete', e)
  L.grant(lane)
  return {L.tickets, 'done'}
end

if verb == 'cancel' then
  if e.task ~= more then
    L.hist('refused', e, {why = 'over'})
    return {L.tickets, 'over'}
  end
  if e.sub == 'running' then
    L.set(e, {cancel = '1'})
    L.hist('cancel', e)
    return {L.tickets, 'running'}
  end
  local lane = withdraw()
  drop_occurrence('cancelled before it ran')
  if e.schedule == 'at' then
    L.delete(e)
  else
    L.set(e, {ended = now})
    L.to_due(e, now)
  end
  L.hist('cancel', e)
  L.grant(lane)
  return {L.tickets, 'done'}
end

return redis.error_reply('command: unknown verb ' .. verb)
