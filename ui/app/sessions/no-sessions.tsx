import { Button, Skeleton } from "@mantine/core";
import { IconFilterOff, IconHourglass, IconPlugConnected } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import { Notice } from "../components/notice.tsx";
import { Moment } from "../format/viewer.tsx";
import { LONGEST, type Period, withPeriod } from "../period.ts";
import { type FilterChip, spanInWords, spanOf } from "./filters.ts";

/** Few lists are of a project without a session. */
const Install = lazy(() => import("../install/install.tsx"));

interface NoSessionsProps {
  /** When the project's newest session began; null where there is none at all. */
  newest: string | null;
  period: Period;
  chips: FilterChip[];
  search: URLSearchParams;
  /** In the demo project. */
  shopUrl: string | null;
}

/** Why the list is empty, and the next step: record something, look further back, or drop a filter. */
export function NoSessions({ newest, period, chips, search, shopUrl }: NoSessionsProps) {
  if (newest === null) return <NothingRecorded shopUrl={shopUrl} />;
  const lookBack = spanOf(search) === "period" && period.id !== LONGEST.id && (
    <Button component={Link} to={withPeriod(search, LONGEST.id)} variant="default">
      Look at {LONGEST.words}
    </Button>
  );
  if (chips.length > 0) {
    return (
      <Notice
        title="No session matches"
        icon={<IconFilterOff size={20} />}
        actions={
          <>
            {chips.map(({ words, without }) => (
              <Button key={words} component={Link} to={without} variant="default">
                Without “{words}”
              </Button>
            ))}
            {lookBack}
          </>
        }
      >
        None in {spanInWords(search)} {chips.length > 1 ? "has all of these" : "has this"}.
      </Notice>
    );
  }
  return (
    <Notice title={`No session in ${period.words}`} icon={<IconHourglass size={20} />} actions={lookBack}>
      The newest began <Moment at={newest} />.
    </Notice>
  );
}

function NothingRecorded({ shopUrl }: { shopUrl: string | null }) {
  return (
    <Notice
      title="Nothing has been recorded yet"
      icon={<IconPlugConnected size={20} />}
      actions={
        shopUrl && (
          <Button component="a" href={shopUrl} target="_blank" rel="noreferrer">
            Open the demo shop and be recorded
          </Button>
        )
      }
    >
      <p>The first session is here seconds after someone opens a page that has the snippet.</p>
      <Suspense fallback={<Skeleton height={480} />}>
        <Install />
      </Suspense>
    </Notice>
  );
}
