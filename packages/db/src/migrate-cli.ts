import { applyMigrations } from "./migrations/migrations.ts";

const url = process.env.DATABASE_URL;
if (!url) {
  console.error("DATABASE_URL is not set: give the address of the database to migrate");
  process.exit(2);
}
try {
  const applied = await applyMigrations(url);
  console.log(applied.length === 0 ? "nothing to migrate" : `applied: ${applied.join(", ")}`);
} catch (error) {
  console.error("migration failed:", error instanceof Error ? error.message : error);
  process.exit(1);
}
