import { ApiError, inUtc, type Language, message } from "@ilgam/contracts";
import { submitAll } from "@ilgam/db";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import type { StoredFile } from "../../uploads/file-store.ts";
import type { SubmissionFields } from "./schemas.ts";

export type TaskOrder<Answer> = {
  tenantId: string;
  kind: string;
  /** As in `POST /background/…`: idempotency keys are apart by it. */
  route: string;
  idempotencyKey: string | undefined;
  /** One task each. */
  files: StoredFile[];
  /** The rest of the tasks' input. */
  about: Record<string, unknown>;
  fields: SubmissionFields;
  /** Makes the tasks a batch of this name; its callback is then one for all. */
  batch?: string;
  /** What is told, from the ids in the order of the files; a repetition gets it again. */
  answer(ids: string[]): Answer;
};

type Needs = Pick<RouteDependencies, "db" | "submitter" | "files">;

/**
 * Stores the tasks, which then hold their files; durable when it resolves. Files that no task holds
 * afterwards are deleted.
 * @throws ApiError idempotency_conflict
 */
export async function submitTasks<Answer>(deps: Needs, order: TaskOrder<Answer>): Promise<Answer> {
  const { tenantId, files, answer } = order;
  const { submission, announce } = await prepare(deps, order).catch(async (error) => {
    await dropFiles(deps, order);
    throw error;
  });
  const ids = submission.jobs.map(({ id }) => id);
  try {
    const outcome = await deps.db.sql.transaction(async (tx) => {
      const [made] = await submitAll(tx, [submission]);
      for (const [at, file] of made?.status === "accepted" ? files.entries() : []) {
        const use = { tenantId, fileIds: [file.id], jobId: ids[at] as string };
        if (!(await deps.files.attach(tx, use))) throw new Error("the upload is gone already");
      }
      return made;
    });
    if (outcome?.status === "conflict") throw new ApiError("idempotency_conflict");
    if (outcome?.status === "replayed") {
      await dropFiles(deps, order);
      return outcome.response as Answer;
    }
  } catch (error) {
    await dropFiles(deps, order);
    throw error;
  }
  announce();
  return answer(ids);
}

function prepare<Answer>({ submitter }: Needs, order: TaskOrder<Answer>) {
  const { tenantId, kind, files, about, fields, batch, route, idempotencyKey: key } = order;
  const callbackUrl = fields.callback_url ?? fields.callbackUrl;
  const runAt = fields.runAt && inUtc(fields.runAt);
  const { priority } = fields;
  const content = { files: files.map(({ sha256 }) => sha256), about, priority, callbackUrl, runAt };
  return submitter.prepare({
    ...{ tenantId, kind },
    jobs: files.map(({ id, fileName }) => ({
      input: { fileId: id, ...about },
      ...{ priority, runAt, metadata: { fileName } },
      ...(batch === undefined && { callbackUrl }),
    })),
    ...(batch !== undefined && { batch: { publicId: batch, callbackUrl } }),
    ...(key !== undefined && {
      idempotency: { route, key, content, response: ({ ids }) => order.answer(ids) },
    }),
  });
}

/** Not what a task holds: its transaction may have been committed although its answer was lost. */
async function dropFiles({ files }: Needs, order: Pick<TaskOrder<never>, "tenantId" | "files">) {
  const ids = order.files.map(({ id }) => id);
  // The answer is what matters; retention deletes what Postgres or the store keeps for now.
  await files.remove(order.tenantId, ids).catch(() => undefined);
}

/** The answer to one task. */
export function acceptedTask(
  id: string,
  started: "image_analysis_started" | "table_extraction_started",
  language: Language,
) {
  return {
    success: true as const,
    message: message(started, language),
    task_id: id,
    status: "pending" as const,
    check_status_url: statusUrlOf(id),
  };
}

export function statusUrlOf(id: string): string {
  return `/background/task-status/${id}`;
}
