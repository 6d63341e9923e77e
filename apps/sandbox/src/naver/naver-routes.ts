import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  invalidDisplay,
  invalidQuery,
  invalidSort,
  invalidStart,
  malformedEncoding,
  missingClientId,
  missingClientSecret,
  type NaverError,
  unknownSearch,
} from "./naver-errors.ts";
import { type NaverSearch, naverResult } from "./naver-result.ts";
import { isNaverSegment } from "./naver-sources.ts";

const Query = z.string().trim().min(1);
const Display = z.coerce.number().int().min(1).max(100).default(10);
const Start = z.coerce.number().int().min(1).max(1000).default(1);
const Sort = z.enum(["sim", "date"]).default("sim");

/** `GET /v1/search/<source>.json`, with the checks and error bodies of the real service. */
export function registerNaverRoutes(app: FastifyInstance): void {
  app.get("/v1/search/:file", async (request, reply) => {
    const answer = readSearch(request);
    if ("body" in answer) return reply.code(answer.status).send(answer.body);
    return naverResult(answer, new Date());
  });
}

function readSearch(request: FastifyRequest): NaverSearch | NaverError {
  const { headers, params, url } = request;
  if (!headers["x-naver-client-id"]) return missingClientId;
  if (!headers["x-naver-client-secret"]) return missingClientSecret;
  const { file } = z.object({ file: z.string() }).parse(params);
  const segment = /^(\w+)\.json$/.exec(file)?.[1] ?? "";
  if (!isNaverSegment(segment)) return unknownSearch;
  if (!isWellEncoded(url)) return malformedEncoding;

  const fields = z.record(z.string(), z.unknown()).parse(request.query);
  const query = Query.safeParse(fields.query);
  if (!query.success) return invalidQuery;
  const display = Display.safeParse(fields.display);
  if (!display.success) return invalidDisplay;
  const start = Start.safeParse(fields.start);
  if (!start.success) return invalidStart;
  if (!Sort.safeParse(fields.sort).success) return invalidSort;
  return { segment, query: query.data, start: start.data, display: display.data };
}

function isWellEncoded(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    // Only a malformed escape throws here, and that is the answer.
    return false;
  }
}
