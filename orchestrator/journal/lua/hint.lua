-- Keeps what was understood in the newest message, for a person who comes to look. ARGV: 5 the hint.
if redis.call('HEXISTS', HEAD, 'agent') == 0 then return 0 end
redis.call('HSET', HEAD, 'hint', ARGV[5])
return 1
