-- A web process marks everybody connected to it as present, in one write.
-- ARGV  2 bitmap of the numbers
-- Replies 'STALE' | 'OK'
if stale() then return 'STALE' end
local present = present_now()
redis.call('SET', SCRATCH, ARGV[2])
redis.call('BITOP', 'OR', present, present, SCRATCH)
redis.call('DEL', SCRATCH)
return 'OK'
