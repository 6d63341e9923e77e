import {
  ApiError,
  type Language,
  type MessageKey,
  maxInputBytes,
  message,
  type SchedulePatch,
  type ScheduleSubmission,
} from "@ilgam/contracts";
import {
  changeSchedule,
  createSchedule,
  type Database,
  databaseTime,
  findSchedule,
  newId,
  removeSchedule,
  type ScheduleFields,
  type ScheduleRow,
  type TenantScope,
} from "@ilgam/db";
import { cronProblem, type Dispatcher, nextTime } from "@ilgam/queue";
import { type Kinds, publicKind } from "../kinds/resolve-kinds.ts";
import { parseUnder } from "../plugins/zod-validator.ts";

export type ScheduleService = {
  /** @throws ApiError unknown_kind, invalid_field, input_too_large, schedule_exists */
  create(tenantId: string, wanted: ScheduleSubmission, language: Language): Promise<ScheduleRow>;
  /** @throws ApiError schedule_not_found */
  find(scope: TenantScope, id: string): Promise<ScheduleRow>;
  /** @throws ApiError as `create`, and schedule_not_found */
  change(
    scope: TenantScope,
    id: string,
    patch: SchedulePatch,
    language: Language,
  ): Promise<ScheduleRow>;
  /** @throws ApiError schedule_not_found */
  remove(scope: TenantScope, id: string): Promise<void>;
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Changes of others that a change gives way to before it says that it cannot. */
const tries = 5;

/** The schedules, kept in Postgres; the sweeper brings them to Redis. */
export function createScheduleService(deps: {
  db: Pick<Database, "sql">;
  kinds: Kinds;
  dispatcher: Pick<Dispatcher, "forgetSchedule">;
  /** Redis did not hear of a removal: its next tick finds nothing. */
  onRedisError: (error: unknown) => void;
}): ScheduleService {
  const { kinds, dispatcher, onRedisError } = deps;
  const { sql } = deps.db;

  async function find(scope: TenantScope, id: string): Promise<ScheduleRow> {
    const row = uuid.test(id) ? await findSchedule(sql, id, scope) : undefined;
    if (!row) throw new ApiError("schedule_not_found");
    return row;
  }

  async function create(tenantId: string, wanted: ScheduleSubmission, language: Language) {
    assertInput(kinds, wanted.kind, wanted.input);
    const at = await databaseTime(sql);
    assertCron(wanted, at, language);
    const nextAt = nextAtOf(wanted, at);
    const row = await createSchedule(sql, { ...wanted, id: newId(), tenantId, nextAt });
    if (!row) throw nameTaken(wanted.name);
    return row;
  }

  async function change(scope: TenantScope, id: string, patch: SchedulePatch, language: Language) {
    for (let left = tries; left > 0; left -= 1) {
      const before = await find(scope, id);
      const after = merged(before, patch);
      if (patch.input !== undefined) assertInput(kinds, before.kind, after.input);
      const isRetimed = (["pattern", "timeZone", "enabled"] as const).some(
        (name) => after[name] !== before[name],
      );
      if (isRetimed) assertCron(after, before.readAt, language);
      // A time that is due and not fired yet stays: what was planned is not undone by a change of later ones.
      const isMissed = before.nextAt !== null && before.nextAt <= before.readAt && after.enabled;
      const nextAt = isRetimed && !isMissed ? nextAtOf(after, before.readAt) : undefined;
      const outcome = await changeSchedule(sql, before, after, nextAt);
      if (outcome.status === "name_taken") throw nameTaken(after.name);
      if (outcome.status === "changed") return outcome.schedule;
    }
    throw new ApiError("overloaded");
  }

  return {
    create,
    find,
    change,
    remove: async (scope, id) => {
      const { id: found } = await find(scope, id);
      if (!(await removeSchedule(sql, found, scope))) throw new ApiError("schedule_not_found");
      await dispatcher.forgetSchedule(found).catch(onRedisError);
    },
  };
}

function merged(row: ScheduleRow, patch: SchedulePatch): ScheduleFields {
  const { name, input, priority, tags, pattern, timeZone, enabled } = row;
  const given = Object.entries(patch).filter(([, value]) => value !== undefined);
  const before = { name, input, priority, tags, pattern, timeZone, enabled };
  return { ...before, ...Object.fromEntries(given) };
}

function nextAtOf({ enabled, pattern, timeZone }: ScheduleFields, at: Date): Date | null {
  return enabled ? (nextTime(pattern, timeZone, at) ?? null) : null;
}

/** @throws ApiError unknown_kind, input_too_large; InvalidInput naming the input's fields */
function assertInput(kinds: Kinds, name: string, input: unknown): void {
  const { definition } = publicKind(kinds, name);
  if (Buffer.byteLength(JSON.stringify(input ?? null)) > maxInputBytes) {
    throw new ApiError("input_too_large", { values: { limit: maxInputBytes } });
  }
  parseUnder(definition.payload, input, ["input"]);
}

function assertCron(
  { pattern, timeZone }: Pick<ScheduleFields, "pattern" | "timeZone">,
  at: Date,
  language: Language,
): void {
  const problem: MessageKey | undefined = cronProblem(pattern, timeZone, at);
  if (problem === undefined) return;
  throw new ApiError("invalid_field", {
    details: [{ path: "pattern", problem: message(problem, language) }],
  });
}

function nameTaken(name: string): ApiError {
  return new ApiError("schedule_exists", { values: { name } });
}
