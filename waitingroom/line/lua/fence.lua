-- What every script begins with: the names of the keys, the fence, and the server's clock. Not a script of its own.
-- KEYS  1 state  2 seq  3 joins  4 waiting  5 gone  6 journal  7..14 present:0..7  15 scratch   (one period's, one hash tag)
-- ARGV  1 the caller's epoch
local STATE, SEQ, JOINS, WAITING, GONE, JOURNAL, SCRATCH = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[15]
-- SLOT_MS, SLOTS, PRESENT_SLOTS: how presence is marked, said once in `store.py`, which puts a line before this file.

-- The id of this server's history. A replica has its primary's, and may be behind: nothing is asked of it.
local function replid()
  local info = redis.call('INFO', 'replication')
  if string.find(info, 'role:slave', 1, true) then error(redis.error_reply('READONLY this server follows another one')) end
  return string.match(info, 'master_replid:(%x+)')
end

-- True when the line here is not the one the caller knows: lost, rebuilt by another, restarted, or failed over.
local function stale()
  local known = redis.call('HMGET', STATE, 'epoch', 'replid')
  return known[1] ~= ARGV[1] or known[2] ~= replid()
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function field(name)
  return tonumber(redis.call('HGET', STATE, name) or '0')
end

-- The bitmap of the slot that runs now; slots count the beat, so no step of a clock empties them.
local function present_now()
  return KEYS[7 + math.floor(field('beat') / SLOT_MS) % SLOTS]
end

-- Sets the bits of numbers that follow each other, in one write.
local function set_run(bits, first, last)
  local from = math.floor(first / 8)
  local bytes = {string.byte(redis.call('GETRANGE', bits, from, math.floor(last / 8)), 1, -1)}
  for number = first, last do
    local at = math.floor(number / 8) - from + 1
    bytes[at] = bit.bor(bytes[at] or 0, bit.rshift(128, number % 8))
  end
  redis.call('SETRANGE', bits, from, string.char(unpack(bytes)))
end

local function record(kind, first, last)
  redis.call('XADD', JOURNAL, '*', 'epoch', ARGV[1], 'kind', kind, 'first', first, 'last', last)
end
