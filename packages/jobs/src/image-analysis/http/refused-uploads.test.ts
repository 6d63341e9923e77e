import { expect, test } from "vitest";
import { startAccepting } from "../fixtures/accepting-system.ts";
import { formOf } from "../fixtures/system.ts";

const system = await startAccepting();
const { sample, photo } = system;
const [pdf, bomb, program, zip, table] = await Promise.all([
  ...([sample("report.pdf"), sample("bomb.png"), sample("program.png")] as const),
  ...([sample("zip.pdf"), sample("scanned-table.png")] as const),
]);
const cut = table.subarray(0, 2_000);
const nothing = Buffer.alloc(0);
/** The beginning of a picture of an iPhone; the mark of its kind is at byte 8. */
const heic = Buffer.concat([
  Buffer.from([0, 0, 0, 24]),
  Buffer.from("ftypheic\0\0\0\0mif1heic"),
  Buffer.alloc(200),
]);

const refused: [string, string, () => FormData | string, number, string][] = [
  [
    "an exe named .png",
    "image",
    () => formOf([[program, "고양이.png"]]),
    415,
    "unsupported_file_type",
  ],
  ["an iPhone's HEIC", "image", () => formOf([[heic, "IMG_1.jpg"]]), 415, "heic_not_supported"],
  ["an iPhone's HEIC", "table", () => formOf([[heic, "IMG_1.heic"]]), 415, "heic_not_supported"],
  [
    "a model that nobody allowed",
    "table",
    () => formOf([[table, "a.png"]], { model: "gpt-99" }),
    422,
    "invalid_field",
  ],
  ["a PDF as an image", "image", () => formOf([[pdf, "a.png"]]), 415, "unsupported_file_type"],
  ["a docx named .pdf", "table", () => formOf([[zip, "a.pdf"]]), 415, "unsupported_file_type"],
  [
    "a picture that ends in the middle",
    "image",
    () => formOf([[cut, "a.png"]]),
    422,
    "invalid_field",
  ],
  ["a decompression bomb", "image", () => formOf([[bomb, "a.png"]]), 422, "invalid_field"],
  ["a bomb for its tables", "table", () => formOf([[bomb, "a.png"]]), 422, "invalid_field"],
  ["zero bytes", "image", () => formOf([[nothing, "a.png"]]), 422, "invalid_field"],
  ["five files", "image", () => formOf(Array(5).fill([photo, "a.webp"])), 422, "invalid_field"],
  ["no file field", "image", () => formOf([], { prompt: "무엇?" }), 422, "invalid_field"],
  ["JSON", "image", () => '{"file":"a.png"}', 415, "form_required"],
  [
    "a detail there is none of",
    "image",
    () => formOf([[photo, "a"]], { detail: "4k" }),
    422,
    "invalid_field",
  ],
  [
    "a prompt in CP949",
    "image",
    () => formOf([[photo, "a"]], { prompt: "\ufffd\ufffd" }),
    422,
    "invalid_field",
  ],
  [
    "a prompt with NUL",
    "image",
    () => formOf([[photo, "a"]], { prompt: "a\0" }),
    422,
    "invalid_field",
  ],
  [
    "an endless prompt",
    "image",
    () => formOf([[photo, "a"]], { prompt: "가".repeat(10_001) }),
    422,
    "invalid_field",
  ],
  [
    "a callback to a file",
    "image",
    () => formOf([[photo, "a"]], { callback_url: "file:///etc/passwd" }),
    422,
    "invalid_field",
  ],
  [
    "a model with spaces",
    "table",
    () => formOf([[photo, "a"]], { model: "a b" }),
    422,
    "invalid_field",
  ],
];

test.each(refused)(
  "%s is refused, and nothing is left",
  async (_what, kind, body, status, code) => {
    const path = kind === "image" ? "/background/analyze-image" : "/background/extract-tables";
    const before = await system.stored();
    const answer = await system.call("POST", path, { body: body() });
    expect([answer.status, answer.body]).toMatchObject([status, { success: false, code }]);
    expect(await system.fileRows()).toEqual([]);
    expect(await system.database.query("SELECT id FROM jobs")).toEqual([]);
    expect(await system.stored()).toEqual(before);
    expect(system.api.running()).toBe(true);
  },
);

test("51 MB are refused with 413", async () => {
  const before = await system.stored();
  const large = Buffer.alloc(51 * 1_048_576);
  const { status, body } = await system.analyze(formOf([[large, "large.png"]]));
  expect([status, body.code]).toEqual([413, "file_too_large"]);
  expect(await system.stored()).toEqual(before);
});

test("a path in the file's name is only a name", async () => {
  const { status, body } = await system.analyze(formOf([[photo, "../../../etc/passwd.png"]]));
  expect(status).toBe(202);
  expect(await system.statusOf(body.task_id)).toMatchObject({ filename: "passwd.png" });
  for (const name of await system.stored()) expect(name).toMatch(/^[0-9a-f]{28}$/);
});

test("a job of the generic API names no other model either, and is told which it may", async () => {
  const input = { fileId: "019a0000-0000-7000-8000-000000000001", model: "gpt-99" };
  const { status, body } = await system.call("POST", "/v1/jobs?lang=en", {
    body: JSON.stringify({ kind: "table-extraction", input }),
    headers: system.asOperator,
  });
  expect({ status, body }).toMatchObject({
    status: 422,
    body: { errors: [{ path: "input.model", problem: expect.stringContaining("gpt-4o-mini") }] },
  });
});
