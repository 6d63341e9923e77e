import { readdir, readFile } from "node:fs/promises";
import { backoffMs, resolvePolicy } from "@ilgam/contracts";
import { createStorage } from "@ilgam/storage";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { jobContracts } from "./contracts.ts";
import { createHandlers } from "./processors.ts";
import { createFileStore } from "./uploads/file-store.ts";

const entries = await readdir(import.meta.dirname, { withFileTypes: true });
const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
const read = (path: string) => readFile(`${import.meta.dirname}/${path}`, "utf8");
const never = () => Promise.reject(new Error("nothing is called when handlers are made"));
const storage = createStorage({ dir: "/never-written", s3: undefined });
const handlers = createHandlers({
  sql: { query: never },
  naver: { count: never },
  ai: { chat: never },
  embedder: { embed: never, model: "none" },
  webhooks: { send: never },
  files: createFileStore({ sql: { query: never }, storage }),
  storage,
  env: {},
});

function importsOf(source: string): string[] {
  return [...source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, name]) => name ?? "");
}

test("every folder is a kind that is listed, and every listed kind has its folder", () => {
  const kinds = jobContracts.map(({ kind }) => kind).sort();
  expect(kinds).toEqual(folders.sort());
  expect(handlers.map(({ definition }) => definition.kind).sort()).toEqual(kinds);
});

describe.each(folders)("%s", (folder) => {
  test("is complete: contract, processor, tests, and its routes are listed", async () => {
    const files = await readdir(`${import.meta.dirname}/${folder}`);
    expect(files).toEqual(expect.arrayContaining(["contract.ts", "processor.ts"]));
    expect(files.some((name) => name.endsWith(".test.ts"))).toBe(true);
    const listed = importsOf(await read("routes.ts")).includes(`./${folder}/routes.ts`);
    expect(listed).toBe(files.includes("routes.ts"));
  });

  test("has a contract that reaches zod and the contracts package only", async () => {
    const imports = importsOf(await read(`${folder}/contract.ts`));
    expect(imports.filter((name) => !["zod", "@ilgam/contracts"].includes(name))).toEqual([]);
  });
});

describe.each(jobContracts.map((definition) => ({ kind: definition.kind, definition })))(
  "$kind",
  ({ definition }) => {
    const { payload, examples } = definition;

    test("accepts its valid examples and refuses its invalid ones", () => {
      expect(examples.valid.length).toBeGreaterThan(0);
      expect(examples.invalid.length).toBeGreaterThan(0);
      for (const example of examples.valid) expect(payload.safeParse(example).success).toBe(true);
      for (const example of examples.invalid)
        expect(payload.safeParse(example).success).toBe(false);
    });

    test("reads what it has parsed as the same, as a stored input is parsed again", () => {
      for (const example of examples.valid) {
        const parsed = payload.parse(example);
        expect(payload.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
      }
    });

    test("can be described by JSON Schema", () => {
      expect(z.toJSONSchema(payload, { io: "input" })).toHaveProperty("type", "object");
      expect(z.toJSONSchema(definition.result)).toHaveProperty("type", "object");
    });
  },
);

test("a document count is tried again after 60 s, every time, and the setting changes it", () => {
  const [definition] = jobContracts.filter(({ kind }) => kind === "document-count");
  if (!definition) throw new Error("document-count is missing");
  const { backoff, attempts } = resolvePolicy(definition, {});
  const waits = [1, 2].map((attempt) => backoffMs(backoff, attempt, () => 0));
  expect({ attempts, waits }).toEqual({ attempts: 3, waits: [60_000, 60_000] });
  const set = resolvePolicy(definition, { DOCUMENT_COUNT_RETRY_MS: "50" });
  expect(backoffMs(set.backoff, 2, () => 0)).toBe(50);
});
