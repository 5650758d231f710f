-- What every script of mode draw begins with, after `../fence.lua`. Not a script of its own.
-- KEYS  16 entrants  17 entered  18..25 here:0..7   (beside those of the line, same hash tag)
-- An entry is given before the opening as a number is after it; `entry_seq` in the state is the last one. Whatever stands
-- in the state of another epoch is forgotten: entries go on above the mark then, as numbers do.
local ENTRANTS, ENTERED = KEYS[16], KEYS[17]

local function settle_epoch()
  if redis.call('HGET', STATE, 'entry_epoch') ~= ARGV[1] then
    redis.call('HSET', STATE, 'entry_epoch', ARGV[1], 'entry_seq', field('entry_mark'))
    redis.call('HDEL', STATE, 'frozen')
  end
end

-- Whether entries are given, and proofs of them taken: until the opening by both clocks, or until they are counted.
local function taking(opens_at)
  return redis.call('HGET', STATE, 'state') == 'armed' and now_ms() < tonumber(opens_at)
    and redis.call('HEXISTS', STATE, 'frozen') == 0 and field('entries') < 0
end

local function here(slot)
  return KEYS[18 + slot % SLOTS]
end

-- The bitmap of the slot that runs now, and its slot; those that were skipped since the last look are emptied.
local function here_now()
  local slot = math.floor(field('beat') / SLOT_MS)
  local last = tonumber(redis.call('HGET', STATE, 'here_slot') or slot - SLOTS)
  for skipped = math.max(last + 1, slot - SLOTS + 1), slot do redis.call('DEL', here(skipped)) end
  redis.call('HSET', STATE, 'here_slot', slot)
  return here(slot), slot
end
