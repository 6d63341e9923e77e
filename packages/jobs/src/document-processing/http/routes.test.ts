import { readdir } from "node:fs/promises";
import { waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { type Body, startInstallation } from "../fixtures/installation.ts";

const site = await startInstallation();
const { url, upload, call, read, ended, database } = site;

const text = (name: string, content = `${name}의 내용입니다.`) => ({ name, content });
const textOnly = { use_multimodal: "false" };

async function filesOnDisk(): Promise<string[]> {
  const entries = await readdir(site.filesDir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}
const counts = async () => {
  const [row = {}] = await database.query<Record<string, number>>(
    `SELECT (SELECT count(*) FROM documents) AS documents, (SELECT count(*) FROM jobs) AS jobs,
       (SELECT count(*) FROM files) AS files, (SELECT count(*) FROM document_chunks) AS chunks`,
  );
  return { ...row, onDisk: (await filesOnDisk()).length };
};

test("the document's own client, as it stands, sees its upload through", async () => {
  const fetch = (address: string, init?: RequestInit) =>
    globalThis.fetch(new URL(address, url), init);
  const token = "any-key";
  const shown: [number, string][] = [];
  const said: string[] = [];
  const done = Promise.withResolvers<void>();
  const showNotification = (words: string) => void said.push(words);
  const updateProgressBar = (progress: number, words: string) => void shown.push([progress, words]);
  const showSuccess = (words: string) => void said.push(words);
  const showError = (words: string) => void done.reject(new Error(words));
  const refreshDocumentList = () => done.resolve();

  // biome-ignore format: as the document has it
  async function uploadDocument(file: File, containerId: string) {
    const formData = new FormData();
    formData.append('file', file);
    formData.append('container_id', containerId);
    formData.append('use_multimodal', 'true');
    const response = await fetch('/api/v1/documents/upload', {
      method: 'POST',
      headers: { 'Authorization': `Bearer ${token}` },
      body: formData
    });
    const result = await response.json() as Body;
    const documentId = result.document_id;
    showNotification('업로드 완료! 백그라운드에서 처리 중입니다.');
    // oxlint-disable-next-line typescript/no-misused-promises -- as the document has it
    const pollStatus = setInterval(async () => {
      const statusRes = await fetch(
        `/api/v1/documents/${documentId}/status`,
        { headers: { 'Authorization': `Bearer ${token}` } }
      );
      const status = await statusRes.json() as { status: string; progress: number; message: string; error: string };
      updateProgressBar(status.progress, status.message);
      if (status.status === 'completed') {
        clearInterval(pollStatus);
        showSuccess('문서 처리 완료!');
        refreshDocumentList();
      } else if (status.status === 'failed') {
        clearInterval(pollStatus);
        showError(`처리 실패: ${status.error}`);
      }
    }, 3000);
    return result;
  }

  const result = await uploadDocument(new File(["안녕하세요, 문서입니다."], "test.txt"), "7");
  expect(result).toEqual({
    success: true,
    document_id: expect.any(Number),
    task_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    status: "processing",
    processing_stats: {
      status: "processing",
      upload_time: expect.any(Number),
      message: "백그라운드에서 문서를 분석하고 있습니다.",
    },
  });
  await done.promise;
  expect(said).toEqual(["업로드 완료! 백그라운드에서 처리 중입니다.", "문서 처리 완료!"]);
  expect(shown.at(-1)).toEqual([100, "문서 처리가 완료되었습니다."]);
  const status = (await read(result.document_id, "/status")).body;
  expect(status).toEqual({
    success: true,
    document_id: result.document_id,
    file_name: "test.txt",
    status: "completed",
    progress: 100,
    message: "문서 처리가 완료되었습니다.",
    started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    completed_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    error: null,
  });
}, 30_000);

test("what is refused leaves nothing", async () => {
  const before = await counts();
  const form = (...parts: [string, Blob | string, string?][]) => {
    const body = new FormData();
    for (const [field, value, name] of parts) {
      if (typeof value === "string") body.append(field, value);
      else body.append(field, value, name);
    }
    return body;
  };
  const good = new Blob(["글"]);
  const exe = new Blob([Buffer.concat([Buffer.from("MZ"), Buffer.alloc(300, 7)])]);
  const refused: [string, FormData | string, number][] = [
    ["another type by content", form(["file", exe, "보고서.pdf"]), 415],
    ["a csv", form(["file", good, "a.csv"]), 415],
    ["zero bytes", form(["file", new Blob([]), "a.txt"]), 422],
    [
      "five files",
      form(...Array.from({ length: 5 }, (): [string, Blob, string] => ["file", good, "a.txt"])),
      422,
    ],
    ["no file", form(["container_id", "7"]), 422],
    ["a file in another field", form(["document", good, "a.txt"]), 422],
    ["no form", JSON.stringify({ file: "a" }), 415],
    ["a flag that is none", form(["file", good, "a.txt"], ["use_multimodal", "vielleicht"]), 422],
    [
      "a container without end",
      form(["file", good, "a.txt"], ["container_id", "x".repeat(201)]),
      422,
    ],
    ["a container with NUL", form(["file", good, "a.txt"], ["container_id", "a\0b"]), 422],
    ["a priority that is none", form(["file", good, "a.txt"], ["priority", "urgent"]), 422],
    [
      "a callback that is none",
      form(["file", good, "a.txt"], ["callback_url", "file:///etc"]),
      422,
    ],
  ];
  for (const [what, body, expected] of refused) {
    const { status, body: answer } = await call("POST", "/api/v1/documents/upload", { body });
    expect([what, status, answer.success]).toEqual([what, expected, false]);
    expect(answer.error, what).toMatch(/[가-힣]/);
  }
  expect(await counts()).toEqual(before);
});

test("a path in the name is only a name", async () => {
  const { body } = await upload(text("../../../etc/passwd"), textOnly);
  const { document } = (await read(body.document_id)).body;
  expect((document as { file_name: string }).file_name).not.toMatch(/[/\\]/);
  expect(await filesOnDisk()).not.toContain("passwd");
});

test("a document of another tenant is not there, on any route", async () => {
  const { body } = await upload(text("남의 것.txt"), { ...textOnly, container_id: "남" });
  const id = body.document_id;
  await database.query("UPDATE documents SET tenant_id = 'other' WHERE id = $1", [id]);
  for (const [method, path] of [
    ["GET", ""],
    ["GET", "/status"],
    ["GET", "/chunks"],
    ["DELETE", ""],
  ] as const) {
    const answer = await call(method, `/api/v1/documents/${id}${path}`);
    expect([answer.status, answer.body.code]).toEqual([404, "document_not_found"]);
  }
  expect((await call("GET", "/api/v1/documents?container_id=남")).body.documents).toEqual([]);
  expect(
    await database.query("SELECT 1 FROM document_chunks WHERE document_id = $1", [id]),
  ).toHaveLength(1);
  for (const strange of ["abc", "-1", "1.5", "0x10", "9".repeat(30), "1%27"]) {
    expect((await call("GET", `/api/v1/documents/${strange}/status`)).status).toBe(404);
  }
});

test("documents are listed by container, page by page, newest first", async () => {
  const ids: number[] = [];
  for (const at of [1, 2, 3]) {
    ids.push(
      (await upload(text(`${at}.txt`), { ...textOnly, container_id: "목록" })).body.document_id,
    );
  }
  await upload(text("4.txt"), { ...textOnly, container_id: "다른 목록" });
  const seen: number[] = [];
  let cursor = "";
  do {
    const { body } = await call("GET", `/api/v1/documents?container_id=목록&limit=2${cursor}`);
    seen.push(...(body.documents as { document_id: number }[]).map((one) => one.document_id));
    cursor = body.next_cursor === null ? "" : `&cursor=${body.next_cursor}`;
  } while (cursor);
  expect(seen).toEqual(ids.toReversed());
  for (const query of ["limit=0", "limit=201", "cursor=x"]) {
    expect((await call("GET", `/api/v1/documents?${query}`)).status).toBe(422);
  }
});

test("chunks are paged, each once and in their order", async () => {
  const content = Array.from({ length: 900 }, (_, at) => `${at}번째 문장입니다.`).join(" ");
  const { body } = await upload(text("긴 글.txt", content), textOnly);
  const whole = body.chunks as { position: number }[];
  expect(whole.length).toBeGreaterThan(7);
  const seen: unknown[] = [];
  let cursor: unknown = "0";
  while (cursor !== null) {
    const page = (await read(body.document_id, `/chunks?limit=3&cursor=${cursor}`)).body;
    expect(page.total).toBe(whole.length);
    seen.push(...(page.chunks as unknown[]));
    cursor = page.next_cursor;
  }
  expect(seen).toEqual(whole);
});

test("deleting takes the document, its chunks and its file, and stops its job", async () => {
  const before = await counts();
  const finished = await upload(text("다 된 글.txt"), textOnly);
  expect((await call("DELETE", `/api/v1/documents/${finished.body.document_id}`)).body).toEqual({
    success: true,
    message: "문서가 삭제되었습니다.",
  });
  await site.fault({ match: { path: "/v1/embeddings" }, fault: { type: "hang" } });
  const running = await upload(text("처리 중.txt"));
  const job = String(running.body.task_id);
  await waitFor(async () => (await site.calls("/v1/embeddings", job)).length > 0, {
    what: "its call",
  });
  const gone = await call("DELETE", `/api/v1/documents/${running.body.document_id}`);
  expect(gone.status).toBe(200);
  expect((await read(running.body.document_id)).status).toBe(404);
  await waitFor(async () => (await call("GET", `/v1/jobs/${job}`)).body.status === "cancelled", {
    what: "its job to stop",
  });
  expect(await counts()).toMatchObject({ ...before, jobs: expect.any(Number) });
});

test("a cancelled job shows as a failed document, and one whose job is gone too", async () => {
  await site.fault({ match: { path: "/v1/embeddings" }, fault: { type: "hang" } });
  const { body } = await upload(text("취소.txt"));
  const job = String(body.task_id);
  await waitFor(async () => (await site.calls("/v1/embeddings", job)).length > 0, {
    what: "its call",
  });
  const status = await waitFor(
    async () => {
      const { body: now } = await read(body.document_id, "/status");
      return now.message === "임베딩을 생성하고 있습니다..." ? now : undefined;
    },
    { what: "its stage to show" },
  );
  expect(status).toMatchObject({ status: "processing", completed_at: null, error: null });
  await call("POST", `/v1/jobs/${job}/cancel`);
  expect(await ended(body.document_id)).toMatchObject({
    ...{ status: "failed", error: "작업이 취소되었습니다" },
    message: "문서 처리에 실패했습니다.",
  });
  await database.query("DELETE FROM jobs WHERE id = $1", [job]);
  expect((await read(body.document_id, "/status")).body).toMatchObject({
    ...{ status: "failed", error: /보관 기간/ },
  });
});

test("an Idempotency-Key makes one document of a repeated upload", async () => {
  const file = text("한 번.txt");
  const key = { "idempotency-key": "only-once" };
  const first = await upload(file, { container_id: "멱등" }, key);
  await ended(first.body.document_id);
  const before = await counts();
  const again = await upload(file, { container_id: "멱등" }, key);
  expect([again.status, again.body.document_id, again.body.task_id]).toEqual([
    ...[202, first.body.document_id, first.body.task_id],
  ]);
  const other = await upload(text("한 번.txt", "다른 글"), { container_id: "멱등" }, key);
  expect([other.status, other.body.code]).toEqual([409, "idempotency_conflict"]);
  expect(await counts(), "neither file was kept").toEqual(before);
});

test("a start in the future waits, as pending", async () => {
  const runAt = new Date(Date.now() + 3_600_000).toISOString();
  const { status, body } = await upload(text("나중.txt"), { runAt });
  expect(status).toBe(202);
  expect((await read(body.document_id, "/status")).body).toMatchObject({
    ...{ status: "pending", progress: 0, started_at: null },
    message: "문서 처리를 기다리고 있습니다.",
  });
});
