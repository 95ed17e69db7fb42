// What an authority of this member declares a track to be, by whom, when and on what grounds; nothing is inferred.

import { signal } from "@preact/signals";
import { clock } from "../format";
import type { Provenance } from "../messages";
import { declareTrack } from "../socket";
import { hello } from "../state";
import { actor, person } from "./person";
import { TwoPresses } from "./press";

const GROUNDS_CHARACTERS_MAX = 400; // limits.py, SAYS_CHARACTERS_MAX

const identity = signal("");
const trackClass = signal("");
const grounds = signal("");
const outcome = signal<{ number: number; failure: string; said: string }>({ number: 0, failure: "", said: "" });

const spoken = (word: string): string => word.replaceAll("_", " ");

export function Declared({ found, own }: { found: Provenance; own: boolean }) {
  const told = outcome.value.number === found.number ? outcome.value : null;
  return (
    <div class="block declared" data-identity={found.identity}>
      <h3>Declared by an authority</h3>
      <p>
        Identity <b>{spoken(found.identity)}</b>
        {found.declared_class ? <>, class <b>{spoken(found.declared_class)}</b></> : <span class="why">, class as the sensors say</span>}
      </p>
      <ul>{found.declared.toReversed().map((one, index) => (
        <li key={found.declared.length - index} class="fact">
          <span class="at">{clock(one.time_ns)}</span>{" "}
          {[spoken(one.identity), one.track_class && `class ${spoken(one.track_class)}`].filter(Boolean).join(", ")}
          <span class="why"> by {one.person}{one.says && `: “${one.says}”`}{one.ended_ns > 0 && `, until ${clock(one.ended_ns)}`}</span>
        </li>
      ))}</ul>
      {told?.failure && <p class="failure" role="alert">{told.failure}</p>}
      {told?.said && <p class="said" role="status">{told.said}</p>}
      {own ? <Form number={found.number} /> : <p class="why">Only partners see this track: a member declares its own.</p>}
    </div>
  );
}

function Form({ number }: { number: number }) {
  const told = hello.value;
  if (!told) return null;
  const words = [spoken(identity.value), trackClass.value && `class ${spoken(trackClass.value)}`].filter(Boolean).join(", ");
  const declare = async (): Promise<void> => {
    const failure = await declareTrack(number, {
      ...(identity.value ? { identity: identity.value } : {}),
      ...(trackClass.value ? { class: trackClass.value } : {}),
      says: grounds.value,
      person: person.value,
    });
    outcome.value = { number, failure, said: failure ? "" : `Given to the node: ${words}.` };
    if (!failure) identity.value = trackClass.value = grounds.value = "";
  };
  return (
    <details class="declare-form">
      <summary>Declare what it is…</summary>
      <div class="form">
        <label>Identity
          <select value={identity.value} onChange={(event) => (identity.value = event.currentTarget.value)}>
            <option value="">not said</option>
            {told.identities.map((word, index) => (
              <option key={word} value={word}>{spoken(word)}{index === 0 ? ": take everything back" : ""}</option>
            ))}
          </select>
        </label>
        <label>Class
          <select value={trackClass.value} onChange={(event) => (trackClass.value = event.currentTarget.value)}>
            <option value="">not said</option>
            {told.declarable.map((word) => <option key={word} value={word}>{spoken(word)}</option>)}
          </select>
        </label>
        <label class="wide">Grounds
          <input maxLength={GROUNDS_CHARACTERS_MAX} value={grounds.value} onInput={(event) => (grounds.value = event.currentTarget.value)} /></label>
      </div>
      {words
        ? <TwoPresses name={`declare ${number}`} label={`Declare ${words}…`} confirm={`Confirm ${told.mode}: ${words}, as ${actor.value}`}
            act={() => void declare()} />
        : <p class="why">Choose an identity, a class or both.</p>}
    </details>
  );
}
