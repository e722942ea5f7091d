/** Above every page of a project that has used most of a monthly quota: recording will end, or has. */
import { Alert, Progress } from "@mantine/core";
import { IconGauge } from "@tabler/icons-react";
import { quotaInWords, type Usage } from "./quota.ts";
import styles from "./quota-notice.module.css";

export default function QuotaNotice({ usage }: { usage: Usage }) {
  const words = quotaInWords(usage);
  if (!words) return null;
  const color = usage.warning === "used_up" ? "red" : "yellow";
  return (
    <Alert
      classNames={{ root: styles.notice, title: styles.title }}
      color={color}
      title={words.title}
      icon={<IconGauge size={18} aria-hidden="true" />}
    >
      {words.body}
      {words.bars.map(({ label, part }) => (
        <div key={label} className={styles.bar}>
          <span>{label}</span>
          <Progress value={Math.min(100, part * 100)} color={color} aria-label={label} />
        </div>
      ))}
    </Alert>
  );
}
