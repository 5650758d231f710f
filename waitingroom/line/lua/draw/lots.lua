-- What is drawn: every entry that stands, and the bitmaps of those seen in the last PRESENT_SLOTS slots.
-- Replies {'STALE'} | {'OK', entered, those bitmaps}
if stale() then return {'STALE'} end
settle_epoch()
local _, slot = here_now()
local reply = {'OK', redis.call('GET', ENTERED) or ''}
for back = 0, PRESENT_SLOTS - 1 do reply[#reply + 1] = redis.call('GET', here(slot - back)) or '' end
return reply
