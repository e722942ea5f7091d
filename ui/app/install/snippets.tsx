/** The snippet in each form, with a key where there is one to show, or is made on the spot. */
import { Button, Tabs } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useFetcher } from "react-router";
import { CopyableCode } from "../components/copyable.tsx";
import { Refused } from "../components/refused.tsx";
import { mayManage } from "../roles.ts";
import { useFrame } from "../routes/project.tsx";
import type { action } from "../routes/settings-keys.tsx";
import styles from "./install.module.css";
import { policyFor, snippetsFor } from "./snippets.ts";

const NO_KEY = "YOUR_WRITE_KEY";

export function Snippets() {
  const { projectId, role, edgeUrl, demo } = useFrame();
  const { Form, data: told, state } = useFetcher<typeof action>();
  // Of the demo project the key itself can be shown: it is no secret.
  const key = demo?.writeKey ?? told?.made?.key ?? null;
  const snippets = snippetsFor(edgeUrl, key ?? NO_KEY);
  return (
    <>
      <Tabs defaultValue={snippets[0]?.id ?? null}>
        <Tabs.List>
          {snippets.map(({ id, label }) => (
            <Tabs.Tab key={id} value={id}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {snippets.map(({ id, label, where, code }) => (
          <Tabs.Panel key={id} value={id} pt="sm">
            <p>{where}</p>
            <CopyableCode code={code} label={`Copy the snippet for ${label}`} />
          </Tabs.Panel>
        ))}
      </Tabs>
      {key === null && mayManage(role) && (
        <Form method="post" action={`/projects/${projectId}/settings/keys`} className={styles.make}>
          <input type="hidden" name="intent" value="create" />
          <input type="hidden" name="kind" value="write" />
          <input type="hidden" name="name" value="Site" />
          <Refused error={told?.error} />
          <Button type="submit" leftSection={<IconKey size={16} />} loading={state !== "idle"}>
            Make a write key for it
          </Button>
        </Form>
      )}
      <p>
        {demo
          ? "The key is the one for development; it works on this machine only."
          : "A write key is public: it can record, and read nothing. It is shown this once; Settings → Keys makes others."}{" "}
        What people type is masked before it leaves their page.
      </p>
      <details className={styles.policy}>
        <summary>The site has a Content Security Policy</summary>
        <p>Then it has to allow this. Without worker-src the recorder compresses on the page's own thread.</p>
        <CopyableCode code={policyFor(edgeUrl)} label="Copy what the policy has to allow" />
      </details>
    </>
  );
}
