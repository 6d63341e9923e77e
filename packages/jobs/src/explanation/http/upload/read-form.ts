import type { MultipartFile } from "@fastify/multipart";
import { ApiError } from "@ilgam/contracts";
import type { FastifyRequest } from "fastify";
import { fileProblem } from "./file-problem.ts";

export type Form = {
  file: Buffer;
  /** By their names; blank ones are left out. */
  fields: Record<string, unknown>;
};

const fewParts = { fieldSize: 10_000, fields: 50, files: 2, parts: 60 };

/**
 * A form with one file. It is read to its end, whatever is wrong with it: fields may follow the file.
 * @throws ApiError payload_too_large, malformed_form, invalid_field
 */
export async function readForm(request: FastifyRequest, maxBytes: number): Promise<Form> {
  const { language } = request;
  const fields: Record<string, unknown> = {};
  const files: Buffer[] = [];
  try {
    for await (const part of request.parts({ limits: { ...fewParts, fileSize: maxBytes } })) {
      if (part.type === "file") {
        const bytes = await bytesOf(part, maxBytes);
        if (part.fieldname === "file") files.push(bytes);
      } else if (part.value !== "") fields[part.fieldname] = part.value;
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    // Nothing but the form's own parser is at work here, and its errors are of many sorts.
    throw new ApiError("malformed_form", { cause: error });
  }
  const [file, second] = files;
  if (!file) throw fileProblem("file_missing", language);
  if (second) throw fileProblem("files_too_many", language, { limit: 1 });
  return { file, fields };
}

async function bytesOf(part: MultipartFile, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new ApiError("payload_too_large", { values: { limit: maxBytes } });
  const bytes = await part.toBuffer().catch((error: unknown) => {
    throw part.file.truncated ? tooLarge() : error;
  });
  if (part.file.truncated) throw tooLarge();
  return bytes;
}
