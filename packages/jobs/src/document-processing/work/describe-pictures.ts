import { readFile } from "node:fs/promises";
import { GiveUp } from "@ilgam/contracts";
import { normalizeImage, type Page, UnreadableImage } from "@ilgam/parsing";
import type { AiClient, ChatImage } from "@ilgam/upstream";
import { isImage } from "../accepted-types.ts";
import { cleanText } from "./clean-text.ts";
import { asGiveUp, type DocumentWork, pagesOf, picturePages } from "./document-work.ts";
import { withLocalCopy } from "./local-copy.ts";
import { imagePrompt, markDescription, pagePrompt } from "./vision-prompts.ts";

type Vision = DocumentWork & { ai: Pick<AiClient, "chat"> };

/** How a model is shown a whole page, and an image in one. */
const asPage = {
  prompt: pagePrompt,
  longestSide: 2_000,
  detail: "high",
  maxTokens: 8_000,
} as const;
const asImage = {
  prompt: imagePrompt,
  longestSide: 1_024,
  detail: "auto",
  maxTokens: 500,
} as const;
/** `page`: of a file with several, from 1. */
type Look = (typeof asPage | typeof asImage) & { page?: number };

/** Refusals of this one picture; the rest of the document can do without. */
const refusals = new Set(["refused", "content_filter"]);

/**
 * Stage two: what pictures say, into their pages' rows. Each call is a checkpoint of its own, so that
 * a crash repeats one at most. @throws GiveUp, TryLater, UpstreamError
 */
export function describePictures(work: Vision): Promise<void> {
  const { context, file } = work;
  const of = { tenantId: context.job.tenantId, fileId: file.id, signal: context.signal };
  return withLocalCopy(work.files, of, async (path) => {
    if (isImage(file)) return seeImageFile(work, path);
    const { maxImages } = work.settings;
    for await (const page of pagesOf(work, path, { render: "scanned", maxImages })) {
      const seen = await seePage(work, page);
      if (seen) await work.store.putSeen(page.number, seen);
      const { number, pageCount } = page;
      context.progress(50 + (15 * number) / pageCount, `describing ${number}/${pageCount}`);
    }
  });
}

async function seeImageFile(work: Vision, path: string): Promise<void> {
  try {
    // A first look: a picture that is broken as a whole is no document.
    await normalizeImage(path, { longestSide: 16 });
  } catch (error) {
    throw asGiveUp(error);
  }
  const pages = await picturePages(path, work.settings.maxPages);
  for (let page = 1; page <= pages; page += 1) {
    work.context.progress(50 + (15 * (page - 1)) / pages, `describing ${page}/${pages}`);
    await work.store.putSeen(page, await look(work, `page-${page}`, path, { ...asPage, page }));
  }
}

async function seePage(work: Vision, page: Page): Promise<string> {
  const parts: string[] = [];
  if (page.rendered) {
    parts.push(await look(work, `page-${page.number}`, page.rendered.path, asPage));
  }
  for (const [index, { path }] of page.images.entries()) {
    const text = await look(work, `page-${page.number}-image-${index + 1}`, path, asImage);
    if (text) parts.push(markDescription(text));
  }
  return parts.filter(Boolean).join("\n\n");
}

/** What one picture says, asked once a run; empty when it cannot be shown or is refused. */
function look(work: Vision, name: string, path: string, as: Look): Promise<string> {
  const { context, ai } = work;
  return context.step(name, async () => {
    work.checkTime();
    const image = await imageOf(work, name, path, as);
    if (!image) return "";
    context.signal.throwIfAborted();
    try {
      const { text } = await ai.chat({
        messages: [{ role: "user", content: as.prompt, images: [image] }],
        maxTokens: as.maxTokens,
        name: as.prompt === asPage.prompt ? "document_page" : "document_image",
        signal: context.signal,
        idempotencyKey: `${context.idempotencyKey}:${name}`,
        onUsage: ({ totalTokens: tokens, costUsd: cost, model: asked }) =>
          context.spend({ tokens, cost, model: asked }),
      });
      return cleanText(text);
    } catch (error) {
      if (!(error instanceof GiveUp) || !refusals.has(error.code)) throw error;
      await context.log("a picture was refused and is left out", { name, reason: error.message });
      return "";
    }
  });
}

async function imageOf(
  { context }: Vision,
  name: string,
  path: string,
  { longestSide, detail, page = 1 }: Look,
): Promise<ChatImage | undefined> {
  try {
    const { mediaType, bytes, width, height } = await normalizeImage(await readFile(path), {
      ...{ longestSide, page },
    });
    return { mediaType, bytes, width, height, detail };
  } catch (error) {
    if (!(error instanceof UnreadableImage)) throw error;
    await context.log("a picture cannot be read and is left out", { name, reason: error.problem });
    return undefined;
  }
}
