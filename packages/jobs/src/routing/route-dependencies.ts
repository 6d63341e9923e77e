import type { ApiErrorCode, JobStatus, Language, Priority } from "@ilgam/contracts";
import type { Database, Submission } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { FileStore } from "../uploads/file-store.ts";
import type { ReceiveUpload } from "../uploads/receive-upload.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Whose data the request may touch; set by the API's authentication. */
    tenantId: string;
    /** May steer what is of all tenants, such as a queue's pause. */
    isOperator: boolean;
    /** Language of the sentences of the answer. */
    language: Language;
  }
  interface FastifySchema {
    /**
     * Refusals of the route's own, for the API's description: those that follow from what it takes (a
     * key, a body, a form) are known without.
     */
    refusals?: readonly ApiErrorCode[];
  }
}

/** One durable submission as kinds make it; the engine's submitter takes more. */
export type SubmitRequest = {
  tenantId: string;
  kind: string;
  jobs: {
    input: unknown;
    priority: Priority;
    runAt?: string | undefined;
    tags?: string[] | undefined;
    callbackUrl?: string | undefined;
    metadata?: Record<string, unknown> | undefined;
  }[];
  batch?: {
    publicId: string;
    callbackUrl?: string | undefined;
    metadata?: Record<string, unknown>;
  };
  idempotency?: {
    route: string;
    key: string;
    content: unknown;
    /** The answer to keep, made from the new ids. */
    response: (made: { ids: string[]; batchId: string | null }) => unknown;
  };
};

export type Submitted =
  | { status: "accepted"; ids: string[] }
  | { status: "replayed"; response: unknown };

/** What the routes of every kind are given. */
export type RouteDependencies = {
  db: Database;
  submitter: {
    submit(request: SubmitRequest): Promise<Submitted>;
    /**
     * The same up to the write: `submitAll(tx, [submission])` of @ilgam/db makes it in a transaction
     * of the kind's own, and `announce` is called once that is committed.
     */
    prepare(request: SubmitRequest): Promise<{ submission: Submission; announce(): void }>;
  };
  canceller: {
    /** Cancels the tenant's jobs among `ids`; unknown ones are left out of the answer. */
    jobs(tenantId: string, ids: string[]): Promise<{ accepted: boolean; status: JobStatus }[]>;
    /** Cancels the open jobs of the batch with this uuid; `accepted` ones were open. */
    batch(tenantId: string, batchId: string): Promise<{ accepted: boolean }[]>;
  };
  /** Stored files and their rows. */
  files: FileStore;
  /** Reads a multipart request, its files into the storage. */
  receiveUpload: ReceiveUpload;
  /**
   * Gets a queue going again: has all that waits looked for in Redis, and with `resume` lifts an
   * operator's pause. Answers whether it did, and how many jobs are looked for.
   */
  restartQueue(
    name: string,
    how: { resume: boolean; tenantId: string | null },
  ): Promise<{ resumed: boolean; requeued: number }>;
  /** Starts new runs of the tenant's ended jobs among `ids`; answers how many. */
  retryJobs(tenantId: string, ids: readonly string[]): Promise<number>;
  /** Whether a service that all jobs of the kind need is away: nobody should wait for one. */
  isHeld(kind: string): boolean;
  /** Settings of the kinds, such as `DOCUMENT_COUNT_CACHE_HOURS`. */
  env: Record<string, string | undefined>;
};

/**
 * A kind's HTTP routes, full paths included, to be registered without a prefix.
 * @throws Error when one of the kind's settings is wrong
 */
export type KindRoutes = (deps: RouteDependencies) => FastifyPluginAsyncZod;
