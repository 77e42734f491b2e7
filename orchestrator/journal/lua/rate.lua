-- The customer's judgement; the newest is kept. ARGV: 5 rating id, 6 digest, 7 the rating, 8 most ratings.
if redis.call('EXISTS', HEAD) == 0 then return {'missing'} end
local known = redis.call('HGET', IDS, 'r:' .. ARGV[5])
if known then return {known == ARGV[6] and 'duplicate' or 'conflict'} end
if redis.call('HINCRBY', HEAD, 'ratings', 1) > tonumber(ARGV[8]) then return {'full'} end
redis.call('HSET', IDS, 'r:' .. ARGV[5], ARGV[6])
redis.call('HSET', HEAD, 'rating', ARGV[7])
keep()
return {'rated'}
