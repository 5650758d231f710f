-- Gives entries to browsers that arrived together before the opening, and finds the entry of those who have one.
-- ARGV  2 entries_from ms  3 opens_at ms; far off while the caller's clock is before it, for both must have got there
--       4.. for each, two: identities as in `../join.lua`, joined by commas, and the terms of a new entry as there
-- Replies {'STALE'} | {'EARLY'} | {'OK', code, entry, code, entry, ...} with code
--       NEW    the next entry
--       SAME   the entry this browser has already; also after the opening
--       OWES   the same, and it still owes a proof: it does not stand among those that are drawn
--       PROOF  a proof is asked for before there is an entry
--       RAISE  the mark is reached: raise it in SQL, then ask again
--       LATE   it has none, or one that owes a proof still, and none is given any more
if stale() then return {'STALE'} end
local now, phase = now_ms(), redis.call('HGET', STATE, 'state')
if phase == 'announced' or now < tonumber(ARGV[2]) then return {'EARLY'} end
settle_epoch()
local given, mark, seq, present = taking(ARGV[3]), field('entry_mark'), field('entry_seq'), here_now()
local before, reply = seq, {'OK'}
for i = 4, #ARGV, 2 do
  local terms, code, entry = ARGV[i + 1], nil, 0
  local owes = terms == 'owes'
  for id in string.gmatch(ARGV[i], '[^,]+') do
    local known = tonumber(redis.call('HGET', ENTRANTS, id) or '0')
    if known ~= 0 then
      owes = known < 0 and not (given and terms == 'proved')
      if given or not owes then code, entry = owes and 'OWES' or 'SAME', math.abs(known) end
      break
    end
  end
  if not code and not given then code = 'LATE' end
  if not code and terms == 'none' then code = 'PROOF' end
  if not code and seq >= mark then code = 'RAISE' end
  if not code then
    seq = seq + 1
    code, entry = 'NEW', seq
  end
  if entry > 0 then
    if not owes then
      redis.call('SETBIT', ENTERED, entry, 1)
      redis.call('SETBIT', present, entry, 1)
    end
    local kept = owes and -entry or entry
    for id in string.gmatch(ARGV[i], '[^,]+') do redis.call('HSET', ENTRANTS, id, kept) end
  end
  reply[#reply + 1], reply[#reply + 2] = code, entry
end
if seq > before then
  redis.call('HSET', STATE, 'entry_seq', seq)
  record('entry', before + 1, seq)
end
return reply
