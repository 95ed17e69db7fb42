// Who sits at this console: the name or role under which things are acknowledged and recorded.

import { computed, signal } from "@preact/signals";
import { hello, who } from "../state";

const PERSON_KEY = "foedus.person";
const PERSON_DEFAULT = "duty officer";

function remembered(): string {
  try {
    return localStorage.getItem(PERSON_KEY) || PERSON_DEFAULT;
  } catch {
    return PERSON_DEFAULT;
  }
}

export const person = signal(remembered());

/** Under which name this console acts: of whoever signed in where people are listed, else as typed. */
export const actor = computed(() => (hello.value?.sign_in ? who.value?.person || "nobody (sign in first)" : person.value));

export function setPerson(name: string): void {
  person.value = name;
  try {
    localStorage.setItem(PERSON_KEY, name);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
