-- page: members of a list, the highest score first. KEYS[1] a sorted set; ARGV how many, and of the page before the last member
-- and its score ('' = from the beginning). Reads only. Answers {member, score, ...}. A member that has left the list meanwhile is
-- followed by the next lower score.
local from = 0
if ARGV[2] ~= '' then
  local rank = redis.call('ZREVRANK', KEYS[1], ARGV[2])
  from = rank and rank + 1 or redis.call('ZCOUNT', KEYS[1], ARGV[3], '+inf')
end
return redis.call('ZREVRANGE', KEYS[1], from, from + tonumber(ARGV[1]) - 1, 'WITHSCORES')
