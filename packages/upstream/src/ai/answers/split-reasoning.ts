import { parsedJson } from "./json-in-text.ts";

/** What a model wrote before its answer, and the answer. */
export type Split = {
  text: string;
  /** Empty when there was none. */
  reasoning: string;
  /** How the two were told apart; absent when nothing was. */
  by?: "<think>" | "</think>" | "channels";
};

const names = "(?:\\w{1,12}:)?(?:think|thinking|thought|reasoning)";
const opening = new RegExp(`^\\s*(?:<(${names})>|\\[(THINK)\\]|◁(think)▷)`, "i");
/** Not in quotes or backticks, where it is spoken of. */
const anyClosing = new RegExp(`(?<![\`"'])(?:</${names}>|\\[/THINK\\]|◁/think▷)(?![\`"'])`, "i");
const anyOpening = new RegExp(`<${names}>|\\[THINK\\]|◁think▷`, "i");

/**
 * Takes the reasoning off the front of what a model wrote: in tags; closed by a tag that the prompt
 * had opened; in the channels of gpt-oss. A block that never closes is all reasoning.
 */
export function splitReasoning(content: string): Split {
  // Tags within JSON are part of the answer.
  if (parsedJson(content) !== undefined) return { text: content, reasoning: "" };
  return splitChannels(content) ?? splitTags(content);
}

function splitTags(content: string): Split {
  const thoughts: string[] = [];
  let rest = content;
  for (let open = opening.exec(rest); open; open = opening.exec(rest)) {
    const inner = rest.slice(open[0].length);
    const closing = anyClosing.exec(inner);
    thoughts.push(closing ? inner.slice(0, closing.index) : inner);
    rest = closing ? inner.slice(closing.index + closing[0].length) : "";
  }
  if (thoughts.length > 0) {
    return { text: rest.trim(), reasoning: thoughts.join("\n").trim(), by: "<think>" };
  }
  const closing = anyClosing.exec(content);
  if (!closing || anyOpening.test(content.slice(0, closing.index))) {
    return { text: content, reasoning: "" };
  }
  const text = content.slice(closing.index + closing[0].length).trim();
  return { text, reasoning: content.slice(0, closing.index).trim(), by: "</think>" };
}

const final = /<\|channel\|>final[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>/gi;

/** gpt-oss: `<|channel|>analysis<|message|>…<|end|>…<|channel|>final<|message|>…<|return|>`. */
function splitChannels(content: string): Split | undefined {
  if (!content.includes("<|channel|>")) return undefined;
  const last = [...content.matchAll(final)].at(-1);
  if (!last) return { text: "", reasoning: content, by: "channels" };
  const after = content.slice(last.index + last[0].length);
  const text = after.split(/<\|(?:end|return|start|call|channel)\|>/, 1)[0] ?? "";
  return { text: text.trim(), reasoning: content.slice(0, last.index), by: "channels" };
}
