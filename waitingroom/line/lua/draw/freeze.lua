-- The opening: no entry is given after this, and everybody who asks is told the same last one.
-- ARGV  2 opens_at ms
-- Replies {'STALE'} | {'EARLY'} | {'OK', the last entry given}
if stale() then return {'STALE'} end
if now_ms() < tonumber(ARGV[2]) or redis.call('HGET', STATE, 'state') ~= 'armed' then return {'EARLY'} end
settle_epoch()
redis.call('HSETNX', STATE, 'frozen', field('entry_seq'))
return {'OK', field('frozen')}
