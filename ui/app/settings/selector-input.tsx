import { TextInput } from "@mantine/core";
import { type ChangeEvent, useState } from "react";
import styles from "./form.module.css";

interface SelectorInputProps {
  name: string;
  label: string;
  description: string;
  defaultValue: string;
}

/**
 * A CSS selector, tried in this browser before it is saved: a recorder that gets one which does not work is on the safe
 * side and masks all of the page, and nobody would know why.
 */
export function SelectorInput(props: SelectorInputProps) {
  const [error, setError] = useState("");
  const onChange = ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    const wrong = isSelector(currentTarget.value) ? "" : "This is no CSS selector: with it all text would be masked";
    currentTarget.setCustomValidity(wrong);
    setError(wrong);
  };
  return <TextInput {...props} className={styles.mono} autoComplete="off" error={error} onChange={onChange} />;
}

function isSelector(text: string): boolean {
  if (text.trim() === "") return true;
  try {
    document.createDocumentFragment().querySelector(text);
    return true;
  } catch {
    return false;
  }
}
