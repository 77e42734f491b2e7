-- Erases a conversation once nobody is answering in it; until then it takes no more messages.
-- ARGV: 5 tenant, 6 customer, 7 '1': also while an answer is being written.
local owner = redis.call('HMGET', HEAD, 'tenant', 'customer')
if not owner[1] or owner[1] ~= ARGV[5] or owner[2] ~= ARGV[6] then return {'missing'} end
redis.call('HSET', HEAD, 'state', 'closed')
if redis.call('LLEN', PENDING) > 0 and ARGV[7] ~= '1' then return {'busy'} end

local function drop(stream)
  for _, row in ipairs(redis.call('XRANGE', stream, '-', '+')) do
    local fields = row[2]
    for i = 1, #fields, 2 do
      if fields[i] == 'c' and fields[i + 1] == CONVERSATION then
        redis.pcall('XACK', stream, GROUP, row[1])
        redis.call('XDEL', stream, row[1])
      end
    end
  end
end

drop(TURNS)
drop(DEAD)
local entries = redis.call('XLEN', LOG)
for _, key in ipairs(KEYS) do
  if string.find(key, ':c:' .. CONVERSATION .. ':', 1, true) then redis.call('DEL', key) end
end
redis.call('SPUBLISH', FEED, '{"kind":"erased","conversation_id":"' .. CONVERSATION .. '"}')
return {'erased', entries}
