import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** The lines of a child's two outputs, kept and waited for. */
export class ProcessOutput {
  readonly lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();

  /** @param name put before each line when ILGAM_TEST_LOGS shows them. */
  constructor(child: ChildProcess, name: string) {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream as Readable }).on("line", (line) => {
        this.lines.push(line);
        for (const listener of this.#listeners) listener(line);
        if (process.env.ILGAM_TEST_LOGS) process.stderr.write(`${name} | ${line}\n`);
      });
    }
  }

  /** The first line, written already or from now on, that matches. */
  waitForLine(pattern: RegExp, signal: AbortSignal): Promise<string> {
    const before = this.lines.find((line) => pattern.test(line));
    if (before !== undefined) return Promise.resolve(before);
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const listener = (line: string) => {
        if (!pattern.test(line)) return;
        this.#listeners.delete(listener);
        resolve(line);
      };
      this.#listeners.add(listener);
      signal.addEventListener("abort", () => {
        this.#listeners.delete(listener);
        reject(signal.reason);
      });
    });
  }

  /** The last lines, for an error message. */
  tail(count = 20): string {
    return this.lines.slice(-count).join("\n");
  }
}
