import { z } from "zod";

/** Media types that can be read as documents. */
export const documentTypes = [
  "application/pdf",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  "text/plain",
  "text/markdown",
  "text/html",
] as const;
export type DocumentType = (typeof documentTypes)[number];

const Picture = z.object({
  /** A PNG file; it is gone when the next page is asked for. */
  path: z.string(),
  width: z.int(),
  height: z.int(),
});
export type Picture = z.infer<typeof Picture>;

export const Page = z.object({
  /** From 1; documents without pages are page 1. */
  number: z.int().min(1),
  /** Of all pages. */
  pageCount: z.int().min(1),
  /** The text layer; empty on a scanned page. */
  text: z.string(),
  /** Images on the page, but for those smaller than `minImageSide`. */
  images: z.array(Picture),
  /** The page as a picture, where it was asked for. */
  rendered: Picture.nullable(),
});
export type Page = z.infer<typeof Page>;

export const ParseLimits = z.object({
  /** Resident memory of the child that reads, MB. */
  memoryMb: z.int().min(64),
  /** For reading the whole document, without what is done with its pages, milliseconds. */
  timeoutMs: z.int().min(1),
  maxPages: z.int().min(1),
  /** Images taken out of a whole document; further ones are left out. */
  maxImages: z.int().min(0),
  /** Larger images are left out. */
  maxPixels: z.int().min(1),
  /** Images with a shorter side are ornaments, pixels. */
  minImageSide: z.int().min(1),
});
export type ParseLimits = z.infer<typeof ParseLimits>;

export const defaultLimits: ParseLimits = {
  memoryMb: 600,
  timeoutMs: 10 * 60_000,
  maxPages: 1_000,
  maxImages: 200,
  maxPixels: 50_000_000,
  minImageSide: 48,
};

/** Which pages are drawn as pictures: those without a text layer, all, or none. */
export const Render = z.enum(["scanned", "all", "none"]);
export type Render = z.infer<typeof Render>;

/** What the child is told. */
export const ParseTask = z.object({
  path: z.string(),
  mediaType: z.enum(documentTypes),
  /** Where it puts pictures. */
  directory: z.string(),
  render: Render,
  limits: ParseLimits,
});
export type ParseTask = z.infer<typeof ParseTask>;

const problems = [
  "encrypted",
  "corrupt",
  "too_many_pages",
  "out_of_memory",
  "out_of_time",
] as const;
export type DocumentProblem = (typeof problems)[number];

/** What the child says, a line each. */
export const ChildLine = z.union([
  z.object({ page: Page }),
  z.object({ problem: z.enum(problems), detail: z.string() }),
  z.object({ done: z.literal(true) }),
]);
export type ChildLine = z.infer<typeof ChildLine>;

/** A document that cannot be read, however often it is tried. */
export class UnreadableDocument extends Error {
  readonly problem: DocumentProblem;
  /** @param detail of the library that read it, for the log. */
  constructor(problem: DocumentProblem, detail = "") {
    super(`the document is unreadable: ${problem}${detail && ` (${detail})`}`);
    this.name = "UnreadableDocument";
    this.problem = problem;
  }
}
