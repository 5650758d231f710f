-- What is drawn: every entry that stands, and the five bitmaps of those seen in the last five slots.
-- Replies {'STALE'} | {'OK', entered, five bitmaps}
if stale() then return {'STALE'} end
settle_epoch()
local _, slot = here_now()
local reply = {'OK', redis.call('GET', ENTERED) or ''}
for back = 0, 4 do reply[#reply + 1] = redis.call('GET', here(slot - back)) or '' end
return reply
