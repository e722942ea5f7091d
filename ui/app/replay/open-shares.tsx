/** The links that open the session now, and the end of each. */
import { Button, Group, Loader } from "@mantine/core";
import { useEffect, useState } from "react";
import { useFetcher, useLocation } from "react-router";
import { Refused } from "../components/refused.tsx";
import { counted } from "../format/duration.ts";
import { spanInWords } from "../format/span.ts";
import { Moment } from "../format/viewer.tsx";
import type { action, loader, OpenShare } from "../routes/session-shares.ts";
import styles from "./open-shares.module.css";

export function OpenShares() {
  const { pathname } = useLocation();
  const { data: shares, load } = useFetcher<typeof loader>();
  useEffect(() => {
    void load(`${pathname}/shares`);
  }, [load, pathname]);
  if (!shares) return <Loader size="xs" aria-label="Looking for links" />;
  if (shares.length === 0) return null;
  return (
    <section className={styles.shares} aria-labelledby="open-shares">
      <h3 className={styles.title} id="open-shares">
        Links that open it now
      </h3>
      <ul className={styles.list}>
        {shares.map((share) => (
          <Share key={share.share_id} share={share} />
        ))}
      </ul>
    </section>
  );
}

function Share({ share }: { share: OpenShare }) {
  const { pathname } = useLocation();
  const { Form, data, state } = useFetcher<typeof action>();
  const [asks, setAsks] = useState(false);
  return (
    <li className={styles.share}>
      <p>
        Opens {spanInWords(share)} until <Moment at={share.expires_at} full />
        {share.shows_person && ", and tells who was recorded"}
      </p>
      <p className={styles.facts}>
        {share.created_by && `${share.created_by}, `}
        <Moment at={share.created_at} /> ·{" "}
        {share.last_opened_at ? (
          <>
            opened {counted(share.opened_count, "time")}, last <Moment at={share.last_opened_at} />
          </>
        ) : (
          "not opened yet"
        )}
      </p>
      <Refused error={data?.error} />
      {asks ? (
        <Form method="post" action={`${pathname}/shares`}>
          <input type="hidden" name="share_id" value={share.share_id} />
          <Group gap="xs">
            <Button
              type="submit"
              name="intent"
              value="revoke"
              size="xs"
              color="red.8"
              loading={state !== "idle"}
              data-autofocus
            >
              Revoke the link
            </Button>
            <Button size="xs" variant="default" onClick={() => setAsks(false)}>
              Cancel
            </Button>
          </Group>
        </Form>
      ) : (
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setAsks(true)}>
          Revoke
        </Button>
      )}
    </li>
  );
}
