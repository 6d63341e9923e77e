import type { JobDefinition } from "@ilgam/contracts";
import type { Submitter } from "../dispatch/submitter.ts";

/** Tenant of the jobs that the platform submits by itself. */
export const systemTenant = "system";

const lookEveryMs = 60_000;

/**
 * Submits the kinds that have `everyMs`, once a period over all processes: the period's number is
 * the Idempotency-Key. A period in which no worker lived is skipped.
 */
export function startRecurring(options: {
  submitter: Submitter;
  definitions: readonly JobDefinition[];
  onError: (error: unknown) => void;
  now?: () => number;
}): { stop(): void } {
  const { submitter, onError, now = Date.now } = options;
  const due = options.definitions.filter((definition) => definition.everyMs !== undefined);
  const done = new Map<string, number>();

  async function submitDue(): Promise<void> {
    for (const { kind, everyMs = 1 } of due) {
      const period = Math.floor(now() / everyMs);
      if (done.get(kind) === period) continue;
      await submitter.submit({
        tenantId: systemTenant,
        kind,
        jobs: [{ input: {}, priority: "low" }],
        idempotency: {
          route: `recurring ${kind}`,
          key: String(period),
          content: {},
          response: ({ ids }) => ({ id: ids[0] }),
        },
      });
      done.set(kind, period);
    }
  }

  const look = () => {
    submitDue().catch(onError);
  };
  const timer = setInterval(look, lookEveryMs);
  look();
  return { stop: () => clearInterval(timer) };
}
