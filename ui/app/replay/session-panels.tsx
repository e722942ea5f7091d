/** The panels beside the stage, each in step with the playhead. */
import { type ReactNode, type RefObject, useMemo } from "react";
import type { SessionAsset, SessionDetail, SessionNote } from "../routes/session.tsx";
import type { Ledger } from "./completeness.ts";
import { ConsolePanel } from "./console-panel.tsx";
import { ErrorsPanel } from "./errors-panel.tsx";
import { EventPanel } from "./event-panel.tsx";
import { InfoPanel } from "./info-panel.tsx";
import { NetworkPanel } from "./network-panel.tsx";
import { NotesPanel } from "./notes-panel.tsx";
import { PagePanel } from "./page-panel.tsx";
import { PanelLoading } from "./panel-loading.tsx";
import type { SessionPlayer } from "./player.ts";
import { type PanelTab, SidePanel } from "./side-panel.tsx";
import { isOfConsole, isOfStory, type TimelineItem } from "./timeline-item.ts";
import { TranscriptPanel } from "./transcript-panel.tsx";

interface SessionPanelsProps {
  session: SessionDetail;
  /** These four are null where they could not be had. The first comes after the first frame: undefined until then. */
  items: readonly TimelineItem[] | null | undefined;
  ledger: Ledger | null;
  assets: SessionAsset[] | null;
  notes: readonly SessionNote[] | null;
  /** Ids of the session's windows, in the order in which they are numbered. */
  windowIds: readonly string[];
  transcriptUrl: string;
  /** What one came for. */
  reason: TimelineItem | null;
  player: SessionPlayer | null;
  personId: string | null;
  noteInput: RefObject<HTMLTextAreaElement | null>;
  shown: string;
  onShow(id: string): void;
}

export function SessionPanels(props: SessionPanelsProps) {
  const { session, items, ledger, assets, notes, player, shown, onShow } = props;
  const errors = useMemo(() => items?.filter(({ type }) => type === "$error") ?? null, [items]);
  const onceHere = (panel: (items: readonly TimelineItem[] | null) => ReactNode) =>
    items === undefined ? <PanelLoading /> : panel(items);
  const counts = useMemo(
    () =>
      items && {
        events: items.filter(isOfStory).length,
        console: items.filter(isOfConsole).length,
        network: items.filter(({ type }) => type === "$request").length,
      },
    [items],
  );
  const tabs: PanelTab[] = [
    {
      id: "events",
      label: "Events",
      count: counts?.events ?? null,
      panel: onceHere((items) => (
        <EventPanel items={items} player={player} windowIds={props.windowIds} reason={props.reason} />
      )),
    },
    {
      id: "console",
      label: "Console",
      count: counts?.console ?? null,
      panel: onceHere((items) => <ConsolePanel items={items} player={player} />),
    },
    {
      id: "network",
      label: "Network",
      count: counts?.network ?? null,
      panel: onceHere((items) => <NetworkPanel items={items} player={player} />),
    },
    {
      id: "errors",
      label: "Errors",
      count: errors?.length ?? null,
      panel: onceHere(() => <ErrorsPanel errors={errors} player={player} />),
    },
    {
      id: "transcript",
      label: "Transcript",
      count: null,
      panel: <TranscriptPanel url={props.transcriptUrl} itemCount={items?.length ?? 0} player={player} />,
    },
    { id: "page", label: "Page", count: null, panel: <PagePanel pages={session.pages} player={player} /> },
    {
      id: "notes",
      label: "Notes",
      count: notes?.length ?? null,
      panel: <NotesPanel notes={notes} player={player} personId={props.personId} input={props.noteInput} />,
    },
    {
      id: "info",
      label: "Info",
      count: null,
      panel: <InfoPanel session={session} ledger={ledger} assets={assets} />,
    },
  ];
  return <SidePanel tabs={tabs} shown={shown} onShow={onShow} />;
}
