import { z } from "zod";
import {
  defaultLevel,
  defaultSubject,
  filledText,
  Id,
  longest,
  Options,
  text,
} from "../contract.ts";
import { maxRows } from "./upload/given-row.ts";
import { SubmissionOptions } from "./upload/read-upload.ts";

const timestamp = z.iso.datetime();
const ExplanationStatus = z
  .enum(["pending", "generating", "completed", "failed"])
  .meta({ id: "ExplanationStatus" });

const answer = <Data extends z.ZodType>(data: Data) => z.object({ success: z.literal(true), data });

export const NewPassageSet = z
  .object({
    /** To be kept when a set is brought from elsewhere. */
    id: Id.optional(),
    title: filledText(300),
    passageContent: text(longest.passage).default(""),
    passageComment: text(longest.passage).default(""),
    subject: filledText(100).default(defaultSubject),
    level: filledText(100).default(defaultLevel),
  })
  .meta({ id: "NewPassageSet" });
export type NewPassageSet = z.output<typeof NewPassageSet>;

const PassageSet = z
  .object({
    ...{ id: z.string(), title: z.string(), passageContent: z.string() },
    ...{ passageComment: z.string(), subject: z.string(), level: z.string() },
    questionCount: z.int(),
    createdAt: timestamp,
  })
  .meta({ id: "PassageSet" });

export const SetAnswer = answer(PassageSet).meta({ id: "PassageSetAnswer" });
export const SetList = answer(z.array(PassageSet))
  .extend({ nextCursor: z.string().nullable() })
  .meta({ id: "PassageSetList" });
export const SetListQuery = z.object({
  /** All of them when it is not given: the document's clients know no pages. */
  limit: z.coerce.number().int().min(1).max(100).optional(),
  cursor: Id.optional(),
});

// Any text: what is no id of anything is not found.
const AnyId = z.string().max(200);
export const SetParams = z.object({ setId: AnyId });
export const QuestionParams = z.object({ id: AnyId });

const Question = z
  .object({
    ...{ id: z.string(), questionNumber: z.int(), questionText: z.string() },
    ...{ options: z.array(z.string()), correctAnswer: z.string() },
    /** A sentence in its place while there is none. */
    explanation: z.string(),
    explanationStatus: ExplanationStatus,
    /** When the explanation was stored, whoever wrote it. */
    explanationGeneratedAt: timestamp.nullable(),
    explanationError: z.string().nullable(),
  })
  .meta({ id: "ExamQuestion" });

export const QuestionAnswer = answer(Question).meta({ id: "ExamQuestionAnswer" });
export const QuestionList = answer(z.array(Question)).meta({ id: "ExamQuestionList" });

export const QuestionPatch = z
  .strictObject({
    questionText: filledText(longest.question).optional(),
    options: Options.optional(),
    correctAnswer: filledText(longest.option).optional(),
    /** A teacher's own: no job writes over it. */
    explanation: filledText(longest.explanation).optional(),
  })
  .meta({ id: "ExamQuestionPatch" });
export type QuestionPatch = z.output<typeof QuestionPatch>;

const UploadRow = z.object({
  id: z.string().optional(),
  ...{ questionText: z.string(), option1: z.string(), option2: z.string() },
  ...{ option3: z.string().optional(), option4: z.string().optional() },
  option5: z.string().optional(),
  /** Equal to one of the options. */
  correctAnswer: z.string(),
  /** Blank or absent: a model is to write it. */
  explanation: z.string().optional(),
});

/** How the rows that are refused are told: in JSON, or as a file with them. */
export const UploadQuery = z.object({ errors: z.enum(["json", "csv"]).default("json") });

/** For the documentation: an upload is checked row by row. */
export const BulkUpload = SubmissionOptions.extend({
  questions: z.array(UploadRow).min(1).max(maxRows),
}).meta({
  id: "QuestionUpload",
  description:
    "Or a form with an XLSX or CSV `file` whose header has the same names, or those that teachers " +
    "use (문제, 선택지1, 정답, 해설).",
});

export const QueueState = z
  .object({
    queueSize: z.int(),
    isProcessing: z.boolean(),
    oldestJob: timestamp.nullable(),
  })
  .meta({ id: "ExplanationQueue" });
export const QueueAnswer = answer(QueueState).meta({ id: "ExplanationQueueAnswer" });

export const UploadAnswer = z
  .object({
    success: z.literal(true),
    data: z.array(Question),
    message: z.string(),
    backgroundJobs: z.int(),
    queueStatus: QueueState,
    /** The jobs' batch under `/v1/batches`; null when there are none. */
    batchId: z.string().nullable(),
  })
  .meta({ id: "QuestionUploadAnswer" });

const Status = z.object({
  status: ExplanationStatus,
  generatedAt: timestamp.nullable(),
  error: z.string().nullable(),
});
export const StatusAnswer = answer(Status).meta({ id: "ExplanationStatusAnswer" });
export const SetStatusAnswer = answer(
  z.object({
    summary: z.object({
      ...{ total: z.int(), completed: z.int(), generating: z.int() },
      ...{ pending: z.int(), failed: z.int() },
    }),
    questions: z.array(Status.extend({ id: z.string(), questionNumber: z.int() })),
  }),
).meta({ id: "SetExplanationStatusAnswer" });

/** An empty body means its defaults. */
const orNothing = <Body extends z.ZodObject>(body: Body) =>
  z.preprocess((given) => given ?? {}, body);

export const RegenerateBody = orNothing(SubmissionOptions);
export const RegenerateAnswer = z
  .object({
    success: z.literal(true),
    message: z.string(),
    data: z.object({ status: z.literal("pending"), jobId: z.string() }),
  })
  .meta({ id: "RegenerateAnswer" });

export const RestartBody = orNothing(z.object({ retryFailed: z.boolean().default(false) }));
export const RestartAnswer = z
  .object({
    success: z.literal(true),
    message: z.string(),
    data: z.object({
      /** It was paused. */
      resumed: z.boolean(),
      /** Waiting jobs that Redis is asked for anew. */
      requeued: z.int(),
      /** Failed ones that have begun a new run. */
      retried: z.int(),
    }),
  })
  .meta({ id: "RestartAnswer" });

const PromptVersion = z.object({
  version: z.int(),
  content: z.string(),
  /** Null for the built-in one, version 0. */
  createdAt: timestamp.nullable(),
});
const SystemPrompt = PromptVersion.extend({ name: z.string() });
export const PromptList = answer(
  z.array(SystemPrompt.extend({ versions: z.array(PromptVersion) })),
).meta({ id: "SystemPromptList" });
export const PromptBody = z
  .object({ content: filledText(20_000) })
  .meta({ id: "SystemPromptBody" });
export const PromptAnswer = answer(SystemPrompt).meta({ id: "SystemPromptAnswer" });
