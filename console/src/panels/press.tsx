import { signal } from "@preact/signals";
import { ended } from "../state";

/** What waits for its second press. */
export const armed = signal("");

/** Two presses: the first opens the confirmation and, pressed again, closes it; the second is another button. */
export function TwoPresses({ name, label, confirm, act }: {
  name: string; label: string; confirm: string; act: () => void;
}) {
  const open = armed.value === name;
  return (
    <div class="declare">
      <button type="button" aria-expanded={open} disabled={ended.value !== ""} onClick={() => (armed.value = open ? "" : name)}>
        {open ? "Back, change nothing" : label}
      </button>
      {open && (
        <button type="button" class="confirm" onClick={() => { armed.value = ""; act(); }}>{confirm}</button>
      )}
    </div>
  );
}
