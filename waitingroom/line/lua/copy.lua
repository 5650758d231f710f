-- Copies a period's row; a copy that comes late, after a newer one, is refused.
-- ARGV  2 version  3.. field, value, ...
-- Replies 'STALE' | 'LATE' (also for a row in which something has gone down that only rises: SQL knew more once) | 'OK'
if stale() then return 'STALE' end
if tonumber(ARGV[2]) < field('version') then return 'LATE' end
for i = 3, #ARGV, 2 do
  local rises = ARGV[i] == 'mark' or ARGV[i] == 'clock' or ARGV[i] == 'accepted' or ARGV[i] == 'entry_mark'
  if rises and tonumber(ARGV[i + 1]) < field(ARGV[i]) then return 'LATE' end
end
redis.call('HSET', STATE, 'version', ARGV[2], unpack(ARGV, 3))
return 'OK'
