import { ApiError, type JobDefinition, type JobPolicy, resolvePolicy } from "@ilgam/contracts";

export type Kind = { definition: JobDefinition; policy: JobPolicy };
/** Kinds by name. */
export type Kinds = ReadonlyMap<string, Kind>;

/** The catalogue with the operator's settings applied. @throws Error naming a wrong setting. */
export function resolveKinds(
  catalogue: readonly JobDefinition[],
  env: Record<string, string | undefined>,
): Kinds {
  return new Map(
    catalogue.map((definition) => [
      definition.kind,
      { definition, policy: resolvePolicy(definition, env) },
    ]),
  );
}

/** A kind that clients may submit. @throws ApiError unknown_kind */
export function publicKind(kinds: Kinds, name: string): Kind {
  const kind = kinds.get(name);
  if (!kind || kind.definition.internal) {
    throw new ApiError("unknown_kind", { values: { kind: name } });
  }
  return kind;
}
