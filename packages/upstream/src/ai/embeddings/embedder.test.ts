import { randomUUID } from "node:crypto";
import { TryLater } from "@ilgam/contracts";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type AiSandbox, failureOf, startAiSandbox } from "../../fixtures/ai-sandbox.ts";
import { createEmbedder, type Embedder, type SpentTokens } from "../../index.ts";

let sandbox: AiSandbox;
let embedder: Embedder;

beforeAll(async () => {
  sandbox = await startAiSandbox();
});
afterAll(async () => {
  await embedder.close();
  await sandbox.stop();
});
beforeEach(async () => {
  await sandbox.reset();
  await embedder?.close();
  embedder = createEmbedder({
    ...{ baseUrl: `${sandbox.origin}/v1`, apiKey: "key", model: "text-embedding-3-small" },
    ...{ pace: sandbox.pace, policy: { intervalMs: 0 }, paceKey: randomUUID(), dimensions: 8 },
    onCall: (call) => void sandbox.seen.calls.push(call),
  });
});

const answers = (data: unknown) =>
  sandbox.script({ type: "status", status: 200, body: { model: "m", data } });

test("many texts are one call, whose vectors come in the texts' order", async () => {
  const spent: SpentTokens[] = [];
  const texts = ["봄", "여름", "봄"];
  const { vectors, dimension, provider } = await embedder.embed({
    ...{ texts, idempotencyKey: "job:1:1", onUsage: (used) => void spent.push(used) },
  });
  expect({ count: vectors.length, dimension, provider }).toEqual({
    ...{ count: 3, dimension: 8, provider: "sandbox" },
  });
  expect(vectors[0]).toEqual(vectors[2]);
  expect(vectors[0]).not.toEqual(vectors[1]);
  expect(await sandbox.calls()).toMatchObject([{ idempotencyKey: "job:1:1" }]);
  expect(sandbox.seen.calls).toMatchObject([
    { service: "openai", operation: "embed", outcome: "ok" },
  ]);
  const [{ totalTokens = 0, costUsd } = {}] = spent;
  expect(costUsd).toBeCloseTo((totalTokens * 0.02) / 1e6, 15);
});

test("an answer in another order is put right", async () => {
  await answers([
    { index: 1, embedding: [0, 1] },
    { index: 0, embedding: [1, 0] },
  ]);
  const { vectors } = await embedder.embed({ texts: ["a", "b"] });
  expect(vectors).toEqual([
    [1, 0],
    [0, 1],
  ]);
});

test.each([
  ["too few", [{ index: 0, embedding: [1] }]],
  ["one twice", [0, 0].map((index) => ({ index, embedding: [1] }))],
  ["one too far", [0, 2].map((index) => ({ index, embedding: [1] }))],
  ["lengths that differ", [[1], [1, 2]].map((embedding, index) => ({ index, embedding }))],
  ["none", []],
  ["words", "none"],
])("%s is no answer", async (_, data) => {
  await answers(data);
  const failure = await failureOf(embedder.embed({ texts: ["a", "b"] }));
  expect(failure).toMatchObject({ code: "malformed" });
});

test("a 429 snoozes the job, and a wrong request is told so", async () => {
  await sandbox.script({ type: "rate-limit", retryAfterSeconds: 2 });
  expect(await failureOf(embedder.embed({ texts: ["a"] }))).toBeInstanceOf(TryLater);
  const other = createEmbedder({
    ...{ baseUrl: `${sandbox.origin}/v1`, apiKey: "key", model: "m", paceKey: randomUUID() },
    ...{ pace: sandbox.pace, policy: { intervalMs: 0 } },
  });
  const failure = await failureOf(other.embed({ texts: [""] }));
  expect(failure).toMatchObject({ name: "GiveUp", code: "bad_request" });
  await other.close();
});
