#!lua
-- edit: another definition of an entry. KEYS[1] prefix. ARGV time, entry id, field, value, ...
-- rev + 1; and where it changes what runs or when, epoch + 1: a ticket that is out is stale from now on. A running attempt
-- is judged by its fence only and goes on.
local p, now = L.begin()
local e = L.entry(ARGV[2])
if not e then return {L.tickets, 'gone'} end
local MATTERS = {category = 1, operation = 1, arguments = 1, schedule = 1, start = 1, every = 1, days = 1, from = 1,
  to = 1, formula = 1, zone = 1, mode = 1, expires = 1, catch_up = 1, grace = 1}
local fields, same, matters = {}, true, false
for i = 3, #ARGV, 2 do
  fields[ARGV[i]] = says_nothing(ARGV[i], ARGV[i + 1]) and '' or ARGV[i + 1]
end
if num(fields.start) == 0 then -- not given: the anchor stays
  fields.start = (num(e.start) > 0 or fields.schedule == 'formula') and e.start or N(now)
end
for name, value in pairs(fields) do
  if (e[name] or '') ~= value then
    same = false
    if value == '' and OPTIONAL[name] then fields[name] = false end
    matters = matters or MATTERS[name] ~= nil
  end
end
for name in pairs(OPTIONAL) do
  if fields[name] == '' then fields[name] = nil end -- it was not there before either
end
if same then return {L.tickets, 'same'} end
redis.call('HINCRBY', p .. 'no:' .. e.company, 'edits', 1)
fields.rev = num(e.rev) + 1
-- It may be another shop's from now on.
local function change()
  local since = fields.arguments ~= e.arguments and L.error_out(e)
  L.set(e, fields)
  if since then L.error_in(e, since) end
end
if fields.category ~= e.category then redis.call('SADD', p .. 'cats:' .. e.company, fields.category) end
if e.sub == 'running' or not matters then
  change()
  if e.sub == 'running' and matters then
    L.bump_later(e)
    L.set(e, {edited = now - 1}) -- slots that passed before an edit are not caught up, here neither
  end
  if e.sub == 'gated' then L.to_wait(e) end -- its priority may have changed
  L.hist('edit', e, {definition = L.definition(e), matters = matters and '1' or '0'})
  return {L.tickets, 'changed'}
end
L.leave(e)
local lane, rests, status = L.free_permit(e), e.sub == 'rest', e.status
fields.epoch = num(e.epoch) + 1
change()
if rests then
  if e.task then -- a plan that waits for a person was made by the old definition
    L.close(e, 'cancelled', 'the entry was changed before it went on', '', '', true)
    L.resolve(e)
  end
  L.to_rest(e, status)
else
  if e.task then L.close(e, 'cancelled', 'the entry was changed before it ran', '', '', true) end
  L.resolve(e)
  -- Slots that passed before an edit of the schedule are not caught up.
  L.set(e, {last_slot = math.max(num(e.last_slot), now - 1)})
  if e.schedule == 'at' then L.plan_now(e, math.max(now, num(e.start))) else L.to_due(e, now) end
end
L.hist('edit', e, {definition = L.definition(e), matters = matters and '1' or '0'})
L.grant(lane)
return {L.tickets, 'changed'}
