import { GiveUp, message } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import type { AiClient } from "@ilgam/upstream";
import { z } from "zod";
import type { JobContext } from "../../handling/job-context.ts";
import { maxPixelsOf } from "../../image-analysis/image-settings.ts";
import { holdFile } from "../../image-analysis/work/open-image.ts";
import type { FileStore } from "../../uploads/file-store.ts";
import { acceptedFiles } from "../accepted-files.ts";
import type { TableExtractionPayload, TableExtractionResult } from "../contract.ts";
import { joinPages, PageTables } from "./page-tables.ts";
import { questionOf, role } from "./prompt.ts";
import { readPages, type SeenPage } from "./read-pages.ts";

/** What a model may look at, pixels; small print needs all of it. */
const longestSide = 2_048;

const MaxPages = z.coerce.number().int().min(1).max(1_000).default(50);

/** A page full of numbers is a long answer; the client's own limit counts where that is longer. */
const longestCallMs = 150_000;

type Context = JobContext<TableExtractionPayload>;
type PageAnswer = { tables: PageTables["tables"]; model: string; provider: string };

export type TableExtractionDependencies = {
  sql: Sql;
  files: FileStore;
  ai: Pick<AiClient, "chat">;
  env: Record<string, string | undefined>;
};

/**
 * Asks the model about one page after the other; pages that were read stay read after a crash.
 * @throws Error at creation when `IMAGE_MAX_PIXELS` or `TABLE_EXTRACTION_MAX_PAGES` is wrong
 */
export function createTableExtractionProcessor(
  deps: TableExtractionDependencies,
): (context: Context) => Promise<TableExtractionResult> {
  const read = createPageReader(deps);
  const limits = {
    longestSide,
    maxPixels: maxPixelsOf(deps.env),
    maxPages: maxPagesOf(deps.env),
  };
  return async (context) => {
    const { progress, step } = context;
    progress(10, "preparing");
    const file = await holdFile(deps, context, acceptedFiles);
    const answers: (PageAnswer & { number: number })[] = [];
    let pageCount = 1;
    for await (const page of readPages(deps.files, context, file, limits)) {
      const { number } = page;
      ({ pageCount } = page);
      progress(30 + (50 * (number - 1)) / pageCount, `page ${number} of ${pageCount}`);
      const before = answers.at(-1)?.tables.at(-1);
      const answer = await step(`page-${number}`, () => read(context, page, before));
      answers.push({ ...answer, number });
    }
    progress(80, "saving");
    if (answers.length === 0)
      throw new GiveUp(message("document_corrupt"), { code: "document_corrupt" });
    // Pages that were read before a restart may be another model's.
    const model = namesOf(answers.map((answer) => answer.model));
    const provider = namesOf(answers.map((answer) => answer.provider));
    return { tables: joinPages(answers), pageCount, model, provider };
  };
}

/** All that took part, in the order of the pages; one name as a rule. */
function namesOf(names: string[]): string {
  return [...new Set(names)].join(", ");
}

/** Asks the model for the tables of one page. */
function createPageReader({ ai, env }: Pick<TableExtractionDependencies, "ai" | "env">) {
  const usualMs = Number(env.OPENAI_TIMEOUT_MS) || 60_000;
  // The pace gives a call up for dead after twice the usual time and a minute.
  const timeoutMs = Math.max(usualMs, Math.min(longestCallMs, 2 * usualMs + 50_000));
  return async (
    { payload, signal, spend, idempotencyKey }: Context,
    page: SeenPage,
    before: PageTables["tables"][number] | undefined,
  ): Promise<PageAnswer> => {
    const picture = await page.picture();
    signal.throwIfAborted();
    const { output, model, provider } = await ai.chat({
      ...{ name: "table-extraction", schema: PageTables, timeoutMs, signal },
      messages: [
        { role: "system", content: role },
        {
          role: "user",
          content: questionOf({ ...page, before }),
          images: [{ ...picture, detail: "high" }],
        },
      ],
      ...(payload.model !== undefined && { model: payload.model }),
      // As much as gpt-4o writes: a page full of numbers would be cut at each try alike.
      ...{ maxTokens: 16_000, temperature: 0 },
      idempotencyKey: `${idempotencyKey}:page-${page.number}`,
      onUsage: (spent) =>
        spend({ tokens: spent.totalTokens, cost: spent.costUsd, model: spent.model }),
    });
    return { tables: output.tables, model, provider };
  };
}

function maxPagesOf({ TABLE_EXTRACTION_MAX_PAGES: given }: Record<string, string | undefined>) {
  const parsed = MaxPages.safeParse(given || undefined);
  if (parsed.success) return parsed.data;
  throw new Error("TABLE_EXTRACTION_MAX_PAGES must be a whole number from 1 to 1000");
}
