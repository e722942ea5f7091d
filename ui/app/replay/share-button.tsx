import { Button, Checkbox, Group, Modal, NumberInput, Radio, Select, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconShare } from "@tabler/icons-react";
import { useState } from "react";
import { useFetcher, useLocation } from "react-router";
import { Refused } from "../components/refused.tsx";
import { ToldOnce } from "../components/told-once.tsx";
import { clock } from "../format/duration.ts";
import type { action } from "../routes/session-shares.ts";
import { HeaderButton } from "./header-button.tsx";
import { OpenShares } from "./open-shares.tsx";
import type { SessionPlayer } from "./player.ts";

const HOUR_S = 3_600;
const EXPIRIES = [
  { value: String(HOUR_S), label: "1 hour" },
  { value: String(24 * HOUR_S), label: "1 day" },
  { value: String(7 * 24 * HOUR_S), label: "7 days" },
  { value: String(30 * 24 * HOUR_S), label: "30 days" },
];

interface ShareProps {
  player: SessionPlayer | null;
  durationMs: number;
}

/** Makes links that open this session, or a part of it, to people without an account, and revokes them. */
export function ShareButton({ player, durationMs }: ShareProps) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <HeaderButton icon={<IconShare size={14} />} words="Share" onClick={open} disabled={!player} />
      <Modal opened={opened} onClose={close} title="Share this session">
        <ShareForm player={player} durationMs={durationMs} />
        <OpenShares />
      </Modal>
    </>
  );
}

function ShareForm({ player, durationMs }: ShareProps) {
  const { pathname } = useLocation();
  const fetcher = useFetcher<typeof action>();
  const [span, setSpan] = useState("whole");
  const endS = Math.ceil(durationMs / 1_000);
  const [fromS] = useState(Math.floor((player?.timeMs ?? 0) / 1_000));
  if (fetcher.data?.path) {
    const link = `${window.location.origin}${fetcher.data.path}`;
    return <ToldOnce label="Whoever has this link sees it. It is shown this once." value={link} />;
  }
  return (
    <fetcher.Form method="post" action={`${pathname}/shares`}>
      <input type="hidden" name="intent" value="make" />
      <Stack>
        <Refused error={fetcher.data?.error} />
        <Radio.Group name="span" label="What it shows" value={span} onChange={setSpan}>
          <Group mt="xs">
            <Radio value="whole" label={`The whole session (${clock(durationMs)})`} />
            <Radio value="part" label="A part of it" />
          </Group>
        </Radio.Group>
        {span === "part" && (
          <Group grow>
            <NumberInput name="from_s" label="From second" defaultValue={fromS} min={0} max={endS} />
            <NumberInput name="to_s" label="To second" defaultValue={endS} min={0} max={endS} />
          </Group>
        )}
        <Select
          name="expires_in_s"
          label="Opens for"
          data={EXPIRIES}
          defaultValue={EXPIRIES[2]?.value ?? null}
          allowDeselect={false}
        />
        <Checkbox name="shows_person" label="Tell who was recorded (id, address, country)" />
        <Button type="submit" loading={fetcher.state !== "idle"}>
          Make a link
        </Button>
      </Stack>
    </fetcher.Form>
  );
}
