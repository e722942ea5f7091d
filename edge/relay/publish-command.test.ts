import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Command, PublishCommands } from "./publish-command.ts";

const HEADERS = new TextEncoder().encode("NATS/1.0\r\nNats-Expected-Stream: EVENTS\r\n\r\n");
const MUCH = 8 * 1024 * 1024;

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (command: Command | null) => new TextDecoder().decode(command?.bytes);

describe("a publish on the wire", () => {
  it("is HPUB with both lengths, the headers, and the pieces joined", () => {
    const command = new PublishCommands(HEADERS).encode("a.b", "_INBOX.1", [bytesOf("one "), bytesOf("two")], MUCH);
    expect(textOf(command)).toBe(
      `HPUB a.b _INBOX.1 ${HEADERS.length} ${HEADERS.length + 7}\r\nNATS/1.0\r\nNats-Expected-Stream: EVENTS\r\n\r\none two\r\n`,
    );
  });

  it("is none where headers and message are more than the server takes", () => {
    const commands = new PublishCommands(HEADERS);
    const message = [new Uint8Array(60), new Uint8Array(40)];
    expect(commands.encode("a", "b", message, HEADERS.length + 99)).toBeNull();
    expect(commands.encode("a", "b", message, HEADERS.length + 100)).not.toBeNull();
  });

  it("takes memory that was done with, where there is enough of it", () => {
    const commands = new PublishCommands(HEADERS);
    const encode = (bytes: number) => commands.encode("a", "b", [new Uint8Array(bytes)], MUCH) as Command;
    const first = encode(200_000);
    first.done();
    expect(encode(100_000).bytes.buffer).toBe(first.bytes.buffer);
    expect(encode(100_000).bytes.buffer).not.toBe(first.bytes.buffer);
    const huge = encode(4_000_000);
    huge.done();
    expect(encode(4_000_000).bytes.buffer).not.toBe(huge.bytes.buffer);
  });

  it("stays what it is until it is done, whatever is published meanwhile", () => {
    const step = fc.oneof(
      fc.record({ publish: fc.array(fc.uint8Array({ maxLength: 50_000, size: "max" }), { maxLength: 4 }) }),
      fc.record({ done: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const commands = new PublishCommands(HEADERS);
        const underWay: { command: Command; wanted: string }[] = [];
        for (const step of steps) {
          if ("publish" in step) {
            const command = commands.encode("a", "b", step.publish, MUCH) as Command;
            const payload = [...HEADERS, ...step.publish.flatMap((piece) => [...piece])];
            const line = bytesOf(`HPUB a b ${HEADERS.length} ${payload.length}\r\n`);
            underWay.push({ command, wanted: Buffer.from([...line, ...payload, 13, 10]).toString("base64") });
          } else if (underWay.length > 0) {
            underWay.splice(step.done % underWay.length, 1)[0]?.command.done();
          }
          for (const { command, wanted } of underWay)
            expect(Buffer.from(command.bytes).toString("base64")).toBe(wanted);
        }
      }),
      { numRuns: 50 },
    );
  });
});
