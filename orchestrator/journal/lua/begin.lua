-- Takes the conversation's lock for the turn that is first in line.
-- ARGV: 5 turn, 6 log id, 7 owner, 8 lease ms, 9 most tries, 10 how many entries of history,
-- 11 seq of the message, which the assistant now reads.
local turn, log_id, owner = ARGV[5], ARGV[6], ARGV[7]
if redis.call('EXISTS', HEAD) == 0 or redis.call('HEXISTS', IDS, 'u:' .. turn) == 1 then
  forget_turn(turn, log_id)
  return {'done'}
end
if not owns(log_id, owner) then return {'lost'} end
if redis.call('LINDEX', PENDING, 0) ~= turn then return {'wait'} end
local holder = redis.call('GET', LOCK)
if holder and holder ~= owner then return {'wait'} end

local attempt = redis.call('HINCRBY', TRIES, turn .. ':n', 1)
local free = tonumber(redis.call('HGET', TRIES, turn .. ':free') or '0')
local fence = redis.call('HINCRBY', HEAD, 'fence', 1)
redis.call('SET', LOCK, owner, 'PX', ARGV[8])
keep()
local status = 'run'
if attempt - free > tonumber(ARGV[9]) then status = 'poison' end
if status == 'run' then receive('assistant', tonumber(ARGV[11]), tonumber(ARGV[11]), '') end
local history = redis.call('XREVRANGE', LOG, '+', '-', 'COUNT', ARGV[10])
return {status, fence, attempt, redis.call('HGETALL', HEAD), history, redis.call('GET', STATE) or ''}
