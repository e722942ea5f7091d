import { Menu } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { Link } from "react-router";
import styles from "./project-switcher.module.css";

interface ProjectSwitcherProps {
  projects: { id: number; name: string }[];
  projectId: number;
}

/** The project's name; a menu where there is more than one to go to. */
export function ProjectSwitcher({ projects, projectId }: ProjectSwitcherProps) {
  const current = projects.find(({ id }) => id === projectId)?.name ?? "rrHog";
  if (projects.length < 2) return <span className={styles.name}>{current}</span>;
  return (
    <Menu position="bottom-start" width={220}>
      <Menu.Target>
        <button type="button" className={styles.button} aria-label={`Project: ${current}. Choose another`}>
          <span className={styles.name}>{current}</span>
          <IconSelector size={14} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {projects.map(({ id, name }) => (
          <Menu.Item key={id} component={Link} to={`/projects/${id}/sessions`} aria-current={id === projectId}>
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
