/** Everything that hangs on a job by its id and leaves with it. */
const side = ["job_inputs", "job_results", "job_attempts", "job_steps", "job_events"];

/**
 * One statement that deletes jobs with all that hangs on them and returns their rows' `columns`.
 * @param selection selects the ids, and locks them
 */
export function deletionOf(selection: string, columns = "id"): string {
  const withThem = side.map(
    (table) => `${table}_gone AS (DELETE FROM ${table} WHERE job_id IN (SELECT id FROM gone))`,
  );
  return `WITH gone AS (DELETE FROM jobs j WHERE id IN (${selection}) RETURNING ${columns}),
    ${withThem.join(", ")} SELECT * FROM gone`;
}
