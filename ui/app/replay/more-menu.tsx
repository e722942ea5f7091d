/** What is done seldom: the moment as text, the session as a file, its deletion. */
import { ActionIcon, Button, Menu, Tooltip } from "@mantine/core";
import { useClipboard, useDisclosure } from "@mantine/hooks";
import { IconCheck, IconClipboardText, IconDots, IconDownload, IconTrash } from "@tabler/icons-react";
import { Link, useLocation } from "react-router";
import { mayManage } from "../roles.ts";
import { useFrame } from "../routes/project.tsx";
import type { SessionDetail } from "../routes/session.tsx";
import { DeleteSessions } from "../sessions/delete-sessions.tsx";
import { who } from "../sessions/who.ts";
import buttonStyles from "./header-button.module.css";
import { momentText } from "./moment-text.ts";
import type { SessionPlayer } from "./player.ts";
import { addressOfMoment } from "./player-moves.ts";
import { pageAt, type TimelineItem } from "./timeline-item.ts";

interface MoreMenuProps {
  session: SessionDetail;
  items: readonly TimelineItem[];
  player: SessionPlayer | null;
  /** Address of the list that one came from. */
  list: { pathname: string; search: string };
}

export function MoreMenu({ session, items, player, list }: MoreMenuProps) {
  const { role } = useFrame();
  const { pathname } = useLocation();
  const { copied, copy } = useClipboard();
  const [deleting, { open, close }] = useDisclosure(false);
  const copyMoment = () => {
    const timeMs = player?.timeMs ?? 0;
    const link = addressOfMoment(pathname, timeMs);
    copy(
      momentText({
        who: who(session),
        page: pageAt(session.pages, player?.state.windowId, timeMs),
        timeMs,
        link,
        items,
      }),
    );
  };
  const file = { component: "a", download: true, leftSection: <IconDownload size={16} /> } as const;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Tooltip label="More">
            <ActionIcon variant="default" size={30} className={buttonStyles.button} aria-label="More">
              <IconDots size={16} />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={copied ? <IconCheck size={16} /> : <IconClipboardText size={16} />}
            onClick={copyMoment}
            closeMenuOnClick={false}
            disabled={!player}
          >
            {copied ? "Copied" : "Copy this moment as text"}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item {...file} href={`${pathname}/export?format=html`}>
            Download as a page that plays
          </Menu.Item>
          <Menu.Item {...file} href={`${pathname}/export?format=json`}>
            Download as JSON
          </Menu.Item>
          <Menu.Item {...file} download={`${session.session_id}.txt`} href={`${pathname}/transcript`}>
            Download the transcript
          </Menu.Item>
          {mayManage(role) && (
            <>
              <Menu.Divider />
              <Menu.Item color="var(--rr-error)" leftSection={<IconTrash size={16} />} onClick={open}>
                Delete the session
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <DeleteSessions
        ids={[session.session_id]}
        name={who(session)}
        opened={deleting}
        onClose={close}
        onward={
          <Button component={Link} to={list} data-autofocus>
            To the sessions
          </Button>
        }
      />
    </>
  );
}
