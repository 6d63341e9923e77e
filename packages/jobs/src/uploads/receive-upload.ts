import type { Multipart, MultipartFile } from "@fastify/multipart";
import { ApiError, message } from "@ilgam/contracts";
import { displayName, type ReceivedFile, type Storage, StorageError } from "@ilgam/storage";
import type { FastifyRequest } from "fastify";
import type { FileStore, StoredFile } from "./file-store.ts";

export type UploadRules = {
  /** Media types, by content. */
  accept: readonly string[];
  /** Parts named `file`; default 1. */
  maxFiles?: number;
  /** Of each file; default UPLOAD_MAX_BYTES. */
  maxBytes?: number;
  /**
   * A file that is refused: `refuse` (default) the whole request, or `report` it among the parts
   * and go on with the others.
   */
  badFile?: "refuse" | "report";
  /**
   * A closer look (is it a whole picture? how many pixels?) at a file that has come in but is not
   * stored; it lies at `path`. @throws ApiError to refuse it
   */
  check?(file: Pick<ReceivedFile, "path" | "mediaType" | "bytes">): Promise<void>;
};

/** One `file` part: stored, or (with `badFile: "report"`) why it was not. */
export type UploadedPart =
  | { fileName: string; file: StoredFile; error?: undefined }
  | { fileName: string; file?: undefined; error: ApiError };

export type Upload = {
  /** In the order they came. */
  parts: UploadedPart[];
  /** Those of `parts` that are stored. */
  files: StoredFile[];
  /** The other fields, before and after the files; of a repeated one the last. */
  fields: Record<string, string>;
  /** Takes the stored files back, for a request that is refused after all. */
  discard(): Promise<void>;
};

/**
 * Reads a multipart request, its files straight into the storage: durable when it resolves. When it
 * throws, nothing of the request is left.
 * @throws ApiError form_required, malformed_form, file_too_large, unsupported_file_type,
 *   invalid_field, what `check` throws; StorageError unavailable
 */
export type ReceiveUpload = (request: FastifyRequest, rules: UploadRules) => Promise<Upload>;

/** Bytes that the form may take beside its files. */
const formBytes = 1_048_576;
const maxFields = 50;
const maxFieldBytes = 65_536;

type Dependencies = { files: FileStore; storage: Storage; maxBytes: number };

export function createUploadReceiver(deps: Dependencies): ReceiveUpload {
  return async (request, rules) => {
    const limits = { maxFiles: 1, maxBytes: deps.maxBytes, ...rules };
    assertReadable(request, limits);
    const upload: Pick<Upload, "parts" | "fields"> = { parts: [], fields: {} };
    const filesOf = () => upload.parts.flatMap(({ file }) => file ?? []);
    const discard = () =>
      deps.files.discard(
        request.tenantId,
        filesOf().map(({ id }) => id),
      );
    try {
      for await (const part of partsOf(request, limits)) {
        if (part.type === "field") addField(upload.fields, part);
        else upload.parts.push(await receivePart(deps, request, { part, limits, upload }));
      }
      if (upload.parts.length === 0) throw fieldError(request, "file", "file_missing");
    } catch (error) {
      // What is still to come must not wait for a reader that has gone.
      request.raw.unpipe();
      // The refusal is what matters; retention deletes what Postgres or the store keeps for now.
      await discard().catch(() => undefined);
      throw error;
    }
    return { ...upload, files: filesOf(), discard };
  };
}

type Limits = UploadRules & { maxFiles: number; maxBytes: number };

function assertReadable(request: FastifyRequest, { maxFiles, maxBytes }: Limits): void {
  if (!request.isMultipart()) throw new ApiError("form_required");
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > maxFiles * maxBytes + formBytes) throw tooLarge(maxBytes);
}

/** The parts as they come; a form that cannot be read is the client's fault. */
async function* partsOf(request: FastifyRequest, { maxFiles, maxBytes }: Limits) {
  const options = {
    // Unknown to its types: a part that is cut off is one file's affair, not the end of the form.
    throwFileSizeLimit: false,
    limits: {
      fileSize: maxBytes,
      // One more than may come, so that the refusal can say so.
      files: maxFiles + 1,
      fields: maxFields,
      parts: maxFiles + 1 + maxFields,
      fieldSize: maxFieldBytes,
      fieldNameSize: 200,
      headerPairs: 100,
    },
  };
  try {
    yield* request.parts(options);
  } catch (error) {
    throw new ApiError("malformed_form", { cause: error });
  }
}

function addField(fields: Record<string, string>, part: Multipart): void {
  if (part.type !== "field") return;
  if (part.fieldnameTruncated || part.valueTruncated) throw new ApiError("malformed_form");
  const { value } = part;
  fields[part.fieldname] = typeof value === "string" ? value : JSON.stringify(value);
}

async function receivePart(
  deps: Dependencies,
  request: FastifyRequest,
  { part, limits, upload }: { part: MultipartFile; limits: Limits; upload: Pick<Upload, "parts"> },
): Promise<UploadedPart> {
  if (part.fieldname !== "file") throw fieldError(request, part.fieldname, "file_field_unknown");
  const { maxFiles } = limits;
  if (upload.parts.length === maxFiles) {
    throw fieldError(request, "file", "files_too_many", { limit: maxFiles });
  }
  const fileName = displayName(part.filename);
  try {
    const received = await receiveFile(deps.storage, request, { part, limits });
    const file = await deps.files.save(received, { tenantId: request.tenantId, fileName });
    return { fileName, file };
  } catch (error) {
    const isOfFile = error instanceof ApiError && error.code !== "malformed_form";
    if (limits.badFile !== "report" || !isOfFile) throw error;
    return { fileName, error };
  }
}

/** The part's content, whole and of a type that is accepted, or nothing. */
async function receiveFile(
  storage: Storage,
  request: FastifyRequest,
  { part, limits }: { part: MultipartFile; limits: Limits },
): Promise<ReceivedFile> {
  const { maxBytes, accept, check } = limits;
  const received = await storage
    .receive(part.file, { maxBytes, fileName: displayName(part.filename) })
    .catch((error: unknown) => {
      if (error instanceof StorageError) {
        if (error.code === "empty") throw fieldError(request, "file", "file_empty");
        throw error;
      }
      // The stream itself broke: the client has gone, or the form ends in the middle.
      throw new ApiError("malformed_form", { cause: error });
    });
  try {
    // The parser cuts a longer one off, and reads over the rest.
    if (part.file.truncated) throw tooLarge(maxBytes);
    if (!accept.includes(received.mediaType)) {
      if (/^image\/hei[cf]/.test(received.mediaType)) throw new ApiError("heic_not_supported");
      const values = { type: received.mediaType, accepted: accept.join(", ") };
      throw new ApiError("unsupported_file_type", { values });
    }
    await check?.(received);
    return received;
  } catch (error) {
    await received.discard();
    throw error;
  }
}

function tooLarge(limit: number): ApiError {
  return new ApiError("file_too_large", { values: { limit } });
}

function fieldError(
  { language }: FastifyRequest,
  path: string,
  key: Parameters<typeof message>[0],
  values: Record<string, number> = {},
): ApiError {
  return new ApiError("invalid_field", {
    details: [{ path, problem: message(key, language, values) }],
  });
}
