/** A button whose deed cannot be undone: says what it will do, and does it when it is told so again. */
import { Button, Modal, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useFetcher } from "react-router";
import { Refused } from "../components/refused.tsx";
import type { Outcome } from "../outcome.ts";
import { useSaid } from "./settings-form.tsx";

interface AskFirstProps {
  /** On the button. */
  label: string;
  /** For those who listen, where several have the same label. */
  of?: string;
  title: string;
  /** On the button that does it. */
  confirm: string;
  fields: Record<string, string>;
  /** What will happen; may hold further fields. */
  children: ReactNode;
  /** It takes nothing away. */
  harmless?: boolean;
}

export function AskFirst({ label, of, title, harmless, ...asked }: AskFirstProps) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" size="xs" onClick={open} aria-label={of ? `${label} ${of}` : undefined}>
        {label}
      </Button>
      <Modal opened={opened} onClose={close} title={title}>
        <Question {...asked} harmless={harmless} onDone={close} />
      </Modal>
    </>
  );
}

type QuestionProps = Pick<AskFirstProps, "confirm" | "fields" | "children" | "harmless">;

function Question({ confirm, fields, children, harmless, onDone }: QuestionProps & { onDone: () => void }) {
  const { Form, data, state } = useFetcher<Outcome>();
  useSaid(data, onDone);
  return (
    <Form method="post">
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <Stack>
        <div>{children}</div>
        <Refused error={data?.error} />
        <Button type="submit" color={harmless ? undefined : "red.8"} loading={state !== "idle"}>
          {confirm}
        </Button>
      </Stack>
    </Form>
  );
}
