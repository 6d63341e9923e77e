/** Why a file could not be stored or read: too large for its limit, empty, not there, or no store. */
export type StorageErrorCode = "too_large" | "empty" | "missing" | "unavailable";

/** `unavailable` passes: the disk is full, the store is away. The cause is for the log. */
export class StorageError extends Error {
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, cause?: unknown) {
    super(`the file is ${code.replace("_", " ")}`, { cause });
    this.name = "StorageError";
    this.code = code;
  }
}

/** A refused `work` of the disk or the store as `unavailable`; our own errors stay as they are. */
export function unavailable(error: unknown): StorageError {
  return error instanceof StorageError ? error : new StorageError("unavailable", error);
}
