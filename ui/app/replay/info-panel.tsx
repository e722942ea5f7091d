import { CopyableId } from "../components/copyable.tsx";
import { clock, counted, wholeNumber } from "../format/duration.ts";
import { exactMoment } from "../format/moment.ts";
import { useViewer } from "../format/viewer.tsx";
import type { SessionAsset, SessionDetail } from "../routes/session.tsx";
import { AssetsSection } from "./assets-section.tsx";
import {
  completenessInWords,
  completenessReason,
  countedWindow,
  type Ledger,
  type LedgerWindow,
} from "./completeness.ts";
import styles from "./info-panel.module.css";
import { Fact, FactSection } from "./info-section.tsx";

interface InfoPanelProps {
  session: SessionDetail;
  /** Null where it could not be had. */
  ledger: Ledger | null;
  /** Null where they could not be had. */
  assets: SessionAsset[] | null;
}

/** The facts of a session, and whether all of it is here. */
export function InfoPanel({ session, ledger, assets }: InfoPanelProps) {
  const { timeZone } = useViewer();
  const country = session.country ? (countryName(session.country) ?? session.country) : null;
  return (
    <div className={styles.panel}>
      <FactSection title="Person">
        <Fact name="E-mail">{session.user_email}</Fact>
        <Fact name="Id">{session.user_id && <CopyableId id={session.user_id} />}</Fact>
        <Fact name="Country">{country}</Fact>
        {!session.user_email && !session.user_id && <Fact name="Known as">nobody: the site named no person</Fact>}
      </FactSection>
      <FactSection title="Session">
        <Fact name="Id">
          <CopyableId id={session.session_id} />
        </Fact>
        <Fact name="Started">{exactMoment(new Date(session.started_at), timeZone)}</Fact>
        <Fact name="Length">{clock(session.duration_ms)}</Fact>
        <Fact name="First page">{session.first_url}</Fact>
        <Fact name="Release">{session.release}</Fact>
        <Fact name="Environment">{session.environment}</Fact>
        <Fact name="Own visit">{session.is_internal && "of the site in the making, by its host"}</Fact>
        <Fact name="Recorded">
          {counted(session.event_count, "event")} in {counted(session.batch_count, "batch", "batches")}
          {session.window_count > 1 && `, ${counted(session.window_count, "tab")}`}
        </Fact>
      </FactSection>
      <FactSection title="Browser">
        <Fact name="Browser">{session.browser}</Fact>
        <Fact name="System">{session.os}</Fact>
        <Fact name="Device">{session.device}</Fact>
        <Fact name="Bot">{session.bot}</Fact>
        <Fact name="User agent">{session.ua}</Fact>
      </FactSection>
      <LedgerSection ledger={ledger} windowIds={session.windows.map(({ window_id }) => window_id)} />
      <AssetsSection assets={assets} />
    </div>
  );
}

function LedgerSection({ ledger, windowIds }: { ledger: Ledger | null; windowIds: readonly string[] }) {
  if (!ledger) {
    return (
      <FactSection title="Completeness">
        <Fact name="Ledger">could not be loaded; reload to try again</Fact>
      </FactSection>
    );
  }
  // Numbered as everywhere on the page; one of which nothing could be read comes last.
  const rank = ({ window_id }: LedgerWindow) =>
    windowIds.includes(window_id) ? windowIds.indexOf(window_id) : windowIds.length;
  const windows = ledger.windows.toSorted((a, b) => rank(a) - rank(b));
  return (
    <FactSection title="Completeness">
      <Fact name="Batches">{completenessInWords(ledger)}</Fact>
      {ledger.complete !== true && (
        <Fact name={ledger.complete === null ? "Why" : "Why incomplete"}>{completenessReason(ledger)}</Fact>
      )}
      {windows.map((window, i) => (
        <Fact key={window.window_id} name={windows.length > 1 ? `Tab ${i + 1}` : "Ledger"}>
          {windowInWords(window)}
        </Fact>
      ))}
    </FactSection>
  );
}

function windowInWords(window: LedgerWindow): string {
  const { received, missing, dropped, rejected } = countedWindow(window);
  const facts = [
    `${wholeNumber(received)} loaded`,
    missing > 0 && `${wholeNumber(missing)} missing`,
    dropped > 0 && `${wholeNumber(dropped)} given up by the recorder`,
    rejected > 0 && `${wholeNumber(rejected)} could not be read`,
    window.duplicates > 0 && `${wholeNumber(window.duplicates)} sent again and kept once`,
    window.spooled > 0 && `${wholeNumber(window.spooled)} by way of the edge's spool`,
    window.end ? "end seen" : "end not seen",
  ];
  return facts.filter(Boolean).join(", ");
}

function countryName(code: string): string | undefined {
  try {
    return new Intl.DisplayNames("en", { type: "region" }).of(code);
  } catch {
    return undefined;
  }
}
