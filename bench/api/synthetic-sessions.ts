/** Sessions that nobody recorded, as many as are wanted: what the worker would have left in `sessions_meta`. */
import type { Sql } from "#core/store/postgres/client.ts";

/**
 * Sessions of the last 80 days, about as varied as those of a shop: a few countries and browsers have most of them, one
 * in 50 has an error, one in five a user that is known. Which row says what depends on its number alone.
 */
export async function insertSessions(sql: Sql, projectId: number, count: number): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`SET LOCAL statement_timeout = 0`;
    await transaction`
      INSERT INTO sessions_meta (
        project_id, session_id, first_received_at, last_received_at, batch_count, started_at, ended_at, event_count,
        window_count, pageview_count, click_count, error_count, console_error_count, request_failed_count,
        rage_click_count, dead_click_count, active_ms, user_id, user_email, first_url, last_url, paths, ua,
        browser, os, device, country, release, complete, incomplete_why, activity, spans_batch_count, spans_rules)
      SELECT ${projectId}, md5(n::text)::uuid, t, t + lasts, 1 + n % 40, t, t + lasts, 50 + h % 5000,
        1, 1 + n % 9, h % 40, CASE WHEN h % 50 = 0 THEN 1 + h % 7 ELSE 0 END, CASE WHEN h % 30 = 0 THEN 2 ELSE 0 END,
        CASE WHEN h % 40 = 0 THEN 1 ELSE 0 END, CASE WHEN h % 60 = 0 THEN 1 ELSE 0 END,
        CASE WHEN h % 25 = 0 THEN 1 ELSE 0 END, (h % 600) * 1000,
        CASE WHEN h % 5 = 0 THEN 'user-' || n END, CASE WHEN h % 5 = 0 THEN 'user' || n || '@example.com' END,
        'https://shop.example' || way[1] || '?c=' || n, 'https://shop.example' || way[array_upper(way, 1)], way,
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
        (ARRAY['Chrome','Chrome','Chrome','Chrome','Chrome','Safari','Safari','Firefox','Edge','Opera'])[1 + h / 7 % 10],
        (ARRAY['Windows','macOS','Android','iOS','Linux'])[1 + h / 77 % 5],
        (ARRAY['desktop','mobile','tablet'])[1 + h / 777 % 3],
        CASE WHEN h % 1000 = 0 THEN 'IS' ELSE (ARRAY['DE','US','FR','GB','NL','PL','IT','ES'])[1 + h / 11 % 8] END,
        '2.' || h / 13 % 20, h % 10 <> 0, CASE WHEN h % 10 = 0 THEN 'missing' END, ARRAY[5, 0, 2, 9, 1, 1, 0, 3],
        1 + n % 40, 1000
      FROM generate_series(1, ${count}) AS n
      CROSS JOIN LATERAL (SELECT abs(hashint4(n)::bigint) AS h) AS hashed
      CROSS JOIN LATERAL (SELECT now() - interval '80 days' * (n::float8 / ${count}) AS t) AS began
      CROSS JOIN LATERAL (SELECT h % 1800 * interval '1 second' AS lasts) AS length
      CROSS JOIN LATERAL (SELECT (ARRAY['/', '/products/' || h % 5000, '/cart', '/checkout'])[1:1 + h % 4] AS way) AS visit`;
  });
  await sql`VACUUM ANALYZE sessions_meta`;
}
