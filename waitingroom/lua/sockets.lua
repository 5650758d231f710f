-- Counts the sockets of one ticket over all web processes, so that nobody holds more than a few.
-- KEYS  1 feeds: sorted set of processes by the time they were last heard of; each has a hash feeds:<process> beside it
-- ARGV  1 process  2 number  3 change: 1, -1, or 0 to say only that the process lives  4 most a ticket
-- Replies 'FULL' (nothing was counted) | 'OK'. A process not heard of for 15 s no longer counts.
local time = redis.call('TIME')
local now, mine = tonumber(time[1]), KEYS[1] .. ':' .. ARGV[1]
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 15)
if ARGV[3] == '1' then
  local open = 0
  for _, process in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    open = open + tonumber(redis.call('HGET', KEYS[1] .. ':' .. process, ARGV[2]) or '0')
  end
  if open >= tonumber(ARGV[4]) then return 'FULL' end
end
if ARGV[3] ~= '0' and redis.call('HINCRBY', mine, ARGV[2], ARGV[3]) <= 0 then redis.call('HDEL', mine, ARGV[2]) end
redis.call('EXPIRE', mine, 15)
redis.call('EXPIRE', KEYS[1], 60)
return 'OK'
