// Who acts at this console: whoever has signed in, or the name as typed where the member lists no people.

import { signal } from "@preact/signals";
import { signIn, signOut } from "../socket";
import { hello, signInOpen, who } from "../state";
import { Modal } from "./modal";
import { person, setPerson } from "./person";

const failure = signal("");
const trying = signal(false);

export function Who() {
  if (!hello.value?.sign_in) {
    return (
      <label class="person">
        as <input value={person.value} maxLength={64} size={12} aria-label="Name or role that acknowledges"
          onInput={(event) => setPerson(event.currentTarget.value)} />
      </label>
    );
  }
  const signed = who.value;
  return (
    <div class="person" data-person={signed?.person ?? ""}>
      {signed?.person
        ? <>
            <span title={signed.role}>as <b>{signed.person}</b></span>
            <button type="button" class="linklike" onClick={() => void signOut()}>Sign out</button>
          </>
        : <button type="button" class="linklike" onClick={() => (signInOpen.value = true)}>Nobody here: sign in…</button>}
    </div>
  );
}

export function SignIn() {
  const close = (): void => {
    failure.value = "";
    signInOpen.value = false;
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    trying.value = true;
    failure.value = await signIn(String(form.get("person")), String(form.get("secret")));
    trying.value = false;
    if (!failure.value) close();
  };
  return (
    <Modal open={signInOpen.value} title={`Sign in at the consoles of ${hello.value?.member ?? ""}`} onClose={close}>
      <p>Acknowledging, calling, declaring and cancelling need a person of this member. A session ends after 12 hours.</p>
      {failure.value && <p class="failure" role="alert">{failure.value}</p>}
      <form class="form" onSubmit={(event) => void submit(event)}>
        <label>Person <input name="person" required maxLength={48} autocomplete="username" /></label>
        <label>Secret <input name="secret" type="password" required maxLength={256} autocomplete="current-password" /></label>
        <div class="form-acts">
          <button type="button" onClick={close}>Close</button>
          <button type="submit" class="confirm" disabled={trying.value}>{trying.value ? "Checking…" : "Sign in"}</button>
        </div>
      </form>
    </Modal>
  );
}
