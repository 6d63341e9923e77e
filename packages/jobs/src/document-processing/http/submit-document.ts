import { ApiError, inUtc } from "@ilgam/contracts";
import { type Database, submitAll } from "@ilgam/db";
import { z } from "zod";
import { documentText } from "../../document-text/contract.ts";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import type { Upload } from "../../uploads/receive-upload.ts";
import { documentProcessing } from "../contract.ts";
import type { UploadFields } from "./schemas.ts";

export type SubmittedDocument = { documentId: number; jobId: string };

const StoredAnswer = z.object({ documentId: z.int(), jobId: z.uuid() });

type Needs = Pick<RouteDependencies, "submitter" | "files"> & { db: Database };

type Submission = {
  tenantId: string;
  fields: UploadFields;
  /** The header Idempotency-Key. */
  key: string | undefined;
};

const insert = `
INSERT INTO documents (id, tenant_id, container_id, file_id, file_name, media_type, sha256, job_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;

const route = "POST /api/v1/documents/upload";

/**
 * Makes a document and its job of an upload, in one transaction; durable when it resolves. A repeated
 * Idempotency-Key answers as the first time. A file that came for nothing is not kept.
 * @throws ApiError idempotency_conflict
 */
export async function submitDocument(
  deps: Needs,
  upload: Upload,
  of: Submission,
): Promise<SubmittedDocument> {
  const drop = () =>
    deps.files.remove(
      of.tenantId,
      upload.files.map(({ id }) => id),
    );
  try {
    const submitted = await submit(deps, upload, of);
    // Retention deletes what the store keeps for now; the answer is known all the same.
    if (submitted.isReplay) await drop().catch(() => undefined);
    return submitted;
  } catch (error) {
    // Not by force: when only the reply of the commit was lost, the job needs it. What cannot be
    // removed now is removed by retention.
    await drop().catch(() => undefined);
    throw error;
  }
}

async function submit(
  { db, submitter, files }: Needs,
  upload: Upload,
  { tenantId, fields, key }: Submission,
): Promise<SubmittedDocument & { isReplay: boolean }> {
  const [file] = upload.files;
  if (!file) throw new Error("an upload without a file is refused before");
  const { container_id: containerId, use_multimodal: isMultimodal, priority } = fields;
  const callbackUrl = fields.callback_url ?? fields.callbackUrl;
  const runAt = fields.runAt && inUtc(fields.runAt);
  const { sha256, fileName } = file;
  const documentId = await nextId(db);
  const { submission, announce } = await submitter.prepare({
    tenantId,
    kind: isMultimodal ? documentProcessing.kind : documentText.kind,
    jobs: [{ input: { fileId: file.id, containerId }, priority, runAt, callbackUrl }],
    ...(key !== undefined && {
      idempotency: {
        ...{ route, key },
        content: { sha256, fileName, containerId, isMultimodal, priority, callbackUrl, runAt },
        response: ({ ids }) => ({ documentId, jobId: ids[0] }),
      },
    }),
  });
  const jobId = submission.subjectId;
  const outcome = await db.sql.transaction(async (tx) => {
    const [submitted] = await submitAll(tx, [submission]);
    if (submitted?.status !== "accepted") return submitted;
    if (!(await files.attach(tx, { tenantId, fileIds: [file.id], jobId }))) {
      throw new ApiError("file_not_found");
    }
    const { id, mediaType } = file;
    await tx.query(insert, [
      ...[documentId, tenantId, containerId, id, fileName, mediaType, sha256, jobId],
    ]);
    return submitted;
  });
  if (outcome?.status === "replayed") {
    return { ...StoredAnswer.parse(outcome.response), isReplay: true };
  }
  if (outcome?.status !== "accepted") throw new ApiError("idempotency_conflict");
  announce();
  return { documentId, jobId, isReplay: false };
}

/** Taken before the row is written, for the answer that is kept under the Idempotency-Key. */
async function nextId(db: Database): Promise<number> {
  const [row] = await db.sql.query<{ id: number }>("SELECT nextval('documents_id_seq') AS id");
  if (!row) throw new Error("a sequence always has a next value");
  return row.id;
}
