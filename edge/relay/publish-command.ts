/**
 * What a client writes to publish (https://docs.nats.io/reference/reference-protocols/nats-protocol#hpub), put together by
 * hand: the client's own `publish` has a message copied twice, each time into new memory, which is felt where it carries
 * twenty batches. It goes onto the client's socket between two of the client's writes, each of which is whole commands
 * (nats-core 3.4, `flushPending`).
 */

/** Beyond this, memory is made for one message and not kept: few are as large. */
const KEPT_BYTES_MAX = 1.25 * 1024 * 1024;
const KEPT_MAX = 2;
/** Kept memory is made in steps, so that a message that is a little larger finds room in it too. */
const STEP_BYTES = 64 * 1024;
const CR = 0x0d;
const LF = 0x0a;

const utf8 = new TextEncoder();

/** A message on the wire. */
export interface Command {
  bytes: Uint8Array<ArrayBuffer>;
  /** To be called once the server has it: then its memory is another's. */
  done(): void;
}

export class PublishCommands {
  readonly #headers: Uint8Array;
  readonly #kept: ArrayBuffer[] = [];

  /** @param headers of each message, as they are on the wire */
  constructor(headers: Uint8Array) {
    this.#headers = headers;
  }

  /**
   * @param pieces of the message, which are joined
   * @returns null where it has more bytes than the server takes, its headers counted
   */
  encode(subject: string, reply: string, pieces: readonly Uint8Array[], payloadBytesMax: number): Command | null {
    const headers = this.#headers;
    let payloadBytes = headers.byteLength;
    for (const piece of pieces) payloadBytes += piece.byteLength;
    if (payloadBytes > payloadBytesMax) return null;
    const line = utf8.encode(`HPUB ${subject} ${reply} ${headers.byteLength} ${payloadBytes}\r\n`);
    const total = line.byteLength + payloadBytes + 2;
    const memory = this.#take(total);
    const bytes = new Uint8Array(memory, 0, total);
    bytes.set(line);
    let at = line.byteLength;
    bytes.set(headers, at);
    at += headers.byteLength;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.byteLength;
    }
    bytes[at] = CR;
    bytes[at + 1] = LF;
    // What is not kept is not held until then either: a late PubAck would keep megabytes waiting.
    return { bytes, done: total > KEPT_BYTES_MAX ? () => {} : () => this.#keep(memory) };
  }

  #take(bytes: number): ArrayBuffer {
    const at = this.#kept.findIndex(({ byteLength }) => byteLength >= bytes);
    const [kept] = at < 0 ? [] : this.#kept.splice(at, 1);
    return kept ?? new ArrayBuffer(bytes > KEPT_BYTES_MAX ? bytes : Math.ceil(bytes / STEP_BYTES) * STEP_BYTES);
  }

  #keep(memory: ArrayBuffer): void {
    if (this.#kept.length >= KEPT_MAX) this.#kept.shift();
    this.#kept.push(memory);
  }
}
