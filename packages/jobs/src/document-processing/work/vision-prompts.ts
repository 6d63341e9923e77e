/** Asks for everything on a page that has no text layer. */
export const pagePrompt =
  "이 그림은 문서의 한 쪽입니다. 쪽에 있는 글자를 읽는 순서대로 빠짐없이 옮겨 적으세요. 표는 한 행을 한 줄로, 칸은 ' | '로 나누어 적으세요. 그림과 도표는 무엇을 보여 주는지 한두 문장으로 적으세요. 다른 말은 덧붙이지 마세요.";

/** Asks for an image's content in words. */
export const imagePrompt =
  "이 그림은 문서 안에 있는 그림입니다. 무엇을 보여 주는지, 안에 있는 글자와 수치까지 넣어 세 문장 안으로 설명하세요. 다른 말은 덧붙이지 마세요.";

/** A description as it stands in the page's text, told apart from what the page says itself. */
export function markDescription(description: string): string {
  return `[이미지: ${description.trim()}]`;
}
