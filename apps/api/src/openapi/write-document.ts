import { writeFile } from "node:fs/promises";
import { createDatabase } from "@ilgam/db";
import { jobContracts } from "@ilgam/jobs/contracts";
import { kindRoutes } from "@ilgam/jobs/routes";
import { createDispatcher, createSubmitter } from "@ilgam/queue";
import { createStorage } from "@ilgam/storage";
import { aiPaceKey, naverPaceKey, storagePaceKey } from "@ilgam/upstream/pace";
import manifest from "../../package.json" with { type: "json" };
import { buildApp } from "../app.ts";
import { readApiEnv } from "../env.ts";
import { resolveKinds } from "../kinds/resolve-kinds.ts";
import { createProviders } from "../providers/read-providers.ts";

/*
 * `node write-document.ts <file>` writes what `/openapi.json` answers, for tools that read it. It needs
 * neither Postgres nor Redis: the addresses lead nowhere.
 */
const [file] = process.argv.slice(2);
if (!file) throw new Error("usage: node write-document.ts <file>");

const env = readApiEnv({
  DATABASE_URL: "postgresql://nobody@127.0.0.1:1/none",
  REDIS_URL: "redis://127.0.0.1:1",
  AUTH_MODE: "required",
  ADMIN_API_KEY: "only-for-the-document",
  LOG_LEVEL: "silent",
});
const { redis } = env;
const kinds = resolveKinds(jobContracts, {});
const db = createDatabase({ url: env.databaseUrl, size: 1 });
const dispatcher = createDispatcher({ redis, db, queues: [...kinds.keys()] });
const names = [aiPaceKey, naverPaceKey, storagePaceKey];
const app = await buildApp({
  ...{ env, db, dispatcher, kinds, kindRoutes, version: manifest.version },
  submitter: createSubmitter({ db, dispatcher, kinds }),
  storage: createStorage({ dir: "/never-written", s3: undefined }),
  providers: createProviders({ redis, sql: db.sql, names, kinds: jobContracts }),
});
await writeFile(file, `${JSON.stringify(app.swagger(), null, 2)}\n`);
// The connections to nowhere are still being tried.
process.exit(0);
