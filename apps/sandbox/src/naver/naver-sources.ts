/** Naver's path segments and our short names for them. */
const sourceOfSegment = {
  blog: "blog",
  cafearticle: "cafe",
  news: "news",
  kin: "kin",
  webkr: "webkr",
} as const;

export type NaverSegment = keyof typeof sourceOfSegment;

/** Whether `segment` names a search this sandbox serves. */
export function isNaverSegment(segment: string): segment is NaverSegment {
  return Object.hasOwn(sourceOfSegment, segment);
}

/** The source a search path asks for, by its short name; null for other paths. */
export function sourceOfPath(path: string): string | null {
  const segment = /^\/v1\/search\/(\w+)\.json$/.exec(path)?.[1];
  return segment && isNaverSegment(segment) ? sourceOfSegment[segment] : null;
}
