import type { FastifyRequest } from "fastify";

/**
 * True when a page of our own sent the request, as the browser itself tells: by Sec-Fetch-Site, or,
 * over plain http where browsers leave that out, by an Origin that names the Host. A proxy in front
 * of plain http has to pass the Host on.
 */
export function isSameOrigin({ headers }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const { origin, host } = headers;
  return origin !== undefined && host !== undefined && URL.parse(origin)?.host === host;
}
