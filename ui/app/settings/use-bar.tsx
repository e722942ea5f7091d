import { Progress } from "@mantine/core";
import styles from "./use-bar.module.css";

/** From here on the API warns (core/api/routes/usage.ts). */
const NEAR = 0.8;

interface UseBarProps {
  label: string;
  used: number | null;
  quota: number | null;
  /** How an amount is written. */
  write: (amount: number) => string;
}

/** How much of a quota is used. */
export function UseBar({ label, used, quota, write }: UseBarProps) {
  const part = used === null || quota === null ? null : quota === 0 ? 1 : used / quota;
  const words =
    used === null
      ? "not counted yet"
      : quota === null
        ? `${write(used)}, no quota`
        : `${write(used)} of ${write(quota)}`;
  return (
    <div className={styles.use}>
      <div className={styles.head}>
        <span>{label}</span>
        <span className={styles.words}>
          {words}
          {part !== null && ` · ${Math.round(part * 100)} %`}
        </span>
      </div>
      <Progress
        value={Math.min(100, (part ?? 0) * 100)}
        color={part === null || part < NEAR ? "iris" : part < 1 ? "yellow" : "red"}
        aria-label={`${label}: ${words}`}
      />
    </div>
  );
}
