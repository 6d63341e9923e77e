import { createHash } from "node:crypto";
import type { NaverSegment } from "./naver-sources.ts";

export type NaverSearch = { segment: NaverSegment; query: string; start: number; display: number };

/** The number of documents: always the same for a source and a query, 0 up to 10 million. */
export function countDocuments(segment: NaverSegment, query: string): number {
  const hash = createHash("sha256").update(`${segment}\n${query}`).digest();
  // Spread over the powers of ten, as real counts are.
  return hash.readUInt32BE(0) % 10 ** (1 + (hash.readUInt8(4) % 7));
}

/** The body of a successful search, as Naver sends it. */
export function naverResult(search: NaverSearch, now: Date) {
  const { segment, query, start, display } = search;
  const total = countDocuments(segment, query);
  const shown = Math.max(0, Math.min(display, total - start + 1));
  const items = Array.from({ length: shown }, (_, index) => item(segment, query, start + index));
  return { lastBuildDate: seoulDate(now), total, start, display: shown, items };
}

function item(segment: NaverSegment, query: string, position: number): Record<string, string> {
  const link = `https://sandbox.invalid/${segment}/${encodeURIComponent(query)}/${position}`;
  const text = {
    title: `<b>${query}</b> ${position}`,
    link,
    description: `샌드박스가 만든 <b>${query}</b>의 ${position}번째 문서입니다.`,
  };
  switch (segment) {
    case "blog":
      return {
        ...text,
        bloggername: "샌드박스",
        bloggerlink: "https://sandbox.invalid/blog",
        postdate: "20260101",
      };
    case "cafearticle":
      return { ...text, cafename: "샌드박스", cafeurl: "https://sandbox.invalid/cafe" };
    case "news":
      return { ...text, originallink: link, pubDate: "Thu, 01 Jan 2026 09:00:00 +0900" };
    case "kin":
    case "webkr":
      return text;
  }
}

/** RFC 1123 in Korea's time zone, such as `Mon, 26 Sep 2016 11:01:35 +0900`. */
function seoulDate(now: Date): string {
  const shifted = new Date(now.getTime() + 9 * 3_600_000);
  return shifted.toUTCString().replace("GMT", "+0900");
}
