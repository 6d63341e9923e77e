#!/usr/bin/env node
import { createPool, Unavailable } from "@ilgam/db";
import { commandOf, runCommand } from "./run-command.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError, usage } from "./usage.ts";

const terminal: Terminal = {
  print: (line) => void process.stdout.write(`${line}\n`),
  say: (line) => void process.stderr.write(`${line}\n`),
};

/** What went wrong, for whoever typed the command. */
function sentenceOf(error: unknown): string {
  if (error instanceof Unavailable) {
    const cause = error.cause instanceof Error ? error.cause.message : "no answer";
    return `Postgres at DATABASE_URL does not answer: ${cause}`;
  }
  const isTableMissing = error instanceof Error && "code" in error && error.code === "42P01";
  if (isTableMissing) return "the database is not migrated: run `npm run db:migrate` first";
  return error instanceof Error ? error.message : String(error);
}

/** Exit code: 0 done, 1 the database refused, 2 the command is wrong. */
async function main(): Promise<number> {
  try {
    const command = commandOf(process.argv.slice(2));
    if (!command) {
      terminal.print(usage.trimEnd());
      return 0;
    }
    const url = process.env.DATABASE_URL;
    if (!url) {
      throw new UsageError(
        "DATABASE_URL is not set: give the address of the database. (npm start without one keeps " +
          "its own; make keys with POST /v1/keys there.)",
      );
    }
    const pool = createPool({ url, size: 1, applicationName: "ilgam-admin" });
    try {
      await runCommand(pool, command, terminal);
    } finally {
      await pool.close();
    }
    return 0;
  } catch (error) {
    terminal.say(sentenceOf(error));
    if (!(error instanceof UsageError)) return 1;
    terminal.say("`npm run admin -- --help` shows the commands.");
    return 2;
  }
}

process.exitCode = await main();
