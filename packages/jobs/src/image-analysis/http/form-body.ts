import { ApiError } from "@ilgam/contracts";
import type { FastifyInstance, FastifyRequest } from "fastify";

/**
 * Lets a scope's routes take `application/x-www-form-urlencoded` too; JSON may come under that name,
 * as curl's `-d` sends it.
 */
export function takeFormBodies(scope: Pick<FastifyInstance, "addContentTypeParser">): void {
  scope.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: 65_536 },
    async (_request: FastifyRequest, text: string) => {
      if (!text.trimStart().startsWith("{")) return Object.fromEntries(new URLSearchParams(text));
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        throw new ApiError("malformed_json", { cause: error });
      }
    },
  );
}

/** What `fieldsOfAnyBody` reads. */
export const anyBody = [
  ...["application/json", "application/x-www-form-urlencoded", "multipart/form-data"],
];

/**
 * The fields of a JSON object, a form in the address's manner or a multipart form; none without a
 * body. @throws ApiError malformed_form
 */
export async function fieldsOfAnyBody(request: FastifyRequest): Promise<unknown> {
  if (!request.isMultipart()) return request.body ?? {};
  const fields: Record<string, unknown> = {};
  try {
    const limits = { files: 0, fields: 20, fieldSize: 1_000, fieldNameSize: 100 };
    for await (const part of request.parts({ limits })) {
      if (part.type === "field") fields[part.fieldname] = part.value;
    }
  } catch (error) {
    throw new ApiError("malformed_form", { cause: error });
  }
  return fields;
}
