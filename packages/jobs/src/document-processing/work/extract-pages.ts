import { GiveUp, message } from "@ilgam/contracts";
import { isImage } from "../accepted-types.ts";
import { cleanText } from "./clean-text.ts";
import type { PageText } from "./document-store.ts";
import { type DocumentWork, pagesOf, picturePages } from "./document-work.ts";
import { withLocalCopy } from "./local-copy.ts";

export type Extracted = {
  pages: number;
  /** Whether anything has to be looked at: an image, or a page without a text layer. */
  hasPictures: boolean;
};

/** Pages are written when so many characters, or pages, have come together. */
const pieceCharacters = 500_000;
const piecePages = 25;

/** Stage one: the text layer, page by page into the store. @throws GiveUp */
export async function extractPages(work: DocumentWork): Promise<Extracted> {
  const { store, context, file, settings } = work;
  const of = { tenantId: context.job.tenantId, fileId: file.id, signal: context.signal };
  return withLocalCopy(work.files, of, async (path) => {
    if (!isImage(file)) return extractFrom(work, path);
    // What they say is read off them in the next stage.
    const pages = await picturePages(path, settings.maxPages);
    await store.putPages(Array.from({ length: pages }, (_, at) => ({ number: at + 1, text: "" })));
    return { pages, hasPictures: true };
  });
}

async function extractFrom(work: DocumentWork, path: string): Promise<Extracted> {
  const { store, context, settings } = work;
  const extracted: Extracted = { pages: 0, hasPictures: false };
  let characters = 0;
  let piece: PageText[] = [];
  let pieceSize = 0;
  const flush = async () => {
    if (piece.length > 0) await store.putPages(piece);
    piece = [];
    pieceSize = 0;
  };
  // One image tells that there are images: the others are decoded when they are described.
  for await (const page of pagesOf(work, path, { render: "none", maxImages: 1 })) {
    work.checkTime();
    if (page.text.length > 4 * settings.maxCharacters) throw tooLong();
    const text = cleanText(page.text);
    characters += text.length;
    if (characters > settings.maxCharacters) throw tooLong();
    piece.push({ number: page.number, text });
    pieceSize += text.length;
    extracted.pages = page.number;
    extracted.hasPictures ||= page.images.length > 0 || isScan(work, text);
    if (pieceSize >= pieceCharacters || piece.length >= piecePages) await flush();
    const { number, pageCount } = page;
    context.progress(10 + (40 * number) / pageCount, `extracting ${number}/${pageCount}`);
  }
  await flush();
  return extracted;
}

/** A page of a PDF that says nothing is a picture. */
function isScan({ file }: DocumentWork, text: string): boolean {
  return file.mediaType === "application/pdf" && !/[\p{L}\p{N}]/u.test(text);
}

function tooLong(): GiveUp {
  return new GiveUp(message("error_document_too_long"), { code: "document_too_long" });
}
