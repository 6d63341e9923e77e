import type { Sql } from "@ilgam/db";
import type { Storage } from "@ilgam/storage";
import type { AiClient, DataSource, Embedder, NaverSearch, WebhookSender } from "@ilgam/upstream";
import type { FileStore } from "../uploads/file-store.ts";

/** What the handler of every kind is given; each takes what it needs of it. */
export type HandlerDependencies = {
  sql: Sql;
  naver: Pick<NaverSearch, "count">;
  ai: Pick<AiClient, "chat">;
  embedder: Pick<Embedder, "embed" | "model">;
  webhooks: Pick<WebhookSender, "send">;
  /** Stored files and their rows. */
  files: FileStore;
  /** Where a kind's own files come in: `files.save(await storage.receive(stream, …), …)`. */
  storage: Storage;
  /** What questions are about when they bring no data; undefined: the operator has set none. */
  aiData?: Pick<DataSource, "ask"> | undefined;
  /** Settings of the kinds, such as `DOCUMENT_COUNT_CACHE_HOURS`. @throws Error for a wrong one */
  env: Record<string, string | undefined>;
};
