import { Button } from "@mantine/core";
import { IconChartArea } from "@tabler/icons-react";
import { Link } from "react-router";
import { Notice } from "../components/notice.tsx";
import { LONGEST, type Period, withPeriod } from "../period.ts";

interface NothingCountedProps {
  period: Period;
  search: URLSearchParams;
  projectId: number;
}

/** No page view and no session in the period: look further back, or see how to record the first. */
export function NothingCounted({ period, search, projectId }: NothingCountedProps) {
  return (
    <Notice
      title={`Nothing to count in ${period.words}`}
      icon={<IconChartArea size={20} />}
      actions={
        period.id === LONGEST.id ? (
          <Button component={Link} to={`/projects/${projectId}/sessions?period=${LONGEST.id}`}>
            How to record the first session
          </Button>
        ) : (
          <Button component={Link} to={withPeriod(search, LONGEST.id)} variant="default">
            Look at {LONGEST.words}
          </Button>
        )
      }
    >
      Page views are counted from recordings by themselves: there is nothing to set up.
    </Notice>
  );
}
