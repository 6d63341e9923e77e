/*
 * A key's health stands in the hash of its pace: health (the state as JSON), and of it what a
 * reservation asks: hopen (1: nobody calls), hramp (calls under way at once, 0 any), hsince (since
 * when, µs).
 */

/** Answers {now, health}; '' when there is none. */
export const readHealthBody = `
return {now, redis.call('HGET', key, 'health') or ''}
`;

/**
 * Replaces the state that the caller knows. ARGV: that one, the new one, hopen, hramp, hsince.
 * Answers {now, 1} or, when another was faster, {now, 0, the state that stands}.
 */
export const writeHealthBody = `
local before = redis.call('HGET', key, 'health') or ''
if before ~= ARGV[1] then return {now, 0, before} end
redis.call('HSET', key, 'health', ARGV[2], 'hopen', ARGV[3], 'hramp', ARGV[4], 'hsince', ARGV[5])
keep()
return {now, 1, ARGV[2]}
`;
