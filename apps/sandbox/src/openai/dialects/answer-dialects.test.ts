import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answerDialects, buildSandbox, dialectsByServer } from "../../index.ts";
import type { Meaning } from "./answer-dialect.ts";

let app: ReturnType<typeof buildSandbox>;
beforeEach(() => {
  app = buildSandbox();
});
afterEach(() => app.close());

const script = (fault: object) =>
  app.inject({ method: "POST", url: "/__sandbox/faults", payload: { fault } });
const ask = (content: unknown) =>
  app.inject({
    ...{ method: "POST", url: "/v1/chat/completions", headers: { authorization: "Bearer key" } },
    payload: { model: "m", messages: [{ role: "user", content }] },
  });

test("docs/dialects.md shows the table as it is", () => {
  const doc = readFileSync(new URL("../../../../../docs/dialects.md", import.meta.url), "utf8");
  const sections = Object.entries(dialectsByServer).map(([server, rows]) =>
    [
      `## ${server}\n\n| name | the answer | is read as | shown by |\n| --- | --- | --- | --- |`,
      ...rows.map(
        ({ name, looks, means, source }) =>
          `| \`${name}\` | ${looks} | ${wordsOf(means)} | [${placeOf(source)}](${source}) |`,
      ),
    ].join("\n"),
  );
  // The formatter pads columns.
  const shown = doc.slice(doc.indexOf("## OpenAI")).replace(/ {2,}/g, " ").replace(/-{3,}/g, "---");
  expect(shown).toBe(`${sections.join("\n\n")}\n`);
});

function wordsOf(means: Meaning): string {
  if ("says" in means) {
    const notes = [means.uncounted && "tokens estimated", means.onlyStructured && "with a schema"];
    return [`answer: ${means.says}`, ...notes.filter(Boolean)].join("; ");
  }
  if ("error" in means) {
    const { status, code } = means.error;
    return `error: ${status}${code ? ` \`${code}\`` : ""}`;
  }
  const fault = "fault" in means ? ", the service's fault" : "";
  return `failure: \`${means.fails}\`${fault}`;
}

/** `owner/name#1` of GitHub, else the host. */
function placeOf(source: string): string {
  const { hostname, pathname } = new URL(source);
  const [owner, name, , number] = pathname.split("/").filter(Boolean);
  return hostname === "github.com" ? `${owner}/${name}#${number}` : hostname;
}

test("each dialect has a name of its own", () => {
  const names = answerDialects.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  "광합성이란?",
  [{ type: "image_url", image_url: { url: "https://example.com/a.png" } }],
])("a script chooses the dialect of the next answer to %j", async (content) => {
  await script({ type: "dialect", name: "vllm-answer-in-reasoning-content" });
  const [{ message }] = (await ask(content)).json().choices;
  expect(message).toMatchObject({ content: null, reasoning_content: expect.any(String) });
  const [own] = (await ask(content)).json().choices;
  expect(own.message.content).toBe(message.reasoning_content);
});

test.each([
  ["omlx-keepalive", "application/json; charset=utf-8"],
  ["ollama-error-text", "application/json; charset=utf-8"],
  ["unsloth-stream", "text/event-stream; charset=utf-8"],
  ["gateway-html", "text/html; charset=utf-8"],
])("%s comes as %s with status 200", async (name, type) => {
  await script({ type: "dialect", name });
  const { statusCode, headers } = await ask("?");
  expect([statusCode, headers["content-type"]]).toEqual([200, type]);
});

test("a dialect that nobody speaks is refused", async () => {
  expect((await script({ type: "dialect", name: "klingon" })).statusCode).toBe(400);
});
