import { isUtf8 } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import path from "node:path";
import { fileTypeFromFile } from "file-type";

/** The type of a file that is neither known nor text. */
const unknownType = "application/octet-stream";

const byExtension: Record<string, string> = {
  ".csv": "text/csv",
  ".htm": "text/html",
  ".html": "text/html",
  ".json": "application/json",
  ".markdown": "text/markdown",
  ".md": "text/markdown",
};

/** Types that begin with two or three letters, as an ordinary text may: "BMW…", "MZ세대…". */
const byFewBytes = new Set([
  ...["image/bmp", "application/x-msdownload", "audio/mpeg", "application/x-bzip2", "video/x-flv"],
  ...["application/x-compress", "application/postscript", "application/x-shockwave-flash"],
]);

/**
 * What the file is by its content. `fileName` decides only which kind of text a text is; a text is
 * one in UTF-8 or CP949 without control characters.
 */
export async function mediaTypeOf(file: string, fileName: string): Promise<string> {
  const found = await fileTypeFromFile(file);
  const named = byExtension[path.extname(fileName).toLowerCase()];
  // A page that begins as XML does.
  if (found?.mime === "application/xml" && named === "text/html") return named;
  if (found && !byFewBytes.has(found.mime)) return found.mime;
  const handle = await open(file);
  try {
    const start = await startOf(handle);
    const isText = (await every(handle, isPlainUtf8)) || (await every(handle, isPlainCp949));
    if (!isText) return found?.mime ?? unknownType;
    if (/^\W*<(!doctype\s+html|html)[\s>]/i.test(start.toString("latin1"))) return "text/html";
    return named ?? "text/plain";
  } finally {
    await handle.close();
  }
}

async function startOf(handle: FileHandle): Promise<Buffer> {
  const start = Buffer.alloc(1_024);
  const { bytesRead } = await handle.read(start, 0, start.length, 0);
  return start.subarray(0, bytesRead);
}

/** Of a chunk: the bytes that fit (its last character may be cut), or -1 when they do not. */
type Fits = (chunk: Buffer, isLast: boolean) => number;

/** True when the whole file fits, read through one buffer. */
async function every(handle: FileHandle, fits: Fits): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(65_536);
  let kept = 0;
  let at = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, kept, buffer.length - kept, at);
    at += bytesRead;
    const chunk = buffer.subarray(0, kept + bytesRead);
    const taken = fits(chunk, bytesRead === 0);
    if (taken < 0) return false;
    if (bytesRead === 0) return true;
    buffer.copyWithin(0, taken, chunk.length);
    kept = chunk.length - taken;
  }
}

function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b;
}

function isPlainUtf8(chunk: Buffer, isLast: boolean): number {
  for (let at = 0; at < chunk.length; at += 1) if (isControl(chunk[at] ?? 0)) return -1;
  let end = chunk.length;
  if (!isLast) {
    // Back to before the last character, whose rest may be in the next chunk.
    const earliest = Math.max(0, end - 4);
    while (end > earliest && ((chunk[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
    if (end > earliest && (chunk[end - 1] ?? 0) >= 0xc0) end -= 1;
  }
  return isUtf8(chunk.subarray(0, end)) ? end : -1;
}

/** By the form of its pairs: whether each is assigned is for whoever reads it. */
function isPlainCp949(chunk: Buffer, isLast: boolean): number {
  let at = 0;
  while (at < chunk.length) {
    const byte = chunk[at] ?? 0;
    if (isControl(byte) || byte === 0x80 || byte === 0xff) return -1;
    if (byte < 0x80) {
      at += 1;
      continue;
    }
    if (at + 1 === chunk.length) return isLast ? -1 : at;
    const second = chunk[at + 1] ?? 0;
    if (second < 0x41 || second === 0xff || (second > 0x5a && second < 0x61)) return -1;
    if (second > 0x7a && second < 0x81) return -1;
    at += 2;
  }
  return at;
}
