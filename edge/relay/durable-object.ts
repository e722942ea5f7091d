import { DurableObject } from "cloudflare:workers";
import { encodeMessage } from "#protocol/message.ts";
import { SUBJECT_RRWEB } from "#protocol/subject.ts";
import { type Bindings, readSettings } from "../env.ts";
import { logRepeated } from "../log.ts";
import { Connection } from "./connection.ts";
import { type PublishOutcome, PublishRequest, type RelayHealth, type RelayMethods } from "./interface.ts";

const IDLE_MS = 60_000;
const REFUSING_MS = 10_000;

/**
 * Holds the NATS connection that a Worker cannot: a socket belongs to one request there, and to all requests here.
 * Which projects and sessions meet in one relay is the client's choice (client.ts).
 */
export class Relay extends DurableObject<Bindings> implements RelayMethods {
  readonly #connection: Connection;
  #lastFailure: { reason: RelayHealth["refusing"]; at: number } | null = null;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    const settings = readSettings(env);
    this.#connection = new Connection({
      url: settings.NATS_WS_URL,
      user: settings.NATS_USER,
      password: settings.NATS_PASSWORD,
      name: ctx.id.name ?? "relay",
      budgetMs: settings.PUBLISH_BUDGET_MS,
      idleMs: IDLE_MS,
    });
  }

  async publish(request: PublishRequest): Promise<PublishOutcome> {
    const outcome = await this.#publish(request);
    if (outcome.kind === "acked") {
      this.#lastFailure = null;
    } else {
      this.#lastFailure = { reason: outcome.reason, at: Date.now() };
      logRepeated("not_durable", { reason: outcome.reason });
    }
    return outcome;
  }

  async #publish(request: PublishRequest): Promise<PublishOutcome> {
    const read = PublishRequest.safeParse(request);
    if (!read.success) return { kind: "not_durable", reason: "request_malformed" };
    return this.#connection.publish(SUBJECT_RRWEB, encodeMessage([read.data]));
  }

  async health(): Promise<RelayHealth> {
    const connected = await this.#connection.isConnected();
    const last = this.#lastFailure;
    return { connected, refusing: last && Date.now() - last.at < REFUSING_MS ? last.reason : null };
  }
}
