import { readFile } from "node:fs/promises";
import { convert } from "html-to-text";
import iconv from "iconv-lite";
import { type Page, type ParseTask, UnreadableDocument } from "../document.ts";

const onePage = { number: 1, pageCount: 1, images: [], rendered: null };

/** Plain text and Markdown, as they stand. */
export async function* readText({ path }: ParseTask): AsyncGenerator<Page> {
  yield { ...onePage, text: decode(await readFile(path)) };
}

/** The text of a page, its tables in columns. */
export async function* readHtml({ path }: ParseTask): AsyncGenerator<Page> {
  yield { ...onePage, text: textOfHtml(decode(await readFile(path))) };
}

/** HTML as text; what stands in scripts and styles is none. */
export function textOfHtml(html: string): string {
  return convert(html, {
    wordwrap: false,
    // The process has limits of its own; beyond the library's the rest would be left out silently.
    limits: { maxInputLength: undefined },
    selectors: [
      { selector: "table", format: "dataTable" },
      { selector: "a", options: { ignoreHref: true } },
      { selector: "img", format: "skip" },
    ],
  });
}

const byteOrderMarks = [
  { mark: [0xef, 0xbb, 0xbf], encoding: "utf8" },
  { mark: [0xff, 0xfe], encoding: "utf16le" },
  { mark: [0xfe, 0xff], encoding: "utf16be" },
];

/** UTF-8, UTF-16 with its mark, else CP949 as Korean Windows writes it. */
function decode(bytes: Buffer): string {
  const marked = byteOrderMarks.find(({ mark }) => mark.every((byte, at) => bytes[at] === byte));
  if (marked) return iconv.decode(bytes, marked.encoding);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: the other encoding of Korean texts.
  }
  const text = iconv.decode(bytes, "cp949");
  if (text.includes("\uFFFD")) throw new UnreadableDocument("corrupt", "neither UTF-8 nor CP949");
  return text;
}
