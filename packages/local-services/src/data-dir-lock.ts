import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { isAlive, startMark } from "./process-identity.ts";

/** Another live process holds the data directory. */
export class DataDirInUse extends Error {
  readonly holderPid: number;

  constructor(dataDir: string, holderPid: number) {
    super(
      `${dataDir} is in use by process ${holderPid}: Ilgam already runs there. ` +
        "Stop it first, or give this one its own ILGAM_DATA_DIR.",
    );
    this.name = "DataDirInUse";
    this.holderPid = holderPid;
  }
}

export type DataDirLock = { release(): void };

type Holder = { pid: number; startMark: string | null };

/**
 * Makes `dataDir` this process's own until `release()`. A lock whose holder is dead (kill -9,
 * power cut, its process id given to another process since) is taken over.
 *
 * @throws DataDirInUse when the holder lives.
 */
export function lockDataDir(dataDir: string): DataDirLock {
  mkdirSync(dataDir, { recursive: true });
  const file = path.join(dataDir, "lock");
  for (let attempt = 0; attempt < 3; attempt++) {
    if (claim(file)) return { release: () => rmSync(file, { force: true }) };
    const holder = readHolder(file);
    if (holder && isSameProcess(holder)) throw new DataDirInUse(dataDir, holder.pid);
    setAside(file, dataDir);
  }
  throw new Error(`${file} changes hands too fast: is another start under way?`);
}

/** Linked, not written in place: the lock never stands there without its holder's name. */
function claim(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  const mine: Holder = { pid: process.pid, startMark: startMark(process.pid) };
  writeFileSync(draft, JSON.stringify(mine));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(file: string): Holder | null {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof parsed !== "object" || parsed === null || !("pid" in parsed)) return null;
    const mark = "startMark" in parsed ? parsed.startMark : null;
    if (typeof parsed.pid !== "number") return null;
    return { pid: parsed.pid, startMark: typeof mark === "string" ? mark : null };
  } catch {
    // Gone meanwhile, or cut short by a crash while it was written: nobody holds it.
    return null;
  }
}

function isSameProcess(holder: Holder): boolean {
  if (!isAlive(holder.pid)) return false;
  const now = startMark(holder.pid);
  return holder.startMark === null || now === null || now === holder.startMark;
}

/** Renames, then looks again: of two that found the same stale lock, one may be late. */
function setAside(file: string, dataDir: string): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const holder = readHolder(aside);
  if (holder && isSameProcess(holder)) {
    renameSync(aside, file);
    throw new DataDirInUse(dataDir, holder.pid);
  }
  rmSync(aside, { force: true });
}
