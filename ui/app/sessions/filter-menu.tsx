/** "+ Filter": a kind, then its value, both by typing a few letters. Values come with how many sessions have them. */
import { Combobox, useCombobox } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useFetcher, useNavigate } from "react-router";
import { wholeNumber } from "../format/duration.ts";
import type { loader as collectionsLoader } from "../routes/collections.tsx";
import { useFrame } from "../routes/project.tsx";
import type { loader as facetsLoader } from "../routes/sessions-facets.ts";
import { AddFilterButton } from "./add-filter.tsx";
import type { FilterKind } from "./filter-kind.ts";
import { KINDS, kindNamed } from "./filter-kinds.ts";
import styles from "./filter-menu.module.css";
import { filtersOf, withFilter } from "./filters.ts";

/** Kinds that a text without a kind may be meant for. */
const GUESSES = ["url", "user", "seen"].map(kindNamed).filter((kind) => kind !== undefined);

interface Option {
  key: string;
  label: string;
  group?: string;
  sessions?: number;
  kind: FilterKind;
  /** Without it the option leads to the kind's values. */
  value?: string;
}

interface FilterMenuProps {
  search: URLSearchParams;
  /** It opens whenever this grows, and at first. */
  asked: number;
}

export default function FilterMenu({ search, asked }: FilterMenuProps) {
  const [kind, setKind] = useState<FilterKind | null>(null);
  const [typed, setTyped] = useState("");
  const navigate = useNavigate();
  const button = useRef<HTMLButtonElement>(null);
  const combobox = useCombobox({
    onDropdownOpen: () => combobox.focusSearchInput(),
    onDropdownClose: () => {
      setKind(null);
      setTyped("");
      button.current?.focus();
    },
  });
  const { openDropdown, closeDropdown, selectFirstOption, dropdownOpened } = combobox;
  const suggestions = useSuggestions(kind, search);
  const options = kind ? valuesOf(kind, typed.trim(), suggestions) : kindsFor(typed.trim(), search);

  // biome-ignore lint/correctness/useExhaustiveDependencies: see `asked`
  useEffect(() => openDropdown(), [asked]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever the options are others, the first is meant
  useEffect(() => {
    if (dropdownOpened) selectFirstOption();
  }, [dropdownOpened, kind, typed, options.length]);

  const choose = (key: string) => {
    const option = options.find((each) => each.key === key);
    if (!option) return;
    setTyped("");
    if (option.value === undefined) return setKind(option.kind);
    closeDropdown();
    void navigate(withFilter(search, { kind: option.kind, value: option.value }));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === "Backspace" && typed === "") setKind(null);
  };

  return (
    <Combobox store={combobox} onOptionSubmit={choose} width={290} position="bottom-start" withinPortal>
      <Combobox.Target targetType="button" withKeyboardNavigation={false}>
        <AddFilterButton ref={button} onClick={() => combobox.toggleDropdown()} />
      </Combobox.Target>
      <Combobox.Dropdown className={styles.dropdown}>
        <Combobox.Search
          value={typed}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          onKeyDown={onKeyDown}
          placeholder={kind ? kind.hint : "Filter by …"}
          aria-label={kind ? kind.label : "Kind of filter"}
          leftSection={kind && <span className={styles.kind}>{kind.label}</span>}
          leftSectionWidth={kind ? `${Math.min(14, kind.label.length * 0.46 + 1.25)}rem` : undefined}
          maxLength={512}
        />
        <Combobox.Options className={styles.options} aria-label={kind ? kind.label : "Kinds of filters"} tabIndex={0}>
          {options.length === 0 && <Combobox.Empty>{emptyWords(kind, typed.trim())}</Combobox.Empty>}
          {grouped(options).map(([group, members]) =>
            group === "" ? (
              members.map((option) => <OneOption key={option.key} option={option} />)
            ) : (
              <Combobox.Group key={group} label={group}>
                {members.map((option) => (
                  <OneOption key={option.key} option={option} />
                ))}
              </Combobox.Group>
            ),
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

function OneOption({ option: { key, label, sessions } }: { option: Option }) {
  return (
    <Combobox.Option value={key} className={styles.option}>
      <span className={styles.label}>{label}</span>
      {sessions !== undefined && <span className={styles.sessions}>{wholeNumber(sessions)}</span>}
    </Combobox.Option>
  );
}

function kindsFor(typed: string, search: URLSearchParams): Option[] {
  const names = new Set(filtersOf(search).map(({ kind }) => kind.name));
  const usable = KINDS.filter(({ needs }) => !needs || names.has(needs));
  const found = usable.filter(({ label, group }) => `${label} ${group}`.toLowerCase().includes(typed.toLowerCase()));
  const kinds = found.map((kind) => ({ key: kind.name, label: kind.label, group: kind.group, kind }));
  if (typed === "") return kinds;
  const guesses = GUESSES.flatMap((kind) => {
    const value = kind.accepts(typed);
    return value ? [{ key: `guess ${kind.name}`, label: kind.words(value), group: "Contains", kind, value }] : [];
  });
  return [...kinds, ...guesses];
}

interface Suggestion {
  value: string;
  label: string;
  sessions?: number;
}

function valuesOf(kind: FilterKind, typed: string, suggestions: readonly Suggestion[]): Option[] {
  const found = suggestions.filter(({ label }) => label.toLowerCase().includes(typed.toLowerCase()));
  const options: Option[] = found.map((each) => ({ ...each, key: `value ${each.value}`, kind }));
  const own = kind.closed ? null : kind.reads ? kind.reads(typed) : kind.accepts(typed);
  if (own && !found.some(({ value }) => value === own)) {
    options.push({ key: "typed", label: kind.words(own), kind, value: own });
  }
  return options;
}

/** What the kind has to choose from, and what the list's sessions have of it. */
function useSuggestions(kind: FilterKind | null, search: URLSearchParams): Suggestion[] {
  const { projectId } = useFrame();
  const facets = useFetcher<typeof facetsLoader>();
  const collections = useFetcher<typeof collectionsLoader>();
  const loadFacets = facets.load;
  const loadCollections = collections.load;
  const wantsFacets = kind?.facet !== undefined;
  const wantsCollections = kind?.name === "collection";
  const asked = `${search}`;
  useEffect(() => {
    if (wantsFacets) void loadFacets(`/projects/${projectId}/sessions/facets?${asked}`);
  }, [wantsFacets, loadFacets, projectId, asked]);
  useEffect(() => {
    if (wantsCollections) void loadCollections(`/projects/${projectId}/collections`);
  }, [wantsCollections, loadCollections, projectId]);

  if (!kind) return [];
  if (wantsCollections) {
    const listed = collections.data?.collections ?? [];
    return listed.map(({ collection_id, name, session_count }) => ({
      value: collection_id,
      label: name,
      sessions: session_count,
    }));
  }
  if (!kind.facet) return [...(kind.choices ?? [])];
  return (facets.data?.facets[kind.facet] ?? []).map(({ value, sessions }) => ({ value, label: value, sessions }));
}

function grouped(options: readonly Option[]): [string, Option[]][] {
  return [...Map.groupBy(options, ({ group }) => group ?? "")];
}

function emptyWords(kind: FilterKind | null, typed: string): string {
  if (!kind) return "No filter by that name";
  if (kind.closed) return "Nothing to choose from";
  return typed === "" ? "Type a value" : `Not a value: ${kind.hint}`;
}
