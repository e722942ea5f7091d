import { ActionIcon, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconArrowLeft, IconCheck, IconLink } from "@tabler/icons-react";
import { Link, useLocation, useSearchParams } from "react-router";
import { browserInWords } from "../format/device.ts";
import { Moment } from "../format/viewer.tsx";
import { mayChange } from "../roles.ts";
import { useFrame } from "../routes/project.tsx";
import type { SessionDetail } from "../routes/session.tsx";
import { listOf } from "../sessions/in-list.ts";
import { who } from "../sessions/who.ts";
import { completenessInWords, completenessReason, type Ledger } from "./completeness.ts";
import { HeaderButton } from "./header-button.tsx";
import { MoreMenu } from "./more-menu.tsx";
import { Neighbours } from "./neighbours.tsx";
import type { SessionPlayer } from "./player.ts";
import { addressOfMoment } from "./player-moves.ts";
import styles from "./session-header.module.css";
import { ShareButton } from "./share-button.tsx";
import type { TimelineItem } from "./timeline-item.ts";

interface SessionHeaderProps {
  session: SessionDetail;
  ledger: Ledger | null;
  items: readonly TimelineItem[];
  player: SessionPlayer | null;
}

/** Who this is, when and with what; whether it is complete; where to go from here, and what can be done with it. */
export function SessionHeader({ session, ledger, items, player }: SessionHeaderProps) {
  const { projectId, role } = useFrame();
  const list = listOf(useSearchParams()[0]);
  const listAddress = { pathname: `/projects/${projectId}/sessions`, search: String(list ?? "") };
  const browser = browserInWords(session);
  return (
    <header className={styles.header}>
      <Tooltip label="Sessions">
        <ActionIcon
          component={Link}
          to={listAddress}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label="Back to the sessions"
        >
          <IconArrowLeft size={18} />
        </ActionIcon>
      </Tooltip>
      {list && <Neighbours projectId={projectId} sessionId={session.session_id} list={list} />}
      <h1 className={styles.who}>{who(session)}</h1>
      <p className={styles.facts}>
        <Moment at={session.started_at} full />
        {browser && <span>{browser}</span>}
        {session.country && <span>{session.country}</span>}
      </p>
      <div className={styles.end}>
        {ledger && <Completeness ledger={ledger} />}
        <CopyLink player={player} />
        {mayChange(role) && <ShareButton player={player} durationMs={session.duration_ms} />}
        <MoreMenu session={session} items={items} player={player} list={listAddress} />
      </div>
    </header>
  );
}

function Completeness({ ledger }: { ledger: Ledger }) {
  const state = ledger.complete === null ? "unknown" : ledger.complete ? "complete" : ledger.why;
  const title = ledger.complete === null ? "Not numbered" : ledger.complete ? "Complete" : "Incomplete";
  return (
    <Tooltip label={`${title}: ${completenessReason(ledger)}`} multiline maw={280}>
      <span className={styles.completeness} data-state={state}>
        {completenessInWords(ledger)}
      </span>
    </Tooltip>
  );
}

/** The address of the moment that is shown. */
function CopyLink({ player }: { player: SessionPlayer | null }) {
  const { pathname } = useLocation();
  const { copied, copy } = useClipboard();
  return (
    <HeaderButton
      icon={copied ? <IconCheck size={14} /> : <IconLink size={14} />}
      words={copied ? "Copied" : "Link to this moment"}
      onClick={() => copy(addressOfMoment(pathname, player?.timeMs ?? 0))}
      disabled={!player}
    />
  );
}
