/** A way to an engine that can be cut: the engine stays, what talks to it through here finds nobody. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export interface Cuttable {
  /** The engine's URL, by this way. */
  url: string;
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function cuttable(engineUrl: string): Promise<Cuttable> {
  const target = new URL(engineUrl);
  const open = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  const listen = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  await listen(0);
  const { port } = server.address() as { port: number };
  const url = new URL(engineUrl);
  url.host = `127.0.0.1:${port}`;
  const cut = async () => {
    const closed = once(server, "close");
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
  };
  return {
    url: url.toString(),
    cut,
    mend: () => listen(port),
    close: () => (server.listening ? cut() : Promise.resolve()),
  };
}
