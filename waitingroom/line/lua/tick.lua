-- Moves the beat by the time since the last tick, at most by a step, never back; empties the slots that come next.
-- ARGV  2 longest step ms
-- Replies {'STALE'} | {'OK', now ms, delta ms, beat ms, beat ms until which nobody is called}
if stale() then return {'STALE'} end
local now, beat = now_ms(), field('beat')
local delta = math.max(0, math.min(now - (tonumber(redis.call('HGET', STATE, 'ticked') or now)), tonumber(ARGV[2])))
local after = beat + delta
if math.floor(after / SLOT_MS) > math.floor(beat / SLOT_MS) then
  local slot = math.floor(after / SLOT_MS)
  redis.call('DEL', KEYS[7 + (slot + 1) % SLOTS], KEYS[7 + (slot + 2) % SLOTS], KEYS[7 + (slot + 3) % SLOTS])
end
redis.call('HSET', STATE, 'ticked', now, 'beat', after)
return {'OK', now, delta, after, field('hold')}
