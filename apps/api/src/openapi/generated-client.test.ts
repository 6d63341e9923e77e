import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { jobContracts } from "@ilgam/jobs/contracts";
import { kindRoutes } from "@ilgam/jobs/routes";
import { temporaryDirectory } from "@ilgam/testing";
import { generateApi } from "swagger-typescript-api";
import { beforeAll, expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";
import { testKinds } from "../fixtures/test-kinds.ts";

/** What an ordinary generator makes of the document; typed loosely here, compiled strictly below. */
type Calls = Record<string, (...args: unknown[]) => Promise<{ status: number; data: never }>>;
type Client = { v1: Calls; api: Calls };

const catalogue = [...testKinds, ...jobContracts];
const { app } = await createTestApi({}, { catalogue, kindRoutes });
const address = await app.listen({ port: 0, host: "127.0.0.1" });
const directory = await temporaryDirectory("client");
const file = path.join(directory, "client.ts");
let client: Client;

beforeAll(async () => {
  const spec = await (await fetch(`${address}/openapi.json`)).json();
  const output = { output: directory, fileName: "client.ts", silent: true };
  await generateApi({ spec, ...output, generateUnionEnums: true });
  const { Api } = await import(/* @vite-ignore */ pathToFileURL(file).href);
  client = new Api({ baseUrl: address });
}, 60_000);

/** How an integrator's code would use it: wrong types would not compile. */
const usage = `import { Api } from "./client.ts";
export async function use(api: Api<unknown>, content: Blob) {
  const { data: job } = await api.v1.submitJob({ kind: "echo", input: {}, priority: "high" });
  const ended: boolean = job.status === "completed" || job.status === "failed";
  const { data: file } = await api.v1.uploadFile({ file: new File([content], "a.pdf") });
  const { data: set } = await api.admin.createPassageSet({ title: "지문" });
  // @ts-expect-error -- no such priority
  await api.v1.submitJob({ kind: "echo", input: {}, priority: "highest" });
  return [ended, file.sha256.length, set.data.questionCount] as [boolean, number, number];
}
`;

test("a client from an ordinary generator compiles in strict mode, and its types are right", async () => {
  // The generator tells TypeScript not to look.
  await writeFile(file, (await readFile(file, "utf8")).replaceAll("// @ts-nocheck", ""));
  await writeFile(path.join(directory, "usage.ts"), usage);
  const require = createRequire(import.meta.url);
  const tsc = path.join(path.dirname(require.resolve("typescript/package.json")), "bin/tsc");
  const options = [
    "--ignoreConfig",
    "--allowImportingTsExtensions",
    "--strict",
    "--noEmit",
    "--target",
    "es2024",
    "--module",
    "nodenext",
  ];
  const types = ["--lib", "es2024,dom,dom.iterable"];
  await promisify(execFile)(process.execPath, [
    tsc,
    ...options,
    ...types,
    path.join(directory, "usage.ts"),
  ]);
}, 60_000);

test("it submits a job, reads it, lists it, and uploads a file", async () => {
  const made = await client.v1.submitJob?.({ kind: "echo", input: { text: "hello" }, tags: ["c"] });
  expect(made).toMatchObject({ status: 202, data: { kind: "echo", status: "queued" } });
  const { id } = (made?.data ?? {}) as { id: string };
  expect((await client.v1.getJob?.(id))?.data).toMatchObject({ id, tags: ["c"] });
  expect((await client.v1.listJobs?.({ tag: "c" }))?.data).toMatchObject({ jobs: [{ id }] });
  const text = new File(["글"], "memo.txt", { type: "text/plain" });
  const uploaded = await client.v1.uploadFile?.({ file: text });
  expect(uploaded).toMatchObject({ status: 201, data: { fileName: "memo.txt", bytes: 3 } });
});

test("it repeats a request under its key, and sends a form's fields beside the file", async () => {
  const job = { kind: "echo", input: { text: "once" } };
  const keyed = { headers: { "Idempotency-Key": "generated-1" } };
  const first = await client.v1.submitJob?.(job, keyed);
  expect(await client.v1.submitJob?.(job, keyed)).toMatchObject({ data: first?.data });
  const file = new File(["# 글"], "memo.md", { type: "text/markdown" });
  const form = { file, container_id: "7", priority: "low" };
  const made = await client.api.uploadDocument?.(form);
  expect(made).toMatchObject({ status: 202, data: { success: true, status: "processing" } });
  const { document_id: id } = (made?.data ?? {}) as { document_id: number };
  expect((await client.api.getDocument?.(String(id)))?.data).toMatchObject({
    document: { container_id: "7", file_name: "memo.md" },
  });
});

test("it is given the typed body of a refusal", async () => {
  const refused = client.v1.submitJob?.({ kind: "nope", input: {} });
  await expect(refused).rejects.toMatchObject({ status: 422, error: { code: "unknown_kind" } });
});
