import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { RedisErrorReply, type Reply, readReply } from "./resp-reply.ts";

/**
 * Sends commands over a connection of their own and returns their replies in order. For looking at
 * a server before anything depends on it; the product's own connections are in packages/queue.
 *
 * @param url redis:// or rediss://, with user, password and database number if it has them.
 * @param timeoutMs for all of it together.
 * @throws when the server is unreachable, too slow, or answers any command with an error.
 */
export async function redisCommands(
  url: string,
  commands: string[][],
  timeoutMs = 1_000,
): Promise<Reply[]> {
  const target = new URL(url);
  const before = preamble(target);
  const all = [...before, ...commands];
  const socket = open(target);
  try {
    const replies = await exchange(socket, all, timeoutMs);
    const refused = replies.find((reply) => reply instanceof RedisErrorReply);
    if (refused instanceof RedisErrorReply) throw new Error(refused.message);
    return replies.slice(before.length);
  } finally {
    socket.destroy();
  }
}

function open(target: URL): Socket {
  const host = target.hostname.replace(/^\[|\]$/g, "");
  const port = Number(target.port || 6379);
  return target.protocol === "rediss:" ? connectTls({ host, port }) : connect({ host, port });
}

function preamble(target: URL): string[][] {
  const user = decodeURIComponent(target.username);
  const password = decodeURIComponent(target.password);
  const database = target.pathname.slice(1);
  const auth = password ? [["AUTH", ...(user ? [user] : []), password]] : [];
  return database && database !== "0" ? [...auth, ["SELECT", database]] : auth;
}

function exchange(socket: Socket, commands: string[][], timeoutMs: number): Promise<Reply[]> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const timer = setTimeout(() => reject(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    socket.once("error", (error) => settle(() => reject(error)));
    socket.once("close", () => settle(() => reject(new Error("the connection was closed"))));
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      try {
        const replies = readAll(received, commands.length);
        if (replies) settle(() => resolve(replies));
      } catch (error) {
        settle(() => reject(error instanceof Error ? error : new Error(String(error))));
      }
    });
    socket.write(commands.map(encode).join(""));
  });
}

function encode(command: string[]): string {
  const parts = command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`);
  return `*${command.length}\r\n${parts.join("")}`;
}

function readAll(received: Buffer, count: number): Reply[] | null {
  const replies: Reply[] = [];
  for (let from = 0; replies.length < count; ) {
    const one = readReply(received, from);
    if (!one) return null;
    replies.push(one.reply);
    from = one.next;
  }
  return replies;
}
