-- A customer's message: dedupe, refuse, number, append, log its turn, claim it and, if asked to, begin it.
-- ARGV: 5 client_msg_id, 6 digest, 7 body, 8 turn id, 9 owner, 10 most pending turns, 11 trace parent,
-- 12 the picture's preview or '', 13 '1' to begin the turn too, if nothing is before it, 14 lease ms, 15 most tries,
-- 16 how many entries of history.
if redis.call('EXISTS', HEAD) == 0 then return {'missing'} end
local known = redis.call('HGET', IDS, 'm:' .. ARGV[5])
if known then
  local seq, turn, digest = string.match(known, '^(%d+) (%S+) (%S+)$')
  if digest ~= ARGV[6] then return {'conflict'} end
  return {'duplicate', seq, turn}
end
if redis.call('HGET', HEAD, 'state') == 'closed' then return {'closed'} end
if redis.call('LLEN', PENDING) >= tonumber(ARGV[10]) then return {'full'} end

local placed = append(ARGV[7], ARGV[5], '')
redis.call('HSET', IDS, 'm:' .. ARGV[5], placed[1] .. ' ' .. ARGV[8] .. ' ' .. ARGV[6])
redis.call('RPUSH', PENDING, ARGV[8])
redis.pcall('XGROUP', 'CREATE', TURNS, GROUP, '0', 'MKSTREAM')
local log_id = redis.call('XADD', TURNS, '*', 'c', CONVERSATION, 'u', ARGV[8], 's', placed[1], 'p', ARGV[11],
  unpack(ARGV[12] ~= '' and {'k', ARGV[12]} or {}))
-- Claimed in the same step: a turn is never without an owner whose silence others can notice.
redis.call('XCLAIM', TURNS, GROUP, ARGV[9], 0, log_id, 'FORCE', 'JUSTID', 'LASTID', log_id)
keep()
if ARGV[13] ~= '1' then return {'posted', placed[1], placed[2], log_id} end
return {'posted', placed[1], placed[2], log_id, unpack(begin(ARGV[8], ARGV[9], placed[1], ARGV[14], ARGV[15], ARGV[16]))}
