-- Charges messages to a customer and to the tenant, and tells how long each has to wait before the next one.
-- Generic cell rate algorithm: one moment per key, at which all that was sent would have been due at the even rate.
-- It charges even beyond the limit, for the messages have been let through already; a debt ends after two bursts' time.
-- KEYS: customer, tenant.  ARGV: messages, then interval in microseconds and burst of each; an interval of 0: no limit.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])

local function charge(key, messages, interval, burst)
  if interval <= 0 then
    return 0
  end
  local due = math.max(tonumber(redis.call('GET', key) or now), now) + messages * interval
  due = math.min(due, now + 2 * burst * interval)
  redis.call('SET', key, string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1000)
  return math.max(0, math.ceil((due + interval - burst * interval - now) / 1000))
end

local messages = tonumber(ARGV[1])
return {
  charge(KEYS[1], messages, tonumber(ARGV[2]), tonumber(ARGV[3])),
  charge(KEYS[2], messages, tonumber(ARGV[4]), tonumber(ARGV[5])),
}
