import fastifyMultipart from "@fastify/multipart";
import { ApiError } from "@ilgam/contracts";
import {
  type FileStore,
  formFile,
  formOnly,
  type ReceiveUpload,
  type StoredFile,
} from "@ilgam/jobs/files";
import { attachment } from "@ilgam/storage";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers, timestamp } from "../answers.ts";

const tags = ["files"];

/** What any kind may be given. */
const acceptedTypes = [
  "application/pdf",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "application/json",
  "image/png",
  "image/jpeg",
  "image/webp",
  "image/gif",
  "image/tiff",
  "image/avif",
  "text/plain",
  "text/markdown",
  "text/html",
  "text/csv",
];

const FileView = z
  .object({
    id: z.uuid(),
    fileName: z.string(),
    mediaType: z.string().meta({ description: "By its content." }),
    bytes: z.int(),
    sha256: z.string(),
    createdAt: timestamp,
  })
  .meta({ id: "StoredFile" });

const FileParams = z.object({ id: z.string().meta({ description: "The file's id." }) });

/** Files of one's own, to be named in the input of a job. */
export function fileRoutes(deps: {
  files: FileStore;
  receiveUpload: ReceiveUpload;
}): FastifyPluginAsyncZod {
  return async (app) => {
    await app.register(fastifyMultipart);
    addUpload(app, deps);
    addReads(app, deps);
    addDelete(app, deps);
  };
}

type App = Parameters<FastifyPluginAsyncZod>[0];

function addUpload(app: App, { receiveUpload }: { receiveUpload: ReceiveUpload }): void {
  app.post(
    "/v1/files",
    {
      schema: {
        tags,
        operationId: "uploadFile",
        summary: "Upload a file, as the field 'file' of a form",
        consumes: formOnly,
        form: z.object({ file: formFile }),
        response: answers({ 201: FileView }, [
          ...(["malformed_form", "file_too_large", "form_required"] as const),
          ...(["unsupported_file_type", "invalid_field", "storage_unavailable"] as const),
        ]),
      },
    },
    async (request, reply) => {
      const { files } = await receiveUpload(request, { accept: acceptedTypes });
      const [file] = files as [StoredFile];
      return reply.code(201).header("location", `/v1/files/${file.id}`).send(file);
    },
  );
}

/** The content is streamed, never serialized: its schema is for the document. */
const downloaded: Record<number, unknown> = {
  ...answers({}, ["file_not_found", "storage_unavailable"]),
  200: { description: "The file.", content: { "application/octet-stream": { schema: formFile } } },
};

function addReads(app: App, { files }: { files: FileStore }): void {
  app.get(
    "/v1/files/:id",
    {
      schema: {
        tags,
        operationId: "getFile",
        summary: "Read what is known of a file",
        params: FileParams,
        response: answers({ 200: FileView }, ["file_not_found"]),
      },
    },
    async ({ tenantId, params }) => {
      const file = await files.find(tenantId, params.id);
      if (!file) throw new ApiError("file_not_found");
      return file;
    },
  );
  app.get(
    "/v1/files/:id/content",
    {
      schema: {
        tags,
        operationId: "downloadFile",
        summary: "Download a file",
        params: FileParams,
        response: downloaded,
      },
    },
    async ({ tenantId, params }, reply) => {
      const found = await files.open(tenantId, params.id);
      if (!found) throw new ApiError("file_not_found");
      const { file, content } = found;
      // Others' content from our address: never shown as a page, never guessed at.
      return reply
        .headers({
          "content-type": file.mediaType,
          "content-length": file.bytes,
          "content-disposition": attachment(file.fileName),
          "content-security-policy": "sandbox; default-src 'none'",
          "cache-control": "private, no-store",
          "x-content-type-options": "nosniff",
        })
        .send(content);
    },
  );
}

function addDelete(app: App, { files }: { files: FileStore }): void {
  app.delete(
    "/v1/files/:id",
    {
      schema: {
        tags,
        operationId: "deleteFile",
        summary: "Delete a file that no open job uses",
        params: FileParams,
        response: answers({ 204: z.undefined() }, ["file_not_found", "file_in_use"]),
      },
    },
    async ({ tenantId, params }, reply) => {
      const [removal] = await files.remove(tenantId, [params.id]);
      if (removal === "in_use") throw new ApiError("file_in_use");
      if (removal !== "removed") throw new ApiError("file_not_found");
      return reply.code(204).send();
    },
  );
}
