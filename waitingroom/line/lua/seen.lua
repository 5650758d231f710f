-- Tickets were presented: marks their numbers present, and puts back the ones that a loss of Redis took from the line.
-- ARGV  2 the tickets as MessagePack, each an array of three: number, visitor hash, and empty, 'owes' (a proof: it is
--       kept but not marked) or 'proved' (it owed one until now)
-- Replies {'STALE'} | {'OK', code, code, ...} with code
--       WAITING   it waits and is marked present
--       RESTORED  it was in neither bitmap: it waits again, at its own number
--       GONE      it has a row in SQL
--       RAISE     it is above the mark: raise the mark to it in SQL, then ask again
if stale() then return {'STALE'} end
local mark, present = field('mark'), present_now()
local reply = {'OK'}
local tickets = cmsgpack.unpack(ARGV[2])
for i = 1, #tickets do
  local number, visitor, proof, code = tickets[i][1], tickets[i][2], tickets[i][3], 'WAITING'
  local owes = proof == 'owes'
  if redis.call('GETBIT', GONE, number) == 1 then
    code = 'GONE'
  elseif number > mark then
    code = 'RAISE'
  else
    if redis.call('GETBIT', WAITING, number) == 0 then
      code = 'RESTORED'
      redis.call('SETBIT', WAITING, number, 1)
      redis.call('HSETNX', JOINS, visitor, owes and -number or number)
      if number > tonumber(redis.call('GET', SEQ) or '0') then redis.call('SET', SEQ, number) end
      record('restore', number, number)
    end
    if not owes then redis.call('SETBIT', present, number, 1) end
    if proof == 'proved' then redis.call('HSET', JOINS, visitor, number) end
  end
  reply[#reply + 1] = code
end
return reply
