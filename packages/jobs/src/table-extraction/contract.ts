import { defineJob } from "@ilgam/contracts";
import { z } from "zod";

/** As services name their models, with a slash or colon in some. */
export const ModelName = z
  .string()
  .regex(/^[\w.:/@-]{1,100}$/)
  .meta({ id: "ModelName" });

export const TableExtractionPayload = z.strictObject({
  /** Of a stored image or PDF. */
  fileId: z.uuid(),
  /** Default: the operator's. */
  model: ModelName.optional(),
});
export type TableExtractionPayload = z.infer<typeof TableExtractionPayload>;

export const Table = z
  .object({
    title: z.string().nullable(),
    columns: z
      .array(
        z.object({
          /** The path in one line, as in `매출 / 2분기`. */
          name: z.string(),
          /** Header cells from the top down. */
          path: z.array(z.string()),
        }),
      )
      .min(1),
    /** One cell for each column; a merged cell is repeated, an empty one is "". */
    rows: z.array(z.array(z.string())),
    /** Where it begins, from 1. */
    page: z.int().min(1),
    /** Where it ends. */
    lastPage: z.int().min(1),
  })
  .meta({ id: "ExtractedTable" });
export type Table = z.infer<typeof Table>;

export const TableExtractionResult = z.object({
  /** In reading order; none when there are none. */
  tables: z.array(Table),
  pageCount: z.int().min(1),
  /** As the service names it. */
  /** Of the pages' calls; several, with commas, where it was changed between two pages. */
  model: z.string(),
  /** Who answered; `sandbox` when nobody looked. */
  provider: z.string(),
});
export type TableExtractionResult = z.infer<typeof TableExtractionResult>;

const fileId = "01a1fda7-478a-76bf-a88d-c6e96b9a6ed2";

/** Reads the tables of an image or a PDF with a vision model, page by page. */
export const tableExtraction = defineJob({
  kind: "table-extraction",
  summary: "Extracts the tables of an image or a PDF.",
  payload: TableExtractionPayload,
  result: TableExtractionResult,
  queue: { concurrency: 3 },
  attempts: 4,
  backoff: { baseMs: 5_000 },
  timeoutMs: 600_000,
  providers: ["openai", "storage"],
  modelOf: (payload) => TableExtractionPayload.safeParse(payload).data?.model,
  examples: {
    valid: [{ fileId }, { fileId, model: "gpt-4o-mini" }],
    invalid: [{}, { fileId: 7 }, { fileId, model: "" }, { fileId, model: "a b" }, { fileId, x: 1 }],
  },
});
