import { GiveUp } from "@ilgam/contracts";
import type { ChatAnswer, DataRequest, StructuredRequest } from "@ilgam/upstream";
import { expect, test } from "vitest";
import type { JobContext } from "../../handling/job-context.ts";
import type { AiAnalysisPayload } from "../contract.ts";
import { createAiAnalysisProcessor } from "./processor.ts";

type Asked = { data: unknown; maxTokens: number | undefined };

/** A processor, a model that answers an empty analysis, and what they were asked. */
function bench(options: {
  operatorData?: unknown;
  env?: Record<string, string>;
  stored?: Map<string, unknown>;
}) {
  const { stored = new Map() } = options;
  const asked: Asked[] = [];
  const operatorAsked: DataRequest[] = [];
  const steps: [number, string | undefined][] = [];
  const spent: object[] = [];
  const ai = {
    chat: async (request: StructuredRequest<unknown>): Promise<ChatAnswer<unknown>> => {
      const { data } = JSON.parse(request.messages[1]?.content ?? "");
      asked.push({ data, maxTokens: request.maxTokens });
      const usage = { promptTokens: 2, completionTokens: 1, totalTokens: 3 };
      request.onUsage?.({ ...usage, costUsd: 0.5, model: "m", estimated: false });
      const output = { summary: "요약", findings: [] };
      return {
        output,
        text: "",
        usage,
        costUsd: 0.5,
        model: "m",
        shape: "content",
        provider: "openai",
      };
    },
  };
  const ask = async (request: DataRequest) => {
    operatorAsked.push(request);
    return options.operatorData;
  };
  const process = createAiAnalysisProcessor({
    ai: ai as never,
    aiData: "operatorData" in options ? { ask } : undefined,
    env: options.env ?? {},
  });
  const run = (payload: AiAnalysisPayload, signal = new AbortController().signal) => {
    const context: JobContext<AiAnalysisPayload> = {
      ...{ payload, signal, idempotencyKey: "job:1:1" },
      job: { id: "job", tenantId: "public", run: 1, attempt: 1, maxAttempts: 4 },
      progress: (percent, step) => void steps.push([percent, step]),
      log: async () => undefined,
      step: async (name, work) => {
        if (!stored.has(name)) stored.set(name, await work());
        return stored.get(name) as never;
      },
      spend: (one) => void spent.push(one),
    };
    return process(context);
  };
  return { run, asked, operatorAsked, steps, spent };
}

const payload: AiAnalysisPayload = { type: "analysis", query: "서버 상태", metadata: {} };

test("the request's own data goes first, then the operator's, and else there is none", async () => {
  const own = bench({ operatorData: [2] });
  const withOwn = await own.run({ ...payload, metadata: { data: [1] } });
  expect([withOwn.dataSource, own.asked[0]?.data]).toEqual(["request", [1]]);
  expect(own.operatorAsked).toEqual([]);

  const operator = bench({ operatorData: [2] });
  expect((await operator.run(payload)).dataSource).toBe("operator");
  expect(operator.asked[0]?.data).toEqual([2]);
  expect(operator.operatorAsked[0]?.body).toEqual({ type: "analysis", query: "서버 상태" });

  const none = bench({});
  expect((await none.run(payload)).dataSource).toBe("none");
  expect(none.asked[0]?.data).toBeNull();
});

test("data that is null in the request is data: nobody else is asked", async () => {
  const { run, operatorAsked } = bench({ operatorData: [2] });
  expect((await run({ ...payload, metadata: { data: null } })).dataSource).toBe("request");
  expect(operatorAsked).toEqual([]);
});

test("after a crash neither the data nor the answer is asked for again", async () => {
  const stored = new Map<string, unknown>();
  const first = bench({ operatorData: [2], stored });
  const result = await first.run(payload);
  const second = bench({ operatorData: [3], stored });
  expect(await second.run(payload)).toEqual(result);
  expect([second.asked, second.operatorAsked, second.spent]).toEqual([[], [], []]);
});

test("the steps and their progress are the document's", async () => {
  const { run, steps } = bench({});
  await run(payload);
  expect(steps).toEqual([
    ...[
      [0, "작업 시작"],
      [20, "데이터 수집 중"],
      [50, "AI 분석 중"],
      [80, "결과 정리 중"],
    ],
  ]);
});

test("the result says how complex the question was, also when nobody had scored it", async () => {
  const complexityOf = async (more: Partial<AiAnalysisPayload>) =>
    (await bench({}).run({ ...payload, ...more })).complexity;
  expect(await complexityOf({})).toBe("simple");
  expect(await complexityOf({ query: "모든 서버 분석하고 리포트 만들어줘" })).toBe("complex");
  expect(await complexityOf({ complexity: "complex" })).toBe("complex");
});

test("what the model used is recorded, and the longest answer is a setting", async () => {
  const { run, spent, asked } = bench({ env: { AI_ANALYSIS_MAX_OUTPUT: "777" } });
  await run(payload);
  expect(spent).toEqual([{ tokens: 3, cost: 0.5, model: "m" }]);
  expect(asked[0]?.maxTokens).toBe(777);
  expect(() => bench({ env: { AI_ANALYSIS_MAX_OUTPUT: "0" } })).toThrow("AI_ANALYSIS_MAX_OUTPUT");
});

test("a job that was stopped asks nobody", async () => {
  const { run, asked } = bench({});
  const stop = AbortSignal.abort(new GiveUp("stopped"));
  await expect(run(payload, stop)).rejects.toThrow("stopped");
  expect(asked).toEqual([]);
});
