import { createKeyRing, type KeyRing } from "@ilgam/access";
import { createReads, type Database, findUsableApiKey, type Reads } from "@ilgam/db";
import {
  createFileStore,
  createUploadReceiver,
  type FileStore,
  type ReceiveUpload,
} from "@ilgam/jobs/files";
import { type Canceller, createCanceller, type Dispatcher, type Submitter } from "@ilgam/queue";
import type { AppOptions } from "./app-options.ts";
import { type CancelService, createCancelService } from "./jobs/cancel-service.ts";
import { createJobViews, type JobViews } from "./jobs/job-views.ts";
import { createRetryService, type RetryService } from "./jobs/retry-service.ts";
import type { Kinds } from "./kinds/resolve-kinds.ts";

/** What the routes are made from. */
export type AppServices = {
  db: Database;
  reads: Reads;
  dispatcher: Dispatcher;
  submitter: Submitter;
  kinds: Kinds;
  keys: KeyRing;
  views: JobViews;
  canceller: Canceller;
  cancels: CancelService;
  retries: RetryService;
  files: FileStore;
  receiveUpload: ReceiveUpload;
};

export function createAppServices(options: AppOptions): AppServices {
  const { env, db, dispatcher, submitter, kinds, storage, onEvent = () => undefined } = options;
  const { holdOf = () => undefined } = options.providers ?? {};
  const reads = createReads(db.sql);
  const canceller = createCanceller({ db, dispatcher, onEvent });
  const files = createFileStore({ sql: db.sql, storage });
  return {
    ...{ db, reads, dispatcher, submitter, kinds, canceller, files },
    keys: createKeyRing({ find: (id) => findUsableApiKey(db.sql, id) }),
    views: createJobViews({ reads, sql: db.sql, holdOf }),
    cancels: createCancelService(canceller),
    retries: createRetryService({ db, reads, dispatcher, onEvent }),
    receiveUpload: createUploadReceiver({ files, storage, maxBytes: env.uploadMaxBytes }),
  };
}
