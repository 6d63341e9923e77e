import type { JobSubmission, JobView, Language } from "@ilgam/contracts";
import type { Submitter } from "@ilgam/queue";
import { type Kinds, publicKind } from "../kinds/resolve-kinds.ts";
import { type AcceptedJob, acceptedJob, acceptedView } from "./accepted-view.ts";
import { jobRequestOf } from "./submission-input.ts";

export type Caller = { tenantId: string; language: Language };
export type KeyedRoute = { route: string; key: string };
export type SubmittedJob = { job: JobView; replayed: boolean };

/**
 * Accepts one job; durable when it resolves. With a key, a repetition gets the first answer.
 * @throws ApiError unknown_kind, invalid_field, input_too_large, idempotency_conflict
 * @throws InvalidInput, Unavailable, Overloaded
 */
export async function submitOne(
  deps: { kinds: Kinds; submitter: Submitter },
  submission: JobSubmission,
  caller: Caller,
  keyed?: KeyedRoute,
): Promise<SubmittedJob> {
  const request = jobRequestOf(deps.kinds, submission, caller.language);
  const { policy } = publicKind(deps.kinds, submission.kind);
  const accepted = (id: string) => acceptedJob(id, submission, policy);
  const outcome = await deps.submitter.submit({
    tenantId: caller.tenantId,
    kind: submission.kind,
    jobs: [request],
    ...(keyed && {
      idempotency: {
        ...keyed,
        content: submission,
        response: ({ ids }) => accepted(ids[0] as string),
      },
    }),
  });
  const replayed = outcome.status === "replayed";
  const job = replayed ? (outcome.response as AcceptedJob) : accepted(outcome.ids[0] as string);
  return { job: acceptedView(job, submission, outcome.at, caller), replayed };
}
