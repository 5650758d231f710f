-- Numbers that have a row in SQL leave the line: called, or given up.
-- ARGV  2 kind: call | leave (a leave is recorded in the journal)  3.. numbers
-- Replies 'STALE' | 'OK'
if stale() then return 'STALE' end
for i = 3, #ARGV do
  redis.call('SETBIT', GONE, ARGV[i], 1)
  redis.call('SETBIT', WAITING, ARGV[i], 0)
  if ARGV[2] == 'leave' then record('leave', ARGV[i], ARGV[i]) end
end
return 'OK'
