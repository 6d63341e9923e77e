import { createHash } from "node:crypto";
import { readdir, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { createStorage } from "@ilgam/storage";
import { temporaryDirectory, waitFor } from "@ilgam/testing";
import { beforeEach, expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const maxBytes = 200_000;
const dir = await temporaryDirectory("uploads");
const api = await createTestApi(
  { UPLOAD_MAX_BYTES: String(maxBytes), AUTH_MODE: "required", ADMIN_API_KEY: "k".repeat(20) },
  { storage: createStorage({ dir, s3: undefined }) },
);
const url = await api.app.listen({ port: 0, host: "127.0.0.1" });
const authorization = `Bearer ${"k".repeat(20)}`;

const pdf = Buffer.from("%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n");
const exe = Buffer.concat([Buffer.from("MZ"), Buffer.alloc(300, 7)]);

async function filesOnDisk() {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile());
}
const rows = () => api.db.sql.query<{ count: number }>("SELECT count(*) FROM files");

async function expectNothingLeft() {
  expect(await filesOnDisk()).toEqual([]);
  expect(await rows()).toEqual([{ count: 0 }]);
}

function formOf(...files: [Buffer | string, string][]): FormData {
  const form = new FormData();
  for (const [content, name] of files) form.append("file", new Blob([content as string]), name);
  return form;
}

async function upload(body: FormData | string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/v1/files`, {
    method: "POST",
    headers: { authorization, ...headers },
    body,
  });
  const answer = (await response.json()) as Record<string, string>;
  return { status: response.status, headers: response.headers, body: answer };
}

const ask = (path: string, method = "GET") =>
  fetch(`${url}${path}`, { method, headers: { authorization } });

beforeEach(async () => {
  await api.db.sql.query("DELETE FROM files");
  await rm(dir, { recursive: true, force: true });
});

test("a file comes back as it went in, with its type, size and hash", async () => {
  const text = Buffer.from("안녕하세요.\n");
  const made = await upload(formOf([text, "메모.md"]));
  expect([made.status, made.body]).toEqual([
    201,
    {
      id: expect.any(String),
      fileName: "메모.md",
      mediaType: "text/markdown",
      bytes: text.length,
      sha256: createHash("sha256").update(text).digest("hex"),
      createdAt: expect.any(String),
    },
  ]);
  expect(made.headers.get("location")).toBe(`/v1/files/${made.body.id}`);
  expect(await (await ask(`/v1/files/${made.body.id}`)).json()).toEqual(made.body);
  const content = await ask(`/v1/files/${made.body.id}/content`);
  expect(Buffer.from(await content.arrayBuffer())).toEqual(text);
  expect(Object.fromEntries(content.headers)).toMatchObject({
    "content-type": "text/markdown",
    "content-length": String(text.length),
    "content-disposition": `attachment; filename="__.md"; filename*=UTF-8''${encodeURIComponent("메모.md")}`,
    "x-content-type-options": "nosniff",
  });
  const [stored] = await filesOnDisk();
  expect(stored?.name).toMatch(/^[0-9a-f]{28}$/);
});

test("a file of exactly the limit is taken, one byte more is refused", async () => {
  expect((await upload(formOf(["a".repeat(maxBytes), "a.txt"]))).status).toBe(201);
  const over = await upload(formOf(["a".repeat(maxBytes + 1), "a.txt"]));
  expect([over.status, over.body.code]).toEqual([413, "file_too_large"]);
  expect(await filesOnDisk()).toHaveLength(1);
  expect(await rows()).toEqual([{ count: 1 }]);
});

test("a request that says it is too large is refused before it is read", async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => {
      socket.write(
        `POST /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n` +
          "content-type: multipart/form-data; boundary=x\r\ncontent-length: 99999999999\r\n\r\n--x\r\n",
      );
    });
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
    socket.once("error", reject);
  });
  expect(answer).toMatch(/^HTTP\/1.1 413 /);
  await expectNothingLeft();
});

const refused: [string, () => FormData | string, number, string, Record<string, string>?][] = [
  ["an exe named .png", () => formOf([exe, "cat.png"]), 415, "unsupported_file_type"],
  ["zero bytes", () => formOf(["", "empty.txt"]), 422, "invalid_field"],
  [
    "five files instead of one",
    () => formOf(...Array.from({ length: 5 }, (): [Buffer, string] => [pdf, "a.pdf"])),
    422,
    "invalid_field",
  ],
  [
    "no file field",
    () => {
      const form = new FormData();
      form.append("title", "x");
      return form;
    },
    422,
    "invalid_field",
  ],
  [
    "a file in another field",
    () => {
      const form = new FormData();
      form.append("upload", new Blob([pdf]), "a.pdf");
      return form;
    },
    422,
    "invalid_field",
  ],
  ["JSON", () => '{"file":"x"}', 415, "form_required", { "content-type": "application/json" }],
  [
    "a form without its end",
    () => '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello',
    400,
    "malformed_form",
    { "content-type": "multipart/form-data; boundary=x" },
  ],
  [
    "a form without a boundary",
    () => "hello",
    400,
    "malformed_form",
    { "content-type": "multipart/form-data" },
  ],
  [
    "an empty form",
    () => "",
    422,
    "invalid_field",
    { "content-type": "multipart/form-data; boundary=x" },
  ],
  [
    "rubbish as a form",
    () => "rubbish",
    400,
    "malformed_form",
    { "content-type": "multipart/form-data; boundary=x" },
  ],
  [
    "a field of 70 KB",
    () => {
      const form = formOf([pdf, "a.pdf"]);
      form.append("note", "x".repeat(70_000));
      return form;
    },
    400,
    "malformed_form",
  ],
  [
    "60 fields",
    () => {
      const form = formOf([pdf, "a.pdf"]);
      for (let at = 0; at < 60; at += 1) form.append(`f${at}`, "x");
      return form;
    },
    400,
    "malformed_form",
  ],
  [
    "a field named as what objects have",
    () => {
      const form = formOf([pdf, "a.pdf"]);
      form.append("__proto__", "x");
      return form;
    },
    400,
    "malformed_form",
  ],
];
test.each(refused)("%s is refused, and nothing is left", async (_, body, status, code, headers) => {
  const answer = await upload(body(), headers);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.body.detail).toMatch(/[가-힣]/);
  await expectNothingLeft();
});

test("a path in the name is only a name", async () => {
  for (const name of ["../../etc/passwd", "C:\\Windows\\a\u0000.txt", "..", "\u202etxt.exe"]) {
    const { status, body } = await upload(formOf(["text", name]));
    expect(status).toBe(201);
    expect(body.fileName).not.toMatch(/[/\\\p{Cc}\u202e]|^\.\.$/u);
  }
  expect(await filesOnDisk()).toHaveLength(4);
});

test("a client that goes away in the middle leaves nothing", async () => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(
    `POST /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\n` +
      "content-type: multipart/form-data; boundary=x\r\ncontent-length: 150000\r\n\r\n" +
      '--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n' +
      "a".repeat(100_000),
  );
  await waitFor(async () => (await filesOnDisk()).length === 1, { what: "its file" });
  socket.destroy();
  await waitFor(async () => (await filesOnDisk()).length === 0, { what: "no file" });
  await expectNothingLeft();
  expect((await upload(formOf([pdf, "a.pdf"]))).status).toBe(201);
});

test("a foreign file is not there: not to read, not to download, not to delete", async () => {
  const { body } = await upload(formOf([pdf, "a.pdf"]));
  await api.db.sql.query("UPDATE files SET tenant_id = 'other'");
  for (const [path, method] of [
    ["", "GET"],
    ["/content", "GET"],
    ["", "DELETE"],
  ] as const) {
    const answer = await ask(`/v1/files/${body.id}${path}`, method);
    expect(answer.status).toBe(404);
  }
  expect((await ask("/v1/files/..%2F..%2Fetc")).status).toBe(404);
  expect(await filesOnDisk()).toHaveLength(1);
});

test("a deleted file is gone, also from the disk", async () => {
  const { body } = await upload(formOf([pdf, "a.pdf"]));
  expect((await ask(`/v1/files/${body.id}`, "DELETE")).status).toBe(204);
  await expectNothingLeft();
  expect((await ask(`/v1/files/${body.id}`, "DELETE")).status).toBe(404);
});

test("a disk that cannot be written is 503 with Retry-After, and works again afterwards", async () => {
  await writeFile(dir, "no directory");
  const { status, body, headers } = await upload(formOf([pdf, "a.pdf"]));
  expect([status, body.code]).toEqual([503, "storage_unavailable"]);
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await rows()).toEqual([{ count: 0 }]);
  await rm(dir);
  expect((await upload(formOf([pdf, "a.pdf"]))).status).toBe(201);
});

test("no key, no upload", async () => {
  expect((await upload(formOf([pdf, "a.pdf"]), { authorization: "" })).status).toBe(401);
  await expectNothingLeft();
});
