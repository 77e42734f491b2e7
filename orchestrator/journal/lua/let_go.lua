-- A person lets a conversation go. ARGV: 5 tenant, 6 agent, 7 its state from now on, 8 body of the notice in English,
-- 9 in Chinese.
local head = redis.call('HMGET', HEAD, 'tenant', 'state', 'agent', 'language')
if not head[1] or head[1] ~= ARGV[5] then return {'missing'} end
if head[2] == 'closed' then return {ARGV[7] == 'closed' and 'already' or 'closed'} end
if not head[3] and ARGV[7] ~= 'closed' then return {'already'} end
if head[3] ~= ARGV[6] then return {'not_theirs'} end
redis.call('HDEL', HEAD, 'agent', 'agent_name', 'taken_ms', 'hint')
redis.call('HSET', HEAD, 'state', ARGV[7])
if ARGV[7] ~= 'handed_over' then redis.call('HDEL', HEAD, 'handed_ms', 'handed_seq') end
local body = head[4] == 'zh' and ARGV[9] or ARGV[8]
local placed = append(body, '', '')
tell_standing()
keep()
return {'let_go', placed[1], placed[2], body}
