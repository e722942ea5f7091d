import { DurableObject } from "cloudflare:workers";
import type { Bindings } from "../env.ts";
import { logRepeated } from "../log.ts";
import {
  type KeyMemory,
  KeyQuestion,
  KeyStatement,
  type Note,
  type RegistryMethods,
  type RelayList,
  RelayStatement,
} from "./interface.ts";
import { KnownKeys } from "./known-keys.ts";
import { ListedRelays } from "./listed-relays.ts";
import { migrate } from "./schema.ts";

/**
 * What must outlive isolates and is asked for when something is away: what the core last said of each key, and which
 * relays may hold batches. There is one, named `registry`; no batch passes through it, and none waits for it while the core
 * answers.
 */
export class Registry extends DurableObject<Bindings> implements RegistryMethods {
  readonly #keys: KnownKeys;
  readonly #relays: ListedRelays;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    migrate(ctx.storage);
    this.#keys = new KnownKeys(ctx.storage);
    this.#relays = new ListedRelays(ctx.storage);
  }

  async coreSaid(statement: KeyStatement): Promise<Note> {
    const read = KeyStatement.safeParse(statement);
    if (!read.success) return refused("statement_malformed");
    const { key_hash, project, said_at } = read.data;
    const onRecord = this.#keys.note(key_hash, project && JSON.stringify(project), said_at);
    return onRecord === "too_large" ? refused(onRecord) : { kind: "noted", said_at: onRecord };
  }

  async recallKey(question: KeyQuestion): Promise<KeyMemory> {
    const read = KeyQuestion.safeParse(question);
    const memory = read.success ? this.#keys.recall(read.data.key_hash) : null;
    if (!memory) return { kind: "unknown" };
    return { kind: "known", project: JSON.parse(memory.project), said_at: memory.saidAt };
  }

  async relaySays(statement: RelayStatement): Promise<Note> {
    const read = RelayStatement.safeParse(statement);
    if (!read.success) return refused("statement_malformed");
    const { name, may_hold, said_at } = read.data;
    this.#relays.note(name, may_hold, said_at);
    return { kind: "noted", said_at };
  }

  async relays(): Promise<RelayList> {
    return { names: this.#relays.names() };
  }
}

function refused(reason: string): Note {
  logRepeated("registry_refused", { reason });
  return { kind: "refused" };
}
