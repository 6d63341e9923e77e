import { defineJob, type MessageKey, message } from "@ilgam/contracts";
import { z } from "zod";

/** Asked when a request asks nothing. */
export const defaultPrompt = "이 이미지를 분석하고 주요 내용을 설명해주세요.";

/** A sentence of the catalogue; `params.message` is its key, for an answer in another language. */
function says(key: MessageKey) {
  return { error: message(key), params: { message: key } };
}

/** What to say about the image, 1 to 10,000 characters without white space around. */
export const Prompt = z
  .string()
  .trim()
  .min(1)
  .max(10_000)
  .refine((text) => !text.includes("\0"), says("text_nul"))
  // What a decoder puts in the place of bytes of another encoding.
  .refine((text) => !text.includes("\uFFFD") && text.isWellFormed(), says("text_not_utf8"))
  .meta({ id: "ImagePrompt" });

/** How closely the model looks; decides how large the image is that it sees. */
export const Detail = z.enum(["low", "high", "auto"]).meta({ id: "ImageDetail" });
export type Detail = z.infer<typeof Detail>;

export const ImageAnalysisPayload = z.strictObject({
  /** Of a stored image: PNG, JPEG, WebP or GIF. */
  fileId: z.uuid(),
  prompt: Prompt.default(defaultPrompt),
  detail: Detail.default("auto"),
});
export type ImageAnalysisPayload = z.infer<typeof ImageAnalysisPayload>;

export const ImageAnalysisResult = z.object({
  analysis: z.string().min(1),
  /** Of the image as the model saw it, pixels. */
  width: z.int().min(1),
  height: z.int().min(1),
  /** As the service names it. */
  model: z.string(),
  /** Who answered; `sandbox` when nobody looked. */
  provider: z.string(),
});
export type ImageAnalysisResult = z.infer<typeof ImageAnalysisResult>;

const fileId = "01a1fda7-478a-76bf-a88d-c6e96b9a6ed2";

/** Asks a vision model about one image. */
export const imageAnalysis = defineJob({
  kind: "image-analysis",
  summary: "Answers a question about an image.",
  payload: ImageAnalysisPayload,
  result: ImageAnalysisResult,
  queue: { concurrency: 3 },
  attempts: 4,
  backoff: { baseMs: 5_000 },
  timeoutMs: 600_000,
  providers: ["openai", "storage"],
  examples: {
    valid: [{ fileId }, { fileId, prompt: " 글자를 읽어줘 ", detail: "high" }],
    invalid: [
      {},
      { fileId: "../../etc/passwd" },
      { fileId, prompt: "" },
      { fileId, prompt: "가".repeat(10_001) },
      { fileId, prompt: "\u0000" },
      { fileId, prompt: "\ufffd\ufffd" },
      { fileId, detail: "ultra" },
      { fileId, url: "http://127.0.0.1/a.png" },
    ],
  },
});
