import { readdir } from "node:fs/promises";
import fastifyMultipart from "@fastify/multipart";
import { ApiError } from "@ilgam/contracts";
import { createPool } from "@ilgam/db";
import { createStorage } from "@ilgam/storage";
import { atFileEnd, createTestDatabase, temporaryDirectory } from "@ilgam/testing";
import Fastify from "fastify";
import { beforeEach, expect, test } from "vitest";
import { createFileStore } from "./file-store.ts";
import { createUploadReceiver, type UploadRules } from "./receive-upload.ts";

const database = await createTestDatabase();
const sql = createPool({ url: database.url, size: 3 });
atFileEnd("pool", () => sql.close());
const dir = await temporaryDirectory("files");
const storage = createStorage({ dir, s3: undefined });
const files = createFileStore({ sql, storage });
const receive = createUploadReceiver({ files, storage, maxBytes: 1_000 });

let rules: UploadRules;
const app = Fastify();
await app.register(fastifyMultipart);
app.decorateRequest("tenantId", "t");
app.decorateRequest("language", "ko");
app.setErrorHandler((error, _request, reply) => {
  const { code, statusCode, details } = error as ApiError;
  return reply.code(statusCode ?? 500).send({ code, details });
});
app.post("/", async (request) => {
  const { parts, fields } = await receive(request, rules);
  return {
    parts: parts.map(({ fileName, file, error }) => [fileName, file?.bytes ?? error?.code]),
    fields,
  };
});
const url = await app.listen({ port: 0, host: "127.0.0.1" });
atFileEnd("app", () => app.close());

type Answer = { parts: [string, string | number][]; details: { path: string }[] };

async function send(...entries: [string, string | [string, string]][]) {
  const form = new FormData();
  for (const [name, value] of entries) {
    if (typeof value === "string") form.append(name, value);
    else form.append(name, new Blob([value[1]]), value[0]);
  }
  const response = await fetch(url, { method: "POST", body: form });
  return { status: response.status, body: (await response.json()) as Answer };
}

async function stored() {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const rows = await sql.query("SELECT id FROM files");
  return [entries.filter((entry) => entry.isFile()).length, rows.length];
}

beforeEach(async () => {
  rules = { accept: ["text/plain"] };
  const rows = await sql.query<{ id: string }>("SELECT id FROM files");
  await files.discard(
    "t",
    rows.map(({ id }) => id),
  );
});

test("fields before and after the file are read, the last of a name counts", async () => {
  const { body } = await send(["a", "1"], ["file", ["x.txt", "hello"]], ["a", "2"], ["b", "한글"]);
  expect(body).toEqual({ parts: [["x.txt", 5]], fields: { a: "2", b: "한글" } });
});

test("each of many files has its own answer, in their order, when that is asked for", async () => {
  rules = { ...rules, maxFiles: 5, badFile: "report" };
  const { status, body } = await send(
    ["file", ["1.txt", "one"]],
    ["file", ["2.txt", "\u0000"]],
    ["file", ["3.txt", ""]],
    ["file", ["4.txt", "x".repeat(1_001)]],
    ["file", ["5.txt", "five"]],
  );
  expect(status).toBe(200);
  expect(body.parts).toEqual([
    ["1.txt", 3],
    ["2.txt", "unsupported_file_type"],
    ["3.txt", "invalid_field"],
    ["4.txt", "file_too_large"],
    ["5.txt", 4],
  ]);
  expect(await stored()).toEqual([2, 2]);
});

test("one bad file of many refuses them all otherwise, and takes the stored ones back", async () => {
  rules = { ...rules, maxFiles: 5 };
  const { status } = await send(["file", ["1.txt", "one"]], ["file", ["2.txt", "\u0000"]]);
  expect(status).toBe(415);
  expect(await stored()).toEqual([0, 0]);
});

test("more files than may come refuse them all, also where each has its own answer", async () => {
  rules = { ...rules, maxFiles: 2, badFile: "report" };
  const { status, body } = await send(
    ...[1, 2, 3].map((n): [string, [string, string]] => ["file", [`${n}.txt`, "x"]]),
  );
  expect([status, body.details[0]?.path]).toEqual([422, "file"]);
  expect(await stored()).toEqual([0, 0]);
});

test("a closer look sees the file before it is stored, and refuses it", async () => {
  const seen: number[] = [];
  rules = {
    ...rules,
    check: async ({ bytes, path }) => {
      seen.push(
        bytes,
        (await readdir(dir, { recursive: true })).filter((n) => path.endsWith(n)).length,
      );
      throw new ApiError("invalid_field");
    },
  };
  expect((await send(["file", ["1.txt", "one"]])).status).toBe(422);
  expect(seen).toEqual([3, 1]);
  expect(await stored()).toEqual([0, 0]);
});

test("a store that breaks leaves nothing, and says so as such", async () => {
  const broken = createUploadReceiver({
    files,
    storage: {
      ...storage,
      receive: (source, options) =>
        storage.receive(source, options).then((received) => ({
          ...received,
          keep: async () => {
            await received.discard();
            throw new Error("the store is away");
          },
        })),
    },
    maxBytes: 1_000,
  });
  let failure: unknown;
  const other = Fastify();
  await other.register(fastifyMultipart);
  other.decorateRequest("tenantId", "t");
  other.decorateRequest("language", "ko");
  other.post("/", (request) =>
    broken(request, rules).catch((error: unknown) => {
      failure = error;
      throw error;
    }),
  );
  const form =
    '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhi\r\n--x--\r\n';
  await other.inject({
    method: "POST",
    url: "/",
    headers: { "content-type": "multipart/form-data; boundary=x" },
    payload: form,
  });
  expect(failure).toMatchObject({ message: "the store is away" });
  const [onDisk] = await stored();
  expect(onDisk).toBe(0);
  expect(await sql.query("SELECT status FROM files")).toEqual([{ status: "pending" }]);
  await sql.query("DELETE FROM files");
});
