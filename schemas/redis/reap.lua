#!lua flags=allow-oom
-- reap: what stands still is moved on. KEYS[1] prefix. ARGV time, grace ms, the time of Redis that the reaper has found to
-- be trusted (0 = nobody is declared lost): leases count by it, for the clock may have leapt since it was read; how often the
-- clock had gone back when it looked last (a change: nobody is declared lost).
-- Grants that nobody claimed are offered again, after 30 s, doubling to 10 min; attempts whose lease and grace have
-- passed are lost. Answers {tickets granted, tickets to offer again, lost, how often the clock has gone back; -1 = nothing runs}.
local p, now = L.begin()
local again, lost, trusted = {}, 0, num(ARGV[3])
for _, id in ipairs(redis.call('ZRANGEBYSCORE', p .. 'open', '-inf', N(now - REPUBLISH_MS), 'LIMIT', 0, LOOP)) do
  local e = L.entry(id)
  local wait = e and math.min(REPUBLISH_MAX_MS, REPUBLISH_MS * 2 ^ num(e.again))
  if e and e.sub == 'granted' and now - num(e.published or e.granted) >= wait then
    L.set(e, {published = now, again = num(e.again) + 1})
    L.hist('republish', e)
    local tickets = L.tickets
    L.tickets = again
    L.ticket(e)
    L.tickets = tickets
  end
end
local leaps = redis.call('EXISTS', p .. 'run') == 1 and L.leaps() or -1 -- an idle bucket is not written to
if trusted > 0 and leaps == tonumber(ARGV[4]) then
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', p .. 'run', '-inf', N(math.min(now, trusted) - num(ARGV[2])), 'LIMIT', 0, LOOP)) do
    local e = L.entry(id)
    if e and e.sub == 'running' then
      local asked = num(e.timeouts) > 0 -- to stop, by its timeout
      local text = asked and 'the job ran longer than it may and did not stop when asked' or 'its worker stopped answering'
      L.freed(L.settle(e, 'lost', 0, text, e.counts or '', asked and 'timeout' or 'lease'))
      lost = lost + 1
    end
  end
  L.grant_freed()
end
return {L.tickets, again, lost, leaps}
