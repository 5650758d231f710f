-- Entries were presented: marks them present, and puts back the ones that a loss of Redis took.
-- ARGV  2 opens_at ms as in `enter.lua`
--       3.. for each ticket, three: entry, visitor hash, and empty, 'owes' (a proof) or 'proved' (it owed one until now)
-- Replies {'STALE'} | {'OK', code, code, ...} with code
--       ENTERED   it stands and is marked present
--       RESTORED  it stands again, as the same entry
--       OWES      it is kept, and does not stand among those that are drawn until a proof
--       LATE      it owed a proof when entries ended: it is not drawn
--       RAISE     it is above the mark: raise the mark to it in SQL, then ask again
if stale() then return {'STALE'} end
settle_epoch()
local taken, mark, present = taking(ARGV[2]), field('entry_mark'), here_now()
local reply = {'OK'}
for i = 3, #ARGV, 3 do
  local entry, visitor, proof, code = tonumber(ARGV[i]), ARGV[i + 1], ARGV[i + 2], 'ENTERED'
  local known = proof ~= '' and redis.call('HGET', ENTRANTS, visitor)
  -- One that was proved in time owes nothing, whatever an older ticket says: the answer may have been lost.
  local owes = proof ~= '' and known ~= ARGV[i]
  if entry > mark then
    code = 'RAISE'
  elseif owes and not taken then
    code = 'LATE'
  elseif owes and proof == 'owes' then
    code = 'OWES'
    redis.call('HSETNX', ENTRANTS, visitor, -entry)
  else
    if redis.call('GETBIT', ENTERED, entry) == 0 then
      redis.call('SETBIT', ENTERED, entry, 1)
      redis.call(owes and 'HSET' or 'HSETNX', ENTRANTS, visitor, entry)
      if entry > field('entry_seq') then redis.call('HSET', STATE, 'entry_seq', entry) end
      if known ~= '-' .. ARGV[i] then
        code = 'RESTORED'
        record('reentry', entry, entry)
      end
    end
    redis.call('SETBIT', present, entry, 1)
  end
  reply[#reply + 1] = code
end
return reply
