-- Numbers that have a row in SQL leave the line: called, or given up.
-- ARGV  2 kind: call | leave (recorded in the journal, once however often it is told)  3.. numbers
-- Replies 'STALE' | 'OK'
if stale() then return 'STALE' end
for i = 3, #ARGV do
  local known = redis.call('SETBIT', GONE, ARGV[i], 1) == 1
  redis.call('SETBIT', WAITING, ARGV[i], 0)
  if ARGV[2] == 'leave' and not known then record('leave', ARGV[i], ARGV[i]) end
end
return 'OK'
