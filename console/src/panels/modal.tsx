import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { hello } from "../state";
import { MODE_WORDS } from "./header";

/** A dialog that says in its first line what kind of data this is; it holds its content only while it is open. */
export function Modal({ open, title, onClose, children }: {
  open: boolean; title: string; onClose: () => void; children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const box = dialog.current!;
    if (open && !box.open) box.showModal();
    if (!open && box.open) box.close();
  }, [open]);
  const mode = hello.value?.mode ?? "";
  return (
    <dialog ref={dialog} aria-label={`${mode}: ${title}`} onClose={() => open && onClose()}>
      {open && (
        <>
          {mode && <p class={`dialog-mode mode-${mode.toLowerCase()}`}><strong>{mode}</strong> {MODE_WORDS[mode]}</p>}
          <h2>{title}</h2>
          {children}
        </>
      )}
    </dialog>
  );
}
