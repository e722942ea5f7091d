import { Badge, Text } from "@mantine/core";
import { data } from "react-router";
import { z } from "zod";
import { answer, apiClient } from "../api.server.ts";
import { change } from "../change.server.ts";
import { Moment } from "../format/viewer.tsx";
import { incomplete, outcome, refused } from "../outcome.ts";
import { AskFirst } from "../settings/ask-first.tsx";
import { NewKey, RotateKey } from "../settings/make-key.tsx";
import { Section } from "../settings/section.tsx";
import { Below, type Column, Table } from "../settings/table.tsx";
import type { Route } from "./+types/settings-keys";

export const meta: Route.MetaFunction = () => [{ title: "Keys · Settings · rrHog" }];

export async function loader(args: Route.LoaderArgs) {
  const { keys } = apiClient(args).v1.projects[":project_id"];
  return { ...(await answer(keys.$get({ param: { project_id: args.params.projectId } }), args)), now: Date.now() };
}

type Key = Awaited<ReturnType<typeof loader>>["keys"][number];

const Asked = z.discriminatedUnion("intent", [
  z.object({ intent: z.literal("create"), kind: z.enum(["write", "read"]), name: z.string() }),
  z.object({ intent: z.literal("rotate"), key_id: z.string(), grace_s: z.coerce.number() }),
  z.object({ intent: z.literal("revoke"), key_id: z.string() }),
]);

/** Makes, replaces or ends a key. One that was made is in the answer, and nowhere else again. */
export async function action(args: Route.ActionArgs) {
  const asked = Asked.safeParse(Object.fromEntries(await args.request.formData()));
  if (!asked.success) return incomplete();
  const { keys } = apiClient(args).v1.projects[":project_id"];
  const param = { project_id: args.params.projectId };
  if (asked.data.intent === "revoke") {
    const one = keys[":key_id"];
    return outcome(await change(one.$delete({ param: { ...param, key_id: asked.data.key_id } }), args), "Key revoked");
  }
  const made =
    asked.data.intent === "create"
      ? await change(keys.$post({ param, json: { kind: asked.data.kind, name: asked.data.name } }), args)
      : await change(
          keys[":key_id"].rotate.$post({
            param: { ...param, key_id: asked.data.key_id },
            json: { grace_s: asked.data.grace_s },
          }),
          args,
        );
  return made.ok ? data({ made: made.body, done: null, error: null }) : refused(made.error, made.status);
}

export default function Keys({ loaderData }: Route.ComponentProps) {
  const { keys, now } = loaderData;
  const isOver = (key: Key) => key.revoked_at !== null && Date.parse(key.revoked_at) <= now;
  return (
    <Section
      title="Keys"
      about="A write key stands in your pages: it is public, records, and reads nothing. A read key reads all of the project: keep it secret."
    >
      <NewKey />
      <Table
        columns={COLUMNS}
        rows={keys}
        keyOf={({ id }) => id}
        nothing="There is no key yet: nothing can be recorded before there is a write key."
        isOver={isOver}
        actions={(key) => (isOver(key) ? <Ended at={key.revoked_at} /> : <KeyActions of={key} />)}
      />
    </Section>
  );
}

const COLUMNS: Column<Key>[] = [
  {
    title: "Key",
    cell: ({ name, prefix }) => (
      <>
        {name || "Without a name"}
        <Below>
          <code>{prefix}…</code>
        </Below>
      </>
    ),
  },
  {
    title: "Kind",
    cell: ({ kind }) => (
      <Badge variant="default" size="sm" tt="none">
        {kind}
      </Badge>
    ),
  },
  {
    title: "Made",
    isMinor: true,
    cell: ({ created_at, created_by }) => (
      <>
        <Moment at={created_at} />
        {created_by && <Below>{created_by}</Below>}
      </>
    ),
  },
  {
    title: "Last used",
    isMinor: true,
    cell: ({ last_used_at }) => (last_used_at ? <Moment at={last_used_at} /> : "Never"),
  },
];

function Ended({ at }: { at: string | null }) {
  return at && <span>Revoked {<Moment at={at} />}</span>;
}

function KeyActions({ of: key }: { of: Key }) {
  const name = key.name || key.prefix;
  return (
    <>
      {key.revoked_at === null ? (
        <RotateKey keyId={key.id} name={name} />
      ) : (
        <Text span inherit c="var(--rr-warn)">
          Ends <Moment at={key.revoked_at} />
        </Text>
      )}
      <AskFirst
        label="Revoke"
        of={name}
        title={`Revoke ${name}?`}
        confirm="Revoke this key"
        fields={{ intent: "revoke", key_id: key.id }}
      >
        {key.kind === "write"
          ? "Pages that carry it record nothing within half a minute. That cannot be taken back."
          : "Programs that use it read nothing from now on. That cannot be taken back."}
      </AskFirst>
    </>
  );
}
