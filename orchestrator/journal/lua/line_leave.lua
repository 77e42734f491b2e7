-- Takes a conversation off a tenant's line and notes the pace at which the line moves.
-- KEYS: 1 the line, 2 its pace. ARGV: 1 conversation, 2 '1' when it was served, 3 life of the pace in ms.
if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
if ARGV[2] ~= '1' then return 1 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = tonumber(redis.call('HGET', KEYS[2], 'last_ms') or '0')
if last > 0 then
  local between = tonumber(redis.call('HGET', KEYS[2], 'between_ms') or '0')
  local fresh = now - last
  if between > 0 then fresh = 0.7 * between + 0.3 * fresh end
  redis.call('HSET', KEYS[2], 'between_ms', string.format('%.0f', fresh))
  redis.call('HINCRBY', KEYS[2], 'count', 1)
end
redis.call('HSET', KEYS[2], 'last_ms', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
