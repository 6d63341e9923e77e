import { ApiError, type Language, message } from "@ilgam/contracts";
import { attachment } from "@ilgam/storage";
import type { FastifyReply } from "fastify";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { RouteDependencies } from "../../../routing/route-dependencies.ts";
import { idempotencyKeyOf } from "../../../submitting/idempotency-key.ts";
import { readSet } from "../passage-sets.ts";
import * as http from "../schemas.ts";
import { checkRows } from "./check-rows.ts";
import { readUpload, UploadForm } from "./read-upload.ts";
import { refusedRowsCsv } from "./refused-rows.ts";
import { storeUpload } from "./store-upload.ts";

const Limit = z.coerce.number().int().min(1_024).max(1_000_000_000).default(10_485_760);

/** @throws Error when the setting is wrong */
function uploadLimitOf({
  EXPLANATION_UPLOAD_LIMIT_BYTES: given,
}: RouteDependencies["env"]): number {
  const limit = Limit.safeParse(given === "" ? undefined : given);
  if (limit.success) return limit.data;
  throw new Error(
    `EXPLANATION_UPLOAD_LIMIT_BYTES must be a whole number from 1024 to 1000000000, not "${given}"`,
  );
}

/** With `errors=csv`, beside the refusal in JSON. */
const refusedRows = {
  description: "The rows that are refused.",
  content: { "text/csv": { schema: z.string() } },
};

/** The upload of a set's questions, as JSON, XLSX or CSV. */
export function uploadRoute(deps: RouteDependencies): FastifyPluginAsyncZod {
  const bodyLimit = uploadLimitOf(deps.env);
  return async (app) => {
    app.post(
      "/admin/sets/:setId/questions/bulk-upload",
      {
        bodyLimit,
        // Row by row, in the handler: a form comes without a body.
        validatorCompiler: () => (value) => ({ value }),
        schema: {
          tags: ["explanations"],
          operationId: "uploadQuestions",
          refusals: [
            "set_not_found",
            "invalid_rows",
            "idempotency_conflict",
            "input_too_large",
            "malformed_form",
          ],
          summary:
            "Upload up to 1,000 questions; explanations that are missing are generated behind it",
          params: http.SetParams,
          querystring: http.UploadQuery,
          consumes: ["application/json", "multipart/form-data"],
          body: http.BulkUpload,
          form: UploadForm,
          response: { 201: http.UploadAnswer, 422: refusedRows },
        },
      },
      async (request, reply) => {
        const { tenantId, language, params } = request;
        const { setId } = params;
        const idempotencyKey = idempotencyKeyOf(request.headers, language);
        const { errors } = http.UploadQuery.parse(request.query);
        const { options, ...given } = await readUpload(request, bodyLimit);
        await readSet(deps.db.sql, tenantId, setId);
        try {
          const questions = checkRows(given.rows, language);
          const uploader = { tenantId, language, setId, idempotencyKey };
          return await reply.code(201).send(await storeUpload(deps, questions, options, uploader));
        } catch (error) {
          if (errors === "json" || !(error instanceof ApiError && error.rows)) throw error;
          return sendRefused(reply, refusedRowsCsv(given, error.rows, language), language);
        }
      },
    );
  };
}

function sendRefused(reply: FastifyReply, csv: string, language: Language) {
  return reply
    .code(422)
    .type("text/csv; charset=utf-8")
    .headers({ "cache-control": "private, no-store", "x-content-type-options": "nosniff" })
    .header("content-disposition", attachment(message("refused_rows_file", language)))
    .serializer(String)
    .send(csv);
}
