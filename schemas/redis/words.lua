-- words: records that an index of words lists under any of these whole words. KEYS[1] a sorted set of `<word> <record>`; ARGV words,
-- at most 1,000. Reads only. Answers {record, ...}; one may stand there twice.
local MOST = 100 -- of one word
local found = {}
for _, word in ipairs(ARGV) do
  local members = redis.call('ZRANGEBYLEX', KEYS[1], '[' .. word .. ' ', '(' .. word .. '!', 'LIMIT', 0, MOST)
  for _, member in ipairs(members) do found[#found + 1] = string.sub(member, #word + 2) end
end
return found
