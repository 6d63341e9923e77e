import { createHash } from "node:crypto";
import { type Language, message } from "@ilgam/contracts";
import type { FastifyReply } from "fastify";

const style = `
:root { color-scheme: light dark; --ink: #1c2430; --quiet: #5b6676; --line: #d5dbe3;
  --ground: #f3f5f8; --card: #fff; --accent: #2456c9; --bad: #b3261e; --bad-ground: #fdecea; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf2; --quiet: #9aa6b6; --line: #37414f;
  --ground: #12161c; --card: #1b212a; --accent: #7ea6ff; --bad: #ffb4ab; --bad-ground: #3b1d1b; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--ground); color: var(--ink);
  font: 1rem/1.6 system-ui, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR",
    "Noto Sans CJK KR", sans-serif; word-break: keep-all; overflow-wrap: anywhere; }
main { width: 100%; max-width: 24rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 0.75rem; }
h1 { margin: 0 0 0.25rem; font-size: 1.375rem; line-height: 1.3; }
p { margin: 0 0 1.25rem; color: var(--quiet); font-size: 0.9375rem; }
p[role="alert"] { padding: 0.625rem 0.75rem; border-radius: 0.5rem; color: var(--bad);
  background: var(--bad-ground); }
label { display: block; margin-bottom: 0.375rem; font-weight: 600; font-size: 0.9375rem; }
input, button, .button { width: 100%; min-height: 2.75rem; border-radius: 0.5rem; font: inherit; }
input { margin-bottom: 1rem; padding: 0.5rem 0.75rem; color: inherit; background: transparent;
  border: 1px solid var(--line); }
button, .button { display: grid; place-items: center; border: 1px solid var(--accent);
  background: var(--accent); color: var(--card); font-weight: 600; text-decoration: none;
  cursor: pointer; }
form + form, .button + form { margin-top: 0.75rem; }
button.quiet { background: transparent; color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
footer { margin-top: 1.5rem; font-size: 0.875rem; }
footer a { color: var(--quiet); }
`;
const policy =
  `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; ` +
  "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const boardUrl = "/admin/queues";

/** What the page says above its form. */
type PageOptions = {
  language: Language;
  /** The page to go on to, an address that was checked. */
  next: string;
  /** Shown as an error: why the login was refused. */
  problem?: string | undefined;
};

/** Sends the form that asks for the admin key. */
export function sendLoginPage(
  reply: FastifyReply,
  status: number,
  options: PageOptions,
): FastifyReply {
  const { language, next, problem } = options;
  const say = sayIn(language);
  const alert = problem === undefined ? "" : `<p role="alert">${escapeHtml(problem)}</p>`;
  const action = addressOf("/admin/queues/login", { language, next });
  return sendPage(reply, status, {
    ...options,
    body: `<p>${say("login_hint")}</p>${alert}
<form method="post" action="${escapeHtml(action)}">
<label for="key">${say("login_key")}</label>
<input id="key" name="key" type="password" required autofocus autocomplete="current-password"
  autocapitalize="off" spellcheck="false">
<button>${say("login_button")}</button>
</form>`,
  });
}

/** Sends the page of somebody who is logged in: on to the board, or out. */
export function sendSessionPage(
  reply: FastifyReply,
  { language, next, expiresAt }: Omit<PageOptions, "problem"> & { expiresAt: Date },
): FastifyReply {
  const say = sayIn(language);
  const until = expiresAt.toISOString().slice(0, 16).replace("T", " ");
  return sendPage(reply, 200, {
    language,
    next,
    body: `<p>${escapeHtml(message("login_holds", language, { until: `${until} UTC` }))}</p>
<a class="button" href="${escapeHtml(next)}">${say("login_to_board")}</a>
<form method="post" action="${escapeHtml(addressOf("/admin/queues/logout", { language, next: boardUrl }))}">
<button class="quiet">${say("login_leave")}</button>
</form>`,
  });
}

/** Sends the page that says why the board cannot be shown now. */
export function sendAwayPage(
  reply: FastifyReply,
  status: number,
  { language, next, problem = "" }: PageOptions,
): FastifyReply {
  return sendPage(reply, status, {
    language,
    next,
    body: `<p role="alert">${escapeHtml(problem)}</p>
<a class="button" href="${escapeHtml(next)}">${sayIn(language)("board_again")}</a>`,
  });
}

function sendPage(
  reply: FastifyReply,
  status: number,
  { language, next, body }: PageOptions & { body: string },
): FastifyReply {
  const other = language === "ko" ? "en" : "ko";
  const otherUrl = addressOf("/admin/queues/login", { language: other, next });
  return reply
    .code(status)
    .header("content-security-policy", policy)
    .type("text/html; charset=utf-8")
    .serializer(String)
    .send(`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${sayIn(language)("login_title")}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<h1>${sayIn(language)("login_title")}</h1>
${body}
<footer><a href="${escapeHtml(otherUrl)}" lang="${other}" hreflang="${other}">${other === "en" ? "English" : "한국어"}</a></footer>
</main>
</body>
</html>
`);
}

function sayIn(language: Language) {
  return (key: Parameters<typeof message>[0]) => escapeHtml(message(key, language));
}

function addressOf(path: string, { language, next }: { language: Language; next: string }): string {
  const query = new URLSearchParams();
  if (language === "en") query.set("lang", "en");
  if (next !== boardUrl) query.set("next", next);
  return query.size === 0 ? path : `${path}?${query}`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}
