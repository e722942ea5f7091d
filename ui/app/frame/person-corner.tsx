/** Who is signed in, and what concerns them alone: colours, keys, signing out. */
import { ActionIcon, type MantineColorScheme, Tooltip, useMantineColorScheme } from "@mantine/core";
import { useMounted } from "@mantine/hooks";
import { IconDeviceDesktop, IconKeyboard, IconLogout2, IconMoon, IconSun } from "@tabler/icons-react";
import { Form } from "react-router";
import styles from "./person-corner.module.css";

interface PersonCornerProps {
  person: { email: string; name: string } | null;
  onHelp: () => void;
}

export function PersonCorner({ person, onHelp }: PersonCornerProps) {
  return (
    <div className={styles.corner}>
      {person && (
        <span className={styles.person} title={person.email}>
          {person.email}
        </span>
      )}
      <div className={styles.buttons}>
        <ColorSchemeButton />
        <Tooltip label="Keys of this page">
          <ActionIcon variant="subtle" color="gray" size="lg" onClick={onHelp} aria-label="Keys of this page">
            <IconKeyboard size={18} stroke={1.6} />
          </ActionIcon>
        </Tooltip>
        {person && (
          <Form method="post" action="/sign-out">
            <Tooltip label="Sign out">
              <ActionIcon type="submit" variant="subtle" color="gray" size="lg" aria-label="Sign out">
                <IconLogout2 size={18} stroke={1.6} />
              </ActionIcon>
            </Tooltip>
          </Form>
        )}
      </div>
    </div>
  );
}

const SCHEMES: Record<MantineColorScheme, { next: MantineColorScheme; label: string; icon: typeof IconSun }> = {
  auto: { next: "light", label: "Colours: as the system", icon: IconDeviceDesktop },
  light: { next: "dark", label: "Colours: light", icon: IconSun },
  dark: { next: "auto", label: "Colours: dark", icon: IconMoon },
};

function ColorSchemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  // The choice is kept in the browser, so the server cannot know it.
  const { next, label, icon: Icon } = SCHEMES[useMounted() ? colorScheme : "auto"];
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="lg" onClick={() => setColorScheme(next)} aria-label={label}>
        <Icon size={18} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}
