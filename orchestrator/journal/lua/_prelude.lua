-- Before every script of a conversation. KEYS as `Keys.conversation` orders them; all lie on one cluster slot.
local HEAD, LOG, IDS, PENDING, TRIES, LOCK, STATE, TURNS, FEED, DEAD = unpack(KEYS)
local CONVERSATION = ARGV[1]
local GROUP = ARGV[2]
local TTL_MS = ARGV[3]
local MAX_ENTRIES = tonumber(ARGV[4])

local function now_ms()
  local time = redis.call('TIME')
  return string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
end

local function keep()
  for _, key in ipairs({HEAD, LOG, IDS, PENDING, TRIES}) do
    redis.call('PEXPIRE', key, TTL_MS)
  end
end

-- Drops entries beyond the limit together with the ids by which they were known.
local function trim()
  local surplus = redis.call('XLEN', LOG) - MAX_ENTRIES
  if surplus <= 0 then return end
  for _, row in ipairs(redis.call('XRANGE', LOG, '-', '+', 'COUNT', surplus)) do
    local fields = row[2]
    for i = 1, #fields, 2 do
      if (fields[i] == 'm' or fields[i] == 'u') and fields[i + 1] ~= '' then
        redis.call('HDEL', IDS, fields[i] .. ':' .. fields[i + 1])
      elseif fields[i] == 'k' then
        redis.call('HDEL', IDS, fields[i + 1])
      end
    end
  end
  redis.call('XTRIM', LOG, 'MAXLEN', MAX_ENTRIES)
end

-- Appends one entry and tells everybody. `message`, `turn` and `key` (whole, may be nil) are forgotten with it.
local function append(body, message, turn, key)
  local seq = string.format('%.0f', redis.call('HINCRBY', HEAD, 'seq', 1))
  local at = now_ms()
  redis.call('XADD', LOG, seq .. '-0', 'b', body, 't', at, 'm', message, 'u', turn,
    unpack(key and {'k', key} or {}))
  redis.call('HSET', HEAD, 'last_ms', at)
  trim()
  redis.call('SPUBLISH', FEED,
    '{"kind":"entry","conversation_id":"' .. CONVERSATION .. '","seq":' .. seq .. ',"at_ms":' .. at .. ',"body":' .. body .. '}')
  return {seq, at}
end

-- Notes how far a reader has got and tells everybody; false when that was known. Nobody is ahead of the journal.
local function receive(reader, delivered, read, stream)
  local last = tonumber(redis.call('HGET', HEAD, 'seq'))
  local known_d = tonumber(redis.call('HGET', HEAD, 'd:' .. reader) or '0')
  local known_r = tonumber(redis.call('HGET', HEAD, 'r:' .. reader) or '0')
  read = math.max(known_r, math.min(read, last))
  delivered = math.max(known_d, read, math.min(delivered, last))
  if delivered == known_d and read == known_r then return false end
  local d, r = string.format('%.0f', delivered), string.format('%.0f', read)
  redis.call('HSET', HEAD, 'd:' .. reader, d, 'r:' .. reader, r)
  redis.call('SPUBLISH', FEED,
    '{"kind":"receipt","conversation_id":"' .. CONVERSATION .. '","reader":"' .. reader .. '","delivered":' .. d ..
    ',"read":' .. r .. ',"stream_id":"' .. stream .. '"}')
  return true
end

-- Tells everybody that the conversation went from the engine to a person, back, or to its end.
local function tell_standing()
  redis.call('SPUBLISH', FEED, '{"kind":"standing","conversation_id":"' .. CONVERSATION .. '","tenant":"' ..
    redis.call('HGET', HEAD, 'tenant') .. '"}')
end

local function owns(log_id, owner)
  local ok, rows = pcall(redis.call, 'XPENDING', TURNS, GROUP, log_id, log_id, 1, owner)
  return ok and type(rows) == 'table' and rows.err == nil and #rows > 0
end

local function forget_turn(turn, log_id)
  redis.call('LREM', PENDING, 0, turn)
  redis.call('HDEL', TRIES, turn .. ':n', turn .. ':free')
  redis.pcall('XACK', TURNS, GROUP, log_id)
  redis.call('XDEL', TURNS, log_id)
end

-- Takes the conversation's lock for a turn that `owner` has claimed, if it is first in line; unless a person has the
-- conversation, the assistant has then read its message. Answers as `begin.lua` does.
local function begin(turn, owner, seq, lease_ms, most_tries, history)
  if redis.call('LINDEX', PENDING, 0) ~= turn then return {'wait'} end
  local holder = redis.call('GET', LOCK)
  if holder and holder ~= owner then return {'wait'} end
  local attempt = redis.call('HINCRBY', TRIES, turn .. ':n', 1)
  local free = tonumber(redis.call('HGET', TRIES, turn .. ':free') or '0')
  local fence = redis.call('HINCRBY', HEAD, 'fence', 1)
  redis.call('SET', LOCK, owner, 'PX', lease_ms)
  keep()
  local status = 'run'
  if attempt - free > tonumber(most_tries) then status = 'poison' end
  if status == 'run' and redis.call('HEXISTS', HEAD, 'agent') == 0 then
    receive('assistant', tonumber(seq), tonumber(seq), '')
  end
  return {status, fence, attempt, redis.call('HGETALL', HEAD), redis.call('XREVRANGE', LOG, '+', '-', 'COUNT', history),
    redis.call('GET', STATE) or ''}
end
