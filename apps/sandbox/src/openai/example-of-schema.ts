type Schema = Record<string, unknown>;

/** Deeper than this, whatever may be empty or null is. */
const deepest = 8;

/**
 * A value that fits a JSON schema as structured output allows it (objects, arrays, unions, enums,
 * references, limits; of patterns nothing). Every free text in it is `text`, cut or filled to its
 * limits, so that nobody takes it for a model's.
 */
export function exampleOfSchema(root: Schema, text: string): unknown {
  function example(schema: Schema, depth: number): unknown {
    if (typeof schema.$ref === "string") return example(resolve(root, schema.$ref), depth + 1);
    if ("const" in schema) return schema.const;
    if (Array.isArray(schema.enum)) return schema.enum[0];
    const choices = [schema.anyOf, schema.oneOf].find(Array.isArray) as Schema[] | undefined;
    if (choices) return example(choose(choices, depth), depth);
    if (Array.isArray(schema.allOf)) {
      return example(Object.assign({}, schema, ...schema.allOf, { allOf: undefined }), depth);
    }
    switch (typeOf(schema, depth)) {
      case "object":
        return exampleObject(schema, depth);
      case "array": {
        const least = number(schema.minItems, 0);
        const length =
          depth > deepest ? least : Math.max(least, Math.min(2, number(schema.maxItems, 2)));
        return Array.from({ length }, () => example(asSchema(schema.items), depth + 1));
      }
      case "string":
        return exampleString(schema, text);
      case "integer":
      case "number":
        return exampleNumber(schema);
      case "boolean":
        return true;
      default:
        return null;
    }
  }

  function exampleObject(schema: Schema, depth: number): Schema {
    const properties = Object.entries(asSchema(schema.properties));
    return Object.fromEntries(
      properties.map(([name, property]) => [name, example(asSchema(property), depth + 1)]),
    );
  }

  return example(root, 0);
}

function typeOf(schema: Schema, depth: number): unknown {
  if (!Array.isArray(schema.type)) return schema.type;
  const isNull = (type: unknown) => type === "null";
  return (
    (depth > deepest ? schema.type.find(isNull) : undefined) ??
    schema.type.find((type) => !isNull(type))
  );
}

function choose(choices: Schema[], depth: number): Schema {
  const nothing = choices.find((choice) => choice.type === "null");
  const something = choices.find((choice) => choice.type !== "null");
  return (depth > deepest ? (nothing ?? something) : (something ?? nothing)) ?? {};
}

function exampleString(schema: Schema, text: string): string {
  const byFormat = formats[String(schema.format)];
  if (byFormat !== undefined) return byFormat;
  const filled = text.padEnd(number(schema.minLength, 0), ".");
  return Array.from(filled).slice(0, number(schema.maxLength, Number.POSITIVE_INFINITY)).join("");
}

const formats: Record<string, string> = {
  "date-time": "2026-01-01T00:00:00Z",
  date: "2026-01-01",
  time: "00:00:00Z",
  email: "sandbox@sandbox.invalid",
  uri: "https://sandbox.invalid/",
  uuid: "00000000-0000-4000-8000-000000000000",
};

function exampleNumber(schema: Schema): number {
  const isInteger = schema.type === "integer";
  const above = number(schema.exclusiveMinimum, Number.NEGATIVE_INFINITY);
  const below = number(schema.exclusiveMaximum, Number.POSITIVE_INFINITY);
  const least = number(schema.minimum, Number.NEGATIVE_INFINITY);
  const most = number(schema.maximum, Number.POSITIVE_INFINITY);
  const step = number(schema.multipleOf, isInteger ? 1 : 0.001);
  const low = Math.max(least, above + step);
  const high = Math.min(most, below - step);
  const value = Math.min(Math.max(step, low), high);
  return isInteger ? Math.round(value) : value;
}

function number(value: unknown, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}

function asSchema(value: unknown): Schema {
  return typeof value === "object" && value !== null ? (value as Schema) : {};
}

function resolve(root: Schema, reference: string): Schema {
  const path = reference.replace(/^#\/?/, "").split("/").filter(Boolean);
  const decoded = path.map((part) =>
    decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"),
  );
  return asSchema(decoded.reduce<unknown>((at, part) => asSchema(at)[part], root));
}
