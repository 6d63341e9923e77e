import { isLoopback } from "@ilgam/access";
import type { ApiEnv } from "../env.ts";

/** What stands where a service asks for no key. */
const noKey = new Set(["", "none", "sandbox"]);

/**
 * A sentence for the operator when callers without a key, from other machines, may spend what the AI
 * service's key pays for; undefined when they may not.
 * @param env the raw environment, which the workers share
 */
export function openDoor(
  { host, anonymousSystems }: Pick<ApiEnv, "host" | "anonymousSystems">,
  env: Record<string, string | undefined>,
): string | undefined {
  if (isLoopback(host) || anonymousSystems.size === 0) return undefined;
  if (noKey.has(env.OPENAI_API_KEY ?? "")) return undefined;
  const systems = [...anonymousSystems].sort().join(",");
  return (
    `ANONYMOUS_SYSTEMS is ${systems} and HOST is ${host}: whoever reaches this address spends the credit of ` +
    "OPENAI_API_KEY and cancels others' work in these systems without a key. " +
    "Set ANONYMOUS_SYSTEMS=none, or let only those reach it who may"
  );
}
