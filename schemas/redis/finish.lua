#!lua flags=allow-oom
-- finish: an attempt is over. KEYS[1] prefix. ARGV time, then for each: task, fence, outcome, at, error, why, counts,
-- has cursor, cursor, code (the peer's number of the error), trace (its last calls). Answers {tickets, {word...}}: done
-- (now, or before with this very fence) or fenced.
local p, now = L.begin()
local answers = {}
for i = 2, #ARGV, 11 do
  local task, fence = ARGV[i], ARGV[i + 1]
  local e = L.entry(string.sub(task, 1, 36))
  local answer = 'fenced'
  if e and e.sub == 'running' and e.fence == fence and e.task == task then
    if ARGV[i + 7] == '1' then L.set(e, {cursor = ARGV[i + 8]}) end
    e.code, e.trace = ARGV[i + 9], ARGV[i + 10] -- of the log, no fields of the entry
    L.freed(L.settle(e, ARGV[i + 2], num(ARGV[i + 3]), ARGV[i + 4], ARGV[i + 6], ARGV[i + 5]))
    answer = 'done'
  elseif redis.call('HGET', L.run_key(task), 'fence') == fence then
    answer = 'done'
  end
  answers[#answers + 1] = answer
end
L.grant_freed()
return {L.tickets, answers}
