-- Ends a turn: append, mark done, free the lock; refused with a stale fencing token.
-- ARGV: 5 turn, 6 log id, 7 fence, 8 owner, 9 language, 10 conversation state, 11 state life ms, 12 outcome,
-- 13 why dead, 14 '1' when 15 is the dialogue's new state, 16... bodies.
local turn, log_id, owner = ARGV[5], ARGV[6], ARGV[8]
if redis.call('EXISTS', HEAD) == 0 then
  forget_turn(turn, log_id)
  return {'done'}
end
if redis.call('HEXISTS', IDS, 'u:' .. turn) == 1 then
  forget_turn(turn, log_id)
  return {'done'}
end
if redis.call('HGET', HEAD, 'fence') ~= ARGV[7] then return {'stale'} end

-- While a person has the conversation the engine is silent, also when it began to answer before.
local attended = redis.call('HEXISTS', HEAD, 'agent') == 1
local placed = {}
if not attended then
  for i = 16, #ARGV do
    local last = i == #ARGV
    placed[#placed + 1] = append(ARGV[i], '', last and turn or '')
  end
end
redis.call('HSET', IDS, 'u:' .. turn, #placed)
if ARGV[9] ~= '' then redis.call('HSET', HEAD, 'language', ARGV[9]) end
if ARGV[10] ~= '' and not attended and redis.call('HGET', HEAD, 'state') ~= 'closed' then
  redis.call('HSET', HEAD, 'state', ARGV[10])
  if ARGV[10] == 'handed_over' and redis.call('HSETNX', HEAD, 'handed_ms', now_ms()) == 1 then
    redis.call('HSET', HEAD, 'handed_seq', redis.call('HGET', HEAD, 'seq'))
  end
  tell_standing()
end
if ARGV[14] == '1' and not attended then redis.call('SET', STATE, ARGV[15], 'PX', ARGV[11]) end
if ARGV[13] ~= '' then
  redis.call('XADD', DEAD, 'MAXLEN', '~', 10000, '*', 'c', CONVERSATION, 'u', turn, 'why', ARGV[13])
end
forget_turn(turn, log_id)
if redis.call('GET', LOCK) == owner then redis.call('DEL', LOCK) end
keep()
redis.call('SPUBLISH', FEED,
  '{"kind":"ended","conversation_id":"' .. CONVERSATION .. '","turn_id":"' .. turn .. '","outcome":"' ..
  (attended and 'attended' or ARGV[12]) .. '"}')
return {attended and 'attended' or 'finished', placed}
