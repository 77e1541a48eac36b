#!lua
-- edit: another definition of an entry. KEYS[1] prefix. ARGV time, entry id, field, value, ...
-- rev + 1, epoch + 1: a ticket that is out is stale from now on. A running attempt is judged by its fence only and goes on.
local p, now = L.begin()
local e = L.entry(ARGV[2])
if not e then return {L.tickets, 'gone'} end
local fields, same = {}, true
for i = 3, #ARGV, 2 do
  fields[ARGV[i]] = ARGV[i + 1]
  if (e[ARGV[i]] or '') ~= ARGV[i + 1] then same = false end
end
if same then return {L.tickets, 'same'} end
fields.rev = num(e.rev) + 1
if e.sub == 'running' then
  L.set(e, fields)
  L.bump_later(e)
  L.hist('edit', e)
  return {L.tickets, 'changed'}
end
L.leave(e)
local lane, rests, status = L.free_permit(e), e.sub == 'rest', e.status
fields.epoch = num(e.epoch) + 1
L.set(e, fields)
if rests then
  L.to_rest(e, status)
else
  if e.task then L.close(e, 'cancelled', 'the entry was changed before it ran', '', '', true) end
  L.resolve(e)
  -- Slots that passed before an edit of the schedule are not caught up.
  L.set(e, {last_slot = math.max(num(e.last_slot), now - 1)})
  if e.schedule == 'at' then L.plan_now(e, math.max(now, num(e.start))) else L.to_due(e, now) end
end
L.hist('edit', e)
L.grant(lane)
return {L.tickets, 'changed'}
