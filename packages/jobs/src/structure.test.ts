import { readdir, readFile } from "node:fs/promises";
import { posix } from "node:path";
import { backoffMs, resolvePolicy } from "@ilgam/contracts";
import { createStorage } from "@ilgam/storage";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { jobContracts } from "./contracts.ts";
import { createHandlers } from "./processors.ts";
import { createFileStore } from "./uploads/file-store.ts";

/** Which process loads a file: `http` the API, `work` the worker, `both` either. */
type Side = "http" | "work" | "both";

/** The folders that are no kind: each is the only place for what it holds. */
const rooms: Record<string, Side> = {
  awaiting: "http",
  deleting: "both",
  handling: "work",
  listing: "http",
  outages: "work",
  routing: "http",
  submitting: "http",
  tables: "http",
  uploads: "http",
};

/** Both sides read it, in a room of one. */
const storedFiles = /^uploads\/file-store\.(test\.)?ts$/;

const lists: Record<string, Side> = {
  "contract-list.ts": "both",
  "contracts.ts": "both",
  "handler-list.ts": "work",
  "processors.ts": "work",
  "routes.ts": "http",
};

/** Stored files and their uploads, for the apps that make them; no kind reads it. */
const doorForApps = "files.ts";

/** What only one side may load; `both` may load none of these. */
const packagesOf = {
  http: /^(fastify|fastify-.*|@fastify\/.*)$/,
  work: /^(@ilgam\/upstream|gpt-tokenizer\/?.*)$/,
};

const why = `An import crosses between http/ and work/. The API loads http/ and must not load what does
the work (document parsers, tokenizers, clients of outside services); the worker loads work/ and must
not load Fastify and its routes. Each may be deployed and restarted alone. Move what both need to the
top of the kind's folder, in a file of its own.`;

const mostFiles = 20;

const paths = (await readdir(import.meta.dirname, { recursive: true }))
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".ts"));
const folders = [...new Set(paths.filter((path) => path.includes("/")).map(topOf))].filter(
  (folder) => !(folder in rooms),
);
const isTest = (path: string) => path.endsWith(".test.ts") || path.includes("/fixtures/");
const sources = paths.filter((path) => !isTest(path));
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

function topOf(path: string): string {
  return path.split("/")[0] as string;
}

/** The room in a kind's folder, or the side of a room or list. */
function sideOf(path: string): Side {
  if (storedFiles.test(path)) return "both";
  const top = topOf(path);
  const side = rooms[top] ?? lists[top];
  if (side) return side;
  const room = path.split("/")[1];
  return room === "http" || room === "work" ? room : "both";
}

function importsOf(source: string): string[] {
  return [...source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, name]) => name ?? "");
}

/** Imports of a file, its own folder's as paths from `src`. */
async function targetsOf(path: string): Promise<string[]> {
  const source = await read(path);
  const urls = [...source.matchAll(/new URL\(\s*"([^"]+)"/g)].map(([, name]) => name ?? "");
  return [...importsOf(source), ...urls].map((name) =>
    name.startsWith(".") ? posix.join(posix.dirname(path), name) : name,
  );
}

function mayLoad(side: Side, target: string): boolean {
  if (packagesOf.http.test(target)) return side === "http";
  if (packagesOf.work.test(target)) return side === "work";
  if (!paths.includes(target)) return true;
  return sideOf(target) === "both" || sideOf(target) === side;
}

test("http/ and work/ load nothing of each other, nor does what both load", async () => {
  // A test at the top of a kind runs both sides; one within a side reads its own only.
  const checked = paths.filter(
    (path) =>
      path !== doorForApps && (sources.includes(path) || (isTest(path) && sideOf(path) !== "both")),
  );
  const wrong: string[] = [];
  for (const path of checked) {
    const targets = await targetsOf(path);
    const own = isTest(path) ? targets.filter((target) => paths.includes(target)) : targets;
    const crossing = own.filter((target) => !mayLoad(sideOf(path), target));
    wrong.push(...crossing.map((target) => `${path} → ${target}`));
  }
  // The list reaches both sides, so that an empty `wrong` is no accident.
  expect(new Set(checked.map(sideOf))).toEqual(new Set<Side>(["both", "http", "work"]));
  expect(wrong, why).toEqual([]);
});

test("every folder is a kind that is listed, and every listed kind has its folder", () => {
  const kinds = jobContracts.map(({ kind }) => kind).sort();
  expect(kinds).toEqual(folders.sort());
  expect(handlers.map(({ definition }) => definition.kind).sort()).toEqual(kinds);
});

test("the lists name each kind once", () => {
  const kinds = jobContracts.map(({ kind }) => kind);
  expect(kinds).toEqual([...new Set(kinds)]);
});

test("rooms hold no kind, and nothing lies loose beside the lists", () => {
  expect(sources.filter((path) => topOf(path) in rooms && path.endsWith("/contract.ts"))).toEqual(
    [],
  );
  const loose = sources.filter((path) => !path.includes("/"));
  expect(loose.sort()).toEqual([...Object.keys(lists), doorForApps].sort());
});

test(`no folder holds more than ${mostFiles} files beside its tests`, () => {
  const byFolder = Map.groupBy(sources, (path) => posix.dirname(path));
  const full = [...byFolder].filter(([, inside]) => inside.length > mostFiles);
  expect(full.map(([folder, inside]) => `${folder}: ${inside.length}`)).toEqual([]);
});

describe.each(folders)("%s", (folder) => {
  const own = paths.filter((path) => topOf(path) === folder);

  test("is complete: contract, handler, processor, tests, and its routes are listed", async () => {
    expect(own).toEqual(
      expect.arrayContaining([
        `${folder}/contract.ts`,
        `${folder}/work/handler.ts`,
        `${folder}/work/processor.ts`,
      ]),
    );
    expect(own.some((path) => path.endsWith(".test.ts"))).toBe(true);
    const listed = importsOf(await read("routes.ts")).includes(`./${folder}/http/routes.ts`);
    expect(listed).toBe(own.some((path) => path.startsWith(`${folder}/http/`)));
  });

  test("has no other folders at its top than http/, work/ and fixtures/", () => {
    const inner = own.filter((path) => path.split("/").length > 2);
    const names = new Set(inner.map((path) => path.split("/")[1]));
    expect([...names].filter((name) => !/^(http|work|fixtures)$/.test(name ?? ""))).toEqual([]);
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
