/*
 * Tokens and calls in flight of a key, beside its slots. In the hash: tnext (when the tokens given
 * out are paid for by the rate, µs), credit (time paid for too much, µs), shift (how far settlements
 * have moved tnext, all added up, µs: those who wait follow it), tsum (tokens in KEYS[2]),
 * mean:<label> (tokens a call uses over its input's estimate). KEYS[2]: the calls of the last minute,
 * `<id> <tokens>` by slot. KEYS[3]: the calls in flight, by the time at which they are given up.
 */
export const budgetPrelude = `
local minute, flying = KEYS[2], KEYS[3]
local span, maxcredit, maxdebt = 60000000, 250000, 120000000
local function tokensof(member) return tonumber(string.match(member, ' (%d+)$')) end
local function write(slot, id, tokens)
  redis.call('ZADD', minute, slot, id .. ' ' .. string.format('%.0f', tokens))
  redis.call('HINCRBY', key, 'tsum', tokens)
  redis.call('PEXPIRE', minute, 3 * span / 1000)
end
local function strike(member)
  local there = redis.call('ZREM', minute, member) == 1
  if there then redis.call('HINCRBY', key, 'tsum', -tokensof(member)) end
  return there
end
local function prune()
  -- So far ahead is no reservation: this clock went back, or the data came from another one.
  local astray = redis.call('ZRANGEBYSCORE', minute, now + 3 * span, '+inf', 'LIMIT', 0, 1)
  if #astray > 0 or get('tnext') > now + 3 * span then
    redis.call('DEL', minute)
    redis.call('HDEL', key, 'tnext', 'credit')
  end
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', minute, '-inf', now - span)) do
    strike(member)
  end
  if redis.call('EXISTS', minute) == 0 then redis.call('HDEL', key, 'tsum') end
end

local function chargefor(tpm, input, output, label)
  local mean = tonumber(redis.call('HGET', key, 'mean:' .. label) or output)
  return math.floor(math.min(tpm, math.max(1, input + math.min(mean, output))))
end
-- The first slot not before \`slot\` whose minute has room; \`behind\`: tokens that come after it.
local function inminute(slot, charge, ceiling, behind)
  local sum, at = get('tsum') - (behind or 0), 0
  while sum + charge > ceiling do
    local oldest = redis.call('ZRANGE', minute, at, at, 'WITHSCORES')
    if not oldest[1] then break end
    sum = sum - tokensof(oldest[1])
    slot = math.max(slot, tonumber(oldest[2]) + span)
    at = at + 1
  end
  return slot
end
-- From \`since\`, not from the slot: calls before it may have been settled to less meanwhile.
local function pay(since, charge, tpm)
  local cost, credit = charge * span / tpm, get('credit')
  local paid = math.min(cost, credit)
  put('credit', credit - paid)
  put('tnext', math.max(get('tnext'), since) + cost - paid)
end
-- Tokens that were charged and not used; below 0 used and not charged. How far tnext moved.
local function refund(tokens, tpm)
  local moved
  local cost, credit, free = tokens * span / tpm, get('credit'), get('tnext')
  if cost >= 0 then
    local cut = math.min(cost, math.max(0, free - now))
    moved = -cut
    put('tnext', free - cut)
    put('credit', math.min(maxcredit, credit + cost - cut))
  else
    local paid = math.min(credit, -cost)
    put('credit', credit - paid)
    local till = math.min(math.max(free, now) - cost - paid, now + maxdebt)
    moved = till - math.max(free, now)
    put('tnext', till)
  end
  return moved
end
local function returncall(id, charge, tpm)
  redis.call('ZREM', flying, id)
  if strike(id .. ' ' .. string.format('%.0f', charge)) then refund(charge, tpm) end
end
local function isfull(limit)
  if limit == 0 then return false end
  redis.call('ZREMRANGEBYSCORE', flying, '-inf', now)
  return redis.call('ZCARD', flying) >= limit
end
local function takeoff(id, till)
  redis.call('ZADD', flying, till, id)
  redis.call('PEXPIRE', flying, 259200000)
end
`;

/**
 * A call has ended. ARGV: id, slot, charge, used (-1 unknown: the charge stands), tokens per minute
 * (0 none), label, input (its estimate). Answers {now}.
 */
export const settleBody = `
local id, slot, charge, used = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local tpm, mean = tonumber(ARGV[5]), 'mean:' .. ARGV[6]
redis.call('ZREM', flying, id)
if tpm > 0 and used >= 0 then
  -- A call that took longer than a minute has left the minute already.
  if strike(id .. ' ' .. string.format('%.0f', charge)) and used > 0 then write(slot, id, used) end
  put('shift', get('shift') + refund(charge - used, tpm))
  if used > 0 then
    local over = used - tonumber(ARGV[7])
    local known = redis.call('HGET', key, mean)
    if known then over = known + 0.1 * (over - known) end
    redis.call('HSET', key, mean, string.format('%.3f', over))
  end
end
keep()
return {now}
`;

/**
 * A call that waits for its slot follows what was settled since it was given. ARGV: id, slot, charge,
 * ceiling, base (when the rate would have let it in, less the shift of that time). Answers {now, slot,
 * closed, why}: the slot is the old one when the call is no longer known.
 */
export const moveBody = `
local slot, charge = tonumber(ARGV[2]), tonumber(ARGV[3])
if strike(ARGV[1] .. ' ' .. string.format('%.0f', charge)) then
  slot = math.max(now, tonumber(ARGV[5]) + get('shift'))
  local behind = 0
  for _, later in ipairs(redis.call('ZRANGEBYSCORE', minute, slot, '+inf')) do
    behind = behind + tokensof(later)
  end
  slot = inminute(slot, charge, tonumber(ARGV[4]), behind)
  write(slot, ARGV[1], charge)
end
return {now, slot, get('closed'), redis.call('HGET', key, 'why') or ''}
`;
