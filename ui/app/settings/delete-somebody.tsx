import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { PersonDeletion } from "../people/person-deletion.tsx";
import formStyles from "./form.module.css";

/** For an id that no list shows: of somebody who asks to be deleted, say. */
export function DeleteSomebody() {
  const [asked, setAsked] = useState<string | null>(null);
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setAsked(String(new FormData(event.currentTarget).get("person")).trim() || null);
  };
  return (
    <>
      <form className={formStyles.form} onSubmit={onSubmit}>
        <div className={formStyles.row}>
          <TextInput
            name="person"
            label="Person's id"
            description="As your site identifies them"
            required
            maxLength={256}
          />
          <Button type="submit" variant="default">
            Look what there is
          </Button>
        </div>
      </form>
      {asked !== null && <PersonDeletion userId={asked} name={asked} onClose={() => setAsked(null)} />}
    </>
  );
}
