-- What changed of a long line since the look that the caller holds. All web processes share these looks: whoever asks when
-- the last one is no longer of this moment makes the next one, here, and nothing but what changed leaves the server.
-- KEYS  16 look  17 look:waiting  18 look:front  19 look:gone  20 look:changes  21 look:next
-- ARGV  2 the look that the caller holds, or empty  3 a line is short below this number  4 ms between looks
--       5 looks that may follow at once  6 looks of which it is kept what changed  7 ms for which all of it is kept
-- Replies {'STALE'} | {'SHORT'} (or it takes no writes now: the line is read whole) | {code, look, age in ms, taken at ms, seq,
--         how many are in front, state as field, value, ..., and what the code says} with code
--       SINCE  for each look after the caller's, oldest first, what changed in waiting, front and gone, packed (`shared_look.py`)
--       ALL    the bitmaps waiting (and not gone), front (those of them that are present) and gone
if stale() then return {'STALE'} end
local seq = tonumber(redis.call('GET', SEQ) or '0')
if seq < tonumber(ARGV[3]) then return {'SHORT'} end
local LOOK, LOOK_WAITING, LOOK_FRONT, LOOK_GONE, CHANGES, NEXT = unpack(KEYS, 16, 21)
local WINDOW, MANY_RUNS = 256, 100000

local function varint(n)
  local bytes = ''
  while n > 127 do
    bytes = bytes .. string.char(128 + n % 128)
    n = math.floor(n / 128)
  end
  return bytes .. string.char(n)
end

-- The bytes of a bitmap that are not zero, as runs, found window by window. With very many runs whole windows are taken as
-- one: a longer answer, but joins do not wait behind a server that counts.
local function packed(bits)
  local parts, after, bit = {}, 0, redis.call('BITPOS', bits, 1)
  while bit >= 0 do
    local from = math.floor(bit / 8)
    local window = redis.call('GETRANGE', bits, from, from + WINDOW - 1)
    local first, last = string.find(window, '%Z+')
    while first do
      if #parts > MANY_RUNS then last = #window end
      local gap, run = from + first - 1 - after, string.sub(window, first, last)
      parts[#parts + 1] = first == last and varint(2 * gap) .. run or varint(2 * gap + 1) .. varint(#run) .. run
      after = from + last
      first, last = string.find(window, '%Z+', last + 1)
    end
    bit = redis.call('BITPOS', bits, 1, from + #window)
  end
  return table.concat(parts)
end

-- Puts a new bitmap in the place of that of the last look, and says what differs.
local function changed(last, new)
  redis.call('BITOP', 'XOR', last, last, new)
  local change = packed(last)
  redis.call('BITOP', 'OR', last, new)
  return change
end

local now = now_ms()
local known = redis.call('HMGET', LOOK, 'id', 'taken', 'due')
local id, taken, due = known[1] or '', tonumber(known[2] or '0'), tonumber(known[3] or '0')
local gap, burst = tonumber(ARGV[4]), tonumber(ARGV[5])

-- The next look after the one known. False when the server takes no writes: the first one says so, and none has been done.
local function make(epoch, version)
  local slot, slots = math.floor(field('beat') / SLOT_MS), {}
  for back = 0, PRESENT_SLOTS - 1 do slots[#slots + 1] = KEYS[7 + (slot - back) % SLOTS] end
  local first = redis.pcall('BITOP', 'OR', NEXT, unpack(slots))
  if type(first) == 'table' and first.err then return false end
  -- What is left of an epoch that never was, or of nothing, is no beginning.
  if not epoch or tonumber(epoch) > tonumber(ARGV[1]) then
    redis.call('DEL', LOOK, LOOK_WAITING, LOOK_FRONT, LOOK_GONE, CHANGES)
    id, version = '', 0
  end
  local base = id
  id = string.format('%s-%.0f', ARGV[1], math.max(now, tonumber(version) + 1))
  redis.call('BITOP', 'AND', SCRATCH, WAITING, GONE)
  redis.call('BITOP', 'XOR', SCRATCH, WAITING, SCRATCH)
  redis.call('BITOP', 'AND', NEXT, NEXT, SCRATCH)
  redis.call('XADD', CHANGES, 'MAXLEN', ARGV[6], id, 'base', base, 'waiting', changed(LOOK_WAITING, SCRATCH),
    'front', changed(LOOK_FRONT, NEXT), 'gone', changed(LOOK_GONE, GONE))
  redis.call('DEL', SCRATCH, NEXT)
  taken, due = now, math.max(due <= now + gap * burst and due or 0, now) + gap
  redis.call('HSET', LOOK, 'id', id, 'taken', taken, 'due', due, 'seq', seq,
    'front', redis.call('BITCOUNT', LOOK_FRONT), 'state', cmsgpack.pack(redis.call('HGETALL', STATE)))
  for i = 16, 20 do redis.call('PEXPIRE', KEYS[i], ARGV[7]) end
  return true
end

-- A look of this moment: of this epoch, and so soon before that the burst is used up (a leaky bucket; a clock may step back).
local epoch, version = string.match(id, '^(%d+)-(%d+)$')
local ahead = due - now
local is_of_now = epoch == ARGV[1] and taken <= now and ahead > gap * (burst - 1) and ahead <= gap * burst
if not is_of_now and not make(epoch, version) then return {'SHORT'} end

local look = redis.call('HMGET', LOOK, 'seq', 'front', 'state')
local reply = {'SINCE', id, now - taken, taken, tonumber(look[1]), tonumber(look[2]), cmsgpack.unpack(look[3])}
if ARGV[2] == id then return reply end
local before, bytes = ARGV[2], 0
local entries = before == '' and {} or redis.call('XRANGE', CHANGES, '(' .. before, '+')
for i = 1, #entries do
  local entry = entries[i][2]
  if i == 1 and entry[2] ~= before then break end  -- the look it holds is not one of these, or is no longer kept
  reply[#reply + 1] = {entry[4], entry[6], entry[8]}
  bytes = bytes + #entry[4] + #entry[6] + #entry[8]
end
if #reply > 7 and bytes < 3 * redis.call('STRLEN', LOOK_WAITING) then return reply end
local whole = {'ALL', unpack(reply, 2, 7)}
for i = 17, 19 do whole[#whole + 1] = redis.call('GET', KEYS[i]) or '' end
return whole
