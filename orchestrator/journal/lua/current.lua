-- Makes ARGV[2] the customer's current conversation if ARGV[1] is it now. KEYS: the mapping. ARGV: 3 life ms.
local now = redis.call('GET', KEYS[1]) or ''
if now ~= ARGV[1] then return now end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return ARGV[2]
