import { GiveUp, message, RetryableError, TryLater } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import { type NaverSearch, UpstreamError } from "@ilgam/upstream";
import type { JobContext } from "../../handling/job-context.ts";
import { outlastOutage, pause } from "../../outages/outlast-outage.ts";
import type { DocumentCountPayload, DocumentCountResult, DocumentSource } from "../contract.ts";
import { countAgeOf } from "../count-age.ts";
import { type Claim, type CountStore, createCountStore, type StoredCount } from "../count-store.ts";
import { resultOf } from "../result-of.ts";

type Context = JobContext<DocumentCountPayload>;
type Search = Pick<NaverSearch, "count">;

/** How long a job waits for another's call in its place before it makes room. */
const patienceMs = 2_000;
const pollMs = 40;
const comeBackMs = 1_000;

/**
 * Counts one keyword: what is cached or being fetched by another job costs no call. A source that
 * fails does not stop the others, whose counts stay in the cache, so that the next try repeats only
 * what is missing.
 * @throws Error at creation when `DOCUMENT_COUNT_CACHE_HOURS` is wrong
 */
export function createDocumentCountProcessor(deps: {
  sql: Sql;
  naver: Search;
  env: Record<string, string | undefined>;
}): (context: Context) => Promise<DocumentCountResult> {
  const store = createCountStore(deps.sql, { age: countAgeOf(deps.env) });
  return (context) => countKeyword(store, deps.naver, context);
}

async function countKeyword(
  store: CountStore,
  naver: Search,
  context: Context,
): Promise<DocumentCountResult> {
  const { payload, signal } = context;
  const { keyword, sources } = payload;
  // The job's own id: after a crash its successor finds the claim that the dead attempt held.
  const token = context.job.id;
  const found = new Map<DocumentSource, StoredCount>();
  const failures = new Map<DocumentSource, Error>();
  const missing = () => sources.filter((one) => !found.has(one) && !failures.has(one));
  let calls = 0;
  let putOff: TryLater | undefined;
  let waitUntil = performance.now() + patienceMs;
  function accept(count: StoredCount): void {
    found.set(count.source, count);
    waitUntil = performance.now() + patienceMs;
    context.progress((found.size / sources.length) * 100, count.source);
  }

  while (!putOff && missing().length > 0) {
    signal.throwIfAborted();
    const take = () => store.take(keyword, missing(), token);
    const { known, claim } = await outlastOutage(take, signal);
    known.forEach(accept);
    if (claim) {
      calls += 1;
      const outcome = await fetchCount(store, naver, context, claim);
      if (outcome instanceof TryLater) putOff = outcome;
      else if (outcome instanceof Error) failures.set(claim.source, outcome);
      else accept(outcome);
    } else if (known.length === 0) putOff = await waitForOthers(waitUntil, signal);
  }
  // A failure consumes an attempt, so it goes before a wait that would give the attempt back.
  const [failure = putOff] = failures.values();
  if (failure) throw failure;
  return resultOf(
    keyword,
    sources.flatMap((one) => found.get(one) ?? []),
    calls === 0,
  );
}

/**
 * Fetches the count that `claim` gives the right to; the claim has ended when it returns. An error
 * after which the other sources are worth a thought is returned.
 * @throws GiveUp, or the signal's reason
 */
async function fetchCount(
  store: CountStore,
  naver: Search,
  context: Context,
  claim: Claim,
): Promise<StoredCount | Error> {
  const { keyword, source } = claim;
  const { signal } = context;
  try {
    signal.throwIfAborted();
    const idempotencyKey = `${context.idempotencyKey}:${source}`;
    const answer = await naver.count({ query: keyword, source, signal, idempotencyKey });
    const { total: count, provider } = answer;
    // Kept even if the job has been stopped meanwhile: the call is made, and others may use it. A
    // claim that lapsed is not stored, the count is right all the same.
    await outlastOutage(() => store.store(claim, count, provider), signal);
    return { source, count, provider };
  } catch (error) {
    await releaseClaim(store, context, claim);
    signal.throwIfAborted();
    if (error instanceof GiveUp) throw error;
    return retryable(error);
  }
}

async function releaseClaim(store: CountStore, context: Context, claim: Claim): Promise<void> {
  try {
    await store.release(claim);
  } catch (error) {
    // Postgres is away. The claim lapses by itself; until then the keyword's other jobs wait.
    const reason = error instanceof Error ? error.message : String(error);
    await context.log("the claim was not released", { source: claim.source, reason });
  }
}

/** An upstream error's sentence may be shown to the client; another error's may not. */
function retryable(error: unknown): Error {
  if (error instanceof UpstreamError) {
    return new RetryableError(error.message, { code: error.code, cause: error });
  }
  return error instanceof Error ? error : new Error("not an error", { cause: error });
}

/** Another job is fetching what is missing: a short wait, or after `until` the reason to go. */
async function waitForOthers(until: number, signal: AbortSignal): Promise<TryLater | undefined> {
  if (performance.now() >= until) {
    const delayMs = comeBackMs * (1 + Math.random());
    return new TryLater(delayMs, message("keyword_in_flight"), { code: "keyword_in_flight" });
  }
  await pause(pollMs * (0.5 + Math.random()), signal);
  return undefined;
}
