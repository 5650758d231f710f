-- Says how many sockets of some tickets a web process holds, so that no ticket has more than a few over all of them.
-- KEYS  1 feeds: sorted set of processes by the time they were last heard of; each has a hash feeds:<process> beside it
-- ARGV  1 process  2 most a ticket  then number, how many it holds now (less than before is always taken), ...
-- Replies for each number 'FULL' (nothing was written) or 'OK'; without any number {'OK'}, or {} when nothing is known of
--       this process: then a loss took it, or it holds none. A process not heard of for 15 s no longer counts.
local time = redis.call('TIME')
local now, mine, most = tonumber(time[1]), KEYS[1] .. ':' .. ARGV[1], tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 15)
local others, reply = {}, {}
for _, process in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if process ~= ARGV[1] then others[#others + 1] = KEYS[1] .. ':' .. process end
end

local function held(feed, number)
  return tonumber(redis.call('HGET', feed, number) or '0')
end

local function full(number, count)
  if count <= held(mine, number) then return false end
  for _, feed in ipairs(others) do count = count + held(feed, number) end
  return count > most
end

if #ARGV == 2 and redis.call('EXISTS', mine) == 1 then reply[1] = 'OK' end
for i = 3, #ARGV, 2 do
  local number, count = ARGV[i], tonumber(ARGV[i + 1])
  if full(number, count) then
    reply[#reply + 1] = 'FULL'
  else
    if count > 0 then redis.call('HSET', mine, number, count) else redis.call('HDEL', mine, number) end
    reply[#reply + 1] = 'OK'
  end
end
redis.call('EXPIRE', mine, 15)
redis.call('EXPIRE', KEYS[1], 60)
return reply
