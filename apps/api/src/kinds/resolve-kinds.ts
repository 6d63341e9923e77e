import { ApiError, type JobDefinition, type JobPolicy, resolvePolicy } from "@ilgam/contracts";
import { allowedModels, isAllowedModel } from "@ilgam/upstream/pace";

export type Kind = { definition: JobDefinition; policy: JobPolicy };
/** Kinds by name. */
export type Kinds = ReadonlyMap<string, Kind>;

/** The catalogue with the operator's settings applied. @throws Error naming a wrong setting. */
export function resolveKinds(
  catalogue: readonly JobDefinition[],
  env: Record<string, string | undefined>,
): Kinds {
  const allowed = allowedModels(env);
  return new Map(
    catalogue.map((definition) => [
      definition.kind,
      { definition: withModels(definition, allowed), policy: resolvePolicy(definition, env) },
    ]),
  );
}

/** The kind, refusing new payloads that name another model; what is stored already stays as it is. */
function withModels(definition: JobDefinition, allowed: readonly string[]): JobDefinition {
  const { payload, modelOf } = definition;
  if (!modelOf) return definition;
  const refined = payload.superRefine((value, context) => {
    const model = modelOf(value);
    if (model === undefined || isAllowedModel(allowed, model)) return;
    const params = { message: "model_not_allowed", values: { allowed: allowed.join(", ") } };
    context.addIssue({ code: "custom", path: ["model"], params });
  });
  return { ...definition, payload: refined };
}

/** A kind that clients may submit. @throws ApiError unknown_kind */
export function publicKind(kinds: Kinds, name: string): Kind {
  const kind = kinds.get(name);
  if (!kind || kind.definition.internal) {
    throw new ApiError("unknown_kind", { values: { kind: name } });
  }
  return kind;
}
