-- What a process reads of the line, in one look.
-- Replies {'STALE'} | {'OK', now ms, seq, state as field, value, ..., waiting, gone, five bitmaps of the last five slots}
if stale() then return {'STALE'} end
local slot = math.floor(field('beat') / SLOT_MS)
local reply = {'OK', now_ms(), tonumber(redis.call('GET', SEQ) or '0'), redis.call('HGETALL', STATE),
  redis.call('GET', WAITING) or '', redis.call('GET', GONE) or ''}
for back = 0, 4 do reply[#reply + 1] = redis.call('GET', KEYS[7 + (slot - back) % SLOTS]) or '' end
return reply
