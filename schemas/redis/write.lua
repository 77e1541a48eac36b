#!lua flags=allow-oom
-- write: the only way a worker changes staged data. KEYS[1] prefix. ARGV time, task, fence, commands as msgpack:
-- {{verb, key, arg...}, ...}; a key stands below `s:<company>:`. Answers ok, fenced, or refused: another fence's note of a
-- write in flight stands on a record this one wants to note, or another fence holds a key that this one wants to lock, or
-- this one holds no longer what it wants to keep.
local p, now = L.begin()
local VERBS = {HSET = 1, HDEL = 1, DEL = 1, SET = 1, SADD = 1, SREM = 1, ZADD = 1, ZREM = 1, ZREMRANGEBYSCORE = 1,
  EXPIRE = 1, NOTE = 1, NOTECLEAR = 1, LIFE = 1, SKIP = 1, UNSKIP = 1, UNMAPPED = 1, MAPPED = 1, LOCK = 1, RENEW = 1,
  KEEP = 1, UNLOCK = 1, HINCRBY = 1, UNVARIANT = 1}
local e = L.entry(string.sub(ARGV[2], 1, 36))
if not e or e.sub ~= 'running' or e.fence ~= ARGV[3] or e.task ~= ARGV[2] then return 'fenced' end
local commands = cmsgpack.unpack(ARGV[4])
local base = p .. 's:' .. e.company .. ':'
local LEFT = 60000 -- so long a lock that ran out can be seen: whoever kept it may go on if nobody took it meanwhile
-- A variant that is gone. Its item may be one that was nothing but a variant of this product: then it has no product any more.
local function unvariant(base, variant, shop, product)
  local own = base .. 'shop-variant:' .. shop .. ':'
  local item = redis.call('HGET', own .. variant, 'item')
  redis.call('DEL', own .. variant, base .. 'variant:' .. variant)
  redis.call('ZREM', base .. 'shop-variants:' .. shop, variant)
  redis.call('SREM', base .. 'variants:' .. product, variant)
  local link = base .. 'item-product:' .. shop .. ':' .. (item or '')
  if not item or redis.call('GET', link) ~= product then return end
  local main = redis.call('HGET', base .. 'shop-product:' .. shop .. ':' .. product, 'item')
  if main == item then return end
  if main then -- else all of the product goes
    for _, other in ipairs(redis.call('SMEMBERS', base .. 'variants:' .. product)) do
      if redis.call('HGET', own .. other, 'item') == item then return end
    end
  end
  redis.call('DEL', link)
end
local cleared = {} -- a note that is cleared here first no longer stands
for _, c in ipairs(commands) do
  if not VERBS[c[1]] then return redis.error_reply('write: verb ' .. tostring(c[1]) .. ' is not allowed') end
  if c[1] == 'NOTECLEAR' then cleared[c[2]] = true end
  if c[1] == 'NOTE' and not cleared[c[2]] then
    local other = redis.call('HGET', base .. 'note:' .. c[2], 'fence')
    if other and other ~= e.fence then return 'refused' end
  end
  if c[1] == 'LOCK' or c[1] == 'RENEW' or c[1] == 'KEEP' then
    local held = redis.call('HMGET', base .. 'lock:' .. c[2], 'fence', 'until', 'task', 'sent')
    local mine = held[1] == e.fence
    -- What an earlier attempt of this task held goes on with it. Where a create may be on its way nobody makes another.
    local free = not held[1] or tonumber(held[2]) <= now or (not held[4] and (mine or held[3] == e.task))
    if c[1] == 'LOCK' and not free or c[1] ~= 'LOCK' and not mine then return 'refused' end
  end
end
for _, c in ipairs(commands) do
  if c[1] == 'NOTE' then
    redis.call('HSET', base .. 'note:' .. c[2], 'peer', c[3], 'kind', c[4], 'key', c[5], 'fence', e.fence, 'task', e.task,
      'sent', N(now), 'look_until', c[6])
    redis.call('SADD', base .. 'notes', c[2])
  elseif c[1] == 'NOTECLEAR' then
    redis.call('DEL', base .. 'note:' .. c[2])
    redis.call('SREM', base .. 'notes', c[2])
  elseif c[1] == 'LOCK' or c[1] == 'RENEW' or c[1] == 'KEEP' then
    local key = base .. 'lock:' .. c[2]
    if c[1] == 'LOCK' then
      redis.call('DEL', key)
      redis.call('HSET', key, 'fence', e.fence, 'task', e.task, 'since', N(now))
    end
    redis.call('HSET', key, 'until', c[3])
    if c[1] == 'KEEP' then redis.call('HSET', key, 'sent', '1') end
    redis.call('PEXPIRE', key, math.max(tonumber(c[3]) - now, 0) + LEFT)
  elseif c[1] == 'UNLOCK' then
    local key = base .. 'lock:' .. c[2]
    if redis.call('HGET', key, 'fence') == e.fence then redis.call('DEL', key) end
  elseif c[1] == 'LIFE' then
    L.life(base, c[2], c[3], e.run or '', c[4])
  elseif c[1] == 'SKIP' then
    L.skip_in(base, c[2], {shop = c[3], reason = c[4], record = c[5], detail = c[6], version = c[7], open = c[8] == '1', find = c[9]})
  elseif c[1] == 'UNSKIP' then
    L.skip_out(base, c[2])
  elseif c[1] == 'UNMAPPED' then
    L.unmapped(base, c[2], c[3], c[4], c[5], c[6])
  elseif c[1] == 'MAPPED' then
    L.mapped(base, c[2], c[3], c[4])
  elseif c[1] == 'UNVARIANT' then
    unvariant(base, c[2], c[3], c[4])
  else
    c[2] = base .. c[2]
    redis.call(unpack(c))
  end
end
return 'ok'
