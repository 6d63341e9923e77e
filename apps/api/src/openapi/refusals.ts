import { type ApiErrorCode, apiErrorStatus } from "@ilgam/contracts";
import type { FastifySchema, RouteOptions } from "fastify";
import { z } from "zod";
import { isProblems, Problem, SystemRefusal } from "../answers.ts";

type Config = NonNullable<RouteOptions["config"]>;
type Answer = { description?: string; content?: Record<string, unknown> };

/** Of every route that asks who calls: `forbidden` and `host_refused` with AUTH_MODE=off too. */
const ofCallers: readonly ApiErrorCode[] = [
  ...(["unauthorized", "forbidden", "scope_missing", "host_refused"] as const),
  ...(["internal", "unavailable", "overloaded"] as const),
];
const ofBodies: readonly ApiErrorCode[] = [
  ...(["malformed_json", "invalid_request", "payload_too_large", "unsupported_encoding"] as const),
];
const ofUploads: readonly ApiErrorCode[] = [
  ...(["malformed_form", "file_too_large", "unsupported_file_type"] as const),
  ...(["form_required", "heic_not_supported", "storage_unavailable"] as const),
];

/** What a route may refuse because of what it takes, whatever it does with it. */
function impliedBy({ body, form }: FastifySchema, { access }: Config): readonly ApiErrorCode[] {
  const isUpload = form instanceof z.ZodObject && "file" in form.shape;
  return [
    // An address with %00 is refused everywhere.
    "invalid_field",
    ...(access === "anyone" ? [] : ofCallers),
    ...(body ? ofBodies : []),
    // One that takes JSON too reads its file by itself.
    ...(isUpload && !body ? ofUploads : []),
  ];
}

/** As the error handler answers: a problem under /v1, else the systems' own form. */
function bodyAt(url: string) {
  return url.startsWith("/v1/")
    ? { "application/problem+json": { schema: Problem } }
    : { "application/json": { schema: SystemRefusal } };
}

/**
 * A route's schema with its refusals for the document: those it lists and those implied by what it
 * takes, a body for each status that names its codes.
 */
export function withRefusals(url: string, schema: FastifySchema, config: Config): FastifySchema {
  const given = Object.entries((schema.response ?? {}) as Record<string, unknown>);
  const own = Object.fromEntries(given.filter(([, answer]) => !isProblems(answer)));
  const listed = given.flatMap(([, answer]) => (isProblems(answer) ? answer.codes : []));
  const codes = new Set([...listed, ...(schema.refusals ?? []), ...impliedBy(schema, config)]);
  const response: Record<string, unknown> = { ...own };
  for (const [status, alike] of Map.groupBy(codes, (code) => apiErrorStatus[code])) {
    const { content } = (own[status] ?? {}) as Answer;
    // A route's own answer of that status stays, beside the refusal where it has another type.
    if (own[status] !== undefined && !content) continue;
    response[status] = { description: alike.join(", "), content: { ...bodyAt(url), ...content } };
  }
  return { ...schema, refusals: [...codes], response };
}
