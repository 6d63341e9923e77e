#!/usr/bin/env node
// Writes the Prisma client to packages/db/src/generated (not in git). Runs after every install.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const schema = path.join(root, "prisma/schema.prisma");
const generated = path.join(root, "packages/db/src/generated");
const stamp = path.join(generated, ".made-from");
const cli = path.join(root, "node_modules/prisma/build/index.js");

/** Says why there is no client and what to do, and ends with 1. */
function fail(reason, output = "") {
  process.stderr.write(`${output}
The Prisma client was not generated: ${reason}
Nothing that reads the database runs without it. Put this right, then: npm run generate
`);
  process.exit(1);
}

if (!existsSync(schema)) fail("prisma/schema.prisma is missing.");
if (!existsSync(cli)) {
  // `npm install --omit=dev` (a production image): the client comes from the build stage.
  if (existsSync(path.join(generated, "client.ts"))) process.exit(0);
  fail("the `prisma` development dependency is not installed (npm install --include=dev).");
}

// The client is a function of the schema and the generator: the same pair needs no second run.
const version = readFileSync(path.join(root, "node_modules/prisma/package.json"), "utf8");
const wanted = createHash("sha256").update(readFileSync(schema)).update(version).digest("hex");
if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) process.exit(0);

const run = spawnSync(process.execPath, [cli, "generate", "--schema", schema], {
  cwd: root,
  encoding: "utf8",
  env: {
    ...process.env,
    // The CLI looks for its schema engine first and downloads it when it is missing, although
    // `generate` never starts it. Any file that exists keeps the CLI off the network.
    PRISMA_SCHEMA_ENGINE_BINARY: fileURLToPath(import.meta.url),
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
    CHECKPOINT_DISABLE: "1",
  },
});
if (run.error) fail(run.error.message);
if (run.status !== 0)
  fail(`prisma generate ended with ${run.status}.`, `${run.stdout}${run.stderr}`);
mkdirSync(generated, { recursive: true });
writeFileSync(stamp, wanted);
