import { buffer } from "node:stream/consumers";
import { GiveUp, message } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import { type NormalImage, normalizeImage, UnreadableImage } from "@ilgam/parsing";
import type { JobContext } from "../../handling/job-context.ts";
import type { FileStore, StoredFile } from "../../uploads/file-store.ts";

type Context = JobContext<{ fileId: string }>;

/**
 * The job's file, which stays from then on until the job is over, however the job was submitted.
 * @throws GiveUp when it is gone or of another type than `accept`
 */
export async function holdFile(
  { sql, files }: { sql: Sql; files: FileStore },
  { payload, job }: Pick<Context, "payload" | "job">,
  accept: readonly string[],
): Promise<StoredFile> {
  const { tenantId, id: jobId } = job;
  const isThere = await files.attach(sql, { tenantId, fileIds: [payload.fileId], jobId });
  const file = isThere ? await files.find(tenantId, payload.fileId) : undefined;
  if (!file) throw gone();
  if (accept.includes(file.mediaType)) return file;
  const values = { type: file.mediaType, accepted: accept.join(", ") };
  throw new GiveUp(message("unsupported_file_type", "ko", values), { code: "file_type" });
}

/** The image as the model is to see it. @throws GiveUp, StorageError, the signal's reason */
export async function openImage(
  files: FileStore,
  { payload, job, signal }: Pick<Context, "payload" | "job" | "signal">,
  options: { longestSide: number; maxPixels: number },
): Promise<NormalImage> {
  signal.throwIfAborted();
  const opened = await files.open(job.tenantId, payload.fileId, { signal });
  if (!opened) throw gone();
  const bytes = await buffer(opened.content).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  try {
    return await normalizeImage(bytes, options);
  } catch (error) {
    throw error instanceof UnreadableImage ? giveUpOf(error, options.maxPixels) : error;
  }
}

function gone(): GiveUp {
  return new GiveUp(message("file_not_found"), { code: "file_gone" });
}

/** For a picture that cannot be read, however often it is tried. */
export function giveUpOf(error: UnreadableImage, limit: number): GiveUp {
  const isTooLarge = error.problem === "too_many_pixels";
  const sentence = isTooLarge
    ? message("image_too_many_pixels", "ko", { limit })
    : message("image_corrupt");
  return new GiveUp(sentence, { code: `image_${error.problem}`, cause: error });
}
