import { Button, Popover, Skeleton } from "@mantine/core";
import { IconBookmark } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import styles from "./saved-menu.module.css";

// Fetched when it is first opened.
const Saved = lazy(() => import("./saved.tsx"));

/** What was saved of filters and sessions. */
export function SavedMenu({ search }: { search: URLSearchParams }) {
  const [opened, setOpened] = useState(false);
  const close = () => setOpened(false);
  return (
    <Popover opened={opened} onChange={setOpened} width={320} position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          variant="subtle"
          color="gray"
          className={styles.button}
          leftSection={<IconBookmark size={14} aria-hidden="true" />}
          onClick={() => setOpened(!opened)}
        >
          Saved
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={styles.dropdown} aria-label="Saved segments and collections">
        {opened && (
          <Suspense fallback={<Skeleton height={120} />}>
            <Saved search={search} close={close} />
          </Suspense>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
