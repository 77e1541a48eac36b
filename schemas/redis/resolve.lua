-- resolve: a person settles an order that Shopify has changed after its document was made.
-- KEYS[1] prefix. ARGV time, company, order, what, digest, snapshot. what: accept = the document has been put right, so what the
-- order is now counts as what the document knows, or, where no change is open, a total that differs is left as it is; unlink = the
-- document is no longer the order's, the next orders.process looks for one and makes it where none is found. Answers unknown, same (nothing to do), moved (staged anew meanwhile) or changed.
local p, now = L.begin()
local id, what = ARGV[3], ARGV[4]
local base = p .. 's:' .. ARGV[2] .. ':'
local key = base .. 'order:' .. id
local row = redis.call('HMGET', key, 'state', 'shop', 'digest', 'update', 'created_ms', 'document', 'difference')
if not row[1] then return 'unknown' end
local updated = (row[4] or '') ~= ''
local differs = redis.call('ZSCORE', base .. 'differences:' .. row[2], id)
if row[1] ~= 'processed' or (what == 'accept' and not updated and not differs) then return 'same' end
if (row[3] or '') ~= ARGV[5] then return 'moved' end

local function no_difference()
  redis.call('ZREM', base .. 'differences:' .. row[2], id)
  for _, code in ipairs({'unexplained', 'duty-or-fee'}) do redis.call('ZREM', base .. 'differences-of:' .. row[2] .. ':' .. code, id) end
end
if what == 'accept' and not updated then
  -- What nothing explains was not to be posted before a person has looked at both totals; what is posted already, never again.
  local waits = redis.call('ZSCORE', base .. 'differences-of:' .. row[2] .. ':unexplained', id)
  no_difference()
  if waits and redis.call('HGET', base .. 'link:order:' .. id, 'kind') ~= 'salesShipment' then
    redis.call('ZADD', base .. 'ready:' .. row[2], 'NX', row[5] or N(now), id)
  end
  L.life(base, id, 'resolved', '', row[7] or '', 1)
  return 'changed'
elseif what == 'accept' then
  redis.call('HSET', key, 'snapshot', ARGV[6])
  L.life(base, id, 'resolved', '', row[4], 1)
else
  local document = redis.call('HGET', base .. 'link:order:' .. id, 'id')
  if document then redis.call('DEL', base .. 'document:' .. document) end
  redis.call('DEL', base .. 'link:order:' .. id)
  redis.call('HDEL', key, 'document', 'erp_total', 'difference', 'snapshot', 'reason', 'waits', 'tries')
  redis.call('HSET', key, 'state', 'new')
  redis.call('ZREM', base .. 'processed:' .. row[2], id)
  no_difference()
  redis.call('ZADD', base .. 'unprocessed:' .. row[2], row[5] or N(now), id)
  L.life(base, id, 'unlinked', '', row[6] or '', 1)
end
redis.call('HDEL', key, 'update')
redis.call('ZREM', base .. 'updates:' .. row[2], id)
return 'changed'
