import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { Stack } from "./stack.ts";

const Died = z
  .object({ Actor: z.object({ Attributes: z.record(z.string(), z.string()) }) })
  .transform(({ Actor: { Attributes: given } }) => ({
    service: given["com.docker.compose.service"] ?? "",
    exitCode: Number(given.exitCode),
  }));

export type Death = z.infer<typeof Died>;

/** Hears of each container of the stack that ends from now on. */
export function watchDeaths(stack: Stack): { deaths: readonly Death[]; stop(): Promise<void> } {
  const filters = ["event=die", `label=com.docker.compose.project=${stack.project.name}`];
  const args = ["events", "--format", "{{json .}}", ...filters.flatMap((f) => ["--filter", f])];
  const child = spawn("docker", args, { stdio: ["ignore", "pipe", "inherit"] });
  stack.over.addEventListener("abort", () => child.kill());
  const deaths: Death[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    deaths.push(Died.parse(JSON.parse(line)));
  });
  return {
    deaths,
    stop: async () => {
      const closed = once(child, "close");
      child.kill();
      await closed;
    },
  };
}
