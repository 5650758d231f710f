-- What a process reads of the line, in one look.
-- Replies {'STALE'} | {'OK', now ms, seq, state as field, value, ..., waiting, gone, five bitmaps of the last five slots}
if stale() then return {'STALE'} end
local slot = math.floor(field('beat') / SLOT_MS)
local wanted = {SEQ, WAITING, GONE}
for back = 0, 4 do wanted[#wanted + 1] = KEYS[7 + (slot - back) % SLOTS] end
local found = redis.call('MGET', unpack(wanted))
local reply = {'OK', now_ms(), tonumber(found[1] or '0'), redis.call('HGETALL', STATE)}
for i = 2, #wanted do reply[#reply + 1] = found[i] or '' end
return reply
