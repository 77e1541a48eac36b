#!lua flags=allow-oom
-- outbox: who is told of what became of runs. KEYS[1] prefix. ARGV time, verb, more.
--
-- L.tell appends events to `~outbox` in the script that closes a run. A producer reads them (look), decides who hears of
-- them and turns them into notices (plan), takes notices that are due under a lease (take), sends them, and says how it
-- went (end, again). Whoever dies in between has lost nothing: events stay until they are planned, notices until they are
-- ended, and a lease that runs out is taken by another producer, under the same id.
local p, now = L.begin()
local verb = ARGV[2]
local EVENTS, LISTED, TOLD_KEEP_MS, GIVE_UP_MS = 64, 50, 2592000000, 86400000

local function notice_key(id) return p .. 'notice:' .. id end

-- look: answers {notices due, {{id, {field, value, ...}}, ...}, {company, notify, settings, {time of a failure, ...}, ...}}.
if verb == 'look' then
  local due = redis.call('ZCOUNT', p .. 'notices', '-inf', N(now))
  local events, companies, known = redis.call('XRANGE', p .. 'outbox', '-', '+', 'COUNT', EVENTS), {}, {}
  for _, row in ipairs(events) do
    local company = row[2][4]
    if not known[company] then
      known[company] = true
      local conf = redis.call('HMGET', p .. 'conf:' .. company, 'notify', 'company')
      local times = {}
      local failures = redis.call('ZRANGEBYSCORE', p .. 'failures:' .. company, N(now - 86400000), '+inf', 'WITHSCORES')
      for i = 2, #failures, 2 do times[#times + 1] = failures[i] end
      for _, value in ipairs({company, conf[1] or '', conf[2] or '', times}) do companies[#companies + 1] = value end
    end
  end
  return {due, events, companies}
end

-- plan: count of events, their ids, then for each notice: company, target, why, cause, collect ms, hold ms, a new id, entry,
-- row (JSON), operation. Answers 1; 0 = another producer has planned one of these events, and nothing happens. Notices
-- of one cause that has not been told yet become one, with a list and a count.
if verb == 'plan' then
  local count = num(ARGV[3])
  local ids = {}
  for i = 4, 3 + count do
    if #redis.call('XRANGE', p .. 'outbox', ARGV[i], ARGV[i]) == 0 then return 0 end
    ids[#ids + 1] = ARGV[i]
  end
  redis.call('XDEL', p .. 'outbox', unpack(ids))
  for i = 4 + count, #ARGV, 10 do
    local company, target, why, cause = ARGV[i], ARGV[i + 1], ARGV[i + 2], p .. 'cause:' .. ARGV[i + 3]
    local collect, hold = num(ARGV[i + 4]), num(ARGV[i + 5])
    local id, told, row = ARGV[i + 6], p .. 'told:' .. ARGV[i + 7], ARGV[i + 8]
    -- That all is well again is told to whoever was told that it was not.
    local wanted = why ~= 'recovery' or redis.call('SREM', told, target) == 1
    if why == 'failure' then
      redis.call('SADD', told, target)
      redis.call('PEXPIRE', told, TOLD_KEEP_MS)
    end
    if wanted then
      local before = redis.call('HMGET', cause, 'open', 'due')
      local open = before[1] and notice_key(before[1])
      if open and redis.call('HGET', open, 'tries') == '0' then
        if redis.call('HINCRBY', open, 'count', 1) <= LISTED then redis.call('RPUSH', open .. ':rows', row) end
      else
        local due = math.max(now + collect, before[2] and num(before[2]) + hold or 0)
        redis.call('HSET', notice_key(id), 'company', company, 'target', target, 'why', why, 'operation', ARGV[i + 9], 'created',
          N(now), 'count', '1', 'tries', '0', 'owner', '', 'error', '')
        redis.call('RPUSH', notice_key(id) .. ':rows', row)
        redis.call('ZADD', p .. 'notices', N(due), id)
        redis.call('HSET', cause, 'open', id, 'due', N(due))
        redis.call('PEXPIRE', cause, N(due - now + hold + 60000))
      end
    end
  end
  return 1
end

-- take: owner, lease ms, most. Answers {{id, company, target, why, count, created, tries, notify, settings, {row, ...}}, ...}.
if verb == 'take' then
  local taken = {}
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', p .. 'notices', '-inf', N(now), 'LIMIT', 0, math.min(num(ARGV[5]), LOOP))) do
    local key = notice_key(id)
    local n = redis.call('HMGET', key, 'company', 'target', 'why', 'count', 'created')
    local conf = redis.call('HMGET', p .. 'conf:' .. n[1], 'notify', 'company')
    redis.call('ZADD', p .. 'notices', N(now + num(ARGV[4])), id)
    redis.call('HSET', key, 'owner', ARGV[3])
    taken[#taken + 1] = {id, n[1], n[2], n[3], n[4], n[5], redis.call('HINCRBY', key, 'tries', 1), conf[1] or '',
      conf[2] or '', redis.call('LRANGE', key .. ':rows', 0, -1)}
  end
  return taken
end

-- A record for people, and the notice is no more.
local function over(id, outcome, err)
  local key = notice_key(id)
  local n = redis.call('HMGET', key, 'company', 'target', 'why', 'operation', 'count', 'tries')
  redis.call('ZREM', p .. 'notices', id)
  redis.call('DEL', key, key .. ':rows')
  L.log('notice', {company = n[1], id = '', operation = n[4], category = '', attempt = n[6], slot = '0', due = '0'},
    {outcome = outcome, error = err, why = n[3] .. ' of ' .. n[5] .. (n[5] == '1' and ' run' or ' runs'), to = n[2]})
end

-- end: id, outcome (delivered, given-up), error. Whoever says so: delivered is delivered. Answers 1, 0 = it was over.
if verb == 'end' then
  if redis.call('EXISTS', notice_key(ARGV[3])) == 0 then return 0 end
  over(ARGV[3], ARGV[4], ARGV[5])
  return 1
end

-- again: id, owner, delay ms, error. Answers again, given-up (it is a day old), or lost: another producer has it now.
if verb == 'again' then
  local id, delay = ARGV[3], num(ARGV[5])
  local n = redis.call('HMGET', notice_key(id), 'owner', 'created')
  if n[1] ~= ARGV[4] then return 'lost' end
  if now + delay > num(n[2]) + GIVE_UP_MS then
    over(id, 'given-up', ARGV[6])
    return 'given-up'
  end
  redis.call('ZADD', p .. 'notices', N(now + delay), id)
  redis.call('HSET', notice_key(id), 'error', ARGV[6], 'owner', '')
  return 'again'
end

return redis.error_reply('outbox: unknown verb ' .. verb)
