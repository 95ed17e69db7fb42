// A person's own warning: asked for by one, read again in words, and sent once another person repeats the mode.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { clock, position } from "../format";
import { nameOf, rowOf } from "../frame";
import type { Call, CallOptions, CallPrompt, CallRequest } from "../messages";
import { askPrompt, fetchCall, fetchCallOptions, makeCall, secondCall, withdrawCall } from "../socket";
import { calls, ended, frame, hello, picking, selected } from "../state";
import { Modal } from "./modal";
import { actor, person } from "./person";
import { TwoPresses } from "./press";

/** Less than SAYS_CHARACTERS_MAX of limits.py: where names are typed, the gateway says so in front. */
const SAYS_CHARACTERS_MAX = 360;
const ENTRY_MIN_MAX = 60; // an hour: live/calls.py, ENTRY_S_MAX

const dialogOpen = signal(false);
const options = signal<CallOptions | null>(null);
const zone = signal("");
const trackClass = signal("");
const lat = signal("");
const lon = signal("");
const minutes = signal("5");
const says = signal("");
/** What would be sent, once the person has asked to see it. */
const prompt = signal<CallPrompt | null>(null);
const failure = signal("");
const busy = signal(false);
/** The call that another person is reading, to second it. */
const reading = signal<CallPrompt | null>(null);
const modeTyped = signal("");

async function openCall(): Promise<void> {
  failure.value = "";
  prompt.value = null;
  const { value, failure: why } = await fetchCallOptions();
  options.value = value;
  failure.value = why;
  const first = value?.zones[0];
  if (first && !value.zones.some((one) => one.zone === zone.value)) chooseZone(first.zone);
  dialogOpen.value = true;
}

const classesOf = (id: string): string[] =>
  options.value?.zones.filter((one) => one.zone === id).flatMap((one) => one.classes) ?? [];

function chooseZone(id: string): void {
  zone.value = id;
  if (!classesOf(id).includes(trackClass.value)) trackClass.value = classesOf(id)[0] ?? "";
}

function request(): CallRequest {
  return {
    zone: zone.value,
    class: trackClass.value,
    lat_cell_deg: Number(lat.value),
    lon_cell_deg: Number(lon.value),
    entry_in_s: Number(minutes.value) * 60,
    says: says.value,
    person: person.value,
  };
}

async function attempt<T>(step: Promise<{ value: T | null; failure: string }>): Promise<T | null> {
  busy.value = true;
  const { value, failure: why } = await step;
  busy.value = false;
  failure.value = why;
  return value;
}

function close(): void {
  dialogOpen.value = false;
  prompt.value = null;
  failure.value = "";
}

function place(at_lat: number, at_lon: number): void {
  lat.value = at_lat.toFixed(2);
  lon.value = at_lon.toFixed(2);
}

function pickOnMap(): void {
  dialogOpen.value = false;
  picking.value = (at_lat, at_lon) => {
    place(at_lat, at_lon);
    picking.value = null;
    dialogOpen.value = true;
  };
}

/** Leave the map without a place and go back to the form. */
export function stopPicking(): void {
  picking.value = null;
  dialogOpen.value = true;
}

export function CallButton() {
  return (
    <button type="button" class="call-button" disabled={ended.value !== ""} onClick={() => void openCall()}>Call a warning…</button>
  );
}

export function CallDialog() {
  const told = prompt.value;
  return (
    <Modal open={dialogOpen.value} title={told ? "Read this before you call it" : "Call a warning"} onClose={close}>
      {failure.value && <p class="failure" role="alert">{failure.value}</p>}
      {told ? <Confirm told={told} /> : <Form />}
    </Modal>
  );
}

function Form() {
  const offered = options.value?.zones ?? [];
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    prompt.value = await attempt(askPrompt(request()));
  };
  if (!offered.length) {
    return (
      <>
        <p>No clause in force obliges {hello.value?.member} to warn another member of anything, so nothing can be called here.</p>
        <div class="form-acts"><button type="button" onClick={close}>Close</button></div>
      </>
    );
  }
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <label>Zone
        <select value={zone.value} onChange={(event) => chooseZone(event.currentTarget.value)}>
          {offered.map((one) => <option key={one.zone + one.to} value={one.zone}>{one.zone}, warns {one.name}</option>)}
        </select>
      </label>
      <label>Class
        <select value={trackClass.value} onChange={(event) => (trackClass.value = event.currentTarget.value)}>
          {classesOf(zone.value).map((one) => <option key={one}>{one}</option>)}
        </select>
      </label>
      <fieldset>
        <legend>Where it is seen; only its 0.1 degree cell is told</legend>
        <label>Latitude <input required inputMode="decimal" type="number" step="any" min={-90} max={90} value={lat.value}
          onInput={(event) => (lat.value = event.currentTarget.value)} /></label>
        <label>Longitude <input required inputMode="decimal" type="number" step="any" min={-180} max={180} value={lon.value}
          onInput={(event) => (lon.value = event.currentTarget.value)} /></label>
        <button type="button" onClick={pickOnMap}>Pick on the map</button>
        <FromTrack />
      </fieldset>
      <label>Minutes until it enters the zone
        <input required type="number" min={0} max={ENTRY_MIN_MAX} step="0.5" value={minutes.value}
          onInput={(event) => (minutes.value = event.currentTarget.value)} /></label>
      <label>Grounds, for this member's record
        <input maxLength={SAYS_CHARACTERS_MAX} value={says.value} onInput={(event) => (says.value = event.currentTarget.value)} /></label>
      <div class="form-acts">
        <button type="button" onClick={close}>Close</button>
        <button type="submit" class="confirm" disabled={busy.value}>Read it before calling…</button>
      </div>
    </form>
  );
}

function FromTrack() {
  const picture = frame.value;
  const row = rowOf(picture, selected.value);
  if (!picture || row < 0) return null;
  return (
    <button type="button" onClick={() => place(picture.lat[row]! * 1e-7, picture.lon[row]! * 1e-7)}>
      From track {nameOf(picture, row)}
    </button>
  );
}

/** What would be sent, in the gateway's words, and the mode in large. */
function Prompt({ told }: { told: CallPrompt }) {
  return (
    <div class="prompt" data-call={told.call}>
      <p class={`prompt-mode mode-${told.mode.toLowerCase()}`}>{told.mode}</p>
      <p class="prompt-words">{told.prompt}</p>
    </div>
  );
}

function Confirm({ told }: { told: CallPrompt }) {
  const send = async (): Promise<void> => {
    if (await attempt(makeCall(request()))) close();
  };
  return (
    <>
      <Prompt told={told} />
      <p>You act as <b>{actor.value}</b>. Nothing is sent before another person, at another console, has seconded it.</p>
      <div class="form-acts">
        <button type="button" onClick={() => (prompt.value = null)}>Change it</button>
        <button type="button" class="confirm" disabled={busy.value} onClick={() => void send()}>Call it as {told.mode}</button>
      </div>
    </>
  );
}

// ---------------------------------------------------------------- the second person

async function read(call: Call): Promise<void> {
  modeTyped.value = "";
  listFailure.value = "";
  const { value, failure: why } = await fetchCall(call.id);
  listFailure.value = why;
  reading.value = value;
}

export function SecondDialog() {
  const told = reading.value;
  const shut = (): void => {
    failure.value = "";
    reading.value = null;
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!told) return;
    busy.value = true;
    failure.value = await secondCall(told.call, modeTyped.value, person.value);
    busy.value = false;
    if (!failure.value) shut();
  };
  return (
    <Modal open={told !== null} title="Second a warning" onClose={shut}>
      {failure.value && <p class="failure" role="alert">{failure.value}</p>}
      {told && (
        <form class="form" onSubmit={(event) => void submit(event)}>
          <Prompt told={told} />
          <p>Called by <b>{told.person}</b>. You act as <b>{actor.value}</b>.</p>
          <label>Type the word of the mode in which this is sent
            <input required autocomplete="off" spellcheck={false} maxLength={24} value={modeTyped.value}
              onInput={(event) => (modeTyped.value = event.currentTarget.value)} /></label>
          <div class="form-acts">
            <button type="button" onClick={shut}>Close</button>
            <button type="submit" class="confirm" disabled={busy.value}>Second it: send the warning</button>
          </div>
        </form>
      )}
    </Modal>
  );
}

// ---------------------------------------------------------------- the list

const listFailure = signal("");
const STATES: Record<Call["state"], string> = {
  waiting: "waits for a second person",
  sent: "sent",
  refused: "refused",
  withdrawn: "withdrawn",
  lapsed: "lapsed: nobody seconded it",
};

export function Calls() {
  const list = calls.value;
  useEffect(() => {
    // What is read may have been sent, withdrawn or lapsed meanwhile: the gateway then says so.
    if (reading.value && !list.some((one) => one.id === reading.value?.call)) reading.value = null;
  }, [list]);
  if (!list.length) return null;
  return (
    <div class="direction calls">
      <h3>Called by persons <span class="number">{list.length}</span></h3>
      {listFailure.value && <p class="failure" role="alert">{listFailure.value}</p>}
      <ul>{list.toReversed().map((call) => <CallCard key={call.id} call={call} />)}</ul>
    </div>
  );
}

function CallCard({ call }: { call: Call }) {
  const waits = call.state === "waiting";
  const withdraw = async (): Promise<void> => {
    listFailure.value = await withdrawCall(call.id, person.value);
  };
  return (
    <li class={`card ${waits ? "open" : "closed"}`} data-call={call.id} data-state={call.state}>
      <div class="card-head">
        <b class="zone">{call.zone}</b>
        <span class="pill">{STATES[call.state]}{call.reason && `: ${call.reason}`}</span>
      </div>
      <p class="facts">
        <span>{call.track_class}</span>
        <span>{position(call.lat_cell_deg, call.lon_cell_deg)}</span>
        <span>entry about {clock(call.entry_ns)}</span>
        <span>called by {call.by}</span>
        {call.seconded_by && <span>seconded by {call.seconded_by}</span>}
        {waits && <span>lapses at {clock(call.until_ns)}</span>}
      </p>
      {call.says && <p class="facts">“{call.says}”</p>}
      {waits && (
        <div class="card-acts">
          <button type="button" disabled={ended.value !== ""} onClick={() => void read(call)}>Second it…</button>
          <TwoPresses name={`withdraw ${call.id}`} label="Withdraw…" confirm={`Confirm: withdraw, as ${actor.value}`}
            act={() => void withdraw()} />
        </div>
      )}
    </li>
  );
}
