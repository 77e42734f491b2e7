-- Puts an announcement into a conversation once. ARGV: 5 announcement id, 6 call, 7 body in English, 8 body in Chinese,
-- 9 languages that it is for, each between commas; empty: all.
if redis.call('EXISTS', HEAD) == 0 then return 'missing' end
local language = redis.call('HGET', HEAD, 'language')
if ARGV[9] ~= '' and not string.find(ARGV[9], ',' .. language .. ',', 1, true) then return 'other' end
if redis.call('HGET', HEAD, 'state') == 'closed' then return 'closed' end
local key = 'a:' .. ARGV[5]
local known = redis.call('HGET', IDS, key)
if known then return known == ARGV[6] and 'same' or 'duplicate' end
append(language == 'zh' and ARGV[8] or ARGV[7], '', '', key)
redis.call('HSET', IDS, key, ARGV[6])
keep()
return 'reached'
