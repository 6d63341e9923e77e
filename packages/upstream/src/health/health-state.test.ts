import { describe, expect, test } from "vitest";
import {
  afterFailure,
  afterProbe,
  afterSuccess,
  afterTime,
  type Failure,
  type HealthState,
  healthy,
  probeNow,
  takeProbe,
} from "./health-state.ts";

const second = 1_000_000;
/** Some moment; 0 means never. */
const start = 1_000_000 * second;
const cause = { ko: "오류", en: "error" };

/** Plays a key's life: each line is a moment, in seconds. */
function life() {
  let health: HealthState = healthy("config");
  return {
    get health() {
      return health;
    },
    /** @returns whether it counts as the job's own */
    fails(at: number, caller: string, more: Partial<Failure> = {}): boolean {
      const nowUs = start + at * second;
      const fault = "service" as const;
      const judged = afterFailure(health, { nowUs, beganUs: nowUs, caller, fault, cause, ...more });
      health = judged.health;
      return judged.own;
    },
    succeeds(at: number, caller: string, beganAt = at): void {
      const [nowUs, beganUs] = [start + at * second, start + beganAt * second];
      health = afterSuccess(health, { nowUs, beganUs, caller, calls: 1 });
    },
    probe(at: number, isAnswered: boolean): boolean {
      const nowUs = start + at * second;
      const taken = takeProbe(health, nowUs);
      if (taken) health = isAnswered ? afterProbe(taken, nowUs) : taken;
      return taken !== undefined;
    },
    passes(at: number): void {
      health = afterTime(health, start + at * second);
    },
    probeNow(at: number): void {
      health = probeNow(health, start + at * second);
    },
  };
}

/** Which whole seconds after `from` a probe is due, without any answer. */
function probesIn(key: ReturnType<typeof life>, from: number, to: number): number[] {
  const times: number[] = [];
  for (let at = from; at < to; at += 0.25) if (key.probe(at, false)) times.push(at);
  return times;
}

describe("a key opens", () => {
  test("after five faults in a row of a service that worked", () => {
    const key = life();
    key.succeeds(0, "a");
    for (const caller of ["b", "c", "d", "e"]) key.fails(1, caller);
    expect(key.health.state).toBe("closed");
    key.fails(2, "f");
    expect(key.health.state).toBe("open");
    expect(key.health.sinceUs).toBe(start + second);
  });

  test("after three when nobody has succeeded for a minute", () => {
    const key = life();
    key.succeeds(0, "a");
    for (const caller of ["b", "c"]) key.fails(61, caller);
    expect(key.health.state).toBe("closed");
    key.fails(61, "d");
    expect(key.health.state).toBe("open");
  });

  test("when half of at least twenty calls fail within half a minute", () => {
    const key = life();
    for (let at = 0; at < 9; at += 1) {
      key.succeeds(at, `good ${at}`);
      key.fails(at, `bad ${at}`);
    }
    expect(key.health.state).toBe("closed");
    key.succeeds(9, "good 9");
    key.fails(9, "bad 9");
    expect(key.health.state).toBe("open");
  });

  test("not by as many faults in a longer time", () => {
    const key = life();
    for (let at = 0; at < 100; at += 4) {
      key.succeeds(at, `good ${at}`);
      key.fails(at, `bad ${at}`);
    }
    expect(key.health.state).toBe("closed");
  });

  test("at once when only the operator can fix it", () => {
    const key = life();
    key.succeeds(0, "a");
    expect(key.fails(1, "b", { fault: "operator" })).toBe(false);
    expect(key.health).toMatchObject({ state: "open", fault: "operator" });
  });

  test("not for a setting of one job while others fare well", () => {
    const key = life();
    key.succeeds(0, "a");
    expect(key.fails(1, "b", { fault: "operator", mild: true })).toBe(false);
    expect(key.health.state).toBe("closed");
    key.fails(70, "b", { fault: "operator", mild: true });
    expect(key.health.state).toBe("open");
  });
});

describe("probes", () => {
  test("are few in three minutes, and never more than 15 s apart", () => {
    const key = life();
    for (const caller of ["a", "b", "c"]) key.fails(0, caller);
    const times = probesIn(key, 0, 180);
    expect(times.length).toBeLessThanOrEqual(16);
    const gaps = times.map((time, index) => time - (times[index - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(15);
    expect(times[0]).toBeLessThan(3);
  });

  test("of a long outage are half a minute apart, of a wrong key a minute", () => {
    const last = (fault: "service" | "operator") => {
      const key = life();
      for (const caller of ["a", "b", "c"]) key.fails(0, caller, { fault });
      const [before = 0, after = 0] = probesIn(key, 0, 1_200).slice(-2);
      return after - before;
    };
    expect(last("service")).toBeGreaterThan(27);
    expect(last("service")).toBeLessThanOrEqual(30.5);
    expect(last("operator")).toBeGreaterThan(56);
    expect(last("operator")).toBeLessThanOrEqual(60.5);
  });

  test("wait as long as the service asks, up to a minute", () => {
    const key = life();
    for (const caller of ["a", "b", "c"]) key.fails(0, caller, { retryAfterMs: 20_000 });
    expect(key.probe(19, true)).toBe(false);
    expect(key.probe(20, true)).toBe(true);
  });

  test("come at once when an operator says so", () => {
    const key = life();
    for (const caller of ["a", "b", "c"]) key.fails(0, caller);
    expect(key.probe(0.5, true)).toBe(false);
    key.probeNow(0.5);
    expect(key.probe(0.5, true)).toBe(true);
  });
});

/** A key whose probe has just been answered, at second 10. */
function recovering() {
  const key = life();
  for (const caller of ["a", "b", "c"]) key.fails(0, caller);
  key.probe(10, true);
  return key;
}

describe("a key that recovers", () => {
  test("lets two calls go, then twice as many with each success, then all", () => {
    const key = recovering();
    const ramps = [key.health.ramp];
    for (let at = 11; key.health.state === "ramp"; at += 1) {
      key.succeeds(at, `job ${at}`);
      ramps.push(key.health.ramp);
    }
    expect(ramps).toEqual([2, 4, 8, 16, 32, 0]);
    expect(key.health).toMatchObject({ state: "closed", row: 0 });
  });

  test("opens again at the first fault, its probes as far apart as they were", () => {
    const key = life();
    for (const caller of ["a", "b", "c"]) key.fails(0, caller);
    probesIn(key, 0, 60);
    key.probe(74, true);
    key.fails(75, "d");
    expect(key.health.state).toBe("open");
    expect(key.probe(87, false)).toBe(false);
    expect(key.probe(89.5, false)).toBe(true);
  });

  test("is not told anything by calls that began before", () => {
    const key = recovering();
    key.fails(11, "d", { beganUs: start + 9 * second });
    expect(key.health.state).toBe("ramp");
    key.succeeds(11, "e", 9);
    expect(key.health.ramp).toBe(2);
  });

  test("goes on by time alone when the calls it let go are lost", () => {
    const key = recovering();
    key.passes(29);
    expect(key.health.ramp).toBe(2);
    key.passes(31);
    expect(key.health.ramp).toBe(4);
  });
});

describe("whose fault it is", () => {
  test("an input that fails while others succeed is the job's own, from its second fault on", () => {
    const key = life();
    key.succeeds(0, "good");
    expect(key.fails(1, "poison")).toBe(false);
    key.succeeds(2, "good");
    expect(key.fails(3, "poison")).toBe(true);
    expect(key.fails(20, "poison")).toBe(true);
    expect(key.health.state).toBe("closed");
  });

  test("its own success before does not make it so", () => {
    const key = life();
    expect(key.fails(1, "a")).toBe(false);
    key.succeeds(2, "a");
    expect(key.fails(3, "a")).toBe(false);
  });

  test("when others fail after they succeeded it is the service's", () => {
    const key = life();
    key.succeeds(0, "good");
    key.fails(1, "a");
    key.succeeds(2, "good");
    key.fails(3, "b");
    expect(key.fails(4, "a")).toBe(false);
  });

  test("a job alone is told by the probe: answered, the fault is its own", () => {
    const key = life();
    for (const at of [0, 1, 2]) expect(key.fails(at, "alone")).toBe(false);
    expect(key.health.state).toBe("open");
    key.probe(10, true);
    expect(key.fails(11, "alone")).toBe(true);
    expect(key.health.state).toBe("ramp");
  });

  test("a service that answers probes alone, and nobody's jobs, uses nobody's attempts up", () => {
    const key = life();
    for (const caller of ["a", "b", "c"]) key.fails(0, caller);
    for (let at = 10; at < 300; at += 20) {
      key.probe(at, true);
      expect(key.fails(at + 1, at % 40 === 10 ? "a" : "b")).toBe(false);
      expect(key.health.state).toBe("open");
    }
  });

  test("without a name nobody stands alone", () => {
    const key = life();
    key.fails(0, "");
    key.succeeds(1, "good");
    expect(key.fails(2, "")).toBe(false);
  });

  test("what is remembered of single jobs is bounded", () => {
    const key = life();
    for (let n = 0; n < 1_000; n += 1) {
      key.fails(n, `job ${n}`);
      key.succeeds(n, "good");
    }
    expect(Object.keys(key.health.firstFaults).length).toBeLessThanOrEqual(100);
    expect(JSON.stringify(key.health).length).toBeLessThan(10_000);
  });
});
