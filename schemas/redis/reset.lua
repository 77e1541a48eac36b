-- reset: a person sets the time from which records are read again. KEYS[1] prefix. ARGV time, company, key of the mark
-- below `s:<company>:`, the time (RFC 3339), operation, why. The next walk takes it over; a walk that runs keeps its own.
local p = L.begin()
redis.call('HSET', p .. 's:' .. ARGV[2] .. ':' .. ARGV[3], 'reset', ARGV[4])
L.log('reset', {company = ARGV[2], id = '', operation = ARGV[5]}, {why = ARGV[6]})
return 'ok'
