import { readFile } from "node:fs/promises";
import { jobContracts } from "@ilgam/jobs/contracts";
import { kindRoutes } from "@ilgam/jobs/routes";
import { describe, expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

type Operation = {
  operationId?: string;
  summary?: string;
  tags?: string[];
  security?: object[];
  requestBody?: { content: Record<string, { schema: { properties?: object } }> };
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
};
type Document = {
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string; description: string }[];
  servers: object[];
};

const { app } = await createTestApi({}, { catalogue: jobContracts, kindRoutes });
const document = app.swagger() as unknown as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    at: `${method.toUpperCase()} ${path}`,
  })),
);

test("operationIds are unique and stay as they are: clients are generated from them", async () => {
  const file = await readFile(new URL("operation-ids.txt", import.meta.url), "utf8");
  const now = operations.map(({ operationId, at }) => `${operationId} ${at}`).sort();
  expect(`${now.join("\n")}\n`, "a new or renamed operation: change operation-ids.txt too").toBe(
    file,
  );
  const ids = operations.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z0-9]+$/);
});

test("says where it is served, and what each tag is about", () => {
  expect(document.servers).toEqual([{ url: "/", description: "This installation." }]);
  const used = new Set(operations.flatMap(({ tags }) => tags));
  expect([...used].sort()).toEqual(document.tags.map(({ name }) => name).sort());
});

describe.each(operations)("$at", ({ summary, tags, security, requestBody, responses }) => {
  test("has a summary, one tag, who may call it, and what it answers and refuses", () => {
    expect(summary).toMatch(/^[A-Z].*[^.]$/);
    expect(tags).toHaveLength(1);
    expect(security).toBeDefined();
    const statuses = Object.keys(responses);
    expect(statuses.filter((status) => /^2/.test(status)).length).toBeGreaterThan(0);
    const refusals = statuses.filter((status) => /^4/.test(status));
    expect(refusals.length).toBeGreaterThan(0);
    for (const status of refusals) expect(responses[status]?.content, status).toBeDefined();
    for (const { description } of Object.values(responses)) {
      expect(description).not.toBe("Default Response");
    }
    for (const { schema } of Object.values(requestBody?.content ?? {})) {
      expect(JSON.stringify(schema)).toMatch(/\$ref|properties|anyOf/);
    }
  });
});

test("every upload is a form with its fields, the file among them", () => {
  const forms = operations.flatMap(({ operationId, requestBody }) => {
    const form = requestBody?.content["multipart/form-data"];
    return form ? [[operationId, Object.keys(form.schema.properties ?? {})] as const] : [];
  });
  const submission = ["callbackUrl", "callback_url", "priority", "runAt"];
  expect(Object.fromEntries(forms.map(([id, fields]) => [id, [...fields].sort()]))).toEqual({
    analyzeImage: [...submission, "detail", "file", "prompt"].sort(),
    analyzeImages: [...submission, "detail", "file", "prompt"].sort(),
    extractTables: [...submission, "file", "model"].sort(),
    uploadDocument: [...submission, "container_id", "file", "use_multimodal"].sort(),
    uploadFile: ["file"],
    uploadQuestions: [...submission, "file", "sheet"].sort(),
  });
});
