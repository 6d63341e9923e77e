import { readdir, readFile } from "node:fs/promises";
import { posix, sep } from "node:path";
import { backoffMs, resolvePolicy } from "@ilgam/contracts";
import { createStorage } from "@ilgam/storage";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { jobContracts } from "./contracts.ts";
import { createHandlers } from "./processors.ts";
import { createFileStore } from "./uploads/file-store.ts";

const here = import.meta.dirname;
/** Paths of all files, from here. */
const files = (await readdir(here, { recursive: true })).map((path) => path.split(sep).join("/"));
/** A kind's folder is one with a contract; the others are rooms for what kinds share. */
const folders = files.flatMap((path) => /^([^/]+)\/contract\.ts$/.exec(path)?.slice(1) ?? []);
const read = (path: string) => readFile(`${here}/${path}`, "utf8");
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

/** The files of ours that a file loads, by itself and through others. */
async function loadedBy(path: string, loaded = new Set<string>()): Promise<Set<string>> {
  for (const name of importsOf(await read(path))) {
    const target = posix.join(posix.dirname(path), name);
    if (!name.startsWith(".") || loaded.has(target)) continue;
    loaded.add(target);
    await loadedBy(target, loaded);
  }
  return loaded;
}

test("every kind that is listed has its folder and its processor, and the other way round", () => {
  const kinds = jobContracts.map(({ kind }) => kind).sort();
  expect(kinds).toEqual(folders.sort());
  expect(handlers.map(({ definition }) => definition.kind).sort()).toEqual(kinds);
});

test("no folder holds more than 20 source files", () => {
  const sources = files.filter((path) => /(?<!\.test)\.ts$/.test(path));
  const byFolder = Map.groupBy(sources, (path) => posix.dirname(path));
  const full = [...byFolder].filter(([, inside]) => inside.length > 20);
  expect(full.map(([folder, inside]) => `${folder}: ${inside.length}`)).toEqual([]);
});

test.each([
  ["the API", "routes.ts", "work"],
  ["the worker", "processors.ts", "http"],
])("%s loads no file of the other process", async (_process, entry, other) => {
  const loaded = [...(await loadedBy(entry))];
  expect(loaded.length).toBeGreaterThan(50);
  expect(
    loaded.filter((path) => path.includes(`/${other}/`)),
    `${entry} leads into ${other}/: the API loads http/ and the worker work/, so that neither ` +
      "carries, or falls with, the other's code. What both need stands at the top of the kind's folder.",
  ).toEqual([]);
});

describe.each(folders)("%s", (folder) => {
  const own = files.filter((path) => path.startsWith(`${folder}/`) && path.endsWith(".ts"));

  test("is complete: contract, processor, tests, and its routes are listed", async () => {
    expect(own).toContain(`${folder}/work/handler.ts`);
    expect(own).toContain(`${folder}/work/processor.ts`);
    expect(own.some((path) => path.endsWith(".test.ts"))).toBe(true);
    const listed = importsOf(await read("routes.ts")).includes(`./${folder}/http/routes.ts`);
    expect(listed).toBe(own.includes(`${folder}/http/routes.ts`));
  });

  test("imports nothing of http/ in work/, nor of work/ in http/, tests included", async () => {
    const sides = own.flatMap((path) => {
      const [, side] = /^[^/]+\/(http|work)\//.exec(path) ?? [];
      return side ? [{ path, other: side === "http" ? "/work/" : "/http/" }] : [];
    });
    for (const { path, other } of sides) {
      const targets = importsOf(await read(path))
        .filter((name) => name.startsWith("."))
        .map((name) => posix.join(posix.dirname(path), name));
      expect(
        targets.filter((target) => target.includes(other)),
        `${path}: http/ runs in the API, work/ in the worker. Move what both need to ${folder}/.`,
      ).toEqual([]);
    }
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

test("a document count is retried after 60 s, every time, and the setting changes it", () => {
  const [definition] = jobContracts.filter(({ kind }) => kind === "document-count");
  if (!definition) throw new Error("document-count is missing");
  const { backoff, attempts } = resolvePolicy(definition, {});
  const waits = [1, 2].map((attempt) => backoffMs(backoff, attempt, () => 0));
  expect({ attempts, waits }).toEqual({ attempts: 3, waits: [60_000, 60_000] });
  const set = resolvePolicy(definition, { DOCUMENT_COUNT_RETRY_MS: "50" });
  expect(backoffMs(set.backoff, 2, () => 0)).toBe(50);
});
