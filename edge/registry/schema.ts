/** Applied in order, each once; never changed after a release. WITHOUT ROWID: an index beside it bills a second row a write. */
const MIGRATIONS = [
  `CREATE TABLE known_keys (key_hash TEXT PRIMARY KEY, said_at INTEGER NOT NULL, project TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE relays (name TEXT PRIMARY KEY, said_at INTEGER NOT NULL, may_hold INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE registry_state (version INTEGER NOT NULL);
   INSERT INTO registry_state VALUES (0);`,
];

/** @throws when storage does, or when it is of a newer version */
export function migrate(storage: DurableObjectStorage): void {
  const { sql } = storage;
  const known = sql.exec("SELECT 1 FROM sqlite_schema WHERE name = 'registry_state'").toArray().length > 0;
  const version = known ? sql.exec<{ version: number }>("SELECT version FROM registry_state").one().version : 0;
  if (version > MIGRATIONS.length) throw new Error(`the registry is of version ${version}, newer than this Worker`);
  if (version === MIGRATIONS.length) return;
  storage.transactionSync(() => {
    for (const migration of MIGRATIONS.slice(version)) sql.exec(migration);
    sql.exec("UPDATE registry_state SET version = ?", MIGRATIONS.length);
  });
}
