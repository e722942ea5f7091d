import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconArrowLeft, IconCheck, IconDots, IconDownload, IconLink } from "@tabler/icons-react";
import { Link, useLocation, useParams } from "react-router";
import { Moment } from "../format/viewer.tsx";
import { mayChange } from "../roles.ts";
import { useFrame } from "../routes/project.tsx";
import type { SessionDetail } from "../routes/session.tsx";
import { who, whyIncomplete } from "../sessions/who.ts";
import { completenessInWords, type Ledger } from "./completeness.ts";
import type { SessionPlayer } from "./player.ts";
import styles from "./session-header.module.css";
import { ShareButton } from "./share-button.tsx";

interface SessionHeaderProps {
  session: SessionDetail;
  ledger: Ledger | null;
  player: SessionPlayer | null;
}

/** Who this is, when and with what; whether it is whole; and a link to the moment that is shown. */
export function SessionHeader({ session, ledger, player }: SessionHeaderProps) {
  const { projectId } = useParams();
  const { role } = useFrame();
  const from: unknown = useLocation().state;
  const back = typeof from === "string" && from.startsWith("?") ? from : "";
  const browser = [session.browser, session.os].filter(Boolean).join(" on ");
  return (
    <header className={styles.header}>
      <Tooltip label="Sessions">
        <ActionIcon
          component={Link}
          to={`/projects/${projectId}/sessions${back}`}
          variant="subtle"
          color="gray"
          size="lg"
          aria-label="Back to the sessions"
        >
          <IconArrowLeft size={18} />
        </ActionIcon>
      </Tooltip>
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
        <More player={player} />
      </div>
    </header>
  );
}

function Completeness({ ledger }: { ledger: Ledger }) {
  const state = ledger.complete === null ? "unknown" : ledger.complete ? "whole" : ledger.why;
  const title =
    ledger.complete === false
      ? `Not whole: ${whyIncomplete(ledger.why)}`
      : ledger.complete
        ? "All that was recorded is here"
        : "This recorder does not number its batches, so nobody can tell whether one is missing";
  return (
    <Tooltip label={title} multiline maw={280}>
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
  const copyLink = () => copy(addressOf(pathname, player));
  return (
    <Button
      variant="default"
      size="xs"
      className={styles.link}
      leftSection={copied ? <IconCheck size={14} /> : <IconLink size={14} />}
      onClick={copyLink}
      disabled={!player}
    >
      <span className={styles.linkText}>{copied ? "Copied" : "Link to this moment"}</span>
    </Button>
  );
}

/** What is done seldom: the session as a file. */
function More({ player }: Pick<SessionHeaderProps, "player">) {
  const { pathname } = useLocation();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label="More">
          <ActionIcon variant="default" size={30} aria-label="More" disabled={!player}>
            <IconDots size={16} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          component="a"
          href={`${pathname}/export?format=html`}
          download
          leftSection={<IconDownload size={16} />}
        >
          Download as a page that plays
        </Menu.Item>
        <Menu.Item
          component="a"
          href={`${pathname}/export?format=json`}
          download
          leftSection={<IconDownload size={16} />}
        >
          Download as JSON
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function addressOf(pathname: string, player: SessionPlayer | null): string {
  return `${window.location.origin}${pathname}?t=${Math.floor((player?.timeMs ?? 0) / 1000)}`;
}
