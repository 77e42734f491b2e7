-- A person's message, once. ARGV: 5 tenant, 6 agent, 7 message id, 8 digest, 9 body.
local head = redis.call('HMGET', HEAD, 'tenant', 'state', 'agent')
if not head[1] or head[1] ~= ARGV[5] then return {'missing'} end
local key = 'w:' .. ARGV[7]
local known = redis.call('HGET', IDS, key)
if known then
  local seq, at, digest = string.match(known, '^(%d+) (%d+) (%S+)$')
  if digest ~= ARGV[8] then return {'conflict'} end
  return {'again', seq, at}
end
if head[2] == 'closed' then return {'closed'} end
if head[3] ~= ARGV[6] then return {'not_theirs'} end
local placed = append(ARGV[9], '', '', key)
redis.call('HSET', IDS, key, placed[1] .. ' ' .. placed[2] .. ' ' .. ARGV[8])
keep()
return {'said', placed[1], placed[2]}
