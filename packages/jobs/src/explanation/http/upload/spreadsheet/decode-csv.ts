import type { Language } from "@ilgam/contracts";
import iconv from "iconv-lite";
import { fileProblem } from "../file-problem.ts";

/**
 * The text of a CSV file: UTF-8 or UTF-16 (Excel's "Unicode text") with or without BOM, else CP949,
 * as Korean Excel saves a CSV.
 * @throws ApiError invalid_field for anything else
 */
export function decodeCsv(bytes: Buffer, language: Language): string {
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  if (mark === 0xfffe || mark === 0xfeff || bytes.includes(0)) {
    const text = decodeUtf16(bytes, mark);
    if (text === undefined) throw fileProblem("file_no_table", language);
    return text;
  }
  const utf8 = decoded(bytes, "utf-8");
  if (utf8 !== undefined) return utf8;
  const text = iconv.decode(bytes, "cp949");
  if (text.includes("\uFFFD")) throw fileProblem("csv_encoding", language);
  return text;
}

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

function decoded(bytes: Buffer, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // Not in this encoding: there are others.
    return undefined;
  }
}

/** Without a mark the byte order is the one that yields a text, with the more of plain letters and signs. */
function decodeUtf16(bytes: Buffer, mark: number): string | undefined {
  const orders: Encoding[] = ["utf-16le", "utf-16be"];
  if (mark === 0xfffe) orders.pop();
  if (mark === 0xfeff) orders.shift();
  const texts = orders.flatMap((order) => {
    const text = decoded(bytes, order);
    return text === undefined || text.includes("\0") ? [] : [{ text, plain: plainIn(text) }];
  });
  const [best] = texts.sort((one, other) => other.plain - one.plain);
  // Any even number of bytes is such a text, but not one with cells.
  return mark === 0xfffe || mark === 0xfeff || best?.plain ? best?.text : undefined;
}

/** How many of the first characters are such as separate cells and lines. */
const plainIn = (text: string) => text.slice(0, 10_000).match(/[\t\r\n ,;"]/g)?.length ?? 0;
