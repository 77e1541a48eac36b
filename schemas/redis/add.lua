#!lua
-- add: a new entry, or the existing one of the same id or coalesce key. KEYS[1] prefix.
-- ARGV time, entry id, company, rest (1 = created on hold), field, value, ... (the definition).
-- Answers {tickets, id, existing}. Found by its key, an entry that has begun is asked to run once more, and a one-off
-- that failed is armed again: its slot is resolved, the wish is new. One that a person holds keeps its rest; the new
-- entry takes the key over. Three fields are no part of the definition: `event`, by which a second delivery of it is known
-- (then existing is 2), `traceparent`, what caused it, and `subjects`, ids of records with a space between, for the run to
-- read first.
local p, now = L.begin()
local id, company = ARGV[2], ARGV[3]
local fields = {}
for i = 5, #ARGV, 2 do
  if not says_nothing(ARGV[i], ARGV[i + 1]) then fields[ARGV[i]] = ARGV[i + 1] end
end
local event, trace, ids = fields.event or '', fields.traceparent, L.words(fields.subjects or '')
fields.event, fields.traceparent, fields.subjects = nil, nil, nil
if trace == '' then trace = nil end
if L.seen(company, event) then return {L.tickets, id, 2} end
if redis.call('EXISTS', p .. 'e:' .. id) == 1 then return {L.tickets, id, 1} end
local keys = p .. 'key:' .. company
if fields.coalesce_key then
  local other = redis.call('HGET', keys, fields.coalesce_key)
  local e = other and L.entry(other)
  if e and not e.deleting and e.status ~= '3' then
    if e.sub == 'running' or e.begun then
      L.set(e, {rerun = trace or '1'})
      L.hist('rerun', e)
    elseif e.status == '2' then
      L.set(e, {err = '', epoch = num(e.epoch) + 1, traceparent = trace or false})
      L.plan_now(e, now)
      L.hist('restart', e)
    end
    L.event_more(e)
    L.note_subjects(e, ids)
    if fields.notify and not string.find(',' .. (e.notify or '') .. ',', ',' .. fields.notify .. ',', 1, true) then
      L.set(e, {notify = e.notify and string.sub(e.notify .. ',' .. fields.notify, 1, 400) or fields.notify})
    end
    L.see(company, event)
    return {L.tickets, other, 1}
  end
end
local no = redis.call('HINCRBY', p .. 'no:' .. company, 'entry', 1)
local e = L.new(id)
if num(fields.start) == 0 and fields.schedule ~= 'formula' then fields.start = now end -- a formula needs no first time
fields.company, fields.no, fields.epoch, fields.rev = company, no, no, '1'
fields.status, fields.sub, fields.attempt = '3', 'rest', '0'
fields.traceparent = trace
fields.last_slot = now - 1 -- slots that passed before there was an entry are nobody's
fields.due = '0'
L.set(e, fields)
redis.call('ZADD', p .. 'list:' .. company, no, id)
redis.call('SADD', p .. 'cats:' .. company, fields.category)
if fields.coalesce_key then redis.call('HSET', keys, fields.coalesce_key, id) end
if ARGV[4] == '1' then
  L.to_rest(e, '3')
elseif e.schedule == 'at' then
  L.plan_now(e, math.max(now, num(e.start)))
elseif e.run_at_start == '1' then
  L.plan_now(e, now, '1')
else
  L.to_due(e, now) -- to be planned by a producer, the one place that knows slots
end
L.note_subjects(e, ids)
L.see(company, event)
L.hist('add', e, {definition = L.definition(e), no = no})
return {L.tickets, id, 0}
