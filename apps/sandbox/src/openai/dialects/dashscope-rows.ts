import { type AnswerDialect, contentOf, thoughtsOf, withMessage } from "./answer-dialect.ts";

const errors = "https://www.alibabacloud.com/help/model-studio/error-code";

export const dashscopeRows: AnswerDialect[] = [
  {
    name: "dashscope-reasoning-content",
    looks: "reasoning in `reasoning_content` beside the answer",
    source: "https://github.com/QwenLM/Qwen3/issues/1425",
    means: { says: "content" },
    answer: (completion) =>
      withMessage(completion, {
        content: contentOf(completion),
        reasoning_content: thoughtsOf(completion),
      }),
  },
  {
    name: "dashscope-flat-error",
    looks: "`code`, `message` and `request_id` at the top, no `error`",
    source: errors,
    means: { error: { status: 400, code: "InvalidParameter" } },
    answer: () => ({
      ...{ code: "InvalidParameter", request_id: "17f9c41d-fbbd-9a78" },
      message: "This model only support stream mode, please enable the stream parameter.",
    }),
  },
  {
    name: "dashscope-inspection",
    looks: "`DataInspectionFailed`: what others call a content filter",
    source: "https://github.com/QwenLM/Qwen/issues/938",
    means: { error: { status: 400, code: "content_filter" } },
    answer: () => ({
      ...{ status_code: 400, code: "DataInspectionFailed", request_id: "17f9c41d-fbbd-9a78" },
      message: "Input data may contain inappropriate content.",
    }),
  },
  {
    name: "dashscope-arrearage",
    looks: "`Arrearage`: the account is overdrawn",
    source: "https://help.aliyun.com/en/model-studio/error-code",
    means: { error: { status: 402, code: "insufficient_quota" } },
    answer: () => ({
      error: {
        ...{ code: "Arrearage", param: null, type: "Arrearage" },
        message: "Access denied, please make sure your account is in good standing.",
      },
    }),
  },
];
