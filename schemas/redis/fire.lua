#!lua
-- fire: carries out what a producer decided for entries of the due-set (queue_decide).
-- KEYS[1] prefix. ARGV time, then for each: entry, rev, due, kind, slot, due of the next, until, skipped from, skipped to,
-- caught up (1 = later slots have passed, too), why.
-- rev or due changed since it was read = nothing happens. Answers the tickets granted.
local p, now = L.begin()
for i = 2, #ARGV, 11 do
  local e = L.entry(ARGV[i])
  local score = redis.call('ZSCORE', p .. 'due', ARGV[i])
  -- Decided before another producer skipped the same slots, and due again in the same millisecond: nothing, too.
  local again = e and num(ARGV[i + 7]) > 0 and num(ARGV[i + 7]) <= num(e.last_slot)
  if e and e.sub == 'due' and score and not again and e.rev == ARGV[i + 1] and num(score) == num(ARGV[i + 2]) and num(score) <= now then
    local kind, slot, due = ARGV[i + 3], num(ARGV[i + 4]), num(ARGV[i + 5])
    local from, to, why = num(ARGV[i + 7]), num(ARGV[i + 8]), ARGV[i + 10]
    if e.ended then L.set(e, {ended = false}) end
    if from > 0 then
      L.hist('skip', e, {skip_from = from, skip_to = to, why = why ~= '' and why or nil})
      L.set(e, {last_slot = math.max(num(e.last_slot), to)})
    end
    if kind == 'next' then
      L.set(e, {slot = slot})
      L.to_due(e, due, e.status)
      L.hist('next', e)
    elseif kind == 'skip' then
      if e.task then -- it has an id, and a retry has run before: its slot ends here, the next tick plans on
        local outcome = e.begun and 'fatal' or 'cancelled'
        local text = e.begun and e.err and e.err ~= '' and e.err .. '; ' .. why or why
        L.close(e, outcome, text, e.counts or '', 'window', true)
        L.set(e, {err = e.begun and text or e.err or ''})
        L.resolve(e)
        L.go_on(e, outcome, false)
      else
        L.set(e, {slot = slot})
        L.to_due(e, due, e.status)
      end
      L.hist(e.sub == 'rest' and 'fail' or 'next', e)
    elseif kind == 'fail' then
      if e.task then
        L.close(e, 'fatal', why, '', 'schedule', true)
      else
        L.set(e, {failures = num(e.failures) + 1})
        L.tell(e, 'fatal', why, num(e.failures) - 1)
        L.error_in(e)
      end
      L.resolve(e)
      L.set(e, {err = why})
      L.to_rest(e, '2')
      L.hist('fail', e)
    elseif kind == 'expire' then
      if e.task then L.close(e, 'cancelled', 'expired before it could start', '', '', true) end
      L.delete(e)
      L.hist('expire', e)
    elseif kind == 'run' then
      if num(e.slot) ~= slot then L.set(e, {slot = slot}) end
      if ARGV[i + 9] == '1' and not e.task_kind then L.set(e, {task_kind = '2'}) end
      if num(e.attempt) == 0 then L.set(e, {attempt = '1'}) end
      L.name_task(e)
      L.set(e, {['until'] = ARGV[i + 6], ready = num(e.ready) > 0 and e.ready or N(now)})
      L.to_wait(e)
      L.hist('fire', e)
    end
    L.freed(L.lane_of(e))
  end
end
L.grant_freed()
return L.tickets
