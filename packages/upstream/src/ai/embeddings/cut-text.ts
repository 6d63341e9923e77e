import { estimateTokens } from "../estimate-tokens.ts";

const sentences = new Intl.Segmenter("ko", { granularity: "sentence" });
const words = new Intl.Segmenter("ko", { granularity: "word" });
const characters = new Intl.Segmenter("ko", { granularity: "grapheme" });

/**
 * The text in parts of fewer than `tokens` tokens by our estimate, cut at the sentences' ends; inside
 * one where there is none near the middle: between words, at last between characters. Joined they are
 * the text.
 */
export function cutText(text: string, tokens: number): string[] {
  if (text.length < 4 || estimateTokens(text) < tokens) return [text];
  return halvesOf(text).flatMap((half) => cutText(half, tokens));
}

function halvesOf(text: string): [string, string] {
  const at = borderOf(sentences, text) ?? borderOf(words, text) ?? middleOf(text);
  return [text.slice(0, at), text.slice(at)];
}

/** The border nearest to the middle, when both sides are at least a quarter of the text. */
function borderOf(segmenter: Intl.Segmenter, text: string): number | undefined {
  const middle = text.length / 2;
  let nearest = 0;
  for (const { index } of segmenter.segment(text)) {
    if (Math.abs(index - middle) < Math.abs(nearest - middle)) nearest = index;
    if (index > middle) break;
  }
  return Math.abs(nearest - middle) <= middle / 2 && nearest > 0 ? nearest : undefined;
}

/** Between two characters as people see them; inside one only when the text is no more than one. */
function middleOf(text: string): number {
  const middle = Math.floor(text.length / 2);
  for (const { index } of characters.segment(text)) if (index >= middle && index > 0) return index;
  const isPair = (text.codePointAt(middle - 1) ?? 0) > 0xffff;
  return isPair ? middle + 1 : middle;
}
