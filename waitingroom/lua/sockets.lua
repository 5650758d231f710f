-- Says how many sockets of one ticket a web process holds, so that nobody holds more than a few over all of them.
-- KEYS  1 feeds: sorted set of processes by the time they were last heard of; each has a hash feeds:<process> beside it
-- ARGV  1 process  2 number  3 how many it holds now; less than before is always taken  4 most a ticket
-- Replies 'FULL' (nothing was written) | 'OK'. A process not heard of for 15 s no longer counts.
local time = redis.call('TIME')
local now, mine, count = tonumber(time[1]), KEYS[1] .. ':' .. ARGV[1], tonumber(ARGV[3])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 15)
if count > tonumber(redis.call('HGET', mine, ARGV[2]) or '0') then
  local open = count
  for _, process in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if process ~= ARGV[1] then
      open = open + tonumber(redis.call('HGET', KEYS[1] .. ':' .. process, ARGV[2]) or '0')
    end
  end
  if open > tonumber(ARGV[4]) then return 'FULL' end
end
if count > 0 then redis.call('HSET', mine, ARGV[2], count) else redis.call('HDEL', mine, ARGV[2]) end
redis.call('EXPIRE', mine, 15)
redis.call('EXPIRE', KEYS[1], 60)
return 'OK'
