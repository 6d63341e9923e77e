import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { parseDocument, UnreadableDocument } from "@ilgam/parsing";
import { machine, median } from "./harness/machine.ts";

/*
 * Reads every PDF of a folder as documents are read, and says how many were read, refused and failed,
 * how long a page took, and how like pdftotext's the text is (where that is installed).
 *   npm run read-pdfs -w bench -- <folder> [first] [how many]
 */
const run = promisify(execFile);
const [folder, first = "0", count = "1000000"] = process.argv.slice(2);
if (folder === undefined) throw new Error("name a folder of PDF files");
/** Longer than what a person waits for a refusal. */
const slowMs = 5_000;
const longestText = 200_000;

type Reading = {
  file: string;
  end: string;
  pages: number;
  ms: number;
  slowestPageMs: number;
  likeness: number | undefined;
};

async function read(file: string): Promise<Reading> {
  const since = performance.now();
  let [pages, last, slowestPageMs] = [0, since, 0];
  const texts: string[] = [];
  let end = "read";
  try {
    for await (const page of parseDocument({ path: file, mediaType: "application/pdf" })) {
      slowestPageMs = Math.max(slowestPageMs, performance.now() - last);
      texts.push(page.text);
      pages += 1;
      last = performance.now();
    }
  } catch (error) {
    end = error instanceof UnreadableDocument ? error.problem : `failed: ${String(error)}`;
  }
  const ms = performance.now() - since;
  const likeness = end === "read" ? await likenessOf(file, texts.join("\n")) : undefined;
  return { file: path.basename(file), end, pages, ms, slowestPageMs, likeness };
}

/** Of the words that either has, the part that both have: 0 to 1; undefined without any text. */
async function likenessOf(file: string, ours: string): Promise<number | undefined> {
  const theirs = await run("pdftotext", ["-q", file, "-"], { maxBuffer: 50_000_000 }).then(
    ({ stdout }) => stdout,
    () => undefined,
  );
  if (theirs === undefined) return undefined;
  const [one, other] = [countWords(ours), countWords(theirs)];
  const words = new Set([...one.keys(), ...other.keys()]);
  if (words.size === 0) return undefined;
  let [both, either] = [0, 0];
  for (const word of words) {
    const [a, b] = [one.get(word) ?? 0, other.get(word) ?? 0];
    both += Math.min(a, b);
    either += Math.max(a, b);
  }
  return both / either;
}

function countWords(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text
    .normalize("NFKC")
    .slice(0, longestText)
    .matchAll(/[\p{L}\p{N}]+/gu)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

const names = (await readdir(folder)).filter((name) => /\.pdf$/i.test(name)).sort();
const chosen = names.slice(Number(first), Number(first) + Number(count));
const readings: Reading[] = [];
for (const name of chosen) {
  const reading = await read(path.join(folder, name));
  readings.push(reading);
  const { file, end, pages, ms, slowestPageMs } = reading;
  const isNews = end !== "read" || slowestPageMs > slowMs;
  if (isNews) {
    const times = `${(ms / 1_000).toFixed(1)} s, slowest page ${(slowestPageMs / 1_000).toFixed(1)} s`;
    console.log(`${file}: ${end}; ${pages} pages, ${times}`);
  }
}
const ends = new Map<string, number>();
for (const { end } of readings) ends.set(end.slice(0, 40), (ends.get(end.slice(0, 40)) ?? 0) + 1);
const alike = readings.flatMap(({ likeness }) => likeness ?? []);
const perPage = readings.filter(({ pages }) => pages > 0).map(({ ms, pages }) => ms / pages);
console.log(machine());
console.table(Object.fromEntries(ends));
console.log(
  `${readings.length} files; a page in ${median(perPage).toFixed(0)} ms (median of files)`,
);
if (alike.length > 0) {
  const mean = alike.reduce((sum, one) => sum + one, 0) / alike.length;
  console.log(`text like pdftotext's: mean ${mean.toFixed(2)}, of ${alike.length} files with text`);
}
