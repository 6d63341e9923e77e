import { randomUUID } from "node:crypto";
import { GiveUp, Held, TryLater } from "@ilgam/contracts";
import { type AnswerDialect, answerDialects } from "@ilgam/sandbox";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type AiSandbox, failureOf, question, startAiSandbox } from "../../fixtures/ai-sandbox.ts";
import type { AiClient, ChatRequest } from "../../index.ts";
import { UpstreamError } from "../../index.ts";
import { ErrorInBody } from "../error-in-body.ts";
import { readAnswer } from "./read-answer.ts";

let sandbox: AiSandbox;
let ai: AiClient;
beforeAll(async () => {
  sandbox = await startAiSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.reset();
  ai = sandbox.client();
});

const image = {
  ...{ mediaType: "image/png" as const, bytes: Buffer.from("not looked at") },
  ...{ width: 1_024, height: 1_024, detail: "high" as const },
};
const vision: ChatRequest = {
  messages: [{ role: "user", content: "표를 읽어 주세요", images: [image] }],
};
const schema = z.object({
  summary: z.string(),
  tables: z.array(z.object({ title: z.string().nullable(), rows: z.array(z.array(z.string())) })),
});
const structured = { schema, name: "review" };

type Kind = { kind: string; request: ChatRequest };
const kinds: Kind[] = [
  { kind: "chat", request: question },
  { kind: "vision", request: vision },
];
const rows = kinds.flatMap((kind) => answerDialects.map((dialect) => ({ ...kind, ...dialect })));
type Row = Kind & AnswerDialect;
type Means<Key extends string> = Extract<Row["means"], { [key in Key]: unknown }>;
const having = <Key extends string>(key: Key) =>
  rows.filter((row): row is Row & { means: Means<Key> } => key in row.means);

const speaks = (name: string) => sandbox.script({ type: "dialect", name });
const onUsage = (spent: (typeof sandbox.seen.spent)[number]) => void sandbox.seen.spent.push(spent);

/** What each answer costs by the sandbox's count, and what the client was told. */
async function countsOf() {
  const counted = (await sandbox.calls()).map(({ tokens }) => tokens);
  return { counted, told: sandbox.seen.spent };
}

describe("an answer of any dialect", () => {
  test.each(having("says"))("$kind, structured, is read in one call: $name", async (row) => {
    const plain = await ai.chat({ ...row.request, ...structured });
    await sandbox.reset();
    await speaks(row.name);
    const answer = await ai.chat({ ...row.request, ...structured, onUsage });
    expect(answer.output).toEqual(plain.output);
    expect(answer.shape).toBe(row.means.says);
    const { counted, told } = await countsOf();
    expect(counted).toHaveLength(1);
    expect(told).toMatchObject([{ estimated: row.means.uncounted === true }]);
    if (!row.means.uncounted) expect(told[0]?.totalTokens).toBe(counted[0]);
  });

  const ofText = having("says").filter(({ means }) => !means.onlyStructured);
  test.each(ofText)("$kind, as text, is read in one call: $name", async (row) => {
    const plain = await ai.chat(row.request);
    await sandbox.reset();
    await speaks(row.name);
    const answer = await ai.chat({ ...row.request, onUsage });
    expect(answer.text.trim()).toBe(plain.text);
    expect(answer.shape).toBe(row.means.says);
    expect((await countsOf()).counted).toHaveLength(1);
  });

  const uncounted = having("says").filter(({ means }) => means.uncounted);
  test.each(uncounted)("$kind, is counted by ourselves: $name", async (row) => {
    await speaks(row.name);
    const { usage } = await ai.chat({ ...row.request, onUsage });
    // The image alone is charged 765 tokens; what is written, about one for each Hangul syllable.
    expect(usage.promptTokens).toBeGreaterThan(row.kind === "vision" ? 765 : 5);
    expect(usage.completionTokens).toBeGreaterThan(20);
    expect(sandbox.seen.spent).toMatchObject([{ ...usage, estimated: true }]);
  });
});

test("the key's tokens are settled by our own count where the service has none", async () => {
  const policy = { intervalMs: 0, tokensPerMinute: 6_000, maxWaitMs: 0 };
  const paced = sandbox.client({ policy, paceKey: randomUUID() });
  await speaks("one-api-null-usage");
  const { usage } = await paced.chat({ ...question, maxTokens: 3_000 });
  // Ten milliseconds a token: the 3,000 that were charged would be half a minute.
  const { delayMs } = (await failureOf(paced.chat(question))) as TryLater;
  expect(delayMs).toBeLessThanOrEqual(usage.totalTokens * 10);
});

describe("what is no answer in any dialect", () => {
  test.each(having("fails"))("$kind is not asked for again, and named: $name", async (row) => {
    const { fails } = row.means;
    for (const more of [{}, structured]) {
      await sandbox.reset();
      await speaks(row.name);
      const error = await failureOf(ai.chat({ ...row.request, ...more }));
      const fault = "fault" in row.means ? row.means.fault : "job";
      expect(error instanceof Held).toBe(fault === "service");
      const failure = error instanceof UpstreamError ? error : (error as Error).cause;
      expect(failure).toBeInstanceOf(UpstreamError);
      expect(failure).toMatchObject({ code: fails, fault });
      expect(await sandbox.calls()).toHaveLength(1);
    }
  });

  test.each(having("error"))("$kind, an error in a 200 says what it is: $name", async (row) => {
    await speaks(row.name);
    const response = await fetch(`${sandbox.origin}/v1/chat/completions`, {
      method: "POST",
      headers: { Authorization: "Bearer key", "Content-Type": "application/json" },
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "?" }] }),
    });
    expect(response.status).toBe(200);
    const error = await failureOf(response.text().then((text) => readAnswer(text, 1)));
    expect(error).toBeInstanceOf(ErrorInBody);
    const { status, code } = error as ErrorInBody;
    expect({ status, code }).toEqual({ code: undefined, ...row.means.error });

    await sandbox.reset();
    await speaks(row.name);
    // As the same refusal by status.
    const failure = await failureOf(ai.chat(row.request));
    const isOperators = [401, 402, 403, 404].includes(status ?? 0);
    expect(failure).toBeInstanceOf(isOperators ? Held : status === 429 ? TryLater : GiveUp);
    const { cause } = failure as Error;
    expect(cause).toMatchObject({ fault: isOperators ? "operator" : "job" });
    expect((cause as Error).message.length).toBeLessThan(100);
    expect(await sandbox.calls()).toHaveLength(1);
  });
});

test("a dialect's answer is of the sandbox's own text, or of what a script lets it say", async () => {
  await sandbox.script({ type: "dialect", name: "vllm-think", content: "넷" });
  expect((await ai.chat(question)).text).toBe("넷");
});
