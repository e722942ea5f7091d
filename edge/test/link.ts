/** The way between the edge and nats-server, which can be made slow or cut in the middle of a frame. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export class Link {
  /** How long PubAcks, and they alone, take longer, ms: a server that answers pings and is slow to write. */
  pubAckDelayMs = 0;
  /** Bytes towards the server that are let through before the connections are cut; null for all. */
  #cutAfter: number | null = null;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(target: URL) {
    this.#server = createServer((near) => {
      const far = connect(Number(target.port), target.hostname);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
      near.on("data", (bytes) => this.#forward(bytes, far));
      let queue = Promise.resolve();
      far.on("data", (bytes) => {
        const delayMs = bytes.includes('"stream":') ? this.pubAckDelayMs : 0;
        if (delayMs === 0) {
          near.write(bytes);
          return;
        }
        const dueAt = Date.now() + delayMs;
        queue = queue.then(() => sleep(Math.max(0, dueAt - Date.now()))).then(() => void near.write(bytes));
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** @param bytes that the server still gets of what is sent to it */
  cutAfter(bytes: number): void {
    this.#cutAfter = bytes;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #forward(bytes: Buffer, far: Socket): void {
    if (this.#cutAfter === null || bytes.byteLength < this.#cutAfter) {
      if (this.#cutAfter !== null) this.#cutAfter -= bytes.byteLength;
      far.write(bytes);
      return;
    }
    far.end(bytes.subarray(0, this.#cutAfter));
    this.#cutAfter = null;
    for (const socket of this.#sockets) if (socket !== far) socket.destroy();
  }
}
