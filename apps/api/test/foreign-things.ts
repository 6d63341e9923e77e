import { createTenant, newId } from "@ilgam/db";
import type { Answer, TestApi } from "./test-api.ts";

/** Calls as the tenant that owns the things. */
export type OwnerCall = (method: string, url: string, body?: unknown) => Promise<Answer>;

/** Something that belongs to a tenant, and every place of the API that takes its id. */
export type Thing = {
  /**
   * `/v1/jobs/:id` (with all that follows it), `/v1/jobs?batch`, or of a body
   * `/v1/jobs/retry#filter.batch`.
   */
  places: readonly string[];
  /**
   * Makes a new one as the owner; resolves with its id.
   * @param before the ids that stand before it in the address
   */
  make(call: OwnerCall, api: TestApi, before: Record<string, string>): Promise<string>;
  /** What its owner sees of it: nothing of it may change by what others ask. */
  look(call: OwnerCall, id: string, before: Record<string, string>): Promise<unknown>;
  /** No listing shows it. Default false. */
  isUnlisted?: boolean;
};

const job = { kind: "document-count", input: { keyword: "a" } };
const bodyOf = async (answer: Promise<Answer>) => (await answer).body;

async function newBatch(call: OwnerCall): Promise<string> {
  const { body } = await call("POST", "/api/documents/batch", { keywords: ["a", "b"] });
  return String(body.jobId);
}

/** A PNG of one pixel. */
const pixel =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

async function newFile(call: OwnerCall): Promise<string> {
  const form = new FormData();
  form.append("file", new Blob(["{}\n"]), "a.txt");
  return (await call("POST", "/v1/files", form)).body.id;
}

/** A callback as the end of a job or batch leaves it. */
async function deliveryOf({ sql }: TestApi["db"], table: "jobs" | "batches", of: string) {
  const id = newId();
  const named = table === "jobs" ? "id::text" : "public_id";
  await sql.query(
    `INSERT INTO webhook_deliveries (id, tenant_id, endpoint, subject_id, run, event)
     SELECT $1, tenant_id, 'https://example.com', id, 1, 'job.completed' FROM ${table}
     WHERE ${named} = $2`,
    [id, of],
  );
  return id;
}

/** Its number is long enough to be told from the other numbers of an answer. */
async function newDocument(call: OwnerCall, { sql }: TestApi["db"], containerId: string) {
  await sql.query(
    "SELECT setval('documents_id_seq', greatest(914273658000, nextval('documents_id_seq')))",
  );
  const form = new FormData();
  form.append("file", new Blob(["a"]), "a.txt");
  form.append("container_id", containerId);
  return String((await call("POST", "/api/v1/documents/upload", form)).body.document_id);
}

const question = { questionText: "a", option1: "a", option2: "b", correctAnswer: "a" };

async function newSet(call: OwnerCall): Promise<string> {
  const { body } = await call("POST", "/admin/sets", { title: "a" });
  return (body.data as { id: string }).id;
}

/** A new route that takes an id of a tenant's thing adds a line here. */
export const things: readonly Thing[] = [
  {
    places: ["/v1/jobs/:id"],
    make: async (call) => (await call("POST", "/v1/jobs", job)).body.id,
    look: async (call, id) => {
      // Its place in the queue is the others' doing.
      const { waitingOn: _, ...job } = await bodyOf(call("GET", `/v1/jobs/${id}`));
      return job;
    },
  },
  {
    places: [
      ...["/v1/batches/:id", "/v1/jobs?batch"],
      ...[
        "/v1/jobs/cancel#filter.batch",
        "/api/documents/status?jobId",
        "/api/documents/batch/:jobId",
      ],
    ],
    make: newBatch,
    look: (call, id) => bodyOf(call("GET", `/v1/batches/${id}`)),
  },
  {
    places: ["/v1/jobs/retry#filter.batch"],
    make: async (call) => {
      const id = await newBatch(call);
      await call("DELETE", `/api/documents/batch/${id}`);
      return id;
    },
    look: (call, id) => bodyOf(call("GET", `/v1/batches/${id}`)),
  },
  {
    places: [
      ...["/background/task-status/:task_id", "/background/cancel-task/:task_id"],
      "/background/results/:task_id",
    ],
    make: async (call) => {
      const form = new FormData();
      form.append("file", new Blob([Buffer.from(pixel, "base64")]), "a.png");
      return String((await call("POST", "/background/analyze-image", form)).body.task_id);
    },
    look: (call, id) => bodyOf(call("GET", `/background/task-status/${id}`)),
  },
  {
    places: ["/v1/files/:id"],
    make: (call) => newFile(call),
    look: (call, id) => bodyOf(call("GET", `/v1/files/${id}`)),
    isUnlisted: true,
  },
  {
    places: ["/api/ai/jobs/:id"],
    make: async (call) => {
      const question = { type: "report", query: "모든 서버 분석하고 리포트 만들어줘" };
      return String((await call("POST", "/api/ai/jobs", question)).body.jobId);
    },
    look: (call, id) => bodyOf(call("GET", `/api/ai/jobs/${id}`)),
  },
  {
    places: ["/api/v1/documents/:id"],
    make: (call, { db }) => newDocument(call, db, "a"),
    look: (call, id) => bodyOf(call("GET", `/api/v1/documents/${id}`)),
  },
  {
    places: ["/api/v1/documents?container_id"],
    make: async (call, { db }) => {
      const container = `container-${newId()}`;
      await newDocument(call, db, container);
      return container;
    },
    look: (call, id) => bodyOf(call("GET", `/api/v1/documents?container_id=${id}`)),
  },
  {
    places: ["/v1/jobs/:id/deliveries/:deliveryId"],
    isUnlisted: true,
    make: async (_call, { db }, { id }) => deliveryOf(db, "jobs", String(id)),
    look: (call, _id, { id }) => bodyOf(call("GET", `/v1/jobs/${id}/deliveries`)),
  },
  {
    places: ["/v1/batches/:id/deliveries/:deliveryId"],
    isUnlisted: true,
    make: async (_call, { db }, { id }) => deliveryOf(db, "batches", String(id)),
    look: (call, _id, { id }) => bodyOf(call("GET", `/v1/batches/${id}/deliveries`)),
  },
  {
    places: ["/v1/schedules/:id"],
    make: async (call) => {
      const name = `n${Math.random()}`;
      const schedule = { name, ...job, pattern: "0 3 * * *", timeZone: "UTC" };
      return (await call("POST", "/v1/schedules", schedule)).body.id;
    },
    look: (call, id) => bodyOf(call("GET", `/v1/schedules/${id}`)),
  },
  {
    places: ["/admin/sets/:setId"],
    make: newSet,
    look: async (call, id) => [
      await bodyOf(call("GET", `/admin/sets/${id}`)),
      await bodyOf(call("GET", `/admin/sets/${id}/questions`)),
    ],
  },
  {
    places: ["/admin/questions/:id"],
    make: async (call) => {
      const path = `/admin/sets/${await newSet(call)}/questions/bulk-upload`;
      const { body } = await call("POST", path, { questions: [question] });
      return (body.data as { id: string }[])[0]?.id ?? "";
    },
    look: (call, id) => bodyOf(call("GET", `/admin/questions/${id}/explanation-status`)),
  },
  {
    places: [
      ...["/v1/jobs?tenant", "/v1/batches?tenant", "/v1/schedules?tenant"],
      ...["/v1/jobs/cancel#filter.tenant", "/v1/jobs/retry#filter.tenant"],
    ],
    make: async (_call, { db }) => {
      await createTenant(db.sql, { id: "owner", name: "owner" });
      return "owner";
    },
    look: (call) => bodyOf(call("GET", "/v1/batches?limit=200")),
  },
];

/** Ids in bodies that name what the call itself makes, for its own tenant. */
export const ownIds: ReadonlySet<string> = new Set([
  ...["/admin/sets#id", "/admin/sets/:setId/questions/bulk-upload#questions.id"],
]);

/** What a call has to send to get past the check of its body, by method and address. */
export const bodies: Readonly<Record<string, Record<string, unknown>>> = {
  "PATCH /admin/questions/:id": { questionText: "b" },
  "POST /admin/sets/:setId/questions/bulk-upload": { questions: [question] },
  "PATCH /v1/schedules/:id": { enabled: false },
  "POST /v1/jobs/cancel": { dryRun: false },
  "POST /v1/jobs/retry": { dryRun: false, filter: { status: "cancelled" } },
};

/** Names in queries and bodies that are no ids of a tenant's things. */
export const harmless: ReadonlySet<string> = new Set([
  ...["limit", "cursor", "kind", "status", "tag", "createdAfter", "createdBefore", "run"],
  ...["keyword", "next", "type", "max_age_hours", "format", "table", "embeddings", "errors"],
]);

/** Names in bodies that look like ids, so that each needs a line above. */
export const looksLikeId = /(^|[._])(ids?|batch|job|tenant|document|set|question)$|Ids?$/;
