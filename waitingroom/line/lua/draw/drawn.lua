-- The order is drawn: the numbers of the entries wait, those whose people are here are present. Once an epoch.
-- ARGV  2 how many entries were drawn  3 bitmap of numbers that wait  4 bitmap of those present
--       5.. the first as ranges for the journal: first, last, first, last, ...
-- Replies 'STALE' | 'DONE' (another process did it in this epoch; nothing was written) | 'OK'
if stale() then return 'STALE' end
if redis.call('HGET', STATE, 'drawn') == ARGV[1] then return 'DONE' end
redis.call('SET', SCRATCH, ARGV[3])
redis.call('BITOP', 'OR', WAITING, WAITING, SCRATCH)
redis.call('BITOP', 'AND', SCRATCH, WAITING, GONE)
redis.call('BITOP', 'XOR', WAITING, WAITING, SCRATCH)
redis.call('SET', SCRATCH, ARGV[4])
redis.call('BITOP', 'OR', present_now(), present_now(), SCRATCH)
redis.call('DEL', SCRATCH)
if tonumber(redis.call('GET', SEQ) or '0') < tonumber(ARGV[2]) then redis.call('SET', SEQ, ARGV[2]) end
for i = 5, #ARGV, 2 do record('drawn', ARGV[i], ARGV[i + 1]) end
redis.call('HSET', STATE, 'drawn', ARGV[1])
return 'OK'
