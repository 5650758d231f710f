-- Gives numbers to browsers that arrived together, in their order. One decision for each: the same number, or the next.
-- ARGV  2 opens_at ms  3 closes_at ms  4 the joins as MessagePack, each an array of three: identities, replaces, terms
--       identities: hashes of the idempotency key and of the visitor, looked at in this order; may be empty
--       replaces: numbers whose rows the caller has read and found ended; may be empty
--       terms of a new number: empty, 'owes' (it is kept but not present until a proof), 'proved', 'none' (no number
--       without a proof)
-- Replies {'STALE'} | {'EARLY'} | {'FULL'} | {'CLOSED'} | {'ANNULLED'} | {'OK', code, number, code, number, ...} with code
--       NEW    the next number
--       SAME   the number this browser has already; it waits
--       OWES   the same, and it still owes a proof
--       PROOF  a proof is asked for before there is a number
--       ASK    this number is gone from the line: read its row, then ask again, replacing it if it has ended
--       RAISE  the mark is reached: raise it in SQL, then ask again
if stale() then return {'STALE'} end
local now, phase = now_ms(), redis.call('HGET', STATE, 'state')
if phase == 'annulled' then return {'ANNULLED'} end
if phase == 'closed' or now >= tonumber(ARGV[3]) then return {'CLOSED'} end
if phase == 'cap_reached' then return {'FULL'} end
-- A period that was opened stays open, also for a clock that steps back behind its opening.
if phase ~= 'open' and (now < tonumber(ARGV[2]) or phase ~= 'armed') then return {'EARLY'} end
-- In mode draw numbers begin above those of the entries, once it is fixed how many there are.
if redis.call('HGET', STATE, 'mode') == 'draw' and field('entries') < 0 then return {'EARLY'} end

local joins, asked = cmsgpack.unpack(ARGV[4]), {}
for i = 1, #joins do
  local ids = joins[i][1]
  for j = 1, #ids do asked[#asked + 1] = ids[j] end
end
local numbers = {}  -- identity -> number, also of those that are given below
if #asked > 0 then
  local found = redis.call('HMGET', JOINS, unpack(asked))
  for i = 1, #asked do numbers[asked[i]] = found[i] and tonumber(found[i]) end
end

local mark, present = field('mark'), present_now()
local seq = math.max(tonumber(redis.call('GET', SEQ) or '0'), field('entries'))
local before, reply, learned, owing = seq, {'OK'}, {}, {}
for i = 1, #joins do
  local ids, replaces, terms, code, number = joins[i][1], joins[i][2], joins[i][3], nil, 0
  local owes = terms == 'owes'
  for j = 1, #ids do
    local known = numbers[ids[j]]
    for k = 1, #replaces do
      if known and math.abs(known) == replaces[k] then known = nil end
    end
    if known then
      number, owes = math.abs(known), known < 0 and terms ~= 'proved'
      local gone = number <= before and redis.call('GETBIT', GONE, number) == 1
      code = gone and 'ASK' or owes and 'OWES' or 'SAME'
      break
    end
  end
  if not code and terms == 'none' then code = 'PROOF' end
  if not code and seq >= mark then code = 'RAISE' end
  if not code then
    seq = seq + 1
    code, number = 'NEW', seq
  end
  if (code == 'SAME' or code == 'OWES') and number <= before then
    redis.call('SETBIT', WAITING, number, 1)
    if not owes then redis.call('SETBIT', present, number, 1) end
  end
  if code == 'NEW' or code == 'SAME' or code == 'OWES' then
    local kept = owes and -number or number
    for j = 1, #ids do
      learned[#learned + 1], learned[#learned + 2] = ids[j], kept
      numbers[ids[j]] = kept
    end
    if number > before then owing[number] = owes or nil end
  end
  reply[#reply + 1], reply[#reply + 2] = code, number
end
if #learned > 0 then redis.call('HSET', JOINS, unpack(learned)) end
if seq > before then
  set_run(WAITING, before + 1, seq)
  set_run(present, before + 1, seq)
  for number in pairs(owing) do redis.call('SETBIT', present, number, 0) end
  redis.call('SET', SEQ, seq)
  record('join', before + 1, seq)
end
return reply
