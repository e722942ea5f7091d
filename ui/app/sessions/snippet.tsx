/** What goes into the head of one's pages; with a key where there is one to show, or is made on the spot. */
import { Button } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useFetcher } from "react-router";
import { CopyableCode } from "../components/copyable.tsx";
import { Refused } from "../components/refused.tsx";
import { mayManage } from "../roles.ts";
import { useFrame } from "../routes/project.tsx";
import type { action } from "../routes/settings-keys.tsx";

/** Of which a key itself can be shown: the one of the demo project is no secret. */
export function Snippet({ edgeUrl, demoKey }: { edgeUrl: string; demoKey: string | null }) {
  const { projectId, role } = useFrame();
  const { Form, data: told, state } = useFetcher<typeof action>();
  const key = demoKey ?? told?.made?.key ?? null;
  return (
    <>
      <CopyableCode
        code={`<script async src="${edgeUrl}/rrhog.js" data-key="${key ?? "YOUR_WRITE_KEY"}"></script>`}
        label="Copy the snippet"
      />
      {key === null && mayManage(role) && (
        <Form method="post" action={`/projects/${projectId}/settings/keys`}>
          <input type="hidden" name="intent" value="create" />
          <input type="hidden" name="kind" value="write" />
          <input type="hidden" name="name" value="Site" />
          <Refused error={told?.error} />
          <Button type="submit" leftSection={<IconKey size={16} />} loading={state !== "idle"}>
            Make a write key for it
          </Button>
        </Form>
      )}
    </>
  );
}
