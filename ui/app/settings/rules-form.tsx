/** What is made unreadable before it is stored: the rules, and a text to try them on before they hold. */
import { ActionIcon, Button, Checkbox, Code, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { type MouseEvent, useState } from "react";
import { useFetcher } from "react-router";
import { Refused } from "../components/refused.tsx";
import { counted } from "../format/duration.ts";
import { mayManage } from "../roles.ts";
import { useFrame } from "../routes/project.tsx";
import type { action, loader } from "../routes/settings-privacy.tsx";
import formStyles from "./form.module.css";
import styles from "./rules-form.module.css";
import { SettingsForm } from "./settings-form.tsx";

type Rules = Awaited<ReturnType<typeof loader>>["redaction"];

const KINDS = [
  { name: "cards", label: "Card numbers", description: "13 to 19 digits with a right check digit" },
  { name: "emails", label: "E-mail addresses", description: "Also of the people who are recorded" },
  { name: "ibans", label: "IBANs", description: "With right check digits" },
  { name: "jwts", label: "JSON web tokens", description: "Sign-ins of your own site, in texts and addresses" },
  { name: "keys", label: "Secret keys", description: "As well-known services write them" },
] as const;

export function RulesForm({ rules }: { rules: Rules }) {
  return (
    <SettingsForm intent="rules">
      <div className={formStyles.pair}>
        {KINDS.map(({ name, ...said }) => (
          <Checkbox key={name} name={name} {...said} defaultChecked={rules[name]} />
        ))}
      </div>
      <OwnRules rules={rules.own} />
      <TryOut />
    </SettingsForm>
  );
}

function OwnRules({ rules }: { rules: Rules["own"] }) {
  const { role } = useFrame();
  const [rows, setRows] = useState(() => rules.map((rule, id) => ({ id, ...rule })));
  const add = () => setRows([...rows, { id: (rows.at(-1)?.id ?? 0) + 1, name: "", pattern: "" }]);
  return (
    <div className={styles.own}>
      <h3 className={styles.title}>Own expressions</h3>
      <p className={styles.about}>
        In RE2's syntax, without lookaround and backreferences: <Code>KD-\d{"{6}"}</Code>. Each needs a name of its own.
      </p>
      {rows.map(({ id, name, pattern }, index) => (
        <div key={id} className={styles.row}>
          <TextInput
            name="own_name"
            aria-label={`Name of expression ${index + 1}`}
            placeholder="Name"
            defaultValue={name}
          />
          <TextInput
            name="own_pattern"
            aria-label={`Expression ${index + 1}`}
            placeholder="Expression"
            className={formStyles.mono}
            defaultValue={pattern}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`Take expression ${index + 1} away`}
            onClick={() => setRows(rows.filter((row) => row.id !== id))}
          >
            <IconX size={16} />
          </ActionIcon>
        </div>
      ))}
      {mayManage(role) && (
        <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={add}>
          Add an expression
        </Button>
      )}
    </div>
  );
}

/** By the rules as they stand in the form, saved or not. Nothing of the text is kept. */
function TryOut() {
  const { role } = useFrame();
  const { data: told, state, submit } = useFetcher<typeof action>();
  if (!mayManage(role)) return null;
  const onTry = ({ currentTarget }: MouseEvent<HTMLButtonElement>) => {
    if (!currentTarget.form) return;
    const form = new FormData(currentTarget.form);
    form.set("intent", "try");
    void submit(form, { method: "post" });
  };
  return (
    <div className={styles.own}>
      <Textarea
        name="text"
        label="Try them on a text"
        description="By what is set above, before it is saved. Nothing of it is kept"
        autosize
        minRows={2}
        maxLength={10_000}
      />
      <Refused error={told?.error} />
      {told?.made && (
        <output className={styles.tried}>
          <Code block>{told.made.text}</Code>
          <span>{foundInWords(told.made.found)}</span>
        </output>
      )}
      <div>
        <Button variant="default" size="xs" loading={state !== "idle"} onClick={onTry}>
          Try
        </Button>
      </div>
    </div>
  );
}

function foundInWords(found: { rule: string; name?: string | undefined }[]): string {
  if (found.length === 0) return "Nothing was found in it.";
  const counts = Map.groupBy(found, ({ rule, name }) => name ?? rule);
  return `Found: ${[...counts].map(([name, all]) => `${name} (${counted(all.length, "time")})`).join(", ")}.`;
}
