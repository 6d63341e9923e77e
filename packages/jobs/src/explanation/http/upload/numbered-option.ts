const circled = ["①②③④⑤", "❶❷❸❹❺", "⑴⑵⑶⑷⑸"];
const plain = ["12345", "１２３４５", "abcde", "ABCDE"];
const ways = [...circled, ...plain];

const bare = new RegExp(
  `^(?:선택지|보기|선지|option)?\\s*[([]?([${ways.join("")}])[)\\].]?\\s*번?$`,
  "i",
);
const withText = new RegExp(
  `^(?:([${circled.join("")}])|[([]?([${plain.join("")}])[)\\].])\\s*(.+)$`,
  "s",
);

/**
 * The option that an answer names as teachers do: by its number (2, 2번, (2), ②), by its letter, or by
 * either with the option's text behind it. Undefined when it names none.
 */
export function numberedOption(answer: string, options: readonly string[]): string | undefined {
  const number = bare.exec(answer)?.[1];
  if (number !== undefined) return options[placeOf(number)];
  const [, mark, signed, text] = withText.exec(answer) ?? [];
  const named = mark ?? signed;
  const option = named === undefined ? undefined : options[placeOf(named)];
  return option === text ? option : undefined;
}

const placeOf = (number: string) => Math.max(...ways.map((way) => [...way].indexOf(number)));
