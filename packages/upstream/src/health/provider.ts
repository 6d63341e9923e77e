import type { HealthState } from "./health-state.ts";

/** A service that is called with one set of credentials. */
export type Provider = {
  /** The key of its pace. */
  key: string;
  /** What its health depends on besides itself, such as address and credentials; kept as a hash. */
  config: string;
  /**
   * A cheap call that tells whether it is back; rejects as the real ones do. Without one a single
   * job goes ahead instead.
   */
  probe?: ((signal: AbortSignal) => Promise<void>) | undefined;
};

/** A key has changed its state, told by the one process that changed it. */
export type HealthEvent =
  | { type: "provider_state"; key: string; before: HealthState["state"]; health: HealthState }
  | { type: "provider_probed"; key: string; succeeded: boolean };

/** Who made a call, and when it began (µs by Redis' time). */
export type CallOf = { caller: string; beganUs: number };
