-- A person takes the conversation. ARGV: 5 tenant, 6 agent, 7 their name, 8 body of the notice in English, 9 in Chinese.
local head = redis.call('HMGET', HEAD, 'tenant', 'state', 'agent', 'agent_name', 'language')
if not head[1] or head[1] ~= ARGV[5] then return {'missing'} end
if head[2] == 'closed' then return {'closed'} end
if head[3] == ARGV[6] then return {'already'} end
if head[3] then return {'other', head[4]} end
local now = now_ms()
redis.call('HSET', HEAD, 'state', 'handed_over', 'agent', ARGV[6], 'agent_name', ARGV[7], 'taken_ms', now)
redis.call('HSETNX', HEAD, 'handed_ms', now)
local body = head[5] == 'zh' and ARGV[9] or ARGV[8]
local placed = append(body, '', '')
tell_standing()
keep()
return {'taken', placed[1], placed[2], body}
