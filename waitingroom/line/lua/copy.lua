-- Copies a period's row; a copy that comes late, after a newer one, is refused.
-- ARGV  2 version  3.. field, value, ...
-- Replies 'STALE' | 'LATE' | 'OK'
if stale() then return 'STALE' end
if tonumber(ARGV[2]) < field('version') then return 'LATE' end
redis.call('HSET', STATE, 'version', ARGV[2], unpack(ARGV, 3))
return 'OK'
