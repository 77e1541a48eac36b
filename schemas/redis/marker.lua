-- marker: a person sets the marker of a posted shipment. KEYS[1] prefix. ARGV time, company, shop, number or SystemId, what,
-- reason. what: retry = one that failed, or had nothing to ship, is due again; done = there is nothing to tell of one that
-- failed or waits, for the reason. Answers unknown, same (it is so, or Shopify knows it already), busy (a fulfillment of it
-- may be on its way) or changed.
local p, now = L.begin()
local base, shop, done = p .. 's:' .. ARGV[2] .. ':', ARGV[3], ARGV[5] == 'done'
local id = redis.call('GET', base .. 'shipment-no:' .. ARGV[4]) or ARGV[4]
local key = base .. 'shipment:' .. id
local row = redis.call('HMGET', key, 'marker', 'shop', 'order', 'number', 'planned')
if not row[1] or row[2] ~= shop then return 'unknown' end
if row[1] ~= '-1' and row[1] ~= (done and '0' or '-2') then return 'same' end
if done and row[5] then return 'busy' end
redis.call('HSET', key, 'marker', done and '-2' or '0', 'reason', ARGV[6], 'detail', '', 'attempts', '0')
redis.call('ZREM', base .. 'shipments-failed:' .. shop, id)
if done then
  redis.call('ZREM', base .. 'shipments-due:' .. shop, id)
  local find = redis.call('HGET', base .. 'skip:shipment-' .. id, 'find')
  L.skip_in(base, 'shipment-' .. id, {shop = shop, reason = ARGV[6], record = row[4], detail = '', version = '', find = find or ''})
else
  redis.call('ZADD', base .. 'shipments-due:' .. shop, N(now), id)
  L.skip_out(base, 'shipment-' .. id)
end
if row[3] then L.life(base, row[3], done and 'settled' or 'retried', '', 'shipment ' .. row[4], 1) end
return 'changed'
