/** The filters in force as chips, and a panel to change them. A plain form: it works before scripts do. */
import { Button, Checkbox, NativeSelect, TextInput } from "@mantine/core";
import { IconFilter, IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { Form, Link, useNavigation } from "react-router";
import styles from "./filter-bar.module.css";
import { BROWSERS, chipsOf, DURATIONS, type Filters, filtersOf } from "./filters.ts";

export function FilterBar({ search }: { search: URLSearchParams }) {
  const chips = chipsOf(search);
  const panel = useClosingPanel();
  return (
    <div className={styles.bar}>
      {chips.map(({ name, words, without }) => (
        <Link key={name} to={without} className={styles.chip} aria-label={`Remove the filter: ${words}`}>
          {words}
          <IconX size={13} aria-hidden="true" />
        </Link>
      ))}
      <details className={styles.details} ref={panel}>
        <summary className={styles.summary}>
          <IconFilter size={15} stroke={1.7} aria-hidden="true" />
          Filter
        </summary>
        <FilterForm key={`${search}`} filters={filtersOf(search)} period={search.get("period")} />
      </details>
    </div>
  );
}

function FilterForm({ filters, period }: { filters: Filters; period: string | null }) {
  return (
    <Form method="get" className={styles.panel} aria-label="Filters">
      {period && <input type="hidden" name="period" value={period} />}
      <TextInput
        name="user"
        label="Person"
        placeholder="id or e-mail contains"
        defaultValue={filters.user}
        maxLength={512}
        autoComplete="off"
      />
      <TextInput
        name="url"
        label="Path"
        placeholder="contains, for example /checkout"
        defaultValue={filters.url}
        maxLength={512}
        autoComplete="off"
      />
      <div className={styles.pair}>
        <NativeSelect
          name="browser"
          label="Browser"
          defaultValue={filters.browser ?? ""}
          data={[{ value: "", label: "any" }, ...BROWSERS]}
        />
        <TextInput
          name="country"
          label="Country"
          placeholder="two letters: DE"
          defaultValue={filters.country}
          maxLength={2}
          pattern="[A-Za-z]{2}"
          autoComplete="off"
        />
      </div>
      <NativeSelect
        name="longer"
        label="Longer than"
        defaultValue={filters.longer ?? ""}
        data={[{ value: "", label: "any length" }, ...DURATIONS]}
      />
      <TextInput
        name="event"
        label="Event"
        placeholder="exact name, for example bought"
        defaultValue={filters.event}
        maxLength={200}
        autoComplete="off"
      />
      <Checkbox name="errors" value="true" label="With errors only" defaultChecked={filters.errors === "true"} />
      <Checkbox
        name="failed"
        value="true"
        label="With failed requests only"
        defaultChecked={filters.failed === "true"}
      />
      <Checkbox name="rage" value="true" label="With rage clicks only" defaultChecked={filters.rage === "true"} />
      <Checkbox
        name="hidden"
        value="include"
        label="Bots and own visits too"
        description="crawlers; localhost, staging and hosts of yours"
        defaultChecked={filters.hidden === "include"}
      />
      <Button type="submit" fullWidth>
        Show sessions
      </Button>
    </Form>
  );
}

/** A `<details>` that also closes on Escape, on a click elsewhere and once its form is sent. */
function useClosingPanel() {
  const panel = useRef<HTMLDetailsElement>(null);
  const { state } = useNavigation();
  useEffect(() => {
    if (state === "loading" && panel.current) panel.current.open = false;
  }, [state]);
  useEffect(() => {
    const onPointer = ({ target }: PointerEvent) => {
      if (panel.current?.open && !panel.current.contains(target as Node)) panel.current.open = false;
    };
    const onKey = ({ key }: KeyboardEvent) => {
      if (key !== "Escape" || !panel.current?.open) return;
      panel.current.open = false;
      panel.current.querySelector("summary")?.focus();
    };
    document.addEventListener("pointerdown", onPointer);
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("pointerdown", onPointer);
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  return panel;
}
