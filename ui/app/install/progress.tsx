import { Button, Loader, Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconCircleDashed, IconPlayerPlay } from "@tabler/icons-react";
import { useCallback } from "react";
import { Link, useFetcher } from "react-router";
import { Moment } from "../format/viewer.tsx";
import type { loader } from "../routes/install.tsx";
import { useFrame } from "../routes/project.tsx";
import type { loader as healthLoader } from "../routes/system-health.ts";
import { useWhileVisible } from "../use-while-visible.ts";
import styles from "./install.module.css";
import { type Step, stepsOf } from "./progress.ts";

const EVERY_MS = 2_000;

export type Known = Awaited<ReturnType<typeof loader>>;

/**
 * What is seen of the project's pages, asked again for as long as somebody waits; and the first session, once it is there.
 * @param first what the page came with
 */
export function Progress({ first }: { first?: Known }) {
  const { projectId } = useFrame();
  const { data = first, load } = useFetcher<typeof loader>();
  const health = useFetcher<typeof healthLoader>({ key: "system-health" });
  const ask = useCallback(() => void load(`/projects/${projectId}/install`), [load, projectId]);
  useWhileVisible(ask, { everyMs: EVERY_MS, atOnce: true });
  if (!data) return <Skeleton height={132} role="status" aria-label="Asking what was seen" />;
  const { installation, now } = data;
  const newest = installation.newest_session;
  const steps = stepsOf(installation, health.data?.parts ?? [], now);
  const next = steps.find(({ state }) => state !== "done");
  return (
    <>
      <ol className={styles.steps} aria-live="polite">
        {steps.map((step) => (
          <OneStep key={step.title} step={step} isNext={step === next} />
        ))}
      </ol>
      {newest && (
        <Button
          component={Link}
          to={`/projects/${projectId}/sessions/${newest.session_id}?live=1`}
          leftSection={<IconPlayerPlay size={16} />}
        >
          Watch the newest session
        </Button>
      )}
    </>
  );
}

function OneStep({ step: { title, state, words, at, mend }, isNext }: { step: Step; isNext: boolean }) {
  const { projectId } = useFrame();
  return (
    <li className={styles.step} data-state={state}>
      <span className={styles.mark}>
        {state === "done" && <IconCheck size={16} aria-label="Done" />}
        {state === "waiting" && isNext && <Loader size={14} role="img" aria-label="Waiting" />}
        {state === "waiting" && !isNext && <IconCircleDashed size={16} aria-label="Not yet" />}
        {state === "bad" && <IconAlertTriangle size={16} aria-label="In the way" />}
      </span>
      <span className={styles.title}>{title}</span>
      {at && <Moment at={at} className={styles.at} />}
      <span className={styles.words}>
        {words}.{" "}
        {mend && (
          <Link to={`/projects/${projectId}/settings/${mend.to}`} className={styles.mend}>
            {mend.label}
          </Link>
        )}
      </span>
    </li>
  );
}
