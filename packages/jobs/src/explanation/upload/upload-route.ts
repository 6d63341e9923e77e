import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { idempotencyKeyOf } from "../../idempotency-key.ts";
import type { RouteDependencies } from "../../route-dependencies.ts";
import * as http from "../http-schemas.ts";
import { readSet } from "../passage-sets.ts";
import { checkRows } from "./check-rows.ts";
import { readUpload } from "./read-upload.ts";
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

/** The upload of a set's questions, as JSON or as a CSV. */
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
          summary:
            "Upload up to 1,000 questions; explanations that are missing are generated behind it",
          params: http.SetParams,
          consumes: ["application/json", "multipart/form-data"],
          body: http.BulkUpload,
          response: { 201: http.UploadAnswer },
        },
      },
      async (request, reply) => {
        const { tenantId, language, params } = request;
        const { setId } = params;
        const idempotencyKey = idempotencyKeyOf(request.headers, language);
        const { rows, options } = await readUpload(request, bodyLimit);
        await readSet(deps.db.sql, tenantId, setId);
        const questions = checkRows(rows, language);
        const uploader = { tenantId, language, setId, idempotencyKey };
        return reply.code(201).send(await storeUpload(deps, questions, options, uploader));
      },
    );
  };
}
