import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { type ChildLine, type Page, ParseTask, UnreadableDocument } from "../document.ts";
import { enforceLimits } from "./limits.ts";
import { readDocx } from "./read-docx.ts";
import { readHtml, readText } from "./read-text.ts";

const output = new Socket({ fd: 3, readable: false, writable: true });
// The parent has gone, and with it whoever would read.
output.on("error", () => process.exit(1));

/** Resolves when the parent has taken it, so that a slow reader slows the work. */
function say(line: ChildLine): Promise<void> {
  return new Promise((resolve) => {
    output.write(`${JSON.stringify(line)}\n`, () => resolve());
  });
}

async function pagesOf(task: ParseTask): Promise<AsyncIterable<Page>> {
  const { mediaType } = task;
  // Large, and needed for nothing else.
  if (mediaType === "application/pdf") return (await import("./read-pdf.ts")).readPdf(task);
  if (mediaType === "text/html") return readHtml(task);
  return mediaType.startsWith("text/") ? readText(task) : readDocx(task);
}

async function run(task: ParseTask): Promise<void> {
  enforceLimits(task.limits);
  try {
    for await (const page of await pagesOf(task)) await say({ page });
    await say({ done: true });
  } catch (error) {
    if (!(error instanceof UnreadableDocument)) throw error;
    await say({ problem: error.problem, detail: error.message });
  }
  process.exit(0);
}

const lines = createInterface({ input: process.stdin });
lines.once("line", (line) => void run(ParseTask.parse(JSON.parse(line))));
lines.once("close", () => process.exit(1));
