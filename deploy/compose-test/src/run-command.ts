import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

export type CommandOptions = {
  /** Longest run, milliseconds. Default 10 minutes; then it is ended by SIGKILL. */
  timeoutMs?: number;
  /** A file that the command reads as its standard input. */
  stdinFile?: string;
  /** A file that gets its standard output. */
  stdoutFile?: string;
  /** Set beside the environment of this process. */
  env?: Record<string, string>;
};

/**
 * Runs a program to its end, in the root of the project.
 * @returns what it wrote to its standard output; nothing when that went to a file.
 * @throws Error with the end of its output when it fails or takes too long.
 */
export async function runCommand(
  [program = "", ...args]: readonly string[],
  { timeoutMs = 600_000, stdinFile, stdoutFile, env = {} }: CommandOptions = {},
): Promise<string> {
  const child = spawn(program, args, {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  let output = "";
  let both = "";
  child.stderr.on("data", (chunk) => {
    both += chunk;
  });
  const files: Promise<void>[] = [];
  if (stdoutFile) files.push(pipeline(child.stdout, createWriteStream(stdoutFile)));
  else {
    child.stdout.on("data", (chunk) => {
      output += chunk;
      both += chunk;
    });
  }
  if (stdinFile) files.push(pipeline(createReadStream(stdinFile), child.stdin));
  else child.stdin.end();
  const [code, signal] = await once(child, "close");
  if (code !== 0) {
    const end = both.trim().split("\n").slice(-15).join("\n");
    throw new Error(`${program} ${args.join(" ")} ended with ${code ?? signal}:\n${end}`);
  }
  await Promise.all(files);
  return output;
}

/** The directory of docker-compose.yml. */
export const projectRoot = new URL("../../..", import.meta.url).pathname;
