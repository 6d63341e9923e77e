import { aiAnalysisRoutes } from "./ai-analysis/http/routes.ts";
import { documentCountRoutes } from "./document-count/http/routes.ts";
import { documentRoutes } from "./document-processing/http/routes.ts";
import { explanationRoutes } from "./explanation/http/routes.ts";
import { imageAnalysisRoutes } from "./image-analysis/http/routes.ts";
import type { KindRoutes } from "./routing/route-dependencies.ts";
import { tableExtractionRoutes } from "./table-extraction/http/routes.ts";

export type { KindRoutes, RouteDependencies } from "./routing/route-dependencies.ts";

/** The routes of the kinds that have any of their own; the generic API reaches every kind. */
export const kindRoutes: readonly KindRoutes[] = [
  documentCountRoutes,
  explanationRoutes,
  aiAnalysisRoutes,
  imageAnalysisRoutes,
  tableExtractionRoutes,
  documentRoutes,
];
