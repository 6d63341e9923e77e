import type { JobDefinition } from "@ilgam/contracts";
import * as contracts from "./contract-list.ts";

/** `/v1/kinds` has shown these in this order; kinds that are not named here follow by name. */
const shownFirst = [
  ...["document-count", "explanation", "ai-analysis", "image-analysis", "table-extraction"],
  ...["document-processing", "document-text"],
];

function placeOf({ kind }: JobDefinition): number {
  const place = shownFirst.indexOf(kind);
  return place === -1 ? shownFirst.length : place;
}

/** Every kind there is. A new one is a folder, and one line in each of the two lists. */
export const jobContracts: readonly JobDefinition[] = Object.values<JobDefinition>(contracts).sort(
  (one, other) => placeOf(one) - placeOf(other),
);
