-- map: a person says which number a customer, product or company has in Business Central ('' = takes it back).
-- KEYS[1] prefix. ARGV time, company, kind (customer, product, company), id, number. Answers unknown, same or changed.
-- The number stands until the next orders.process finds its id there; orders that waited are due at once.
local DUE = {customer = 'customers-due', company = 'companies-due'}
local p, now = L.begin()
local kind, id, number = ARGV[3], ARGV[4], ARGV[5]
local base = p .. 's:' .. ARGV[2] .. ':'
local key = base .. kind .. ':' .. id
local row = redis.call('HMGET', key, 'by_hand', 'shops', 'number')
if redis.call('EXISTS', key) == 0 then return 'unknown' end
if (row[1] or '') == number and (number ~= '' or (row[3] or '') == '') then return 'same' end

-- What was found before no longer counts, of a product neither for its variants.
redis.call('HDEL', key, 'erp_id', 'number', 'reason', 'suggested')
if kind == 'product' then
  for _, variant in ipairs(redis.call('SMEMBERS', base .. 'variants:' .. id)) do
    redis.call('HDEL', base .. 'variant:' .. variant, 'item', 'item_variant')
  end
end
if number == '' then
  redis.call('HDEL', key, 'by_hand')
  return 'changed'
end
redis.call('HSET', key, 'by_hand', number)
for shop in string.gmatch(row[2] or '', '[^,]+') do
  L.mapped(base, kind, id, shop)
  if DUE[kind] then redis.call('ZADD', base .. DUE[kind] .. ':' .. shop, N(now), id) end
  for _, order in ipairs(redis.call('SMEMBERS', base .. 'blocks:' .. kind .. ':' .. id)) do
    redis.call('ZADD', base .. 'unprocessed:' .. shop, 'XX', N(now), order)
  end
end
redis.call('DEL', base .. 'blocks:' .. kind .. ':' .. id)
return 'changed'
