-- Appends an entry of the shop from outside a turn, once. ARGV: 5 its id, 6 digest, 7 body.
if redis.call('EXISTS', HEAD) == 0 then return {'missing'} end
local key = 's:' .. ARGV[5]
local known = redis.call('HGET', IDS, key)
if known then
  local seq, at, digest = string.match(known, '^(%d+) (%d+) (%S+)$')
  if digest ~= ARGV[6] then return {'conflict'} end
  return {'said', seq, at}
end
local placed = append(ARGV[7], '', '', key)
redis.call('HSET', IDS, key, placed[1] .. ' ' .. placed[2] .. ' ' .. ARGV[6])
keep()
return {'said', placed[1], placed[2]}
