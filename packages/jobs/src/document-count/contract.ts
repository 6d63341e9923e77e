import { defineJob, type MessageKey, message } from "@ilgam/contracts";
import { z } from "zod";

/** Naver's searches, by our names. */
export const DocumentSource = z
  .enum(["blog", "cafe", "news", "kin", "webkr"])
  .meta({ id: "DocumentSource" });
export type DocumentSource = z.infer<typeof DocumentSource>;

/** Asked when a request names no sources. */
export const defaultSources: DocumentSource[] = ["blog", "cafe", "news"];

const longestKeyword = 100;

/** A sentence of the catalogue; `params.message` is its key, for an answer in another language. */
function says(key: MessageKey) {
  return { error: message(key), params: { message: key } };
}

/**
 * A search term: Unicode NFC, without white space around it (inside it stays as it is), 1 to 100
 * characters, counted as code points. Two spellings that are equal after that are one keyword.
 */
export const Keyword = z
  .string()
  .normalize("NFC")
  .trim()
  .refine((keyword) => keyword.length > 0, says("keyword_blank"))
  .refine((keyword) => [...keyword].length <= longestKeyword, says("keyword_too_long"))
  // Postgres stores neither.
  .refine((keyword) => !keyword.includes("\0") && keyword.isWellFormed(), says("keyword_unusable"))
  .meta({ minLength: 1, maxLength: longestKeyword });

/** Which searches are counted; repetitions count once. */
export const Sources = z
  .array(DocumentSource)
  .min(1)
  .max(50)
  .overwrite((sources) => [...new Set(sources)]);

export const DocumentCountPayload = z.strictObject({
  keyword: Keyword,
  sources: Sources.default(defaultSources),
});
export type DocumentCountPayload = z.infer<typeof DocumentCountPayload>;

/** Who counted; `sandbox` as soon as one number is made up. */
export const Provider = z.enum(["naver", "sandbox"]);
export type Provider = z.infer<typeof Provider>;

export const DocumentCountResult = z.object({
  keyword: z.string(),
  /** Documents by source; one for each source asked. */
  counts: z.partialRecord(DocumentSource, z.int().min(0)),
  provider: Provider,
  /** True when this job made no call: every number was in the cache or fetched by another job. */
  cached: z.boolean(),
});
export type DocumentCountResult = z.infer<typeof DocumentCountResult>;

/**
 * How many documents Naver finds for one keyword. The sources are asked one after the other, so a
 * running job waits for one call at most, and 20 jobs at one call per 100 ms wait 2 s: as long as
 * the pace lets a caller wait. With more at once the pace would send jobs away again and again.
 */
export const documentCount = defineJob({
  kind: "document-count",
  summary: "Counts the documents that Naver finds for a keyword, by source.",
  payload: DocumentCountPayload,
  result: DocumentCountResult,
  queue: { concurrency: 4, globalConcurrency: 20 },
  attempts: 3,
  backoff: { baseMs: 60_000, factor: 1 },
  timeoutMs: 60_000,
  providers: ["naver-search"],
  examples: {
    valid: [
      { keyword: "맥북" },
      { keyword: "  갤럭시 S25 ", sources: ["blog", "webkr", "blog"] },
      { keyword: "가".repeat(longestKeyword), sources: ["kin"] },
    ],
    invalid: [
      {},
      { keyword: "" },
      { keyword: " \t\n" },
      { keyword: "가".repeat(longestKeyword + 1) },
      { keyword: "맥\u0000북" },
      { keyword: "\ud800" },
      { keyword: 7 },
      { keyword: "맥북", sources: [] },
      { keyword: "맥북", sources: ["shop"] },
      { keyword: "맥북", colour: "red" },
    ],
  },
});
