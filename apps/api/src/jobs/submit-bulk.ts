import { ApiError, JobSubmission, type JobView } from "@ilgam/contracts";
import { type Database, newId } from "@ilgam/db";
import { contentHash, type Submitter } from "@ilgam/queue";
import type { Kinds } from "../kinds/resolve-kinds.ts";
import { type Refusal, refusalOf } from "../plugins/refusal.ts";
import { parseUnder } from "../plugins/zod-validator.ts";
import { type Caller, type KeyedRoute, type SubmittedJob, submitOne } from "./submit-one.ts";

type Deps = { kinds: Kinds; submitter: Submitter; db: Database; bodyLimitBytes: number };

export type BulkItem = { index: number; job: JobView } | { index: number; refusal: Refusal };

export type BulkOutcome = { items: BulkItem[]; replayed: boolean };

const route = "POST /v1/jobs/bulk";
const keyTtlMs = 24 * 3_600_000;

/**
 * Accepts or refuses each item by itself. With a key, a repetition gets the first answer, and
 * items that a crash kept from being accepted are accepted then.
 * @throws ApiError idempotency_conflict
 */
export async function submitBulk(
  deps: Deps,
  jobs: readonly unknown[],
  caller: Caller,
  key: string | undefined,
): Promise<BulkOutcome> {
  const replayed = key !== undefined && (await claimKey(deps.db, jobs, caller, key));
  const keyed = (index: number): KeyedRoute | undefined =>
    key === undefined ? undefined : { route: `${route} item ${index}`, key };
  const submit = (index: number) => submitItem(deps, jobs[index], index, caller, keyed(index));
  // The first goes ahead: it fills what the placing of the others only has to look up.
  const first = jobs.length > 0 ? [await submit(0)] : [];
  const others = Array.from({ length: jobs.length - first.length }, (_, order) => order + 1);
  const items = [...first, ...(await Promise.all(others.map(submit)))];
  return { items, replayed };
}

async function submitItem(
  deps: Deps,
  item: unknown,
  index: number,
  caller: Caller,
  keyed: KeyedRoute | undefined,
): Promise<BulkItem> {
  try {
    const submission = parseUnder(JobSubmission, item, []);
    const { job }: SubmittedJob = await submitOne(deps, submission, caller, keyed);
    return { index, job };
  } catch (error) {
    const refusal = refusalOf(error, caller.language, deps.bodyLimitBytes);
    if (refusal.code === "internal") throw error;
    return { index, refusal };
  }
}

/**
 * Takes the key for this very list of jobs; true when it was taken for the same before.
 * A submission without jobs holds nothing but its key.
 */
async function claimKey(
  db: Database,
  jobs: readonly unknown[],
  caller: Caller,
  key: string,
): Promise<boolean> {
  const outcome = await db.submit({
    subjectId: newId(),
    jobs: [],
    idempotency: {
      tenantId: caller.tenantId,
      route,
      key,
      hash: contentHash(jobs),
      response: {},
      ttlMs: keyTtlMs,
    },
  });
  if (outcome.status === "conflict") throw new ApiError("idempotency_conflict");
  return outcome.status === "replayed";
}
