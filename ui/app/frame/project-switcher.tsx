import { Popover } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import styles from "./project-switcher.module.css";

interface ProjectSwitcherProps {
  projects: { id: number; name: string }[];
  projectId: number;
}

/** The project's name; where there is more than one to go to, it opens their list. */
export function ProjectSwitcher({ projects, projectId }: ProjectSwitcherProps) {
  const [opened, setOpened] = useState(false);
  const current = projects.find(({ id }) => id === projectId)?.name ?? "rrHog";
  if (projects.length < 2) return <span className={styles.name}>{current}</span>;
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" width={220} shadow="md" trapFocus>
      <Popover.Target>
        <button
          type="button"
          className={styles.button}
          aria-label={`Project: ${current}. Choose another`}
          onClick={() => setOpened(!opened)}
        >
          <span className={styles.name}>{current}</span>
          <IconSelector size={14} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown className={styles.dropdown} aria-label="Projects">
        {projects.map(({ id, name }) => (
          <Link
            key={id}
            to={`/projects/${id}/sessions`}
            className={styles.project}
            aria-current={id === projectId || undefined}
            onClick={() => setOpened(false)}
          >
            {name}
          </Link>
        ))}
      </Popover.Dropdown>
    </Popover>
  );
}
