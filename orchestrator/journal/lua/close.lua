-- Ends a conversation once. ARGV: 5 body of the last notice.
if redis.call('EXISTS', HEAD) == 0 then return 0 end
if redis.call('HGET', HEAD, 'state') == 'closed' then return 1 end
redis.call('HSET', HEAD, 'state', 'closed')
append(ARGV[5], '', '')
tell_standing()
keep()
return 1
