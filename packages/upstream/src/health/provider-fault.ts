/** Whose fault a failed call is, where it is not the job's own and not the pace's. */
export type ProviderFault = "service" | "operator";
