#!lua flags=allow-oom
-- write: the only way a worker changes staged data. KEYS[1] prefix. ARGV time, task, fence, commands as msgpack:
-- {{verb, key, arg...}, ...}; a key stands below `s:<company>:`. Answers ok, fenced, or refused: another fence's note of a
-- write in flight stands on a record this one wants to note.
local p, now = L.begin()
local VERBS = {HSET = 1, HDEL = 1, DEL = 1, SET = 1, SADD = 1, SREM = 1, ZADD = 1, ZREM = 1, ZREMRANGEBYSCORE = 1,
  EXPIRE = 1, NOTE = 1, NOTECLEAR = 1, LIFE = 1, SKIP = 1, UNSKIP = 1, UNMAPPED = 1, MAPPED = 1}
local e = L.entry(string.sub(ARGV[2], 1, 36))
if not e or e.sub ~= 'running' or e.fence ~= ARGV[3] or e.task ~= ARGV[2] then return 'fenced' end
local commands = cmsgpack.unpack(ARGV[4])
local base = p .. 's:' .. e.company .. ':'
local cleared = {} -- a note that is cleared here first no longer stands
for _, c in ipairs(commands) do
  if not VERBS[c[1]] then return redis.error_reply('write: verb ' .. tostring(c[1]) .. ' is not allowed') end
  if c[1] == 'NOTECLEAR' then cleared[c[2]] = true end
  if c[1] == 'NOTE' and not cleared[c[2]] then
    local other = redis.call('HGET', base .. 'note:' .. c[2], 'fence')
    if other and other ~= e.fence then return 'refused' end
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
  else
    c[2] = base .. c[2]
    redis.call(unpack(c))
  end
end
return 'ok'
