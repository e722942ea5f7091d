import styles from "./select-box.module.css";

interface SelectBoxProps {
  /** Whom or what it selects, for those who listen. */
  label: string;
  checked: boolean;
  indeterminate?: boolean;
  onChange: (checked: boolean) => void;
  className: string | undefined;
}

/** The box before a line of a list: plain, since with each frame of a scroll come several. A press near it counts. */
export function SelectBox({ label, checked, indeterminate = false, onChange, className }: SelectBoxProps) {
  return (
    <label className={className}>
      <input
        type="checkbox"
        className={styles.box}
        aria-label={label}
        checked={checked}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        ref={(box) => {
          if (box) box.indeterminate = indeterminate;
        }}
      />
    </label>
  );
}
