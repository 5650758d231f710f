-- What the line knows of the period's row and of its people, whatever epoch it is of: SQL must know no less.
-- Replies {1 where this is the memory that the epoch was begun in, otherwise 0; seq, state as field, value, ..., gone}
local info = replication()
local known = redis.call('HMGET', STATE, 'replid', 'memory')
local intact = known[1] and (known[1] == replid(info) or renamed(info, known[2]))
return {intact and 1 or 0, tonumber(redis.call('GET', SEQ) or '0'), redis.call('HGETALL', STATE), redis.call('GET', GONE) or ''}
