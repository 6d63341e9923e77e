/** The tags of the document, in the order in which they are shown; each operation has one. */
export const tags = [
  { name: "jobs", description: "Jobs of every kind: submit, read, cancel, retry." },
  { name: "batches", description: "Jobs that were submitted together." },
  { name: "kinds", description: "What can be submitted." },
  { name: "files", description: "Files that jobs may name in their input." },
  { name: "schedules", description: "Jobs that are submitted by the clock." },
  { name: "webhooks", description: "The log of callbacks, and the secret that signs them." },
  { name: "explanations", description: "System 1: explanations for exam questions." },
  {
    name: "document-counts",
    description: "System 2: how many documents Naver finds for a keyword.",
  },
  { name: "documents", description: "System 3: documents to text, chunks and vectors." },
  { name: "ai-jobs", description: "System 4: questions that an AI model answers." },
  { name: "images", description: "System 5: image descriptions and table extraction." },
  { name: "queues", description: "Limits, pauses and depths. For operators." },
  { name: "workers", description: "The worker processes. For operators." },
  { name: "providers", description: "The outside services: health and pace. For operators." },
  { name: "statistics", description: "Counts, times, tokens and cost. For operators." },
  { name: "keys", description: "API keys. For operators." },
  { name: "tenants", description: "Tenants. For operators." },
  { name: "health", description: "For load balancers and probes; no key needed." },
];
