import { Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { type SheetAnswer, SheetLimits, UnreadableSpreadsheet } from "../spreadsheet.ts";
import { enforceLimits } from "./limits.ts";
import { readXlsxSheets } from "./read-xlsx.ts";

const output = new Socket({ fd: 3, readable: false, writable: true });
// The parent has gone, and with it whoever would read.
output.on("error", () => process.exit(1));

async function answerOf(limits: SheetLimits): Promise<SheetAnswer> {
  try {
    return { sheets: await readXlsxSheets(await buffer(process.stdin), limits) };
  } catch (error) {
    if (error instanceof UnreadableSpreadsheet) {
      return { problem: error.problem, detail: error.message };
    }
    // Nothing but the file is at work here, and what the library trips over is of many sorts.
    return { problem: "corrupt", detail: String(error).slice(0, 200) };
  }
}

const limits = SheetLimits.parse(JSON.parse(process.argv[2] ?? ""));
enforceLimits(limits);
const answer = JSON.stringify(await answerOf(limits));
output.write(`${answer}\n`, () => process.exit(0));
