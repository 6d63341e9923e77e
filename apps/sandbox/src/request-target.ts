import { sourceOfPath } from "./naver/naver-sources.ts";

/** What a request asks for, as the log shows it and fault scripts match it. */
export type RequestTarget = {
  /** Without the query string. */
  path: string;
  /** The `query` parameter; null when absent. */
  query: string | null;
  /** Naver's source by its short name (`cafe` for `cafearticle`); null elsewhere. */
  source: string | null;
};

/** Reads the target from a request's raw URL. */
export function readTarget(url: string): RequestTarget {
  const { pathname, searchParams } = new URL(`http://sandbox${url}`);
  return { path: pathname, query: searchParams.get("query"), source: sourceOfPath(pathname) };
}
