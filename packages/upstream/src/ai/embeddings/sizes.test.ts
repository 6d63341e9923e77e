import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type AiSandbox, failureOf, startAiSandbox } from "../../fixtures/ai-sandbox.ts";
import { createEmbedder, type Embedder } from "../../index.ts";

type Refusal = { status: number; body: unknown };

/** A server of which each test says what it takes; its vector of a text is `[length, 1]`. */
let refuse: (texts: string[]) => Refusal | undefined;
const asked: string[][] = [];
const keys: unknown[] = [];
const server = createServer((request, response) => void answer(request, response));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = Buffer.concat(await request.toArray()).toString();
  const { input } = JSON.parse(body) as { input: string[] };
  asked.push(input);
  keys.push(request.headers["idempotency-key"]);
  const refusal = refuse(input);
  response.writeHead(refusal?.status ?? 200, { "content-type": "application/json" });
  const data = input.map((text, index) => ({
    ...{ index, embedding: [text.length, 1] },
  }));
  response.end(JSON.stringify(refusal?.body ?? { model: "m", data }));
}

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
    const some = await embedder.embed({
      texts: texts.slice(vectors.length),
      idempotencyKey: "j:1:1",
    });
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
    said(
      "<400> Value error, batch size is invalid, it should not be larger than 10.: input.contents",
    ),
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
  ["llama.cpp", said("input is too large to process. increase the physical batch size", 500)],
  ["NVIDIA NIM", said("Input length 548 exceeds maximum allowed token size 512")],
  ["vLLM, flat", { status: 400, body: { object: "error", message: "maximum context length" } }],
  ["DashScope", said("Range of input length should be [1, 8192]")],
  ["a 413 without words", { status: 413, body: {} }],
];

test.each(tooLong)(
  "a text that %s refuses for its length is embedded in parts",
  async (_, refusal) => {
    refuse = (texts) => (texts.some(({ length }) => length > 400) ? refusal : undefined);
    const [left, right] = [`${"가".repeat(250)}. `, `${"나".repeat(170)}. `];
    const vectors = await embedAll(["a", "bb", left + right, "dddd"]);
    expect(asked.slice(-2)).toEqual([[left, right], ["dddd"]]);
    expect(counts()).toEqual([4, 2, 2, 1, 2, 1]);
    // [252, 1] of 188 tokens and [172, 1] of 128, as estimated: 0.75 for a Hangul, 0.25 for an ASCII.
    const [x, y] = [252 * 188 + 172 * 128, 188 + 128];
    expect(vectors[2]?.[0]).toBeCloseTo(x / Math.hypot(x, y), 12);
    expect(vectors[2]?.[1]).toBeCloseTo(y / Math.hypot(x, y), 12);
    expect([vectors[0], vectors[1], vectors[3]]).toEqual([
      [1, 1],
      [2, 1],
      [4, 1],
    ]);
    expect(keys.slice(2, 5), "other texts are another request").toEqual([
      ...["j:1:1", "j:1:1:2", "j:1:1:3"],
    ]);
  },
);

test("a long text after the first is not sent whole again, and the number is not made smaller", async () => {
  refuse = (texts) =>
    texts.some(({ length }) => length > 400) ? said("context length") : undefined;
  await embedAll([...Array.from({ length: 9 }, () => "s"), "가".repeat(600)]);
  const before = asked.length;
  const long = "나".repeat(600);
  const vectors = await embedAll([long, ...Array.from({ length: 20 }, () => "t")]);
  expect(counts().slice(before)).toEqual([2, 20]);
  expect(asked[before]).toEqual(["나".repeat(300), "나".repeat(300)]);
  expect(vectors[0]?.[0]).toBeCloseTo(300 / Math.hypot(300, 1), 12);
});

test("one word is cut between characters, never inside one", async () => {
  refuse = (texts) =>
    texts.some(({ length }) => length > 400) ? said("context length") : undefined;
  // Three code units each, and one word all together.
  const syllable = "각".normalize("NFD");
  await embedAll([syllable.repeat(141)]);
  expect(asked.at(-1)).toEqual([syllable.repeat(71), syllable.repeat(70)]);
});

test("a refusal for another reason ends after few calls with its reason, and nothing is learned", async () => {
  refuse = () => said("dimensions is not supported");
  const texts = Array.from({ length: 16 }, () => "가".repeat(500));
  const failure = await failureOf(embedAll(texts));
  expect(failure).toMatchObject({
    ...{ name: "GiveUp", code: "bad_request" },
    cause: { cause: { message: expect.stringContaining("dimensions is not supported") } },
  });
  expect(counts()).toEqual([16, 8, 4, 2, 1]);
  asked.length = 0;
  refuse = () => undefined;
  await embedAll(texts);
  expect(counts()).toEqual([16]);
});

test("a server that calls everything too long gets few calls, and nothing is learned", async () => {
  refuse = () => said("maximum context length");
  const texts = Array.from({ length: 16 }, () => "가".repeat(500));
  expect(await failureOf(embedAll(texts))).toMatchObject({ name: "GiveUp", code: "bad_request" });
  expect(counts().length).toBeLessThanOrEqual(5 + 2 * 4);
  asked.length = 0;
  refuse = () => undefined;
  await embedAll(texts);
  expect(counts()).toEqual([16]);
});

test("no request has more than 2,048 texts or, by our estimate, 300,000 tokens", async () => {
  refuse = () => undefined;
  await embedAll(Array.from({ length: 2_100 }, () => "a"));
  expect(counts()).toEqual([2_048, 52]);
  asked.length = 0;
  await embedAll(Array.from({ length: 50 }, () => "가".repeat(10_000)));
  expect(counts(), "7,500 tokens each").toEqual([40, 10]);
});
