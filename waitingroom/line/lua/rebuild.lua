-- Begins a new epoch: what SQL knows is put back, what still stands here is kept, and numbers go on above the mark.
-- ARGV  1 the new epoch  2 bitmap of every number with a row in SQL  3 mark  4 hold ms  5 the server it is for: a replid
--       6 version  7.. field, value, ...
-- Replies 'REFUSED' (an epoch as new stands already: another process rebuilt, or the caller slept; or this is another
--       server: one epoch on two of them would give every number above the mark twice) | 'OK'
if replid() ~= ARGV[5] then return 'REFUSED' end
local known = redis.call('HGET', STATE, 'epoch')
if known and tonumber(known) >= tonumber(ARGV[1]) then return 'REFUSED' end
local beat = known and field('beat') or 0
-- Presence marks from before count for half a minute more, within the hold: this may be yesterday's file. A
-- hold too short for everybody to be seen again leaves it as it was.
if known and tonumber(ARGV[4]) >= 2 * SLOT_MS then
  beat = beat + 3 * SLOT_MS
  local slot = math.floor(beat / SLOT_MS)
  redis.call('DEL', KEYS[7 + (slot + 1) % SLOTS], KEYS[7 + (slot + 2) % SLOTS], KEYS[7 + (slot + 3) % SLOTS])
end
if not known then redis.call('DEL', unpack(KEYS, 7, 14)) end
redis.call('SET', GONE, ARGV[2])
redis.call('BITOP', 'AND', SCRATCH, WAITING, GONE)
redis.call('BITOP', 'XOR', WAITING, WAITING, SCRATCH)
redis.call('DEL', SCRATCH)
redis.call('SET', SEQ, ARGV[3])
redis.call('HSET', STATE, 'epoch', ARGV[1], 'replid', replid(), 'memory', memory(), 'beat', beat, 'ticked', now_ms(),
  'hold', tonumber(ARGV[4]) > 0 and beat + tonumber(ARGV[4]) or 0, 'version', ARGV[6], unpack(ARGV, 7))
return 'OK'
