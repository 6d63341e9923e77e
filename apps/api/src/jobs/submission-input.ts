import { ApiError, inUtc, type JobSubmission, type Language, message } from "@ilgam/contracts";
import type { JobRequest } from "@ilgam/queue";
import { type Kinds, publicKind } from "../kinds/resolve-kinds.ts";
import { parseUnder } from "../plugins/zod-validator.ts";

/** Longest JSON of a job's metadata, bytes: it travels with every claim of the job. */
const maxMetadataBytes = 16 * 1024;

function assertMetadataFits(metadata: Record<string, unknown>, language: Language): void {
  if (Buffer.byteLength(JSON.stringify(metadata)) <= maxMetadataBytes) return;
  const problem = message("metadata_too_large", language, { limit: maxMetadataBytes });
  throw new ApiError("invalid_field", { details: [{ path: "metadata", problem }] });
}

/**
 * The job that a submission asks for, its input parsed by its kind's schema.
 * @throws ApiError unknown_kind, invalid_field
 * @throws InvalidInput naming the input's fields
 */
export function jobRequestOf(
  kinds: Kinds,
  submission: JobSubmission,
  language: Language,
): JobRequest {
  const { definition } = publicKind(kinds, submission.kind);
  const { kind: _, runAt, ...rest } = submission;
  assertMetadataFits(submission.metadata, language);
  return {
    ...rest,
    runAt: runAt && inUtc(runAt),
    input: parseUnder(definition.payload, submission.input, ["input"]),
  };
}
