/** A reply of the Redis protocol; an error reply is a value, not thrown. */
export type Reply = string | number | null | RedisErrorReply | Reply[];

export class RedisErrorReply {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** The reply that starts at `from` and where the next one starts; null when it is not whole yet. */
export function readReply(buffer: Buffer, from: number): { reply: Reply; next: number } | null {
  const end = buffer.indexOf("\r\n", from);
  if (end === -1) return null;
  const text = buffer.toString("utf8", from + 1, end);
  const next = end + 2;
  switch (buffer.toString("latin1", from, from + 1)) {
    case "+":
      return { reply: text, next };
    case "-":
      return { reply: new RedisErrorReply(text), next };
    case ":":
      return { reply: Number(text), next };
    case "$":
      return readBulk(buffer, Number(text), next);
    case "*":
      return readArray(buffer, Number(text), next);
    default:
      throw new Error("This is not a Redis: its answer is not in Redis' protocol.");
  }
}

function readBulk(buffer: Buffer, length: number, from: number) {
  if (length < 0) return { reply: null, next: from };
  if (buffer.length < from + length + 2) return null;
  return { reply: buffer.toString("utf8", from, from + length), next: from + length + 2 };
}

function readArray(buffer: Buffer, count: number, from: number) {
  if (count < 0) return { reply: null, next: from };
  const items: Reply[] = [];
  let next = from;
  for (let index = 0; index < count; index++) {
    const item = readReply(buffer, next);
    if (!item) return null;
    items.push(item.reply);
    next = item.next;
  }
  return { reply: items, next };
}
