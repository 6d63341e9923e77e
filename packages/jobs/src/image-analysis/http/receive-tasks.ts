import type { FastifyRequest } from "fastify";
import type { z } from "zod";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import type { Upload, UploadRules } from "../../uploads/receive-upload.ts";
import { parseFields } from "./schemas.ts";

/**
 * Reads a form with its files and its other fields; when it throws, nothing of it is left.
 * @throws as `receiveUpload`; ZodError
 */
export async function receiveTasks<Fields extends z.ZodType>(
  { receiveUpload }: Pick<RouteDependencies, "receiveUpload">,
  request: FastifyRequest,
  rules: UploadRules,
  schema: Fields,
): Promise<{ upload: Upload; fields: z.output<Fields> }> {
  const upload = await receiveUpload(request, rules);
  try {
    return { upload, fields: parseFields(schema, upload.fields) };
  } catch (error) {
    // The refusal is what matters; retention deletes what the store keeps for now.
    await upload.discard().catch(() => undefined);
    throw error;
  }
}
