import { ApiError, message, Priority } from "@ilgam/contracts";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { submissionFields } from "../../../submitting/submission-fields.ts";
import { formFile } from "../../../uploads/form-file.ts";
import { type GivenRows, maxRows, rowFields } from "./given-row.ts";
import { readForm } from "./read-form.ts";
import { readFile } from "./spreadsheet/read-file.ts";

/** How the jobs of a submission are to be run, by body or form. */
export const SubmissionOptions = z.object({
  priority: Priority.default("normal"),
  ...submissionFields,
});
export type SubmissionOptions = z.output<typeof SubmissionOptions>;

const FormFields = SubmissionOptions.extend({ sheet: z.string().max(200).optional() });

/** The form of an upload, as the API's description says it. */
export const UploadForm = FormFields.extend({ file: formFile });

export type Upload = GivenRows & { options: SubmissionOptions };

/**
 * The rows of an upload as they came, from JSON or from the CSV or XLSX of a form.
 * @throws ApiError payload_too_large, malformed_form, invalid_request, invalid_field, overloaded;
 *   ZodError for an option
 */
export async function readUpload(request: FastifyRequest, maxBytes: number): Promise<Upload> {
  if (!request.isMultipart()) return readJson(request);
  const { language } = request;
  const { file, fields } = await readForm(request, maxBytes);
  const { sheet, ...options } = FormFields.parse(fields, { reportInput: true });
  const given = await readFile(file, { sheet, maxCharacters: maxBytes }, language);
  return { ...given, options };
}

const Body = z.looseObject({ questions: z.array(z.unknown()) });

function readJson({ body, language }: FastifyRequest): Upload {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    const details = [{ path: "", problem: message("upload_form", language) }];
    throw new ApiError("invalid_request", { details });
  }
  const { questions } = Body.parse(body, { reportInput: true });
  const wrong = (key: "items_too_few" | "items_too_many", limit: number) => {
    const details = [{ path: "questions", problem: message(key, language, { limit }) }];
    return new ApiError("invalid_field", { details });
  };
  if (questions.length === 0) throw wrong("items_too_few", 1);
  if (questions.length > maxRows) throw wrong("items_too_many", maxRows);
  const rows = questions.map((values, index) => ({ row: index + 1, values }));
  return { header: rowFields, rows, options: SubmissionOptions.parse(body, { reportInput: true }) };
}
