-- Prolongs a claim and, if held, the lock. ARGV: 5 log id, 6 owner, 7 lease ms.
if not owns(ARGV[5], ARGV[6]) then return 0 end
redis.call('XCLAIM', TURNS, GROUP, ARGV[6], 0, ARGV[5], 'JUSTID')
if redis.call('GET', LOCK) == ARGV[6] then redis.call('PEXPIRE', LOCK, ARGV[7]) end
return 1
