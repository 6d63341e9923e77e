import type { JobDefinition } from "@ilgam/contracts";
import type { QueueHolds } from "@ilgam/queue";
import { type Health, whyHeld } from "@ilgam/upstream";

/** The queues whose kinds need a provider that is away. */
export function providerHolds(health: Health, kinds: readonly JobDefinition[]): QueueHolds {
  const providersOf = new Map(kinds.map(({ kind, providers = [] }) => [kind, providers]));
  return {
    heldBy: (queue) => {
      const away = providersOf.get(queue)?.find((key) => health.of(key)?.state === "open");
      return away && whyHeld(away, health.of(away), "ko");
    },
    onChange: (listener) => health.onChange(listener),
  };
}
