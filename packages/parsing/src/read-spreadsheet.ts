import { text } from "node:stream/consumers";
import { startReading } from "./reading-process.ts";
import { type Sheet, SheetAnswer, type SheetLimits, UnreadableSpreadsheet } from "./spreadsheet.ts";

/** What a class's questions take is a fraction of it; a container of an API has 512 MB. */
const defaultLimits = { memoryMb: 240, timeoutMs: 10_000, maxColumns: 200 };

export type ReadSpreadsheetOptions = Partial<SheetLimits> &
  Pick<SheetLimits, "maxRows" | "maxCharacters">;

/**
 * The sheets of an XLSX that are not hidden, with their cells as Excel shows them: numbers and dates
 * in their format, formulas by the value that was stored with them, rich text without its looks. A
 * cell that is merged over several rows counts for each of them that holds something else. It is read
 * by a process of its own, which a hostile file may bring down without harm.
 * @throws UnreadableSpreadsheet
 */
export async function readSpreadsheet(
  bytes: Buffer,
  options: ReadSpreadsheetOptions,
): Promise<Sheet[]> {
  const limits: SheetLimits = { ...defaultLimits, ...options };
  const child = startReading({
    entry: new URL("./child/sheet-main.ts", import.meta.url),
    args: [JSON.stringify(limits)],
    memoryMb: limits.memoryMb,
  });
  try {
    child.input.end(bytes);
    const said = await text(child.output);
    if (said.endsWith("\n")) return sheetsOf(SheetAnswer.parse(JSON.parse(said)));
    const failure = await child.failure();
    throw typeof failure === "string" ? new UnreadableSpreadsheet(failure) : failure.error;
  } finally {
    child.kill();
  }
}

function sheetsOf(answer: SheetAnswer): Sheet[] {
  if ("sheets" in answer) return answer.sheets;
  throw new UnreadableSpreadsheet(answer.problem, answer.detail);
}
