/** To the sessions before and after this one in the list that one came from. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useEffect, useMemo } from "react";
import { Link, useFetcher, useNavigate } from "react-router";
import { usePageKeys } from "../frame/use-page-keys.ts";
import type { loader } from "../routes/session-neighbours.ts";
import { inList } from "../sessions/in-list.ts";
import styles from "./neighbours.module.css";

interface NeighboursProps {
  projectId: number;
  sessionId: string;
  list: URLSearchParams;
}

export function Neighbours({ projectId, sessionId, list }: NeighboursProps) {
  const { data, load } = useFetcher<typeof loader>();
  const navigate = useNavigate();
  const search = String(list);
  const sessions = `/projects/${projectId}/sessions`;
  useEffect(() => {
    void load(inList(`${sessions}/${sessionId}/neighbours`, search));
  }, [load, sessions, sessionId, search]);
  const [previous, next] = [data?.previous, data?.next].map((id) => id && inList(`${sessions}/${id}`, search));
  const moves = useMemo(() => {
    const to = (path: string | null | undefined) => () => {
      if (path) void navigate(path);
    };
    return new Map([
      ["[", to(previous)],
      ["]", to(next)],
    ]);
  }, [navigate, previous, next]);
  usePageKeys(moves);
  return (
    <nav className={styles.neighbours} aria-label="The list that you came from">
      <Step label="Previous session" to={previous} icon={<IconChevronUp size={18} />} />
      <Step label="Next session" to={next} icon={<IconChevronDown size={18} />} />
    </nav>
  );
}

/** At the list's ends it stays in its place, and leads nowhere. */
function Step({ label, to, icon }: { label: string; to: string | null | undefined; icon: React.ReactNode }) {
  const look = { variant: "subtle", color: "gray", size: "lg", "aria-label": label } as const;
  if (!to) {
    return (
      <ActionIcon {...look} disabled>
        {icon}
      </ActionIcon>
    );
  }
  return (
    <Tooltip label={label}>
      <ActionIcon {...look} component={Link} to={to}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
