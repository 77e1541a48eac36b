#!lua
-- wake: an event asks for entries. KEYS[1] prefix. ARGV time, ids with a space between, the event's traceparent ('' = none),
-- then for each: entry, event (what a second delivery to this entry is known by; '' = nothing). The ids are records that the
-- entry's next run reads first; '*' = all. Answers {tickets, {word...}}: done, later (its last run ended just now: L.edge), covered (a run that has
-- not begun will see it), rerun (one that has may not: once more, after it), double (taken before); and refused, where
-- nothing changes: gone, resting, once (a foreground run belongs to its caller).
local p, now = L.begin()
local ids, trace, answers = L.words(ARGV[2]), ARGV[3] ~= '' and ARGV[3], {}

-- A retry comes forward; a parked run keeps its reason. Neither storms: the last attempt's start counts here, too.
local function once_more(e)
  local at = math.max(now, num(e.granted) + RETRY_MS)
  local sooner = e.sub == 'due' and not e.resumed and at < num(e.due)
  if e.rerun and not sooner then return end
  L.set(e, {rerun = trace or '1'})
  if sooner then L.to_due(e, at) end
  L.hist('rerun', e)
end

-- The planned slot that it jumps counts as covered by this run; but not the one at the end of a rest that it cuts short.
local function plan(e, at)
  local rests = e.status == '5' and (e.idle or e.mode == 'bc') or e.schedule == 'manual'
  local covered = rests and 0 or num(e.slot)
  if covered > 0 then L.hist('covered', e) end
  L.set(e, {last_slot = math.max(num(e.last_slot), covered), task = e.schedule == 'at' and e.task or false, slot = '0',
    traceparent = trace})
  L.plan_now(e, at, '4')
  L.hist('wake', e, {woken = e.woken})
end

-- The run to come belongs to the first that asked for it, as long as its ticket is not out.
local function covered(e)
  if not e.traceparent and e.sub ~= 'granted' then L.set(e, {traceparent = trace}) end
  return 'covered'
end

local function wake(e)
  if e.sub == 'running' or e.begun then
    once_more(e)
    return 'rerun'
  end
  if e.sub == 'gated' or e.sub == 'granted' then return covered(e) end
  local at = L.edge(e)
  if e.task and num(e.due) <= at then return covered(e) end
  -- A backlog runs slot by slot, now or when its window opens; to jump it would drop it.
  if e.catch_up == 'all' and num(e.slot) > 0 and num(e.slot) <= now then return covered(e) end
  plan(e, at)
  return at > now and 'later' or 'done'
end

local function answer(e, event)
  if not e or e.deleting then return 'gone' end
  if L.seen(e.company, event) then return 'double' end
  if e.sub == 'rest' or e.status == '2' or e.status == '3' then
    L.hist('refused', e, {why = 'resting'})
    return 'resting'
  end
  if e.ephemeral == '1' then return 'once' end
  L.note_subjects(e, ids)
  L.see(e.company, event)
  L.event_more(e)
  return wake(e)
end

for i = 4, #ARGV, 2 do answers[#answers + 1] = answer(L.entry(ARGV[i]), ARGV[i + 1]) end
return {L.tickets, answers}
