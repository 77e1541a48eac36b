#!lua
-- edit_lock: one edit of a record at a time. KEYS[1] string, holds who edits it. ARGV verb, owner, lease ms.
--   take -> 1, or 0 while another has it.   give -> 1; a lock that has passed on is left alone.
if ARGV[1] == 'take' then return redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PX', ARGV[3]) and 1 or 0 end
if redis.call('GET', KEYS[1]) == ARGV[2] then redis.call('DEL', KEYS[1]) end
return 1
