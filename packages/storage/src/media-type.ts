import { createReadStream } from "node:fs";
import path from "node:path";
import { TextDecoder } from "node:util";
import { fileTypeFromFile } from "file-type";

/** The type of a file that is neither known nor text. */
export const unknownType = "application/octet-stream";

const byExtension: Record<string, string> = {
  ".csv": "text/csv",
  ".htm": "text/html",
  ".html": "text/html",
  ".json": "application/json",
  ".markdown": "text/markdown",
  ".md": "text/markdown",
};

/**
 * What the file is by its content. `fileName` decides only which kind of text a text is; a text is
 * one in UTF-8, CP949 or, with its mark, UTF-16, without control characters.
 */
export async function mediaTypeOf(file: string, fileName: string): Promise<string> {
  const found = await fileTypeFromFile(file);
  const named = byExtension[path.extname(fileName).toLowerCase()];
  // A page that begins as XML does.
  if (found?.mime === "application/xml" && named === "text/html") return named;
  if (found) return found.mime;
  const start = await textStart(file);
  if (start === undefined) return unknownType;
  if (/^\s*<(!doctype\s+html|html)[\s>]/i.test(start)) return "text/html";
  return named ?? "text/plain";
}

/** The first characters of a text; undefined when it is none. */
async function textStart(file: string): Promise<string | undefined> {
  let candidates: TextDecoder[] | undefined;
  let start: string | undefined;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    candidates ??= decodersFor(chunk);
    const decoded = candidates.map((decoder) => ({ decoder, text: decode(decoder, chunk) }));
    const fitting = decoded.filter(({ text }) => text !== undefined && isPlain(text));
    start ??= fitting[0]?.text?.slice(0, 1_000);
    candidates = fitting.map(({ decoder }) => decoder);
    if (candidates.length === 0) return undefined;
  }
  const whole = candidates?.some((decoder) => decode(decoder) !== undefined);
  return whole ? start : undefined;
}

function decodersFor(start: Buffer): TextDecoder[] {
  const wide = start[0] === 0xff && start[1] === 0xfe ? "utf-16le" : "utf-16be";
  const isWide = wide === "utf-16le" || (start[0] === 0xfe && start[1] === 0xff);
  const encodings = isWide ? [wide] : ["utf-8", "euc-kr"];
  return encodings.map((encoding) => new TextDecoder(encoding, { fatal: true }));
}

/** Undefined when the bytes are no text in that encoding; without a chunk, the end. */
function decode(decoder: TextDecoder, chunk?: Buffer): string | undefined {
  try {
    return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
  } catch {
    // Fatal decoders say so by throwing; that answer is the question.
    return undefined;
  }
}

function isPlain(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for.
  return !/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text);
}
