// What the console knows, as signals: written by socket.ts and by people, read by the panels and the map.

import { computed, signal } from "@preact/signals";
import { callsignOf, hasSource, nameOf, PENDING, UNIDENTIFIED, type Frame } from "./frame";
import { address, feet, modeA } from "./format";
import type { Call, Escalation, Feed, Hello, Link, PactStand, Warning, WhoAmI } from "./messages";

export const hello = signal<Hello | null>(null);
export const frame = signal<Frame | null>(null);
export const warnings = signal<Warning[]>([]);
export const calls = signal<Call[]>([]);
export const escalations = signal<Escalation[]>([]);
export const links = signal<Link[]>([]);
export const feeds = signal<Feed[]>([]);
/** How the pact stands; null before the node's first tick. */
export const pact = signal<PactStand | null>(null);
/** Why nothing more will come: `recording ended`; empty while something may. */
export const ended = signal("");
export const connected = signal(false);
/** Why the socket is closed, as the server said it. */
export const closedBecause = signal("");
/** Wall clock of this machine when the last frame came, and now; milliseconds. */
export const frameAt = signal(performance.now());
export const wallNow = signal(performance.now());

export const selected = signal(0);
export const showLabels = signal(true);
export const showHistory = signal(true);
export const helpOpen = signal(false);
/** Who has signed in here; null until the gateway has said so. */
export const who = signal<WhoAmI | null>(null);
export const signInOpen = signal(false);
/** Takes the next place that is clicked on the map; null: a click selects a track. */
export const picking = signal<((lat: number, lon: number) => void) | null>(null);

export const filterText = signal("");
export const filterClass = signal<"all" | "cooperative" | "unidentified">("all");
/** Bit of the party that must stand behind a track; -1 any. */
export const filterParty = signal(-1);
/** Height band in feet; NaN open. Tracks of unknown height pass only an open band. */
export const filterFloor_ft = signal(NaN);
export const filterCeiling_ft = signal(NaN);

export const filtered = computed(
  () =>
    filterText.value.trim() !== "" ||
    filterClass.value !== "all" ||
    filterParty.value >= 0 ||
    Number.isFinite(filterFloor_ft.value) ||
    Number.isFinite(filterCeiling_ft.value),
);

export function clearFilter(): void {
  filterText.value = "";
  filterClass.value = "all";
  filterParty.value = -1;
  filterFloor_ft.value = NaN;
  filterCeiling_ft.value = NaN;
}

/** Rows of the frame that pass the filter: what the map draws, the table lists and the counts count. */
export const rows = computed<Int32Array>(() => {
  const picture = frame.value;
  if (!picture) return new Int32Array(0);
  const passing = new Int32Array(picture.rows);
  const text = filterText.value.trim().toUpperCase();
  const wanted = filterClass.value;
  const party = filterParty.value;
  const floor = filterFloor_ft.value;
  const ceiling = filterCeiling_ft.value;
  const banded = Number.isFinite(floor) || Number.isFinite(ceiling);
  let found = 0;
  for (let row = 0; row < picture.rows; row++) {
    if (wanted !== "all" && (picture.trackClass[row] === UNIDENTIFIED) !== (wanted === "unidentified")) continue;
    if (party >= 0 && !hasSource(picture, row, party)) continue;
    if (banded) {
      const height_ft = feet(picture.height_m[row]!);
      if (!Number.isFinite(height_ft) || height_ft < floor || height_ft > ceiling) continue;
    }
    if (text && !matches(picture, row, text)) continue;
    passing[found++] = row;
  }
  return passing.subarray(0, found);
});

function matches(picture: Frame, row: number, text: string): boolean {
  return (
    callsignOf(picture, row).includes(text) ||
    nameOf(picture, row).includes(text) ||
    String(picture.number[row]) === text ||
    address(picture.icao24[row]!).includes(text) ||
    modeA(picture.modeA[row]!) === text
  );
}

export type SortKey = "number" | "name" | "height" | "speed" | "age" | "class";
export const sortKey = signal<SortKey>("class");
export const sortDown = signal(false);

export const sorted = computed<Int32Array>(() => {
  const picture = frame.value;
  const list = rows.value.slice();
  if (!picture) return list;
  const sign = sortDown.value ? -1 : 1;
  const key = sortKey.value;
  if (key === "name") {
    const names = new Map<number, string>();
    for (const row of list) names.set(row, nameOf(picture, row));
    return list.sort((a, b) => sign * names.get(a)!.localeCompare(names.get(b)!) || picture.number[a]! - picture.number[b]!);
  }
  const values = {
    number: picture.number,
    height: picture.height_m,
    speed: picture.speed_m_s,
    age: picture.age_s,
    class: picture.trackClass,
  }[key];
  const value = (row: number): number => (Number.isNaN(values[row]!) ? -1e9 : values[row]!);
  return list.sort((a, b) => sign * (value(a) - value(b)) || picture.number[a]! - picture.number[b]!);
});

/** Seconds without a picture after which it counts as stale: three ticks, but no less than three seconds. */
export const staleAfter_s = computed(() => {
  const told = hello.value;
  return told && told.speed > 0 ? Math.max(3, (3 * told.tick_s) / told.speed) : 5;
});
export const silence_s = computed(() => (wallNow.value - frameAt.value) / 1000);
export const stale = computed(() => {
  if (!connected.value && (hello.value !== null || closedBecause.value !== "" || silence_s.value > 2)) return true;
  return frame.value !== null && ended.value === "" && silence_s.value > staleAfter_s.value;
});

export const isOpen = (warning: Warning): boolean => warning.state !== "cancelled" && warning.state !== "expired";
export const needsPerson = (warning: Warning): boolean =>
  isOpen(warning) && warning.direction !== "sent" && !warning.acknowledged_ns;

/** Warnings in the order in which a person should look: to acknowledge, open, closed; sooner entry first. */
export const queue = computed(() => {
  const rank = (warning: Warning): number => (needsPerson(warning) ? 0 : isOpen(warning) ? 1 : 2);
  return [...warnings.value].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (rank(a) < 2 ? a.entry_ns - b.entry_ns : b.raised_ns - a.raised_ns) ||
      a.id.localeCompare(b.id),
  );
});
export const waiting = computed(() => queue.value.filter(needsPerson));

export function clauseText(id: string): string {
  if (id === "") return "No clause speaks for it: default deny.";
  return hello.value?.clauses[id] ?? "";
}

/** A reason as an English sentence; as its bare word where its value is not told. */
export function reasonText(word: string, value: number | null): string {
  const sentence = hello.value?.reasons.find(([known]) => known === word)?.[1] ?? "";
  if (!sentence || (value === null && sentence.includes("{value}"))) return word.replaceAll("_", " ");
  return value === null ? sentence : sentence.replace("{value}", String(Math.round(value)));
}

/** What an authority declared a row to be; empty while that is pending. */
export function identityWord(picture: Frame, row: number): string {
  const identity = picture.identity[row]!;
  return identity === PENDING ? "" : (hello.value?.identities[identity] ?? "").replaceAll("_", " ");
}

export function partyName(id: string): string {
  return hello.value?.parties.find((party) => party.id === id)?.name ?? id;
}

/** Ids of the parties behind a track. */
export function sourcesOf(picture: Frame, row: number): string[] {
  const parties = hello.value?.parties ?? [];
  return parties.filter((_, bit) => hasSource(picture, row, bit)).map((party) => party.id);
}
