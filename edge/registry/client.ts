import type { EdgeProject } from "#protocol/edge-project.ts";
import type { Settings } from "../env.ts";
import { logRepeated } from "../log.ts";
import { within } from "../within.ts";
import { KeyMemory, Note, REGISTRY_NAME, REGISTRY_VERSION, type RegistryMethods, RelayList } from "./interface.ts";

/** What the registry knows of a key; `silent` when it does not answer in time, or not in a way that says anything. */
export type Recollection =
  | { kind: "known"; project: EdgeProject; saidAt: number }
  | { kind: "unknown" }
  | { kind: "silent" };

/** What became of a statement; `saidAt` is that of what is on record now. */
export type Noted = { kind: "heard"; saidAt: number | null } | { kind: "silent" };

/** The registry for those who ask it. Never rejects, and never takes longer than its bound. */
export interface RegistryClient {
  /** @param keyHash hex SHA-256 of the key */
  recallKey(keyHash: string): Promise<Recollection>;
  /** @param project null: nobody has the key @param saidAt when the core was asked, ms */
  coreSaid(keyHash: string, project: EdgeProject | null, saidAt: number): Promise<Noted>;
  relaySays(name: string, mayHold: boolean, saidAt: number): Promise<Noted>;
  /** Names of the relays that may hold batches; null when the registry is silent. */
  relays(): Promise<string[] | null>;
}

/** A registry that takes longer than a core may counts as knowing nothing. */
export function registryClient({ REGISTRY, CORE_TIMEOUT_MS }: Pick<Settings, "REGISTRY" | "CORE_TIMEOUT_MS">) {
  // A new stub each time: one whose object was restarted is of no use any more.
  async function ask<T>(question: (registry: DurableObjectStub<RegistryMethods>) => Promise<T>): Promise<T | null> {
    try {
      const answer = await within(question(REGISTRY.getByName(REGISTRY_NAME)), CORE_TIMEOUT_MS);
      if (answer === null) logRepeated("registry_silent", { reason: "timeout" });
      return answer;
    } catch (error) {
      logRepeated("registry_silent", { reason: error instanceof Error ? error.name : "unreachable" });
      return null;
    }
  }
  const v = REGISTRY_VERSION;
  const client: RegistryClient = {
    async recallKey(key_hash) {
      const memory = await ask(async (registry) => KeyMemory.parse(await registry.recallKey({ v, key_hash })));
      if (memory?.kind !== "known") return memory ?? { kind: "silent" };
      return { kind: "known", project: memory.project, saidAt: memory.said_at };
    },
    async coreSaid(key_hash, project, said_at) {
      return heard(
        await ask(async (registry) => Note.parse(await registry.coreSaid({ v, key_hash, project, said_at }))),
      );
    },
    async relaySays(name, may_hold, said_at) {
      return heard(await ask(async (registry) => Note.parse(await registry.relaySays({ v, name, may_hold, said_at }))));
    },
    async relays() {
      return (await ask(async (registry) => RelayList.parse(await registry.relays())))?.names ?? null;
    },
  };
  return client;
}

function heard(note: Note | null): Noted {
  if (!note) return { kind: "silent" };
  return { kind: "heard", saidAt: note.kind === "noted" ? note.said_at : null };
}
