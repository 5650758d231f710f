-- What a process reads of the line, in one look.
-- Replies {'STALE'} | {'OK', now ms, seq, state as field, value, ..., waiting, gone, the bitmaps of the last PRESENT_SLOTS slots}
if stale() then return {'STALE'} end
local state, beat = redis.call('HGETALL', STATE), 0
for i = 1, #state, 2 do
  if state[i] == 'beat' then beat = tonumber(state[i + 1]) end
end
local slot = math.floor(beat / SLOT_MS)
local wanted = {SEQ, WAITING, GONE}
for back = 0, PRESENT_SLOTS - 1 do wanted[#wanted + 1] = KEYS[7 + (slot - back) % SLOTS] end
local found = redis.call('MGET', unpack(wanted))
local reply = {'OK', now_ms(), tonumber(found[1] or '0'), state}
for i = 2, #wanted do reply[#reply + 1] = found[i] or '' end
return reply
