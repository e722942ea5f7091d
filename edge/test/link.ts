/** The way between the edge and nats-server, which can be made slow or thin, swallow everything, or break inside a frame. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What waits in a direction; beyond that the sender feels it. */
const WAITING_BYTES_MAX = 256 * 1024;

export class Link {
  /** How long PubAcks, and they alone, take longer, ms: a server that answers pings and is slow to write. */
  pubAckDelayMs = 0;
  /** Bytes that pass towards the server in a second; null for as many as come. */
  bytesPerSecond: number | null = null;
  /** Bytes towards the server that are let through before the connections are cut; null for all. */
  #cutAfter: number | null = null;
  /** While packets are dropped: pending. */
  #hole: PromiseWithResolvers<void> | null = null;
  /** When the thin way has passed on all that it has got. */
  #freeAt = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(target: URL) {
    this.#server = createServer((near) => {
      near.on("error", () => {});
      if (!this.#hole) {
        this.#join(near, target);
        return;
      }
      near.pause();
      void this.#hole.promise.then(() => this.#join(near, target));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** @param bytes that the server still gets of what is sent to it; null lets all through again */
  cutAfter(bytes: number | null): void {
    this.#cutAfter = bytes;
  }

  /** A black hole: nothing is read or written, no end is told that the other has gone; what was sent comes later. */
  swallow(): void {
    this.#hole ??= Promise.withResolvers();
    for (const socket of this.#sockets) socket.pause();
  }

  /** Ends `swallow`, as a network does that is back: what was under way arrives. */
  pass(): void {
    const hole = this.#hole;
    this.#hole = null;
    hole?.resolve();
    for (const socket of this.#sockets) socket.resume();
  }

  close(): void {
    this.#server.close();
    this.#hole?.resolve();
    this.#hole = null;
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(near: Socket, target: URL): void {
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on("error", () => void this.#destroy(other));
      one.on("close", () => {
        this.#sockets.delete(one);
        void this.#destroy(other);
      });
    }
    if (near.destroyed) far.destroy();
    this.#carry(near, { dueAt: (bytes) => this.#passedAt(bytes), write: (bytes) => this.#forward(bytes, far) });
    // A pong does not wait for a PubAck: the server is slow to write, not to answer.
    this.#carry(far, { dueAt: (bytes) => this.#ackedAt(bytes), write: (bytes) => near.write(bytes), overtakes: true });
    near.resume();
  }

  /** @param way.overtakes whether what is not delayed goes past what is */
  #carry(from: Socket, way: { dueAt(bytes: Buffer): number; write(bytes: Buffer): void; overtakes?: boolean }): void {
    let queue = Promise.resolve();
    let waiting = 0;
    /** Of what waits, what must not be overtaken. */
    let inOrder = 0;
    from.on("data", (bytes) => {
      const dueAt = way.dueAt(bytes);
      const isLate = dueAt > Date.now();
      if (inOrder === 0 && !isLate && !this.#hole) {
        way.write(bytes);
        return;
      }
      const keepsOrder = !(isLate && way.overtakes);
      if (keepsOrder) inOrder++;
      waiting += bytes.byteLength;
      if (waiting > WAITING_BYTES_MAX) from.pause();
      queue = queue.then(async () => {
        const waitMs = dueAt - Date.now();
        if (waitMs > 0) await sleep(waitMs);
        await this.#hole?.promise;
        way.write(bytes);
        if (keepsOrder) inOrder--;
        waiting -= bytes.byteLength;
        if (waiting <= WAITING_BYTES_MAX && !this.#hole) from.resume();
      });
    });
  }

  #passedAt({ byteLength }: Buffer): number {
    if (this.bytesPerSecond === null) return 0;
    this.#freeAt = Math.max(this.#freeAt, Date.now()) + (byteLength / this.bytesPerSecond) * 1_000;
    return this.#freeAt;
  }

  #ackedAt(bytes: Buffer): number {
    return this.pubAckDelayMs > 0 && bytes.includes('"stream":') ? Date.now() + this.pubAckDelayMs : 0;
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

  async #destroy(socket: Socket): Promise<void> {
    await this.#hole?.promise;
    socket.destroy();
  }
}
