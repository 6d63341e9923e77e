import type { PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";
import { z } from "zod";

/** A form field as pdf.js tells of it, of what is needed. */
const Widget = z.object({
  subtype: z.literal("Widget"),
  fieldType: z.enum(["Tx", "Ch", "Btn"]),
  rect: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  fieldValue: z.union([z.string(), z.array(z.string())]).nullish(),
  password: z.boolean().optional(),
  checkBox: z.boolean().optional(),
  radioButton: z.boolean().optional(),
  exportValue: z.string().nullish(),
  buttonValue: z.string().nullish(),
  options: z.array(z.object({ exportValue: z.string(), displayValue: z.string() })).optional(),
});
type Widget = z.infer<typeof Widget>;

/** What a field says, and where it stands: points from the lower left. */
export type FormField = { text: string; x: number; y: number; height: number };

/**
 * The values of the page's form fields, from the top: text as it was typed, of a list what is chosen,
 * of a box or button ☑ or ☐. Empty fields and passwords say nothing.
 */
export async function formFieldsOf(page: PDFPageProxy): Promise<FormField[]> {
  const annotations = await page.getAnnotations();
  return annotations
    .flatMap((one: unknown) => Widget.safeParse(one).data ?? [])
    .flatMap((widget) => {
      const text = textOf(widget);
      if (text === "") return [];
      const [x, bottom, , top] = widget.rect;
      return { text, x, y: (bottom + top) / 2, height: Math.abs(top - bottom) };
    })
    .sort((one, other) => other.y - one.y || one.x - other.x);
}

function textOf(widget: Widget): string {
  const { fieldType, fieldValue, options = [] } = widget;
  if (fieldType === "Btn") return markOf(widget);
  if (widget.password) return "";
  const values = [fieldValue ?? []].flat();
  const shown = values.map(
    (value) => options.find((option) => option.exportValue === value)?.displayValue ?? value,
  );
  return shown.join(", ").trim();
}

/** Buttons that are pushed have no value. */
function markOf({ checkBox, radioButton, fieldValue, exportValue, buttonValue }: Widget): string {
  if (!checkBox && !radioButton) return "";
  const own = checkBox ? exportValue : buttonValue;
  const isOn = fieldValue !== "Off" && fieldValue !== null && fieldValue === own;
  return isOn ? "☑" : "☐";
}

/** A piece of the text layer, in the order in which it is written. */
export type TextPiece = { text: string; x: number; y: number; endsLine: boolean };

/**
 * The text with each field where it stands: behind what is left of it on its line, else before the
 * first piece below it.
 */
export function withFields(pieces: readonly TextPiece[], fields: readonly FormField[]): string {
  const placed: TextPiece[] = [...pieces];
  for (const { text, x, y, height } of fields) {
    const isBeside = (piece: TextPiece) =>
      piece.text.trim() !== "" && Math.abs(piece.y - y) <= Math.max(6, height * 0.7);
    const before = placed.findLastIndex((piece) => isBeside(piece) && piece.x <= x);
    const after = placed.findIndex((piece) => isBeside(piece) && piece.x > x);
    const below = placed.findIndex((piece) => piece.text.trim() !== "" && piece.y < y);
    const field = { x, y };
    const left = placed[before];
    if (left) {
      placed[before] = { ...left, endsLine: false };
      placed.splice(before + 1, 0, { text: ` ${text}`, ...field, endsLine: left.endsLine });
    } else if (after >= 0) {
      placed.splice(after, 0, { text: `${text} `, ...field, endsLine: false });
    } else {
      const at = below >= 0 ? below : placed.length;
      const previous = placed[at - 1];
      if (previous) placed[at - 1] = { ...previous, endsLine: true };
      placed.splice(at, 0, { text, ...field, endsLine: true });
    }
  }
  return placed
    .map(({ text, endsLine }) => text + (endsLine ? "\n" : ""))
    .join("")
    .trim();
}
