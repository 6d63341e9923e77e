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
  parameters?: { in: string; name: string; required: boolean }[];
  requestBody?: { required: boolean; content: Record<string, { schema: { properties?: object } }> };
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

/*
 * What an operationId is called: a verb (get: one thing, list: several, create, update, delete, submit,
 * upload, cancel, retry …) and the noun that the tag's page would use. The routes of a system name its
 * own noun (AiJob, CountBatch, ImageTask, PassageSet), so that none reads as one of `/v1`.
 */
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
    for (const status of statuses.filter((one) => /^[45]/.test(one))) {
      expect(status).toMatch(/^\d{3}$/);
      expect(responses[status]?.content, status).toBeDefined();
    }
    for (const { description } of Object.values(responses)) {
      expect(description).not.toBe("Default Response");
    }
    for (const { schema } of Object.values(requestBody?.content ?? {})) {
      expect(JSON.stringify(schema)).toMatch(/\$ref|properties|anyOf/);
    }
  });
});

test.each([
  ["/v1/jobs/none", 404, "application/problem+json", "Problem"],
  ["/v1/jobs?limit=0", 422, "application/problem+json", "Problem"],
  ["/api/ai/jobs/none", 404, "application/json", "SystemRefusal"],
  ["/api/documents/count", 422, "application/json", "SystemRefusal"],
  ["/healthz?x=%00", 422, "application/json", "SystemRefusal"],
])(
  "the refusal of GET %s has the status, type and body that it is said to have",
  async (url, status, type, name) => {
    const answer = await app.inject({ url });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers["content-type"]?.split(";")[0]).toBe(type);
    const path = url.split("?")[0]?.replace("/none", "/{id}") ?? "";
    const described = document.paths[path]?.get?.responses[status];
    expect(Object.keys(described?.content ?? {})).toEqual([type]);
    expect(described?.content?.[type]).toMatchObject({
      schema: { $ref: `#/components/schemas/${name}` },
    });
    expect(described?.description.split(", ")).toContain(answer.json().code);
  },
);

test("a body may be left out where the route does without", async () => {
  const free = operations.filter(({ requestBody }) => requestBody?.required === false);
  expect(free.map(({ operationId }) => operationId).sort()).toEqual([
    ...["cleanUpImageTasks", "regenerateExplanation", "restartExplanations"],
  ]);
  for (const url of ["/background/cleanup", "/admin/restart-queue"]) {
    expect((await app.inject({ method: "POST", url })).statusCode, url).toBe(200);
  }
  const bare = await app.inject({ method: "POST", url: "/v1/jobs/retry" });
  expect(bare.statusCode).toBe(400);
});

test("every operation has an example of what it answers, but for files, nothing and long lists", () => {
  const without = operations.filter(({ responses }) => {
    const good = Object.entries(responses).filter(([status]) => status.startsWith("2"));
    return !JSON.stringify(good).includes('"example"');
  });
  expect(without.map(({ operationId }) => operationId).sort()).toEqual([
    ...["deleteFile", "deleteSchedule", "downloadFile", "getQuestionTemplate"],
    // Pages of schemas and of numbers that change.
    ...["getStats", "listKinds", "listQueues"],
  ]);
  const bodies = operations.filter(({ requestBody }) => requestBody?.content["application/json"]);
  const unasked = bodies.filter(
    ({ requestBody }) => !JSON.stringify(requestBody).includes('"example"'),
  );
  // Asked without a body there.
  expect(unasked.map(({ operationId }) => operationId).sort()).toEqual([
    ...["cleanUpImageTasks", "regenerateExplanation"],
  ]);
});

test("what makes jobs takes an Idempotency-Key", () => {
  const keyed = operations.filter(({ parameters }) =>
    parameters?.some(({ name, required }) => name === "Idempotency-Key" && !required),
  );
  expect(keyed.map(({ operationId }) => operationId).sort()).toEqual([
    ...["analyzeImage", "analyzeImages", "askAi", "extractTables", "regenerateExplanation"],
    ...["runSchedule", "startCountBatch", "submitJob", "submitJobs", "uploadDocument"],
    "uploadQuestions",
  ]);
});

test("every form is described with its fields, the file among them", () => {
  const forms = operations.flatMap(({ operationId, requestBody }) => {
    const form = requestBody?.content["multipart/form-data"];
    return form ? [[operationId, Object.keys(form.schema.properties ?? {})] as const] : [];
  });
  const submission = ["callbackUrl", "callback_url", "priority", "runAt"];
  expect(Object.fromEntries(forms.map(([id, fields]) => [id, [...fields].sort()]))).toEqual({
    analyzeImage: [...submission, "detail", "file", "prompt"].sort(),
    analyzeImages: [...submission, "detail", "file", "prompt"].sort(),
    cleanUpImageTasks: ["max_age_hours"],
    extractTables: [...submission, "file", "model"].sort(),
    uploadDocument: [...submission, "container_id", "file", "use_multimodal"].sort(),
    uploadFile: ["file"],
    uploadQuestions: [...submission, "file", "sheet"].sort(),
  });
});
