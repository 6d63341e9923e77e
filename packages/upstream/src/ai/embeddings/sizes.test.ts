import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type AiSandbox, failureOf, startAiSandbox } from "../../fixtures/ai-sandbox.ts";
import { createEmbedder, type Embedder } from "../../index.ts";

type Refusal = { status: number; body: unknown };

/** A server of which each test says what it takes; its vector of a text is `[length, 1]`. */
let refuse: (texts: string[]) => Refusal | undefined;
const asked: string[][] = [];
const keys: unknown[] = [];
const server = createServer(async (request, response) => {
  const { input } = JSON.parse(Buffer.concat(await request.toArray()).toString());
  asked.push(input);
  keys.push(request.headers["idempotency-key"]);
  const refusal = refuse(input);
  response.writeHead(refusal?.status ?? 200, { "content-type": "application/json" });
  const data = input.map((text: string, index: number) => ({
    ...{ index, embedding: [text.length, 1] },
  }));
  response.end(JSON.stringify(refusal?.body ?? { model: "m", data }));
});

let sandbox: AiSandbox;
let embedder: Embedder;
let baseUrl = "";

beforeAll(async () => {
  sandbox = await startAiSandbox();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
});
afterAll(async () => {
  await embedder.close();
  await new Promise((resolve) => server.close(resolve));
  await sandbox.stop();
});
beforeEach(async () => {
  asked.length = 0;
  keys.length = 0;
  await embedder?.close();
  embedder = createEmbedder({
    ...{ baseUrl, apiKey: "key", model: "m", paceKey: randomUUID() },
    ...{ pace: sandbox.pace, policy: { intervalMs: 0 } },
  });
});

const counts = () => asked.map(({ length }) => length);
const said = (message: string, status = 400): Refusal => ({ status, body: { error: { message } } });

/** All vectors, asked for as a document's chunks are. */
async function embedAll(texts: string[]): Promise<number[][]> {
  const vectors: number[][] = [];
  while (vectors.length < texts.length) {
    const some = await embedder.embed({ texts: texts.slice(vectors.length), idempotencyKey: "j:1:1" });
    vectors.push(...some.vectors);
  }
  return vectors;
}

const tooMany: [string, Refusal][] = [
  [
    "OpenAI",
    said(
      "Invalid 'input': array too long. Expected an array with maximum length 10, but got an array with length 16 instead.",
    ),
  ],
  ["OpenAI, all together", said("Requested 400000 tokens, max 300000 tokens per request")],
  ["Azure", said("Too many inputs. The max number of inputs is 10.")],
  [
    "text-embeddings-inference",
    {
      status: 413,
      body: {
        ...{ message: "batch size 16 > maximum allowed batch size 10", code: 413 },
        type: "Validation",
      },
    },
  ],
  [
    "DashScope",
    said("<400> Value error, batch size is invalid, it should not be larger than 10.: input.contents"),
  ],
  ["Gemini", said("BatchEmbedContentsRequest.requests: at most 10 requests can be in one batch")],
  ["Mistral", said("Too many inputs in request, split into more batches.")],
  ["FastAPI", { status: 422, body: { detail: [{ msg: "List should have at most 10 items" }] } }],
  ["no words", { status: 400, body: {} }],
];

test.each(tooMany)("a batch that %s refuses for its number is halved once", async (_, refusal) => {
  refuse = (texts) => (texts.length > 10 ? refusal : undefined);
  const texts = Array.from({ length: 24 }, (_, at) => "x".repeat(at + 1));
  expect(await embedAll(texts)).toEqual(texts.map(({ length }) => [length, 1]));
  expect(counts(), "the size that worked is kept").toEqual([24, 12, 6, 6, 6, 6]);
});

const tooLong: [string, Refusal][] = [
  [
    "OpenAI",
    said(
      "This model's maximum context length is 100 tokens, however you requested 200 tokens (200 in your prompt; 0 for the completion). Please reduce your prompt; or completion length.",
    ),
  ],
  [
    "text-embeddings-inference",
    said("Input validation error: `inputs` must have less than 100 tokens. Given: 200", 413),
  ],
  ["Ollama", said("the input length exceeds the context length")],
  ["older Ollama", said("input length exceeds maximum context length", 500)],
  [
    "llama.cpp",
    said("input is too large to process. increase the physical batch size", 500),
  ],
  ["DashScope", said("Range of input length should be [1, 8192]")],
  ["a 413 without words", { status: 413, body: {} }],
];

test.each(tooLong)("a text that %s refuses for its length is embedded in parts", async (_, refusal) => {
  refuse = (texts) => (texts.some(({ length }) => length > 400) ? refusal : undefined);
  const sentences = ["가".repeat(300), "나".repeat(99)].map((one) => `${one}. `);
  const texts = ["a", "bb", sentences.join(""), "dddd"];
  const vectors = await embedAll(texts);
  // Weighted by their tokens: 300 Hangul are 225, 99 are 75.
  const [left, right] = sentences as [string, string];
  expect(asked.flat()).toContain(texts[1]);
  const parts = asked.flat().filter((text) => /^[가나. ]+$/.test(text) && text.length <= 400);
  expect(parts).toEqual([left, right]);
  const sum = [left, right].map(({ length }) => {
    const tokens = Math.ceil(((length - 2) * 3 + 2) / 4);
    return [length * tokens, tokens] as const;
  });
  const raw = [sum[0]![0] + sum[1]![0], sum[0]![1] + sum[1]![1]];
  const norm = Math.hypot(...raw);
  expect(vectors[2]?.[0]).toBeCloseTo(raw[0]! / norm, 12);
  expect(vectors[2]?.[1]).toBeCloseTo(raw[1]! / norm, 12);
  expect([vectors[0], vectors[1], vectors[3]]).toEqual([[1, 1], [2, 1], [4, 1]]);
  expect(asked.length).toBeLessThanOrEqual(6);
  expect(new Set(keys).size, "no key for two requests").toBeGreaterThan(1);
});
