import type { FastifyReply } from "fastify";

/** Bull Board brings its scripts itself; it sets styles from them. */
const boardPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; " +
  "frame-ancestors 'none'";

/**
 * Sets what each answer under the board carries: nothing from elsewhere, no frames, no caches. The
 * route may have set a policy of its own.
 */
export function setPageHeaders(path: string, reply: FastifyReply): void {
  if (!reply.hasHeader("content-security-policy")) {
    reply.header("content-security-policy", boardPolicy);
  }
  // Assets are named after their content: the browser may keep them and ask whether they hold.
  const isAsset = path.startsWith("/admin/queues/static/") && reply.statusCode < 400;
  reply.headers({
    "cache-control": isAsset ? "private, no-cache" : "no-store",
    "x-content-type-options": "nosniff",
    // With no-referrer browsers would send "Origin: null" from the login form.
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
  });
}

/** A page without what it would load from other servers. */
export function withoutOutsideLinks(html: string): string {
  return html.replace(/<link\b[^>]*\bhref="(?:https?:)?\/\/[^>]*>/gi, "");
}
