-- Keeps the summary of a conversation's older entries; a later one replaces. ARGV: 5 epoch, 6 the last entry that it
-- covers, 7 the summary. A conversation that is gone, or became another, stays as it is.
if redis.call('HGET', HEAD, 'epoch') ~= ARGV[5] then return 0 end
if tonumber(ARGV[6]) <= tonumber(redis.call('HGET', HEAD, 'summary_seq') or '0') then return 0 end
redis.call('HSET', HEAD, 'summary_seq', ARGV[6], 'summary', ARGV[7])
return 1
