-- Begins a conversation unless it is there. ARGV: 5 epoch, 6 tenant, 7 customer, 8 language.
if redis.call('EXISTS', HEAD) == 1 then return 0 end
redis.call('DEL', LOG, IDS, PENDING, TRIES, STATE)
redis.call('HSET', HEAD, 'epoch', ARGV[5], 'tenant', ARGV[6], 'customer', ARGV[7], 'language', ARGV[8],
  'state', 'open', 'seq', 0, 'created_ms', now_ms(), 'last_ms', 0)
keep()
return 1
