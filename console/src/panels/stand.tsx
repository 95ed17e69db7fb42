// How the pact stands: in force or not, who is a party, which casus is declared, what is suspended, and the
// facts recorded; and the two presses by which a person declares a casus met or over.

import { signal } from "@preact/signals";
import { clock, moment } from "../format";
import type { Casus, Fact, PactStand, Suspension } from "../messages";
import { declareCasus } from "../socket";
import { clauseText, frame, hello, pact, partyName } from "../state";
import { Clause } from "./clause";
import { actor, person } from "./person";
import { TwoPresses } from "./press";

const failure = signal("");
/** What was taken, and how many facts were on the list then: it goes when the list has grown. */
const taken = signal<{ words: string; facts: number }>({ words: "", facts: 0 });

const FORCE: Record<PactStand["in_force"], string> = {
  yes: "in force",
  no: "not in force",
  undetermined: "in force: undetermined",
};
const STAND: Record<Casus["stand"], string> = {
  "": "never declared",
  met: "declared met",
  over: "declared over",
  undetermined: "declared, undetermined",
};

function inShort(stand: PactStand): string {
  const met = stand.casus.filter((casus) => casus.stand === "met").length;
  const held = new Set(stand.suspended.map((one) => one.clause)).size;
  return [FORCE[stand.in_force], met && `${met} casus declared`, held && `${held} suspended`].filter(Boolean).join(" · ");
}

export function Stand() {
  const stand = pact.value;
  const told = hello.value;
  if (!stand || !told) return null;
  const absent = told.parties.filter((party) => !stand.roster.includes(party.id)).map((party) => party.id);
  const said = taken.value.words && taken.value.facts === stand.facts.length ? taken.value.words : "";
  return (
    <details class="stand panel" data-in-force={stand.in_force}>
      <summary class="panel-head">
        <h2>Pact</h2>
        <span class={`force force-${stand.in_force}`}>{inShort(stand)}</span>
      </summary>
      <div class="sr-only" role="status">{`Pact ${inShort(stand)}`}</div>
      {failure.value && <p class="failure" role="alert">{failure.value}</p>}
      {said && <p class="said" role="status">{said}</p>}
      <div>
        <div class="block">
          <p>{told.pact.id} {told.pact.version}, <b>{FORCE[stand.in_force]}</b></p>
          {stand.grounds.map(([term, found]) => <p key={term + found} class="why"><code class="clause-id">{term}</code> {found}</p>)}
          <p class="why">Parties today: {stand.roster.join(", ") || "none"}{absent.length > 0 && `; not ${absent.join(", ")}`}</p>
        </div>
        {stand.casus.length > 0 && (
          <div class="block">
            <h3>Casus</h3>
            <ul>{stand.casus.map((casus) => <CasusCard key={casus.id} casus={casus} facts={stand.facts.length} />)}</ul>
          </div>
        )}
        {stand.suspended.length > 0 && (
          <div class="block">
            <h3>Suspended</h3>
            <ul>{stand.suspended.map((one, index) => <Suspended key={index} one={one} />)}</ul>
          </div>
        )}
        <div class="block">
          <h3>Facts recorded</h3>
          {stand.facts.length === 0 && <p class="quiet">None: the pact stands as it is written.</p>}
          <ul>{stand.facts.toReversed().map((fact, index) => <Row key={stand.facts.length - index} fact={fact} />)}</ul>
        </div>
      </div>
    </details>
  );
}

function CasusCard({ casus, facts }: { casus: Casus; facts: number }) {
  return (
    <li class="casus" data-casus={casus.id} data-stand={casus.stand || "none"}>
      <p>
        <Clause id={casus.id} bare /> <b>{STAND[casus.stand]}</b>
        {casus.stand && <span class="why"> by {casus.by} at {when(casus.since_ns)}</span>}
      </p>
      <p class="why">{clauseText(casus.id)}</p>
      {casus.scopes.length > 0 && <p class="why">Only while it is met: {casus.scopes.join(", ")}</p>}
      {casus.may_declare
        ? (["yes", "no"] as const).map((says) => <Declare key={says} casus={casus} says={says} facts={facts} />)
        : <p class="why">Not for {hello.value?.member} to determine.</p>}
    </li>
  );
}

function Declare({ casus, says, facts }: { casus: Casus; says: "yes" | "no"; facts: number }) {
  if (casus.stand === (says === "yes" ? "met" : "over")) return null;
  if (says === "no" && casus.stand === "") return null;
  const words = `${casus.id} ${says === "yes" ? "met" : "over"}`;
  const confirm = async () => {
    failure.value = await declareCasus(casus.id, says, person.value);
    if (!failure.value) taken.value = { words: `Recorded: ${words}. It counts from the next tick.`, facts };
  };
  return (
    <TwoPresses name={`${casus.id} ${says}`} label={`Declare ${words}…`} confirm={`Confirm: ${words}, as ${actor.value}`}
      act={() => void confirm()} />
  );
}

function Suspended({ one }: { one: Suspension }) {
  const whom = one.pairs.map((pair) => pair.join("–")).join(", ");
  return (
    <li>
      <p><Clause id={one.clause} bare /> {one.by !== one.clause && <>by <Clause id={one.by} bare /></>} {whom && <span>between {whom}</span>}</p>
      <p class="why">{one.why}</p>
    </li>
  );
}

function Row({ fact }: { fact: Fact }) {
  return (
    <li class="fact">
      <span class="at">{when(fact.at_ns)}</span> <span>{inWords(fact)}</span> <span class="why">{fact.person || "network file"}</span>
    </li>
  );
}

function inWords(fact: Fact): string {
  const pair = fact.as_to.map(partyName).join(" and ");
  const by = fact.by && ` by ${fact.by}`;
  switch (fact.what) {
    case "casus":
      return `${fact.of} ${{ yes: "met", no: "over" }[fact.says] ?? "undetermined"}${by}${pair && `, as to ${pair}`}`;
    case "exit":
      return `notice of exit${by}`;
    case "approved":
      return `${fact.of.replaceAll("_", " ")}${by}`;
    default:
      return `${fact.of} ${fact.what}${by}${pair && `, between ${pair}`}`;
  }
}

/** The time, with its day where that is not the day of the picture. */
function when(ns: number): string {
  const { date } = moment(ns / 1e6);
  return date === moment(frame.value?.time_ms ?? ns / 1e6).date ? clock(ns) : `${date} ${clock(ns)}`;
}
