import { Alert } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";

/** Why a form was refused; nothing where it was not. */
export function Refused({ error, id }: { error: string | null | undefined; id?: string }) {
  if (!error) return null;
  return (
    <Alert
      bg="var(--rr-error-soft)"
      c="var(--rr-error)"
      icon={<IconAlertCircle size={18} color="var(--rr-error)" />}
      role="alert"
      id={id}
    >
      {error}
    </Alert>
  );
}
