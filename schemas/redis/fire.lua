#!lua
-- fire: carries out what a producer decided for entries of the due-set (queue_decide).
-- KEYS[1] prefix. ARGV time, then for each: entry, rev, due, kind, slot, due of the next, until, skipped from, skipped to.
-- rev or due changed since it was read = nothing happens. Answers the tickets granted.
local p, now = L.begin()
local lanes = {}
for i = 2, #ARGV, 9 do
  local e = L.entry(ARGV[i])
  local score = redis.call('ZSCORE', p .. 'due', ARGV[i])
  if e and score and e.rev == ARGV[i + 1] and num(score) == num(ARGV[i + 2]) and num(score) <= now then
    local kind, slot, due = ARGV[i + 3], num(ARGV[i + 4]), num(ARGV[i + 5])
    local from, to = num(ARGV[i + 7]), num(ARGV[i + 8])
    if from > 0 then
      L.hist('skip', e, {skip_from = from, skip_to = to})
      L.set(e, {last_slot = math.max(num(e.last_slot), to)})
    end
    if kind == 'next' then
      L.set(e, {slot = slot})
      L.to_due(e, due, e.status)
      L.hist('next', e)
    elseif kind == 'expire' then
      if e.task then L.close(e, 'cancelled', 'expired before it could start', '', '', true) end
      L.delete(e)
      L.hist('expire', e)
    elseif kind == 'run' then
      if num(e.slot) ~= slot then L.set(e, {slot = slot}) end
      if num(e.attempt) == 0 then L.set(e, {attempt = '1'}) end
      L.name_task(e)
      L.set(e, {['until'] = ARGV[i + 6], ready = num(e.ready) > 0 and e.ready or N(now)})
      L.to_wait(e)
      L.hist('fire', e)
    end
    lanes[L.lane_of(e)] = true
  end
end
for lane in pairs(lanes) do L.grant(lane) end
return L.tickets
