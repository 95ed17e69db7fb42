// The warning queue: what came in, what this member found itself, and what it sent, with who has seen it.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clock, countdown, position } from "../format";
import type { Warning } from "../messages";
import { acknowledge, cancelWarning, fetchTexts, firstToAcknowledge, tellShown } from "../socket";
import { calls, escalations, frame, isOpen, needsPerson, partyName, queue, reasonText, selected, waiting } from "../state";
import { CallButton, Calls } from "./call";
import { Clause } from "./clause";
import { actor, person } from "./person";
import { TwoPresses } from "./press";
import { Who } from "./who";

const failure = signal("");
const pending = signal<ReadonlySet<string>>(new Set());

async function acknowledgeNow(warning: Warning): Promise<void> {
  pending.value = new Set([...pending.value, warning.id]);
  failure.value = await acknowledge(warning, person.value);
  if (failure.value) pending.value = new Set([...pending.value].filter((id) => id !== warning.id));
}

export function acknowledgeFirst(): void {
  const warning = firstToAcknowledge();
  if (warning && !pending.value.has(warning.id)) void acknowledgeNow(warning);
}

const SECTIONS = [
  ["received", "Received"],
  ["own", "Own"],
  ["sent", "Sent"],
] as const;

export function Warnings() {
  const open = waiting.value;
  const urgent = open[0];
  return (
    <section class="panel warnings" aria-labelledby="warnings-title">
      <div class="panel-head">
        <h2 id="warnings-title">Warnings</h2>
        {open.length > 0 && <span class="badge">{open.length} waiting</span>}
        <Who />
      </div>
      <div class="sr-only" role="alert">
        {urgent ? `Warning: ${urgent.track_class} aircraft towards ${urgent.zone}, from ${partyName(urgent.party)}` : ""}
      </div>
      {failure.value && <p class="failure" role="alert">{failure.value}</p>}
      <Overdue />
      <div class="panel-body">
        {queue.value.length === 0 && calls.value.length === 0 && <p class="quiet">No warning sent, received or open.</p>}
        {SECTIONS.map(([direction, title]) => {
          const list = queue.value.filter((warning) => warning.direction === direction);
          if (!list.length) return null;
          return (
            <div key={direction} class={`direction ${direction}`}>
              <h3>{title} <span class="number">{list.length}</span></h3>
              <ul>{list.map((warning) => <Card key={warning.id} warning={warning} first={warning === urgent} />)}</ul>
            </div>
          );
        })}
        <Calls />
      </div>
      <div class="panel-foot"><CallButton /></div>
    </section>
  );
}

function Card({ warning, first }: { warning: Warning; first: boolean }) {
  const card = useRef<HTMLLIElement>(null);
  const toTell = warning.direction !== "sent" && !warning.shown_ns;
  useEffect(() => {
    if (!toTell || !card.current) return undefined;
    // Shown means that it stands on a screen: half of the card in sight, in a page that is not hidden.
    const seen = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting && document.visibilityState === "visible") void tellShown(warning);
    }, { threshold: 0.5 });
    seen.observe(card.current);
    return () => seen.disconnect();
  }, [warning.id, warning.revision, toTell]);
  const open = isOpen(warning);
  const left_s = frame.value ? (warning.entry_ns / 1e6 - frame.value.time_ms) / 1000 : NaN;
  const whom = { received: `from ${warning.party}`, sent: `to ${warning.party}`, own: "own sensors and picture" }[warning.direction];
  return (
    <li ref={card} class={`card ${open ? "open" : "closed"} ${needsPerson(warning) ? "waiting" : ""}`} data-warning={warning.id}>
      <div class="card-head">
        <b class="zone">{warning.zone}</b>
        <span class={`pill state-${warning.state}`}>{warning.state}{warning.revision > 1 && open ? ` · rev ${warning.revision}` : ""}</span>
        {open && Number.isFinite(left_s) && (
          <span class="countdown" title={`Most likely entry at ${clock(warning.entry_ns)} UTC`}>
            <span class="label">{left_s >= 0 ? "entry in" : "entry was due"}</span> <b>{countdown(left_s)}</b>
          </span>
        )}
      </div>
      <p class="facts">
        <span>{whom}</span>
        <span>{warning.track_class}</span>
        <span title="Probability of entering the zone">P {warning.probability_percent} %</span>
        <span title="South-west corner of the 0.1 degree cell">{position(warning.lat_cell_deg, warning.lon_cell_deg)}</span>
        <Clause id={warning.clause} bare />
        {warning.track > 0 && (
          <button type="button" class="linklike" onClick={() => (selected.value = warning.track)}>track {warning.track}</button>
        )}
      </p>
      {open && <Grounds warning={warning} />}
      {warning.direction === "sent" && <Delivered warning={warning} />}
      <Escalations warning={warning} />
      {open ? <Steps warning={warning} /> : <p class="facts">{outcome(warning)}</p>}
      {needsPerson(warning) && (
        <button type="button" class="acknowledge" disabled={pending.value.has(warning.id)} onClick={() => void acknowledgeNow(warning)}>
          {pending.value.has(warning.id) ? "Acknowledged, waiting for the node…" : "Acknowledge"}
          {first && !pending.value.has(warning.id) && <kbd>a</kbd>}
        </button>
      )}
      <Texts warning={warning} />
      {open && warning.direction !== "received" && (
        <TwoPresses name={`cancel ${warning.id}`} label="Cancel this warning…" act={() => void cancelNow(warning)}
          confirm={`Confirm: cancel${warning.direction === "sent" ? ` at ${warning.party}` : ""}, as ${actor.value}`} />
      )}
    </li>
  );
}

async function cancelNow(warning: Warning): Promise<void> {
  failure.value = await cancelWarning(warning, person.value);
}

const BASIS: Record<Warning["basis"], string> = {
  unconfirmed: "unconfirmed",
  confirmed: "confirmed by two unlike sensors",
  person: "called by two persons",
};

/** On what it rests: basis, between which times, and why. */
function Grounds({ warning }: { warning: Warning }) {
  const { detail, reasons } = warning;
  return (
    <div class="grounds">
      <p><span class={`basis basis-${warning.basis}`}>{BASIS[warning.basis]}</span>
        {detail && (
          <span title="Each bound holds with nine chances in ten"> entry between {clock(detail[0])} and {clock(detail[1])}</span>
        )}
      </p>
      {reasons.length > 0 && <ul class="why">{reasons.map(({ word, value }) => <li key={word}>{reasonText(word, value)}</li>)}</ul>}
    </div>
  );
}

const isLate = (warning: Warning): boolean => isOpen(warning) && warning.delivery.startsWith("not ");
const OVERDUE_MAX = 3;

/** Sent warnings that did not get through, above everything else in the panel: silence must not look like success. */
function Overdue() {
  const late = queue.value.filter(isLate);
  if (!late.length) return null;
  const show = (id: string): void => {
    document.querySelector(`[data-warning="${CSS.escape(id)}"]`)?.scrollIntoView({ block: "nearest" });
  };
  return (
    <div class="overdue" role="alert">
      {late.slice(0, OVERDUE_MAX).map((warning) => (
        <button key={warning.id} type="button" onClick={() => show(warning.id)}>
          ▲ <b>{warning.delivery}</b> {warning.direction === "own" ? "here" : `by ${warning.party}`}: {warning.zone}, since {clock(warning.delivery_since_ns)}
        </button>
      ))}
      {late.length > OVERDUE_MAX && <span>and {late.length - OVERDUE_MAX} more</span>}
    </div>
  );
}

/** How far a sent warning came; what is overdue is loud. */
function Delivered({ warning }: { warning: Warning }) {
  if (!warning.delivery) return null;
  const late = isLate(warning);
  return (
    <p class={`delivery ${late ? "late" : ""}`} data-delivery={warning.delivery}>
      {late && <span aria-hidden="true">▲ </span>}
      <b>{warning.delivery}</b> {late ? `by ${warning.party} ` : ""}since {clock(warning.delivery_since_ns)}
    </p>
  );
}

function Escalations({ warning }: { warning: Warning }) {
  const list = escalations.value.filter((one) => one.warning === warning.id);
  return (
    <>
      {list.map((one) => (
        <p key={one.time_ns} class="escalated">
          No person acknowledged it by {clock(one.time_ns)}: <b>{one.then.replaceAll("_", " ")}</b> <Clause id={one.clause} bare />
        </p>
      ))}
    </>
  );
}

const texts = signal<{ of: string; list: Awaited<ReturnType<typeof fetchTexts>> }>({ of: "", list: [] });

/** The warning as its people read it, in every language of the gateway; asked for when it is opened. */
function Texts({ warning }: { warning: Warning }) {
  const key = `${warning.id} ${warning.revision} ${warning.state}`;
  const load = async (open: boolean): Promise<void> => {
    if (open && texts.value.of !== key) texts.value = { of: key, list: await fetchTexts(warning) };
  };
  return (
    <details class="texts" name="texts" onToggle={(event) => void load(event.currentTarget.open)}>
      <summary>In all languages</summary>
      {texts.value.of === key && texts.value.list.map((one) => (
        <p key={one.language} lang={one.language} dir={one.direction}>{one.text}</p>
      ))}
    </details>
  );
}

/** What became of a warning that is closed. */
function outcome(warning: Warning): string {
  if (warning.cancelled_by) return `cancelled by ${warning.cancelled_by}`;
  if (warning.acknowledged_ns) return `acknowledged by ${warning.person} at ${clock(warning.acknowledged_ns)}`;
  if (warning.shown_ns) return `shown at ${clock(warning.shown_ns)}, never acknowledged`;
  return warning.stored_ns ? `stored at ${clock(warning.stored_ns)}, never shown` : "never stored";
}

/** How far the warning has come: on the recipient's disk, on its screen, answered for by a person. */
function Steps({ warning }: { warning: Warning }) {
  const steps: [string, number, string][] = [
    ["raised", warning.raised_ns, ""],
    ["stored", warning.stored_ns, ""],
    ["shown", warning.shown_ns, ""],
    ["acknowledged", warning.acknowledged_ns, warning.person],
  ];
  return (
    <ol class="steps">
      {steps.map(([name, at_ns, who]) => (
        <li key={name} class={at_ns ? "done" : "due"}>
          <span class="step-name">{name}</span>
          <span class="step-time">{at_ns ? clock(at_ns) : "–"}</span>
          {who && <span class="step-who" title={who}>{who}</span>}
        </li>
      ))}
    </ol>
  );
}
