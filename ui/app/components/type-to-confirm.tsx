import { Button, Stack, TextInput } from "@mantine/core";
import { useState } from "react";

interface TypeToConfirmProps {
  /** What is to be typed. */
  name: string;
  /** On the button that does it. */
  confirm: string;
  isBusy: boolean;
  /** The keyboard that a phone shows. */
  inputMode?: "numeric";
}

/** The end of a form whose deed nobody can undo: it is done once its object's name is typed. */
export function TypeToConfirm({ name, confirm, isBusy, inputMode }: TypeToConfirmProps) {
  const [typed, setTyped] = useState("");
  return (
    <Stack>
      <TextInput
        label={`Type ${name} to confirm`}
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        inputMode={inputMode}
        autoComplete="off"
        data-autofocus
      />
      <Button type="submit" color="red.8" disabled={typed.trim() !== name.trim()} loading={isBusy}>
        {confirm}
      </Button>
    </Stack>
  );
}
