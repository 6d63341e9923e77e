import type { RequestTarget } from "../request-target.ts";
import type { Fault, ScriptedFault } from "./fault.ts";

export type PendingFault = ScriptedFault & { id: number; remaining: number };
export type FaultScript = ReturnType<typeof createFaultScript>;

/** The faults still to come, in the order they were scripted: the first that matches hits. */
export function createFaultScript() {
  let pending: PendingFault[] = [];
  let lastId = 0;

  return {
    add(steps: ScriptedFault[]): PendingFault[] {
      const added = steps.map((step) => {
        lastId += 1;
        return { ...step, id: lastId, remaining: step.times };
      });
      pending.push(...added);
      return added;
    },
    list: (): PendingFault[] => pending,
    clear(): void {
      pending = [];
    },
    /**
     * The fault that hits this request, used up by one; undefined when none does.
     * @param body as it was parsed.
     */
    take(target: RequestTarget, body?: unknown): Fault | undefined {
      const hit = pending.find((step) => matches(step.match, target, body));
      if (!hit) return undefined;
      hit.remaining -= 1;
      if (hit.remaining === 0) pending = pending.filter((step) => step !== hit);
      return hit.fault;
    },
  };
}

function matches(match: ScriptedFault["match"], target: RequestTarget, body: unknown): boolean {
  const { path, query, source, contains } = match;
  if (query !== undefined && query !== target.query) return false;
  if (source !== undefined && source !== target.source) return false;
  if (contains !== undefined && !holds(body, contains)) return false;
  if (path === undefined) return true;
  return path.endsWith("*") ? target.path.startsWith(path.slice(0, -1)) : target.path === path;
}

/** Whether some string in a parsed body contains `text`. */
function holds(body: unknown, text: string): boolean {
  if (typeof body === "string") return body.includes(text);
  if (typeof body !== "object" || body === null) return false;
  return Object.values(body).some((value) => holds(value, text));
}
