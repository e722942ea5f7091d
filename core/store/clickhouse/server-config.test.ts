/** infra/clickhouse/*.d: the configuration for a server of one's own, as far as the embedded engine can tell. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FreshDatabases, freshDatabases } from "../../../test/support/databases.ts";
import { INSERT_SETTINGS } from "./client.ts";
import { MERGE_TREE_LEAST } from "./durability.ts";

const INFRA = new URL("../../../infra/clickhouse/", import.meta.url);
const CONFIG = fileURLToPath(new URL("config.d/rrhog.xml", INFRA));
const read = (path: string) => readFileSync(new URL(path, INFRA), "utf8").replaceAll(/<!--[\s\S]*?-->/g, "");
/** What the embedded engine's row policies begin with: whoever has the role reads all rows. */
const ROLE_HELD = /^ *has\(enabledRoles\(\), 'rrhog'\) OR \((?<rest>.*)\) *$/;
/** The elements with plain text within one that is named. */
const valuesIn = (xml: string, parent: string) => {
  const [, inner = ""] = new RegExp(`<${parent}>([\\s\\S]*?)</${parent}>`).exec(xml) ?? [];
  return Object.fromEntries([...inner.matchAll(/<(\w+)>([^<]+)<\/\1>/g)].map(([, name, value]) => [name, value]));
};

let databases: FreshDatabases;
beforeAll(async () => {
  databases = await freshDatabases();
});
afterAll(() => databases.drop());

async function names(query: string): Promise<string[]> {
  const result = await databases.clickhouse.query({ query, format: "JSONEachRow" });
  return (await result.json<{ name: string }>()).map(({ name }) => name);
}

describe("a server of one's own", () => {
  it("is told what tables are asserted to have", () => {
    const asserted = Object.entries(MERGE_TREE_LEAST).map(([name, least]) => [name, String(least)]);
    expect(valuesIn(read("config.d/rrhog.xml"), "merge_tree")).toEqual(Object.fromEntries(asserted));
  });

  it("understands that", async () => {
    const folder = await mkdtemp(join(tmpdir(), "rrhog-config-"));
    try {
      // In a process of its own: the library is one engine a process.
      const script = `
        import { Session } from "chdb";
        const session = new Session(${JSON.stringify(folder)}, { connectionArgs: [${JSON.stringify(`--config-file=${CONFIG}`)}] });
        const query = "SELECT name, value FROM system.merge_tree_settings WHERE changed";
        console.log(session.query(query, "JSONCompactEachRow"));
        session.close();`;
      const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
        cwd: fileURLToPath(INFRA),
      });
      const changed = Object.fromEntries(
        stdout
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line) as [string, string]),
      );
      expect(changed).toMatchObject(valuesIn(read("config.d/rrhog.xml"), "merge_tree"));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("has in its profile what each insert states, by names that it knows", async () => {
    const profile = valuesIn(read("users.d/rrhog.xml"), "default");
    expect(Object.keys(profile).length).toBeGreaterThan(0);
    for (const [name, value] of Object.entries(profile)) {
      expect(INSERT_SETTINGS).toHaveProperty(name);
      expect(String(INSERT_SETTINGS[name as keyof typeof INSERT_SETTINGS])).toBe(value);
    }
    const known = await names("SELECT name FROM system.settings");
    expect(Object.keys(profile).filter((name) => !known.includes(name))).toEqual([]);
  });

  it("gives rrhog_sql the rights that the embedded engine leaves without its role, which proves them in sql.test.ts", () => {
    const [own, embedded] = ["users.d/rrhog-sql.xml", "embedded/users.xml"].map((path) => {
      const xml = read(path).replaceAll(/\s+/g, " ");
      const filters = [...xml.matchAll(/<(\w+)><filter>(.*?project_id.*?)<\/filter>/g)];
      return {
        grants: [...xml.matchAll(/<query>(GRANT SELECT .*?)<\/query>/g)].map(([, grant]) => grant),
        filters: filters.map(([, table, filter = ""]) => [table, filter.replace(ROLE_HELD, "$<rest>").trim()]),
      };
    });
    expect(own?.filters).toHaveLength(4);
    expect(own).toEqual(embedded);
  });

  it("keeps each log of itself for some days or not at all", () => {
    const logs = [...read("config.d/rrhog.xml").matchAll(/<(\w+_log)( remove="1"\/>|>)/g)];
    expect(new Set(logs.map(([, name]) => name)).size).toBe(logs.length);
    for (const [, name = "", removed] of logs) {
      if (removed === ">") expect(valuesIn(read("config.d/rrhog.xml"), name)).toHaveProperty("ttl");
    }
    const limited = logs.map(([, name]) => name);
    expect(limited).toEqual(
      expect.arrayContaining(["query_log", "trace_log", "metric_log", "asynchronous_metric_log", "text_log"]),
    );
  });
});

it("the embedded engine has no logs of itself", async () => {
  expect(await names("SELECT name FROM system.tables WHERE database = 'system' AND name LIKE '%\\_log'")).toEqual([]);
});
