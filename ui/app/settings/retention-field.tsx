import { Checkbox, TextInput } from "@mantine/core";
import { useState } from "react";
import { counted } from "../format/duration.ts";

/** A shorter retention deletes at once and for good: whoever shortens it says so, or mistypes nothing away. */
export function RetentionField({ current }: { current: number }) {
  const [typed, setTyped] = useState(String(current));
  const days = Number(typed);
  return (
    <>
      <TextInput
        name="days"
        type="number"
        min={1}
        max={3_650}
        required
        label="Days for which sessions are kept"
        maw="14rem"
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      {days >= 1 && days < current && (
        <Checkbox required label={`Delete for good what is older than ${counted(days, "day")}`} />
      )}
    </>
  );
}
