import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Canvas, SKRSContext2D } from "@napi-rs/canvas";
import {
  getDocument,
  type PDFDocumentProxy,
  type PDFPageProxy,
} from "pdfjs-dist/legacy/build/pdf.mjs";
import { type Page, type ParseTask, type Picture, UnreadableDocument } from "../document.ts";
import { formFieldsOf, type TextPiece, withFields } from "./form-fields.ts";
import { imagesOnPage } from "./pdf-images.ts";

const home = dirname(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
const folder = (name: string) => `${pathToFileURL(join(home, name)).href}/`;

/** Reads what pdf.js brings along. Its own for Node takes these addresses for paths, and finds nothing. */
class BundledFiles {
  readonly #folders: Record<string, string | null>;
  constructor(folders: Record<string, string | null>) {
    this.#folders = folders;
  }
  /** @param what `kind` is the name of the option that has the folder */
  async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    return new Uint8Array(await readFile(new URL(filename, this.#folders[kind] ?? undefined)));
  }
}

/** Drawn pages: 150 dots an inch, and no side longer than models look at. */
const dotsPerPoint = 150 / 72;
const longestSide = 2_000;

/** A PDF page by page: its text layer, its images, and where asked for the page as a picture. */
export async function* readPdf(task: ParseTask): AsyncGenerator<Page> {
  const document = await open(task.path);
  const { numPages: pageCount } = document;
  if (pageCount > task.limits.maxPages) {
    throw new UnreadableDocument("too_many_pages", `${pageCount} of ${task.limits.maxPages}`);
  }
  let imagesLeft = task.limits.maxImages;
  for (let number = 1; number <= pageCount; number += 1) {
    const read = await readPage(document, number, task, imagesLeft);
    imagesLeft -= read.images.length;
    yield { number, pageCount, ...read };
  }
}

/** What is damaged is met only here: pdf.js reads a document as far as it is asked to. */
async function readPage(
  document: PDFDocumentProxy,
  number: number,
  task: ParseTask,
  imagesLeft: number,
): Promise<Pick<Page, "text" | "images" | "rendered">> {
  try {
    const page = await document.getPage(number);
    const pieces = await piecesOf(page);
    const isScanned = !pieces.some(({ text }) => /[\p{L}\p{N}]/u.test(text));
    const text = withFields(pieces, await formFieldsOf(page));
    const isRendered = task.render === "all" || (task.render === "scanned" && isScanned);
    // A drawn page shows its images.
    const images = isRendered ? [] : await imagesOnPage(page, task, imagesLeft);
    const rendered = isRendered ? await render(document, page, task.directory) : null;
    page.cleanup();
    return { text, images, rendered };
  } catch (error) {
    // A full disk is not the document's fault.
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") throw error;
    throw new UnreadableDocument("corrupt", `page ${number}: ${String(error).slice(0, 200)}`);
  }
}

async function open(path: string): Promise<PDFDocumentProxy> {
  const data = new Uint8Array(await readFile(path));
  try {
    return await getDocument({
      ...{ data, verbosity: 0, useWorkerFetch: false, isOffscreenCanvasSupported: false },
      ...{ isImageDecoderSupported: false, enableXfa: false, disableFontFace: true },
      BinaryDataFactory: BundledFiles,
      ...{ cMapUrl: folder("cmaps"), cMapPacked: true },
      ...{ standardFontDataUrl: folder("standard_fonts"), wasmUrl: folder("wasm") },
      iccUrl: folder("iccs"),
    }).promise;
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    const detail = String(error).slice(0, 200);
    throw new UnreadableDocument(name === "PasswordException" ? "encrypted" : "corrupt", detail);
  }
}

async function piecesOf(page: PDFPageProxy): Promise<TextPiece[]> {
  const { items } = await page.getTextContent();
  return items.flatMap((item) => {
    if (!("str" in item)) return [];
    const [, , , , x = 0, y = 0] = item.transform as number[];
    return { text: item.str, x, y, endsLine: item.hasEOL };
  });
}

type RenderParameters = Parameters<PDFPageProxy["render"]>[0];
type Drawing = { canvas: Canvas; context: SKRSContext2D };

async function render(
  document: PDFDocumentProxy,
  page: PDFPageProxy,
  directory: string,
): Promise<Picture> {
  const size = page.getViewport({ scale: 1 });
  const scale = Math.min(dotsPerPoint, longestSide / Math.max(size.width, size.height));
  const viewport = page.getViewport({ scale });
  const [width, height] = [Math.ceil(viewport.width), Math.ceil(viewport.height)];
  const factory = document.canvasFactory as {
    create(width: number, height: number): Drawing;
    destroy(drawing: Drawing): void;
  };
  const drawing = factory.create(Math.max(1, width), Math.max(1, height));
  // Node's canvas has the shape of the browser's, whose types are not here.
  const target = { canvas: drawing.canvas, canvasContext: drawing.context } as unknown as Pick<
    RenderParameters,
    "canvas" | "canvasContext"
  >;
  await page.render({ ...target, viewport }).promise;
  const path = join(directory, `page-${page.pageNumber}.png`);
  await writeFile(path, await drawing.canvas.encode("png"));
  factory.destroy(drawing);
  return { path, width, height };
}
