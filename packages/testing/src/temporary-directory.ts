import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { atFileEnd } from "./file-end.ts";

/** A new directory that other accounts may enter too: as root, Postgres runs under another one. */
export async function makeDirectory(name: string): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), `ilgam-${name}-`));
  await chmod(directory, 0o755);
  return directory;
}

/** Removes it, also while a server that was killed in it is still on its way out. */
export async function removeDirectory(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

/** A new directory of the test's own, removed at the file's end. */
export async function temporaryDirectory(name = "test"): Promise<string> {
  const directory = await makeDirectory(name);
  atFileEnd(`directory ${directory}`, () => removeDirectory(directory));
  return directory;
}
