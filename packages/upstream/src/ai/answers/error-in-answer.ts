import { z } from "zod";
import { sentence } from "../../sentences.ts";
import { UpstreamError } from "../../upstream-error.ts";
import { ErrorInBody } from "../error-in-body.ts";

const word = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .catch(undefined);

/** An error's object, as far as servers agree on one. */
const Told = z.looseObject({
  message: z.unknown().optional(),
  code: word,
  type: word,
  status: word,
  status_code: word,
  statusCode: word,
  raw_status_code: word,
  metadata: z.looseObject({ raw: z.unknown().optional() }).nullish().catch(undefined),
});

const Choices = z.looseObject({
  choices: z.array(z.looseObject({ error: z.unknown().optional() })).min(1),
});

/** What of a body is an error: text or an object; undefined when it is none. */
export function errorIn(body: object): unknown {
  const fields: Record<string, unknown> = { ...body };
  if (isTold(fields.error)) return fields.error;
  const [choice] = Choices.safeParse(body).data?.choices ?? [];
  if (isTold(choice?.error)) return choice?.error;
  if (fields.object === "error") return body;
  if ("choices" in fields) return undefined;
  // FastAPI's two forms: a text, or what is wrong with the request, field by field.
  if (isTold(fields.detail)) {
    const status = Array.isArray(fields.detail) ? { status: "422" } : {};
    return { message: fields.detail, ...status };
  }
  if (isTold(fields.errors)) return [fields.errors].flat()[0];
  return typeof fields.message === "string" && isPlainError(fields) ? body : undefined;
}

/** Nothing beside the message but what errors have; anything else is a form that nobody knows. */
function isPlainError(fields: object): boolean {
  const usual =
    /^(?:message|code|type|param|status|status_?code|request_?id|object|success|path|timestamp)$/i;
  return Object.keys(fields).every((name) => usual.test(name));
}

function isTold(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return typeof value === "string" && value !== "";
}

/** What the job meets, whatever status stands beside it. */
const causes: [string, number, RegExp][] = [
  ["insufficient_quota", 402, /insufficient_quota|insufficient.?balance|arrearage/i],
  [
    "context_length_exceeded",
    400,
    /context_length_exceeded|exceed_context_size|context size has been exceeded|maximum context length/i,
  ],
  ["content_filter", 400, /content_filter|content_policy|data_?inspection_?failed/i],
];

/** The status that servers name in words. */
const statuses: [number, RegExp][] = [
  [429, /rate.?limit|resource_exhausted|too.?many.?requests|throttl/i],
  [401, /invalid_?api_?key|unauthenticated|unauthorized|authentication/i],
  [403, /permission_?denied|forbidden/i],
  [404, /not.?found|unexpected endpoint/i],
  [400, /invalid_?(?:request|argument|parameter)|bad_?request/i],
];

/**
 * The error of an answer that is one. An ErrorInBody where it says what it is; else the service failed.
 * @param told what `errorIn` found.
 */
export function errorOf(told: unknown): ErrorInBody | UpstreamError {
  const read = Told.safeParse(typeof told === "object" ? told : { message: String(told) });
  const { message, metadata, ...rest } = read.data ?? { message: told };
  const numbers = [rest.status, rest.status_code, rest.statusCode, rest.raw_status_code, rest.code];
  const number = numbers.map(Number).find((status) => status >= 400 && status < 600);
  const words = [rest.code, rest.type, rest.status].filter(Boolean).join(" ");
  const said = [message, metadata?.raw].map(wordsOf).filter(Boolean).join(": ").slice(0, 500);

  const cause = causes.find(([, , pattern]) => pattern.test(`${words} ${said}`));
  const inWords = (text: string) => statuses.find(([, pattern]) => pattern.test(text))?.[0];
  // A server that failed may say of anything that it was not found.
  const isOwn = /server|internal/i.test(words);
  const status = number ?? inWords(words) ?? (isOwn ? undefined : inWords(said));
  if (cause) {
    const [code, usual] = cause;
    const isRefusal = status !== undefined && status < 500;
    return new ErrorInBody(said, { code, status: isRefusal ? status : usual });
  }
  if (status !== undefined && status < 500) {
    const named = [rest.code, rest.type].find((code) => code && Number.isNaN(Number(code)));
    return new ErrorInBody(said, { status, code: named ?? undefined });
  }
  return new UpstreamError("server_error", sentence("ai_server_error", { status: status ?? 200 }), {
    cause: new Error(said),
    fault: "service",
  });
}

function wordsOf(value: unknown): string {
  return typeof value === "string" ? value : value ? JSON.stringify(value) : "";
}
