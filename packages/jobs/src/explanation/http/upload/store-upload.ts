import { ApiError, inUtc, type Language, message } from "@ilgam/contracts";
import { newId, type Sql, type Submission, submitAll } from "@ilgam/db";
import type { RouteDependencies } from "../../../routing/route-dependencies.ts";
import { newBatchName } from "../../../submitting/new-batch-name.ts";
import { explanation } from "../../contract.ts";
import { type QuestionView, questionView } from "../question-views.ts";
import { type QueueStatus, readQueueStatus } from "../queue-status.ts";
import type { NewQuestion } from "./check-rows.ts";
import { insertQuestions, type StoredQuestion, takeNumbers } from "./insert-questions.ts";
import type { SubmissionOptions } from "./read-upload.ts";

export type UploadAnswer = {
  success: true;
  data: QuestionView[];
  message: string;
  backgroundJobs: number;
  queueStatus: QueueStatus;
  /** The jobs' batch in the generic API; null when there are none. */
  batchId: string | null;
};

export type Uploader = {
  tenantId: string;
  language: Language;
  setId: string;
  idempotencyKey: string | undefined;
};

type Prepared = { questions: StoredQuestion[]; submission: Submission; announce(): void };

/** The key was known: what it was answered, to be thrown so that all else is rolled back. */
class Replayed extends Error {
  readonly answer: unknown;
  constructor(answer: unknown) {
    super("replayed");
    this.answer = answer;
  }
}

/**
 * Stores the questions and the jobs that explain them in one transaction: all or none.
 * @throws ApiError set_not_found, invalid_rows (ids that exist), idempotency_conflict
 */
export async function storeUpload(
  deps: Pick<RouteDependencies, "db" | "submitter">,
  rows: NewQuestion[],
  options: SubmissionOptions,
  uploader: Uploader,
): Promise<UploadAnswer> {
  const prepared = await prepare(deps, rows, options, uploader);
  try {
    const answer = await deps.db.sql.transaction((tx) => write(tx, prepared, uploader));
    if (answer.backgroundJobs > 0) prepared.announce();
    return answer;
  } catch (error) {
    // It was written by this very function.
    if (error instanceof Replayed) return error.answer as UploadAnswer;
    throw error;
  }
}

/** Ids and places in the queue, before the transaction: they take connections of their own. */
async function prepare(
  { submitter }: Pick<RouteDependencies, "submitter">,
  rows: NewQuestion[],
  options: SubmissionOptions,
  { tenantId, setId, idempotencyKey }: Uploader,
): Promise<Prepared> {
  const { priority, runAt: startAt } = options;
  const runAt = startAt && inUtc(startAt);
  const callbackUrl = options.callback_url ?? options.callbackUrl;
  const named = rows.map((question) => ({ ...question, id: question.id ?? newId() }));
  const unexplained = named.filter((question) => question.explanation === undefined);
  const { submission, announce } = await submitter.prepare({
    tenantId,
    kind: explanation.kind,
    jobs: unexplained.map(({ id: questionId }) => ({
      ...{ input: { questionId }, priority, runAt },
      tags: [`set:${setId}`],
      metadata: { setId, questionId },
    })),
    batch: { publicId: newBatchName("explanations"), callbackUrl, metadata: { setId } },
    ...(idempotencyKey !== undefined && {
      idempotency: {
        route: "POST /admin/sets/:setId/questions/bulk-upload",
        key: idempotencyKey,
        content: { setId, questions: rows, priority, runAt, callbackUrl },
        // Written with the answer, which only the transaction knows.
        response: () => null,
      },
    }),
  });
  const jobOf = new Map(unexplained.map(({ id }, at) => [id, submission.jobs[at]?.id ?? null]));
  const questions = named.map((question) => ({
    ...question,
    jobId: jobOf.get(question.id) ?? null,
  }));
  return { questions, submission, announce };
}

async function write(
  tx: Sql,
  { questions, submission }: Prepared,
  { tenantId, setId, language }: Uploader,
): Promise<UploadAnswer> {
  const { firstNumber, at: storedAt } = await takeNumbers(tx, {
    ...{ tenantId, setId, count: questions.length },
  });
  const before = await readQueueStatus(tx, tenantId);
  const count = submission.jobs.length;
  const answer: UploadAnswer = {
    success: true,
    data: questions.map((question, at) => viewOf(question, firstNumber + at, storedAt, language)),
    message: sentenceOf(questions.length, count, language),
    backgroundJobs: count,
    queueStatus: {
      ...before,
      queueSize: before.queueSize + count,
      oldestJob: before.oldestJob ?? (count > 0 ? storedAt.toISOString() : null),
    },
    batchId: count > 0 ? (submission.batch?.publicId ?? null) : null,
  };
  const { idempotency, batch } = submission;
  // The key goes first: of a repetition nothing else is looked at.
  const [outcome] = await submitAll(tx, [
    {
      ...submission,
      // Without jobs there is nothing to batch; only the key is kept.
      batch: count > 0 ? batch : undefined,
      idempotency: idempotency && { ...idempotency, response: answer },
    },
  ]);
  if (outcome?.status === "conflict") throw new ApiError("idempotency_conflict");
  if (outcome?.status === "replayed") throw new Replayed(outcome.response);
  await insertQuestions(tx, questions, { tenantId, setId, firstNumber, language });
  return answer;
}

function viewOf(question: StoredQuestion, number: number, at: Date, language: Language) {
  const { id, questionText, options, correctAnswer, explanation: own = null, jobId } = question;
  return questionView(
    {
      ...{ id, questionNumber: number, questionText, options, correctAnswer, explanation: own },
      ...{ explainedAt: own === null ? null : at, explainedRun: null, jobId },
      ...{ jobStatus: jobId === null ? null : "queued", jobRun: 1, waitReason: null },
      jobError: null,
    },
    language,
  );
}

function sentenceOf(questions: number, jobs: number, language: Language): string {
  const stored = message("upload_stored", language, { count: questions });
  if (jobs === 0) return stored;
  return `${stored} ${message("upload_explaining", language, { count: jobs })}`;
}
