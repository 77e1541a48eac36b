#!lua
-- init: the incarnation, where there is none. KEYS[1] its key. ARGV data set, buckets, data version. Answers 1 = created.
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'data_set', ARGV[1], 'buckets', ARGV[2], 'witness', '0', 'data_version', ARGV[3])
return 1
