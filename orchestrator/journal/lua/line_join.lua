-- Puts a conversation at the end of a tenant's line, unless it stands there. KEYS: 1 the line.
-- ARGV: 1 conversation, 2 life ms, 3 since when it waits in ms; 0: from now on. Answers whether the line moved.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
local added = redis.call('ZADD', KEYS[1], 'NX', ARGV[3] == '0' and string.format('%.0f', now) or ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return added
