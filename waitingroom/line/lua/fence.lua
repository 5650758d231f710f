-- What every script begins with: the names of the keys, the fence, and the server's clock. Not a script of its own.
-- KEYS  1 state  2 seq  3 joins  4 waiting  5 gone  6 journal  7..14 present:0..7  15 scratch   (one period's, one hash tag)
-- ARGV  1 the caller's epoch
local STATE, SEQ, JOINS, WAITING, GONE, JOURNAL, SCRATCH = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[15]
-- SLOT_MS, SLOTS, PRESENT_SLOTS: how presence is marked, said once in `store.py`, which puts a line before this file.

-- What INFO says of this server's replication. A replica has its primary's history, and may be behind: nothing is asked of it.
local function replication()
  local info = redis.call('INFO', 'replication')
  if string.find(info, 'role:slave', 1, true) then error(redis.error_reply('READONLY this server follows another one')) end
  return info
end

-- The id of this server's history.
local function replid(info)
  return string.match(info or replication(), 'master_replid:(%x+)')
end

-- This process of the server, and how many bytes it has ever taken from a primary: it is the same data in the same memory
-- for as long as neither changes. Empty where a host of Redis hides them.
local function memory()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
  local taken = string.match(redis.call('INFO', 'stats'), 'total_net_repl_input_bytes:(%d+)')
  return string.find(run, '[^0]') and taken and run .. ':' .. taken or ''
end

-- A healthy primary takes another id when its first replica attaches, and when its last one has been away for
-- `repl-backlog-ttl`. It has lost nothing: the new id is put in the place of the old one, and the epoch goes on. A
-- promotion leaves the id of before in `master_replid2`; once that is forgotten too, what it took from a primary shows it.
local function renamed(info, known)
  if string.find(string.match(info, 'master_replid2:(%x+)') or '1', '[^0]') then return false end
  if not known or known == '' or known ~= memory() then return false end
  redis.pcall('HSET', STATE, 'replid', replid(info))  -- out of memory it is found again by the next one
  return true
end

-- True when the line here is not the one the caller knows: lost, rebuilt by another, restarted, or failed over.
local function stale()
  local known = redis.call('HMGET', STATE, 'epoch', 'replid', 'memory')
  if known[1] ~= ARGV[1] then return true end
  local info = replication()
  return known[2] ~= replid(info) and not renamed(info, known[3])
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
