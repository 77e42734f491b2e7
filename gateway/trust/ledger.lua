-- Charges messages to customers of a tenant and to the tenant, and tells how long each has to wait for the next one.
-- Generic cell rate algorithm: one moment per key, at which all that was sent would have been due at the even rate.
-- It charges even beyond the limit, for the messages have been let through already; a debt ends after two bursts' time.
-- KEYS: tenant, customers.  ARGV: interval in microseconds and burst of a customer, the same of the tenant (an interval
-- of 0: no limit), then each customer's messages.  Answer: waits in milliseconds, of the tenant and of each customer.
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

local waits, total = {0}, 0
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
for place = 2, #KEYS do
  local messages = tonumber(ARGV[place + 3])
  total = total + messages
  waits[place] = charge(KEYS[place], messages, interval, burst)
end
waits[1] = charge(KEYS[1], total, tonumber(ARGV[3]), tonumber(ARGV[4]))
return waits
