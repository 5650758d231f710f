-- Gives entries to browsers that arrived together before the opening, and finds the entry of those who have one.
-- ARGV  2 entries_from ms  3 opens_at ms; far off while the caller's clock is before it, for both must have got there
--       4.. for each, identities as in `../join.lua`
-- Replies {'STALE'} | {'EARLY'} | {'OK', code, entry, code, entry, ...} with code
--       NEW    the next entry
--       SAME   the entry this browser has already; also after the opening
--       RAISE  the mark is reached: raise it in SQL, then ask again
--       LATE   it has none, and none is given any more
if stale() then return {'STALE'} end
local now, phase = now_ms(), redis.call('HGET', STATE, 'state')
if phase == 'announced' or now < tonumber(ARGV[2]) then return {'EARLY'} end
settle_epoch()
local given = phase == 'armed' and now < tonumber(ARGV[3]) and redis.call('HEXISTS', STATE, 'frozen') == 0
local mark, seq, present = field('entry_mark'), field('entry_seq'), here_now()
local before, reply = seq, {'OK'}
for i = 4, #ARGV do
  local code, entry = nil, 0
  for id in string.gmatch(ARGV[i], '[^,]+') do
    local known = redis.call('HGET', ENTRANTS, id)
    if known then
      code, entry = 'SAME', tonumber(known)
      break
    end
  end
  if not code and not given then code = 'LATE' end
  if not code and seq >= mark then code = 'RAISE' end
  if not code then
    seq = seq + 1
    code, entry = 'NEW', seq
  end
  if entry > 0 then
    redis.call('SETBIT', ENTERED, entry, 1)
    redis.call('SETBIT', present, entry, 1)
    for id in string.gmatch(ARGV[i], '[^,]+') do redis.call('HSET', ENTRANTS, id, entry) end
  end
  reply[#reply + 1], reply[#reply + 2] = code, entry
end
if seq > before then
  redis.call('HSET', STATE, 'entry_seq', seq)
  record('entry', before + 1, seq)
end
return reply
