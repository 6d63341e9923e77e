/** How good a place is to cut after: the higher the better. */
export const cut = { inWord: 0, word: 1, line: 2, sentence: 3, paragraph: 4 } as const;

export type Piece = {
  text: string;
  page: number;
  /** Of the place after it, one of `cut`. */
  border: number;
};

/** Longer ones are cut: a tokenizer takes quadratic time for one endless word. */
const longestPiece = 64;

/*
 * The words as the encoding o200k_base cuts a text before it looks for tokens, so that the tokens of
 * a text are the sum of its pieces' tokens.
 */
const upper = "\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}";
const lower = "\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}";
const contraction = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?";
const words = new RegExp(
  [
    `[^\\r\\n\\p{L}\\p{N}]?[${upper}]*[${lower}]+${contraction}`,
    `[^\\r\\n\\p{L}\\p{N}]?[${upper}]+[${lower}]*${contraction}`,
    "\\p{N}{1,3}",
    " ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*",
    "\\s*[\\r\\n]+",
    "\\s+(?!\\S)",
    "\\s+",
  ].join("|"),
  "gu",
);

/** Ends a sentence when white space follows; closing quotes and brackets may stand behind it. */
const sentenceEnd = /[.!?。！？…]["'”’»)\]」』》]*\s*$/u;

/** The pages' words, in their order; between two pages stands a blank line. Joined they are the text. */
export function* splitPieces(pages: Iterable<{ number: number; text: string }>): Generator<Piece> {
  let held: Piece | undefined;
  for (const { number: page, text } of pages) {
    if (text === "") continue;
    if (held) yield { ...held, text: `${held.text}\n\n`, border: cut.paragraph };
    held = undefined;
    for (const word of wordsOf(text)) {
      if (held) yield { ...held, border: held.border || borderBetween(held.text, word.text) };
      held = { text: word.text, page, border: cut.inWord };
    }
  }
  if (held) yield { ...held, border: cut.paragraph };
}

function* wordsOf(text: string): Generator<{ text: string }> {
  for (const [word] of text.matchAll(words)) {
    if (word.length <= longestPiece) yield { text: word };
    else yield* partsOf(word);
  }
}

/** Parts of one long word, cut between characters and never inside one. */
function* partsOf(word: string): Generator<{ text: string }> {
  let part = "";
  for (const character of word) {
    if (part.length + character.length > longestPiece) {
      yield { text: part };
      part = "";
    }
    part += character;
  }
  yield { text: part };
}

function borderBetween(before: string, after: string): number {
  const newLines = (/\s*$/.exec(before)?.[0] ?? "") + (/^\s*/.exec(after)?.[0] ?? "");
  if (/\n\s*\n/.test(newLines)) return cut.paragraph;
  if (newLines === "" && !isCjk(before, after)) return cut.inWord;
  if (sentenceEnd.test(before)) return cut.sentence;
  return newLines.includes("\n") ? cut.line : newLines === "" ? cut.inWord : cut.word;
}

/** Chinese and Japanese sentences follow each other without a blank. */
function isCjk(before: string, after: string): boolean {
  return /[。！？]["'”’」』]*$/u.test(before) && /^\S/u.test(after);
}
