-- Gives numbers to browsers that arrived together, in their order. One decision for each: the same number, or the next.
-- ARGV  2 opens_at ms  3 closes_at ms  then, for each join, two:
--       identities: hashes of the idempotency key and of the visitor, comma between, looked at in this order; may be empty
--       replaces: numbers whose rows the caller has read and found ended, comma between; may be empty
-- Replies {'STALE'} | {'EARLY'} | {'FULL'} | {'CLOSED'} | {'OK', code, number, code, number, ...} with code
--       NEW    the next number
--       SAME   the number this browser has already; it waits
--       ASK    this number is gone from the line: read its row, then ask again, replacing it if it has ended
--       RAISE  the mark is reached: raise it in SQL, then ask again
if stale() then return {'STALE'} end
local now, phase = now_ms(), redis.call('HGET', STATE, 'state')
if phase == 'closed' or now >= tonumber(ARGV[3]) then return {'CLOSED'} end
if phase == 'cap_reached' then return {'FULL'} end
if now < tonumber(ARGV[2]) or (phase ~= 'armed' and phase ~= 'open') then return {'EARLY'} end

local mark, present = field('mark'), present_now()
local seq = tonumber(redis.call('GET', SEQ) or '0')
local before, reply = seq, {'OK'}
for i = 4, #ARGV, 2 do
  local replaced, code, number = ',' .. ARGV[i + 1] .. ',', nil, 0
  for id in string.gmatch(ARGV[i], '[^,]+') do
    local known = redis.call('HGET', JOINS, id)
    if known and not string.find(replaced, ',' .. known .. ',', 1, true) then
      number = tonumber(known)
      code = redis.call('GETBIT', GONE, number) == 1 and 'ASK' or 'SAME'
      break
    end
  end
  if not code and seq >= mark then code = 'RAISE' end
  if not code then
    seq = seq + 1
    code, number = 'NEW', seq
  end
  if code == 'NEW' or code == 'SAME' then
    redis.call('SETBIT', WAITING, number, 1)
    redis.call('SETBIT', present, number, 1)
    for id in string.gmatch(ARGV[i], '[^,]+') do redis.call('HSET', JOINS, id, number) end
  end
  reply[#reply + 1], reply[#reply + 2] = code, number
end
if seq > before then
  redis.call('SET', SEQ, seq)
  record('join', before + 1, seq)
end
return reply
