/** A form that changes settings; who may not change them sees them, and cannot type. */
import { Button } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useFetcher } from "react-router";
import { Refused } from "../components/refused.tsx";
import type { Outcome } from "../outcome.ts";
import { mayManage } from "../roles.ts";
import { useFrame } from "../routes/project.tsx";
import styles from "./form.module.css";
import { useSay } from "./said.tsx";

interface SettingsFormProps {
  /** Which of the page's forms it is, for the action. */
  intent: string;
  children: ReactNode;
}

export function SettingsForm({ intent, children }: SettingsFormProps) {
  const { role } = useFrame();
  const { Form, data, state } = useFetcher<Outcome>();
  useSaid(data);
  return (
    <Form method="post" className={styles.form}>
      <input type="hidden" name="intent" value={intent} />
      <fieldset className={styles.fields} disabled={!mayManage(role)}>
        {children}
        <Refused error={data?.error} />
        {mayManage(role) && (
          <div>
            <Button type="submit" loading={state !== "idle"}>
              Save
            </Button>
          </div>
        )}
      </fieldset>
    </Form>
  );
}

/** Says what was done once it is, and goes on to `then`. */
export function useSaid(told: Outcome | undefined, then?: () => void): void {
  const say = useSay();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer is told once, whatever `then` is by now
  useEffect(() => {
    if (!told?.done) return;
    say(told.done);
    then?.();
  }, [told, say]);
}
