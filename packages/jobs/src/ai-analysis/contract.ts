import { defineJob, type MessageKey, message } from "@ilgam/contracts";
import { z } from "zod";

/** What is asked for; each has a result of its own form. */
export const AnalysisType = z
  .enum(["analysis", "report", "optimization", "prediction"])
  .meta({ id: "AiAnalysisType" });
export type AnalysisType = z.infer<typeof AnalysisType>;

/** `simple` questions are answered in the request, `complex` ones by a job that is polled. */
export const Complexity = z.enum(["simple", "complex"]);
export type Complexity = z.infer<typeof Complexity>;

export const longestQuery = 10_000;

/** A sentence of the catalogue; `params.message` is its key, for an answer in another language. */
function says(key: MessageKey) {
  return { error: message(key), params: { message: key } };
}

/** The question: without white space around it, 1 to 10,000 characters, counted as code points. */
export const Query = z
  .string()
  .normalize("NFC")
  .trim()
  .refine((query) => query.length > 0, says("query_blank"))
  .refine((query) => [...query].length <= longestQuery, says("query_too_long"))
  // Postgres stores neither.
  .refine((query) => !query.includes("\0") && query.isWellFormed(), says("query_unusable"))
  .meta({ minLength: 1, maxLength: longestQuery });

/** Whatever the client keeps beside its question; `data` of it is what the question is about. */
export const Metadata = z.record(z.string(), z.unknown());

export const AiAnalysisPayload = z.strictObject({
  type: AnalysisType,
  query: Query,
  metadata: Metadata.default({}),
  /** As the query was scored at submission; without it the worker scores it. */
  complexity: Complexity.optional(),
});
export type AiAnalysisPayload = z.infer<typeof AiAnalysisPayload>;

// A model may write what Postgres does not store.
const Text = z
  .string()
  .overwrite((text) => text.replaceAll("\0", "").toWellFormed())
  .refine((text) => text.trim() !== "", "must not be blank");
const Level = z.enum(["low", "medium", "high"]);

/** What the model answers, by type: nullable rather than optional, as structured output wants it. */
export const answers = {
  analysis: z.object({
    summary: Text,
    findings: z.array(
      z.object({
        title: Text,
        severity: z.enum(["low", "medium", "high", "critical"]),
        /** What of the data shows it. */
        evidence: Text,
        /** What it is about, such as a server; null for all of it. */
        target: Text.nullable(),
      }),
    ),
  }),
  report: z.object({
    title: Text,
    summary: Text,
    sections: z.array(z.object({ heading: Text, body: Text })),
  }),
  optimization: z.object({
    summary: Text,
    recommendations: z.array(
      z.object({ title: Text, description: Text, effect: Text, effort: Level }),
    ),
  }),
  prediction: z.object({
    summary: Text,
    forecasts: z.array(
      z.object({
        subject: Text,
        /** How far ahead, in words. */
        horizon: Text,
        forecast: Text,
        confidence: z.number().min(0).max(1),
      }),
    ),
  }),
} as const satisfies Record<AnalysisType, z.ZodObject>;

/** What the answer was made from: the request's `metadata.data`, the operator's source, or nothing. */
export const DataSource = z.enum(["request", "operator", "none"]);

const about = {
  complexity: Complexity,
  dataSource: DataSource,
  /** As the service names it. */
  model: z.string(),
  /** `sandbox`: made up, no model was asked. */
  provider: z.string(),
};

export const AiAnalysisResult = z
  .discriminatedUnion("type", [
    z.object({ type: z.literal("analysis"), ...answers.analysis.shape, ...about }),
    z.object({ type: z.literal("report"), ...answers.report.shape, ...about }),
    z.object({ type: z.literal("optimization"), ...answers.optimization.shape, ...about }),
    z.object({ type: z.literal("prediction"), ...answers.prediction.shape, ...about }),
  ])
  // Said for all four at once: whoever reads the JSON Schema need not look into them.
  .meta({ type: "object" });
export type AiAnalysisResult = z.infer<typeof AiAnalysisResult>;

/** Answers one question about the caller's or the operator's data with an AI model. */
export const aiAnalysis = defineJob({
  kind: "ai-analysis",
  summary: "Answers a question with an AI model: analysis, report, optimization or prediction.",
  payload: AiAnalysisPayload,
  result: AiAnalysisResult,
  queue: { concurrency: 4 },
  attempts: 4,
  backoff: { baseMs: 5_000 },
  timeoutMs: 3_600_000,
  providers: ["openai"],
  examples: {
    valid: [
      { type: "analysis", query: "서버 상태를 분석해 주세요" },
      {
        type: "report",
        query: " 모든 서버 분석하고 최적화 리포트 만들어줘 ",
        metadata: { data: [{ server: "web-01", cpu: 91 }], team: "ops" },
      },
      { type: "optimization", query: "How can web-01 use less memory?", complexity: "simple" },
      { type: "prediction", query: "🔥".repeat(longestQuery), complexity: "complex" },
    ],
    invalid: [
      {},
      { type: "analysis" },
      { type: "analysis", query: "" },
      { type: "analysis", query: " \n\t" },
      { type: "analysis", query: "가".repeat(longestQuery + 1) },
      { type: "analysis", query: "서버\u0000" },
      { type: "analysis", query: "\ud800" },
      { type: "analysis", query: ["서버"] },
      { type: "poem", query: "서버" },
      { type: "report", query: "서버", complexity: "hard" },
      { type: "report", query: "서버", metadata: "data" },
      { type: "report", query: "서버", colour: "red" },
    ],
  },
});
