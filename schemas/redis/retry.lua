-- retry: a person has a posted shipment told again that failed, or had nothing to ship. KEYS[1] prefix. ARGV time,
-- company, shop, number or SystemId. Answers unknown, same (it is due, or Shopify knows it already) or changed.
local p, now = L.begin()
local base, shop = p .. 's:' .. ARGV[2] .. ':', ARGV[3]
local id = redis.call('GET', base .. 'shipment-no:' .. ARGV[4]) or ARGV[4]
local key = base .. 'shipment:' .. id
local row = redis.call('HMGET', key, 'marker', 'shop', 'order', 'number')
if not row[1] or row[2] ~= shop then return 'unknown' end
if row[1] ~= '-1' and row[1] ~= '-2' then return 'same' end
redis.call('HSET', key, 'marker', '0', 'reason', '', 'detail', '', 'attempts', '0')
redis.call('ZREM', base .. 'shipments-failed:' .. shop, id)
redis.call('ZADD', base .. 'shipments-due:' .. shop, N(now), id)
redis.call('DEL', base .. 'skip:shipment-' .. id)
redis.call('ZREM', base .. 'skips:' .. shop, 'shipment-' .. id)
if row[3] then L.life(base, row[3], 'retried', '', 'shipment ' .. row[4], 1) end
return 'changed'
