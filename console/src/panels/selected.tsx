// The selected track: what is known of it, where that comes from, under which clause, and who is given what.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { address, age, climb, clock, distance, heading, height, modeA, position, speed } from "../format";
import { callsignOf, nameOf, rowOf, type Frame } from "../frame";
import { Symbol } from "../map/symbol";
import type { Provenance } from "../messages";
import { fetchProvenance } from "../socket";
import { frame, identityWord, isOpen, partyName, queue, reasonText, selected } from "../state";
import { Clause } from "./clause";
import { Declared } from "./declare";
import { Legend } from "./legend";
import { classWord, statusWord } from "./table";

const provenance = signal<Provenance | null>(null);
const missing = signal(false);

async function refresh(number: number): Promise<void> {
  const found = await fetchProvenance(number);
  if (selected.value !== number) return;
  provenance.value = found;
  missing.value = found === null;
}

export function Selected() {
  const picture = frame.value;
  const number = selected.value;
  const sequence = picture?.sequence;
  useEffect(() => {
    if (provenance.value?.number !== number) {
      provenance.value = null;
      missing.value = false;
    }
    if (number) void refresh(number);
  }, [number, sequence]);
  if (!number) {
    return (
      <section class="panel selected none" aria-labelledby="selected-title">
        <div class="panel-head"><h2 id="selected-title">Selected track</h2></div>
        <p class="quiet">Click a track on the map or in the table, or press <kbd>j</kbd>: its sensors, partners and clauses appear here.</p>
        <Legend />
      </section>
    );
  }
  const row = rowOf(picture, number);
  return (
    <section class="panel selected" aria-labelledby="selected-title" data-track={number}>
      <div class="panel-head">
        {picture && row >= 0 && <Symbol trackClass={picture.trackClass[row]!} status={picture.status[row]!} identity={picture.identity[row]!} />}
        <h2 id="selected-title">{picture && row >= 0 ? nameOf(picture, row) : `Track ${number}`}</h2>
        {picture && row >= 0 && <span class="counts">{[classWord(picture.trackClass[row]!), statusWord(picture.status[row]!), identityWord(picture, row)].filter(Boolean).join(", ")}</span>}
        <button type="button" class="close" aria-label="Deselect" title="Deselect (Esc)" onClick={() => (selected.value = 0)}>×</button>
      </div>
      <div class="panel-body">
        {picture && row >= 0
          ? <Facts picture={picture} row={row} />
          : <p class="quiet">This track is no longer in the picture.</p>}
        <Reasons number={number} />
        {provenance.value && <Declared found={provenance.value} own={isOwn(provenance.value)} />}
        <Origins />
        <Releases />
      </div>
    </section>
  );
}

const isOwn = (found: Provenance): boolean => found.contributions.some((part) => part.kind === "sensor");

/** Why it is told of, zone by zone: the reasons of the open warnings about it. */
function Reasons({ number }: { number: number }) {
  const list = queue.value.filter((warning) => warning.track === number && isOpen(warning));
  const zones = [...new Map(list.map((warning) => [warning.zone, warning])).values()];
  if (!zones.length) return null;
  return (
    <div class="block reasons">
      <h3>Why it is warned of</h3>
      {zones.map((warning) => (
        <div key={warning.zone}>
          <p><b>{warning.zone}</b></p>
          <ul class="why">{warning.reasons.map(({ word, value }) => <li key={word}>{reasonText(word, value)}</li>)}</ul>
        </div>
      ))}
    </div>
  );
}

function Facts({ picture, row }: { picture: Frame; row: number }) {
  const facts: [string, string][] = [
    ["Position", position(picture.lat[row]! * 1e-7, picture.lon[row]! * 1e-7)],
    ["Height", `${height(picture.height_m[row]!)} ft`],
    ["Speed", `${speed(picture.speed_m_s[row]!)} kt`],
    ["Track", heading(picture.heading_deg[row]!)],
    ["Climb", climb(picture.climb_m_s[row]!)],
    ["Callsign", callsignOf(picture, row) || "–"],
    ["Address", address(picture.icao24[row]!)],
    ["Mode A", modeA(picture.modeA[row]!)],
    ["Number", String(picture.number[row])],
    ["Accuracy (1σ)", distance(picture.sigma_m[row]!)],
    ["Age", age(picture.age_s[row]!)],
  ];
  return (
    <dl class="facts-grid">
      {facts.map(([name, value]) => <div key={name} class={name === "Position" ? "wide" : ""}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}

function Origins() {
  const found = provenance.value;
  const now_ns = (frame.value?.time_ms ?? 0) * 1e6;
  return (
    <div class="block" data-provenance={found ? "yes" : "no"}>
      <h3>Where it comes from</h3>
      {!found && <p class="quiet">{missing.value ? "The node holds no provenance for it now." : "Asking the node…"}</p>}
      {found?.contributions.map((part) => (
        <div class="source" key={`${part.kind} ${part.origin} ${part.form}`}>
          <p>
            <b>{part.kind === "sensor" ? part.origin : partyName(part.origin)}</b>
            <span class="tag">{part.kind === "sensor" ? "own sensor" : `given by ${part.origin} as ${part.form}`}</span>
            <span class="when" title={`${clock(part.time_ns)} UTC`}>{age((now_ns - part.time_ns) / 1e9)}</span>
          </p>
          {part.kind !== "sensor" && <Clause id={part.clause} />}
        </div>
      ))}
      {found && found.contributions.length === 0 && <p class="quiet">Nothing newer than this picture stands behind it.</p>}
    </div>
  );
}

function Releases() {
  const found = provenance.value;
  if (!found) return null;
  return (
    <div class="block">
      <h3>Who is given it</h3>
      {found.releases.length === 0 && <p class="quiet">Nobody: this node has not released it.</p>}
      {found.releases.map((release) => (
        <div class={`source ${release.form === "none" ? "withheld" : ""}`} key={release.party}>
          <p>
            <b>{partyName(release.party)}</b>
            <span class="tag">{release.form === "none" ? "⊘ withheld" : `as ${release.form}`}</span>
          </p>
          <Clause id={release.clause} />
        </div>
      ))}
    </div>
  );
}
