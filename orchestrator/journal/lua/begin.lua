-- Takes the conversation's lock for the turn that is first in line.
-- ARGV: 5 turn, 6 log id, 7 owner, 8 lease ms, 9 most tries, 10 how many entries of history,
-- 11 seq of the message, which the assistant now reads.
local turn, log_id, owner = ARGV[5], ARGV[6], ARGV[7]
if redis.call('EXISTS', HEAD) == 0 or redis.call('HEXISTS', IDS, 'u:' .. turn) == 1 then
  forget_turn(turn, log_id)
  return {'done'}
end
if not owns(log_id, owner) then return {'lost'} end
return begin(turn, owner, ARGV[11], ARGV[8], ARGV[9], ARGV[10])
