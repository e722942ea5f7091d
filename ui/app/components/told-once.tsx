import { Button, Stack, TextInput } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";

/** A secret that nobody can be told again: to be copied now. */
export function ToldOnce({ label, value }: { label: string; value: string }) {
  const { copied, copy } = useClipboard();
  return (
    <Stack>
      <TextInput
        label={label}
        value={value}
        readOnly
        data-told-once
        onFocus={({ currentTarget }) => currentTarget.select()}
      />
      <Button
        leftSection={copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
        onClick={() => copy(value)}
        data-autofocus
      >
        {copied ? "Copied" : "Copy it"}
      </Button>
    </Stack>
  );
}
