import { z } from "@hono/zod-openapi";
import type { Sql } from "#core/store/postgres/client.ts";
import { AssetSettings } from "#protocol/asset-settings.ts";
import { RecorderSettings } from "#protocol/recorder-settings.ts";
import { askPostgres } from "../engines/answer.ts";

/** Stored ones may be of a newer release, which has members that this one does not know: they are neither shown nor lost. */
const Stored = z.object({ recorder: z.object(RecorderSettings.shape) });

/** Hosts that the project's assets may be fetched from. */
export async function assetSettingsOf(sql: Sql, projectId: number): Promise<AssetSettings> {
  const [row] = await askPostgres(sql`SELECT asset_hosts AS hosts FROM projects WHERE id = ${projectId}`);
  return AssetSettings.parse(row);
}

export async function changeAssetSettings(
  sql: Sql,
  projectId: number,
  { hosts }: Partial<AssetSettings>,
): Promise<void> {
  if (hosts) await askPostgres(sql`UPDATE projects SET asset_hosts = ${hosts} WHERE id = ${projectId}`);
}

export async function recorderSettingsOf(sql: Sql, projectId: number): Promise<RecorderSettings> {
  const [row] = await askPostgres(sql`SELECT recorder_settings AS recorder FROM projects WHERE id = ${projectId}`);
  return Stored.parse(row).recorder;
}

/**
 * @param change members to set; null takes one away
 * @param lengthMax of all settings as JSON
 * @returns all settings afterwards, or null where they would be longer: then nothing is changed
 */
export async function changeRecorderSettings(
  sql: Sql,
  projectId: number,
  change: { [Name in keyof RecorderSettings]?: RecorderSettings[Name] | null },
  lengthMax: number,
): Promise<RecorderSettings | null> {
  const [row] = await askPostgres(sql`
    UPDATE projects SET recorder_settings = jsonb_strip_nulls(recorder_settings || ${sql.json(change)})
    WHERE id = ${projectId} AND length((recorder_settings || ${sql.json(change)})::text) <= ${lengthMax}
    RETURNING recorder_settings AS recorder`);
  return row ? Stored.parse(row).recorder : null;
}
