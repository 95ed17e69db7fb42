// Who sits at this console: the name or role under which things are acknowledged and recorded.

import { signal } from "@preact/signals";

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

export function setPerson(name: string): void {
  person.value = name;
  try {
    localStorage.setItem(PERSON_KEY, name);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}
