-- approve: a person lets a plan through that a run waits with. KEYS[1] prefix. ARGV time, company, entry, plan. Answers none (nothing
-- waits for approval), other (it is another plan by now) or done.
local p = L.begin()
local key = p .. 's:' .. ARGV[2] .. ':brake:' .. ARGV[3]
local plan = redis.call('HGET', key, 'plan')
if not plan then return 'none' end
if plan ~= ARGV[4] then return 'other' end
redis.call('HSET', key, 'approved', plan)
return 'done'
