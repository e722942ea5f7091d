import { Button, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";
import type { FetcherWithComponents } from "react-router";
import type { Outcome } from "../outcome.ts";
import styles from "./name-form.module.css";

/** The API's (core/api/routes/collections.ts). */
export const COLLECTION_NAME_MAX = 200;

interface NameFormProps {
  /** What it is made by. */
  fetcher: FetcherWithComponents<Pick<Outcome, "done" | "error"> | undefined>;
  /** The page's own, where it is left out. */
  action?: string;
  /** What goes along with the name. */
  fields: Record<string, string>;
  label: string;
  placeholder: string;
  /** On its button. */
  submit: string;
  maxLength: number;
}

/** Makes something by its name: empty again once that is done, and says at the name why it was not. */
export function NameForm({ fetcher, action, fields, label, placeholder, submit, maxLength }: NameFormProps) {
  const [name, setName] = useState("");
  const isDone = fetcher.state === "idle" && Boolean(fetcher.data?.done);
  useEffect(() => {
    if (isDone) setName("");
  }, [isDone]);
  return (
    <fetcher.Form method="post" action={action} className={styles.form}>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <TextInput
        name="name"
        size="xs"
        className={styles.name}
        placeholder={placeholder}
        aria-label={label}
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        maxLength={maxLength}
        required
        error={fetcher.data?.error}
        autoComplete="off"
      />
      <Button type="submit" size="xs" loading={fetcher.state !== "idle"}>
        {submit}
      </Button>
    </fetcher.Form>
  );
}
