-- Entries were presented: marks them present, and puts back the ones that a loss of Redis took.
-- ARGV  2.. for each ticket, two: entry, visitor hash
-- Replies {'STALE'} | {'OK', code, code, ...} with code
--       ENTERED   it stands and is marked present
--       RESTORED  it stands again, as the same entry
--       RAISE     it is above the mark: raise the mark to it in SQL, then ask again
if stale() then return {'STALE'} end
settle_epoch()
local mark, present = field('entry_mark'), here_now()
local reply = {'OK'}
for i = 2, #ARGV, 2 do
  local entry, code = tonumber(ARGV[i]), 'ENTERED'
  if entry > mark then
    code = 'RAISE'
  else
    if redis.call('GETBIT', ENTERED, entry) == 0 then
      code = 'RESTORED'
      redis.call('SETBIT', ENTERED, entry, 1)
      redis.call('HSETNX', ENTRANTS, ARGV[i + 1], entry)
      if entry > field('entry_seq') then redis.call('HSET', STATE, 'entry_seq', entry) end
      record('reentry', entry, entry)
    end
    redis.call('SETBIT', present, entry, 1)
  end
  reply[#reply + 1] = code
end
return reply
