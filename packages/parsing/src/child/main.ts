import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { type ChildLine, type Page, ParseTask, UnreadableDocument } from "../document.ts";
import { enforceLimits } from "./limits.ts";
import { readDocx } from "./read-docx.ts";
import { readHtml, readText } from "./read-text.ts";

const output = new Socket({ fd: 3, readable: false, writable: true });
// The parent has gone, and with it whoever would read.
output.on("error", () => process.exit(1));

const asked = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

function say(line: ChildLine): Promise<void> {
  // These two end a line for whoever reads lines, and JSON leaves them as they are.
  const json = JSON.stringify(line).replace(/[\u2028\u2029]/g, (end) =>
    end === "\u2028" ? "\\u2028" : "\\u2029",
  );
  return new Promise((resolve) => {
    output.write(`${json}\n`, () => resolve());
  });
}

/** The parent's next line; its end is that of this process too. */
async function hear(): Promise<string> {
  const { done, value } = await asked.next();
  if (done) process.exit(1);
  return value;
}

async function pagesOf(task: ParseTask): Promise<AsyncIterable<Page>> {
  const { mediaType } = task;
  // Large, and needed for nothing else.
  if (mediaType === "application/pdf") return (await import("./read-pdf.ts")).readPdf(task);
  if (mediaType === "text/html") return readHtml(task);
  return mediaType.startsWith("text/") ? readText(task) : readDocx(task);
}

async function run(task: ParseTask): Promise<void> {
  const { setReading } = enforceLimits(task.limits);
  try {
    for await (const page of await pagesOf(task)) {
      await say({ page });
      // Pictures of pages that nobody has asked for would fill the disk.
      setReading(false);
      await hear();
      setReading(true);
    }
    await say({ done: true });
  } catch (error) {
    if (!(error instanceof UnreadableDocument)) throw error;
    await say({ problem: error.problem, detail: error.message });
  }
  process.exit(0);
}

await run(ParseTask.parse(JSON.parse(await hear())));
