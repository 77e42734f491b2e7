-- Changes an entry of the shop by an entry of its own. ARGV: 5 revision id, 6 digest, 7 body, 8 target seq,
-- 9 '1' when it sets a text.
if redis.call('EXISTS', HEAD) == 0 then return {'missing'} end
local known = redis.call('HGET', IDS, 'v:' .. ARGV[5])
if known then
  local seq, at, digest = string.match(known, '^(%d+) (%d+) (%S+)$')
  if digest ~= ARGV[6] then return {'conflict'} end
  return {'revised', seq, at}
end
local rows = redis.call('XRANGE', LOG, ARGV[8] .. '-0', ARGV[8] .. '-0')
if #rows == 0 then return {'no_entry'} end
local fields = rows[1][2]
local target
for i = 1, #fields, 2 do
  if fields[i] == 'b' then target = cjson.decode(fields[i + 1]) end
end
if target.author == 'customer' or target.revision then return {'not_ours'} end
if ARGV[9] == '1' and not target.text and not target.notice then return {'not_ours'} end
-- What is taken back or changed must not live on in the summary: it is made anew from what there is.
if tonumber(ARGV[8]) <= tonumber(redis.call('HGET', HEAD, 'summary_seq') or '0') then
  redis.call('HDEL', HEAD, 'summary', 'summary_seq')
end
local placed = append(ARGV[7], '', '', 'v:' .. ARGV[5])
redis.call('HSET', IDS, 'v:' .. ARGV[5], placed[1] .. ' ' .. placed[2] .. ' ' .. ARGV[6])
keep()
return {'revised', placed[1], placed[2]}
