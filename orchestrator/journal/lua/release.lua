-- Gives a claim back: it looks abandoned at once, and the begun try does not count. ARGV: 5 log id, 6 owner, 7 turn.
if not owns(ARGV[5], ARGV[6]) then return 0 end
redis.call('XCLAIM', TURNS, GROUP, ARGV[6], 0, ARGV[5], 'IDLE', 86400000, 'JUSTID')
if redis.call('LINDEX', PENDING, 0) == ARGV[7] and redis.call('GET', LOCK) == ARGV[6] then
  redis.call('DEL', LOCK)
  redis.call('HINCRBY', TRIES, ARGV[7] .. ':free', 1)
end
redis.call('SPUBLISH', FEED, '{"kind":"released","conversation_id":"' .. CONVERSATION .. '"}')
return 1
