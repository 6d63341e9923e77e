import { message } from "@ilgam/contracts";
import type { AiClient, DataSource } from "@ilgam/upstream";
import type { z } from "zod";
import type { JobContext } from "../../handling/job-context.ts";
import { complexityOf } from "../complexity.ts";
import {
  type AiAnalysisPayload,
  AiAnalysisResult,
  type AnalysisType,
  answers,
} from "../contract.ts";
import { type StepKey, stepPercents } from "../steps.ts";
import { promptOf } from "./prompt.ts";

type Context = JobContext<AiAnalysisPayload>;

type Dependencies = {
  ai: Pick<AiClient, "chat">;
  /** The operator's own data; undefined: none is set. */
  aiData?: Pick<DataSource, "ask"> | undefined;
  env: Record<string, string | undefined>;
};

const defaultMaxTokens = 4_000;

/**
 * Answers one question: collects its data, asks the model, checks the answer's form. The data and
 * the answer are checkpoints: after a crash neither is asked for again.
 * @throws Error at creation when `AI_ANALYSIS_MAX_OUTPUT` is wrong
 */
export function createAiAnalysisProcessor(
  deps: Dependencies,
): (context: Context) => Promise<AiAnalysisResult> {
  const maxTokens = maxTokensOf(deps.env);
  return async (context) => {
    const { type, query, complexity = complexityOf(query).complexity } = context.payload;
    enter(context, "ai_step_start");
    enter(context, "ai_step_collect");
    const { data, dataSource } = await collectData(deps.aiData, context);
    enter(context, "ai_step_analyze");
    const answer = await context.step("answer", () =>
      askModel(deps.ai, context, { data, maxTokens }),
    );
    enter(context, "ai_step_format");
    return AiAnalysisResult.parse({ ...answer, type, complexity, dataSource });
  };
}

/** Shows a step as progress and in the log. */
function enter(context: Context, step: StepKey): void {
  context.signal.throwIfAborted();
  context.progress(stepPercents[step], message(step));
  // Not waited for: the engine keeps the order, and stores it before the job's end.
  void context.log(message(step));
}

type Collected = { data: unknown; dataSource: AiAnalysisResult["dataSource"] };

/** The request's own data, else the operator's, else none. */
async function collectData(
  source: Dependencies["aiData"],
  { payload, signal, idempotencyKey, step }: Context,
): Promise<Collected> {
  const { type, query, metadata } = payload;
  if (metadata.data !== undefined) return { data: metadata.data, dataSource: "request" };
  if (!source) return { data: null, dataSource: "none" };
  const ask = () => source.ask({ body: { type, query }, signal, idempotencyKey });
  return { data: await step("data", ask), dataSource: "operator" };
}

async function askModel(
  ai: Dependencies["ai"],
  { payload, signal, idempotencyKey, spend }: Context,
  { data, maxTokens }: { data: unknown; maxTokens: number },
) {
  const { type, query } = payload;
  const { output, model, provider } = await ai.chat({
    schema: schemaOf(type),
    name: `ai-analysis-${type}`,
    messages: promptOf({ type, query, data }),
    ...{ maxTokens, signal, idempotencyKey },
    onUsage: (used) => spend({ tokens: used.totalTokens, cost: used.costUsd, model: used.model }),
  });
  return { ...output, model, provider };
}

type Answer = z.output<(typeof answers)[AnalysisType]>;

/** Of one of the four forms; the result's own schema tells them apart. */
function schemaOf(type: AnalysisType): z.ZodType<Answer> {
  return answers[type];
}

function maxTokensOf(env: Record<string, string | undefined>): number {
  const raw = env.AI_ANALYSIS_MAX_OUTPUT;
  if (raw === undefined || raw === "") return defaultMaxTokens;
  const tokens = Number(raw);
  if (Number.isInteger(tokens) && tokens >= 1) return tokens;
  throw new Error(`AI_ANALYSIS_MAX_OUTPUT must be a whole number of at least 1, not "${raw}"`);
}
