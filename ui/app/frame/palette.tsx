import "@mantine/spotlight/styles.layer.css";
import { useMantineColorScheme } from "@mantine/core";
import { createSpotlight, Spotlight, type SpotlightActionData } from "@mantine/spotlight";
import {
  IconAlertCircle,
  IconBox,
  IconBroadcast,
  IconFolders,
  IconLayoutDashboard,
  IconLink,
  IconPlayerPlay,
  IconPlugConnected,
  IconSearch,
  IconSettings,
  IconSunMoon,
  IconUser,
  IconUsersGroup,
} from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { isUuid } from "../uuid.ts";

const [store, palette] = createSpotlight();

interface PaletteProps {
  opened: boolean;
  onClose: () => void;
  projectId: number;
  projects: { id: number; name: string }[];
}

export default function Palette({ opened, onClose, projectId, projects }: PaletteProps) {
  const [query, setQuery] = useState("");
  const navigate = useNavigate();
  const { toggleColorScheme } = useMantineColorScheme();

  useEffect(() => {
    if (opened) palette.open();
    else palette.close();
  }, [opened]);

  const go = (to: string) => () => void navigate(to);
  const home = `/projects/${projectId}`;
  const fixed: SpotlightActionData[] = [
    { id: "sessions", label: "Sessions", leftSection: <IconPlayerPlay size={18} />, onClick: go(`${home}/sessions`) },
    {
      id: "errors",
      label: "Sessions with errors",
      leftSection: <IconAlertCircle size={18} />,
      onClick: go(`${home}/sessions?errors=true`),
    },
    { id: "live", label: "Live now", leftSection: <IconBroadcast size={18} />, onClick: go(`${home}/live`) },
    { id: "people", label: "People", leftSection: <IconUsersGroup size={18} />, onClick: go(`${home}/people`) },
    {
      id: "collections",
      label: "Collections",
      leftSection: <IconFolders size={18} />,
      onClick: go(`${home}/collections`),
    },
    {
      id: "dashboard",
      label: "Dashboard",
      leftSection: <IconLayoutDashboard size={18} />,
      onClick: go(`${home}/dashboards`),
    },
    {
      id: "install",
      label: "Add your site",
      leftSection: <IconPlugConnected size={18} />,
      onClick: go(`${home}/install`),
    },
    { id: "settings", label: "Settings", leftSection: <IconSettings size={18} />, onClick: go(`${home}/settings`) },
    { id: "colours", label: "Light or dark", leftSection: <IconSunMoon size={18} />, onClick: toggleColorScheme },
    ...projects
      .filter(({ id }) => id !== projectId)
      .map(({ id, name }) => ({
        id: `project-${id}`,
        label: name,
        description: "Project",
        leftSection: <IconBox size={18} />,
        onClick: go(`/projects/${id}/sessions`),
      })),
  ];
  return (
    <Spotlight
      store={store}
      query={query}
      onQueryChange={setQuery}
      actions={[...typedActions(query.trim(), home, go), ...fixed]}
      filter={(text, actions) => actions.filter((action) => matches(action as SpotlightActionData, text))}
      onSpotlightClose={onClose}
      shortcut={null}
      overlayProps={{ backgroundOpacity: 0.4, blur: 0 }}
      nothingFound="Nothing by that name"
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: "A page, a person, a path or a session id",
        "aria-label": "Search and commands",
      }}
    />
  );
}

/** What the typed text itself may mean. */
function typedActions(text: string, home: string, go: (to: string) => () => void): SpotlightActionData[] {
  if (text === "") return [];
  if (isUuid(text)) {
    return [
      {
        id: "typed-session",
        label: `Open session ${text}`,
        leftSection: <IconPlayerPlay size={18} />,
        onClick: go(`${home}/sessions/${text.toLowerCase()}`),
      },
    ];
  }
  const asked = encodeURIComponent(text);
  const path: SpotlightActionData = {
    id: "typed-path",
    label: `Sessions that visited “${text}”`,
    leftSection: <IconLink size={18} />,
    onClick: go(`${home}/sessions?url=${asked}`),
  };
  const person: SpotlightActionData = {
    id: "typed-person",
    label: `Sessions of “${text}”`,
    leftSection: <IconUser size={18} />,
    onClick: go(`${home}/sessions?user=${asked}`),
  };
  return text.includes("/") ? [path] : [person, path];
}

/** Typed actions always stand; the others where their words hold the text. */
function matches({ id, label, description }: SpotlightActionData, text: string): boolean {
  if (id.startsWith("typed-")) return true;
  return `${label} ${description ?? ""}`.toLowerCase().includes(text.trim().toLowerCase());
}
