-- done: a person has dealt with a skipped record: it stays in the list and leaves the cue, until the record changes. KEYS[1] prefix.
-- ARGV time, company, skip. Answers same (it asked for nobody) or changed.
local p = L.begin()
return L.skip_done(p .. 's:' .. ARGV[2] .. ':', ARGV[3]) and 'changed' or 'same'
