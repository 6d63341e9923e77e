import { readHealthBody, writeHealthBody } from "../../health/health-scripts.ts";
import { budgetPrelude, moveBody, settleBody } from "./budget-scripts.ts";

/*
 * One hash per key: next (first free slot, µs), closed (until, µs), why, strikes, backoff (µs),
 * interval (µs), quota, zone (s east of UTC), used:<day>. Times are microseconds since the epoch by
 * Redis' own clock; a day is counted in the quota's zone. %.0f, since Lua would round 1.7e15.
 */
const prelude = `
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local function get(field) return tonumber(redis.call('HGET', key, field) or 0) end
local function put(field, value) redis.call('HSET', key, field, string.format('%.0f', value)) end
local function keep() redis.call('PEXPIRE', key, 259200000) end
local function dayof(us, zone) return math.floor((us / 1000000 + zone) / 86400) end
local function midnight(day, zone) return (day * 86400 - zone) * 1000000 end
local function giveback(slot, interval, zone)
  if get('next') == slot + interval then put('next', slot) end
  local field = 'used:' .. dayof(slot, zone)
  if get(field) > 0 then redis.call('HINCRBY', key, field, -1) end
end
`;

/**
 * Reserves the next slot if its wait is within `maxWait`. ARGV: interval, maxWait, quota (-1 none),
 * zone, sentAt (caller's estimate of now), floor (the caller's last slot), returned (a slot it did
 * not use, 0 none), seenDay and seenUsed (the count it knows), extra (calls made without Redis on
 * seenDay); tokens per minute (0 none), estimated input, most output, label, id of the call, calls
 * in flight allowed (0 any), lease of one, tnext as the caller knows it, charge of the returned slot,
 * most tokens in any minute, 1 for a probe, which the key's health does not stop.
 * Answers {verdict, now, slot, used, day, closed, why, charge, tnext, base, tracked}, used on the slot's
 * day, or on the spent one; tracked: 1 when the call must be settled; verdict: 1 reserved, 0 pace,
 * -1 closed, -2 quota, -3 stale, -4 tokens, -5 in flight, -6 health open, -7 health's ramp full.
 */
export const reserveScript = `${prelude}${budgetPrelude}
local interval, maxwait = tonumber(ARGV[1]), tonumber(ARGV[2])
local quota, zone = tonumber(ARGV[3]), tonumber(ARGV[4])
local sent, floor, returned = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local tpm, id, limit, charge = tonumber(ARGV[11]), ARGV[15], tonumber(ARGV[16]), 0
-- A command that stood in a client's offline queue: its caller has gone on without Redis.
if now - sent > 1000000 and now - sent < 3600000000 then return {-3, now, 0, 0, 0, 0, '', 0, 0, 0, 0} end
if returned > 0 then
  giveback(returned, interval, zone)
  returncall(id, tonumber(ARGV[19]), tpm)
end
local ramp, lease = 0, tonumber(ARGV[17])
if ARGV[21] ~= '1' then
  local unwell = 0
  ramp = get('hramp')
  if get('hopen') == 1 then unwell = -6
  elseif ramp > 0 and redis.call('ZCOUNT', flying, get('hsince') + lease, '+inf') >= ramp then unwell = -7 end
  if unwell < 0 then return {unwell, now, now, 0, 0, 0, '', 0, 0, 0, 0} end
end
local seen = 'used:' .. ARGV[8]
if tonumber(ARGV[9]) > 0 then redis.call('HSETNX', key, seen, ARGV[9]) end
if tonumber(ARGV[10]) > 0 then redis.call('HINCRBY', key, seen, ARGV[10]) end

local horizon = now + 60000000 + interval
local slot = now
local nextfree = get('next')
-- Further ahead than anyone may reserve: this clock went back, or the data came from another one.
if nextfree > horizon then nextfree = 0 end
-- Above next only when Redis lost data: what the caller still knows heals it.
if floor > 0 and floor + interval <= horizon then nextfree = math.max(nextfree, floor + interval) end
-- Without an interval nobody has to come behind those who wait for their tokens.
if interval > 0 then slot = math.max(slot, nextfree) end
local verdict, base = 0, slot
local closed = get('closed')
local since = now
if closed > slot then slot = closed; since = closed; verdict = -1 end
if tpm > 0 then
  redis.call('HSETNX', key, 'tnext', ARGV[18])
  prune()
  charge = chargefor(tpm, tonumber(ARGV[12]), tonumber(ARGV[13]), ARGV[14])
  base = math.max(slot, get('tnext'))
  local paid = inminute(base, charge, tonumber(ARGV[20]))
  if paid > slot then slot = paid; verdict = -4 end
end
local day = dayof(slot, zone)
local used = get('used:' .. day)
local spent = quota >= 0 and used >= quota
if spent then
  slot = midnight(day + 1, zone)
  verdict = -2
end
redis.call('HSET', key, 'interval', ARGV[1], 'quota', ARGV[3], 'zone', ARGV[4])
keep()
local why = redis.call('HGET', key, 'why') or ''
local full = isfull(limit)
if full and slot - now <= maxwait then verdict = -5 end
if full or slot - now > maxwait or quota == 0 then
  return {verdict, now, slot, used, day, closed, why, charge, get('tnext'), 0, 0}
end
put('next', slot + interval)
if tpm > 0 then
  pay(math.max(since, spent and slot or 0), charge, tpm)
  write(slot, id, charge)
end
local tracked = (limit > 0 or ramp > 0 or tpm > 0) and 1 or 0
if limit > 0 or ramp > 0 then takeoff(id, slot + lease) end
if spent then day = day + 1 end
used = redis.call('HINCRBY', key, 'used:' .. day, 1)
if used == 1 then redis.call('HDEL', key, 'used:' .. (day - 2), 'used:' .. (day - 3)) end
return {1, now, slot, used, day, closed, why, charge, get('tnext'), base - get('shift'), tracked}
`;

/** Takes a slot back. ARGV: slot, interval, zone, id of its call, charge, tokens per minute. Answers {now}. */
export const giveBackScript = `${prelude}${budgetPrelude}
giveback(tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))
returncall(ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]))
return {now}
`;

/** See `readHealthBody`. */
export const readHealthScript = `${prelude}${readHealthBody}`;

/** See `writeHealthBody`. */
export const writeHealthScript = `${prelude}${writeHealthBody}`;

/** See `settleBody`. */
export const settleScript = `${prelude}${budgetPrelude}${settleBody}`;

/** See `moveBody`. */
export const moveScript = `${prelude}${budgetPrelude}${moveBody}`;

/**
 * Closes the key; a longer closing that stands is kept. ARGV: mode, value, why, zone.
 * delay: for value µs · until: until value µs · backoff: 1 s, doubled at each closing up to 60 s,
 * from the start again after a quiet time · day: until midnight, but only 60 s in the first ten
 * minutes of a day, when the provider's clock may still be in the old one.
 * Answers {now, closed, why}.
 */
export const closeScript = `${prelude}
local mode, value, why, zone = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local closed = get('closed')
local till = now
if mode == 'delay' then till = now + value
elseif mode == 'until' then till = value
elseif mode == 'backoff' then
  -- Calls that were already under way when it closed say nothing new.
  if closed <= now then
    local last, strikes = get('backoff'), get('strikes')
    if now - closed > 2 * last + 10000000 then strikes = 0 end
    local delay = math.min(60000000, 1000000 * 2 ^ strikes)
    put('strikes', math.min(strikes + 1, 10))
    put('backoff', delay)
    till = now + delay
  end
elseif mode == 'day' then
  local day = dayof(now, zone)
  if now - midnight(day, zone) < 600000000 then till = now + 60000000
  else till = midnight(day + 1, zone) end
end
if till > closed then
  put('closed', till)
  redis.call('HSET', key, 'why', why)
  keep()
end
return {now, math.max(closed, till), redis.call('HGET', key, 'why') or ''}
`;

/** Answers {now, next, closed, why, interval, quota, zone, used, tokens}; quota: -1 none, -2 unknown. */
export const statusScript = `${prelude}
local zone = get('zone')
local quota = tonumber(redis.call('HGET', key, 'quota') or -2)
local used = get('used:' .. dayof(now, zone))
local tokens = 0
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], now - 60000000, now)) do
  tokens = tokens + tonumber(string.match(member, ' (%d+)$'))
end
return {now, math.max(get('next'), get('tnext')), get('closed'), redis.call('HGET', key, 'why') or '', get('interval'), quota, zone, used, tokens}
`;
