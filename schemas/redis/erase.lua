-- erase: what is kept of a person goes, or is blank (store/privacy.h). KEYS[1] prefix. ARGV time, company, commands as msgpack, as
-- the script write takes them, and where they change an order that was read before, its key and what its `updated` was then.
-- Answers ok, or moved: the order has changed meanwhile, and nothing was done.
local p = L.begin()
local VERBS = {HSET = 1, HDEL = 1, DEL = 1, ZADD = 1, ZREM = 1, EXPIRE = 1, UNSKIP = 1, BLANK = 1, MAPPED = 1}
local base = p .. 's:' .. ARGV[2] .. ':'
local commands = cmsgpack.unpack(ARGV[3])
for _, c in ipairs(commands) do
  if not VERBS[c[1]] then return redis.error_reply('erase: verb ' .. tostring(c[1]) .. ' is not allowed') end
end
if ARGV[4] and (redis.call('HGET', base .. ARGV[4], 'updated') or '') ~= ARGV[5] then return 'moved' end
for _, c in ipairs(commands) do
  if c[1] == 'UNSKIP' then
    L.skip_out(base, c[2])
  elseif c[1] == 'MAPPED' then
    L.mapped(base, c[2], c[3], c[4])
  elseif c[1] == 'BLANK' then -- a field of what may have gone meanwhile
    if redis.call('HEXISTS', base .. c[2], c[3]) == 1 then redis.call('HSET', base .. c[2], c[3], '') end
  else
    c[2] = base .. c[2]
    redis.call(unpack(c))
  end
end
return 'ok'
