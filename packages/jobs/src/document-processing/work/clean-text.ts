/**
 * Text as it is stored: without what Postgres refuses (NUL, halves of surrogate pairs), line ends as
 * `\n`, and no run of white space that only fills: 4 blanks and 2 line ends at most.
 */
export function cleanText(text: string): string {
  return (
    text
      .toWellFormed()
      .replaceAll("\0", "")
      .replace(/\r\n?|[\u2028\u2029\f\v]/g, "\n")
      .replace(/[^\S\n]{5,}/g, "    ")
      // After the runs are short: an unbounded one is looked through again from each of its blanks.
      .replace(/[^\S\n]{1,4}\n/g, "\n")
      .replace(/\n{3,}/g, "\n\n")
      .trim()
  );
}
